"""Mutation testing: `python -m tests.mutation.run [--sample] [module …]` changes the code and sees if a test notices.

Works on a copy of the tree in a temporary folder, a module after the other, in one process. A mutant that no test
notices is a survivor; each one is explained in survivors.toml, or it is printed as unexplained. `--sample` makes a
tenth of the changes, always the same ones: a first look at a large module.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutation.modules import MODULES, MOST_SURVIVORS

ROOT: Final = Path(__file__).resolve().parents[2]
COPIED: Final = ("connectors", "docs", "hub", "mappings", "tests", "pyproject.toml")
TIME_LIMIT_S: Final = 3600
SAMPLE: Final = "--sample"
#: Mutants are numbered within their function: a number in ten.
_SAMPLED: Final = "*7"
_LEFT_OUT: Final = "not checked"


@dataclass(frozen=True)
class Mutant:
    """A change and what became of it; the change is its taken out and put in lines."""

    name: str
    state: str
    change: str


def main(wanted: list[str]) -> int:
    """Exit code: 0 when every module is within its share and every survivor is explained."""
    words = [word for word in wanted if word != SAMPLE]
    chosen = [path for path in MODULES if not words or any(word in path for word in words)]
    if not chosen:
        print(f"Нет такого модуля. Есть: {', '.join(MODULES)}")
        return 2
    explained = _explained()
    names = [_SAMPLED] if SAMPLE in wanted else []
    return max([_report(path, mutate(path, names), explained.get(path, {})) for path in chosen])


def mutate(path: str, names: Sequence[str] = ()) -> list[Mutant]:
    """Make the mutants of a module, all or those of the names, and run its tests on each."""
    with tempfile.TemporaryDirectory(prefix="sverka-mutants-") as folder:
        work = Path(folder)
        _copy(work, path)
        done = _mutmut(work, "run", "--max-children", "1", *names)
        if done.returncode != 0:
            raise SystemExit(f"mutmut stopped on {path}:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        results = _mutmut(work, "results", "--all", "1").stdout.splitlines()
        return [_mutant(work, line) for line in results if ": " in line and not line.endswith(_LEFT_OUT)]


def _copy(work: Path, path: str) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, work / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, work / name)
    # Python forgets a folder of its path that was not there when it started.
    (work / "mutants").mkdir()
    tests = ", ".join(f'"{test}"' for test in MODULES[path])
    with (work / "pyproject.toml").open("a") as project:
        project.write(
            f'\n[tool.mutmut]\nsource_paths = ["connectors", "hub", "mappings"]\nonly_mutate = ["{path}"]\n'
            f"pytest_add_cli_args_test_selection = [{tests}]\n"
            'pytest_add_cli_args = ["-p", "no:cacheprovider"]\n'
            'also_copy = ["docs"]\n'
            "track_dependencies = false\nuse_git_change_detection = false\n"
        )


def _mutmut(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(work / "mutants"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    return subprocess.run(
        command, cwd=work, env=environment, text=True, capture_output=True, timeout=TIME_LIMIT_S, check=False
    )


def _mutant(work: Path, line: str) -> Mutant:
    name, _, state = line.strip().partition(": ")
    change = "" if state == "killed" else _change(_mutmut(work, "show", name).stdout)
    return Mutant(name, state, change)


def _change(shown: str) -> str:
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def _explained() -> dict[str, dict[str, str]]:
    document = tomllib.loads((Path(__file__).with_name("survivors.toml")).read_text())
    found: dict[str, dict[str, str]] = {}
    for item in document.get("survivor", []):
        found.setdefault(item["module"], {})[item["change"].strip()] = item["why"]
    return found


def _report(path: str, mutants: list[Mutant], explained: dict[str, str]) -> int:
    counts = Counter(mutant.state for mutant in mutants)
    share = 1 - counts["killed"] / len(mutants) if mutants else 0.0
    others = ", ".join(f"{state} {count}" for state, count in sorted(counts.items()))
    print(f"{path}: {len(mutants)} mutants, {others}; not killed {share:.1%}", flush=True)
    unexplained = 0
    for mutant in mutants:
        if mutant.state == "killed":
            continue
        why = explained.get(mutant.change)
        unexplained += why is None
        print(f"  {mutant.name} ({mutant.state})\n    " + mutant.change.replace("\n", "\n    "))
        print(f"    {why or 'UNEXPLAINED'}", flush=True)
    return int(share > MOST_SURVIVORS or unexplained > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

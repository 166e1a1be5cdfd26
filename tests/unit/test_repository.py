"""What the repository promises of itself: locks without addresses, no machine's paths, pages that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def tracked(*patterns: str) -> list[Path]:
    """Files that git keeps; outside a checkout the test has nothing to look at."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_hold_versions_and_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links", text)
    pinned = re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?)==", text, re.MULTILINE)
    assert len(pinned) > 30
    assert text.count("--hash=sha256:") >= len(pinned)


def test_no_file_names_the_machine_it_was_written_on() -> None:
    places = [str(place).encode() + b"/" for place in (ROOT, Path.home()) if len(place.parts) > 1]
    found = [path.name for path in tracked() if path.is_file() and any(place in path.read_bytes() for place in places)]
    assert found == []


def test_every_link_of_the_docs_leads_somewhere() -> None:
    for page in tracked("*.md"):
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / link.strip()).exists(), f"{page.relative_to(ROOT)} → {link}"


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_readme_names_exactly_two_set_up_commands(name: str) -> None:
    block = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)[0]
    assert [line.split("#")[0].strip() for line in block.splitlines()] == ["./run demo", "./run test"]


def test_every_module_says_in_a_line_what_it_is_for() -> None:
    for path in tracked("connectors/*.py", "hub/*.py", "mappings/*.py"):
        text = path.read_text(encoding="utf-8")
        assert not text or text.startswith('"""'), path.relative_to(ROOT)

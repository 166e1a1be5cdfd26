"""Every connector says which rules it keeps to, where, and why it leaves one out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[3]
CONNECTORS: Final = sorted(
    path
    for path in (ROOT / "connectors").iterdir()
    if path.is_dir() and path.name not in {"shared", "sandbox_kit", "__pycache__"}
)
_FILE: Final = re.compile(r"[\w/]+\.py")


def rules_of(connector: Path) -> dict[str, Any]:
    groups = tomllib.loads((connector / "quality.toml").read_text(encoding="utf-8"))["rules"]
    return {f"{group}.{name}": rule for group, rules in groups.items() for name, rule in rules.items()}


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda path: path.name)
def test_every_rule_is_done_somewhere_or_left_out_for_a_reason(connector: Path) -> None:
    rules = rules_of(connector)
    assert rules
    for name, rule in rules.items():
        wanted = {"done": {"status", "where"}, "todo": {"status", "why"}, "exempt": {"status", "why"}}
        assert set(rule) == wanted[rule["status"]], name
        assert all(len(text) > 3 for text in rule.values()), name


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda path: path.name)
def test_what_a_rule_points_at_is_there(connector: Path) -> None:
    for name, rule in rules_of(connector).items():
        named = _FILE.findall(rule.get("where", ""))
        assert named or rule["status"] != "done", name
        for file in named:
            places = (connector / file, ROOT / "connectors" / file, ROOT / file)
            assert any(place.is_file() for place in places), f"{name}: {file}"

"""Every test that the page of security names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_named_test_exists() -> None:
    named = _NAMED.findall(PAGE)
    assert len(named) > 50
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path, _ in named if (ROOT / path).is_file()}
    missing = [f"{path}::{test}" for path, test in named if f"def {test}(" not in texts.get(path, "")]
    assert missing == []


def test_every_row_of_the_tables_names_its_proof() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| (?:\d+\.|— \|)", line)]
    assert len(rows) > 40
    unproved = [row for row in rows if not _NAMED.search(row) and "сразу, через сутки" not in row]
    assert unproved == []

"""Short ways to write a company's decision table: the hub's text with something changed."""

from __future__ import annotations

import re

import pytest

from hub.domain.matching import SHIPPED, DecisionTable
from hub.domain.matching.said import Language
from hub.domain.matching.table import TableError, checked_table

#: Everything goes to a person: the least table that may be used.
LEAST = """\
version = "least"
[[row]]
code = "everything"
outcome = "suggest"
text_ru = "Смотрите сами: {invoice}."
text_en = "See for yourself: {invoice}."
"""


def row_text(code: str) -> str:
    """The row of the hub's table as it is written, without what stands around it."""
    found = re.search(rf'\[\[row\]\]\ncode = "{code}"\n(?:[a-z_]+ = .*\n?)*', SHIPPED.text)
    assert found is not None, code
    return found[0]


def changed(**rows: str) -> str:
    """The hub's text with whole rows written otherwise; an empty text takes a row out."""
    text = SHIPPED.text
    for code, row in rows.items():
        text = text.replace(row_text(code), row)
    return text


def with_outcome(code: str, outcome: str) -> str:
    """The hub's text with another outcome in one row."""
    return changed(**{code: re.sub(r'outcome = "\w+"', f'outcome = "{outcome}"', row_text(code))})


def before(code: str, row: str) -> str:
    """The hub's text with a further row above one of its own."""
    return changed(**{code: f"{row}\n{row_text(code)}"})


def own(text: str) -> DecisionTable:
    """A table that may be used."""
    return checked_table(text)


def faults(text: str, language: Language = Language.RU) -> list[str]:
    """What is wrong with a table: `row code field: message`."""
    with pytest.raises(TableError) as caught:
        checked_table(text)
    return [
        f"{' '.join(str(part) for part in (fault.row, fault.code, fault.field) if part)}: {fault.said.told(language)}"
        for fault in caught.value.faults
    ]

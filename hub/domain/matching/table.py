"""Decision tables: which verdicts let a machine act. Read from the top, the first row that fits decides.

The hub's own stands beside this module in decision_table.toml, for people to read; a company may have another
(`checked_table`). Vetoes stand first: what contradicts can never be outweighed, and no table may change that
(`table_laws`). What each row says is in `sentences`; the table in prose is in docs/matching.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.resources import files
from typing import Final

from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.said import Said
from hub.domain.matching.table_laws import faults_of
from hub.domain.matching.table_reader import TableFault, read_text
from hub.domain.matching.verdicts import Verdicts

_MOST_KNOWN: Final = 8192
_SIGNS_OF_MEANING: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTable:
    """Rows with the text they were read from.

    Attributes:
        version: as declared; where the rows are not the hub's, with a fingerprint of what they mean.
        text: the file, comments and all.
        row_for: the first row that fits; the last row of a table fits everything. What was asked is remembered.
    """

    version: str
    rows: tuple[Row, ...]
    text: str = field(repr=False)
    row_for: Callable[[Verdicts], Row] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        remembering = lru_cache(maxsize=_MOST_KNOWN)
        object.__setattr__(self, "row_for", remembering(partial(_first_that_fits, self.rows)))

    def place_of(self, code: str) -> int | None:
        """Place, counted from 1, of the row that decisions name by this code; None where no row that shows does."""
        found = (
            number for number, row in enumerate(self.rows, 1) if row.code == code and row.outcome is not Outcome.DROP
        )
        return next(found, None)


def _first_that_fits(rows: Sequence[Row], verdicts: Verdicts) -> Row:
    return next(row for row in rows if row.fits(verdicts))


class TableError(ValueError):
    """A table that cannot be used, with every fault found."""

    def __init__(self, faults: Sequence[TableFault]) -> None:
        super().__init__("; ".join(fault.said.ru for fault in faults))
        self.faults = tuple(faults)


def checked_table(text: str) -> DecisionTable:
    """A company's table.

    Raises:
        TableError: it cannot be read, decides nothing, or breaks a law.
    """
    reading = read_text(text)
    faults = reading.faults or faults_of(reading.rows)
    if faults:
        raise TableError(faults)
    return DecisionTable(_version(reading.version, reading.rows), tuple(reading.rows), text)


def kept_table(version: str, text: str) -> DecisionTable:
    """A table that decided under this version; neither the laws nor the sentences of today judge it.

    Raises:
        TableError: this version of the programme cannot read it any more.
    """
    reading = read_text(text, kept=True)
    if reading.faults:
        raise TableError(reading.faults)
    return DecisionTable(version, tuple(reading.rows), text)


def meaning_of(rows: Sequence[Row]) -> str:
    """A fingerprint of what rows decide and say of their own; comments and names of sets are no part of it."""
    told = [[row.code, row.outcome.value, row.veto, _words(row), _texts(row.said), _texts(row.hint)] for row in rows]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _words(row: Row) -> dict[str, list[str]]:
    return {aspect: sorted(verdict.value for verdict in wanted) for aspect, wanted in row.conditions.items()}


def _texts(said: Said | None) -> list[str] | None:
    return None if said is None else [said.ru, said.en]


def _version(declared: str, rows: Sequence[Row]) -> str:
    meaning = meaning_of(rows)
    if declared == SHIPPED.version and meaning == meaning_of(SHIPPED.rows):
        return declared
    return f"{declared}+{meaning[:_SIGNS_OF_MEANING]}"


def _shipped() -> DecisionTable:
    text = files("hub.domain.matching").joinpath("decision_table.toml").read_text(encoding="utf-8")
    reading = read_text(text)
    if reading.faults:
        raise TableError(reading.faults)
    return DecisionTable(reading.version, tuple(reading.rows), text)


#: The hub's own table.
SHIPPED: Final = _shipped()

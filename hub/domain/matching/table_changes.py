"""How one decision table differs from another: rows, and exactly which verdicts are decided otherwise."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product
from typing import Final

from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.said import Language, Said
from hub.domain.matching.table import DecisionTable
from hub.domain.matching.table_laws import possible, told_verdicts
from hub.domain.matching.table_regions import decided_by
from hub.domain.matching.table_words import OUTCOME_WORDS

_ADDED: Final = Said("+ строка {number} ({code}): {outcome}", "+ row {number} ({code}): {outcome}")
_REMOVED: Final = Said("- {code}: строки нет, она была: {outcome}", "- {code}: the row is gone, it was: {outcome}")
_OUTCOME: Final = Said("~ {code}: {before} → {after}", "~ {code}: {before} → {after}")
_CONDITIONS: Final = Said("~ {code}: другие условия", "~ {code}: other conditions")
_VETO: Final = Said("~ {code}: veto {before} → {after}", "~ {code}: veto {before} → {after}")
_TEXT: Final = Said("~ {code}: своя фраза", "~ {code}: a sentence of its own")
_MOVED: Final = Said("~ {code}: стоит в другом месте", "~ {code}: stands elsewhere")
_SHIFT: Final = Said(
    "= {before} → {after}: сочетаний вердиктов {count}, например {example}",
    "= {before} → {after}: {count} combinations of verdicts, such as {example}",
)


@dataclass(frozen=True, slots=True)
class Shift:
    """Combinations of verdicts that one table decides so and the other otherwise; those that cannot be are left out."""

    before: Outcome
    after: Outcome
    count: int
    example: str


def changes(base: DecisionTable, table: DecisionTable, language: Language) -> Iterator[str]:
    """What is other in `table`, a line each; nothing where both mean the same."""
    for code in dict.fromkeys(row.code for row in (*base.rows, *table.rows)):
        before = [row for row in base.rows if row.code == code]
        after = [row for row in table.rows if row.code == code]
        if len(before) == len(after) == 1:
            yield from _of_row(before[0], after[0], language)
        else:
            yield from _of_rows(table, before, after, language)
    for code in _moved(base, table):
        yield _MOVED.told(language, {"code": code})
    for shift in shifts(base, table):
        told = {name: OUTCOME_WORDS[outcome].told(language) for name, outcome in _sides(shift)}
        yield _SHIFT.told(language, {**told, "count": str(shift.count), "example": shift.example})


def _sides(shift: Shift) -> tuple[tuple[str, Outcome], ...]:
    return ("before", shift.before), ("after", shift.after)


def _of_row(before: Row, after: Row, language: Language) -> Iterator[str]:
    code = {"code": before.code}
    if before.outcome is not after.outcome:
        sides = {"before": OUTCOME_WORDS[before.outcome], "after": OUTCOME_WORDS[after.outcome]}
        yield _OUTCOME.told(language, code | {name: said.told(language) for name, said in sides.items()})
    if before.conditions != after.conditions:
        yield _CONDITIONS.told(language, code)
    if before.veto is not after.veto:
        yield _VETO.told(language, code | {"before": str(before.veto).lower(), "after": str(after.veto).lower()})
    if (before.said, before.hint) != (after.said, after.hint):
        yield _TEXT.told(language, code)


def _of_rows(table: DecisionTable, before: Sequence[Row], after: Sequence[Row], language: Language) -> Iterator[str]:
    """Rows of one code that come and go; several rows may drop under one name."""
    left = [_meaning(row) for row in before]
    for row in after:
        if _meaning(row) in left:
            left.remove(_meaning(row))
            continue
        number = next(place for place, other in enumerate(table.rows, start=1) if other is row)
        told = {"number": str(number), "code": row.code, "outcome": OUTCOME_WORDS[row.outcome].told(language)}
        yield _ADDED.told(language, told)
    for row in before:
        if _meaning(row) in left:
            left.remove(_meaning(row))
            yield _REMOVED.told(language, {"code": row.code, "outcome": OUTCOME_WORDS[row.outcome].told(language)})


def _meaning(row: Row) -> tuple[Hashable, ...]:
    return row.outcome, row.veto, tuple(row.conditions.items())


def _moved(base: DecisionTable, table: DecisionTable) -> list[str]:
    """Rows of both tables that do not stand in the same order, as few as may be named."""
    both = {row.code for row in base.rows} & {row.code for row in table.rows}
    before, after = ([row.code for row in one.rows if row.code in both] for one in (base, table))
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {place for block in blocks for place in range(block.b, block.b + block.size)}
    # Where rows of one code came or went, that is told already.
    return [code for place, code in enumerate(after) if place not in kept and before.count(code) == after.count(code)]


def shifts(base: DecisionTable, table: DecisionTable) -> Iterator[Shift]:
    """What is decided otherwise."""
    before, after = _by_outcome(base), _by_outcome(table)
    for was, becomes in product(Outcome, Outcome):
        region = before[was] & after[becomes] & possible()
        if was is not becomes and region:
            yield Shift(was, becomes, region.bit_count(), told_verdicts(region))


def _by_outcome(table: DecisionTable) -> dict[Outcome, int]:
    found = dict.fromkeys(Outcome, 0)
    for row, decides in zip(table.rows, decided_by(table.rows), strict=True):
        found[row.outcome] |= decides
    return found

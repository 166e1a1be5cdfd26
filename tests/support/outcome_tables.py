"""Whether a connector's cases would notice a wrong table of outcomes: tables are data, which no mutant changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.shared.outcomes import Action, Answer, OutcomeTable, Row

Case = tuple[Answer, Action]


def unnoticed(table: OutcomeTable, cases: Sequence[Case]) -> list[str]:
    """Changes of the table that no case tells from the table: a row gone or of another meaning, a status left out."""
    return [
        name
        for name, rows in _changes(table.rows)
        if all(OutcomeTable(rows).classify(answer) is action for answer, action in cases)
    ]


def _changes(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    for place, row in enumerate(rows):
        before, after = list(rows[:place]), list(rows[place + 1 :])
        yield f"without row {place}", [*before, *after]
        for action in set(Action) - {row.action}:
            yield f"row {place} means {action}", [*before, replace(row, action=action), *after]
        for status in row.statuses:
            fewer = replace(row, statuses=row.statuses - {status})
            yield f"row {place} without {status}", [*before, *([fewer] if fewer.statuses else []), *after]

"""What `sverka match --shapes` prints: how our own invoices are numbered, as the matcher learned it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hub.cli.session import Session
    from hub.domain.matching.shape_counts import LearnedSeries

_GAP: Final = "  "
_MOST_SHOWN: Final = 20


def shape_lines(session: Session, learned: Sequence[LearnedSeries]) -> Iterator[str]:
    """A table for each legal entity, a line a series, the most frequent first."""
    if not learned:
        yield session.text("Номеров в счетах нет.", "The invoices have no numbers.")
        return
    heads = session.text("вид|цифр|годы|пример|счетов", "series|digits|years|example|invoices").split("|")
    for organisation, group in groupby(learned, key=lambda item: item.organisation):
        found = list(group)
        name = organisation or session.text("не указано", "not given")
        yield session.text(f"Номера счетов, наше юрлицо {name}:", f"Invoice numbers, our entity {name}:")
        yield from _columns([heads, *(_cells(session, item) for item in found[:_MOST_SHOWN])])
        rest = found[_MOST_SHOWN:]
        if rest:
            count = sum(item.invoices for item in rest)
            russian = f"{_GAP}и ещё рядов: {len(rest)}, в них счетов: {count}"
            yield session.text(russian, f"{_GAP}and {len(rest)} more series with {count} invoices")


def _cells(session: Session, item: LearnedSeries) -> list[str]:
    least, most = item.digits
    digits = str(most) if least == most else f"{least}–{most}"
    padded = session.text(", с нулями", ", with zeros") if item.padded else ""
    year = session.text("Г", "Y")
    picture = item.picture.replace("9", "#").replace("Y", year)
    return [picture, digits + padded, _years(session, item), item.example, str(item.invoices)]


def _years(session: Session, item: LearnedSeries) -> str:
    if not item.years:
        return "?"
    first, last = item.years[0], item.years[-1]
    years = str(first) if first == last else f"{first}–{last}"
    return years + (session.text(", каждый год заново", ", anew every year") if item.restarts else "")


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield _GAP + _GAP.join([*cells[:-1], row[-1].rjust(widths[-1])])

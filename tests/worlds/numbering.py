"""How a legal entity numbers its invoices, and how people write such a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.worlds.records import Written

#: Number in the year and the year to the printed number.
Printer = Callable[[int, int], Written]


@dataclass(frozen=True, slots=True)
class Numbering:
    """A style: what is printed, how else it is written (all of them name the same invoice), whether it restarts."""

    name: str
    printed: Printer
    otherwise: tuple[Printer, ...]
    restarts: bool
    first: int = 1

    def spellings(self, count: int, year: int) -> tuple[Written, ...]:
        return (self.printed(count, year), *(write(count, year) for write in self.otherwise))


def _prefixed(text: str, prefix: str) -> Printer:
    return lambda n, year: Written(text.format(n=n, y=year % 100, year=year), prefix, str(n))


def _yearly(text: str, year_text: str, prefix: str = "") -> Printer:
    return lambda n, year: Written(
        text.format(n=n, y=year % 100, year=year), prefix, str(n), year_text.format(y=year % 100, year=year)
    )


def _plain(text: str = "{n}") -> Printer:
    return _prefixed(text, "")


STYLES: Final = (
    Numbering(
        "1c",
        _prefixed("ТД00-{n:06d}", "ТД00"),
        (_prefixed("ТД-{n}", "ТД00"), _prefixed("тд00-{n:06d}", "ТД00"), _prefixed("TД00-{n:06d}", "ТД00"), _plain()),
        restarts=True,
    ),
    Numbering(
        "1c-zeros",
        _prefixed("ЦБУТ-{n:06d}", "ЦБУТ"),
        (_prefixed("ЦБУТ-{n}", "ЦБУТ"), _prefixed("ЦБУТ{n:06d}", "ЦБУТ"), _plain()),
        restarts=True,
    ),
    Numbering("plain", _plain(), (), restarts=True),
    Numbering("through", _plain(), (), restarts=False, first=30100),
    Numbering("padded", _plain("{n:05d}"), (_plain(),), restarts=True),
    Numbering("year-after", _yearly("{n}/{y}", "{y}"), (), restarts=True),
    Numbering(
        "word-year",
        _yearly("СЧ-{n}/{year}", "{year}", "СЧ"),
        (_yearly("СЧ {n}/{year}", "{year}", "СЧ"), _yearly("сч-{n}/{year}", "{year}", "СЧ")),
        restarts=True,
    ),
    Numbering("year-before", _yearly("{year}-{n:04d}", "{year}"), (_plain(),), restarts=True),
    Numbering(
        "letter",
        _prefixed("А-{n:04d}", "А"),
        (_prefixed("A-{n:04d}", "А"), _prefixed("А{n:04d}", "А"), _prefixed("А-{n}", "А"), _plain()),
        restarts=True,
    ),
    Numbering(
        "short-word", _prefixed("УТ-{n}", "УТ"), (_prefixed("УТ{n}", "УТ"), _prefixed("ут-{n}", "УТ")), restarts=True
    ),
    Numbering("latin", _prefixed("INV-{n:05d}", "INV"), (_prefixed("inv-{n:05d}", "INV"),), restarts=False, first=700),
)


def by_hand(text: str) -> Written:
    """A number that somebody typed instead of the program's one: all of it is the number."""
    return Written(text, "", text)

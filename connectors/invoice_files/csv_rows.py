"""Rows of a CSV text, line by line: a quote that nobody closed costs its own row and never those that follow.

The reader of the standard library takes everything up to the next quote for one cell, without a word. Here a cell goes
on in the next line only where nothing speaks against it, and the quotes that programs forget to double are understood.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.invoice_files.rows import Row

#: Lines of one row at most: an address or a comment has a few.
LINES_MOST: Final = 30
_LINES: Final = re.compile(r"\r\n|\n|\r")
_QUOTES: Final = re.compile(r'"+')
_SPACES: Final = " \t\u00a0"
_UNCLOSED: Final = "не закрыта кавычка, строка не прочитана: закройте её или уберите"
_MISPLACED: Final = "кавычки стоят так, что столбцы не разобрать: удвойте кавычки внутри ячейки или уберите их"


@dataclass(frozen=True, slots=True)
class _Cell:
    """A quoted cell.

    Attributes:
        end: where the text goes on behind it; None where its quote is not closed.
        clean: every quote inside is doubled, as it has to be.
    """

    text: str
    end: int | None
    clean: bool


@dataclass(slots=True)
class _Parsed:
    """What a row looks like; `quoted` holds the places of its quoted cells."""

    cells: list[str]
    quoted: list[tuple[int, int]]
    closed: bool = True
    clean: bool = True


def csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    """Rows of a text, empty ones too."""
    lines = _LINES.split(text)
    usual = _usual(lines, delimiter)
    place = 0
    while place < len(lines):
        row, taken = _row(lines, place, delimiter, usual)
        yield row
        place += taken


def _usual(lines: Sequence[str], delimiter: str) -> int:
    """How many delimiters most lines have."""
    counts = Counter(line.count(delimiter) for line in lines if delimiter in line)
    return counts.most_common(1)[0][0] if counts else 1


def _row(lines: Sequence[str], place: int, delimiter: str, usual: int) -> tuple[Row, int]:
    """The row that begins in a line, and how many lines it takes."""
    number = place + 1
    if '"' not in lines[place]:
        return Row(number, lines[place].split(delimiter)), 1
    for taken in range(1, min(LINES_MOST, len(lines) - place) + 1):
        parts = lines[place : place + taken]
        found = _parsed("\n".join(parts), delimiter)
        if taken > 1 and (not found.clean or _swallows(parts, found, delimiter, usual)):
            break
        if found.closed:
            if not found.clean and len(found.cells) - 1 != usual:
                return Row(number, fault=_MISPLACED), 1
            return Row(number, found.cells), taken
    return Row(number, fault=_UNCLOSED), 1


def _swallows(lines: Sequence[str], found: _Parsed, delimiter: str, usual: int) -> bool:
    """Whether a cell of several lines holds a part of what is a row of its own."""
    text = "\n".join(lines)
    for start, end in found.quoted:
        first = text.count("\n", 0, start)
        parts = text[start:end].split("\n")
        if len(parts) > 1 and any(
            delimiter in part and line.count(delimiter) >= usual
            for part, line in zip(parts, lines[first:], strict=False)
        ):
            return True
    return False


def _parsed(text: str, delimiter: str) -> _Parsed:
    found, at = _Parsed([], []), 0
    while True:
        start = _behind_spaces(text, at, delimiter)
        if text.startswith('"', start):
            cell = _quoted(text, start + 1, delimiter)
            end = len(text) if cell.end is None else cell.end
            found.cells.append(cell.text)
            found.quoted.append((start, end))
            found.clean = found.clean and cell.clean
            found.closed = cell.end is not None
        else:
            end = text.find(delimiter, at)
            end = len(text) if end < 0 else end
            found.cells.append(text[at:end])
        if end >= len(text):
            return found
        at = end + 1


def _quoted(text: str, start: int, delimiter: str) -> _Cell:
    """A cell behind its first quote: it ends at a quote before a delimiter or at the end of the row."""
    parts, at, clean = [], start, True
    while (run := _QUOTES.search(text, at)) is not None:
        parts.append(text[at : run.start()])
        count, behind = run.end() - run.start(), _behind_spaces(text, run.end(), delimiter)
        is_last = behind == len(text) or text[behind] == delimiter
        if is_last and (count % 2 or not clean):
            # Where quotes inside are not doubled, two of them at the end are one of the text and the last one.
            return _Cell("".join([*parts, '"' * (count // 2)]), behind, clean)
        clean = clean and count % 2 == 0
        parts.append('"' * ((count + 1) // 2))
        at = run.end()
    return _Cell("".join([*parts, text[at:]]), None, clean)


def _behind_spaces(text: str, at: int, delimiter: str) -> int:
    while at < len(text) and text[at] in _SPACES and text[at] != delimiter:
        at += 1
    return at

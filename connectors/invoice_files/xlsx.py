"""The first sheet of an XLSX file (ECMA-376): cells as text, dates as ISO days; no formula and no link is followed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from xml.parsers import expat

from connectors.shared.safe_xml import NotXml, safe_parser

#: Unpacked bytes of one part at most: a bomb of a kilobyte unpacks to gigabytes.
PART_BYTES: Final = 200 << 20
_COLUMN: Final = re.compile(r"([A-Z]{1,3})\d+")
_COLUMNS_MOST: Final = 500
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  a day of a table has no zone
#: Built-in formats of dates (ECMA-376, 18.8.30), and signs of a date in a format of one's own.
_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(45, 48)})
_DATE_SIGNS: Final = re.compile(r"[ymdhs]", re.IGNORECASE)
_LITERALS: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_BROKEN: Final = "файл XLSX повреждён: сохраните список заново"
_SHEET: Final = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


def read_xlsx(raw: bytes, rows_most: int) -> list[list[str]]:
    """Rows of the first sheet.

    Raises:
        ValueError: it is no such file (Russian).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            sheets = sorted((int(found[1]), name) for name in book.namelist() if (found := _SHEET.fullmatch(name)))
            if not sheets:
                raise ValueError(_BROKEN)
            strings = _Strings()
            _read(book, "xl/sharedStrings.xml", strings)
            styles = _Styles()
            _read(book, "xl/styles.xml", styles)
            sheet = _Sheet(strings.found, styles.dates(), rows_most)
            _read(book, sheets[0][1], sheet)
            return sheet.rows
    except (zipfile.BadZipFile, NotXml, expat.ExpatError, KeyError, RuntimeError, NotImplementedError):
        raise ValueError(_BROKEN) from None


class _Part:
    """Gathers what a part of the book holds."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def text(self, data: str) -> None:
        """Text of an element."""

    def end(self, name: str) -> None:
        """An element ends."""


def _read(book: zipfile.ZipFile, name: str, part: _Part) -> None:
    if name not in book.namelist():
        return
    with book.open(name) as stream:
        body = stream.read(PART_BYTES + 1)
    if len(body) > PART_BYTES:
        raise ValueError("файл XLSX слишком большой")
    parser = safe_parser()
    parser.StartElementHandler = _local(part.start)
    parser.CharacterDataHandler = part.text
    parser.EndElementHandler = lambda tag: part.end(tag.rpartition(":")[2])
    parser.Parse(body, True)


def _local(handler: Callable[[str, Mapping[str, str]], None]) -> Callable[[str, Mapping[str, str]], None]:
    return lambda tag, attributes: handler(tag.rpartition(":")[2], attributes)


class _Strings(_Part):
    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] | None = None
        self._in_text = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002
        if name == "si":
            self._parts = []
        self._in_text = name == "t"

    def text(self, data: str) -> None:
        if self._in_text and self._parts is not None:
            self._parts.append(data)

    def end(self, name: str) -> None:
        if name == "si" and self._parts is not None:
            self.found.append("".join(self._parts))
            self._parts = None
        self._in_text = False


class _Styles(_Part):
    def __init__(self) -> None:
        self._formats: dict[int, str] = {}
        self._cells: list[int] = []
        self._in_cells = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            self._formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._cells.append(int(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        self._in_cells = self._in_cells and name != "cellXfs"

    def dates(self) -> frozenset[int]:
        """Numbers of the styles by which a number is a date."""
        return frozenset(place for place, number in enumerate(self._cells) if self._is_date(number))

    def _is_date(self, number: int) -> bool:
        own = self._formats.get(number)
        if own is None:
            return number in _DATE_FORMATS
        return _DATE_SIGNS.search(_LITERALS.sub("", own)) is not None


class _Sheet(_Part):
    def __init__(self, strings: list[str], dates: frozenset[int], rows_most: int) -> None:
        self.rows: list[list[str]] = []
        self._strings = strings
        self._dates = dates
        self._most = rows_most
        self._row: dict[int, str] = {}
        self._column = 0
        self._kind = ""
        self._is_date = False
        self._parts: list[str] = []
        self._reads = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row, self._column = {}, 0
        elif name == "c":
            found = _COLUMN.fullmatch(attributes.get("r", ""))
            self._column = _place(found[1]) if found else self._column + 1
            self._kind, self._parts = attributes.get("t", "n"), []
            self._is_date = int(attributes.get("s", "0")) in self._dates
        self._reads = name in ("v", "t")

    def text(self, data: str) -> None:
        if self._reads:
            self._parts.append(data)

    def end(self, name: str) -> None:
        self._reads = False
        if name == "c" and self._column <= _COLUMNS_MOST:
            self._row[self._column] = self._value()
        elif name == "row":
            self.rows.append([self._row.get(place, "") for place in range(1, max(self._row, default=0) + 1)])
            if len(self.rows) > self._most:
                raise ValueError(f"в файле больше {self._most} строк: разделите его")

    def _value(self) -> str:
        text = "".join(self._parts)
        if self._kind == "s":
            place = int(text) if text.isascii() and text.isdigit() else -1
            return self._strings[place] if 0 <= place < len(self._strings) else ""
        if self._kind == "n" and self._is_date and text:
            return _day(text)
        return text


def _place(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _day(text: str) -> str:
    """A serial number of Excel as an ISO moment; anything else stays as it is."""
    try:
        return (_EPOCH + timedelta(days=float(text))).isoformat(sep=" ", timespec="seconds")
    except (ValueError, OverflowError):
        return text

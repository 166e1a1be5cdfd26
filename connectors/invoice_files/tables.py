"""A file as a table of texts, whichever program saved it: CSV in the encodings that Russian programs use, or XLSX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from connectors.invoice_files.csv_rows import csv_rows
from connectors.invoice_files.rows import Row
from connectors.invoice_files.xlsx import read_xlsx

#: Rows of a file at most; a list of invoices has thousands.
ROWS_MOST: Final = 200_000
_ENCODINGS: Final = ("utf-8-sig", "cp1251")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = ";\t,|"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_LOOK_AT: Final = 50

Table = list[Row]


class UnreadableTable(ValueError):
    """The file is no table; the message says what to do (Russian)."""


def read_table(raw: bytes) -> Table:
    """Rows of a file, every cell as text; rows without any text are left out.

    Raises:
        UnreadableTable: it is none, or too large.
    """
    if raw.startswith(_OLD_EXCEL):
        raise UnreadableTable("это старый формат Excel (XLS): сохраните список как XLSX или CSV и повторите")
    try:
        rows = _of_book(raw) if raw.startswith(b"PK") else _of_text(raw)
    except ValueError as error:
        raise UnreadableTable(str(error)) from None
    found = list(_filled(rows))
    if not found:
        raise UnreadableTable("в файле нет ни одной строки")
    return found


def _of_book(raw: bytes) -> list[Row]:
    return [Row(number, cells) for number, cells in enumerate(read_xlsx(raw, ROWS_MOST), 1)]


def _of_text(raw: bytes) -> list[Row]:
    text = _decoded(raw)
    rows: Table = []
    for row in csv_rows(text, _delimiter(text)):
        rows.append(row)
        if len(rows) > ROWS_MOST:
            raise ValueError(f"в файле больше {ROWS_MOST} строк: разделите его")
    return rows


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that tell anything, with every gap between words a single space."""
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row.cells]
        if any(cells) or row.fault:
            yield Row(row.number, cells, row.fault)


def _decoded(raw: bytes) -> str:
    if raw.startswith(_UTF16):
        return raw.decode("utf-16", "strict")
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ValueError("это не текст и не XLSX: сохраните список как XLSX или CSV (UTF-8)")


def _delimiter(text: str) -> str:
    """The sign that splits most lines into the same number of cells, more than one."""
    lines = [line for line in text.splitlines()[:_LOOK_AT] if line.strip()]

    def agreement(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines if sign in line]
        common = max(set(counts), key=counts.count) if counts else 0
        return counts.count(common), common

    return max(_DELIMITERS, key=agreement)

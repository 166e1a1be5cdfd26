"""A file as a table of texts, whichever program saved it: CSV in the encodings that Russian programs use, or XLSX."""

from __future__ import annotations

import csv
import io
from typing import Final

from connectors.invoice_files.xlsx import read_xlsx

#: Rows of a file at most; a list of invoices has thousands.
ROWS_MOST: Final = 200_000
_ENCODINGS: Final = ("utf-8-sig", "cp1251")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = ";\t,|"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_LOOK_AT: Final = 50

Table = list[list[str]]


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
        rows = read_xlsx(raw, ROWS_MOST) if raw.startswith(b"PK") else _read_csv(raw)
    except ValueError as error:
        raise UnreadableTable(str(error)) from None
    found = [[" ".join(cell.split()) for cell in row] for row in rows]
    found = [row for row in found if any(row)]
    if not found:
        raise UnreadableTable("в файле нет ни одной строки")
    return found


def _read_csv(raw: bytes) -> Table:
    text = _decoded(raw)
    delimiter = _delimiter(text)
    rows: Table = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > ROWS_MOST:
                raise ValueError(f"в файле больше {ROWS_MOST} строк: разделите его")
    except csv.Error as error:
        raise ValueError(f"файл не читается как CSV: {error}") from None
    return rows


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

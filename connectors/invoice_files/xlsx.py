"""The first sheet of an XLSX file (ECMA-376): cells as text, dates as ISO moments; nothing is computed or followed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final

from openpyxl import load_workbook

#: Unpacked bytes of a book at most: a bomb of a kilobyte unpacks to gigabytes.
BOOK_BYTES: Final = 200 << 20
_COLUMNS_MOST: Final = 500
#: Whole numbers below it have all their digits in a book.
_EXACT: Final = 10**15
_BROKEN: Final = "файл XLSX повреждён: сохраните список заново"
_TOO_LARGE: Final = "файл XLSX слишком большой"
#: Entities are declared in document types, and no program writes one into a book.
_DOCTYPE: Final = b"<!DOCTYPE"


def read_xlsx(raw: bytes, rows_most: int) -> list[list[str]]:
    """Rows of the first sheet.

    Raises:
        ValueError: it is no such file, or too large (Russian).
    """
    try:
        _require_harmless(raw)
        return _rows(raw, rows_most)
    except _TooMany as error:
        raise ValueError(str(error)) from None
    except Exception as error:
        # The libraries of books, archives and packing say in many ways that a book is broken: whatever it is, the
        # person saves the list anew.
        raise ValueError(_BROKEN) from error


class _TooMany(Exception):
    """More rows or bytes than are read."""


def _require_harmless(raw: bytes) -> None:
    """Look at every part before anything reads it; a part never unpacks to more than it says of itself."""
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        if sum(part.file_size for part in book.infolist()) > BOOK_BYTES:
            raise _TooMany(_TOO_LARGE)
        if any(_DOCTYPE in book.read(part) for part in book.infolist()):
            raise ValueError(_BROKEN)


def _rows(raw: bytes, most: int) -> list[list[str]]:
    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        # What a sheet says of its own size may be wrong.
        sheet.reset_dimensions()
        return list(_bounded(sheet.iter_rows(max_col=_COLUMNS_MOST, values_only=True), most))
    finally:
        book.close()


def _bounded(rows: Iterable[Iterable[object]], most: int) -> Iterator[list[str]]:
    for number, row in enumerate(rows, 1):
        if number > most:
            raise _TooMany(f"в файле больше {most} строк: разделите его")
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text(value: object) -> str:
    """A cell as text; the shortest writing of a number, which is the one that a person sees."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _EXACT:
            # Some programs write 7.707083893E9 where a person sees 7707083893.
            return str(int(value))
        whole, _, rest = repr(value).partition(".")
        # Three digits after a point are thousands where a person writes them; here they are none.
        return f"{whole}.{rest}0" if len(rest) == 3 and rest.isdigit() else repr(value)
    return str(value)

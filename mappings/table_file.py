"""The decision table of a company as a file: read whole or refused, every fault named with its line, row and field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub.domain.matching.said import Language, Said
from hub.domain.matching.table import DecisionTable, TableError, checked_table
from hub.domain.matching.table_reader import TableFault
from mappings.faults import Fault, MappingError, why_unreadable

_MOST_BYTES: Final = 1024 * 1024
_ROW: Final = re.compile(r"\s*\[\[\s*row\s*\]\]")
_ROW_NAME: Final = Said("строка {number}", "row {number}")


def read_table(path: Path, language: Language = Language.RU) -> DecisionTable:
    """Load a company's table.

    Raises:
        MappingError: with every fault of the file, in the language.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        said = Said(f"файл не читается: {why_unreadable(error)}", f"the file cannot be read: {error.strerror}")
        raise MappingError([Fault(str(path), 0, "", said.told(language))]) from error
    except UnicodeDecodeError as error:
        said = Said("файл не в UTF-8: сохраните его в UTF-8", "the file is not in UTF-8: save it so")
        raise MappingError([Fault(str(path), 0, "", said.told(language))]) from error
    return parse_table(text, str(path), language)


def parse_table(text: str, file: str, language: Language = Language.RU) -> DecisionTable:
    """The same from text; `file` is the name put into faults.

    Raises:
        MappingError: with every fault of the text.
    """
    try:
        return checked_table(text)
    except TableError as error:
        raise MappingError(_located(error.faults, text, file, language)) from error


def _located(faults: Iterable[TableFault], text: str, file: str, language: Language) -> list[Fault]:
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines, start=1) if _ROW.match(line)]
    return [
        Fault(file, _line(fault, lines, heads), _field(fault, language), fault.said.told(language)) for fault in faults
    ]


def _field(fault: TableFault, language: Language) -> str:
    """`строка 12 (number_sum), amount`."""
    if not fault.row:
        return fault.field
    row = _ROW_NAME.told(language, {"number": str(fault.row)}) + (f" ({fault.code})" if fault.code else "")
    return f"{row}, {fault.field}" if fault.field else row


def _line(fault: TableFault, lines: list[str], heads: list[int]) -> int:
    """Where the field stands, else its row; 0 where that cannot be told."""
    if fault.line:
        return fault.line
    if fault.row and fault.row <= len(heads):
        first = heads[fault.row - 1]
        last = heads[fault.row] - 1 if fault.row < len(heads) else len(lines)
        return _found(fault.field, lines, first, last) or first
    return _found(fault.field.removeprefix("sets."), lines, 0, len(lines)) if fault.field and not fault.row else 0


def _found(field: str, lines: list[str], first: int, last: int) -> int:
    start = re.compile(rf"\s*{re.escape(field)}\s*=") if field else None
    if start is None:
        return 0
    return next((number for number in range(first + 1, last + 1) if start.match(lines[number - 1])), 0)

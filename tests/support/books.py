"""Books of tables (XLSX) as Excel saves them, and broken ones."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

_SPACE: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRINGS: Final = (
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
_INLINE: Final = re.compile(r't="inlineStr"><is>(.*?)</is>')


def saved_book(*rows: tuple[Any, ...], **parts: bytes) -> bytes:
    """A book of two sheets whose texts stand apart from their cells; `parts` stand in place of its own."""
    made, raw = Workbook(), io.BytesIO()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    made.create_sheet("Другой").append(["Номер", "не отсюда"])
    made.save(raw)
    return replaced(_with_shared_strings(raw.getvalue()), **parts)


def replaced(raw: bytes, **parts: bytes) -> bytes:
    """The book with other contents of some parts, by the names of their files."""
    contents = _contents(raw)
    stems = {Path(name).stem: name for name in contents}
    return _packed(contents | {stems[stem]: content for stem, content in parts.items()})


def _with_shared_strings(raw: bytes) -> bytes:
    """As Excel and 1C save it; the library that made it keeps texts in their cells."""
    contents = _contents(raw)
    strings: list[str] = []

    def moved(found: re.Match[str]) -> str:
        strings.append(found[1])
        return f't="s"><v>{len(strings) - 1}</v>'

    for name in [name for name in contents if name.startswith("xl/worksheets/")]:
        contents[name] = _INLINE.sub(moved, contents[name].decode()).encode()
    items = "".join(f"<si>{text}</si>" for text in strings)
    contents["xl/sharedStrings.xml"] = f'<sst xmlns="{_SPACE}">{items}</sst>'.encode()
    types = contents["[Content_Types].xml"].decode()
    contents["[Content_Types].xml"] = types.replace("</Types>", f"{_STRINGS}</Types>").encode()
    return _packed(contents)


def _contents(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        return {name: book.read(name) for name in book.namelist()}


def _packed(contents: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in contents.items():
            book.writestr(name, content)
    return raw.getvalue()

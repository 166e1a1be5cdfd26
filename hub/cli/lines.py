"""Files of JSON lines: one that is a table or a list of another programme is refused by what it is."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hub.cli.session import Problem
from mappings.faults import why_unreadable

if TYPE_CHECKING:
    from hub.cli.session import Session

_HEAD_BYTES: Final = 4096
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"


def refuse_table(session: Session, path: Path) -> None:
    """End the command where the file is no JSON lines at all; single broken lines are the reader's to tell."""
    if not path.is_file():
        return  # a pipe is read once: what was looked at here would be gone
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise Problem(f"{path}: {why_unreadable(error)}") from None
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not first or any(line.lstrip().startswith(b"{") for line in first.splitlines()):
        return
    kind = _kind(path, first)
    raise Problem(
        session.text(
            f"{path}: это {kind[0]}, а нужны строки JSON, по одному объекту {{…}} в строке (docs/matching.md). Списки "
            "счетов из таблиц (CSV, XLSX, XML) принимает sverka import --invoices.",
            f"{path}: this is {kind[1]}, but lines of JSON are needed, an object {{…}} a line (docs/matching.md). "
            "Lists of invoices (CSV, XLSX, XML) are taken by sverka import --invoices.",
        )
    )


def _kind(path: Path, first: bytes) -> tuple[str, str]:
    if first.startswith(_OLD_EXCEL) or (first.startswith(_ZIP) and zipfile.is_zipfile(path)):
        return "таблица Excel", "an Excel table"
    if first.startswith(b"<"):
        return "XML", "XML"
    if first.startswith(b"["):
        return "список JSON целиком", "one JSON list"
    line = first.splitlines()[0]
    if any(sign in line for sign in (b";", b",", b"\t")):
        return "таблица CSV", "a CSV table"
    return "не JSON", "no JSON"

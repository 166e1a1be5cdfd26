"""A backup: every table as JSON lines in one gzip file, the same for both databases and restorable into either."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import JSON, BigInteger, Boolean, Connection, Date, Float, Integer, LargeBinary, Table, select
from sqlalchemy.types import TypeEngine

from hub.store import tables as t
from hub.store.engine import Database
from hub.store.migrations import current_revision
from hub.store.types import BigId, Json, StorableText, UtcDateTime

_VERSION: Final = 1
_AT_ONCE: Final = 500
#: What ends with the process that wrote it, or opens doors: nobody is signed in and nothing is leased after a restore.
_LEFT_OUT: Final = frozenset({t.sessions, t.login_attempts, t.leases, t.schedule, t.quota})
#: By the word a file uses: the type of a column.
TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "moment": UtcDateTime(),
    "date": Date(),
    "bytes": LargeBinary(),
    "json": Json,
    "flag": Boolean(),
    "number": BigId,
    "float": Float(),
    "text": StorableText(),
}
_WORDS: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (UtcDateTime, "moment"),
    (Date, "date"),
    (LargeBinary, "bytes"),
    (JSON, "json"),
    (Boolean, "flag"),
    (Integer, "number"),
    (BigInteger, "number"),
    (Float, "float"),
)
_TO_TEXT: Final[Mapping[str, Callable[[Any], object]]] = {
    "moment": datetime.isoformat,
    "date": date.isoformat,
    "bytes": lambda raw: base64.b64encode(raw).decode(),
}
FROM_TEXT: Final[Mapping[str, Callable[[Any], object]]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
}


class BackupError(ValueError):
    """The file is no whole backup, or cannot be restored here; the message says what to do (Russian)."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds.

    Attributes:
        revision: the schema it was made from.
        taken_at: of when the snapshot is.
        counts: rows by table.
    """

    revision: str
    taken_at: datetime
    counts: Mapping[str, int]


def back_up(database: Database, path: Path, now: datetime) -> Contents:
    """Write one snapshot of the whole database while it is in use, check the file, then give it its name.

    Raises:
        BackupError: the file that was just written does not read back.
    """
    partial = path.with_name(f"{path.name}.part")
    try:
        with _owner_only(partial) as stream, gzip.GzipFile("", "wb", 5, stream, int(now.timestamp())) as packed:
            _dump(database, packed, now)
        contents = read_contents(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return contents


@contextmanager
def _owner_only(path: Path) -> Iterator[IO[bytes]]:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _dump(database: Database, packed: gzip.GzipFile, now: datetime) -> None:
    digest = hashlib.sha256()

    def put(document: object) -> None:
        line = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        packed.write(line)

    revision = current_revision(database)
    put({"kind": "sverka-backup", "version": _VERSION, "revision": revision, "taken_at": now.isoformat()})
    counts: dict[str, int] = {}
    with database.read() as connection:
        for table in t.metadata.sorted_tables:
            if table not in _LEFT_OUT:
                counts[table.name] = _dump_table(connection, table, put)
    put({"end": counts, "sha256": digest.hexdigest()})


def _dump_table(connection: Connection, table: Table, put: Callable[[object], None]) -> int:
    words = [_word(column.type) for column in table.columns]
    put(
        {
            "table": table.name,
            "columns": [[column.name, word] for column, word in zip(table.columns, words, strict=True)],
        }
    )
    # A file may be large: those go one by one.
    at_once = 1 if "bytes" in words else _AT_ONCE
    rows = select(table).order_by(*table.primary_key.columns)
    count = 0
    for row in connection.execute(rows, execution_options={"yield_per": at_once}):
        put([_to_text(word, value) for word, value in zip(words, row, strict=True)])
        count += 1
    return count


def _word(kind: TypeEngine[Any]) -> str:
    return next((word for known, word in _WORDS if isinstance(kind, known)), "text")


def _to_text(word: str, value: object) -> object:
    return value if value is None or word not in _TO_TEXT else _TO_TEXT[word](value)


def read_contents(path: Path) -> Contents:
    """Read the file to its end: is it whole and unchanged, and what does it hold.

    Raises:
        BackupError: it is not.
    """
    counts: dict[str, int] = {}
    table = ""
    lines = documents(path)
    head = next(lines)
    for document in lines:
        if isinstance(document, list):
            counts[table] += 1
        elif "table" in document:
            table = document["table"]
            counts[table] = 0
        elif document.get("end") != counts:
            raise BackupError(f"{path}: строк в таблицах не столько, сколько записано в конце файла: копия испорчена")
    return Contents(head["revision"], datetime.fromisoformat(head["taken_at"]), counts)


def documents(path: Path) -> Iterator[Any]:
    """The lines of a backup, checked to the last: header, tables with their rows, counts.

    Raises:
        BackupError: the file is cut off, damaged or something else.
    """
    digest = hashlib.sha256()
    try:
        with gzip.open(path, "rb") as packed:
            for number, line in enumerate(packed):
                document = json.loads(line)
                if number == 0:
                    _check_header(path, document)
                if isinstance(document, dict) and "end" in document:
                    if document.get("sha256") != digest.hexdigest():
                        raise BackupError(f"{path}: контрольная сумма не сходится: копия испорчена")
                    yield document
                    return
                digest.update(line)
                yield document
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError) as error:
        if isinstance(error, BackupError):
            raise
        raise BackupError(f"{path}: это не резервная копия sverka, или она обрезана ({error})") from error
    raise BackupError(f"{path}: копия обрезана: в ней нет последней строки")


def _check_header(path: Path, document: object) -> None:
    if not isinstance(document, dict) or document.get("kind") != "sverka-backup":
        raise BackupError(f"{path}: это не резервная копия sverka")
    if document.get("version") != _VERSION:
        raise BackupError(f"{path}: копия сделана более новой версией программы: обновите sverka")

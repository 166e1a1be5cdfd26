"""Restoring a backup: all of it or nothing, checked before it becomes the hub's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Integer, TableClause, column, func, insert, select, table

from hub.store import tables as t
from hub.store.backup import FROM_TEXT, TYPES, BackupError, Contents, back_up, documents, read_contents
from hub.store.engine import Database, open_database
from hub.store.migrations import current_revision, known_revisions, rebuild
from hub.store.unit_of_work import SqlUnitOfWork, writing_unit

_BITE: Final = 200
_SIDES: Final = ("", "-wal", "-shm")
_IN_USE: Final = "С этой базой работает хаб: остановите его (Ctrl+C или служба) и повторите."

#: The hub's own last word inside the restored database, before it is taken over.
Finish = Callable[[SqlUnitOfWork, Contents], None]


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored, and where the replaced database is kept; None where there was none."""

    contents: Contents
    aside: Path | None


def restore(url: str, path: Path, now: datetime, finish: Finish) -> RestoreReport:
    """Put a backup in the place of the database at `url`; on any failure that database stays as it was.

    Raises:
        BackupError: the file is damaged or newer than this program, the database is in use, or what was restored
            does not hold together.
    """
    contents = read_contents(path)
    if contents.revision not in known_revisions():
        raise BackupError(f"{path}: копия сделана более новой версией (схема {contents.revision}): обновите sverka")
    with closing(open_database(url)) as database:
        file = Path(database.engine.url.database or "") if database.is_sqlite else None
        if file is None:
            return _restore_in_place(database, path, contents, now, finish)
    return _restore_file(file, path, contents, now, finish)


def _restore_file(file: Path, path: Path, contents: Contents, now: datetime, finish: Finish) -> RestoreReport:
    """SQLite: a new file is made beside the old one and takes its name."""
    _require_unused(file)
    fresh = file.with_name(f"{file.name}.restoring")
    _remove(fresh)
    fresh.touch(0o600)
    try:
        with closing(open_database(f"sqlite:///{fresh}")) as database, database.write() as connection:
            _fill(connection, path, contents, finish)
        _fold_log(fresh)
        aside = _put_aside(file, now)
        fresh.replace(file)
    finally:
        _remove(fresh)
    return RestoreReport(contents, aside)


def _restore_in_place(
    database: Database, path: Path, contents: Contents, now: datetime, finish: Finish
) -> RestoreReport:
    """PostgreSQL: one transaction empties and fills the database; what was there is kept as a backup file."""
    aside = None
    if current_revision(database) is not None:
        with database.read() as connection:
            if _timer_is_held(connection, now):
                raise BackupError(_IN_USE)
        aside = _unused(path.with_name(f"before-restore-{now:%Y%m%d-%H%M%S}.sverka.gz"))
        back_up(database, aside, now)
    with database.write() as connection:
        _fill(connection, path, contents, finish)
    return RestoreReport(contents, aside)


def _fill(connection: Connection, path: Path, contents: Contents, finish: Finish) -> None:
    rebuild(connection, contents.revision)
    tables = _load(connection, path)
    for target in tables:
        rows = connection.execute(select(func.count()).select_from(target)).scalar_one()
        if rows != contents.counts[target.name]:
            raise BackupError(f"Таблица {target.name}: в копии {contents.counts[target.name]} строк, вошло {rows}.")
    _continue_numbers(connection, tables)
    rebuild(connection)
    with writing_unit(connection) as unit:
        broken = unit.audit.verify()
        if broken is not None:
            raise BackupError(f"Журнал в копии правили помимо хаба, начиная с записи {broken}: возьмите другую копию.")
        finish(unit, contents)


class _Loader:
    """Fills tables that stand empty in the shape that the copy was made from."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._words: list[tuple[str, str]] = []
        self._rows: list[dict[str, object]] = []
        self.tables: list[TableClause] = []

    def take(self, document: Any) -> None:
        """The next line of the file: a table's heading, a row of it, or the counts."""
        if isinstance(document, list):
            self._rows.append(self._row(document))
            # A row may hold a large file: those go in one by one.
            if len(self._rows) == _BITE or ("bytes" in dict(self._words).values()):
                self._insert()
            return
        self._insert()
        if "table" in document:
            self._words = [(name, word) for name, word in document["columns"]]
            self.tables.append(table(document["table"], *(column(name, TYPES[word]) for name, word in self._words)))

    def _row(self, values: list[Any]) -> dict[str, object]:
        return {
            name: value if value is None or word not in FROM_TEXT else FROM_TEXT[word](value)
            for (name, word), value in zip(self._words, values, strict=True)
        }

    def _insert(self) -> None:
        if self._rows:
            self._connection.execute(insert(self.tables[-1]), self._rows)
            self._rows = []


def _load(connection: Connection, path: Path) -> list[TableClause]:
    loader = _Loader(connection)
    for document in islice(documents(path), 1, None):
        loader.take(document)
    return loader.tables


def _continue_numbers(connection: Connection, tables: list[TableClause]) -> None:
    """New rows of PostgreSQL go on after the restored ones; SQLite sees to that itself."""
    if connection.dialect.name != "postgresql":
        return
    for target in tables:
        if "id" not in target.c or not isinstance(target.c.id.type, Integer):
            continue
        sequence = connection.scalar(select(func.pg_get_serial_sequence(target.name, "id")))
        last = connection.scalar(select(func.max(target.c.id)))
        if sequence is not None and last is not None:
            connection.execute(select(func.setval(sequence, last)))


def _require_unused(file: Path) -> None:
    """Nobody else has the file open: only then does SQLite fold its log away and leave the mode of many readers.

    https://www.sqlite.org/wal.html#activating_and_configuring_wal_mode
    """
    if not file.exists() or not _looks_like_sqlite(file):
        return
    with closing(sqlite3.connect(file, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise BackupError(_IN_USE) from error
        except sqlite3.DatabaseError:
            # Damaged beyond reading: that is what a backup is for.
            return


def _looks_like_sqlite(file: Path) -> bool:
    """Whether SQLite would take it for a database; it deletes the log of one that it does not know."""
    with file.open("rb") as stream:
        return stream.read(16) in (b"SQLite format 3\x00", b"")


def _unused(path: Path) -> Path:
    """The name, or the first numbered one that no file has."""
    names = chain([path], (path.with_name(f"{path.name}-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())


def _timer_is_held(connection: Connection, now: datetime) -> bool:
    held = (t.leases.c.name == "timer") & (t.leases.c.until > now)
    return connection.scalar(select(func.count()).select_from(t.leases).where(held)) != 0


def _fold_log(file: Path) -> None:
    """Everything into the one file, and a last look at its pages (https://www.sqlite.org/pragma.html)."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise BackupError(f"Восстановленная база не прошла проверку ({answer}): проверьте диск.")


def _put_aside(file: Path, now: datetime) -> Path | None:
    """Keep the replaced database under another name; its log goes with it, or it would be read into the new one."""
    if not file.exists():
        return None
    aside = _unused(file.with_name(f"{file.name}.before-restore-{now:%Y%m%d-%H%M%S}"))
    for side in _SIDES[1:]:
        log = file.with_name(file.name + side)
        if log.exists():
            log.replace(aside.with_name(aside.name + side))
    aside.hardlink_to(file)
    return aside


def _remove(file: Path) -> None:
    for side in _SIDES:
        file.with_name(file.name + side).unlink(missing_ok=True)

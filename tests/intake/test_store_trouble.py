"""The database does not answer: the sender hears 503 and never a success without a row, and all goes on by itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import create_engine, text

from hub.store.engine import Database
from hub.web.intake.limits import IntakeLimits
from tests.intake.conftest import DOOR, Intake, Open, hook
from tests.intake.raw import connect, head, post, statuses
from tests.support.live import wait_for
from tests.support.matrix import Figures

pytestmark = pytest.mark.row(9)

_AT_ONCE = 20
_QUICK = IntakeLimits(commit_s=0.5)


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Somebody else holds what the door has to write."""
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
            holder.execute("ROLLBACK")
        return
    engine = create_engine(database.engine.url)
    with engine.connect() as holding:
        holding.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        yield
        holding.rollback()
    engine.dispose()


def _send(intake: Intake, first: int) -> list[int]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda number: post(intake.port, DOOR, hook(first + number)), range(_AT_ONCE)))


def test_while_the_database_is_locked_nothing_is_acknowledged_and_afterwards_everything(
    database: Database, open_intake: Open, figures: Figures
) -> None:
    intake = open_intake(database, _QUICK)
    with locked(database):
        assert _send(intake, 100) == [503] * _AT_ONCE
    unlocked = time.monotonic()
    wait_for(lambda: post(intake.port, DOOR, hook(7)) == 204, 15, "hooks are taken again")
    figures.most("taken again after, s", time.monotonic() - unlocked)
    assert _send(intake, 100) == [204] * _AT_ONCE
    assert len(intake.rows()) == _AT_ONCE + 1
    figures.total("refused while locked", _AT_ONCE)


def test_a_503_says_when_to_come_again(sqlite_database: Database, open_intake: Open) -> None:
    intake = open_intake(sqlite_database, _QUICK)
    lines = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(hook())}")
    with locked(sqlite_database), connect(intake.port) as sock:
        sock.sendall(head(DOOR, *lines) + hook())
        answer = sock.recv(65536)
    assert statuses(answer) == [503]
    assert b"retry-after: 30" in answer


def test_more_hooks_than_may_wait_are_refused_at_once(sqlite_database: Database, open_intake: Open) -> None:
    intake = open_intake(sqlite_database, IntakeLimits(commit_s=2, waiting=5))

    def timed(number: int) -> tuple[int, float]:
        start = time.monotonic()
        return post(intake.port, DOOR, hook(number)), time.monotonic() - start

    with locked(sqlite_database), ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(timed, range(12)))
    assert [status for status, _ in answers] == [503] * 12
    assert sum(seconds > 1.9 for _, seconds in answers) == 5


def test_large_bodies_together_are_bounded_too(sqlite_database: Database, open_intake: Open) -> None:
    intake = open_intake(sqlite_database, IntakeLimits(commit_s=1, waiting_bytes=100))
    assert post(intake.port, DOOR, hook()) == 204
    with locked(sqlite_database), ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: post(intake.port, DOOR, hook(number)), range(4)))
    assert answers == [503] * 4


def test_connections_that_the_server_cut_are_opened_anew_without_a_single_refusal(
    postgres_database: Database, open_intake: Open
) -> None:
    intake = open_intake(postgres_database)
    assert post(intake.port, DOOR, hook(1)) == 204
    others = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with postgres_database.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity {others}"))
    assert post(intake.port, DOOR, hook(2)) == 204
    assert len(intake.rows()) == 2

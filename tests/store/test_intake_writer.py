"""The group writer: what waits goes into one transaction, everybody is told the truth, one bad row fails alone."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select

from hub.ports.hooks import Arrival, Fresh
from hub.ports.records import InboxKind
from hub.ports.store import StoreUnavailable
from hub.store import tables as t
from hub.store.arrivals import shelf_of
from hub.store.engine import Database
from hub.store.intake_writer import GroupWriter
from tests.store.builders import NOW
from tests.support.live import wait_for


def arrival(number: int, connection: str = "crm", kind: InboxKind = InboxKind.HOOK) -> Arrival:
    raw = b"hook %d \x00\xff" % number
    return Arrival(connection, kind, "application/x-www-form-urlencoded", raw, hashlib.sha256(raw).hexdigest(), NOW)


class Answers:
    """What the writer told, in order."""

    def __init__(self) -> None:
        self.stored: list[bool] = []
        self._more = threading.Condition()

    def told(self, stored: Sequence[bool]) -> None:
        with self._more:
            self.stored += stored
            self._more.notify()

    def wait(self, count: int) -> list[bool]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.stored) >= count, 20)
        return self.stored


@contextmanager
def writing(database: Database, committed: Callable[[Fresh], None] = lambda fresh: None) -> Iterator[GroupWriter]:
    writer = GroupWriter(database, committed)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop(10)


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(t.inbox)) or 0


def test_arrivals_are_in_the_inbox_as_they_came_when_their_sender_is_told(database: Database) -> None:
    answers = Answers()
    with writing(database) as writer:
        writer.put([arrival(1), arrival(2, kind=InboxKind.CLAIM)], answers.told)
        assert answers.wait(2) == [True, True]
        with database.read() as connection:
            rows = connection.execute(select(t.inbox).order_by(t.inbox.c.kind)).all()
    claim, hook = rows
    assert (hook.connection, hook.kind, hook.raw, hook.digest) == ("crm", "hook", arrival(1).raw, arrival(1).digest)
    assert (hook.state, hook.attempts, hook.received_at, hook.next_attempt_at) == ("new", 0, NOW, NOW)
    assert (hook.lease_owner, hook.lease_until, hook.summary, hook.error) == (None, None, None, None)
    assert claim.kind == "claim"


def test_the_same_arrival_is_stored_once_and_everybody_is_told_that_it_is(database: Database) -> None:
    answers, hints = Answers(), list[Fresh]()
    with writing(database, hints.append) as writer:
        for _ in range(3):
            writer.put([arrival(1), arrival(1)], answers.told)
            answers.wait(2)
        assert answers.wait(6) == [True] * 6
    assert count(database) == 1
    assert hints == [Fresh({(InboxKind.HOOK, "crm")})]


def test_what_waits_is_stored_by_one_transaction(sqlite_database: Database) -> None:
    answers, begun = Answers(), list[str]()
    with writing(sqlite_database) as writer:
        with sqlite_database.write():
            writer.put([arrival(0)], answers.told)
            for number in range(1, 200):
                writer.put([arrival(number)], answers.told)
            event.listen(sqlite_database.engine, "begin", lambda connection: begun.append("begin"))
        assert all(answers.wait(200))
    assert count(sqlite_database) == 200
    assert len(begun) <= 2


def test_the_jobs_learn_once_of_each_connection_and_kind(database: Database) -> None:
    answers, hints = Answers(), list[Fresh]()
    arrivals = [arrival(number, "one") for number in range(5)] + [arrival(number, "two") for number in range(5)]
    arrivals += [arrival(number, "shop", InboxKind.CLAIM) for number in range(3)]
    with writing(database, hints.append) as writer:
        writer.put(arrivals, answers.told)
        answers.wait(13)
    [fresh] = hints
    assert fresh == {(InboxKind.HOOK, "one"), (InboxKind.HOOK, "two"), (InboxKind.CLAIM, "shop")}


def test_nobody_is_told_of_success_while_the_database_does_not_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Answers()
    with writing(database) as writer:
        shelf = type(shelf_of(database))
        with monkeypatch.context() as patch:
            patch.setattr(shelf, "add", _raising(StoreUnavailable("disk full")))
            writer.put([arrival(1), arrival(2)], answers.told)
            writer.put([arrival(3)], answers.told)
            assert answers.wait(3) == [False] * 3
        writer.put([arrival(1)], answers.told)
        assert answers.wait(4)[3:] == [True]
    assert count(database) == 1


def _raising(error: Exception) -> Callable[..., Fresh]:
    def add(_: object, __: Sequence[Arrival]) -> Fresh:
        raise error

    return add


def test_an_arrival_that_cannot_be_stored_fails_alone(database: Database) -> None:
    answers = Answers()
    poison = arrival(2)._replace(at=NOW.replace(tzinfo=None), digest=None)  # type: ignore[arg-type]
    with writing(database) as writer:
        writer.put([arrival(1), poison, arrival(3)], answers.told)
        assert answers.wait(3) == [True, False, True]
        writer.put([arrival(4)], answers.told)
        assert answers.wait(4)[3:] == [True]
    assert count(database) == 3


def test_a_failing_hint_or_a_listener_that_is_gone_stops_nothing(database: Database) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("gone")

    answers = Answers()
    with writing(database, fail) as writer:
        writer.put([arrival(1)], fail)
        writer.put([arrival(2)], answers.told)
        assert answers.wait(1) == [True]
        wait_for(lambda: count(database) == 2, 5, "both are stored")


def test_a_stop_stores_what_was_put_before_it(sqlite_database: Database) -> None:
    answers = Answers()
    with writing(sqlite_database) as writer:
        for number in range(50):
            writer.put([arrival(number)], answers.told)
    assert answers.stored == [True] * 50
    assert count(sqlite_database) == 50


def test_two_processes_that_get_the_same_hooks_in_another_order_do_not_wait_crosswise(
    postgres_database: Database,
) -> None:
    answers = Answers()
    forth = [arrival(number) for number in range(200)]
    with writing(postgres_database) as one, writing(postgres_database) as other:
        for start in range(0, 200, 20):
            one.put(forth[start : start + 20], answers.told)
            other.put(forth[start : start + 20][::-1], answers.told)
        assert answers.wait(400) == [True] * 400
    assert count(postgres_database) == 200


def test_a_name_that_no_database_takes_is_made_storable(database: Database) -> None:
    answers = Answers()
    with writing(database) as writer:
        writer.put([arrival(1)._replace(name="text/\x00\ud800")], answers.told)
        assert answers.wait(1) == [True]

"""Inbox: a fact is stored once, taken by one, settled by who holds it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hub.ports.records import InboxKind, InboxState
from hub.ports.statement import BrokenItem
from hub.ports.store import UnitOfWork
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.store.builders import NOW, later


def add(uow: UnitOfWork, digest: str = "d1", kind: InboxKind = InboxKind.STATEMENT_FILE) -> tuple[int, bool]:
    return uow.inbox.add("file", kind, "выписка.txt", b"\x00\xff1C", digest, NOW)


def test_the_same_file_is_stored_once(store: SqlStore) -> None:
    with store.write() as uow:
        first, created = add(uow)
        again, created_again = add(uow)
        other_kind, created_other = add(uow, kind=InboxKind.HOOK)
    assert (created, created_again, created_other) == (True, False, True)
    assert again == first != other_kind


def test_a_stored_fact_comes_back_byte_for_byte(store: SqlStore) -> None:
    with store.write() as uow:
        number, _ = add(uow)
    with store.read() as uow:
        row = uow.inbox.get(number)
    assert row is not None
    assert (row.raw, row.name, row.state, row.attempts) == (b"\x00\xff1C", "выписка.txt", InboxState.NEW, 0)
    assert row.received_at == NOW
    assert row.summary is None


def test_a_row_in_work_is_neither_due_nor_claimable_until_its_lease_runs_out(store: SqlStore) -> None:
    with store.write() as uow:
        number, _ = add(uow)
        assert uow.inbox.due(NOW, 10) == [number]
        claimed = uow.inbox.claim(number, "one", NOW, 60)
        assert claimed is not None
        assert claimed.attempts == 1
        assert uow.inbox.due(later(59), 10) == []
        assert uow.inbox.claim(number, "two", later(59), 60) is None
        assert uow.inbox.due(later(60), 10) == [number]
        assert uow.inbox.claim(number, "two", later(60), 60) is not None


def test_the_result_of_a_lost_lease_is_ignored(store: SqlStore) -> None:
    with store.write() as uow:
        number, _ = add(uow)
        uow.inbox.claim(number, "one", NOW, 60)
        uow.inbox.claim(number, "two", later(61), 60)
        assert not uow.inbox.done(number, "one", {"added": 1}, later(62))
        assert not uow.inbox.retry(number, "one", "late", later(62))
        assert not uow.inbox.fail(number, "one", "late")
        assert uow.inbox.done(number, "two", {"added": 2}, later(63))
        assert not uow.inbox.done(number, "two", {"added": 3}, later(64))
        row = uow.inbox.get(number)
    assert row is not None
    assert (row.state, row.summary) == (InboxState.DONE, {"added": 2})


def test_a_retried_row_waits_for_its_time(store: SqlStore) -> None:
    with store.write() as uow:
        number, _ = add(uow)
        uow.inbox.claim(number, "one", NOW, 60)
        assert uow.inbox.retry(number, "one", "база занята", later(30))
        assert uow.inbox.claim(number, "one", later(29), 60) is None
        row = uow.inbox.claim(number, "one", later(30), 60)
    assert row is not None
    assert (row.attempts, row.error) == (2, "база занята")


def test_a_failed_row_waits_for_a_person(store: SqlStore) -> None:
    with store.write() as uow:
        number, _ = add(uow)
        uow.inbox.claim(number, "one", NOW, 60)
        assert uow.inbox.fail(number, "one", "не выписка")
        assert uow.inbox.due(later(3600), 10) == []
        row = uow.inbox.get(number)
    assert row is not None
    assert (row.state, row.error) == (InboxState.FAILED, "не выписка")


def test_due_is_oldest_first_and_limited(store: SqlStore) -> None:
    with store.write() as uow:
        numbers = [add(uow, f"d{at}")[0] for at in range(5)]
        assert uow.inbox.due(NOW, 3) == numbers[:3]


def test_a_broken_line_of_a_file_is_kept_once(database: Database, store: SqlStore) -> None:
    broken = [BrokenItem(7, "Сумма", "не число", "Сумма=1о0"), BrokenItem(9, "Дата", "не дата", "Дата=99")]
    with store.write() as uow:
        number, _ = add(uow)
        uow.inbox.quarantine(number, broken)
        uow.inbox.quarantine(number, broken[:1])
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.inbox_quarantine)) == 2


def test_an_unknown_row_is_nobodys(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.inbox.get(404) is None
        assert uow.inbox.claim(404, "one", NOW, 60) is None


def test_a_moment_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(Exception, match="time zone"), store.write() as uow:
        uow.inbox.add("file", InboxKind.HOOK, "x", b"", "d", NOW.replace(tzinfo=None))


def hook(uow: UnitOfWork, digest: str, connection: str = "portal") -> int:
    return uow.inbox.add(connection, InboxKind.HOOK, "form", b"x", digest, NOW)[0]


def test_hooks_are_named_by_connection_and_taken_together(store: SqlStore) -> None:
    with store.write() as uow:
        numbers = [hook(uow, f"h{at}") for at in range(3)]
        elsewhere = hook(uow, "h", "other")
        assert uow.inbox.due(NOW, 10) == []
        assert uow.inbox.claim(numbers[0], "one", NOW, 60) is None
        assert sorted(uow.inbox.gathered(NOW)) == [(InboxKind.HOOK, "other"), (InboxKind.HOOK, "portal")]
        assert [row.id for row in uow.inbox.claim_many(InboxKind.HOOK, "portal", "one", NOW, 60, 2)] == numbers[:2]
        assert [row.id for row in uow.inbox.claim_many(InboxKind.HOOK, "portal", "two", NOW, 60, 9)] == numbers[2:]
        assert uow.inbox.gathered(NOW) == [(InboxKind.HOOK, "other")]
        assert uow.inbox.done(elsewhere, "one", {}, NOW) is False
        assert len(uow.inbox.gathered(later(60))) == 2

"""The same hook again: at once from many sides, or later from whoever caught it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from hub.ports.records import InboxKind
from hub.store.unit_of_work import SqlStore
from tests.intake.conftest import DOOR, OTHER_SECRET, OTHER_TOKEN, Intake, hook
from tests.intake.raw import FORM, connect, head, post, statuses
from tests.support.matrix import Figures
from tests.support.world import HandClock

_AT_ONCE = 100
_NOW = HandClock().now()


@pytest.mark.row(18)
def test_a_hundred_equal_hooks_at_once_are_one_row_and_a_hundred_successes(intake: Intake, figures: Figures) -> None:
    together = Barrier(_AT_ONCE)

    def send(_: int) -> int:
        together.wait()
        return post(intake.port, DOOR, hook())

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(send, range(_AT_ONCE)))
    assert answers == [204] * _AT_ONCE
    assert len(intake.rows()) == 1
    assert intake.counted(204) == _AT_ONCE
    figures.total("deliveries", _AT_ONCE)
    figures.most("rows", len(intake.rows()))


@pytest.mark.row(18)
def test_equal_hooks_for_two_connections_are_two_rows(sqlite_intake: Intake) -> None:
    assert post(sqlite_intake.port, DOOR, hook()) == 204
    assert post(sqlite_intake.port, f"/hooks/other/{OTHER_SECRET}", hook(token=OTHER_TOKEN)) == 204
    assert post(sqlite_intake.port, f"/hooks/other/{OTHER_SECRET}", hook()) == 401
    assert len(sqlite_intake.rows()) == 2


@pytest.mark.row(29)
def test_captured_bytes_sent_again_change_nothing(intake: Intake, figures: Figures) -> None:
    captured = head(DOOR, f"Content-Type: {FORM['Content-Type']}", f"Content-Length: {len(hook())}") + hook()
    with connect(intake.port) as sock:
        sock.sendall(captured)
        assert statuses(sock.recv(65536)) == [204]
    store = SqlStore(intake.database)
    with store.write() as uow:
        row = uow.inbox.claim_many(InboxKind.HOOK, "portal", "test", _NOW, 60, 10)[0]
        assert uow.inbox.done(row.id, "test", {"hints": 1}, _NOW)
    with connect(intake.port) as sock:
        for _ in range(10):
            sock.sendall(captured)
            assert statuses(sock.recv(65536)) == [204]
    with store.write() as uow:
        assert uow.inbox.claim_many(InboxKind.HOOK, "portal", "test", _NOW, 60, 10) == []
        assert uow.inbox.gathered(_NOW) == []
    assert len(intake.rows()) == 1
    figures.total("replays", 10)
    figures.most("replays with an effect", 0)

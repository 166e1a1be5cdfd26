"""`/ready`: 503 when the hub itself is late, never because a CRM, a quota or a person is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hub.domain.errors import RetryLater
from hub.ports.records import Health, InboxKind
from hub.services.poll_source import poll_source
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.world import CRM, client, deal, incoming, invoice
from tests.web.conftest import anyio_backend, browsing
from tests.web.desk_world import DeskWorld

__all__ = ["anyio_backend"]
pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(database: Database) -> DeskWorld:
    made = DeskWorld(database)
    made.world.act()
    made.world.sync()
    tick(made)
    return made


def tick(desk: DeskWorld) -> None:
    """The hub's timer lives."""
    with desk.rt.store.write() as uow:
        uow.watch.beat("timer", desk.rt.clock.now())


def later(desk: DeskWorld, **span: float) -> None:
    """Time passes under a living timer and a CRM that is read."""
    desk.world.clock.sleep(timedelta(**span).total_seconds())
    tick(desk)
    poll_source(desk.rt, CRM)


async def ready(desk: DeskWorld) -> tuple[int, dict[str, Any]]:
    async with browsing(desk) as browser:
        answer = await browser.http.get("/ready")
    return answer.status_code, answer.json()


async def lagging(desk: DeskWorld) -> list[str]:
    status, answer = await ready(desk)
    assert status == (503 if answer["lagging"] else 200)
    assert answer["ready"] is not bool(answer["lagging"])
    found: list[str] = answer["lagging"]
    return found


def sell(desk: DeskWorld) -> str:
    """A payment whose deal is to be moved."""
    desk.world.crm.add(client(), deal(), invoice())
    return desk.world.pay(incoming("Оплата по счету 71", "1000.00"))[0]


async def test_a_hub_that_keeps_up_is_ready(desk: DeskWorld) -> None:
    sell(desk)
    desk.world.settle()
    tick(desk)
    poll_source(desk.rt, CRM)
    assert await lagging(desk) == []


async def test_a_timer_that_never_ticked_or_stopped_is_not_ready(desk: DeskWorld) -> None:
    later(desk, seconds=1)
    assert await lagging(desk) == []
    desk.world.clock.sleep(61)
    assert await lagging(desk) == ["timer"]
    with desk.rt.store.write() as uow:
        uow.watch.still("timer")
    assert await lagging(desk) == ["timer"]


async def test_an_inbox_row_that_nobody_reads_is_not_ready(desk: DeskWorld) -> None:
    desk.upload(b"statement\n", "kl.txt")
    with desk.rt.store.write() as uow:
        uow.inbox.add("files", InboxKind.STATEMENT_FILE, "waits", b"x", "d", desk.rt.clock.now())
    later(desk, seconds=299)
    assert await lagging(desk) == []
    later(desk, seconds=2)
    assert await lagging(desk) == ["inbox"]
    _, answer = await ready(desk)
    assert answer["inbox"] == {"late": 1, "oldest_s": 301.0, "limit_s": 300.0}


async def test_an_inbox_row_that_waits_for_its_next_attempt_is_not_late(desk: DeskWorld) -> None:
    with desk.rt.store.write() as uow:
        now = desk.rt.clock.now()
        number, _ = uow.inbox.add("files", InboxKind.STATEMENT_FILE, "waits", b"x", "d", now)
        uow.inbox.claim(number, "test", now, 60)
        uow.inbox.retry(number, "test", "CRM не отвечает.", now + timedelta(hours=1))
    later(desk, seconds=900)
    assert await lagging(desk) == []


async def test_hooks_of_a_system_that_refuses_our_access_are_not_the_hubs_lateness(desk: DeskWorld) -> None:
    now = desk.rt.clock.now()
    with desk.rt.store.write() as uow:
        uow.inbox.add("crm", InboxKind.HOOK, "text/plain", b"x", "d", now)
        uow.connections.report("crm", Health.DEAD, "Доступ отозван", now)
    later(desk, seconds=900)
    assert await lagging(desk) == []
    with desk.rt.store.write() as uow:
        assert uow.inbox.gathered(now) == []
        assert uow.inbox.claim_many(InboxKind.HOOK, "crm", "test", desk.rt.clock.now(), 60, 10) == []
        uow.connections.report("crm", Health.OK, None, desk.rt.clock.now())
    assert await lagging(desk) == ["inbox"]
    with desk.rt.store.write() as uow:
        assert len(uow.inbox.claim_many(InboxKind.HOOK, "crm", "test", desk.rt.clock.now(), 60, 10)) == 1


async def test_an_undecided_payment_is_not_ready(desk: DeskWorld) -> None:
    with desk.rt.store.write() as uow:
        uow.payments.add([incoming("Оплата", "10.00")], None, desk.rt.clock.now())
    later(desk, seconds=301)
    assert await lagging(desk) == ["payments"]


async def test_payments_that_wait_for_a_crm_are_not_the_hubs_lateness(desk: DeskWorld) -> None:
    with desk.rt.store.write() as uow:
        uow.payments.add([incoming("Оплата", "10.00")], None, desk.rt.clock.now())
    desk.world.clock.sleep(3 * 3600)
    tick(desk)
    status, answer = await ready(desk)
    assert (status, answer["connections_unread"]) == (200, 1)


async def test_an_old_payment_that_was_just_reopened_is_not_late(desk: DeskWorld) -> None:
    desk.world.crm.add(client())
    desk.world.pay(incoming("Оплата по счету 71", "1000.00"))
    later(desk, days=3)
    with desk.rt.store.write() as uow:
        found = uow.payments.get("p1")
        assert found is not None
        uow.payments.reopen_by_keys(["n:71", "num:71"])
    desk.world.crm.add(deal(), invoice())
    poll_source(desk.rt, CRM)
    assert await lagging(desk) == []


async def test_an_effect_that_nobody_takes_is_not_ready(desk: DeskWorld) -> None:
    sell(desk)
    later(desk, seconds=301)
    assert await lagging(desk) == ["outbox"]


@pytest.mark.parametrize("stop", ["pause", "dead", "capped", "observe"])
async def test_an_effect_that_a_stop_holds_back_is_no_reason_to_restart(desk: DeskWorld, stop: str) -> None:
    sell(desk)
    with desk.rt.store.write() as uow:
        if stop == "pause":
            uow.switches.pause("buh", desk.rt.clock.now())
        elif stop == "dead":
            uow.connections.report(CRM, Health.DEAD, "Вебхук удалён.", desk.rt.clock.now())
        elif stop == "capped":
            uow.connections.set_capped(CRM, True)
        else:
            uow.connections.set_acting(CRM, False, None)
    desk.world.deliver_due()  # what a cap does not hold: the paid mark
    desk.world.clock.sleep(301)
    tick(desk)
    assert await lagging(desk) == []


async def test_an_effect_that_a_failing_crm_postpones_is_no_reason_to_restart(desk: DeskWorld) -> None:
    sell(desk)
    desk.world.crm.read_faults.extend([RetryLater("503", "Портал не отвечает.")] * 40)
    for _ in range(10):
        desk.world.clock.sleep(120)
        desk.world.deliver_due()
        tick(desk)
        assert await lagging(desk) == []


async def test_a_database_that_does_not_answer_is_not_ready(desk: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("/var/lib/secret/hub.sqlite3")

    monkeypatch.setattr(Queries, "backlog", fail)
    status, answer = await ready(desk)
    assert status == 503
    assert answer == {"ready": False, "db": False, "lagging": ["database"]}


async def test_a_database_that_hangs_is_not_ready_within_seconds(
    desk: DeskWorld, monkeypatch: pytest.MonkeyPatch, hanging: Callable[..., None]
) -> None:
    monkeypatch.setattr("hub.web.ready._PATIENCE_S", 0.05)
    monkeypatch.setattr(Queries, "backlog", hanging)
    status, answer = await ready(desk)
    assert (status, answer["lagging"]) == (503, ["database"])


async def test_the_answer_is_counts_and_ages_only(desk: DeskWorld) -> None:
    sell(desk)
    later(desk, seconds=301)
    async with browsing(desk) as browser:
        text = (await browser.http.get("/ready")).text
    assert CRM not in text.replace("connections", "")
    assert "Фиалка" not in text
    assert "1000" not in text


@pytest.fixture
def hanging() -> Any:
    """A query that answers only when the test is over."""
    import threading

    over = threading.Event()
    yield lambda *_: over.wait(10)
    over.set()

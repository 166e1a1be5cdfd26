"""Fields of a deal that could not be filled: no payment stands behind them, the list itself has the buttons."""

from __future__ import annotations

import pytest

from hub.domain.filling import FieldOwner, Filling, FillRole
from hub.ports.records import NO_PAYMENT, EffectKind, EffectState, NewEffect
from hub.services.plan_fills import dump_filling
from tests.support.world import CRM
from tests.web.conftest import signed_in
from tests.web.desk_world import DeskWorld

pytestmark = pytest.mark.anyio


def _stopped(desk: DeskWorld) -> int:
    """A filling that waits for a person; its number."""
    field = Filling(FillRole.NUMBER, "UF_NO", FieldOwner.ACCOUNTING, "117")
    payload = {"deal": "1", "fields": [dump_filling(field)], "text": "номер: 117"}
    effect = NewEffect("fill", CRM, EffectKind.FILL_FIELDS, "crm/1", NO_PAYMENT, payload)
    desk.world.act()
    now = desk.world.clock.now()
    with desk.world.store.write() as uow:
        (number,) = uow.outbox.add([effect], now)
        assert uow.outbox.claim(number, "test", now, 60) is not None
        reason = "У сделок нет поля UF_NO."
        assert uow.outbox.settle(number, "test", EffectState.PARKED, {"outcome": "refused"}, reason, now)
    return number


async def test_a_filling_that_stopped_is_listed_and_sent_again_from_the_list(desk: DeskWorld) -> None:
    number = _stopped(desk)
    async with signed_in(desk) as browser:
        page = await browser.get("/stopped")
        assert "Поля сделки № 1 по счетам из учёта" in page
        assert "номер: 117" in page
        assert "У сделок нет поля UF_NO." in page
        assert f"/effects/{number}/send-again" in page
        assert 'href="/payments/"' not in page
        answer = await browser.post(f"/effects/{number}/send-again")
        assert answer.headers["location"] == "/stopped"
        twice = await browser.post(f"/effects/{number}/send-again")
        assert twice.headers["location"] == "/stopped"
    with desk.world.store.read() as uow:
        row = uow.outbox.get(number)
    assert row is not None
    assert row.state is EffectState.QUEUED


async def test_a_filling_that_stopped_is_put_aside_from_the_list(desk: DeskWorld) -> None:
    number = _stopped(desk)
    async with signed_in(desk) as browser:
        await browser.get("/stopped")
        assert (await browser.post(f"/effects/{number}/put-aside")).headers["location"] == "/stopped"
        assert "Ничего не остановлено" in await browser.get("/stopped")

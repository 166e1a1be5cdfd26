"""Status: pause and resume, observe and act, true state of connections, queues."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.ports.records import ConnectionRow, Health
from hub.web.app import create_app
from tests.support.world import CRM
from tests.web.conftest import signed_in
from tests.web.desk_world import DeskWorld, busy

pytestmark = pytest.mark.anyio


def _connection(desk: DeskWorld) -> ConnectionRow:
    with desk.rt.store.read() as uow:
        return uow.connections.all()[0]


async def test_a_pause_is_one_click_and_every_page_says_so(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        await browser.post("/pause")
        assert desk.queries.overview().paused_by == "buh"
        assert "Запись во все системы остановлена (buh)" in await browser.get("/")
        await browser.post("/resume")
        assert desk.queries.overview().paused_by is None


async def test_acting_is_switched_on_with_a_date_and_off_again(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        answer = await browser.post(f"/connections/{CRM}/mode", mode="act", act_from="2026-03-05")
        assert answer.headers["location"] == "/status?done=acting"
        assert (_connection(desk).acting, _connection(desk).act_from) == (True, date(2026, 3, 5))
        assert "по деньгам с 05.03.2026" in await browser.get("/status")
        await browser.post(f"/connections/{CRM}/mode", mode="observe")
        assert _connection(desk).acting is False


@pytest.mark.parametrize("act_from", ["", "завтра", "2026-13-01"])
async def test_acting_without_a_date_is_refused(desk: DeskWorld, act_from: str) -> None:
    async with signed_in(desk) as browser:
        answer = await browser.post(f"/connections/{CRM}/mode", mode="act", act_from=act_from)
        assert answer.status_code == 400
        assert "Укажите дату" in answer.text
    assert _connection(desk).acting is False


async def test_a_capped_connection_goes_on_only_by_a_persons_word(desk: DeskWorld) -> None:
    with desk.rt.store.write() as uow:
        uow.connections.set_capped(CRM, True)
    async with signed_in(desk) as browser:
        assert "за час их слишком много" in await browser.get("/")
        assert "Продолжить переходы" in await browser.get("/status")
        await browser.post(f"/connections/{CRM}/resume")
        assert "Продолжить переходы" not in await browser.get("/status")
    assert _connection(desk).capped is False


async def test_a_dead_connection_is_said_on_every_page_with_its_reason(desk: DeskWorld) -> None:
    with desk.rt.store.write() as uow:
        uow.connections.report(CRM, Health.DEAD, "Вебхук удалён в портале.", desk.rt.clock.now())
    async with signed_in(desk) as browser:
        for path in ("/", "/status", "/uploads"):
            assert "Вебхук удалён в портале." in await browser.get(path)


async def test_an_unknown_connection_is_a_404(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        assert (await browser.post("/connections/other/resume")).status_code == 404
        assert (await browser.post("/connections/other/mode", mode="observe")).status_code == 404


async def test_queues_show_their_length_and_the_age_of_the_oldest(desk: DeskWorld) -> None:
    busy(desk)
    desk.world.clock.sleep(7200)
    async with signed_in(desk) as browser:
        page = await browser.get("/status")
    assert "Действия в CRM в работе" in page
    assert "самое старое ждёт 2\u00a0ч" in page


async def test_payments_that_wait_for_an_unread_crm_are_explained(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        assert "ещё не прочитано до конца" in await browser.get("/")
        desk.world.sync()
        assert "не прочитано до конца" not in await browser.get("/")
        desk.world.clock.sleep(3 * 3600)
        assert "давно не отвечает" in await browser.get("/")


async def test_a_mode_written_in_the_settings_file_is_not_switched_on_the_page(desk: DeskWorld) -> None:
    """The file wins at each start: a switch here would be taken back behind the person's back."""
    settings = desk.rt.connections[CRM]
    desk.world.act()
    fixed = replace(desk.rt, connections={CRM: replace(settings, mode_in_file=True)})
    desk.app = create_app(replace(desk.context, rt=fixed))
    async with signed_in(desk) as browser:
        page = await browser.get("/status")
        assert "задан в sverka.yaml" in page
        assert f"/connections/{CRM}/mode" not in page
        answer = await browser.post(f"/connections/{CRM}/mode", mode="observe")
        assert answer.status_code == 409
        assert "задан в sverka.yaml" in answer.text
    assert _connection(desk).acting

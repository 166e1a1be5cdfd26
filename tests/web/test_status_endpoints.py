"""Receivers of events on the status page and, once one is switched off, on every page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.ports.events import EventType, NewEvent
from hub.services.endpoints import Endpoint
from hub.services.send_events import send_events
from hub.web.app import create_app
from tests.support.receiver import FakeSender
from tests.web.conftest import signed_in
from tests.web.desk_world import DeskWorld

pytestmark = pytest.mark.anyio


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
def told(desk: DeskWorld, sender: FakeSender) -> DeskWorld:
    """A desk whose company tells its events to `books`; one event waits."""
    desk.rt = replace(desk.rt, endpoints={"books": Endpoint(sender)})
    desk.context = replace(desk.context, rt=desk.rt)
    desk.app = create_app(desk.context)
    record(desk)
    return desk


def record(desk: DeskWorld) -> None:
    with desk.rt.store.write() as uow:
        uow.events.add(NewEvent(EventType.DEAL_MOVED, "crm/1", {}), ["books"], desk.rt.clock.now())


async def test_without_receivers_the_page_does_not_speak_of_them(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        assert "Получатели событий" not in await browser.get("/status")


async def test_a_receiver_shows_its_host_what_waits_and_since_when(told: DeskWorld) -> None:
    told.world.clock.sleep(7200)
    async with signed_in(told) as browser:
        page = await browser.get("/status")
    assert 'data-testid="endpoint-books"' in page
    assert "https://receiver.example" in page
    assert "ещё ничего не получал" in page
    assert "самое старое ждёт 2\u00a0ч" in page


async def test_a_receiver_that_takes_events_says_when_last(told: DeskWorld) -> None:
    send_events(told.rt, "books")
    async with signed_in(told) as browser:
        page = await browser.get("/status")
    assert "принимает" in page
    assert "10.03.2026" in page


async def test_what_was_never_taken_is_counted_with_the_command_that_lists_it(
    told: DeskWorld, sender: FakeSender
) -> None:
    sender.always = 500
    for _ in range(10):
        send_events(told.rt, "books")
        told.world.clock.sleep(timedelta(days=2).total_seconds())
    async with signed_in(told) as browser:
        page = await browser.get("/status")
    assert "принял не всё" in page
    assert "sverka events list --endpoint books --state failed" in page


async def test_a_receiver_that_is_switched_off_is_said_on_every_page(told: DeskWorld, sender: FakeSender) -> None:
    sender.always = 410
    send_events(told.rt, "books")
    async with signed_in(told) as browser:
        assert "Получатель событий «books» отключён" in await browser.get("/")
        page = await browser.get("/status")
    assert "sverka events enable books" in page
    assert "ответил 410" in page

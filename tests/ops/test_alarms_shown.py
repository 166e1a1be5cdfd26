"""An alarm is seen where people look: on every page, in the journal, in the commands, by receivers of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.composition.upkeep import upkeep
from hub.config import Config, ConfigError, create_key_file, load_config
from hub.ports.events import DeliveryState, EventAnswer, EventFilter, EventNotTaken, EventType, NewEvent
from hub.ports.store import Store
from hub.ports.upkeep import Alarm, AlarmKind
from hub.services.endpoints import Endpoint
from hub.services.sweep import sweep
from hub.services.upkeep import Upkeep, WatchSettings
from hub.services.watch import ringing
from hub.store.engine import Database
from tests.support.world import CRM, World
from tests.web.conftest import anyio_backend, signed_in
from tests.web.desk_world import DeskWorld

__all__ = ["anyio_backend"]


def ring(store: Store, world: World, *alarms: Alarm) -> None:
    with store.write() as uow:
        for alarm in alarms:
            assert uow.watch.ring(alarm)


def silence(world: World, kind: AlarmKind, source: str = "") -> Alarm:
    """Silent for two days."""
    now = world.clock.now()
    return Alarm(kind, source, now - timedelta(days=2), now)


@pytest.mark.anyio
async def test_every_page_and_the_status_page_say_what_is_silent(sqlite_database: Database) -> None:
    desk = DeskWorld(sqlite_database)
    ring(desk.rt.store, desk.world, silence(desk.world, AlarmKind.HOOKS, CRM), silence(desk.world, AlarmKind.POLL, CRM))
    async with signed_in(desk) as browser:
        for path in ("/", "/uploads"):
            page = await browser.get(path)
            assert "перестало присылать события" in page
            # An unread connection has a strip of its own.
            assert page.count("banner-silent") == 1
        status = await browser.get("/status")
    assert "давно не читается до конца" in status
    assert "последний признак жизни" in status


@pytest.mark.anyio
async def test_a_silent_timer_is_said_without_the_timers_help(sqlite_database: Database) -> None:
    desk = DeskWorld(sqlite_database)
    with desk.rt.store.write() as uow:
        uow.watch.beat("timer", desk.rt.clock.now())
    desk.world.clock.sleep(61)
    async with signed_in(desk) as browser:
        assert "Таймер хаба молчит" in await browser.get("/")


def test_a_receiver_that_takes_no_events_rings_until_it_does(store: Store) -> None:
    world = World(store)
    world.rt = replace(world.rt, upkeep=Upkeep(watch=WatchSettings(zone=UTC)))
    with store.write() as uow:
        now = world.clock.now()
        uow.events.add(NewEvent(EventType.DEAL_MOVED, "main/1", {}), ["shop"], now)
        delivery = uow.events.claim("shop", "test", now, 60)
        assert delivery is not None
        uow.events.postpone(delivery.id, "test", "503", 503, now + timedelta(hours=3))
        uow.events.release("shop", "test")
    for _ in range(7):
        world.clock.sleep(600)
        world.sync()
        sweep(world.rt)
    assert [(alarm.kind, alarm.source) for alarm in ringing(world.rt)] == [(AlarmKind.EVENTS, "shop")]
    with store.write() as uow:
        uow.events.replay(EventFilter(endpoint="shop"), "shop", [EventType.DEAL_MOVED], world.clock.now())
        taken = uow.events.claim("shop", "test", world.clock.now(), 60)
        assert taken is not None
        uow.events.done(taken.id, "test", 200, world.clock.now())
        assert uow.events.endpoint("shop").count(DeliveryState.QUEUED) == 0
    world.clock.sleep(40)
    sweep(world.rt)
    assert ringing(world.rt) == []


class _Deaf:
    """A receiver that nobody calls."""

    address = "https://shop.example"

    def send(self, event_id: str, at: datetime, body: bytes) -> EventAnswer:
        raise EventNotTaken("нет ответа")

    def close(self) -> None:
        """Nothing to release."""


def test_a_beginning_silence_is_told_to_receivers_of_events(store: Store) -> None:
    world = World(store)
    world.rt = replace(world.rt, endpoints={"shop": Endpoint(_Deaf(), frozenset({EventType.ITEM_NEEDS_YOU}))})
    for _ in range(3):
        world.clock.sleep(600)
        sweep(world.rt)
    with store.read() as uow:
        (event,) = [row for row in uow.events.find(EventFilter(), 50) if row.data["id"] == f"poll:{CRM}"]
    assert event.type == EventType.ITEM_NEEDS_YOU
    assert event.data["item"] == "source"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Settings of a company without a CRM."""
    create_key_file(tmp_path / "data" / "secret.key")
    file = tmp_path / "sverka.yaml"
    file.write_text(yaml.safe_dump({"company": {"name": "Наша фирма"}}, allow_unicode=True), encoding="utf-8")
    return file


def run(settings: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--config", str(settings)])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_status_and_doctor_name_what_is_silent(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_hub(load_config(settings), connect=False) as hub, hub.rt.store.write() as uow:
        uow.watch.ring(Alarm(AlarmKind.STATEMENT, "", hub.clock.now() - timedelta(hours=50), hub.clock.now()))
    code, said = run(settings, "status", capsys=capsys)
    assert (code, "Новых выписок нет дольше обычного" in said) == (0, True)
    code, said = run(settings, "doctor", capsys=capsys)
    assert code == 1
    assert "внимание  тишина: Новых выписок нет дольше обычного" in said
    assert "50 ч назад" in said
    assert "сроки хранения: тела событий — 30 дн.; файлы выписок — хранится без срока" in said


def with_settings(settings: Path, **sections: object) -> Config:
    known = yaml.safe_load(settings.read_text(encoding="utf-8"))
    settings.write_text(yaml.safe_dump(known | sections, allow_unicode=True), encoding="utf-8")
    return load_config(settings)


def test_settings_reach_the_hub_scaled(settings: Path) -> None:
    config = with_settings(
        settings,
        timing_scale=0.1,
        ready={"inbox_s": 100},
        watch={"statement_by": "15:30", "hooks_h": 2},
        retention={"hooks_days": None, "raw_days": 365},
        metrics={"token": "0123456789abcdef"},
    )
    made = upkeep(config)
    assert made.ready.inbox_s == 10
    assert made.ready.timer_s == 15  # never less than the timer's lease allows
    assert (made.watch.hooks_s, str(made.watch.statement_by)) == (720, "15:30:00")
    assert (made.retention.hooks_days, made.retention.raw_days) == (None, 365)
    assert "0123456789abcdef" not in repr(config)


@pytest.mark.parametrize("text", ["statement_by: 15:30", 'statement_by: "15:30"', "statement_by: 09:05"])
def test_an_hour_may_be_written_with_or_without_quotes(settings: Path, text: str) -> None:
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\nwatch:\n  {text}\n", encoding="utf-8")
    hour = load_config(settings).watch.statement_by
    assert hour is not None
    assert f"{hour:%H:%M}" in text


@pytest.mark.parametrize(
    "section",
    [
        {"watch": {"statement_by": "25:00"}},
        {"watch": {"statement_by": "вечером"}},
        {"metrics": {"token": "short"}},
        {"metrics": {"token": "с русскими буквами внутри"}},
        {"retention": {"hooks_days": 0}},
        {"ready": {"inbox_s": -1}},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Path, section: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        with_settings(settings, **section)

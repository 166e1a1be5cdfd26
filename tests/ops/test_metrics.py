"""`/metrics`: closed without a token, figures only, no names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.ports.calls import CallCounters
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.web.app import create_app
from tests.support.world import CRM, client, deal, incoming, invoice
from tests.web.conftest import anyio_backend, browsing
from tests.web.desk_world import DeskWorld, busy

__all__ = ["anyio_backend"]
pytestmark = pytest.mark.anyio

TOKEN = "prometheus-0123456789"
HEADER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def desk(database: Database) -> DeskWorld:
    return with_token(DeskWorld(database))


def with_token(desk: DeskWorld, **more: object) -> DeskWorld:
    desk.context = replace(desk.context, metrics_token=TOKEN, **more)  # type: ignore[arg-type]
    desk.app = create_app(desk.context)
    return desk


async def scrape(desk: DeskWorld) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    async with browsing(desk) as browser:
        answer = await browser.http.get("/metrics", headers=HEADER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(item.name, frozenset(item.labels.items())): item.value for family in families for item in family.samples}


def value(samples: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return samples[f"sverka_{name}", frozenset(labels.items())]


async def test_without_a_token_in_the_settings_there_is_no_such_page(desk: DeskWorld) -> None:
    desk.context = replace(desk.context, metrics_token="")
    desk.app = create_app(desk.context)
    async with browsing(desk) as browser:
        for headers in ({}, HEADER, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}):
            assert (await browser.http.get("/metrics", headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"bearer {TOKEN}"]
)
async def test_a_wrong_token_sees_nothing(desk: DeskWorld, header: str) -> None:
    async with browsing(desk) as browser:
        answer = await browser.http.get("/metrics", headers={"Authorization": header})
    assert (answer.status_code, answer.text) == (401, "401\n")


async def test_the_figures_are_those_of_the_store(desk: DeskWorld) -> None:
    world = desk.world.act()
    world.crm.add(client(), deal(), invoice())
    world.pay(incoming("Оплата по счету 71", "1000.00"), incoming("Без номера", "17.00", number="9"))
    world.settle()
    samples = await scrape(desk)
    assert value(samples, "payments", state="matched") == 1
    assert value(samples, "payments", state="needs_you") == 1
    assert sum(number for (name, _), number in samples.items() if name == "sverka_decisions_total") >= 2
    assert value(samples, "effects", connection=CRM, kind="move_deal", state="done") == 1
    assert value(samples, "connection_health", connection=CRM, health="ok") == 1
    assert value(samples, "connection_acting", connection=CRM) == 1
    assert value(samples, "paused") == 0
    assert value(samples, "threads") >= 1
    assert ("process_resident_memory_bytes", frozenset()) in samples
    assert ("process_open_fds", frozenset()) in samples


async def test_calls_and_hooks_are_counted_by_connection_and_outcome(desk: DeskWorld) -> None:
    calls = CallCounters()
    for outcome in ("200", "200", "deadline"):
        calls.of(CRM)(outcome, 0.25)
    with_token(desk, calls=calls.snapshot, hooks=lambda: {(CRM, 204): 3, (CRM, 401): 1})
    samples = await scrape(desk)
    assert value(samples, "crm_calls_total", connection=CRM, outcome="200") == 2
    assert value(samples, "crm_call_seconds_total", connection=CRM, outcome="200") == 0.5
    assert value(samples, "crm_calls_total", connection=CRM, outcome="deadline") == 1
    assert value(samples, "hooks_total", connection=CRM, status="204") == 3


async def test_the_text_names_nobody(desk: DeskWorld) -> None:
    busy(desk)
    async with browsing(desk) as browser:
        text = (await browser.http.get("/metrics", headers=HEADER)).text
    for secret in ("Фиалка", "7700000016", "40702810", "buh", "Мария", "<script", TOKEN):
        assert secret not in text


async def test_two_scrapes_do_not_add_up(desk: DeskWorld) -> None:
    calls = CallCounters()
    calls.of(CRM)("200", 1.0)
    with_token(desk, calls=calls.snapshot)
    assert value(await scrape(desk), "crm_calls_total", connection=CRM, outcome="200") == 1
    assert value(await scrape(desk), "crm_calls_total", connection=CRM, outcome="200") == 1


async def test_a_failing_database_is_a_503_without_details(desk: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("/var/lib/secret")

    monkeypatch.setattr(Queries, "figures", fail)
    async with browsing(desk) as browser:
        answer = await browser.http.get("/metrics", headers=HEADER)
    assert (answer.status_code, answer.text) == (503, "503\n")

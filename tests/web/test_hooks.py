"""The hooks' door and the health check."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.ports.records import InboxKind
from hub.ports.store import StoreUnavailable
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.world import CRM
from tests.web.conftest import browsing
from tests.web.desk_world import HOOK_SECRET, DeskWorld

pytestmark = pytest.mark.anyio

DOOR = f"/hooks/{CRM}/{HOOK_SECRET}"


def _inbox(desk: DeskWorld) -> list[bytes]:
    with desk.rt.store.write() as uow:
        return [row.raw for row in uow.inbox.claim_many(InboxKind.HOOK, CRM, "test", desk.rt.clock.now(), 0, 100)]


async def test_an_authentic_hook_is_stored_as_it_came_and_answered_204(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        answer = await browser.http.post(DOOR, content=b"deal:7")
        assert answer.status_code == 204
    assert _inbox(desk) == [b"deal:7"]


async def test_the_same_hook_twice_is_one_row_and_twice_204(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        for _ in range(2):
            assert (await browser.http.post(DOOR, content=b"deal:7")).status_code == 204
    assert len(_inbox(desk)) == 1


async def test_a_hook_that_is_not_authentic_is_refused_and_not_stored(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        assert (await browser.http.post(DOOR, content=b"nonsense")).status_code == 401
    assert _inbox(desk) == []


@pytest.mark.parametrize(
    "path",
    [f"/hooks/{CRM}/wrong", "/hooks/closed/", "/hooks/closed/x", f"/hooks/other/{HOOK_SECRET}", "/hooks/crm/секрет"],
)
async def test_a_wrong_empty_or_unknown_address_looks_the_same(desk: DeskWorld, path: str) -> None:
    async with browsing(desk) as browser:
        answer = await browser.http.post(path, content=b"deal:7")
        assert answer.status_code == 404
    assert _inbox(desk) == []


async def test_only_post_gets_in(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            assert (await browser.http.request(method, DOOR)).status_code == 405
    assert _inbox(desk) == []


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(3_000):
        yield b"x" * 1024


async def test_a_body_over_a_megabyte_is_cut(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        assert (await browser.http.post(DOOR, content=b"x" * (1024 * 1024 + 1))).status_code == 413
        assert (await browser.http.post(DOOR, content=_endless())).status_code == 413
    assert _inbox(desk) == []


async def test_a_hook_that_cannot_be_stored_is_answered_503(desk: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Database) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(Database, "write_at_once", fail)
    async with browsing(desk) as browser:
        answer = await browser.http.post(DOOR, content=b"deal:7")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert "disk" not in answer.text


async def test_health_counts_and_names_no_business(desk: DeskWorld) -> None:
    desk.suggested()
    async with browsing(desk) as browser:
        await browser.http.post(DOOR, content=b"deal:7")
        desk.world.clock.sleep(30)
        answer = await browser.http.get("/health")
        assert answer.status_code == 200
        assert answer.json() == {
            "ok": True,
            "version": "0.1.0",
            "db": True,
            "paused": False,
            "inbox_waiting": 1,
            "payments_waiting": 0,
            "outbox_queued": 0,
            "outbox_intent": 0,
            "oldest_s": 30.0,
        }


async def test_health_is_503_while_the_database_is_silent(desk: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Queries) -> None:
        raise OSError("gone")

    monkeypatch.setattr(Queries, "overview", fail)
    async with browsing(desk) as browser:
        answer = await browser.http.get("/health")
        assert answer.status_code == 503
        assert answer.json() == {"ok": False, "version": "0.1.0", "db": False}

"""One life of a small company whose hub is killed at a named point and started again."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx
from sqlalchemy import func, select

from hub.ports.records import InboxKind
from hub.store import tables as t
from tests.support.desk import DeskClient
from tests.support.feeding import bring, rests
from tests.support.invariants import leaks, repeat_writes, violations
from tests.support.live import CONNECTION, LiveHub, Portal, wait_for
from tests.support.portal import seed
from tests.support.side_by_side import Ground
from tests.support.statements import Received, statement

HOOK_SECRET: Final = "unguessable-hook-secret-000000001"
SUMS: Final = ["1000.00", "2000.50"]
PAYMENTS: Final = [
    Received("51", "1000.00", "Оплата по счету № 701 от 10.03.2026. НДС не облагается"),
    Received("52", "600.50", "Аванс по счету № 702 от 10.03.2026"),
    Received("53", "1400.00", "Доплата по счету № 702 от 10.03.2026", day="16.03.2026"),
]
#: What the portal must hold in the end, however often the hub died on the way.
EXPECTED: Final[Counter[tuple[object, ...]]] = Counter(
    {
        ("deal", 9001, "EXECUTING"): 1,
        ("deal", 9002, "PREPAYMENT_INVOICE"): 1,
        ("deal", 9002, "EXECUTING"): 1,
        ("comment", 9001): 1,
        ("comment", 9002): 2,
        ("task", 9001): 1,
        ("task", 9002): 1,
        ("invoice", 701): 1,
        ("invoice", 702): 1,
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a life ended: broken promises (empty = none), seconds from the new start to rest, repeated writes."""

    broken: list[str]
    recovery_s: float
    repeats: int


def live_through(point: str, ground: Ground) -> Outcome:
    """Kill the hub at the point while it takes in, reads, decides or delivers; start it again; look at everything."""
    name, _, how = point.partition("@")
    with Portal(ground.folder, seed(SUMS), warm=True) as portal, ExitStack() as stack:
        connection = {"application_token": portal.address["application_token"], "hook_secret": HOOK_SECRET}
        address = portal.address["webhook_url"]
        hub = LiveHub(ground.folder / "hub", address, ground.database, connection=connection, warm=True)
        try:
            work = partial(_WAYS[how], hub, portal, stack.enter_context(DeskClient(hub)))
            _live_and_die(hub, name, work)
            hub.start()
            started_at = time.monotonic()
            # Whoever got no answer tries again, and in the end the file is there.
            work()
            with hub.opened() as opened:
                bring(opened, statement(PAYMENTS))
                wait_for(lambda: rests(opened, len(PAYMENTS)), 60, f"rest after a kill at {point}")
            recovery_s = time.monotonic() - started_at
        finally:
            hub.stop()
        return Outcome(_broken(hub, portal), recovery_s, repeat_writes(portal.write_log()))


def _live_and_die(hub: LiveHub, point: str, work: Callable[[], object]) -> None:
    if point == "before_cursor_commit":  # in the first poll, before anything can be brought
        hub.start(point, wait=False)
    else:
        hub.start(point)
        with contextlib.suppress(httpx.HTTPError):
            work()
    hub.wait_until_killed()


def send_hook(hub: LiveHub, token: str, deal: int) -> int:
    """What the portal posts when a deal was changed; the answer's status."""
    body = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": str(deal), "auth[application_token]": token}
    url = f"{hub.address}/hooks/{CONNECTION}/{HOOK_SECRET}"
    return httpx.post(url, data=body, timeout=10, trust_env=False).status_code


def _by_hook(hub: LiveHub, portal: Portal, _desk: DeskClient) -> None:
    send_hook(hub, portal.address["application_token"], 9001)


def _by_upload(_hub: LiveHub, _portal: Portal, desk: DeskClient) -> None:
    desk.upload(statement(PAYMENTS))


def _by_row(hub: LiveHub, _portal: Portal, _desk: DeskClient) -> None:
    with hub.opened() as database:
        bring(database, statement(PAYMENTS))


_WAYS: Final[dict[str, Callable[[LiveHub, Portal, DeskClient], None]]] = {
    "": _by_row,
    "hook": _by_hook,
    "upload": _by_upload,
}


def _broken(hub: LiveHub, portal: Portal) -> list[str]:
    log = portal.write_log()
    found = []
    with hub.opened() as database:
        found += violations(database, PAYMENTS, log)
        with database.read() as connection:
            per_body = select(func.count()).where(t.inbox.c.kind == InboxKind.HOOK)
            if (hooks := connection.scalar(per_body) or 0) > 1:
                found.append(f"I1 one hook stands {hooks} times in the inbox")
    effects = _effects(portal.writes())
    if effects != EXPECTED:
        found.append(f"the portal holds {effects - EXPECTED} too much and {EXPECTED - effects} too little")
    return found + leaks([hub.folder / "up.log", hub.folder / "data" / "sverka.log"], (*portal.secrets, HOOK_SECRET))


def _effects(writes: list[dict[str, Any]]) -> Counter[tuple[object, ...]]:
    """What took effect in the portal: stages of deals, paid invoices, comments, tasks."""
    found: Counter[tuple[object, ...]] = Counter()
    for row in writes:
        owner = int((row["owner"] or "deal:0").split(":")[1])
        match row["entity_type"]:
            case "deal":
                found["deal", row["entity_id"], row["changed"]["stageId"][1]] += 1
            case "invoice":
                found["invoice", row["entity_id"]] += 1
            case other:
                found[other, owner] += 1
    return found

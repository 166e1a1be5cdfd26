"""A hub that follows the documents of a 1C base, is killed at a named point of a poll, and is started again.

A case is written `point:nth@words`; a point is one of `hub.failpoints` or a call of the cycle. Words: `plan` gives the
base a plan of exchange, `cold` kills the very first reading, `night` lets the nightly pass be due.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox
from hub.services.poll_source import MARK
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.books_1c import (
    INTO_THE_WINDOW,
    INVOICE,
    OLDER,
    PAYMENT,
    RECENT,
    Books,
    Deed,
    day_text,
    every_row,
    known,
)
from tests.support.invariants import leaks
from tests.support.live import LiveHub, wait_for
from tests.support.side_by_side import Ground

BUH: Final = "buh"
#: Rows a page: a walk over the days of a poll takes three of them.
PAGE_ROWS: Final = 12
#: Calls of the cycle, for a kill while the hub waits for the answer.
_CALLS: Final = {
    "window": f"list.{INVOICE}",
    "payments": f"list.{PAYMENT}",
    "changes": "changes",
    "acknowledgement": "notify",
}
_REST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Followed:
    """How a life ended: broken promises (empty = none), documents that were looked at, seconds until all was known."""

    broken: list[str]
    documents: int
    recovery_s: float


def live_through(case: str, ground: Ground) -> Followed:
    """Kill the hub at the point while people work in the base; start it again; compare both sides."""
    point, _, words = case.partition("@")
    with running_sandbox() as sandbox:
        life = _Life(sandbox, ground, frozenset(words.split()))
        try:
            return life.live(point)
        finally:
            life.hub.stop()


class _Life:
    def __init__(self, sandbox: RunningSandbox, ground: Ground, words: frozenset[str]) -> None:
        self.words = words
        self.books = Books(sandbox.control)
        self.sandbox = sandbox
        self.hub = LiveHub(ground.folder / "hub", "", ground.database, more=_settings(sandbox, words), warm=True)
        self.broken: list[str] = []
        # Where neither a plan nor the night tells of them, older documents are not looked at.
        self.deeds = [*_plans(RECENT, 1), *([*_plans(OLDER, 20)] if words & {"plan", "night", "cold"} else [])]
        self.items = [(self.books.write(days), self.books.write(days), deed) for deed, days in self.deeds]
        self.twice = self.books.write(1)
        self.fleeing = self.books.write(1)
        self.coming = self.books.write(20)
        self.linked = [self.books.write(1), self.books.write(1)]
        self.payment = self.books.pay(self.linked[0], "1000.00")

    def live(self, point: str) -> Followed:
        if "cold" not in self.words:
            self.hub.start()
            self.wait_until_known("first reading")
            self.hub.stop()
            self.first_half()
        if "night" in self.words:
            self.night_falls()
        self.somebody_works_meanwhile()
        self.die(point)
        self.look_at_what_was_acknowledged()
        if "cold" in self.words:
            self.first_half()
        self.second_half()
        if self.words & {"cold", "night"}:
            # What had been read before the kill and is older than a poll looks, the next night tells of.
            self.night_falls()
        began = time.monotonic()
        self.hub.start()
        self.wait_until_known(f"a kill at {point}")
        recovery_s = time.monotonic() - began
        self.hub.stop()
        if "night" not in self.words:
            self.night_after(point)
        self.look_at_rows()
        return Followed(self.broken, len(self.books.expected()), recovery_s)

    def die(self, point: str) -> None:
        """The hub reaches the point, or waits for the answer to a call that 1C has carried out already."""
        name, _, nth = point.partition(":")
        if name not in _CALLS:
            self.hub.start(point, wait=False)
            self.hub.wait_until_killed()
            return
        match = {"method": _CALLS[name], "nth": int(nth)}
        fired = _fired(self.sandbox)
        self.books.control.add_faults({"match": match, "action": {"kind": "delay", "seconds": 2}})
        self.hub.start()
        wait_for(lambda: _fired(self.sandbox) > fired, 60, f"call {point}")
        self.hub.kill()

    # What people do

    def first_half(self) -> None:
        """One document of each deed; a payment goes to another invoice."""
        for item, _, deed in self.items:
            deed(self.books, item)
        self.edit(self.twice, "1111.00")
        self.books.control.edit(INVOICE, self.fleeing, Date=f"{day_text(20)}T12:00:00")
        self.books.relink(self.payment, self.linked[1])
        self.books.write(0)

    def second_half(self) -> None:
        """The other document of each, while the hub is dead; the same document again; one that had moved away goes."""
        for _, item, deed in self.items:
            deed(self.books, item)
        self.edit(self.twice, "2222.00")
        INTO_THE_WINDOW(self.books, self.coming)
        if self.words & {"plan", "night", "cold"}:
            self.books.control.delete(INVOICE, self.fleeing)
        self.books.control.mark(PAYMENT, self.payment)
        self.books.write(0)

    def edit(self, item: str, amount: str) -> None:
        self.books.control.edit(INVOICE, item, СуммаДокумента=amount)

    def somebody_works_meanwhile(self) -> None:
        """A document that is there already is edited between two pages."""
        self.between = self.books.write(1)
        fields = {"СуммаДокумента": "3333.00"}
        act = {"kind": "act", "do": {"act": "edit", "entity": INVOICE, "key": self.between, "fields": fields}}
        self.books.control.add_faults({"match": {"method": f"list.{INVOICE}", "nth": 2}, "action": act})

    def night_falls(self) -> None:
        """The nightly pass is due."""
        with self.hub.opened() as database, SqlStore(database).write() as uow:
            text = uow.cursors.get(BUH, MARK)
            if text is not None:
                uow.cursors.put(BUH, MARK, json.dumps({**json.loads(text), "next_wide_at": 0}))

    # What is looked at

    def at_rest(self, database: Database) -> bool:
        with SqlStore(database).read() as uow:
            mark = json.loads(uow.cursors.get(BUH, MARK) or "{}")
        if not mark or mark.get("scan") is not None or mark.get("message") is not None:
            return False
        waits = "plan" in self.words and self.sandbox.control.state()["changes_waiting"]
        return not waits and known(database, BUH) == self.books.expected()

    def wait_until_known(self, after: str) -> None:
        with self.hub.opened() as database:
            ends_at = time.monotonic() + _REST_S
            while not self.at_rest(database):
                if time.monotonic() > ends_at:
                    self.broken += [f"after {after}: {text}" for text in self.differences(database)]
                    return
                time.sleep(0.1)

    def differences(self, database: Database) -> list[str]:
        ours, theirs = known(database, BUH), self.books.expected()
        found = [
            f"{item}: the hub knows {ours.get(item)}, 1C holds {theirs.get(item)}"
            for item in sorted(ours.keys() | theirs.keys())
            if ours.get(item) != theirs.get(item)
        ]
        waiting = sorted(self.waiting()) if "plan" in self.words else []
        return found or [f"the poll came to no rest; the plan holds {waiting}"]

    def waiting(self) -> set[str]:
        control = self.sandbox.control
        return control.changes_waiting(INVOICE) | control.changes_waiting(PAYMENT)

    def look_at_what_was_acknowledged(self) -> None:
        """A change that 1C need not tell any more is in the hub, wherever the hub died."""
        if "plan" not in self.words or "cold" in self.words:
            return
        waiting = self.waiting()
        with self.hub.opened() as database:
            ours, theirs = known(database, BUH), self.books.expected()
        for item in ours.keys() | theirs.keys():
            behind = self.books.behind.get(item, {item})
            if ours.get(item) != theirs.get(item) and not behind & waiting:
                self.broken.append(f"{item} was acknowledged: the hub knows {ours.get(item)}, 1C {theirs.get(item)}")

    def night_after(self, point: str) -> None:
        """One night later nothing has changed, and what went after it had moved away is missed."""
        if not self.words & {"plan", "cold"}:
            self.books.control.delete(INVOICE, self.fleeing)
        self.night_falls()
        self.hub.start()
        wait_for(lambda: self.passed(), _REST_S, "the nightly pass begins")
        self.wait_until_known(f"the night after a kill at {point}")
        self.hub.stop()

    def passed(self) -> bool:
        with self.hub.opened() as database, SqlStore(database).read() as uow:
            mark = json.loads(uow.cursors.get(BUH, MARK) or "{}")
        return int(mark.get("next_wide_at", 0)) > 0

    def look_at_rows(self) -> None:
        with self.hub.opened() as database:
            rows = every_row(database, BUH)
            live = known(database, BUH)
        written = {*self.books.behind}
        if len(rows) != len(set(rows)) or not set(rows) <= written:
            self.broken.append(f"{len(rows)} rows for {len(written)} documents")
        numbers = [number for number, *_ in live.values()]
        if len(numbers) != len(set(numbers)):
            self.broken.append("a number stands twice")
        logs = [self.hub.folder / "up.log", self.hub.folder / "data" / "sverka.log"]
        self.broken += leaks(logs, (self.sandbox.password,))


def _fired(sandbox: RunningSandbox) -> int:
    """How many calls are being kept waiting."""
    fired: Any = sandbox.control.state()["faults_fired"]
    return int(fired.get("delay", 0))


def _plans(deeds: Any, days_ago: int) -> list[tuple[Deed, int]]:
    return [(deed, days_ago) for deed in deeds.values()]


def _settings(sandbox: RunningSandbox, words: frozenset[str]) -> dict[str, object]:
    tables = sandbox.control.base.configuration.tables
    plan = next(name for name in tables if name.startswith("ExchangePlan_"))
    connection: dict[str, object] = {
        "system": "accounting_1c",
        "address": sandbox.base_url,
        "configuration": "bp30",
        "login": sandbox.user,
        "password": sandbox.password,
        "read_from": day_text(90),
        "money_first_days": 0,
        "page_rows": PAGE_ROWS,
        "poll_every_s": 60,
    }
    if "plan" in words:
        connection["exchange_plan"] = {"name": plan, "node": sandbox.node}
    return {"connections": {BUH: connection}}

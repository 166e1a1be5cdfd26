"""A portal to test the connector against, and the hands of the people who work in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.connector import Bitrix24
from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime
from hub.domain.models import Client, Deal, Invoice
from hub.ports.crm import Change, ChangePage, ItemKind, Position, Removed

PERSON = 17
CODE_OF_PERSON = "personcode"
LAG_S = 130


class PortalClock:
    """The portal's own clock; sleeping moves it."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime:
        return self._sandbox.control.portal.clock.now()

    def monotonic(self) -> float:
        return self._sandbox.control.portal.clock.timestamp()

    def sleep(self, seconds: float) -> None:
        self._sandbox.control.advance(seconds)


def seed(**parts: Any) -> dict[str, Any]:
    """A portal of two people (the webhook's user 1 and manager 17), two pipelines, our company 3 and client 512."""
    portal: dict[str, Any] = {
        "users": [{"id": 1, "name": "Хаб", "admin": True}, {"id": PERSON, "name": "Анна", "last_name": "Продажина"}],
        "webhooks": [{"user_id": 1, "code": "sandboxsecret"}, {"user_id": PERSON, "code": CODE_OF_PERSON}],
        "categories": [
            {"entity_type_id": 2, "id": 0, "name": "Продажи", "sort": 100},
            {"entity_type_id": 2, "id": 4, "name": "Опт", "sort": 200},
            {"entity_type_id": 31, "id": 3, "name": "Счета"},
        ],
        "companies": [
            {"id": 3, "title": "Наша компания", "is_my_company": True},
            {"id": 512, "title": "ООО «Вектор»"},
        ],
        "requisites": [
            {"id": 30, "entity_id": 3, "rq_inn": "7700000016", "rq_kpp": "770001001"},
            {"id": 31, "entity_id": 512, "rq_inn": "7700112239", "rq_kpp": "770001001", "rq_company_name": "Вектор"},
        ],
        "bank_details": [{"id": 51, "requisite_id": 31, "rq_acc_num": "40702 810 5 0000 0000012"}],
        "deals": [deal(9041)],
        "invoices": [invoice(771, 9041)],
    }
    return portal | parts


def deal(id_: int, **parts: Any) -> dict[str, Any]:
    """A deal of client 512 in pipeline 4, waiting for its money."""
    base: dict[str, Any] = {
        "id": id_,
        "title": f"Сделка {id_}",
        "category_id": 4,
        "stage_id": "C4:PREPAYMENT_INVOICE",
        "opportunity": "125000.50",
        "company_id": 512,
        "assigned_by_id": PERSON,
    }
    return base | parts


def invoice(id_: int, deal_id: int | None, **parts: Any) -> dict[str, Any]:
    """A sent smart invoice of client 512."""
    base: dict[str, Any] = {
        "id": id_,
        "title": f"Счёт № {id_}",
        "account_number": str(id_),
        "stage_id": "DT31_3:S",
        "opportunity": "125000.50",
        "company_id": 512,
        "my_company_id": 3,
        "deal_id": deal_id,
        "begin_date": "2026-09-18",
        "close_date": "2026-09-25",
    }
    return base | parts


@dataclass(frozen=True)
class Portal:
    """A served portal with the connector on it."""

    sandbox: RunningSandbox
    crm: Bitrix24
    clock: PortalClock
    quota: MemoryQuota
    http: httpx.Client

    def person(self, method: str, params: dict[str, Any]) -> Any:
        """A manager's own call, beside the connector."""
        url = f"{self.sandbox.url}/rest/{PERSON}/{CODE_OF_PERSON}/{method}"
        self.sandbox.control.advance(0.5)
        document = self.http.post(url, json=params).json()
        assert "error" not in document, document
        return document["result"]

    def requests(self, method: str) -> int:
        """How many times a method was called over HTTP."""
        return sum(record.method == method for record in self.sandbox.control.requests)

    def all_requests(self) -> int:
        return len(self.sandbox.control.requests)

    def moved(self, deal_id: int) -> list[str]:
        """Stages that writes really gave a deal."""
        effects = self.sandbox.control.write_log.effects("deal")
        return [str(r.changed["stageId"][1]) for r in effects if r.entity_id == deal_id and "stageId" in r.changed]

    def fault(self, method: str, times: int | None = 1, **action: Any) -> None:
        """Arm one fault."""
        self.sandbox.control.add_faults({"match": {"method": method}, "times": times, "action": action})

    def pass_lag(self) -> None:
        """Let the window of late edits go by."""
        self.sandbox.control.advance(LAG_S)


@contextmanager
def served(portal_seed: dict[str, Any] | None = None, **settings: Any) -> Iterator[Portal]:
    """Serve a portal and open the connector on it."""
    with running_sandbox(portal_seed or seed()) as sandbox, opened(sandbox, **settings) as portal:
        yield portal


@contextmanager
def opened(sandbox: RunningSandbox, **settings: Any) -> Iterator[Portal]:
    """Open the connector on a served portal."""
    clock = PortalClock(sandbox)
    quota = MemoryQuota(clock)
    base: dict[str, Any] = {"webhook_url": sandbox.webhook_url, "application_token": sandbox.application_token}
    crm = Bitrix24(Bitrix24Config.model_validate(base | settings), Runtime("main", clock, quota, "test"))
    try:
        with httpx.Client(verify=False) as http:
            yield Portal(sandbox, crm, clock, quota, http)
    finally:
        crm.close()


def read_all(crm: Bitrix24, mark: str | None = None, most: int = 400) -> tuple[list[Change], str]:
    """Every page until none waits."""
    changes: list[Change] = []
    for _ in range(most):
        page: ChangePage = crm.changes(mark)
        changes += page.changes
        mark = page.mark
        if not page.more:
            return changes, mark
    raise AssertionError(f"still more after {most} pages")


def settled(portal: Portal) -> str:
    """A mark after the first walk, with the window of late edits gone by and read."""
    _, mark = read_all(portal.crm)
    portal.pass_lag()
    return read_all(portal.crm, mark)[1]


def deals_in(changes: Iterable[Change]) -> dict[str, Deal]:
    return {change.id: change for change in changes if isinstance(change, Deal)}


def invoices_in(changes: Iterable[Change]) -> dict[str, Invoice]:
    return {change.id: change for change in changes if isinstance(change, Invoice)}


def clients_in(changes: Iterable[Change]) -> dict[str, Client]:
    return {change.id: change for change in changes if isinstance(change, Client)}


def removed_in(changes: Iterable[Change]) -> set[tuple[ItemKind, str]]:
    return {(change.kind, change.id) for change in changes if isinstance(change, Removed)}


PAID = Position("4", "C4:EXECUTING")
WAITING = Position("4", "C4:PREPAYMENT_INVOICE")

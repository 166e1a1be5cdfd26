"""An account to test the connector against, and the hands of the people who work in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.amocrm.config import AmoConfig
from connectors.amocrm.connector import AmoCrm
from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox
from connectors.shared.memory import MemoryQuota, MemoryTokens
from connectors.shared.runtime import Runtime
from hub.domain.models import Client, Deal, Invoice
from hub.ports.crm import Binding, Change, ChangePage, ItemKind, Position, Removed

PERSON = 17
INVOICES = 7301
SALES, WHOLESALE = 9001, 9002
#: Stages of sales: the deal waits for its money, work on it begins, something in between.
WAITING, PAID, ELSEWHERE = Position("9001", "61002"), Position("9001", "61003"), Position("9001", "61001")
WON, LOST = Position("9001", "142"), Position("9001", "143")
LAG_S = 640
REQUISITES = {"inn": ("инн",), "kpp": ("кпп",), "inn_kpp": ("инн/кпп",), "account": ("р/с",)}
VECTOR = {"name": "ООО «Вектор»", "entity_type": 2, "vat_id": "7700112239", "kpp": "770001001"} | {
    "tax_registration_reason_code": "1027700000001",
    "bank_account_number": "40702810500000000012",
}


class AccountClock:
    """The account's own clock; sleeping moves it."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime:
        return self._sandbox.control.account.clock.now()

    def monotonic(self) -> float:
        return self._sandbox.control.account.clock.timestamp()

    def sleep(self, seconds: float) -> None:
        # A standing clock would never pass less than it can show.
        self._sandbox.control.advance(max(seconds, 0.001))


def seed(**parts: Any) -> dict[str, Any]:
    """An account of two people, two pipelines, client 512 with requisites, one deal with one invoice."""
    account: dict[str, Any] = {
        "users": [{"id": 1, "name": "Хаб", "admin": True}, {"id": PERSON, "name": "Анна Продажина"}],
        "pipelines": [
            {
                "id": SALES,
                "name": "Продажи",
                "is_main": True,
                "statuses": [
                    {"id": 61001, "name": "Первичный контакт"},
                    {"id": 61002, "name": "Счёт выставлен"},
                    {"id": 61003, "name": "В работе"},
                ],
            },
            {"id": WHOLESALE, "name": "Опт", "statuses": [{"id": 62001, "name": "Ждём оплату"}]},
            {"id": 9003, "name": "Старая", "is_archive": True},
        ],
        "catalogs": [{"id": INVOICES, "name": "Счета", "type": "invoices"}],
        "custom_fields": [
            {"id": 501, "name": "Реквизиты", "entity": "companies", "type": "legal_entity"},
            {"id": 502, "name": "ИНН", "entity": "companies"},
            {"id": 503, "name": "КПП", "entity": "companies"},
            {"id": 504, "name": "Р/с", "entity": "companies"},
            {"id": 505, "name": "Реквизиты", "entity": "contacts", "type": "legal_entity"},
            {"id": 601, "name": "Номер счёта", "entity": "leads"},
            {"id": 602, "name": "Дата счёта", "entity": "leads", "type": "date"},
            {"id": 603, "name": "Сумма счёта", "entity": "leads", "type": "numeric"},
        ],
        "companies": [
            {"id": 512, "name": "Вектор", "fields": {"501": VECTOR}},
            {"id": 513, "name": "Альфа", "fields": {"502": " 0274062111 ", "503": "027401001"}},
        ],
        "contacts": [{"id": 800, "name": "Иван Петров"}],
        "leads": [lead(70001)],
        "invoices": [invoice(880101, 70001)],
    }
    return account | parts


def lead(id_: int, **parts: Any) -> dict[str, Any]:
    """A deal of client 512 that waits for its money."""
    base: dict[str, Any] = {
        "id": id_,
        "name": f"Сделка {id_}",
        "price": "125001",
        "pipeline_id": SALES,
        "status_id": 61002,
        "company_id": 512,
        "responsible_user_id": PERSON,
    }
    return base | parts


def invoice(id_: int, *lead_ids: int, **parts: Any) -> dict[str, Any]:
    """An invoice to client 512."""
    payer = {"type": "legal", "name": "ООО «Вектор»", "entity_type": "companies", "entity_id": 512}
    base: dict[str, Any] = {
        "id": id_,
        "name": f"Счет №{id_ - 880000} от 15.01.2026",
        "price": "125000.50",
        "lead_ids": list(lead_ids),
        "payer": payer | {"vat_id": "7700112239", "kpp": "770001001"},
    }
    return base | parts


@dataclass(frozen=True)
class Account:
    """A served account with the connector on it."""

    sandbox: RunningSandbox
    crm: AmoCrm
    clock: AccountClock
    quota: MemoryQuota
    tokens: MemoryTokens

    def requests(self, method: str) -> int:
        """How many times a call was made over HTTP."""
        return sum(record.method == method for record in self.sandbox.control.requests)

    def all_requests(self) -> int:
        return len(self.sandbox.control.requests)

    def standing(self, lead_id: int = 70001) -> tuple[int, int]:
        """Pipeline and stage of a deal."""
        row = self.sandbox.control.lead(lead_id)
        return int(str(row["pipeline_id"])), int(str(row["status_id"]))

    def status(self, element_id: int = 880101) -> Any:
        """Status of an invoice."""
        return self.sandbox.control.value("catalog_elements", element_id, "BILL_STATUS")

    def fault(self, method: str, times: int | None = 1, **action: Any) -> None:
        """Arm one fault."""
        self.sandbox.control.add_faults({"match": {"method": method}, "times": times, "action": action})

    def human(self, **deed: Any) -> None:
        """Let a person do something."""
        self.sandbox.control.human({"user_id": PERSON} | deed)

    def pass_lag(self) -> None:
        """Let the window of late edits go by."""
        self.sandbox.control.advance(LAG_S)


@contextmanager
def served(account_seed: dict[str, Any] | None = None, **settings: Any) -> Iterator[Account]:
    """Serve an account and open the connector on it."""
    with running_sandbox(account_seed or seed()) as sandbox, opened(sandbox, **settings) as account:
        yield account


@contextmanager
def opened(sandbox: RunningSandbox, **settings: Any) -> Iterator[Account]:
    """Open the connector on a served account."""
    clock = AccountClock(sandbox)
    quota, tokens = MemoryQuota(clock), MemoryTokens(clock)
    base: dict[str, Any] = {"address": sandbox.url, "token": sandbox.access_token, "requisites": REQUISITES}
    config = AmoConfig.model_validate(base | settings)
    crm = AmoCrm(config, Runtime("main", clock, quota, "test", tokens=tokens))
    try:
        yield Account(sandbox, crm, clock, quota, tokens)
    finally:
        crm.close()


def read_all(crm: AmoCrm, mark: str | None = None, most: int = 400) -> tuple[list[Change], str]:
    """Every page until none waits."""
    changes: list[Change] = []
    for _ in range(most):
        page: ChangePage = crm.changes(mark)
        changes += page.changes
        mark = page.mark
        if not page.more:
            return changes, mark
    raise AssertionError(f"still more after {most} pages")


def settled(account: Account) -> str:
    """A mark after the first walk, with the window of late edits gone by and read."""
    _, mark = read_all(account.crm)
    account.pass_lag()
    return read_all(account.crm, mark)[1]


def deals_in(changes: Iterable[Change]) -> dict[str, Deal]:
    return {change.id: change for change in changes if isinstance(change, Deal)}


def invoices_in(changes: Iterable[Change]) -> dict[str, Invoice]:
    return {change.id: change for change in changes if isinstance(change, Invoice)}


def clients_in(changes: Iterable[Change]) -> dict[str, Client]:
    return {change.id: change for change in changes if isinstance(change, Client)}


def bonds_in(changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    return {change.deal_id: change.invoice_ids for change in changes if isinstance(change, Binding)}


def removed_in(changes: Iterable[Change]) -> set[tuple[ItemKind, str]]:
    return {(change.kind, change.id) for change in changes if isinstance(change, Removed)}

"""What must come of the demo's money: the typed form of data/expected.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from hub.demo.story.days import TODAY, moved
from hub.demo.titles import CRM_TITLES
from hub.domain.money import Money


@dataclass(frozen=True, slots=True)
class Effect:
    """One write in a CRM or in 1C.

    Attributes:
        kind: `move`, `comment`, `task` or `paid`.
        subject: the CRM's id of the deal, or the number of the invoice for `paid`.
        detail: `from → to` of a move, the payment order's number a comment or task speaks of.
        crm: `bitrix24` or `amocrm`; `accounting_1c` for `paid` alone.
    """

    kind: str
    subject: str
    detail: str = ""
    crm: str = "bitrix24"

    def __str__(self) -> str:
        return f"{CRM_TITLES[self.crm]}, {self._told()}"

    def _told(self) -> str:
        match self.kind:
            case "move":
                return f"сделка {self.subject}: переход {self.detail}"
            case "comment":
                return f"сделка {self.subject}: комментарий о п/п № {self.detail}"
            case "task":
                return f"сделка {self.subject}: задача о п/п № {self.detail}"
            case _:
                return f"счёт № {self.subject}: отметка «оплачен»"


@dataclass(frozen=True, slots=True)
class ExpectedPayment:
    """One payment and what the hub must make of it; fields as in `hub.demo.story.ledger.Line`.

    Attributes:
        sources: everything that shows it: files, reads of a bank's API, hooks.
    """

    sources: tuple[str, ...]
    account: str
    number: str
    booked_on: date
    amount: Money
    direction: str
    case: str
    decision: str
    pile: str
    allocations: Mapping[str, Money]
    candidates: tuple[str, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """One statement file: payments new and known when the files come in order, documents put aside and skipped."""

    name: str
    new: int
    known: int
    quarantined: int
    skipped: int


@dataclass(frozen=True, slots=True)
class ExpectedBroken:
    """A document that must be in quarantine, named by its line and key."""

    file: str
    line: int
    key: str


@dataclass(frozen=True, slots=True)
class ExpectedPaper:
    """A document of 1C and what the hub must find for it in the CRMs, each as `bitrix24 301`.

    Attributes:
        key: its reference in 1C.
        organisation: the reference of our company that made it.
        invoices: those of the same sale.
        deals: whose sale it is.
        asked: invoices and deals of which a person is asked.
    """

    key: str
    number: str
    organisation: str
    invoices: tuple[str, ...]
    deals: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expectations:
    """All of them, with what the demo's settings need.

    Attributes:
        owners: ИНН of the company that owns each account of ours.
        read_from: the first day that is read over the banks' APIs.
        invoices: number of every invoice by its id in its CRM.
        papers: every document of 1C that asks for money.
        paid_stage: the stage of a paid invoice in Bitrix24.
    """

    act_from: date
    own_accounts: tuple[str, ...]
    own_tax_ids: tuple[str, ...]
    owners: Mapping[str, str]
    read_from: date
    files: tuple[ExpectedFile, ...]
    broken: tuple[ExpectedBroken, ...]
    payments: tuple[ExpectedPayment, ...]
    invoices: Mapping[str, str]
    papers: tuple[ExpectedPaper, ...]
    paid_stage: str


def load_expectations(today: date = TODAY) -> Expectations:
    """Read the shipped file; the story's last days end with `today`."""
    raw = files("hub.demo").joinpath("data", "expected.json").read_bytes()
    return parse_expectations(moved(raw, today).decode("utf-8"))


def parse_expectations(text: str) -> Expectations:
    """Read expectations from JSON text."""
    document: dict[str, Any] = json.loads(text)
    return Expectations(
        act_from=date.fromisoformat(document["act_from"]),
        own_accounts=tuple(document["own_accounts"]),
        own_tax_ids=tuple(document["own_tax_ids"]),
        owners=document["owners"],
        read_from=date.fromisoformat(document["read_from"]),
        files=tuple(
            ExpectedFile(item["name"], item["new"], item["known"], item["quarantined"], item["skipped"])
            for item in document["files"]
        ),
        broken=tuple(ExpectedBroken(item["file"], item["line"], item["key"]) for item in document["quarantined"]),
        payments=tuple(_payment(item) for item in document["payments"]),
        invoices=document["invoices"],
        papers=tuple(_paper(item) for item in document["papers"]),
        paid_stage=document["paid_stage"],
    )


def _paper(item: Mapping[str, Any]) -> ExpectedPaper:
    return ExpectedPaper(
        key=item["key"],
        number=item["number"],
        organisation=item["organisation"],
        invoices=tuple(item["invoices"]),
        deals=tuple(item["deals"]),
        asked=tuple(item["asked"]),
    )


def _payment(item: Mapping[str, Any]) -> ExpectedPayment:
    currency = item["currency"]
    return ExpectedPayment(
        sources=tuple(item["sources"]),
        account=item["account"],
        number=item["number"],
        booked_on=date.fromisoformat(item["booked_on"]),
        amount=Money.of(item["sum"], currency),
        direction=item["direction"],
        case=item["case"],
        decision=item["decision"],
        pile=item["pile"],
        allocations={number: Money.of(part, currency) for number, part in item["allocations"].items()},
        candidates=tuple(item["candidates"]),
        effects=tuple(Effect(**effect) for effect in item["effects"]),
    )

"""The matcher, by itself, decides every payment of the demo as its story tells."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import Any

from connectors.bank.formats.client_bank_exchange import read_statement
from connectors.bank.statement import StatementLine
from hub.demo.expectations import ExpectedPayment, load_expectations
from hub.demo.make import DATA
from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching.book import InMemoryBook
from hub.domain.matching.context import MatchContext
from hub.domain.matching.day import decide_all
from hub.domain.models import Client, Invoice, InvoiceStatus, Payment, TaxId, TaxIdKind
from hub.domain.money import Money

STATUSES = {"S": InvoiceStatus.OPEN, "P": InvoiceStatus.PAID, "D": InvoiceStatus.CANCELLED}


def client_of(portal: dict[str, Any], company: int) -> Client:
    card = next(item for item in portal["companies"] if item["id"] == company)
    requisite = next(item for item in portal["requisites"] if item["entity_id"] == company)
    accounts = [item["rq_acc_num"] for item in portal["bank_details"] if item["requisite_id"] == requisite["id"]]
    tax_ids = [TaxId(TaxIdKind.RU_INN, requisite["rq_inn"])]
    tax_ids += [TaxId(TaxIdKind.RU_KPP, requisite["rq_kpp"])] if requisite["rq_kpp"] else []
    return Client(str(company), (card["title"],), tuple(tax_ids), tuple(accounts))


def invoices_of(portal: dict[str, Any]) -> list[Invoice]:
    clients = {card["id"]: client_of(portal, card["id"]) for card in portal["companies"]}
    return [
        Invoice(
            id=item["account_number"],
            number=item["account_number"],
            issued_on=date.fromisoformat(item["begin_date"]),
            amount=Money.of(item["opportunity"], item["currency_id"]),
            paid=Money.zero(item["currency_id"]),
            status=STATUSES[item["stage_id"].rpartition(":")[2]],
            client=clients[item["company_id"]],
            organisation_tax_id=clients[item["my_company_id"]].main_tax_id,
            deals=(str(item["deal_id"]),),
        )
        for item in portal["invoices"]
    ]


def payments_of(accounts: tuple[str, ...], tax_ids: tuple[str, ...]) -> list[Payment]:
    found: dict[tuple[str | None, str, int], Payment] = {}
    for path in sorted((DATA / "statements").iterdir()):
        for item in read_statement(path.read_bytes(), accounts, tax_ids):
            if isinstance(item, StatementLine):
                key = (item.own_account, item.fingerprint, item.occurrence)
                found.setdefault(key, item.payment(str(len(found))))
    return list(found.values())


def wrong(item: ExpectedPayment, decision: Decision) -> str | None:
    auto = decision.kind is DecisionKind.AUTO
    pile = "matched" if auto else decision.pile.value
    given = {part.invoice_id: part.amount for part in decision.allocations} if auto else {}
    offered = {number for candidate in decision.candidates for number in candidate.invoices}
    first = decision.candidates[0].invoices if decision.candidates else ()
    shown = not item.candidates or ({*item.candidates} <= offered and bool({*item.candidates} & {*first}))
    if (decision.kind.value, pile, given) == (item.decision, item.pile, dict(item.allocations)) and shown:
        return None
    return f"{item.case}, {item.number} {item.booked_on} {item.amount}: {decision.kind}, {decision.reason}"


def test_every_payment_is_decided_as_the_story_tells() -> None:
    expected = load_expectations()
    portal = json.loads((DATA / "portal.json").read_text("utf-8"))
    context = MatchContext(own_tax_ids=frozenset(expected.own_tax_ids), own_accounts=frozenset(expected.own_accounts))
    payments = payments_of(expected.own_accounts, expected.own_tax_ids)
    decisions = decide_all(payments, InMemoryBook(invoices_of(portal)), context)
    wanted = defaultdict(list)
    for item in expected.payments:
        wanted[(item.account, item.number, item.booked_on, item.amount)].append(item)
    faults = []
    for payment, decision in zip(payments, decisions, strict=True):
        place = (payment.own_account or "", payment.document_number or "", payment.booked_on, payment.amount)
        faults.append(wrong(wanted[place].pop(), decision))
    assert [fault for fault in faults if fault] == []

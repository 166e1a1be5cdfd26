"""The matcher, by itself, decides every payment of the demo as its story tells."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from connectors.bank.formats.client_bank_exchange import read_statement
from connectors.bank.statement import StatementLine
from hub.demo.expectations import Expectations, ExpectedPayment, load_expectations
from hub.demo.make import DATA
from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching.book import InMemoryBook
from hub.domain.matching.context import MatchContext
from hub.domain.matching.day import decide_all
from hub.domain.models import Client, Direction, Invoice, InvoiceStatus, Issued, Party, Payment, TaxId, TaxIdKind
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


def amo_invoices(account: dict[str, Any], names: Mapping[str, str]) -> list[Invoice]:
    accounts = {
        card["id"]: number
        for card in account["companies"]
        if (number := card["fields"].get("Юр. лицо", {}).get("bank_account_number"))
    }
    return [
        Invoice(
            id=names[str(item["id"])],
            number=item["name"].split("№")[1].split(" от ")[0],
            issued_on=datetime.strptime(item["name"].split(" от ")[1], "%d.%m.%Y").date(),
            amount=Money.of(item["price"], "RUB"),
            paid=Money.zero("RUB"),
            status=InvoiceStatus.OPEN,
            client=Client(
                f"amo {item['payer']['entity_id']}",
                (item["payer"]["name"],),
                (TaxId(TaxIdKind.RU_INN, item["payer"]["vat_id"]), TaxId(TaxIdKind.RU_KPP, item["payer"]["kpp"])),
                tuple(filter(None, [accounts.get(item["payer"]["entity_id"])])),
            ),
            organisation_tax_id=item["legal_entity"]["vat_id"],
            deals=tuple(str(lead) for lead in item["lead_ids"]),
        )
        for item in account["invoices"]
    ]


def sales_of(
    books: dict[str, Any], expected: Expectations, in_crms: Mapping[str, Invoice]
) -> tuple[list[Invoice], set[str]]:
    """The documents of 1C, each with what its twin in a CRM adds; and which twins they stand for."""
    documents = {item["Ref_Key"]: item for item in books["Document_СчетНаОплатуПокупателю"]}
    sellers = {item["Ref_Key"]: item["ИНН"] for item in books["Catalog_Организации"]}
    clients = {item["Ref_Key"]: item for item in books["Catalog_Контрагенты"]}
    found, twins = [], set[str]()
    for paper in expected.papers:
        document = documents[paper.key]
        card = clients[document["Контрагент_Key"]]
        accounts = [item["НомерСчета"] for item in books["Catalog_БанковскиеСчета"] if item["Owner"] == card["Ref_Key"]]
        tax_ids = (TaxId(TaxIdKind.RU_INN, card["ИНН"]),) if "ИНН" in card else ()
        own = Client(card["Ref_Key"], (card["Description"],), tax_ids, tuple(accounts))
        twin = next((in_crms[name] for name in paper.invoices), None)
        twins |= set(paper.invoices)
        found.append(
            Invoice(
                id=paper.number,
                number=paper.number,
                issued_on=date.fromisoformat(document["Date"][:10]),
                amount=Money.of(document["СуммаДокумента"], "RUB"),
                paid=Money.zero("RUB"),
                client=own if tax_ids or twin is None else twin.client,
                organisation_tax_id=sellers[document["Организация_Key"]],
                deals=paper.deals,
                from_accounting=True,
                also=(Issued(twin.number, twin.issued_on),) if twin is not None else (),
            )
        )
    return found, twins


def operations() -> list[dict[str, Any]]:
    """What the banks hold and what they tell by hook."""
    banks, hooks = (json.loads((DATA / name).read_text("utf-8")) for name in ("banks.json", "hooks.json"))
    held = [item for item in banks["operations"] if item.get("status") != "hold"]
    return held + [act["operation"] for act in hooks["acts"]]


def bank_payment(item: dict[str, Any], expected: Expectations) -> Payment:
    side = item["counterparty"]
    other = Party(side["name"], side["inn"] or None, side["kpp"] or None, side["account"], side["bic"])
    ours = Party(tax_id=expected.owners[item["account"]], account=item["account"])
    incoming = item["direction"] == "in"
    own = other.account in expected.own_accounts
    return Payment(
        id=f"{item['account']} {item['document_number']}",
        direction=Direction.SELF if own else Direction.IN if incoming else Direction.OUT,
        amount=Money.of(item["amount"], "RUB"),
        booked_on=date.fromisoformat(item["booked_at"][:10]),
        purpose=item["purpose"],
        payer=other if incoming else ours,
        payee=ours if incoming else other,
        own_account=item["account"],
        document_number=item["document_number"],
        document_date=date.fromisoformat(item["document_date"]),
        document_kind="Банковский ордер" if item["kind"] == "bank_order" else "Платежное поручение",
        organisation_tax_id=ours.tax_id,
    )


def payments_of(expected: Expectations) -> list[Payment]:
    """What files alone show, and what the banks tell."""
    told = [bank_payment(item, expected) for item in operations()]
    read = {payment.own_account for payment in told}
    filed = of_statements(expected.own_accounts, expected.own_tax_ids)
    return [*(payment for payment in filed if payment.own_account not in read), *told]


def of_statements(accounts: tuple[str, ...], tax_ids: tuple[str, ...]) -> list[Payment]:
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
    account = json.loads((DATA / "account.json").read_text("utf-8"))
    payments = payments_of(expected)
    assert len(payments) == len(expected.payments)
    in_portal = zip(portal["invoices"], invoices_of(portal), strict=True)
    in_account = zip(account["invoices"], amo_invoices(account, expected.invoices), strict=True)
    in_crms = {f"bitrix24 {item['id']}": invoice for item, invoice in in_portal}
    in_crms |= {f"amocrm {item['id']}": invoice for item, invoice in in_account}
    books = json.loads((DATA / "books.json").read_text("utf-8"))["objects"]
    papers, twins = sales_of(books, expected, in_crms)
    invoices = [*(invoice for name, invoice in in_crms.items() if name not in twins), *papers]
    decisions = decide_all(payments, InMemoryBook(invoices), context)
    wanted = defaultdict(list)
    for item in expected.payments:
        wanted[(item.account, item.number, item.booked_on, item.amount)].append(item)
    faults = []
    for payment, decision in zip(payments, decisions, strict=True):
        place = (payment.own_account or "", payment.document_number or "", payment.booked_on, payment.amount)
        faults.append(wrong(wanted[place].pop(), decision))
    assert [fault for fault in faults if fault] == []

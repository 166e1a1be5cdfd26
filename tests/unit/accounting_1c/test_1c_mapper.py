"""Rows of 1C as invoices, clients, contracts: each value, each of its absences."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.accounting_1c.mapper import (
    Contract,
    InvoiceMapper,
    Organisation,
    PaidPart,
    PaidState,
    Surroundings,
    account_of,
    amount_of_row,
    client_of,
    contract_of,
    is_folder,
    is_in_force,
    links_of,
    organisation_of,
)
from connectors.accounting_1c.names import Resolved, StatusNames
from connectors.shared.jsontypes import JsonObject
from hub.domain.models import Client, Invoice, InvoiceStatus, Reference, ReferenceKind, TaxId, TaxIdKind
from hub.domain.money import Money
from mappings.accounting import shipped_map
from tests.unit.accounting_1c.base import CLIENT, CONTRACT, NOBODY, ORG, RUB, guid, invoice

REF = guid(117)
TODAY = date(2026, 3, 10)
USD = guid(2, "e")
INVOICES = Resolved(
    "Document_СчетНаОплатуПокупателю",
    "Счет",
    {
        "number": "Number",
        "date": "Date",
        "organisation": "Организация_Key",
        "client": "Контрагент_Key",
        "contract": "ДоговорКонтрагента_Key",
        "amount": "СуммаДокумента",
        "currency": "ВалютаДокумента_Key",
        "cancelled": "Аннулирован",
        "identifier": "ИдентификаторПлатежа",
    },
)
NAMES = shipped_map("bp30").statuses
WORDS = StatusNames.model_validate(NAMES.model_dump()) if NAMES is not None else None
MAPPER = InvoiceMapper(INVOICES, WORDS, money_first_days=5, currency="RUB")
OURS = {ORG: Organisation("Ромашка", "7701234567", "770101001")}


def around(**values: Any) -> Surroundings:
    given: dict[str, Any] = {"today": TODAY, "organisations": OURS, "currencies": {RUB: "643", USD: "USD"}}
    return Surroundings(**(given | values))


def mapped(state: PaidState | None = None, surroundings: Surroundings | None = None, **values: Any) -> Invoice:
    found = MAPPER.invoice(REF, invoice(117, **values), state or PaidState(), surroundings or around())
    assert found is not None
    return found


def paid(amount: str, on: date = date(2026, 3, 1), status: str | None = None) -> PaidState:
    return PaidState((PaidPart(Decimal(amount), on),), status)


# Invoices


def test_an_invoice_has_every_value_of_its_row() -> None:
    found = mapped(
        paid("100.50"),
        around(
            clients={CLIENT: Client(CLIENT, ("Ель",), (TaxId(TaxIdKind.RU_INN, "7707083893"),))},
            contracts={CONTRACT: Contract("Д-7", date(2026, 1, 15), None)},
        ),
        ИдентификаторПлатежа="УИП-5",
    )
    assert found == Invoice(
        id=REF,
        number="АБ00-000117",
        issued_on=date(2026, 3, 2),
        amount=Money.of("48800", "RUB"),
        paid=Money.of("100.50", "RUB"),
        status=InvoiceStatus.OPEN,
        client=Client(CLIENT, ("Ель",)),
        organisation_tax_id="7701234567",
        references=(
            Reference(ReferenceKind.CONTRACT, "Д-7", date(2026, 1, 15)),
            Reference(ReferenceKind.ORDER, "УИП-5"),
        ),
        from_accounting=True,
        guid=REF,
    )


def test_requisites_stay_with_the_client() -> None:
    known = Client(CLIENT, ("Ель",), (TaxId(TaxIdKind.RU_INN, "7707083893"),), ("40702810900000012345",))
    assert mapped(surroundings=around(clients={CLIENT: known})).client == Client(CLIENT, ("Ель",))
    assert mapped().client == Client(CLIENT, ()), "a client who is not there keeps his reference"


def test_what_leads_nowhere_is_left_out() -> None:
    found = mapped(
        Number="", Date="0001-01-01T00:00:00", Организация_Key=guid(9, "b"), Контрагент_Key=NOBODY,
        ДоговорКонтрагента_Key=NOBODY,
    )  # fmt: skip
    assert (found.number, found.issued_on, found.organisation_tax_id, found.client) == (None, None, None, None)
    assert found.references == ()
    row = invoice(1, Организация_Key=NOBODY, Контрагент_Key=NOBODY, ДоговорКонтрагента_Key=NOBODY)
    assert MAPPER.organisation_reference(row) is None
    assert MAPPER.client_reference(row) is None
    assert MAPPER.contract_reference(row) is None


def test_references_are_read_by_their_own_names() -> None:
    row = invoice(1)
    assert MAPPER.organisation_reference(row) == ORG
    assert MAPPER.client_reference(row) == CLIENT
    assert MAPPER.contract_reference(row) == CONTRACT


def test_a_contract_without_a_number_says_nothing() -> None:
    found = mapped(surroundings=around(contracts={CONTRACT: Contract(None, date(2026, 1, 15), None)}))
    assert found.references == ()


@pytest.mark.parametrize(
    "values",
    [
        {"Posted": False},
        {"Posted": "true"},
        {"DeletionMark": True},
        {"СуммаДокумента": 0},
        {"СуммаДокумента": -5},
        {"СуммаДокумента": None},
        {"СуммаДокумента": "много"},
    ],
    ids=str,
)
def test_what_is_no_demand_for_money_is_no_invoice(values: dict[str, Any]) -> None:
    assert MAPPER.invoice(REF, invoice(117, **values), PaidState(), around()) is None


def test_a_document_is_in_force_when_it_is_posted_and_not_marked() -> None:
    assert is_in_force({"Posted": True})
    assert is_in_force({"Posted": True, "DeletionMark": False})
    assert not is_in_force({"Posted": True, "DeletionMark": True})
    assert not is_in_force({"DeletionMark": False})


@pytest.mark.parametrize(
    ("values", "contract", "currency"),
    [
        ({}, None, "RUB"),
        ({"ВалютаДокумента_Key": USD}, RUB, "USD"),
        ({}, USD, "USD"),
        ({"ВалютаДокумента_Key": guid(9, "e")}, USD, "USD"),
        ({"ВалютаДокумента_Key": NOBODY}, None, "RUB"),
    ],
)
def test_the_currency_is_the_documents_else_the_contracts_else_the_settings(
    values: dict[str, Any], contract: str | None, currency: str
) -> None:
    near = around(contracts={CONTRACT: Contract("Д-7", None, contract)})
    assert mapped(surroundings=near, **values).amount == Money.of(48800, currency)


def test_a_currency_that_nobody_knows_is_passed_over() -> None:
    near = around(currencies={RUB: "не валюта", USD: "840"}, contracts={CONTRACT: Contract("Д-7", None, USD)})
    assert mapped(surroundings=near, ВалютаДокумента_Key=RUB).amount.currency == "USD"
    euros = InvoiceMapper(INVOICES, WORDS, 5, "EUR")
    found = euros.invoice(REF, invoice(117, ВалютаДокумента_Key=RUB), PaidState(), around(currencies={RUB: "??"}))
    assert found is not None
    assert found.amount == Money.of(48800, "EUR")


# What 1C says of the money


def test_parts_add_up_and_the_newest_day_counts() -> None:
    state = PaidState((PaidPart(Decimal("1.10"), date(2026, 3, 4)), PaidPart(Decimal("2"), date(2026, 3, 1))))
    assert (state.amount, state.last_on) == (Decimal("3.10"), date(2026, 3, 4))
    assert (PaidState().amount, PaidState().last_on) == (Decimal(0), None)


def test_more_than_the_whole_is_the_whole() -> None:
    assert mapped(paid("48800.01")).paid == Money.of(48800, "RUB")
    assert mapped(paid("48800")).paid == Money.of(48800, "RUB")
    assert mapped(paid("48799.99")).paid == Money.of("48799.99", "RUB")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (PaidState(), InvoiceStatus.OPEN),
        (paid("48799.99"), InvoiceStatus.OPEN),
        (paid("48800", date(2026, 3, 6)), InvoiceStatus.OPEN),
        (paid("48800", date(2026, 3, 5)), InvoiceStatus.PAID),
        (paid("50000", date(2026, 3, 5)), InvoiceStatus.PAID),
        (PaidState((), "Оплачен"), InvoiceStatus.PAID),
        (PaidState((), "ОплаченЧастично"), InvoiceStatus.OPEN),
        (PaidState((), "НеОплачен"), InvoiceStatus.OPEN),
        (PaidState((), "Отменен"), InvoiceStatus.CANCELLED),
        (paid("48800", date(2026, 3, 1), "Отменен"), InvoiceStatus.CANCELLED),
        (paid("1", date(2026, 3, 6), "Оплачен"), InvoiceStatus.OPEN),
        (paid("1", date(2026, 3, 5), "Оплачен"), InvoiceStatus.PAID),
    ],
    ids=str,
)
def test_an_invoice_closes_five_days_after_its_newest_money(state: PaidState, status: InvoiceStatus) -> None:
    assert mapped(state).status is status


def test_an_annulled_document_is_cancelled() -> None:
    assert mapped(Аннулирован=True).status is InvoiceStatus.CANCELLED
    assert mapped(Аннулирован=False).status is InvoiceStatus.OPEN
    plain = InvoiceMapper(Resolved("x", "x", {"amount": "СуммаДокумента", "date": "Date"}), None, 5, "RUB")
    found = plain.invoice(REF, invoice(1), PaidState((), "Отменен"), around())
    assert found is not None
    assert found.status is InvoiceStatus.OPEN, "a configuration without states knows no word of theirs"
    assert found.number is None


@pytest.mark.parametrize(
    ("paid_on", "waits_from"),
    [
        (date(2026, 3, 8), date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 9)),
        (date(2026, 3, 7), date(2026, 3, 8)),
        (date(2026, 2, 6), date(2026, 3, 8)),
        (date(2026, 2, 5), date(2026, 2, 5)),
    ],
)
def test_money_of_the_weeks_before_the_first_reading_is_waited_for_from_that_reading(
    paid_on: date, waits_from: date
) -> None:
    near = around(began=date(2026, 3, 8), looks_back=timedelta(days=30))
    assert near.waits_from(paid_on) == waits_from
    status = InvoiceStatus.OPEN if waits_from + timedelta(days=5) > TODAY else InvoiceStatus.PAID
    assert mapped(paid("48800", paid_on), near).status is status


def test_without_a_first_reading_money_is_waited_for_from_its_day() -> None:
    assert around().waits_from(date(2020, 1, 1)) == date(2020, 1, 1)


# What rows refer to

CLIENTS = Resolved(
    "Catalog_Контрагенты",
    "Контрагенты",
    {"name": "Description", "full_name": "НаименованиеПолное", "inn": "ИНН", "kpp": "КПП", "is_folder": "IsFolder"},
)


def requisites(**values: Any) -> Client:
    row = {"Description": "Ель", "НаименованиеПолное": "ООО «Ель»", "ИНН": "7707083893", "КПП": "770701001", **values}
    return client_of(CLIENTS, CLIENT, row, ("40702810900000012345",))


def test_a_client_has_every_name_tax_id_and_account() -> None:
    assert requisites() == Client(
        CLIENT,
        ("Ель", "ООО «Ель»"),
        (TaxId(TaxIdKind.RU_INN, "7707083893"), TaxId(TaxIdKind.RU_KPP, "770701001")),
        ("40702810900000012345",),
    )
    assert requisites(НаименованиеПолное="Ель").names == ("Ель",)
    assert requisites(Description="", НаименованиеПолное="\u00a0").names == ()
    assert client_of(CLIENTS, CLIENT, {}).accounts == ()


@pytest.mark.parametrize(
    ("inn", "found"),
    [
        ("7707083893", [(TaxIdKind.RU_INN, "7707083893")]),
        (" 77 07083893 ", [(TaxIdKind.RU_INN, "7707083893")]),
        ("500100732259", [(TaxIdKind.RU_INN, "500100732259")]),
        ("101234567", [(TaxIdKind.BY_UNP, "101234567")]),
        ("77070838931", []),
        ("", []),
        (None, []),
    ],
)
def test_tax_ids_are_told_by_their_length(inn: str | None, found: list[tuple[TaxIdKind, str]]) -> None:
    assert [(item.kind, item.value) for item in requisites(ИНН=inn, КПП="").tax_ids] == found


@pytest.mark.parametrize(
    ("kpp", "found"),
    [
        ("7707 01 001", ["770701001"]),
        ("7707ab001", ["7707AB001"]),
        ("77070100", []),
        ("7707010011", []),
        ("7707АБ001", []),
        ("", []),
    ],
)
def test_a_kpp_is_nine_signs_of_its_own_shape(kpp: str, found: list[str]) -> None:
    assert [item.value for item in requisites(КПП=kpp).tax_ids if item.kind is TaxIdKind.RU_KPP] == found


def test_an_organisation_has_its_name_inn_and_kpp() -> None:
    row: JsonObject = {"Description": "Ромашка", "ИНН": "7701234567", "КПП": "770101001"}
    assert organisation_of(CLIENTS, row) == Organisation("Ромашка", "7701234567", "770101001")
    assert organisation_of(CLIENTS, {}) == Organisation("", None, None)
    assert organisation_of(CLIENTS, {"КПП": "770101001"}) == Organisation("", None, "770101001")


def test_only_what_says_so_is_a_folder() -> None:
    assert is_folder(CLIENTS, {"IsFolder": True})
    assert not is_folder(CLIENTS, {"IsFolder": False})
    assert not is_folder(CLIENTS, {})
    assert not is_folder(Resolved("x", "x", {}), {"IsFolder": True})


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("40702810900000012345", "40702810900000012345"),
        ("40702 810 9 00000012345", "40702810900000012345"),
        ("by36alfa30122345670010270000", "BY36ALFA30122345670010270000"),
        ("4070281090000001234", None),
        ("407028109000000123456", None),
        ("основной", None),
        ("", None),
    ],
)
def test_a_bank_account_is_a_number_of_its_kind(number: str, found: str | None) -> None:
    assert account_of(Resolved("x", "x", {"number": "НомерСчета"}), {"НомерСчета": number}) == found


def test_a_contract_has_its_number_day_and_currency() -> None:
    of = Resolved("x", "x", {"number": "Номер", "date": "Дата", "currency": "Валюта_Key"})
    row: JsonObject = {"Номер": "Д-7", "Дата": "2026-01-15T00:00:00", "Валюта_Key": RUB}
    assert contract_of(of, row) == Contract("Д-7", date(2026, 1, 15), RUB)
    assert contract_of(of, {"Номер": "", "Дата": "0001-01-01T00:00:00"}) == Contract(None, None, None)
    assert contract_of(Resolved("x", "x", {}), row) == Contract(None, None, None)


# Rows of payments

ROWS = Resolved(
    "x", "x", {"link": "СчетНаОплату", "amount": "СуммаПлатежа", "settled": "СуммаВзаиморасчетов"},
    frozenset({"СчетНаОплату"}),
)  # fmt: skip
TARGET = INVOICES.set


def link(reference: str, kind: str = TARGET) -> dict[str, Any]:
    return {"СчетНаОплату": reference, "СчетНаОплату_Type": f"StandardODATA.{kind}"}


def test_a_row_puts_the_sum_of_the_settlement_to_its_invoice() -> None:
    assert amount_of_row(ROWS, {"СуммаПлатежа": Decimal(10), "СуммаВзаиморасчетов": Decimal(900)}) == 900
    assert amount_of_row(ROWS, {"СуммаПлатежа": Decimal(10), "СуммаВзаиморасчетов": Decimal(0)}) == 10
    assert amount_of_row(ROWS, {"СуммаПлатежа": "10.50"}) == Decimal("10.50")
    assert amount_of_row(ROWS, {}) == 0
    assert amount_of_row(Resolved("x", "x", {"amount": "Сумма"}), {"Сумма": 7, "СуммаВзаиморасчетов": 9}) == 7


def test_a_payment_names_each_of_its_invoices_once_and_nothing_else() -> None:
    rows = [link(guid(2)), link(guid(1)), link(guid(2)), link(guid(3), "Document_Договор"), link(NOBODY), {}]
    assert links_of(ROWS, rows, TARGET) == (guid(2), guid(1))

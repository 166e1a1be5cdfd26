"""Rows of a portal as the hub knows them: every word of deals, invoices, clients and plans, and where it goes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.mapper import (
    COMPANY,
    CONTACT,
    Mapper,
    client_id,
    client_key,
    client_of,
    field_text,
    pipeline_of,
    printed_date,
    printed_moment,
    stage_kind,
)
from connectors.bitrix24.schemas import BankDetailRow, CategoryRow, ItemRow, RequisiteRow, StatusRow
from hub.domain.models import Client, Deal, Invoice, InvoiceStatus, Pipeline, Stage, StageKind, TaxId, TaxIdKind
from hub.domain.money import Money, MoneyError

BASE = {"webhook_url": "https://acme.bitrix24.ru/rest/1/secret/"}
VECTOR = Client("CO_4", ("Вектор",))


def rub(amount: str) -> Money:
    return Money.of(amount, "RUB")


def mapper(**settings: Any) -> Mapper:
    return Mapper(Bitrix24Config.model_validate(BASE | settings))


def item(**parts: Any) -> ItemRow:
    return ItemRow.model_validate({"id": 7} | parts)


# Plans and dates


def status(id_: str, name: str, sort: int, **parts: Any) -> StatusRow:
    return StatusRow.model_validate({"STATUS_ID": id_, "NAME": name, "SORT": sort} | parts)


def test_a_pipeline_is_in_the_portals_order() -> None:
    rows = [
        status("SHIP", "Отгрузка", 20),
        status("WON", "Успех", 40, SEMANTICS="S"),
        status("LOSE", "Провал", 50, EXTRA={"SEMANTICS": "failure"}),
        status("NEW", "Новая", 10, SEMANTICS="P"),
    ]
    assert pipeline_of(CategoryRow(id=0, name="Продажи"), iter(rows)) == Pipeline(
        "0",
        "Продажи",
        (
            Stage("NEW", "Новая", 0, StageKind.OPEN),
            Stage("SHIP", "Отгрузка", 1, StageKind.OPEN),
            Stage("WON", "Успех", 2, StageKind.WON),
            Stage("LOSE", "Провал", 3, StageKind.LOST),
        ),
    )


@pytest.mark.parametrize(
    ("semantic", "details", "kind"),
    [
        ("S", None, StageKind.WON),
        ("F", {"SEMANTICS": "success"}, StageKind.LOST),
        ("", {"SEMANTICS": "success"}, StageKind.WON),
        ("", {"SEMANTICS": "apology"}, StageKind.LOST),
        ("", {"SEMANTICS": "process"}, StageKind.OPEN),
        ("", {}, StageKind.OPEN),
        ("", [], StageKind.OPEN),
        ("P", None, StageKind.OPEN),
    ],
)
def test_a_stage_means_what_its_semantics_say(semantic: str, details: object, kind: StageKind) -> None:
    assert stage_kind(semantic, details) is kind


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-15T03:00:00+03:00", date(2026, 1, 15)),
        (" 2026-01-15 ", date(2026, 1, 15)),
        (" 15.01.2026 10:00:00", date(2026, 1, 15)),
        ("32.01.2026", None),
        ("15.01.26", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_it_is_shown(text: str, day: date | None) -> None:
    assert printed_date(text) == day


def test_a_moment_without_a_zone_is_none() -> None:
    assert printed_moment("2026-01-15T03:00:00+03:00") == datetime(2026, 1, 15, tzinfo=UTC)
    assert printed_moment("2026-01-15T03:00:00") is None
    assert printed_moment("") is None


# Clients


def test_a_client_is_the_company_where_there_is_one() -> None:
    assert client_id("4", "8") == "CO_4"
    assert client_id("", "8") == "C_8"
    assert client_id("", "") is None
    assert (client_key(COMPANY, 4), client_key(CONTACT, 8)) == ("CO_4", "C_8")


def requisite(id_: int = 1, **parts: str) -> RequisiteRow:
    return RequisiteRow.model_validate({"id": id_, "entity_type_id": COMPANY, "entity_id": 4} | parts)


def bank(requisite_id: int = 1, **parts: str) -> BankDetailRow:
    return BankDetailRow.model_validate({"id": 1, "requisite_id": requisite_id} | parts)


def test_a_company_has_every_name_tax_id_and_account_of_its_active_requisites_once() -> None:
    requisites = [
        requisite(1, company_name="ООО  Вектор ", company_full_name="Вектор", inn="77 01234567", kpp="7701 01001"),
        requisite(2, active="N", company_name="Старый", inn="7700000016"),
        requisite(
            3, last_name="Петров", first_name=" Иван ", second_name="Ильич", person_name="ИП Петров", inn="190275968"
        ),
        requisite(4, inn="7701234567", bin="123456789012", iin=" 987654321098 "),
    ]
    accounts = [
        bank(1, account="4070 2810 a", iban="KZ12"),
        bank(2, account="1"),
        bank(4, account="2", active="N"),
        bank(9, account="3"),
        bank(4, account="40702810A"),
    ]
    assert client_of(COMPANY, item(id=4, title="Вектор", name="Не нужно"), iter(requisites), iter(accounts)) == Client(
        "CO_4",
        ("Вектор", "ООО Вектор", "ИП Петров", "Петров Иван Ильич"),
        (
            TaxId(TaxIdKind.RU_INN, "7701234567"),
            TaxId(TaxIdKind.RU_KPP, "770101001"),
            TaxId(TaxIdKind.BY_UNP, "190275968"),
            TaxId(TaxIdKind.KZ_BIN, "123456789012"),
            TaxId(TaxIdKind.KZ_IIN, "987654321098"),
        ),
        ("40702810A", "KZ12"),
    )


def test_a_contact_is_called_by_the_parts_of_its_name() -> None:
    row = item(id=8, title="Не нужно", lastName="Петров", name="Иван", secondName="Ильич")
    assert client_of(CONTACT, row, (), ()) == Client("C_8", ("Петров Иван Ильич",))


# Deals


def test_every_word_of_a_deal_has_its_place() -> None:
    row = item(
        title="Сделка",
        categoryId=3,
        stageId="C3:NEW",
        opportunity="125000.50",
        currencyId="USD",
        companyId=4,
        contactId=8,
        assignedById=17,
        movedBy=18,
        ufCrm1="Д-1",
        ufCrm2="",
    )
    assert mapper(deal_fields={"contract": "ufCrm1", "empty": "ufCrm2"}).deal(row, StageKind.OPEN) == Deal(
        id="7",
        title="Сделка",
        pipeline_id="3",
        stage_id="C3:NEW",
        stage_kind=StageKind.OPEN,
        amount=Money.of("125000.50", "USD"),
        client_id="CO_4",
        responsible_id="17",
        moved_by="18",
        fields={"contract": "Д-1"},
    )


def test_what_a_deal_leaves_out_is_empty() -> None:
    found = mapper().deal(item(categoryId="", assignedById=0), StageKind.WON)
    assert found == Deal("7", "", "0", "", StageKind.WON, rub("0"))
    assert mapper().deal(item(contactId=8), StageKind.OPEN).client_id == "C_8"


def test_a_sum_beyond_all_money_is_none() -> None:
    assert mapper().deal(item(opportunity=Decimal(10**15)), StageKind.OPEN).amount is None
    assert mapper().deal(item(opportunity=5, currencyId="?"), StageKind.OPEN).amount is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" Д-1 ", "Д-1"),
        (12, "12"),
        (["а", "б"], "а"),
        ([], ""),
        ([None], ""),
        (None, ""),
        (True, ""),
        ({"a": 1}, ""),
    ],
)
def test_a_user_field_is_read_as_text(value: object, text: str) -> None:
    assert field_text(item(ufCrm1=value), "ufCrm1") == text
    assert field_text(item(ufCrm1=value), None) == ""


# Smart invoices


@pytest.mark.parametrize(
    ("kind", "status", "paid"),
    [
        (StageKind.OPEN, InvoiceStatus.OPEN, "0"),
        (StageKind.WON, InvoiceStatus.PAID, "125000.50"),
        (StageKind.LOST, InvoiceStatus.CANCELLED, "0"),
    ],
)
def test_every_word_of_a_smart_invoice_has_its_place(kind: StageKind, status: InvoiceStatus, paid: str) -> None:
    row = item(
        title="Счет №7",
        accountNumber="А-7",
        begindate="2026-01-15T03:00:00+03:00",
        closedate="2026-01-22T03:00:00+03:00",
        opportunity="125000.50",
        parentId2=70,
        xmlId="{7C5B2E8A-2F5D-11F0-9A4B-00155D0A0B0C}",
    )
    assert mapper().smart_invoice(row, kind, VECTOR, "7700000023") == Invoice(
        id="7",
        number="А-7",
        issued_on=date(2026, 1, 15),
        due_on=date(2026, 1, 22),
        amount=rub("125000.50"),
        paid=rub(paid),
        status=status,
        client=VECTOR,
        organisation_tax_id="7700000023",
        deals=("70",),
        guid="7c5b2e8a-2f5d-11f0-9a4b-00155d0a0b0c",
    )


def test_a_smart_invoice_without_a_number_has_that_of_its_title() -> None:
    found = mapper(default_currency="KZT").smart_invoice(
        item(title="Счет №7", opportunity=5), StageKind.WON, None, None
    )
    assert (found.number, found.amount, found.paid, found.deals) == ("7", *[Money.of("5", "KZT")] * 2, ())
    with pytest.raises(MoneyError):
        mapper().smart_invoice(item(opportunity=Decimal(10**15)), StageKind.OPEN, None, None)
    dollars = mapper().smart_invoice(item(opportunity=5, currencyId="USD"), StageKind.OPEN, None, None)
    assert (dollars.amount, dollars.paid) == (Money.of("5", "USD"), Money.of("0", "USD"))


# Invoices in deals

IN_FIELDS: dict[str, Any] = {"number": "ufNumber", "date": "ufDate", "amount": "ufAmount"}


def in_fields(row: ItemRow, kind: StageKind = StageKind.OPEN, **fields: Any) -> Invoice | None:
    settings = {"source": "deal_fields", "fields": IN_FIELDS | fields}
    return mapper(invoices=settings).deal_invoice(row, kind, VECTOR)


@pytest.mark.parametrize(
    ("kind", "status", "paid"),
    [
        (StageKind.OPEN, InvoiceStatus.OPEN, "0"),
        (StageKind.WON, InvoiceStatus.PAID, "1250.50"),
        (StageKind.LOST, InvoiceStatus.CANCELLED, "0"),
    ],
)
def test_every_word_of_an_invoice_in_fields_has_its_place(kind: StageKind, status: InvoiceStatus, paid: str) -> None:
    row = item(ufNumber="12", ufDate="2026-01-15", ufAmount="1250.50|RUB", opportunity=100)
    assert in_fields(row, kind) == Invoice(
        id="D_7",
        number="12",
        issued_on=date(2026, 1, 15),
        amount=rub("1250.50"),
        paid=rub(paid),
        status=status,
        client=VECTOR,
        deals=("7",),
        markable=False,
    )


def test_a_deal_may_be_its_own_invoice() -> None:
    found = mapper(invoices={"source": "deal"}).deal_invoice(item(opportunity=100), StageKind.OPEN, None)
    assert found == Invoice("D_7", None, None, rub("100"), rub("0"), deals=("7",), markable=False)


@pytest.mark.parametrize(
    ("parts", "amount"),
    [
        ({"ufAmount": "1 250,50"}, rub("1250.50")),
        # As print-outs write it: with spaces that do not break.
        ({"ufAmount": "1\u00a0250,50"}, rub("1250.50")),
        ({"ufAmount": "5|USD", "currencyId": "EUR"}, Money.of("5", "USD")),
        ({"ufAmount": "5|", "currencyId": "EUR"}, Money.of("5", "EUR")),
        ({"ufAmount": "5"}, rub("5")),
        ({"ufAmount": "", "opportunity": 100, "currencyId": "EUR"}, Money.of("100", "EUR")),
        ({"opportunity": 100}, rub("100")),
        ({"ufAmount": "много"}, None),
        ({"ufAmount": "0"}, None),
        ({"ufAmount": "-5"}, None),
        ({"ufNumber": "", "ufAmount": "5"}, None),
        ({}, None),
    ],
)
def test_an_invoice_in_fields_has_a_number_and_a_sum(parts: dict[str, Any], amount: Money | None) -> None:
    found = in_fields(item(**{"ufNumber": "12"} | parts))
    assert (found.amount if found is not None else None) == amount


def test_a_field_of_the_sum_or_the_day_that_is_not_named_is_not_read() -> None:
    found = in_fields(item(ufNumber="12", ufAmount="5", ufDate="2026-01-15", opportunity=100), amount=None, date=None)
    assert found is not None
    assert (found.amount, found.issued_on) == (rub("100"), None)


def test_user_fields_that_the_settings_name_are_listed_once() -> None:
    settings = {"source": "deal_fields", "fields": IN_FIELDS | {"amount": "ufOther"}}
    named = mapper(invoices=settings, deal_fields={"a": "ufOther", "b": "ufMore"}).user_fields
    assert named == ["ufOther", "ufMore", "ufNumber", "ufDate"]

"""Cards of an account as the hub knows them: every word of deals, invoices, clients and plans, and where it goes."""

from __future__ import annotations

import json
from datetime import date, timedelta, timezone
from typing import Any

import pytest

from connectors.amocrm.config import AmoConfig
from connectors.amocrm.fields import Choice
from connectors.amocrm.mapper import (
    Mapper,
    client_of,
    enum_of,
    invoice_pipeline,
    is_paid,
    owner_of,
    pipeline_of,
    position_of,
    stage_kind,
)
from connectors.amocrm.schemas import CatalogRow, ElementRow, EnumRow, FieldRow, LeadRow, OwnerRow, PipelineRow
from connectors.shared.jsontypes import parse_json
from hub.domain.models import Client, Deal, Invoice, InvoiceStatus, Pipeline, Stage, StageKind, TaxId, TaxIdKind
from hub.domain.money import Money
from hub.ports.crm import Position

MOSCOW = timezone(timedelta(hours=3))
BASE = {"address": "https://acme.amocrm.ru", "token": "x.y.z"}
#: 31 December 2025, 22:00 in London: the first of January in Moscow.
NEW_YEAR_S = 1767218400
ENUMS = [EnumRow(id=1, value="Создан", code="created"), EnumRow(id=2, value="Оплачен", code="paid")]
VECTOR = Client("CO_4", ("Вектор",), (TaxId(TaxIdKind.RU_INN, "7701234567"),), ("40702810",))


def rub(amount: str) -> Money:
    return Money.of(amount, "RUB")


def wire(document: dict[str, Any]) -> Any:
    return parse_json(json.dumps(document).encode())


def mapper(zone: timezone | None = MOSCOW, **settings: Any) -> Mapper:
    config = AmoConfig.model_validate(BASE | settings)
    return Mapper(config, "RUB", zone) if zone is not None else Mapper(config, "RUB")


def field(code: str, *values: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"field_id": 9, "field_code": code, "values": list(values), **parts}


def named(name: str, *values: str) -> dict[str, Any]:
    return {"field_id": 9, "field_name": name, "values": [{"value": value} for value in values]}


def lead(*values: dict[str, Any], **parts: Any) -> LeadRow:
    return LeadRow.model_validate(wire({"id": 7, "custom_fields_values": list(values), **parts}))


def owner(*values: dict[str, Any], **parts: Any) -> OwnerRow:
    return OwnerRow.model_validate(wire({"id": 4, "custom_fields_values": list(values), **parts}))


def element(*values: dict[str, Any], **parts: Any) -> ElementRow:
    base = {"id": 5, "name": "Счет №7", "custom_fields_values": list(values)}
    return ElementRow.model_validate(wire(base | parts))


PRICE = field("BILL_PRICE", {"value": "125000.50"})


# Plans


def test_a_pipeline_is_in_the_accounts_order() -> None:
    statuses = [
        {"id": 61002, "name": "Счёт выставлен", "sort": 20},
        {"id": 142, "name": "Успешно", "sort": 10000},
        {"id": 143, "name": "Не реализовано", "sort": 11000},
        {"id": 61001, "name": "Первичный контакт", "sort": 10},
    ]
    row = PipelineRow.model_validate({"id": 9001, "name": "Продажи", "_embedded": {"statuses": statuses}})
    assert pipeline_of(row) == Pipeline(
        "9001",
        "Продажи",
        (
            Stage("61001", "Первичный контакт", 0, StageKind.OPEN),
            Stage("61002", "Счёт выставлен", 1, StageKind.OPEN),
            Stage("142", "Успешно", 2, StageKind.WON),
            Stage("143", "Не реализовано", 3, StageKind.LOST),
        ),
    )


def test_states_of_an_invoice_are_in_the_accounts_order() -> None:
    enums = [
        {"id": 3, "value": "Оплачен", "sort": 30},
        {"id": 1, "value": "Создан", "sort": 10, "code": "created"},
        {"id": 2, "value": "Bezahlt", "sort": 20, "code": "paid"},
    ]
    status = FieldRow.model_validate({"id": 90, "enums": enums})
    assert invoice_pipeline(CatalogRow(id=7301, name="Счета"), status) == Pipeline(
        "7301",
        "Счета",
        (
            Stage("1", "Создан", 0, StageKind.OPEN),
            Stage("2", "Bezahlt", 1, StageKind.WON),
            Stage("3", "Оплачен", 2, StageKind.WON),
        ),
    )


@pytest.mark.parametrize(
    ("stage", "kind"), [("142", StageKind.WON), ("143", StageKind.LOST), ("144", StageKind.OPEN), ("", StageKind.OPEN)]
)
def test_won_and_lost_have_fixed_numbers(stage: str, kind: StageKind) -> None:
    assert stage_kind(stage) is kind


@pytest.mark.parametrize(
    ("code", "name", "paid"),
    [
        ("paid_in_advance", "", True),
        ("", "Оплачен  в\tаванс", True),
        ("", "PAID", True),
        ("", "paid in advance", True),
        ("", "Частично оплачен", False),
        ("partially_paid", "Оплачен", False),
    ],
)
def test_what_means_paid(code: str, name: str, paid: bool) -> None:
    assert is_paid(code, name) is paid


def test_a_choice_is_found_by_number_before_code_and_by_code_before_text() -> None:
    enums = [EnumRow(id=1, value="Создан", code="a"), EnumRow(id=2, value="ОПЛАЧЕН", code="b")]
    assert enum_of(Choice("1", "b", "оплачен"), iter(enums)) is enums[0]
    assert enum_of(Choice("9", "b", "создан"), enums) is enums[1]
    assert enum_of(Choice("", "", "Оплачен"), enums) is enums[1]
    assert enum_of(Choice("9", "z", "нет"), enums) is None


# Clients


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ({"companies": [{"id": 4}, {"id": 5}], "contacts": [{"id": 8}]}, ("companies", 4)),
        ({"contacts": [{"id": 8}, {"id": 9, "is_main": True}]}, ("contacts", 9)),
        ({"contacts": [{"id": 8}, {"id": 9}]}, ("contacts", 8)),
        ({}, None),
    ],
)
def test_a_deals_client_is_its_company_else_its_main_contact(bound: dict[str, Any], expected: object) -> None:
    assert owner_of(lead(_embedded=bound)) == expected


PLACES = AmoConfig.model_validate(
    BASE | {"requisites": {"inn": ["инн"], "kpp": ["кпп"], "inn_kpp": ["инн/кпп"], "account": ["р/с"]}}
).requisites


def test_a_client_has_every_name_tax_id_and_account_of_its_card_once() -> None:
    entity = {"name": " ООО  Ель ", "vat_id": "7701234567", "kpp": "770101001", "bank_account_number": "4070 2810 a"}
    other = {"name": "Ель", "vat_id": "7701234567", "bin": "123456789012"}
    row = owner(
        field("X", {"value": entity}, field_type="legal_entity"),
        field("Y", {"value": other}, field_type="legal_entity"),
        named("Р/с", "4070 2810 А", "4080 2810"),
        name="Ель",
        last_name="Не",
        first_name="Нужно",
    )
    assert client_of("companies", row, PLACES) == Client(
        "CO_4",
        ("Ель", "ООО Ель"),
        (
            TaxId(TaxIdKind.RU_INN, "7701234567"),
            TaxId(TaxIdKind.RU_KPP, "770101001"),
            TaxId(TaxIdKind.KZ_BIN, "123456789012"),
        ),
        ("40702810A", "40702810А", "40802810"),
    )


def test_a_person_without_a_name_is_called_by_both_parts_of_it() -> None:
    found = client_of("contacts", owner(last_name="Петров", first_name="Иван"), PLACES)
    assert (found.id, found.names) == ("C_4", ("Петров Иван",))
    assert client_of("contacts", owner(last_name="Петров"), PLACES).names == ("Петров",)
    assert client_of("contacts", owner(), PLACES).names == ()


INN, INN_IP, UNP, KPP = "7701234567", "500100732259", "190275968", "770101001"


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (named("ИНН", "77 0123 4567"), [TaxId(TaxIdKind.RU_INN, INN)]),
        (named("ИНН", INN_IP), [TaxId(TaxIdKind.RU_INN, INN_IP)]),
        (named("ИНН", UNP), [TaxId(TaxIdKind.BY_UNP, UNP)]),
        (named("ИНН", "77012345678", "7701", "x" * 10, "٣" * 10), []),
        (named("КПП", "7701 01001"), [TaxId(TaxIdKind.RU_KPP, KPP)]),
        (named("КПП", "7701010019", "x" * 9, "٣" * 9), []),
        (named("ИНН/КПП", f"{INN} / {KPP}"), [TaxId(TaxIdKind.RU_INN, INN), TaxId(TaxIdKind.RU_KPP, KPP)]),
        (named("ИНН/КПП", INN_IP), [TaxId(TaxIdKind.RU_INN, INN_IP)]),
        (named("ИНН/КПП", f"/{KPP}"), [TaxId(TaxIdKind.RU_KPP, KPP)]),
        (named("ИНН/КПП", f"{INN}/"), [TaxId(TaxIdKind.RU_INN, INN)]),
        (named("ИНН/КПП", f"{INN}-{KPP}", f"{UNP}/12", "x" * 10 + "/" + "y" * 9, f"{'٣' * 10}/{'٣' * 9}"), []),
    ],
)
def test_requisites_in_plain_fields_are_taken_where_they_can_be_some(card: dict[str, Any], expected: list[Any]) -> None:
    assert list(client_of("companies", owner(card), PLACES).tax_ids) == expected


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        ({"vat_id": INN}, [TaxId(TaxIdKind.RU_INN, INN)]),
        ({"unp": UNP}, [TaxId(TaxIdKind.BY_UNP, UNP)]),
        ({"vat_id": "DE123", "bin": "x"}, []),
        ({"vat_id": "²" * 10, "bin": "²" * 12}, []),
        ({"kpp": KPP}, [TaxId(TaxIdKind.RU_KPP, KPP)]),
        ({"bin": "123456789012"}, [TaxId(TaxIdKind.KZ_BIN, "123456789012")]),
    ],
)
def test_requisites_of_the_vendors_own_field_are_taken(entity: dict[str, Any], expected: list[Any]) -> None:
    row = owner(field("X", {"value": entity}, field_type="legal_entity"))
    assert list(client_of("companies", row, PLACES).tax_ids) == expected


# Deals


def test_every_word_of_a_deal_has_its_place() -> None:
    row = lead(
        named("Договор", "Д-1"),
        named("Пусто", ""),
        name="Сделка",
        pipeline_id=9001,
        status_id=142,
        price=125000,
        responsible_user_id=17,
        updated_by=18,
        _embedded={"companies": [{"id": 4}]},
    )
    assert position_of(row) == Position("9001", "142")
    assert mapper(deal_fields={"contract": "договор", "empty": "пусто"}).deal(row) == Deal(
        id="7",
        title="Сделка",
        pipeline_id="9001",
        stage_id="142",
        stage_kind=StageKind.WON,
        amount=rub("125000"),
        client_id="CO_4",
        responsible_id="17",
        moved_by="18",
        fields={"contract": "Д-1"},
    )


@pytest.mark.parametrize("nobody", [None, 0, ""])
def test_what_a_deal_leaves_out_is_empty(nobody: object) -> None:
    found = mapper().deal(lead(name="x", updated_by=nobody))
    assert (found.amount, found.client_id, found.responsible_id, found.moved_by, found.fields) == (
        *(None, None, None, None),
        {},
    )


def invoice(amount: str) -> Invoice:
    return Invoice("5", "7", None, rub(amount), rub("0"))


@pytest.mark.parametrize(
    ("price", "exact", "asked", "amount"),
    [
        (125001, None, ["125000.50"], "125000.50"),
        (125000, None, ["125000.49"], "125000.49"),
        (100, None, ["60.30", "39.60"], "99.90"),
        (100, None, ["99.01"], "99.01"),
        (100, None, ["99.00"], "100"),
        (100, None, ["101.00"], "100"),
        (100, None, [], "100"),
        (100, 100.25, ["100.30"], "100.25"),
        (100, 0, ["100.30"], None),
        (0, None, ["0.50"], None),
        (0, 10.1, [], "10.10"),
    ],
)
def test_a_sum_that_the_account_rounded_is_that_of_the_invoices(
    price: int, exact: float | None, asked: list[str], amount: str | None
) -> None:
    row = lead(price=price, price_with_minor_units=exact)
    found = mapper().deal(row, [invoice(sum_) for sum_ in asked]).amount
    assert found == (rub(amount) if amount is not None else None)


def test_a_sum_beyond_all_money_is_none() -> None:
    assert mapper().deal(lead(price=10**15)).amount is None


# Invoices of the list


@pytest.mark.parametrize(
    ("status", "paid"),
    [
        ({"enum_id": 2}, True),
        ({"enum_id": 1}, False),
        ({"enum_id": 99, "enum_code": "paid_in_advance", "value": "x"}, True),
        ({"enum_id": 99, "value": "Оплачен"}, True),
    ],
)
def test_every_word_of_an_invoice_has_its_place(status: dict[str, Any], paid: bool) -> None:
    row = element(
        PRICE,
        field("BILL_STATUS", status),
        field("PAYER", {"value": {"name": "ООО Ель", "entity_type": "contacts", "entity_id": 8, "vat_id": INN}}),
        field("LEGAL_ENTITY", {"value": {"name": "ООО Мы", "vat_id": "7700000023"}}),
        name="Счет №7 от 15.01.2026",
        created_at=NEW_YEAR_S,
    )
    amount = rub("125000.50")
    assert mapper().element(row, ENUMS, VECTOR) == Invoice(
        id="5",
        number="7",
        issued_on=date(2026, 1, 15),
        amount=amount,
        paid=amount if paid else rub("0"),
        status=InvoiceStatus.PAID if paid else InvoiceStatus.OPEN,
        client=Client("C_8", ("ООО Ель",), (TaxId(TaxIdKind.RU_INN, INN),)),
        organisation_tax_id="7700000023",
        bound_by_deal=True,
    )


def test_an_invoice_that_names_no_payer_asks_the_client_given() -> None:
    found = mapper().element(element(PRICE, field("LEGAL_ENTITY", {"value": {"name": "Мы"}})), ENUMS, VECTOR)
    assert (found.client, found.organisation_tax_id, found.status) == (VECTOR, None, InvoiceStatus.OPEN)


def test_an_invoice_is_of_the_day_that_it_was_made_where_its_name_says_none() -> None:
    row = element(PRICE, created_at=NEW_YEAR_S)
    assert mapper().element(row, ENUMS, None).issued_on == date(2026, 1, 1)
    # Without a zone a day is London's.
    assert mapper(None).element(row, ENUMS, None).issued_on == date(2025, 12, 31)
    assert mapper().element(element(PRICE, created_at=0), ENUMS, None).issued_on is None


@pytest.mark.parametrize(
    ("payer", "expected"),
    [
        ({"entity_id": 4}, Client("CO_4")),
        ({"entity_id": 4, "entity_type": "contacts"}, Client("C_4")),
        ({"entity_id": "4", "entity_type": "companies"}, Client("CO_4")),
        ({"name": "Ель"}, Client("", ("Ель",))),
        ({"vat_id": INN}, Client("", (), (TaxId(TaxIdKind.RU_INN, INN),))),
        (
            {"entity_id": 4, "vat_id": UNP, "kpp": KPP, "bin": "12", "bank_account_number": "40 70 a"},
            Client(
                "CO_4",
                (),
                (TaxId(TaxIdKind.BY_UNP, UNP), TaxId(TaxIdKind.RU_KPP, KPP), TaxId(TaxIdKind.KZ_BIN, "12")),
                ("4070A",),
            ),
        ),
        ({"kpp": KPP}, None),
        ({"entity_id": "²"}, None),
        ({}, None),
    ],
)
def test_whom_an_invoice_asks(payer: dict[str, Any], expected: Client | None) -> None:
    assert mapper().payer(element(field("PAYER", {"value": payer}))) == expected


def test_an_invoice_without_the_field_asks_nobody() -> None:
    assert mapper().payer(element(PRICE)) is None


@pytest.mark.parametrize(
    ("pattern", "name", "number"),
    [
        (None, "Счет №7", "7"),
        (r"Заказ (\S+)", "Заказ A-7 от", "A-7"),
        (r"Заказ(\s*)", "Заказ  ", None),
        (r"Заказ( \d+)?", "Заказ", None),
        (r"Заказ( \d+) ", "Заказ 12 ", "12"),
        (r"Заказ (\d+)", "Счет №7", None),
    ],
)
def test_the_company_may_say_how_a_number_looks(pattern: str | None, name: str, number: str | None) -> None:
    assert mapper(invoices={"number_pattern": pattern}).number(name) == number


# Invoices in deals

IN_FIELDS = {
    "source": "deal_fields",
    "fields": {"number": ["номер счёта"], "date": ["дата счёта"], "amount": ["сумма счёта"]},
}


def deal_with(number: str = "12", day: str = "15.01.2026", amount: str = "", **parts: Any) -> LeadRow:
    cards = (named("Номер счёта", number), named("Дата счёта", day), named("Сумма счёта", amount))
    return lead(*cards, price=100, status_id=61001, **parts)


def in_fields(row: LeadRow, client: Client | None = None) -> Invoice | None:
    return mapper(invoices=IN_FIELDS).deal_invoice(row, client)


def test_every_word_of_an_invoice_in_fields_has_its_place() -> None:
    assert in_fields(deal_with(amount="1 250,50"), VECTOR) == Invoice(
        id="D_7",
        number="12",
        issued_on=date(2026, 1, 15),
        amount=rub("1250.50"),
        paid=rub("0"),
        status=InvoiceStatus.OPEN,
        client=Client("CO_4", ("Вектор",)),
        deals=("7",),
        markable=False,
    )


@pytest.mark.parametrize(
    ("stage", "status", "paid"),
    [
        ("142", InvoiceStatus.PAID, "100"),
        ("143", InvoiceStatus.CANCELLED, "0"),
        ("61001", InvoiceStatus.OPEN, "0"),
    ],
)
def test_a_deal_that_is_its_own_invoice_stands_as_the_deal_does(stage: str, status: InvoiceStatus, paid: str) -> None:
    row = lead(named("Номер счёта", "12"), price=100, status_id=stage)
    found = mapper(invoices={"source": "deal"}).deal_invoice(row, None)
    assert found == Invoice("D_7", None, None, rub("100"), rub(paid), status, client=None, deals=("7",), markable=False)


@pytest.mark.parametrize(
    ("row", "amount"),
    [
        (deal_with(), rub("100")),
        (deal_with(price_with_minor_units=100.25), rub("100.25")),
        (deal_with(amount="125 000,50"), rub("125000.50")),
        (deal_with(amount="много"), None),
        (deal_with(amount="0"), None),
        (deal_with(amount="-5"), None),
        (deal_with(number=""), None),
        (deal_with(price_with_minor_units=0), None),
    ],
)
def test_an_invoice_in_fields_has_a_number_and_a_sum(row: LeadRow, amount: Money | None) -> None:
    found = in_fields(row)
    assert (found.amount if found is not None else None) == amount


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (str(NEW_YEAR_S), date(2026, 1, 1)),
        ("100000000", date(1973, 3, 3)),
        ("15.01.2026 10:00", date(2026, 1, 15)),
        ("2026-01-15T00:00:00", date(2026, 1, 15)),
        ("20260115", None),
        ("32.01.2026", None),
        ("٣" * 10, None),
        # A tax id in the field of the day: as seconds it lies in the year 17817.
        ("500100732259", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_a_day_in_a_field_is_read_in_the_ways_that_accounts_have(text: str, day: date | None) -> None:
    assert mapper().printed_day(text) == day

from __future__ import annotations

import json
from datetime import date, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amocrm import fields
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.directory import account_of
from connectors.amocrm.mapper import (
    COMPANY,
    CONTACT,
    Mapper,
    client_key,
    client_of,
    enum_of,
    is_paid,
    owner_of,
    owner_of_key,
)
from connectors.amocrm.schemas import ElementRow, EnumRow, LeadRow, OwnerRow, rows_of
from connectors.shared.jsontypes import parse_json
from hub.domain.models import TaxId, TaxIdKind
from hub.domain.money import MoneyError

MOSCOW = timezone(timedelta(hours=3))
BASE = {"address": "https://acme.amocrm.ru", "token": "x.y.z"}
ENUMS = [EnumRow(id=1, value="Создан", code="created"), EnumRow(id=2, value="Оплачен", code="paid")]


def mapper(**settings: Any) -> Mapper:
    return Mapper(AmoConfig.model_validate(BASE | settings), "RUB", MOSCOW)


def wire(document: dict[str, Any]) -> Any:
    return parse_json(json.dumps(document).encode())


def element(*values: dict[str, Any], **parts: Any) -> ElementRow:
    return ElementRow.model_validate(wire({"id": 5, "name": "Счет №7", "custom_fields_values": list(values), **parts}))


def field(code: str, *values: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"field_id": 9, "field_code": code, "values": list(values), **parts}


PRICE = field("BILL_PRICE", {"value": "125000.50"})


@pytest.mark.parametrize(
    ("status", "paid"),
    [
        ({"enum_id": 2}, True),
        ({"enum_code": "paid"}, True),
        ({"value": "Оплачен"}, True),
        ({"value": "ОПЛАЧЕН"}, True),
        ({"enum_id": 1, "value": "Оплачен"}, False),
        ({"value": "Частично оплачен"}, False),
        ({"enum_id": 99, "enum_code": "paid_in_advance"}, True),
        ({}, False),
    ],
)
def test_a_paid_invoice_is_known_by_id_code_or_text(status: dict[str, Any], paid: bool) -> None:
    row = element(PRICE, field("BILL_STATUS", status))
    assert mapper().element(row, ENUMS, None).paid.is_positive is paid


def test_a_status_is_judged_as_the_list_of_choices_knows_it() -> None:
    known = [EnumRow(id=2, value="Bezahlt", code="paid"), EnumRow(id=3, value="Оплачен"), EnumRow(id=4, value="Neu")]
    paid = [mapper().element(element(PRICE, field("BILL_STATUS", {"enum_id": id_})), known, None) for id_ in (2, 3, 4)]
    assert [invoice.paid.is_positive for invoice in paid] == [True, True, False]


def test_states_of_other_languages_are_known_by_their_codes_alone() -> None:
    assert is_paid("paid", "Bezahlt")
    assert not is_paid("created", "Оплачен")
    assert not is_paid("", "Bezahlt")


@pytest.mark.parametrize(
    "price", [[], [field("BILL_PRICE", {"value": "много"})], [field("BILL_PRICE", {"value": "١٢"})]]
)
def test_an_invoice_without_a_sum_is_no_invoice(price: list[dict[str, Any]]) -> None:
    with pytest.raises(MoneyError, match=r"^no sum$"):
        mapper().element(element(*price), ENUMS, None)


@pytest.mark.parametrize(
    ("name", "number", "day"),
    [
        ("Счет #238", "238", date(2026, 1, 1)),
        ("Счет №12 от 15.01.2026", "12", date(2026, 1, 15)),
        ("Счёт на оплату № А-17/2026", "А-17/2026", date(2026, 1, 1)),
        ("Оплата насосов", None, date(2026, 1, 1)),
        ("Счет №12 от 32.01.2026", "12", date(2026, 1, 1)),
    ],
)
def test_number_and_day_are_read_out_of_the_name(name: str, number: str | None, day: date) -> None:
    # 31 December, 22:00 in London: a new year in Moscow.
    found = mapper().element(element(PRICE, name=name, created_at=1767218400), ENUMS, None)
    assert (found.number, found.issued_on) == (number, day)


def test_both_shapes_of_a_payer_are_read() -> None:
    new = {"type": "legal", "name": "ООО Ель", "entity_type": "companies", "entity_id": 4, "vat_id": "7701234567"}
    found = mapper().payer(element(field("PAYER", {"value": new | {"kpp": "770101001"}}, field_type="payer")))
    assert found is not None
    assert (found.id, found.main_tax_id, found.kpp) == ("CO_4", "7701234567", "770101001")
    old = {"name": "Иван", "entity_type": "contacts", "entity_id": 5, "catalog_id": 7}
    found = mapper().payer(element(field("PAYER", {"value": old}, field_type="linked_entity")))
    assert found is not None
    assert (found.id, found.names, found.tax_ids) == ("C_5", ("Иван",), ())


def test_a_payer_without_a_card_keeps_its_requisites() -> None:
    found = mapper().payer(element(field("PAYER", {"value": {"name": "ООО Ель", "vat_id": " 0274062111 "}})))
    assert found is not None
    assert (found.id, found.main_tax_id) == ("", "0274062111")


@pytest.mark.parametrize("value", [None, [], "ООО Ель", {"name": None}, {"entity_id": "x"}])
def test_a_payer_of_another_shape_is_nobody(value: Any) -> None:
    assert mapper().payer(element(field("PAYER", {"value": value}))) is None


def test_a_company_is_its_first_one_else_the_main_contact() -> None:
    def lead(**embedded: Any) -> LeadRow:
        return LeadRow.model_validate(wire({"id": 1, "_embedded": embedded}))

    people = [{"id": 8}, {"id": 9, "is_main": True}]
    assert owner_of(lead(companies=[{"id": 4}], contacts=people)) == ("companies", 4)
    assert owner_of(lead(companies=[], contacts=people)) == ("contacts", 9)
    assert owner_of(lead()) is None


def test_requisites_are_gathered_from_every_place() -> None:
    entity = {"name": "ООО Ель", "vat_id": "7701234567", "kpp": "770101001", "bank_account_number": "4070 2810"}
    row = OwnerRow.model_validate(
        wire(
            {
                "id": 4,
                "name": "Ель",
                "custom_fields_values": [
                    {"field_id": 1, "field_type": "legal_entity", "values": [{"value": entity}]},
                    {"field_id": 2, "field_name": "И.Н.Н.", "values": [{"value": "7701234567"}]},
                    {"field_id": 3, "field_name": "ИНН директора", "values": [{"value": "500100732259"}]},
                    {"field_id": 4, "field_name": "КПП", "values": [{"value": "12"}]},
                ],
            }
        )
    )
    places = AmoConfig.model_validate(BASE | {"requisites": {"inn": ["инн", "и н н"], "kpp": ["кпп"]}}).requisites
    client = client_of("companies", row, places)
    assert client.names == ("Ель", "ООО Ель")
    assert client.tax_ids == (TaxId(TaxIdKind.RU_INN, "7701234567"), TaxId(TaxIdKind.RU_KPP, "770101001"))
    assert client.accounts == ("40702810",)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1772658000", date(2026, 3, 5)),
        ("05.03.2026", date(2026, 3, 5)),
        ("2026-03-05T00:00:00", date(2026, 3, 5)),
        ("x", None),
    ],
)
def test_a_day_of_a_deal_is_read_as_the_account_shows_it(text: str, day: date | None) -> None:
    assert mapper().printed_day(text) == day


def test_a_day_is_written_as_noon_of_the_accounts_zone() -> None:
    assert mapper().noon(date(2026, 4, 7)) == "2026-04-07T12:00:00+03:00"


@pytest.mark.parametrize(("kind", "key"), [(COMPANY, "CO_77"), (CONTACT, "C_77")])
def test_a_key_of_a_client_says_whom_it_means(kind: str, key: str) -> None:
    assert client_key(kind, 77) == key
    assert owner_of_key(key) == (kind, 77)


def test_an_unreadable_row_is_left_out_and_the_others_stay() -> None:
    assert [row.id for row in rows_of(LeadRow, [{"id": "x"}, {"id": 2}, {}])] == [2]


def test_a_choice_is_found_by_the_first_that_the_card_gives() -> None:
    assert enum_of(fields.Choice("2", "created", ""), ENUMS) is ENUMS[1]
    assert enum_of(fields.Choice("", "", "создан"), ENUMS) is ENUMS[0]
    assert enum_of(fields.Choice("", "", ""), ENUMS) is None


@pytest.mark.parametrize(
    ("settings", "hours"),
    [
        ({"timezone": "Europe/Moscow"}, 3),
        ({"timezone": "Nowhere/Land", "timezone_offset": "+05:00"}, 5),
        ({"timezone_offset": "-03:00"}, -3),
        ({"timezone": "../etc"}, 0),
        ({"timezone_offset": "+²²:00"}, 0),
        ({}, 0),
    ],
)
def test_the_zone_of_an_account_is_read_in_either_way(settings: dict[str, Any], hours: int) -> None:
    account = account_of({"id": 1, "_embedded": {"datetime_settings": settings}}, "RUB")
    from datetime import datetime

    assert datetime(2026, 1, 1, tzinfo=account.zone).utcoffset() == timedelta(hours=hours)


def test_money_of_a_deal_is_exact() -> None:
    row = LeadRow.model_validate(wire({"id": 1, "price": 10, "price_with_minor_units": 10.1}))
    amount = mapper().deal(row).amount
    assert amount is not None
    assert amount.amount == Decimal("10.10")


@given(st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=8) | st.lists(st.none())))
def test_no_account_document_is_too_odd(document: dict[str, Any]) -> None:
    assert account_of(document, "RUB").currency

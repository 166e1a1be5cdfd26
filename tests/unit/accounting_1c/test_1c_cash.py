"""Cash of customers: posted orders as days of a desk that stands for each of our legal entities."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from hub.domain.errors import Refused
from hub.domain.models import Direction
from hub.domain.money import Money
from hub.ports.bank import BankAccount, BankDay
from mappings.accounting import shipped_map
from tests.unit.accounting_1c.base import CLIENT, NOBODY, ORG, RUB, Base, World, document, guid

CASH = "Document_ПриходныйКассовыйОрдер"
DESK = "КАССА-7701234567"
ON = date(2026, 3, 4)


def order(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "Ref_Key": guid(number, "7"),
        "DataVersion": "AAAAAAAC0wQ=",
        "DeletionMark": False,
        "Number": f"АБ00-{number:06d}",
        "Date": "2026-03-04T15:20:00",
        "Posted": True,
        "Организация_Key": ORG,
        "Контрагент": CLIENT,
        "Контрагент_Type": "StandardODATA.Catalog_Контрагенты",
        "ВидОперации": "ОплатаПокупателя",
        "СуммаДокумента": 48800,
        "ВалютаДокумента_Key": RUB,
        "Основание": "Оплата по счету 117 от 02.03.2026",
        **values,
    }


def world(*rows: dict[str, Any], **values: Any) -> World:
    base = Base()
    base.sets[CASH] = list(rows)
    base.fields[CASH] = list(order())
    return World(base, **({"cash": True} | values))


def day(here: World, on: date = ON) -> BankDay:
    (answer,) = here.money.days(DESK, on, on)
    return here.money.read(answer.body, {DESK}, {"7701234567"})


def test_a_desk_stands_beside_the_accounts_only_where_cash_is_read() -> None:
    assert world().money.accounts()[-1] == BankAccount(DESK, "RUB")
    assert all(item.number != DESK for item in world(cash=False).money.accounts())


def test_an_order_is_money_of_its_client_that_came_in() -> None:
    (line,) = day(world(order())).lines
    paid = line.received.payment
    assert (paid.direction, paid.amount, paid.booked_on) == (Direction.IN, Money.of(48800, "RUB"), ON)
    assert (paid.payer.name, paid.payer.tax_id, paid.payer.kpp, paid.payer.account) == (
        'ООО "Ель"',
        "7707083893",
        "770701001",
        None,
    )
    assert (paid.own_account, paid.organisation_tax_id, paid.document_number) == (DESK, "7701234567", "АБ00-000001")
    assert paid.purpose == "Оплата по счету 117 от 02.03.2026"
    assert (paid.document_date, line.source_id) == (ON, guid(1, "7"))


def test_orders_are_asked_for_in_an_order_and_with_no_more_than_is_kept() -> None:
    here = world(order())
    day(here)
    (asked,) = [item.url.params for item in here.base.requests if CASH in unquote(item.url.path)]
    assert asked["$orderby"] == "Date,Ref_Key"
    assert asked["$filter"] == (
        "Date ge datetime'2026-03-04T00:00:00' and Date lt datetime'2026-03-05T00:00:00'"
        f" and Организация_Key eq guid'{ORG}'"
    )
    assert set(asked["$select"].split(",")) == set(order())


@pytest.mark.parametrize(
    "values",
    [
        {"Posted": False},
        {"DeletionMark": True},
        {"ВидОперации": "РозничнаяВыручка"},
        {"ВидОперации": "ПолучениеНаличныхВБанке"},
        {"Date": "2026-03-05T00:00:00"},
        {"Организация_Key": guid(9, "b")},
    ],
)
def test_what_is_no_customers_money_of_that_day_is_left_out(values: dict[str, Any]) -> None:
    assert day(world(order(**values))).lines == ()


def test_equal_orders_stay_two_and_the_answer_is_the_same_twice() -> None:
    here = world(order(1), order(2, Number="АБ00-000001"))
    first, second = (next(iter(here.money.days(DESK, ON, ON))) for _ in range(2))
    assert first.digest == second.digest
    assert [line.received.occurrence for line in day(here).lines] == [1, 2]


def test_an_order_of_nobody_known_still_comes() -> None:
    (line,) = day(world(order(Контрагент=NOBODY, Контрагент_Type="StandardODATA.Undefined"))).lines
    assert (line.received.payment.payer.name, line.received.payment.payer.tax_id) == (None, None)


def test_who_is_no_client_of_the_catalogue_is_nobody_known() -> None:
    (line,) = day(world(order(Контрагент_Type="StandardODATA.Catalog_ФизическиеЛица"))).lines
    assert line.received.payment.payer.tax_id is None


@pytest.mark.parametrize(("names", "told"), [({"Description": "Ель"}, "Ель"), ({}, None)])
def test_a_client_of_one_name_or_of_none_is_told_as_far_as_it_has_one(names: dict[str, str], told: str | None) -> None:
    here = world(order())
    client = here.base.sets["Catalog_Контрагенты"][0]
    client.update({"Description": "", "НаименованиеПолное": ""} | names)
    (line,) = day(here).lines
    assert (line.received.payment.payer.name, line.received.payment.payer.tax_id) == (told, "7707083893")


def test_an_order_whose_kind_nobody_tells_is_a_customers_money() -> None:
    assert len(day(world(order(ВидОперации=""))).lines) == 1


def test_where_no_kinds_are_named_every_order_is_a_customers_money() -> None:
    names = shipped_map("bp30").model_dump()
    names["cash"]["customers"] = ()
    assert len(day(world(order(ВидОперации="РозничнаяВыручка"), names=names)).lines) == 1


@pytest.mark.parametrize("currency", [NOBODY, guid(9, "e"), guid(3, "e")])
def test_an_order_of_no_known_currency_is_in_that_of_the_base(currency: str) -> None:
    here = world(order(ВалютаДокумента_Key=currency))
    here.base.sets["Catalog_Валюты"].append({"Ref_Key": guid(3, "e"), "Code": "рубль"})
    (line,) = day(here).lines
    assert line.received.payment.amount.currency == "RUB"


def test_an_order_without_a_date_is_left_out() -> None:
    here = world(order(), order(2))
    here.base.before = lambda request: dateless(here) if CASH in unquote(request.url.path) else None
    assert [line.source_id for line in day(here).lines] == [guid(2, "7")]


def dateless(here: World) -> httpx.Response:
    """Both orders, the first with the date that 1C prints for none."""
    first, second = here.base.sets[CASH]
    return document({"value": [first | {"Date": "0001-01-01T00:00:00"}, second]})


def test_an_order_in_another_currency_is_in_that_currency() -> None:
    here = world(order(ВалютаДокумента_Key=guid(2, "e")))
    here.base.sets["Catalog_Валюты"].append({"Ref_Key": guid(2, "e"), "Code": "156"})
    (line,) = day(here).lines
    assert line.received.payment.amount.currency == "CNY"


def test_an_order_without_a_sum_is_put_aside_for_a_person() -> None:
    found = day(world(order(СуммаДокумента=0)))
    assert (found.lines, len(found.broken)) == ((), 1)


def test_a_desk_of_nobody_of_ours_has_no_orders() -> None:
    here = world(order())
    (answer,) = here.money.days("КАССА-7700000016", ON, ON)
    assert here.money.read(answer.body, (), ()).lines == ()


def test_where_cash_is_not_read_a_desk_has_no_orders() -> None:
    here = world(order(), cash=False)
    (answer,) = here.money.days(DESK, ON, ON)
    assert here.money.read(answer.body, {DESK}, {"7701234567"}).lines == ()


@pytest.mark.parametrize("read", [(), ("7701234567",)])
def test_a_branch_and_its_head_office_have_one_desk_with_the_orders_of_both(read: tuple[str, ...]) -> None:
    here = world(order(1), order(2, Организация_Key=guid(2, "b")), organisations=read)
    head = here.base.sets["Catalog_Организации"][0]
    here.base.add("Catalog_Организации", head | {"Ref_Key": guid(2, "b"), "КПП": "780101001"})
    assert here.money.accounts()[1:] == (BankAccount(DESK, "RUB"),)
    assert {line.source_id for line in day(here).lines} == {guid(1, "7"), guid(2, "7")}


def test_a_legal_entity_that_is_read_by_name_has_its_desk() -> None:
    here = world(order(), organisations=("7701234567",))
    assert here.money.accounts()[-1] == BankAccount(DESK, "RUB")


def test_a_legal_entity_that_is_not_read_has_no_desk() -> None:
    here = world(order(), organisations=("7700000016",))
    assert all(item.number != DESK for item in here.money.accounts())


def test_orders_that_are_not_published_are_named() -> None:
    here = World(Base(), cash=True)
    with pytest.raises(Refused, match="Приходный кассовый ордер"):
        here.money.accounts()
    probe = here.port.probe()
    assert any("Приходный кассовый ордер" in item and "Состав" in item for item in probe.missing_rights)


def test_a_quiet_poll_takes_one_request_a_desk() -> None:
    here = world(order())
    here.money.accounts()
    day(here)
    before = len(here.base.requests)
    day(here)
    assert len(here.base.requests) - before == 1

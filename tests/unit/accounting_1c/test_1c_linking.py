"""The draft of a payment is told which invoice it pays; what is posted is never changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.accounting_1c.exact import dump_exact
from connectors.shared.jsontypes import JsonObject
from hub.domain.errors import Gone, Refused
from hub.domain.money import Money
from hub.ports.accounting import PaymentPaper
from hub.ports.crm import Capability, MoveOutcome, MoveResult
from mappings.accounting import shipped_map
from tests.unit.accounting_1c.base import (
    INVOICE,
    NOBODY,
    PAYMENT,
    Base,
    World,
    document,
    guid,
    invoice,
    payment,
    problem,
)

PAPER = PaymentPaper(
    number="512",
    amount=Money.of("48800.50", "RUB"),
    booked_on=date(2026, 3, 4),
    dated=date(2026, 3, 3),
    account="40702810000000000001",
    payer_tax_id="7707083893",
)


def draft(number: int = 1, link: str = NOBODY, **values: Any) -> dict[str, Any]:
    return payment(number, [(link, 48800.5)], **{"Posted": False, **values})


def world(*rows: dict[str, Any], link_payments: bool = True) -> World:
    base = Base()
    base.add(INVOICE, invoice(1))
    base.add(PAYMENT, *rows)
    return World(base, link_payments=link_payments)


def test_nothing_is_linked_unless_the_settings_say_so() -> None:
    off = world(draft(), link_payments=False)
    assert Capability.LINK_PAYMENTS not in off.port.capabilities()
    with pytest.raises(Refused, match="off"):
        off.port.link_payment(PAPER, guid(1), "key")
    assert off.base.writes == []


def test_a_draft_is_linked_and_every_other_value_of_its_row_stays() -> None:
    on = world(draft())
    assert Capability.LINK_PAYMENTS in on.port.capabilities()
    result = on.port.link_payment(PAPER, guid(1), "key")
    assert result.outcome is MoveOutcome.MOVED
    row = {"LineNumber": "1", "СуммаПлатежа": 48800.5, "СчетНаОплату_Key": guid(1)}
    assert on.base.writes == [("PATCH", PAYMENT, {"РасшифровкаПлатежа": [row]})]
    (patch,) = [request for request in on.base.requests if request.method == "PATCH"]
    assert patch.headers["if-match"] == "AAAAAAAC0wQ="
    again = on.port.link_payment(PAPER, guid(1), "key")
    assert again.outcome is MoveOutcome.ALREADY_THERE
    assert len(on.base.writes) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([draft(Posted=True)], "проведённый документ"),
        ([draft(), draft(2)], "несколько поступлений"),
        ([draft(link=guid(7))], "отнесено к другому"),
        ([payment(1, [(NOBODY, 40000.5), (NOBODY, 8800)], Posted=False)], "не одна строка"),
    ],
)
def test_what_is_not_plain_is_left_to_the_accountant(rows: list[dict[str, Any]], words: str) -> None:
    on = world(*rows)
    result = on.port.link_payment(PAPER, guid(1), "key")
    assert result.outcome in (MoveOutcome.REFUSED, MoveOutcome.CHANGED_BY_OTHER)
    assert words in result.reason
    assert on.base.writes == []


@pytest.mark.parametrize(
    "values",
    [
        {"DeletionMark": True},
        {"СуммаДокумента": 48800},
        {"НомерВходящегоДокумента": "513"},
        {"ДатаВходящегоДокумента": "2026-03-01T00:00:00"},
        {"Date": "2026-02-01T00:00:00"},
        {"СчетОрганизации_Key": guid(2, "f")},
    ],
)
def test_another_payment_is_not_taken_for_this_one(values: dict[str, Any]) -> None:
    on = world(draft(**values))
    with pytest.raises(Gone):
        on.port.link_payment(PAPER, guid(1), "key")
    assert on.base.writes == []


def test_another_payer_is_not_taken_for_this_one() -> None:
    on = world(draft())
    on.base.sets["Catalog_Контрагенты"][0]["ИНН"] = "7728168971"
    with pytest.raises(Gone):
        on.port.link_payment(PAPER, guid(1), "key")


def test_a_document_that_was_posted_meanwhile_is_not_changed() -> None:
    on = world(draft())

    def post_first(request: httpx.Request) -> None:
        if f"guid'{guid(1, '9')}'" in str(request.url):
            on.base.edit(PAYMENT, guid(1, "9"), Posted=True)

    on.base.before = post_first
    result = on.port.link_payment(PAPER, guid(1), "key")
    assert (result.outcome, on.base.writes) == (MoveOutcome.REFUSED, [])


def test_a_refusal_is_shown_in_1cs_own_words_and_sent_once() -> None:
    on = world(draft())
    said = "Период закрыт для изменений"
    on.base.before = lambda request: problem(500, "-1", said) if request.method == "PATCH" else None
    result = on.port.link_payment(PAPER, guid(1), "key")
    assert (result.outcome, said in result.reason) == (MoveOutcome.REFUSED, True)
    assert sum(request.method == "PATCH" for request in on.base.requests) == 1


def test_a_lost_answer_is_unknown() -> None:
    on = world(draft())
    on.base.before = lambda request: httpx.Response(502) if request.method == "PATCH" else None
    result = on.port.link_payment(PAPER, guid(1), "key")
    assert result.outcome is MoveOutcome.UNKNOWN


def test_sums_are_sent_back_exactly() -> None:
    value: JsonObject = {"a": Decimal("8800.10"), "b": [Decimal("1E+2"), None, True, "«x»", 5], "в": {}}
    assert dump_exact(value).decode() == '{"a":8800.10,"b":[100,null,true,"«x»",5],"в":{}}'


# Each answer, whole

ROWS = "В расшифровке поступления не одна строка или другая сумма: разнесите сами."
NOT_KEPT = "1С приняла запись, но расшифровка осталась прежней: проверьте поступление."


def test_refusals_say_who_is_to_do_what() -> None:
    with pytest.raises(Refused, match=r"^writing is off$") as off:
        world(draft(), link_payments=False).port.link_payment(PAPER, guid(1), "key")
    assert off.value.for_person.startswith("Запись в 1С выключена")
    with pytest.raises(Gone, match=r"^no document of payment 512$") as none:
        world().port.link_payment(PAPER, guid(1), "key")
    assert none.value.for_person == "Поступления с этим номером и суммой в 1С нет."


@pytest.mark.parametrize(("field", "lacks"), [("НомерВходящегоДокумента", "number"), ("СуммаДокумента", "sum")])
def test_a_base_without_the_number_or_the_sum_has_no_document_of_it(field: str, lacks: str) -> None:
    on = world(draft())
    on.base.fields[PAYMENT].remove(field)
    with pytest.raises(Gone):
        on.port.link_payment(PAPER, guid(1), "key")
    assert on.base.writes == [], lacks


def test_documents_are_asked_for_in_an_order_and_with_no_more_than_is_compared() -> None:
    on = world(draft())
    on.port.link_payment(PAPER, guid(1), "key")
    (asked,) = [item for item in on.base.requests if "НомерВходящегоДокумента eq" in item.url.params.get("$filter", "")]
    assert asked.url.params["$orderby"] == "Date,Ref_Key"
    fields = asked.url.params["$select"].split(",")
    assert {"Ref_Key", "DataVersion", "DeletionMark", "РасшифровкаПлатежа", "Контрагент_Type"} <= set(fields)


@pytest.mark.parametrize("amount", ["не сумма", None])
def test_a_document_without_a_sum_is_not_taken(amount: str | None) -> None:
    with pytest.raises(Gone):
        world(draft(СуммаДокумента=amount)).port.link_payment(PAPER, guid(1), "key")


@pytest.mark.parametrize(
    ("values", "paper"),
    [
        ({"ДатаВходящегоДокумента": "0001-01-01T00:00:00"}, PAPER),
        ({}, replace(PAPER, dated=None)),
        ({}, replace(PAPER, account=None)),
        ({"СчетОрганизации_Key": NOBODY}, PAPER),
        ({"СчетОрганизации_Key": guid(9, "f")}, PAPER),
        ({"Контрагент": NOBODY, "Контрагент_Type": "StandardODATA.Undefined"}, PAPER),
        ({"Контрагент": guid(8, "c")}, PAPER),
        ({"Контрагент_Type": "StandardODATA.Catalog_ФизическиеЛица"}, PAPER),
        ({}, replace(PAPER, payer_tax_id=None)),
    ],
)
def test_what_one_of_the_two_does_not_name_does_not_part_them(values: dict[str, Any], paper: PaymentPaper) -> None:
    on = world(draft(**values))
    assert on.port.link_payment(paper, guid(1), "key") == MoveResult(MoveOutcome.MOVED)


def test_a_client_without_an_inn_does_not_part_them() -> None:
    on = world(draft())
    on.base.sets["Catalog_Контрагенты"][0]["ИНН"] = ""
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.MOVED)


def test_a_base_without_the_date_of_the_banks_document_goes_by_the_rest() -> None:
    on = world(draft())
    on.base.fields[PAYMENT].remove("ДатаВходящегоДокумента")
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.MOVED)


def test_a_base_whose_own_accounts_are_not_published_goes_by_the_payer() -> None:
    port = World(world(draft()).base, link_payments=True, names=without_own_accounts()).port
    assert port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.MOVED)


def without_own_accounts() -> dict[str, Any]:
    names: dict[str, Any] = shipped_map("bp30").model_dump()
    names["own_accounts"] |= {"object": ["Catalog_СчетаНигде"], "optional": True}
    return names


def test_one_that_is_linked_already_is_told_even_beside_another() -> None:
    on = world(draft(link=guid(1)), draft(2))
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.ALREADY_THERE)


@pytest.mark.parametrize("invoice", [1, 2])
def test_a_document_of_two_invoices_is_linked_to_neither(invoice: int) -> None:
    on = world(payment(1, [(guid(1), 40000.5), (guid(2), 8800)], Posted=False))
    result = on.port.link_payment(PAPER, guid(invoice), "key")
    assert (result.outcome, on.base.writes) == (MoveOutcome.REFUSED, [])


def test_a_draft_without_a_row_is_left_to_the_accountant() -> None:
    on = world(payment(1, [], Posted=False, СуммаДокумента=48800.5))
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.REFUSED, reason=ROWS)


def test_one_row_of_another_sum_is_left_to_the_accountant() -> None:
    on = world(payment(1, [(NOBODY, 40000)], Posted=False, СуммаДокумента=48800.5))
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.REFUSED, reason=ROWS)


def test_a_document_that_is_edited_just_now_waits() -> None:
    on = world(draft())

    def edit_first(request: httpx.Request) -> None:
        if f"guid'{guid(1, '9')}'" in str(request.url):
            on.base.edit(PAYMENT, guid(1, "9"), Комментарий="ждём", DataVersion="AAAAAAAC0wY=")

    on.base.before = edit_first
    changing = MoveResult(MoveOutcome.CHANGED_BY_OTHER, reason="Поступление в 1С как раз меняют.")
    assert (on.port.link_payment(PAPER, guid(1), "key"), on.base.writes) == (changing, [])


def composite(link: str, kind: str) -> World:
    """A base whose link may lead to documents of several kinds."""
    row = draft(СуммаДокумента=48800.5)
    row["РасшифровкаПлатежа"] = [
        {"LineNumber": "1", "СуммаПлатежа": 48800.5, "СчетНаОплату": link, "СчетНаОплату_Type": kind}
    ]
    on = world(row)
    table = f"{PAYMENT}_РасшифровкаПлатежа"
    on.base.fields[table] = ["Ref_Key", "LineNumber", "СуммаПлатежа", "СчетНаОплату", "СчетНаОплату_Type"]
    return on


def test_a_composite_link_is_written_with_the_kind_of_its_document() -> None:
    on = composite(NOBODY, "StandardODATA.Undefined")
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.MOVED)
    ((_, _, body),) = on.base.writes
    (row,) = body["РасшифровкаПлатежа"]
    assert (row["СчетНаОплату"], row["СчетНаОплату_Type"]) == (guid(1), f"StandardODATA.{INVOICE}")


def test_a_link_to_a_document_of_another_kind_is_another_document() -> None:
    on = composite(guid(1), "StandardODATA.Document_РеализацияТоваровУслуг")
    other = MoveResult(MoveOutcome.CHANGED_BY_OTHER, reason="В 1С это поступление отнесено к другому документу.")
    assert (on.port.link_payment(PAPER, guid(1), "key"), on.base.writes) == (other, [])


def test_a_lost_answer_has_its_words() -> None:
    on = world(draft())
    on.base.before = lambda request: httpx.Response(502) if request.method == "PATCH" else None
    assert (on.port.link_payment(PAPER, guid(1), "key").reason or "").startswith("Вместо данных 1С пришла страница")


def test_a_link_that_1c_did_not_keep_is_told() -> None:
    on = world(draft())
    on.base.before = lambda request: document({}) if request.method == "PATCH" else None
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.REFUSED, reason=NOT_KEPT)


def after_write(on: World, then: Callable[[], httpx.Response | None]) -> None:
    on.base.before = lambda request: then() if request.method == "GET" and on.base.writes else None


def test_a_link_that_cannot_be_read_back_is_made() -> None:
    on = world(draft())
    after_write(on, lambda: problem(401, "20", "Нет прав"))
    result = on.port.link_payment(PAPER, guid(1), "key")
    assert result.outcome is MoveOutcome.MOVED
    assert (result.reason or "").startswith("Прочитать поступление после записи не удалось: GET /")


def test_a_document_that_was_posted_while_it_was_written_is_told() -> None:
    on = world(draft())

    def post() -> None:
        on.base.edit(PAYMENT, guid(1, "9"), Posted=True)

    after_write(on, post)
    told = "Пока хаб писал, поступление провели: проверьте его проводки."
    assert on.port.link_payment(PAPER, guid(1), "key") == MoveResult(MoveOutcome.CHANGED_BY_OTHER, reason=told)

"""The draft of a payment is told which invoice it pays; what is posted is never changed."""

from __future__ import annotations

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
from hub.ports.crm import Capability, MoveOutcome
from tests.unit.accounting_1c.base import INVOICE, NOBODY, PAYMENT, Base, World, guid, invoice, payment, problem

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

"""Fields of deals in an account: read, written with what differs and nothing else, refused where they do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from connectors.amocrm.client import RefusedFields
from hub.domain.errors import Gone, Refused, RetryLater
from hub.domain.filling import FieldValue
from hub.domain.money import Money
from hub.ports.crm import Capability, MoveOutcome

from .account import PERSON, Account, lead, seed, served

PATCH = "PATCH /api/v4/leads/70001"
NUMBER, DAY, SUM, STATE = "711", "C_DATE", "Сумма 1С", "Оплата 1С"
NAMES = (NUMBER, DAY, SUM, STATE)
NAMED = {"invoice_number": NUMBER, "invoice_date": DAY, "invoice_sum": SUM, "invoice_status": STATE}
CHOICES = [{"id": 9101, "value": "Не оплачен"}, {"id": 9102, "value": "Частично"}, {"id": 9103, "value": "Оплачен"}]
FIELDS: list[dict[str, Any]] = [
    {"id": 711, "name": "Номер 1С"},
    {"id": 712, "name": "Дата 1С", "type": "date", "code": "C_DATE"},
    {"id": 713, "name": "Сумма 1С", "type": "numeric"},
    {"id": 714, "name": "Оплата 1С", "type": "select", "enums": CHOICES},
]
VALUES: dict[str, FieldValue] = {
    NUMBER: "АБ00-000117",
    DAY: (date(2026, 1, 15),),
    SUM: Money.of("125000.50", "RUB"),
    STATE: "частично",
}
STANDS = {NUMBER: "АБ00-000117", DAY: "2026-01-15", SUM: "125000.50", STATE: "9102"}
EMPTY = dict.fromkeys(NAMES, "")


def with_fields(*changed: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """An account whose deals have the fields, some of them made otherwise."""
    made = {field["id"]: field for field in [*FIELDS, *changed]}
    return seed(custom_fields=[*seed()["custom_fields"], *made.values()], **parts)


@pytest.fixture
def account() -> Iterator[Account]:
    with served(with_fields(), fill_fields=NAMED) as account:
        yield account


def fill(
    account: Account, values: dict[str, FieldValue] | None = None, stood: Mapping[str, str] = EMPTY
) -> MoveOutcome:
    wanted = VALUES if values is None else values
    known = {name: text for name, text in stood.items() if name in wanted}
    return account.crm.fill_fields("70001", known, wanted, "op").outcome


def test_the_ability_is_there_only_where_fields_are_named(account: Account) -> None:
    assert Capability.FILL_FIELDS in account.crm.capabilities()
    with served() as plain:
        assert Capability.FILL_FIELDS not in plain.crm.capabilities()


def test_fields_named_by_number_code_and_title_are_filled_in_one_call_and_read_back(account: Account) -> None:
    assert account.crm.fields("70001", NAMES) == EMPTY
    result = account.crm.fill_fields("70001", EMPTY, VALUES, "op")
    assert (result.outcome, dict(result.stands), result.reason) == (MoveOutcome.MOVED, STANDS, "")
    assert account.crm.fields("70001", NAMES) == STANDS
    assert {name: account.crm.field_text(name, value) for name, value in VALUES.items()} == STANDS
    assert account.requests(PATCH) == 1


def test_what_stands_there_already_is_not_sent_and_nothing_else_changes(account: Account) -> None:
    fill(account)
    assert fill(account, stood=STANDS) is MoveOutcome.ALREADY_THERE
    standing = account.standing()
    assert fill(account, VALUES | {SUM: Money.of("1.10", "RUB")}, stood=STANDS) is MoveOutcome.MOVED
    assert account.requests(PATCH) == 2
    effects = account.sandbox.control.write_log.effects("lead")
    assert [set(record.changed) for record in effects if record.source == "rest"][1:] == [{"field_713"}]
    assert account.standing() == standing


def test_fields_are_emptied(account: Account) -> None:
    fill(account)
    assert fill(account, dict.fromkeys(NAMES, ""), stood=STANDS) is MoveOutcome.MOVED
    assert account.crm.fields("70001", NAMES) == EMPTY


@pytest.mark.parametrize(
    ("name", "field", "value", "stands"),
    [
        (NUMBER, {"id": 711, "name": "Н", "type": "textarea"}, "1, 2", "1, 2"),
        (
            DAY,
            {"id": 712, "name": "Д", "code": "C_DATE"},
            (date(2026, 1, 1), date(2026, 1, 2)),
            "01.01.2026, 02.01.2026",
        ),
        (
            DAY,
            {"id": 712, "name": "Д", "code": "C_DATE", "type": "date_time"},
            (date(2026, 1, 2), date(2026, 1, 1)),
            "2026-01-02",
        ),
        (SUM, {"id": 713, "name": "Сумма 1С", "type": "monetary", "currency": "RUB"}, Money.of("10", "RUB"), "10.00"),
        (SUM, {"id": 713, "name": "Сумма 1С"}, Money.of("1000.5", "RUB"), "1 000,50 ₽"),
        (STATE, {"id": 714, "name": "Оплата 1С"}, "оплачен", "оплачен"),
        (STATE, {"id": 714, "name": "Оплата 1С", "type": "radiobutton", "enums": CHOICES}, "оплачен", "9103"),
    ],
)
def test_each_type_takes_the_value_in_its_own_way(
    name: str, field: dict[str, Any], value: FieldValue, stands: str
) -> None:
    with served(with_fields(field), fill_fields=NAMED) as account:
        assert account.crm.field_text(name, value) == stands
        result = account.crm.fill_fields("70001", {name: ""}, {name: value}, "op")
        assert (result.outcome, dict(result.stands)) == (MoveOutcome.MOVED, {name: stands})
        again = account.crm.fill_fields("70001", {name: stands}, {name: value}, "op")
        assert again.outcome is MoveOutcome.ALREADY_THERE


def test_a_money_field_of_another_currency_takes_no_sum() -> None:
    dollars = {"id": 713, "name": "Сумма 1С", "type": "monetary", "currency": "USD"}
    with served(with_fields(dollars), fill_fields=NAMED) as account:
        with pytest.raises(Refused) as refused:
            account.crm.field_text(SUM, Money.of("1", "RUB"))
        assert "в валюте USD, а счета в RUB" in refused.value.for_person


FAULTS = [
    ({"id": 713, "name": "Сумма 1С", "type": "checkbox"}, "другого типа (checkbox), подходят: текст"),
    ({"id": 711, "name": "Номер 1С", "type": "numeric"}, "поле «Номер 1С» (711) другого типа (число)"),
    ({"id": 714, "name": "Оплата 1С", "type": "select", "enums": CHOICES[1:]}, "нет варианта «не оплачен»"),
    ({"id": 715, "name": "СУММА 1С", "type": "numeric"}, "несколько полей «Сумма 1С»: укажите номер"),
]


@pytest.mark.parametrize(("field", "words"), FAULTS)
def test_a_field_that_does_not_fit_is_named_by_the_check_and_refused(field: dict[str, Any], words: str) -> None:
    with served(with_fields(field), fill_fields=NAMED) as account:
        (line,) = account.crm.probe().unfit_fields
        assert line.startswith("fill_from_accounting.invoice_")
        assert words in line
        with pytest.raises(Refused) as refused:
            account.crm.fields("70001", NAMES)
        assert words in refused.value.for_person
        assert account.sandbox.control.write_log.records() == []


def test_a_field_named_in_two_ways_takes_one_value_only() -> None:
    with served(with_fields(), fill_fields={"invoice_number": "711", "invoice_status": "номер 1с"}) as account:
        first, second = account.crm.probe().unfit_fields
        assert "поле «Номер 1С» (711) названо дважды" in first
        assert "поле «Номер 1С» (711) названо дважды" in second


def test_a_field_that_invoices_are_read_from_is_not_filled() -> None:
    places = {"number": ["Номер 1С"]}
    invoices = {"source": "deal_fields", "fields": places}
    with served(with_fields(), invoices=invoices, fill_fields={"invoice_number": "711"}) as account:
        (line,) = account.crm.probe().unfit_fields
        assert "из поля «Номер 1С» (711) хаб читает счета" in line
        with pytest.raises(Refused):
            account.crm.fields("70001", ["711"])


def test_a_field_that_does_not_exist_is_named(account: Account) -> None:
    assert account.crm.probe().unfit_fields == ()
    with served(seed(), fill_fields={"invoice_number": "799"}) as without:
        assert without.crm.probe().unfit_fields == (
            "fill_from_accounting.invoice_number: у сделок amoCRM нет поля «799»: создайте его или поправьте имя",
        )


def test_a_deal_that_is_gone(account: Account) -> None:
    account.human(act="delete", id=70001)
    with pytest.raises(Gone):
        account.crm.fields("70001", NAMES)
    with pytest.raises(Gone):
        account.crm.fill_fields("70001", EMPTY, VALUES, "op")


def test_what_a_person_wrote_since_we_read_stays(account: Account) -> None:
    account.human(act="edit", id=70001, fields=_edit("12 (руками)"))
    result = account.crm.fill_fields("70001", EMPTY, VALUES, "op")
    assert result.outcome is MoveOutcome.CHANGED_BY_OTHER
    assert "«Номер 1С»" in result.reason
    assert account.requests(PATCH) == 0


def test_what_a_person_writes_right_after_us_is_told(account: Account) -> None:
    deed = {"act": "edit", "fields": _edit("12 (руками)"), "user_id": PERSON}
    account.fault(PATCH, kind="human", timing="after", do=deed)
    result = account.crm.fill_fields("70001", EMPTY, VALUES, "op")
    assert result.outcome is MoveOutcome.CHANGED_BY_OTHER
    assert result.stands[NUMBER] == "12 (руками)"


def _edit(text: str) -> dict[str, Any]:
    return {"custom_fields_values": [{"field_id": 711, "values": [{"value": text}]}]}


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_is_unknown_and_reading_tells(account: Account, applied: bool) -> None:
    account.fault(PATCH, kind="lose_reply", applied=applied)
    assert fill(account) is MoveOutcome.UNKNOWN
    assert account.requests(PATCH) == 1
    assert account.crm.fields("70001", NAMES) == (STANDS if applied else EMPTY)


def test_a_refusal_is_told_in_the_accounts_words(account: Account) -> None:
    account.fault(PATCH, kind="refuse", status=403)
    result = account.crm.fill_fields("70001", EMPTY, VALUES, "op")
    assert result.outcome is MoveOutcome.REFUSED
    assert result.reason


def test_a_reading_that_fails_after_the_write_only_makes_the_answer_poorer(account: Account) -> None:
    account.fault(PATCH, kind="human", timing="after", do={"act": "delete", "user_id": PERSON})
    result = account.crm.fill_fields("70001", EMPTY, VALUES, "op")
    assert (result.outcome, dict(result.stands)) == (MoveOutcome.MOVED, STANDS)
    assert result.reason.startswith("Прочитать сделку после записи не удалось")


def test_an_account_that_is_busy_proves_that_nothing_was_written(account: Account) -> None:
    account.fault(PATCH, kind="refuse", status=429)
    with pytest.raises(RetryLater):
        fill(account)
    assert account.sandbox.control.write_log.effects("lead") == []


def test_a_deal_in_incoming_is_not_taken_up_by_our_writing() -> None:
    incoming = lead(70001, unsorted=True) | {"status_id": None}
    with served(with_fields(leads=[incoming]), fill_fields=NAMED) as account:
        before = account.standing()
        result = account.crm.fill_fields("70001", EMPTY, VALUES, "op")
        assert result.outcome is MoveOutcome.REFUSED
        assert "Неразобранном" in result.reason
        assert account.standing() == before


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"field_id": 999, "values": [{"value": "x"}]}, "NotSupportedChoice"),
        ({"field_id": 713, "values": [{"value": "много"}]}, "InvalidType"),
        ({"field_id": 714, "values": [{"enum_id": 1}]}, "NotSupportedChoice"),
        ({"field_id": 712, "values": [{"value": "вчера"}]}, "InvalidType"),
    ],
)
def test_the_stand_in_refuses_what_the_account_would(account: Account, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(RefusedFields) as refused:
        account.crm._client.write("PATCH", "/leads/70001", {"custom_fields_values": [changed]})
    assert [fault.code for fault in refused.value.faults] == [code]

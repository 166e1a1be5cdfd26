"""The day of the money goes into an invoice with its paid mark, and out of it with the mark."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.ports.crm import MoveOutcome, MoveResult, Position
from tests.unit.amocrm.small_account import (
    DAY_FIELD,
    INVOICE,
    INVOICE_FIELDS,
    LIST,
    READ_INVOICE,
    REFUSED,
    WRITE_INVOICE,
    SmallAccount,
    complaint,
    invoice,
    rows,
    status_field,
)

ACCOUNT = "GET /account"
CREATED, FULL = Position(str(LIST), "11"), Position(str(LIST), "13")
DAY = date(2026, 4, 7)
#: 7 April and 8 April 2026 of Vladivostok, a second after the one and a second before the end of the other.
DAY_BEGINS, NEXT_DAY_ENDS = 1775484001, 1775656799
PAID = {"field_code": "BILL_STATUS", "values": [{"enum_code": "paid"}]}
DAY_WRITTEN = {"field_code": "BILL_PAYMENT_DATE", "values": [{"value": "2026-04-07T12:00:00+10:00"}]}
DAY_EMPTIED = {"field_code": "BILL_PAYMENT_DATE", "values": None}


@pytest.fixture
def account() -> SmallAccount:
    account = SmallAccount()
    account.lay(ACCOUNT, {"id": 300100, "currency": "RUB", "_embedded": {"datetime_settings": ZONE}})
    account.lay(INVOICE_FIELDS, rows("custom_fields", status_field(), DAY_FIELD))
    return account


ZONE = {"timezone": "Asia/Vladivostok", "timezone_offset": "+10:00"}


def paid(enum: int, day: Any = None, updated_at: int = 2005) -> dict[str, Any]:
    """An invoice of that status whose day of payment reads like that."""
    fields: list[Any] = [{"field_id": 90, "field_code": "BILL_STATUS", "values": [{"enum_id": enum}]}]
    if day is not None:
        fields.append({"field_id": 92, "field_code": "BILL_PAYMENT_DATE", "values": [{"value": day}]})
    return invoice(updated_at=updated_at, custom_fields_values=fields)


def mark(account: SmallAccount, after: Any, paid_on: date | None = DAY, **settings: Any) -> MoveResult:
    """Mark an invoice that then reads like that."""
    account.lay(READ_INVOICE, paid(11), after)
    return account.sink(**settings).mark_paid(str(INVOICE), paid_on)


def written(account: SmallAccount) -> list[list[Any]]:
    """What was sent into the fields of the invoice, a list for each writing."""
    return [asked.body[0]["custom_fields_values"] for asked in account.requests(WRITE_INVOICE)]


@pytest.mark.parametrize("there", [DAY_BEGINS, "2026-04-07", "07.04.2026"])
def test_the_day_is_written_with_the_mark_as_noon_of_the_accounts_zone(account: SmallAccount, there: Any) -> None:
    assert mark(account, paid(13, there)) == MoveResult(MoveOutcome.MOVED, FULL, "2005")
    assert written(account) == [[PAID, DAY_WRITTEN]]


@pytest.mark.parametrize(
    ("there", "shown"),
    [(NEXT_DAY_ENDS, "08.04.2026"), (None, "пусто"), ("вчера", "пусто"), ("06.04.2026", "06.04.2026")],
)
def test_a_day_that_is_another_afterwards_is_told_and_the_mark_stands(
    account: SmallAccount, there: Any, shown: str
) -> None:
    reason = f"Статус счёта записан, но дата оплаты в нём не та, что передал хаб (07.04.2026): {shown}."
    assert mark(account, paid(13, there)) == MoveResult(MoveOutcome.MOVED, FULL, "2005", reason)


def test_without_a_day_the_field_is_left_as_it_is(account: SmallAccount) -> None:
    assert mark(account, paid(13, DAY_BEGINS), None) == MoveResult(MoveOutcome.MOVED, FULL, "2005")
    assert written(account) == [[PAID]]


def test_a_list_without_the_field_gets_the_status_alone(account: SmallAccount) -> None:
    account.lay(INVOICE_FIELDS, rows("custom_fields", status_field()))
    assert mark(account, paid(13)) == MoveResult(MoveOutcome.MOVED, FULL, "2005")
    assert written(account) == [[PAID]]


def test_settings_may_keep_the_day_out(account: SmallAccount) -> None:
    settings: dict[str, Any] = {"invoices": {"payment_date": False}}
    assert mark(account, paid(13), **settings) == MoveResult(MoveOutcome.MOVED, FULL, "2005")
    account.lay(READ_INVOICE, paid(13, DAY_BEGINS), paid(11, DAY_BEGINS))
    assert account.sink(**settings).restore(str(INVOICE), FULL, CREATED).outcome is MoveOutcome.MOVED
    created = {"field_code": "BILL_STATUS", "values": [{"enum_code": "created"}]}
    assert written(account) == [[PAID], [created]]


# A field that takes no day


def test_a_field_that_takes_no_day_does_not_keep_the_mark_away(account: SmallAccount) -> None:
    account.lay(WRITE_INVOICE, complaint("custom_fields_values.1.values"), rows("elements", {"id": INVOICE}))
    reason = "Статус счёта записан без даты оплаты: поле даты amoCRM изменить не дала."
    assert mark(account, paid(13)) == MoveResult(MoveOutcome.MOVED, FULL, "2005", reason)
    assert written(account) == [[PAID, DAY_WRITTEN], [PAID]]


def test_what_came_of_the_mark_without_a_day_is_told_first(account: SmallAccount) -> None:
    account.lay(WRITE_INVOICE, complaint("custom_fields_values.1.values"), rows("elements", {"id": INVOICE}))
    reason = "Статус счёта сменили сразу после нас."
    found = mark(account, paid(14))
    assert (found.outcome, found.reason) == (MoveOutcome.CHANGED_BY_OTHER, reason)


@pytest.mark.parametrize("answer", [REFUSED, complaint()])
def test_a_refusal_that_complains_of_no_field_is_a_refusal(account: SmallAccount, answer: Any) -> None:
    account.lay(WRITE_INVOICE, answer)
    assert mark(account, paid(13)).outcome is MoveOutcome.REFUSED
    assert len(written(account)) == 1


def test_a_complaint_of_a_mark_without_a_day_is_a_refusal(account: SmallAccount) -> None:
    account.lay(WRITE_INVOICE, complaint("custom_fields_values.0.values"))
    assert mark(account, paid(13), None).outcome is MoveOutcome.REFUSED
    assert len(written(account)) == 1


# Out with the mark


def restore(account: SmallAccount, before: Any, after: Any) -> MoveResult:
    account.lay(READ_INVOICE, before, after)
    return account.sink().restore(str(INVOICE), FULL, CREATED)


def test_the_day_goes_with_the_mark(account: SmallAccount) -> None:
    assert restore(account, paid(13, DAY_BEGINS), paid(11)) == MoveResult(MoveOutcome.MOVED, CREATED, "2005")
    ((status, day),) = written(account)
    assert status["values"] == [{"enum_code": "created"}]
    assert day == DAY_EMPTIED


def test_an_invoice_without_a_day_is_not_emptied(account: SmallAccount) -> None:
    assert restore(account, paid(13), paid(11)) == MoveResult(MoveOutcome.MOVED, CREATED, "2005")
    assert [len(fields) for fields in written(account)] == [1]


def test_a_day_that_stayed_is_told(account: SmallAccount) -> None:
    reason = "Статус счёта записан, но дата оплаты в нём не та, что передал хаб (пусто): 07.04.2026."
    found = restore(account, paid(13, DAY_BEGINS), paid(11, DAY_BEGINS))
    assert found == MoveResult(MoveOutcome.MOVED, CREATED, "2005", reason)


def test_an_account_that_can_no_longer_be_asked_for_its_zone_leaves_the_day_unjudged(account: SmallAccount) -> None:
    def written_late() -> Any:
        account.lay(ACCOUNT, REFUSED)
        account.clock.sleep(86_400)
        return rows("elements", {"id": INVOICE})

    account.lay(WRITE_INVOICE, written_late)
    found = restore(account, paid(13, DAY_BEGINS), paid(11, DAY_BEGINS))
    assert found == MoveResult(MoveOutcome.MOVED, CREATED, "2005")

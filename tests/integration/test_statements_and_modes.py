"""Statement files as they come, years of them, and the switch from observing to acting."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox
from hub.ports.records import EffectState, InboxState, PaymentState
from hub.services.control import pause, resume, send_again
from hub.store.unit_of_work import SqlStore
from tests.integration.office import Office, lines, opened, seed, served
from tests.support.statements import Received, statement

PER_MONTH: Final = 120
PAID: Final = 5


def test_the_same_file_twice_and_an_overlapping_one_add_only_what_is_new(office: Office) -> None:
    first, second, third = lines((701, "1000.00"), (702, "500.00"), (702, "1500.50"))
    office.poll()
    file = office.bring(first, second)
    assert office.bring(first, second) == file, "the very same file is one row of the inbox"
    office.bring(second, third, name="another period.txt")
    assert len(office.payments()) == 3
    office.settle()
    assert office.moves(9002) == ["PREPAYMENT_INVOICE", "EXECUTING"]
    assert len(office.control.comments()) == 3


def test_two_equal_payments_of_one_day_stay_two_and_pay_the_invoice_together(store: SqlStore) -> None:
    twin = Received("51", "500.00", "Оплата по счету № 701 от 10.03.2026")
    with served(seed(("1000.00",)), store) as office:
        office.act().pay(twin, twin)
        office.bring(twin, twin, name="once more.txt")
        office.bring(twin, name="half of the day.txt")
        assert len(office.payments()) == 2
        office.settle()
        with store.read() as uow:
            found = uow.invoices.get("portal/701")
        assert found is not None
        assert {row.state for row in office.payments()} == {PaymentState.MATCHED}
        assert found.invoice.paid == found.invoice.amount
        assert office.stage(9001) == "EXECUTING"


def test_a_broken_document_is_put_aside_and_the_others_go_on(office: Office) -> None:
    good, bad, last = lines((701, "1000.00"), (702, "2000.50"), (702, "2000.50"))
    raw = statement([good, bad, last]).replace("Сумма=2000.50".encode("cp1251"), "Сумма=две тысячи".encode("cp1251"), 1)
    office.poll()
    inbox_id = office.bring_file(raw)
    with office.store.read() as uow:
        row = uow.inbox.get(inbox_id)
    assert row is not None
    assert row.state is InboxState.DONE
    assert (row.summary or {})["broken"] == 1
    assert len(office.payments()) == 2
    office.settle()
    assert (office.moves(9001), office.moves(9002)) == (["EXECUTING"], ["EXECUTING"])


def test_a_file_that_is_no_statement_is_refused_with_a_reason(office: Office) -> None:
    inbox_id = office.bring_file(b"%PDF-1.7 not a statement", name="scan.pdf")
    with office.store.read() as uow:
        row = uow.inbox.get(inbox_id)
    assert row is not None
    assert row.state is InboxState.FAILED
    assert row.error
    assert office.payments() == []


# A year of old statements, observed


@pytest.fixture(scope="module")
def year() -> list[bytes]:
    """Twelve monthly files: each invoice is paid in its month, some in parts, some by nobody known."""
    return [statement(_month(month), f"01.{month:02}.2025") for month in range(1, 13)]


def _month(month: int) -> list[Received]:
    found = []
    for place in range(PER_MONTH):
        number = month * 1000 + place
        day = f"{place % monthrange(2025, month)[1] + 1:02}.{month:02}.2025"
        if place < PAID:
            purpose = f"Оплата по счету № {number} от 01.{month:02}.2025"
            found.append(Received(str(number), f"{_sum(month, place)}.00", purpose, day))
        else:
            stranger = {"tax_id": f"78{number:08}", "name": f"ООО «Прохожий {number}»"}
            account = f"4070281010000{number:07}"
            purpose = f"За услуги по договору {number}"
            found.append(Received(str(number), f"{number}.17", purpose, day, account=account, **stranger))
    return found


def _sum(month: int, place: int) -> int:
    return 1000 * month + place


def _old_portal() -> dict[str, object]:
    """An invoice with its deal for the first payments of every month."""
    keys = [(month, place) for month in range(1, 13) for place in range(PAID)]
    deals = [
        {"id": month * 1000 + place, "title": "Поставка", "company_id": 512, "opportunity": _sum(month, place)}
        for month, place in keys
    ]
    invoices = [
        {
            "id": month * 1000 + place + 20000,
            "title": "Счёт",
            "account_number": str(month * 1000 + place),
            "company_id": 512,
            "my_company_id": 3,
            "deal_id": month * 1000 + place,
            "opportunity": _sum(month, place),
            "begin_date": f"2025-{month:02}-01",
            "created_at": f"2025-{month:02}-01T10:00:00+03:00",
        }
        for month, place in keys
    ]
    return seed((), deals=deals, invoices=invoices)


def test_a_year_of_old_statements_observed_writes_nothing_and_shows_what_it_would_do(
    store: SqlStore, year: list[bytes]
) -> None:
    with served(_old_portal(), store) as office:
        office.act(None).poll()
        for place, raw in enumerate(year):
            office.bring_file(raw, f"{place + 1:02}.2025.txt")
        office.settle()
        rows = office.payments()
        assert len(rows) == 12 * PER_MONTH
        matched = [row for row in rows if row.state is PaymentState.MATCHED]
        assert len(matched) == 12 * PAID
        planned = [effect for row in matched for effect in office.effects(row.payment.id)]
        assert {effect.state for effect in planned} == {EffectState.PLANNED}
        assert len(planned) == 4 * len(matched)
        assert all("наблюдает" in (effect.reason or "") for effect in planned)
        office.act(date(2026, 3, 16)).settle()
        for raw in year[:2]:
            office.bring_file(raw, "again.txt")
        office.sync()
        office.settle()
        assert office.sent() == [], "not one call of a writing method"
        assert {row.state for row in office.payments()} == {row.state for row in rows}


def test_only_money_from_the_starting_date_on_moves_anything(office: Office) -> None:
    office.act(date(2026, 3, 15)).pay(
        Received("51", "1000.00", "Оплата по счету № 701 от 10.03.2026", day="14.03.2026"),
        Received("52", "2000.50", "Оплата по счету № 702 от 10.03.2026", day="15.03.2026"),
    )
    office.settle()
    assert (office.moves(9001), office.moves(9002)) == ([], ["EXECUTING"])
    assert {row.state for row in office.effects("p1")} == {EffectState.PLANNED}
    assert all("раньше 15.03.2026" in (row.reason or "") for row in office.effects("p1"))


def test_a_refused_effect_obeys_a_later_starting_date_when_it_is_sent_again(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    office.fault("crm.item.update", 9001, kind="refuse", status=403, code="insufficient_scope")
    office.settle()
    (parked,) = office.parked()
    office.act(date(2026, 4, 1))
    send_again(office.rt, parked.id, "Ольга")
    office.settle()
    assert office.moves(9001) == []
    assert not office.parked()


def test_a_pause_in_the_middle_sends_nothing_and_reading_goes_on(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    pause(office.rt, "Ольга")
    assert office.deliver_due() == 0
    office.human("move", 9002, stage_id="PREPARATION")
    office.sync()
    with office.store.read() as uow:
        deal = uow.deals.get("portal/9002")
    assert deal is not None
    assert deal.deal.stage_id == "PREPARATION"
    assert not office.sent()
    resume(office.rt, "Ольга")
    office.settle()
    assert office.moves(9001) == ["EXECUTING"]


def test_the_hourly_cap_stops_the_rule_and_not_the_rest(shared_sandbox: RunningSandbox, store: SqlStore) -> None:
    shared_sandbox.control.reset()
    with opened(shared_sandbox, store, moves_per_hour=1) as office:
        office.act().pay(*lines((701, "1000.00"), (702, "2000.50")))
        for _ in range(12):
            office.deliver_due()
        assert sum(len(office.moves(deal)) for deal in (9001, 9002)) == 1
        assert office.connection().capped
        assert {office.invoice_stage(701), office.invoice_stage(702)} == {"DT31_3:P"}
        office.clock.sleep(3700)
        resume(office.rt, "Ольга", "portal")
        office.settle()
        assert (office.moves(9001), office.moves(9002)) == (["EXECUTING"], ["EXECUTING"])

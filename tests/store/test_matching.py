"""Matches and adjustments: recorded, undone, and never more than the payment is."""

from __future__ import annotations

import pytest

from hub.domain.allocation import Adjustment, AdjustmentKind, Allocation, AllocationError, Match
from hub.ports.store import UnitOfWork
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, add_payment, allocate, invoice, later, rub

FEE = Adjustment(AdjustmentKind.COMMISSION, "b24/71", rub("20.00"), "комиссия эквайера")


def world(uow: UnitOfWork) -> str:
    for external in ("71", "72"):
        uow.invoices.upsert(CRM, invoice(external), ())
    return add_payment(uow)


def test_a_match_is_found_from_both_sides(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = world(uow)
        parts = (Allocation("b24/71", rub("1000.00")), Allocation("b24/72", rub("200.00")))
        uow.matches.add(Match(payment_id, parts, (FEE,)), "person:anna", NOW)
        of_payment = uow.matches.of_payment(payment_id)
        of_invoice = uow.matches.of_invoice("b24/72")
        assert uow.matches.adjustments(payment_id) == [FEE]
    assert [(row.invoice_id, row.amount) for row in of_payment] == [("b24/71", rub("1000")), ("b24/72", rub("200"))]
    assert of_invoice == of_payment[1:]
    assert (of_invoice[0].decided_by, of_invoice[0].decided_at, of_invoice[0].undone_at) == ("person:anna", NOW, None)


def test_undo_takes_back_allocations_and_adjustments_and_keeps_who_did_it(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = world(uow)
        uow.matches.add(Match(payment_id, (Allocation("b24/71", rub("1000.00")),), (FEE,)), "hub", NOW)
        undone = uow.matches.undo(payment_id, "person:anna", later(5))
        assert uow.matches.undo(payment_id, "person:olga", later(6)) == []
        assert uow.matches.of_payment(payment_id) == []
        assert uow.matches.of_invoice("b24/71") == []
        assert uow.matches.adjustments(payment_id) == []
        assert uow.matches.of_payment(payment_id, active_only=False) == undone
    assert [(row.undone_by, row.undone_at) for row in undone] == [("person:anna", later(5))]


def test_a_payment_never_gives_out_more_than_it_is(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = world(uow)
        allocate(uow, payment_id, "b24/71", "1000.00")
    with pytest.raises(AllocationError, match="p1"), store.write() as uow:
        allocate(uow, payment_id, "b24/72", "200.01")
    with store.write() as uow:
        assert uow.payments.given(payment_id) == rub("1000.00")
        allocate(uow, payment_id, "b24/72", "200.00")


def test_money_that_went_back_takes_from_the_invoice(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = world(uow)
        refund = add_payment(uow, "Возврат", "300.00")
        allocate(uow, payment_id, "b24/71", "1200.00")
        allocate(uow, refund, "b24/71", "-300.00")
        row = uow.invoices.get("b24/71")
        assert row is not None
        assert row.invoice.paid == rub("900.00")
        assert uow.payments.given(refund) == rub("-300.00")


def test_a_match_of_an_unknown_payment_is_an_error(store: SqlStore) -> None:
    with pytest.raises(LookupError), store.write() as uow:
        uow.matches.add(Match("p404", ()), "hub", NOW)

"""Texts of decision tables by version, and payments that another table decided last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.ports.records import PaymentState
from hub.ports.store import UnitOfWork
from hub.store.unit_of_work import SqlStore
from tests.store.builders import NOW, decision, later, received


def test_a_version_is_kept_once_as_it_was_first(store: SqlStore) -> None:
    with store.write() as uow:
        uow.decision_tables.keep("3", 'version = "3"\n# «ё»', NOW)
        uow.decision_tables.keep("3", "other", later(1))
        uow.decision_tables.keep("3+ab", "x", NOW)
    with store.read() as uow:
        assert uow.decision_tables.text("3") == 'version = "3"\n# «ё»'
        assert uow.decision_tables.text("3+ab") == "x"
        assert uow.decision_tables.text("3+AB") is None


def waiting(uow: UnitOfWork, version: str, state: PaymentState = PaymentState.NEEDS_YOU) -> str:
    """A payment in a state, decided under a version."""
    payment = uow.payments.add([received(f"{version} {state}")], None, NOW)[0][0]
    uow.payments.decide(payment, replace(decision(payment), version=version), state, (), NOW)
    return payment


@pytest.mark.parametrize("version", ["3", "3+1a2b3c4d5e6f", "a_b%"])
def test_only_waiting_payments_of_another_table_are_reopened(store: SqlStore, version: str) -> None:
    with store.write() as uow:
        mine = waiting(uow, f"reader 1, table {version}")
        mine_by_another_reader = waiting(uow, f"reader 2, table {version}")
        older = waiting(uow, "reader 1, table 2")
        longer = waiting(uow, f"reader 1, table 1{version}")
        beside = waiting(uow, "")
        matched = waiting(uow, "reader 1, table 2", PaymentState.MATCHED)
        not_ours = waiting(uow, "reader 1, table 2", PaymentState.NOT_OURS)
        assert uow.payments.reopen_of_other_tables(version) == 2
    states = {}
    with store.read() as uow:
        for payment in (mine, mine_by_another_reader, older, longer, beside, matched, not_ours):
            row = uow.payments.get(payment)
            assert row is not None
            states[payment] = row.state
    assert {key for key, state in states.items() if state is PaymentState.RECHECK} == {older, longer}
    assert (states[matched], states[not_ours]) == (PaymentState.MATCHED, PaymentState.NOT_OURS)


def test_the_newest_decision_says_which_table_it_was(store: SqlStore) -> None:
    with store.write() as uow:
        payment = waiting(uow, "reader 1, table 2")
        newer = replace(decision(payment), version="reader 1, table 3")
        uow.payments.decide(payment, newer, PaymentState.NEEDS_YOU, (), NOW)
        assert uow.payments.reopen_of_other_tables("3") == 0
        assert uow.payments.reopen_of_other_tables("2") == 1

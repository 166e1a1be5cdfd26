"""Rows 13 and 17 on 1C: it fails or is not there for an hour, is left alone, and the others work on."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final

import pytest

from connectors.accounting_1c.sandbox.testing import running_sandbox as running_base
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from hub.ports.records import EffectKind, Health, PaymentState
from hub.store.engine import Database
from tests.support.house_1c import OTHERS, House1C, moved_in_1c, opened_house_1c
from tests.support.matrix import Figures
from tests.support.papers_1c import BUH, MONEY, PAID, STATUS, base_seed, paper_money, paper_transfer
from tests.support.sale import PAID as DEAL_PAID
from tests.support.sale import TBANK, TOCHKA, amo_seed, banks_seed, transfer
from tests.support.shift import broken_promises, on_both, turn, work

DOCUMENTS: Final = 4
SUMS: Final = [f"{1000 + place}.00" for place in range(1, DOCUMENTS + 1)]
FED: Final = [paper_money(place, SUMS[place - 1]) for place in range(1, DOCUMENTS + 1)]
FAILING: Final[dict[str, dict[str, Any]]] = {
    "502 page": {"kind": "html", "status": 502},
    "500 of the server": {"kind": "exception"},
    "silence": {"kind": "lose_reply", "applied": False},
}


def marked_once(house: House1C) -> None:
    states = [row for row in house.base_effects(STATUS) if "Статус" in row.changed]
    assert len(states) == DOCUMENTS
    assert [house.state_of(place) for place in range(1, DOCUMENTS + 1)] == [PAID] * DOCUMENTS
    assert not [row for row in house.parked() if row.kind is EffectKind.MARK_PAID]


@pytest.mark.row(13)
@pytest.mark.thorough
@pytest.mark.parametrize(("chosen", "name"), on_both(FAILING, ["502 page"]), indirect=["chosen"])
def test_a_base_that_fails_for_an_hour_is_left_alone_after_five_calls_and_drains_in_ten_minutes(
    chosen: Database, figures: Figures, name: str
) -> None:
    with opened_house_1c(chosen, *SUMS, plan=True) as house:
        house.read_everything()
        house.bring(*FED)
        house.base_fault("*", times=None, **FAILING[name])
        before, began = house.base_asked(), house.clock.monotonic()
        turn(house.rt, house.hints)
        turn(house.rt, house.hints)
        opening = house.base_asked() - before
        figures.most("1C: calls until the breaker is open", opening)
        assert 1 <= opening <= 5
        house.bank.add(transfer(TOCHKA, 1))
        work(house, 3600 - (house.clock.monotonic() - began), 60)
        made = house.base_asked() - before
        figures.most("1C: calls in the hour", made)
        assert made <= 60
        assert house.connection(BUH).health is Health.TROUBLE
        assert house.moves() == [DEAL_PAID], "the bank's money moves its deal"
        assert {house.connection(other).health for other in OTHERS} == {Health.OK}
        house.base.clear_faults()
        ends = house.clock.monotonic() + 600
        while (
            house.clock.monotonic() < ends
            and [house.state_of(p) for p in range(1, DOCUMENTS + 1)] != [PAID] * DOCUMENTS
        ):
            turn(house.rt, house.hints)
            house.clock.sleep(5)
        figures.most("1C: minutes to drain", 10 - (ends - house.clock.monotonic()) / 60)
        work(house, 300, 30)
        marked_once(house)
        assert house.connection(BUH).health is Health.OK
        assert house.base.state()["changes_waiting"] == 0
        assert broken_promises(house, chosen, [*FED, *house.ledger()]) == []


@pytest.mark.row(13)
@pytest.mark.thorough
def test_a_base_that_reads_but_does_not_write_for_an_hour_asks_no_person(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_house_1c(sqlite_database, *SUMS) as house:
        house.read_everything()
        house.bring(*FED)
        for verb in ("create", "patch"):
            house.base_fault(f"{verb}.*", times=None, **FAILING["500 of the server"])
        work(house, 3600, 60)
        made = len(house.base_calls(STATUS))
        figures.most("1C: writes tried in the hour", made)
        assert 1 <= made <= 60
        assert house.base_effects() == []
        assert not house.parked()
        house.base.clear_faults()
        work(house, 1200, 30)
        marked_once(house)
        assert broken_promises(house, sqlite_database, FED) == []


@pytest.mark.row(13)
@pytest.mark.thorough
def test_money_that_1c_shows_before_the_bank_is_there_ten_minutes_after_an_outage_of_an_hour(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_house_1c(sqlite_database, *SUMS[:1], money=True) as house:
        house.read_everything()
        house.base_fault("*", times=None, **FAILING["silence"])
        house.loads_payment(1, SUMS[0], post=True)
        work(house, 3600, 60)
        assert house.payments() == []
        assert house.connection(MONEY).health is Health.TROUBLE
        house.base.clear_faults()
        began = house.clock.monotonic()
        while not house.payments():
            turn(house.rt, house.hints)
            house.clock.sleep(20)
            assert house.clock.monotonic() - began < 600
        figures.most("1C: minutes until its money is there", (house.clock.monotonic() - began) / 60)
        work(house, 600, 60)
        assert {house.connection(name).health for name in (BUH, MONEY)} == {Health.OK}
        assert house.payment("p1").state is PaymentState.NEEDS_YOU, "its account is read at the bank too"
        house.bank.add(paper_transfer(TOCHKA, 1, SUMS[0]))
        work(house, 600, 60)
        assert len(house.payments()) == 1
        assert house.state_of() == PAID


@pytest.mark.row(17)
def test_a_base_whose_server_is_gone_stops_nobody_and_costs_the_others_no_time(
    sqlite_database: Database, figures: Figures
) -> None:
    with ExitStack() as stack:
        amo = stack.enter_context(running_amo(amo_seed()))
        banks = stack.enter_context(running_banks(banks_seed()))
        gone = ExitStack()
        base = gone.enter_context(running_base(base_seed("1000.00")))
        with moved_in_1c(amo, base, sqlite_database, banks, money=True) as house:
            for _ in range(2):
                house.minute()
            gone.close()
            house.bank.add(transfer(TBANK, 1))
            house.bank.add(paper_transfer(TOCHKA, 1, document_number="77"))
            began = house.clock.monotonic()
            while house.moves() != [DEAL_PAID]:
                turn(house.rt, house.hints)
                house.clock.sleep(5)
                assert house.clock.monotonic() - began < 900
            figures.most("s until a deal moves while 1C's server is gone", house.clock.monotonic() - began)
            for _ in range(10):
                house.minute()
            assert {house.connection(name).health for name in (BUH, MONEY)} == {Health.TROUBLE}
            assert {house.connection(name).health for name in OTHERS} == {Health.OK}
            assert house.connection(BUH).health_reason
            assert [row.kind for row in house.unsettled() if row.connection != BUH] == []
            assert not house.parked()

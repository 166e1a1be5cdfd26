"""Row 25: somebody renames, removes or reorders stages while money is on its way: no guess is written."""

from __future__ import annotations

from typing import Any

import pytest

from hub.ports.records import EffectKind, EffectState, Health
from hub.services.control import send_again
from hub.services.deliver import deliver
from hub.store.engine import Database
from tests.integration.office import Office, lines, seed
from tests.support.matrix import Figures
from tests.support.shift import calls, opened_office

pytestmark = pytest.mark.row(25)
PAID = ((701, "1000.00"), (702, "2000.50"))


def move_of(office: Office, payment: str = "p1") -> tuple[EffectState, str]:
    row = office.effect(EffectKind.MOVE_DEAL, payment)
    return row.state, row.reason or ""


def change(office: Office, act: str, stage: str, **more: Any) -> None:
    office.human(act, None, stage_id=stage, **more)


@pytest.mark.parametrize("after_s", [61, 1800])
def test_a_new_order_of_stages_is_seen_before_the_next_write(
    database: Database, figures: Figures, after_s: float
) -> None:
    """The rule's stage now stands before the deal's: moving there would be a step back."""
    with opened_office(database, seed()) as office:
        office.human("move", 9001, stage_id="PREPAYMENT_INVOICE")
        office.pay(*lines(*PAID))
        change(office, "sort_stage", "EXECUTING", sort=5)
        office.clock.sleep(after_s)
        before = calls(office)
        deliver(office.rt, office.effect(EffectKind.MOVE_DEAL).id)
        state, reason = move_of(office)
        assert state is EffectState.DONE
        assert "уже дальше" in reason
        assert office.moves(9001) == []
        figures.most("calls of a guard that reads stages anew", calls(office) - before)
        assert calls(office) - before <= 3


def test_stages_are_read_once_a_minute_however_many_deals_move(database: Database, figures: Figures) -> None:
    sums = [f"{1000 + place}.00" for place in range(12)]
    with opened_office(database, seed(sums)) as office:
        office.pay(*lines(*((701 + place, amount) for place, amount in enumerate(sums))))
        office.clock.sleep(61)
        before = len(office.control.requests)
        office.deliver_due()
        made = office.control.requests[before:]
        read = [row for row in made if row.method == "crm.category.list"]
        figures.most("readings of stages for 12 moves", len(read))
        assert len(read) <= 2, "one for deals, one for invoices"


def test_a_removed_stage_parks_with_its_reason_and_the_other_rule_goes_on(database: Database, figures: Figures) -> None:
    with opened_office(database, seed()) as office:
        office.pay(*lines((701, "1000.00"), (702, "500.00")))
        change(office, "remove_stage", "EXECUTING")
        office.clock.sleep(61)
        office.settle()
        state, reason = move_of(office)
        assert state is EffectState.PARKED
        assert "EXECUTING" in reason
        assert "больше нет" in reason
        assert office.stage(9001) == "NEW"
        assert office.moves(9002) == ["PREPAYMENT_INVOICE"], "the rule whose stage is there goes on"
        assert office.connection().health is Health.OK
        figures.total("parked with a reason", 1)
        send_again(office.rt, office.effect(EffectKind.MOVE_DEAL).id, "Ольга")
        office.settle()
        assert move_of(office)[0] is EffectState.PARKED


def test_a_renamed_stage_is_the_same_stage_under_its_new_name(database: Database) -> None:
    with opened_office(database, seed()) as office:
        office.human("move", 9001, stage_id="FINAL_INVOICE")
        office.pay(*lines(*PAID))
        change(office, "rename_stage", "FINAL_INVOICE", name="Закрывающие документы")
        office.clock.sleep(61)
        office.settle()
        assert "Закрывающие документы" in move_of(office)[1]
        assert office.moves(9002) == ["EXECUTING"]

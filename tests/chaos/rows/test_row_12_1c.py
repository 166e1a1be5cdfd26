"""Row 12 on 1C: the password is changed, a right is taken away; it shows within a minute and the others work on."""

from __future__ import annotations

from typing import Any, Final

import pytest

from hub.ports.records import EffectKind, EffectState, Health, PaymentState
from hub.store.engine import Database
from tests.support.house_1c import OTHERS, House1C, opened_house_1c
from tests.support.matrix import Figures
from tests.support.papers_1c import BUH, INVOICE, MONEY, PAID, STATUS, paper_id, paper_money, paper_transfer
from tests.support.sale import PAID as DEAL_PAID
from tests.support.sale import TBANK, TOCHKA, transfer
from tests.support.shift import broken_promises, on_both, turn

pytestmark = pytest.mark.row(12)
MINUTES: Final = 60
#: One call that finds out, then one in ten minutes; the base is two connections, of documents and of money.
MOST: Final = 2 * (1 + MINUTES // 10 + 1)
NO_RIGHT: Final[dict[str, Any]] = {
    "kind": "refuse",
    "status": 401,
    "code": "20",
    "description": "Нарушение прав доступа!",
}


def changed_password(house: House1C) -> None:
    house.base.kill_user("Обмен")


def cloud_login(house: House1C) -> None:
    house.base_fault("*", times=None, kind="redirect", location="https://login.example/")


SHUT: Final = {"password changed": changed_password, "a cloud's login": cloud_login}


def let_in(house: House1C) -> None:
    house.base.revive_user("Обмен")
    house.base.clear_faults()


@pytest.mark.thorough
@pytest.mark.parametrize(("chosen", "name"), on_both(SHUT, ["password changed"]), indirect=["chosen"])
def test_a_base_that_takes_our_password_no_more_rings_once_and_is_asked_once_in_ten_minutes(
    chosen: Database, figures: Figures, name: str
) -> None:
    with opened_house_1c(chosen, "1000.00", "2000.00", money=True) as house:
        house.read_everything()
        house.bring(paper_money(1))
        SHUT[name](house)
        before = house.base_asked()
        for number in range(MINUTES):
            if number == 2:
                house.bank.add(transfer(TBANK, 1))
            if number == 20:
                house.bank.add(paper_transfer(TOCHKA, 2, "2000.00"))
            if number == 30:
                house.bank.add(transfer(TBANK, 2, "2000.00"))
            house.minute()
        made = house.base_asked() - before
        figures.most("questions to a shut 1C in an hour", made)
        assert made <= MOST
        assert {house.connection(item).health for item in (BUH, MONEY)} == {Health.DEAD}
        assert house.alarms(BUH).count("dead") == 1
        moves = [house.moves(place) for place in (1, 2)]
        assert moves == [[DEAL_PAID]] * 2, "banks and CRM are served, however long 1C is silent"
        late = house.payment("p3")
        assert late.state is PaymentState.NEW, "read, and not decided: its invoice only 1C tells"
        assert {house.connection(other).health for other in OTHERS} == {Health.OK}
        assert not house.parked(), "a base that is shut says nothing about a single invoice"
        assert house.base_effects() == []
        let_in(house)
        for _ in range(30):
            house.minute()
        assert [house.state_of(place) for place in (1, 2)] == [PAID, PAID]
        assert {house.connection(item).health for item in (BUH, MONEY)} == {Health.OK}
        assert broken_promises(house, chosen, [paper_money(1), *house.ledger()]) == []


def test_a_changed_password_shows_within_a_minute_of_a_healthy_hub(sqlite_database: Database, figures: Figures) -> None:
    with opened_house_1c(sqlite_database, "1000.00") as house:
        for _ in range(3):
            house.minute()
        changed_password(house)
        began = house.clock.monotonic()
        while house.connection(BUH).health is not Health.DEAD:
            house.clock.sleep(5)
            assert house.clock.monotonic() - began < 600
            turn(house.rt, house.hints)
        took = house.clock.monotonic() - began
        figures.most("1C: s until a changed password shows", took)
        assert took <= house.rt.connections[BUH].poll_every_s + 10 <= 70
        assert "sverka connect 1c" in (house.connection(BUH).health_reason or "")


@pytest.mark.parametrize("what", [f"list.{INVOICE}*", "list.Catalog_*"])
def test_a_right_to_read_that_was_taken_is_named_takes_nothing_away_and_stops_nobody(
    sqlite_database: Database, figures: Figures, what: str
) -> None:
    with opened_house_1c(sqlite_database, "1000.00") as house:
        house.writes_paper(2, "1000.00", Date="2026-03-16T08:00:00")
        for _ in range(3):
            house.minute()
        known = house.known(2)
        assert known is not None
        house.base_fault(what, times=None, **NO_RIGHT)
        house.base.edit(INVOICE, paper_id(2), СуммаДокумента="1500.00")
        before = house.base_asked()
        house.bank.add(transfer(TOCHKA, 1))
        for _ in range(20):
            house.minute()
        made = house.base_asked() - before
        figures.most("1C: calls in 20 min without a right", made)
        assert made <= 120
        row = house.connection(BUH)
        assert row.health is Health.TROUBLE
        assert "нет прав" in (row.health_reason or "")
        assert "Нарушение прав доступа" in (row.health_reason or ""), "in its own words"
        assert house.alarms(BUH).count("trouble") == 1
        assert house.known(2) == known, "what is not shown is not gone"
        assert house.moves() == [DEAL_PAID]
        house.base.clear_faults()
        for _ in range(3):
            house.minute()
        found = house.known(2)
        assert found is not None
        assert str(found.invoice.amount.amount) == "1500.00"
        assert house.connection(BUH).health is Health.OK


def test_a_right_to_write_that_is_missing_puts_that_invoice_to_a_person_and_is_not_tried_again(
    sqlite_database: Database,
) -> None:
    with opened_house_1c(sqlite_database, "1000.00", "2000.00") as house:
        house.read_everything()
        for verb in ("create", "patch"):
            house.base_fault(f"{verb}.{STATUS}*", times=1 if verb == "create" else None, **NO_RIGHT)
        house.pay(paper_money(1))
        for _ in range(30):
            house.minute()
        parked = house.effect(EffectKind.MARK_PAID)
        assert parked.state is EffectState.PARKED
        assert "Нарушение прав доступа" in (parked.reason or "")
        assert len(house.base_calls(STATUS)) == 1
        house.base.clear_faults()
        house.pay(paper_money(2, "2000.00"))
        for _ in range(5):
            house.minute()
        assert [house.state_of(place) for place in (1, 2)] == ["НеОплачен", PAID], "the next is marked"
        assert house.connection(BUH).health is Health.OK
        assert broken_promises(house, sqlite_database, [paper_money(1), paper_money(2, "2000.00")]) == []

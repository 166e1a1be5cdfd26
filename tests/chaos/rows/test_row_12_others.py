"""Row 12 on amoCRM and the banks: access is refused; one alarm, one question in ten minutes, and the others work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from connectors.bank.sandbox.seed import Bank
from hub.ports.records import EffectState, Health
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.house import (
    AMO,
    BANKS,
    PAID,
    TBANK,
    TOCHKA,
    WAITING,
    House,
    amo_seed,
    banks_seed,
    deal_id,
    money,
    opened_house,
    transfer,
)
from tests.support.matrix import Figures
from tests.support.shift import broken_promises, calls, on_both, turn

pytestmark = [pytest.mark.row(12), pytest.mark.thorough]
MINUTES: Final = 60
#: One call that finds out, then one in ten minutes.
MOST: Final = 1 + MINUTES // 10 + 1
SUMS: Final = ("1000.00", "2000.00", "3000.00", "4000.00")


def _refuse(status: int, **more: Any) -> Callable[[House], None]:
    return lambda house: house.fault("*", times=None, kind="refuse", status=status, **more)


def _page(house: House) -> None:
    house.fault("*", times=None, kind="html", status=403)


def _unpaid(house: House) -> None:
    house.control.pay(paid=False)


def _revoked(house: House) -> None:
    house.control.revoke()


#: How an account shuts us out, what then stands on the desk, and how many requests a question takes. A refusal in JSON
#: may be about one card only: whether the account itself is shut is a second request.
DENIED: Final[dict[str, tuple[Callable[[House], None], Health, int]]] = {
    "401": (_refuse(401), Health.DEAD, 1),
    "401 revoked": (_revoked, Health.DEAD, 1),
    "402 not paid": (_unpaid, Health.TROUBLE, 1),
    "403 page": (_page, Health.TROUBLE, 1),
    "403 in JSON": (_refuse(403, title="Forbidden", detail="Доступ запрещён"), Health.TROUBLE, 2),
}


@contextmanager
def whole_house(database: Database, **banks: Any) -> Iterator[House]:
    """Everything connected and read once, hooks coming."""
    with opened_house(database, amo_seed(SUMS), banks_seed(**banks), site=True) as house:
        house.subscribe()
        for _ in range(3):
            minute(house)
        yield house


def minute(house: House) -> None:
    """A minute of the hub's work, and of hooks."""
    house.hooks_sent()
    turn(house.rt, house.hints)
    house.clock.sleep(60)


def alarms(database: Database, connection: str) -> list[str]:
    """States that the journal tells of a connection, in order."""
    rows = Queries(database).journal(limit=1000)
    return [
        str(row.data["health"])
        for row in reversed(rows)
        if row.event == "connection.changed" and row.subject == connection
    ]


@pytest.mark.parametrize(("chosen", "name"), on_both(DENIED, ["401"]), indirect=["chosen"])
def test_a_shut_account_rings_once_and_is_asked_once_in_ten_minutes_while_the_banks_are_read(
    chosen: Database, figures: Figures, name: str
) -> None:
    shut, health, a_question = DENIED[name]
    with whole_house(chosen) as house:
        house.bring(money(1), money(2, "2000.00"))
        shut(house)
        before = calls(house)
        for number in range(MINUTES):
            if number % 6 == 0:
                house.human(act="edit", id=deal_id(4), fields={"name": f"Сделка {number}"})
            if number == 20:
                house.bank.add(transfer(TBANK, 3, "3000.00"))
                house.bank.add(transfer(TOCHKA, 4, "4000.00"))
            minute(house)
        made = calls(house) - before
        figures.most("questions to a shut amoCRM in an hour", made / a_question)
        assert made <= MOST * a_question
        assert house.connection().health is health
        assert alarms(chosen, AMO)[-1:] == [health.value]
        assert alarms(chosen, AMO).count(health.value) == 1
        figures.most("alarms", alarms(chosen, AMO).count(health.value))
        assert len(house.payments()) == 4, "the banks are read"
        assert {house.connection(bank).health for bank in BANKS} == {Health.OK}
        assert not house.parked(), "an account that is shut says nothing about a single deal"
        assert house.ours() == []
        house.control.clear_faults()
        house.control.pay(paid=True)
        if name == "401 revoked":
            house.control.account.tokens.reset()
        for _ in range(30):
            minute(house)
        assert [house.stage(place) for place in range(1, 5)] == [PAID] * 4
        assert {row.state for row in house.all_effects()} == {EffectState.DONE}
        assert house.connection().health is Health.OK
        fed = [money(1), money(2, "2000.00"), *house.ledger()]
        assert broken_promises(house, chosen, fed) == []


@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_that_takes_our_token_no_more_rings_once_and_is_asked_once_in_ten_minutes(
    sqlite_database: Database, figures: Figures, bank: Bank
) -> None:
    other = next(name for name in BANKS if name != bank)
    with whole_house(sqlite_database) as house:
        house.bank.kill_token(bank)
        before = house.asked(bank)
        for number in range(MINUTES):
            if number % 10 == 0:
                house.bank.add(transfer(bank, 1, "1.00", document_number=str(900 + number), purpose="Аренда"))
            if number == 20:
                house.bank.add(transfer(other, 2, "2000.00"))
            minute(house)
        made = house.asked(bank) - before
        figures.most(f"questions to a dead {bank} in an hour", made)
        assert made <= MOST
        assert house.connection(bank).health is Health.DEAD
        assert alarms(sqlite_database, bank).count("dead") == 1
        assert house.moves(2) == [PAID], "the other bank and amoCRM are served"
        assert house.stage(1) == WAITING
        assert {house.connection(name).health for name in (AMO, other)} == {Health.OK}
        house.bank.revive_token(bank)
        for _ in range(15):
            minute(house)
        assert house.connection(bank).health is Health.OK
        assert broken_promises(house, sqlite_database, house.ledger()) == []

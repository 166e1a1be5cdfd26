"""Row 27 on amoCRM: the pair of tokens is renewed by two at once, lost on its way, or dead; nobody acts twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from connectors.amocrm.access import ask_for_pair
from connectors.amocrm.credential import PAIR, Pair, load_pair
from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from connectors.shared.http import HttpClient, Origin
from hub.ports.records import EffectState, Health
from hub.ports.state import KeptSecret, TokenStore
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.tokens import SqlTokens, new_key
from tests.support.house import House, HouseClock, moved_in
from tests.support.matrix import Figures
from tests.support.sale import (
    AMO,
    BANKS,
    PAID,
    TBANK,
    amo_seed,
    banks_seed,
    deal_id,
    money,
    transfer,
)
from tests.support.shift import broken_promises, calls, turn

pytestmark = pytest.mark.row(27)
TOKEN: Final = "POST /oauth2/access_token"
SUMS: Final = ("1000.00", "2000.00")


@dataclass
class Watched:
    """A token store that tells when somebody has taken the turn to renew, as often as there is somebody to tell."""

    inner: TokenStore
    on_turn: list[Callable[[float], None]] = field(default_factory=list)

    def get(self, connection: str, name: str) -> str | None:
        return self.inner.get(connection, name)

    def put(self, connection: str, name: str, value: str) -> None:
        self.inner.put(connection, name, value)

    def read(self, connection: str, name: str) -> KeptSecret | None:
        return self.inner.read(connection, name)

    def take_turn(self, connection: str, name: str, version: int, owner: str, seconds: float) -> bool:
        taken = self.inner.take_turn(connection, name, version, owner, seconds)
        if taken and self.on_turn:
            self.on_turn.pop()(seconds)
        return taken

    def end_turn(self, connection: str, name: str, owner: str) -> None:
        self.inner.end_turn(connection, name, owner)

    def replace(self, connection: str, name: str, version: int, owner: str, value: str) -> bool:
        return self.inner.replace(connection, name, version, owner, value)


def consented(amo: RunningSandbox, clock: HouseClock) -> Pair:
    """A pair for a fresh code, as the command line gets it from an administrator's one click."""
    empty = Pair.model_validate(
        {
            "client_id": amo.client_id,
            "client_secret": amo.client_secret,
            "redirect_uri": amo.redirect_uri,
            "access": "",
            "refresh": "",
            "expires_at": clock.now(),
        }
    )
    http = HttpClient(Origin.of(amo.url), user_agent="test")
    try:
        proof = {"grant_type": "authorization_code", "code": amo.control.new_code()}
        return ask_for_pair(http, empty, proof, clock, "refused")
    finally:
        http.close()


@contextmanager
def integrated(database: Database, grace: str = "strict") -> Iterator[tuple[House, Watched]]:
    """A house whose account is connected by OAuth; its pair stands encrypted in the database."""
    seed = amo_seed(SUMS, settings={"oauth": {"refresh_grace": grace}})
    with running_sandbox(seed) as amo, running_banks(banks_seed()) as banks:
        clock = HouseClock(amo.control, banks.control)
        tokens = Watched(SqlTokens(database, [new_key()], clock))
        tokens.put(AMO, PAIR, consented(amo, clock).dump())
        with moved_in(amo, database, banks, tokens=tokens) as house:
            house.pay(money(1))
            yield house, tokens


def age(house: House, tokens: TokenStore) -> Pair:
    """Let the access token come to its end."""
    pair = load_pair(tokens.get(AMO, PAIR) or "")
    assert pair is not None
    house.clock.sleep((pair.expires_at - house.clock.now()).total_seconds() + 1)
    return pair


def asked_for_pairs(house: House) -> int:
    """Requests to the token service."""
    return sum(record.method == TOKEN for record in house.control.requests)


def alarms(house: House) -> list[Any]:
    """Times when the journal told of a dead connection."""
    rows = Queries(house.database).journal(limit=500)
    return [row for row in rows if row.event == "connection.changed" and row.data["health"] == "dead"]


def hours(house: House, minutes: int) -> None:
    """So many minutes of the hub's work."""
    for _ in range(minutes):
        turn(house.rt, house.hints)
        house.clock.sleep(60)


@pytest.mark.parametrize("grace", ["strict", "until_new_used"])
@pytest.mark.parametrize("asking", [False, True], ids=["before it asks", "about to ask"])
def test_a_process_that_slept_over_its_turn_takes_the_newer_pair_and_rings_nobody(
    sqlite_database: Database, figures: Figures, grace: str, asking: bool
) -> None:
    with integrated(sqlite_database, grace) as (house, tokens):
        old = age(house, tokens)
        asked = asked_for_pairs(house)

        def overtaken(turn_s: float) -> None:
            """We stand still for longer than a turn lasts; another process renews the pair and uses it."""
            house.clock.sleep(turn_s + 1)
            other = house.another_crm()
            assert other.deal(str(deal_id(1))).id == str(deal_id(1))
            other.close()

        # The turn is taken anew right before the question; they are told from the last one on.
        tokens.on_turn += [overtaken, lambda _turn_s: None] if asking else [overtaken]
        house.poll()
        statuses = [record.status for record in house.control.requests if record.method == TOKEN]
        refused = [status for status in statuses[asked:] if status != 200]
        assert refused in ([[400], [401]] if asking else [[]]), "ours was refused (invalid_grant), the other's holds"
        assert len(statuses) - asked == 1 + asking
        fresh = load_pair(tokens.get(AMO, PAIR) or "")
        assert fresh is not None
        assert fresh.refresh != old.refresh
        house.settle()
        assert house.moves() == [PAID]
        assert house.connection().health is Health.OK
        assert alarms(house) == []
        figures.most("alarms after a lost race", len(alarms(house)))
        assert broken_promises(house, sqlite_database, [money(1)]) == []


@pytest.mark.thorough
def test_a_dead_pair_rings_once_is_asked_for_seldom_and_one_click_brings_everything_back(
    sqlite_database: Database, figures: Figures
) -> None:
    with integrated(sqlite_database) as (house, tokens):
        house.control.revoke()
        before, asked = calls(house), asked_for_pairs(house)
        house.bank.add(transfer(TBANK, 2, "2000.00"))
        hours(house, 60)
        figures.most("requests to an account that took its tokens back, an hour", calls(house) - before)
        assert asked_for_pairs(house) - asked <= 7, "once in ten minutes"
        assert calls(house) - before <= 8
        assert house.connection().health is Health.DEAD
        assert "sverka connect amocrm" in str(house.connection().health_reason)
        assert len(alarms(house)) == 1
        assert house.ours() == []
        assert not house.parked(), "effects wait, they are not given up"
        assert len(house.payments()) == 2, "the banks are read meanwhile"
        assert {house.connection(bank).health for bank in BANKS} == {Health.OK}
        tokens.put(AMO, PAIR, consented(house.amo, house.clock).dump())
        hours(house, 15)
        assert (house.moves(1), house.moves(2)) == ([PAID], [PAID])
        assert {row.state for row in house.all_effects()} == {EffectState.DONE}
        assert house.connection().health is Health.OK
        assert broken_promises(house, sqlite_database, [money(1), *house.ledger()]) == []


@pytest.mark.thorough
@pytest.mark.parametrize(("grace", "lives"), [("strict", False), ("until_new_used", True)])
def test_a_pair_whose_answer_was_lost_is_had_again_where_the_account_allows_it_else_rings_once(
    sqlite_database: Database, figures: Figures, grace: str, lives: bool
) -> None:
    with integrated(sqlite_database, grace) as (house, tokens):
        age(house, tokens)
        house.fault(TOKEN, kind="lose_reply", applied=True)
        hours(house, 30)
        assert house.connection().health is (Health.OK if lives else Health.DEAD)
        assert len(alarms(house)) == (0 if lives else 1)
        figures.most("alarms of a lost answer", len(alarms(house)))
        if not lives:
            tokens.put(AMO, PAIR, consented(house.amo, house.clock).dump())
            hours(house, 15)
        house.settle()
        assert house.moves() == [PAID]
        assert house.connection().health is Health.OK
        assert broken_promises(house, sqlite_database, [money(1)]) == []

"""Under the portal's real limits every move is made, and not one of our calls is refused for being too many."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet
from hub.ports.records import EffectKind, EffectState, Health
from hub.services.deliver import deliver
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.quota import SqlQuota
from hub.store.unit_of_work import SqlStore
from tests.integration.office import Office, lines, seed, served

LIMITED: Final = {"rate_limit": {"enabled": True}, "operating": {"enabled": True}}
#: Costs at which moves and marks of all deals need more run time than ten minutes hold.
DEAR: Final = {"rate_limit": {"enabled": True}, "operating": {"enabled": True, "cost_s": {"crm.item.update": 10.0}}}
PACED: Final = {"plan": "non_enterprise"}
ONLY_MOVES: Final = RuleSet(
    {"0": PipelineRules("0", {PaidEvent.DEAL_PAID: Action("EXECUTING")})}, mark_invoices_paid=False
)


def busy_portal(deals: int, limits: dict[str, Any]) -> dict[str, Any]:
    return seed([f"{1000 + place}.00" for place in range(deals)], settings=limits)


def move_all(office: Office, deals: int) -> Counter[int]:
    """Money for every deal, delivered to the end; returns the portal's answers by status."""
    office.act().pay(*lines(*((701 + place, f"{1000 + place}.00") for place in range(deals))))
    office.settle(rounds=400)
    assert all(office.moves(9001 + place) == ["EXECUTING"] for place in range(deals))
    assert {row.state for row in office.all_effects()} == {EffectState.DONE}
    assert len(office.ours()) == len(office.sent()) == len(office.all_effects())
    return Counter(record.status for record in office.control.requests)


def test_moves_of_a_busy_day_are_paced_and_never_refused(store: SqlStore) -> None:
    with served(busy_portal(120, LIMITED), store, settings=PACED, rules=ONLY_MOVES) as office:
        began = office.clock.monotonic()
        assert set(move_all(office, 120)) == {200}
        assert office.clock.monotonic() - began > 120, (
            "360 calls and more do not fit into fewer seconds at two a second"
        )


def test_a_method_whose_run_time_is_used_up_is_left_alone_until_it_opens(
    store: SqlStore, sqlite_database: Database
) -> None:
    shared = {"quota": lambda clock: SqlQuota(sqlite_database, clock)}
    with served(busy_portal(30, DEAR), store, settings=PACED, **shared) as office:
        assert set(move_all(office, 30)) == {200}
        assert office.connection().health is Health.OK
    journal = Queries(sqlite_database).journal(limit=5000)
    troubles = [row.data for row in journal if row.event == "connection.changed" and row.data["health"] != "ok"]
    assert troubles == [], "keeping within a limit is no trouble of the connection"


def test_a_move_costs_four_calls(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    move = office.effect(EffectKind.MOVE_DEAL)
    before = len(office.control.requests)
    deliver(office.rt, move.id)
    methods = [record.method for record in office.control.requests][before:]
    # The deal and the invoice that the money paid are read, the deal is moved, its history tells which row is ours.
    assert methods == ["crm.item.get", "crm.item.get", "crm.item.update", "crm.stagehistory.list"]
    (_, last) = [row for row in office.control.stage_history() if row["ownerId"] == 9001]
    assert (office.effect(EffectKind.MOVE_DEAL).result or {})["mark"] == str(last["id"])

"""Row 24: a manager acts on the deal between our reading and our write; the rule stops for it, not the hub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from hub.ports.records import EffectKind, EffectState, Health
from hub.store.engine import Database
from tests.integration.office import MANAGER, Office, lines, seed
from tests.support.matrix import Figures
from tests.support.shift import on_both, reopened_office

pytestmark = pytest.mark.row(24)
ORDER: Final = ("NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "WON", "LOSE")
#: What the manager does, and a word of the reason that a person is shown.
ACTS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "forward": ({"act": "move", "stage_id": "FINAL_INVOICE"}, "переставили"),
    "a little forward": ({"act": "move", "stage_id": "PREPARATION"}, "переставили"),
    "won": ({"act": "move", "stage_id": "WON"}, "переставили"),
    "lost": ({"act": "lose"}, "переставили"),
    "deleted": ({"act": "delete"}, "удалена"),
}
PAID: Final = ((701, "1000.00"), (702, "2000.50"))


def below_the_read_stage(office: Office) -> int:
    """Writes of ours to a stage before the one that we had read."""
    moves = [row for row in office.all_effects() if row.kind is EffectKind.MOVE_DEAL and "from" in (row.intent or {})]
    pairs = [((row.intent or {})["from"][1], row.payload["stage"]) for row in moves]
    return sum(ORDER.index(target) < ORDER.index(read) for read, target in pairs)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """One portal for all cases."""
    with running_sandbox(seed()) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("chosen", "case"),
    on_both([(name, at) for name in ACTS for at in ("NEW", "PREPARATION")], [("forward", "NEW"), ("deleted", "NEW")]),
    indirect=["chosen"],
)
def test_what_a_human_did_in_between_is_found_in_the_history_and_put_before_a_person(
    chosen: Database, sandbox: RunningSandbox, figures: Figures, case: tuple[str, str]
) -> None:
    name, read_at = case
    do, why = ACTS[name]
    if do.get("stage_id") == read_at:
        do = do | {"stage_id": "NEW"}
    with reopened_office(sandbox, chosen) as office:
        if read_at != "NEW":
            office.human("move", 9001, stage_id=read_at)
        office.pay(*lines(*PAID))
        office.fault("crm.item.update", 9001, kind="human", timing="before", do=do | {"user_id": MANAGER})
        office.settle()
        row = office.effect(EffectKind.MOVE_DEAL)
        assert row.state is EffectState.PARKED
        assert why in (row.reason or "")
        assert len(office.moves(9001)) == (0 if name == "deleted" else 1), "one write, sent before we could know"
        figures.most("writes below the stage that was read", below_the_read_stage(office))
        assert below_the_read_stage(office) == 0
        assert office.moves(9002) == ["EXECUTING"], "the other deal goes on"
        assert office.connection().health is Health.OK
        before = len(office.sent())
        office.sync()
        office.settle()
        assert len(office.sent()) == before, "nothing more is tried until a person says so"
        figures.total("conflicts put before a person", 1)

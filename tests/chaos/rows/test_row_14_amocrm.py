"""Rows 14 and 15 on amoCRM: the answer to a write never came, or proves nothing; every kind is settled by reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Final

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox
from hub.ports.records import EffectKind, EffectState, Health
from hub.services.settle_payment import undo_match
from hub.store.engine import Database
from tests.support.house import PAID, WAITING, House, amo_seed, deal_id, money, moved_in, start_again
from tests.support.matrix import Figures
from tests.support.shift import broken_promises

FED: Final = [money(1)]
LEAD: Final = f"PATCH /api/v4/leads/{deal_id(1)}"
ELEMENT: Final = "PATCH /api/v4/catalogs/*/elements"
#: What becomes of one write; after the first name stands how often it may be sent again.
LOST: Final[dict[str, tuple[int, int, dict[str, Any]]]] = {
    "before apply": (14, 1, {"kind": "lose_reply", "applied": False}),
    "after apply": (14, 0, {"kind": "lose_reply", "applied": True}),
    "later, within the window": (14, 0, {"kind": "late_apply", "after_s": 40}),
    "later than the lease": (14, 1, {"kind": "late_apply", "after_s": 400}),
    "cut off with 504, applied later": (14, 0, {"kind": "late_apply", "after_s": 40, "reply": "504"}),
    "half reply with a length": (15, 0, {"kind": "half_reply"}),
    "half reply in chunks": (15, 0, {"kind": "half_reply", "content_length": False}),
    "page under 200": (15, 0, {"kind": "html", "status": 200, "applied": True}),
    "page under 200, not applied": (15, 1, {"kind": "html", "status": 200}),
    "error body under 200": (15, 0, {"kind": "refuse", "status": 200, "applied": True}),
    "error body under 200, not applied": (15, 1, {"kind": "refuse", "status": 200}),
}
#: Writes of one payment by their kind, and those of its undo.
CALLS: Final = {
    "move": (EffectKind.MOVE_DEAL, LEAD),
    "paid mark": (EffectKind.MARK_PAID, ELEMENT),
    "comment": (EffectKind.COMMENT, "POST /api/v4/leads/notes"),
    "task": (EffectKind.TASK, "POST /api/v4/tasks"),
    "step back": (EffectKind.STEP_BACK, LEAD),
    "mark taken back": (EffectKind.UNMARK_PAID, ELEMENT),
}
UNDONE: Final = ("step back", "mark taken back")
#: A note has no state to compare with: one that lands after the account's own cut stands there twice.
NOTES: Final = ("comment", "task")
#: What is done to the writes of an undo, too.
TELLING: Final = ("before apply", "after apply", "later than the lease", "error body under 200, not applied")
USUAL: Final = {
    *((name, "move") for name in LOST),
    *((name, "comment") for name in ("after apply", "later than the lease", "half reply with a length")),
}


def cases() -> list[Any]:
    """Every fault on every kind of write; `./run test` takes moves and the telling ones of comments."""
    return [
        pytest.param(name, call, id=f"{call}: {name}", marks=_marks(row, name, call))
        for name, (row, *_) in LOST.items()
        for call in CALLS
        if call not in UNDONE or name in TELLING
    ]


def _marks(row: int, name: str, call: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.row(row), *([] if (name, call) in USUAL else [pytest.mark.thorough])]


@pytest.fixture(scope="module")
def amo() -> Iterator[RunningSandbox]:
    """One account for all cases."""
    with running_sandbox(amo_seed(("1000.00",))) as sandbox:
        yield sandbox


@contextmanager
def at_the_write(amo: RunningSandbox, database: Database, call: str = "move") -> Iterator[House]:
    """A house whose next write of that kind is still to come."""
    start_again(amo)
    with moved_in(amo, database) as house:
        house.pay(*FED)
        if call in UNDONE:
            house.settle()
            undo_match(house.rt, "p1", "Ольга")
        yield house


@pytest.mark.parametrize(("name", "call"), cases())
def test_a_write_without_an_answer_is_settled_by_reading_and_sent_again_once_at_most(
    sqlite_database: Database, amo: RunningSandbox, figures: Figures, name: str, call: str
) -> None:
    _, repeats, action = LOST[name]
    kind, method = CALLS[call]
    with at_the_write(amo, sqlite_database, call) as house:
        house.fault(method, **action)
        before, planned = len(house.sent()), len(house.unsettled())
        house.settle()
        house.clock.sleep(500)
        house.sync()
        house.settle()
        again = len(house.sent()) - before - planned
        figures.most(f"amoCRM: repeat writes, {name}", again)
        assert again <= repeats
        assert house.effect(kind).state is EffectState.DONE
        assert not house.parked()
        assert house.connection().health is Health.OK
        doubled = call in NOTES and name == "later than the lease"
        found = [text for text in broken_promises(house, sqlite_database, FED) if not doubled or "I2" not in text]
        assert found == []
        assert house.stage() == (WAITING if call in UNDONE else PAID)
        assert house.paid_mark() == ("created" if call in UNDONE else "paid")
        if not doubled:
            assert (len(house.control.notes()), len(house.control.tasks())) == (1, 1)


@pytest.mark.row(14)
@pytest.mark.thorough
def test_a_write_that_nobody_answers_for_long_waits_longer_each_time_and_then_asks_a_person(
    sqlite_database: Database, amo: RunningSandbox, figures: Figures
) -> None:
    with at_the_write(amo, sqlite_database) as house:
        house.fault(LEAD, times=None, kind="lose_reply", applied=False)
        house.settle(rounds=400)
        moves = [row for row in house.sent() if row.entity_id == deal_id(1) and row.method == LEAD]
        gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(moves)]
        figures.most("amoCRM: tries before a person is asked", len(moves))
        assert len(moves) == 10
        # At its longest a pause is as long as the one before, but for the seconds that the calls themselves take.
        assert all(after > before - 2 for before, after in pairwise(gaps))
        assert min(gaps) >= 65
        parked = house.effect(EffectKind.MOVE_DEAL)
        assert parked.state is EffectState.PARKED
        assert "проверьте сделку" in (parked.reason or "")


@pytest.mark.row(15)
@pytest.mark.parametrize(
    "action",
    [
        {"kind": "half_reply"},
        {"kind": "half_reply", "content_length": False},
        {"kind": "html", "status": 200},
        {"kind": "refuse", "status": 200},
    ],
    ids=["half reply with a length", "half reply in chunks", "page under 200", "error body under 200"],
)
def test_a_broken_answer_to_a_reading_is_asked_again(
    sqlite_database: Database, amo: RunningSandbox, figures: Figures, action: dict[str, Any]
) -> None:
    read = f"GET /api/v4/leads/{deal_id(1)}"
    with at_the_write(amo, sqlite_database) as house:
        house.fault(read, **action)
        before = len(house.control.requests)
        while house.deliver_due():
            pass
        house.settle()
        reads = [row for row in house.control.requests[before:] if row.method == read]
        figures.most("amoCRM: readings of one card", len(reads))
        assert len(reads) >= 2
        assert house.moves() == [PAID]
        assert not house.parked()
        assert broken_promises(house, sqlite_database, FED) == []


@pytest.mark.row(15)
@pytest.mark.parametrize(
    "action",
    [
        pytest.param({"kind": "half_reply"}, id="half reply", marks=pytest.mark.thorough),
        pytest.param({"kind": "html", "status": 200}, id="page under 200", marks=pytest.mark.thorough),
        pytest.param({"kind": "refuse", "status": 200}, id="error body under 200"),
    ],
)
@pytest.mark.parametrize("method", ["leads", "events", "companies", "catalogs/7301/elements"])
def test_a_broken_page_of_changes_is_read_again_and_takes_nothing_away(
    sqlite_database: Database, amo: RunningSandbox, method: str, action: dict[str, Any]
) -> None:
    with at_the_write(amo, sqlite_database) as house:
        house.fault(f"GET /api/v4/{method}", **action)
        house.human(act="edit", id=deal_id(1), fields={"name": "Новая"})
        house.sync()
        house.settle()
        with house.store.read() as uow:
            known = uow.deals.get(f"amo/{deal_id(1)}")
        assert known is not None
        assert known.deal.title == "Новая"
        assert house.moves() == [PAID]
        assert broken_promises(house, sqlite_database, FED) == []

"""Rows 14 and 15: the answer to a write never came, or proves nothing; every kind of write is settled by reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Final

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from hub.ports.records import EffectKind, EffectState, Health
from hub.services.settle_payment import undo_match
from hub.store.engine import Database
from tests.integration.office import Office, lines, seed
from tests.support.matrix import Figures
from tests.support.shift import broken_promises, reopened_office

FED: Final = list(lines((701, "1000.00")))
#: What becomes of one write; after the first name stands how often it may be sent again.
LOST: Final[dict[str, tuple[int, int, dict[str, Any]]]] = {
    "before apply": (14, 1, {"kind": "lose_reply", "applied": False}),
    "after apply": (14, 0, {"kind": "lose_reply", "applied": True}),
    "later, within the window": (14, 0, {"kind": "late_apply", "after_s": 40}),
    "later than the lease": (14, 1, {"kind": "late_apply", "after_s": 400}),
    "half reply with a length": (15, 0, {"kind": "half_reply"}),
    "half reply in chunks": (15, 0, {"kind": "half_reply", "content_length": False}),
    "page under 200": (15, 0, {"kind": "html", "status": 200, "applied": True}),
    "error body under 200": (15, 0, {"kind": "refuse", "status": 200, "code": "ACCESS_DENIED", "applied": True}),
    "error body under 200, not applied": (15, 1, {"kind": "refuse", "status": 200, "code": "ACCESS_DENIED"}),
}
#: Writes of one payment by their kind, and those of its undo.
CALLS: Final = {
    "move": (EffectKind.MOVE_DEAL, "crm.item.update", 9001),
    "paid mark": (EffectKind.MARK_PAID, "crm.item.update", 701),
    "comment": (EffectKind.COMMENT, "crm.timeline.comment.add", 9001),
    "task": (EffectKind.TASK, "tasks.task.add", 9001),
    "step back": (EffectKind.STEP_BACK, "crm.item.update", 9001),
    "mark taken back": (EffectKind.UNMARK_PAID, "crm.item.update", 701),
}
UNDONE: Final = ("step back", "mark taken back")
#: A note has no state to compare with: one that lands after the portal's own cut stands there twice.
NOTES: Final = ("comment", "task")


TELLING: Final = {(name, call) for name in ("after apply", "later than the lease") for call in ("move", "comment")}


def cases() -> list[Any]:
    """Every fault on every kind of write; the telling ones on both databases, the notes' others in a thorough run."""
    return [
        pytest.param(database, name, call, marks=_marks(row, name, call), id=f"{database}-{call}: {name}")
        for name, (row, *_) in LOST.items()
        for call in CALLS
        for database in ("sqlite", "postgres")[: 1 + ((name, call) in TELLING)]
    ]


def _marks(row: int, name: str, call: str) -> list[pytest.MarkDecorator]:
    usual = (name, call) in TELLING or call in ("move", "mark taken back")
    return [pytest.mark.row(row), *([] if usual else [pytest.mark.thorough])]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """One portal for all cases."""
    with running_sandbox(seed(("1000.00",))) as sandbox:
        yield sandbox


@contextmanager
def at_the_write(sandbox: RunningSandbox, database: Database, call: str) -> Iterator[Office]:
    """An office whose next write of that kind is still to come."""
    with reopened_office(sandbox, database) as office:
        office.pay(*FED)
        if call in UNDONE:
            office.settle()
            undo_match(office.rt, "p1", "Ольга")
        yield office


@pytest.mark.parametrize(("chosen", "name", "call"), cases(), indirect=["chosen"])
def test_a_write_without_an_answer_is_settled_by_reading_and_sent_again_once_at_most(
    chosen: Database, sandbox: RunningSandbox, figures: Figures, name: str, call: str
) -> None:
    _, repeats, action = LOST[name]
    kind, method, card = CALLS[call]
    with at_the_write(sandbox, chosen, call) as office:
        office.fault(method, card, **action)
        before = len(office.sent())
        planned = len(office.unsettled())
        office.settle()
        office.clock.sleep(500)
        office.sync()
        office.settle()
        again = len(office.sent()) - before - planned
        figures.most(f"repeat writes, {name}", again)
        assert again <= repeats
        assert office.effect(kind).state is EffectState.DONE
        assert not office.parked()
        assert office.connection().health is Health.OK
        doubled = call in NOTES and name == "later than the lease"
        found = [text for text in broken_promises(office, chosen, FED) if not doubled or "twice" not in text]
        assert len(found) <= doubled, found
        assert office.stage(9001) == ("NEW" if call in UNDONE else "EXECUTING")


@pytest.mark.row(14)
def test_a_write_that_nobody_answers_for_long_waits_longer_each_time_and_then_asks_a_person(
    sqlite_database: Database, sandbox: RunningSandbox, figures: Figures
) -> None:
    with at_the_write(sandbox, sqlite_database, "move") as office:
        office.fault("crm.item.update", 9001, times=None, kind="lose_reply", applied=False)
        office.settle(rounds=400)
        moves = [row for row in office.sent() if row.entity_id == 9001 and row.method == "crm.item.update"]
        gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(moves)]
        figures.most("tries before a person is asked", len(moves))
        figures.least("minutes before a person is asked", (moves[-1].at - moves[0].at).total_seconds() / 60)
        assert len(moves) == 10
        assert gaps == sorted(gaps)
        assert min(gaps) >= 65
        parked = office.effect(EffectKind.MOVE_DEAL)
        assert parked.state is EffectState.PARKED
        assert "проверьте сделку" in (parked.reason or "")


@pytest.mark.row(15)
@pytest.mark.parametrize(
    "action",
    [
        {"kind": "half_reply"},
        {"kind": "half_reply", "content_length": False},
        {"kind": "html", "status": 200},
        {"kind": "refuse", "status": 200, "code": "ACCESS_DENIED"},
    ],
    ids=["half reply with a length", "half reply in chunks", "page under 200", "error body under 200"],
)
def test_a_broken_answer_to_a_reading_is_asked_again(
    sqlite_database: Database, sandbox: RunningSandbox, figures: Figures, action: dict[str, Any]
) -> None:
    with reopened_office(sandbox, sqlite_database) as office:
        office.pay(*FED)
        office.fault("crm.item.get", **action)
        before = len(office.control.requests)
        office.deliver_due()
        reads = [row for row in office.control.requests[before:] if row.method == "crm.item.get"]
        figures.most("readings of one card", len(reads))
        assert len(reads) >= 2
        office.settle()
        assert office.moves(9001) == ["EXECUTING"]
        assert broken_promises(office, sqlite_database, FED) == []

"""Every fault of the portal, on every kind of call: the end is that of the calm run, and nothing took effect twice."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from connectors.sandbox_kit.write_log import WriteRecord
from hub.ports.records import EffectKind, EffectState, Health, PaymentState
from hub.services.control import send_again
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.store.engine import open_database
from hub.store.unit_of_work import SqlStore
from tests.integration.office import CONNECTION, EndState, Office, lines, opened, seed

#: Where it all ended, and which writes took effect.
Story: TypeAlias = tuple[EndState, Counter[tuple[object, ...]]]
SUMS: Final = ("1000.00", "2000.50")
#: One call of each kind; whichever comes first on a deal, the others wait for it.
CALLS: Final = {
    "move": ("crm.item.update", 9001),
    "mark_paid": ("crm.item.update", 702),
    "comment": ("crm.timeline.comment.add", 9001),
    "task": ("tasks.task.add", 9001),
    "deal read": ("crm.item.get", 9001),
    "invoice read": ("crm.item.get", 702),
}
FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "run time used up": {"kind": "refuse", "status": 429, "code": "OPERATION_TIME_LIMIT"},
    "too many requests": {"kind": "refuse", "status": 503, "code": "QUERY_LIMIT_EXCEEDED"},
    "internal error before": {"kind": "refuse", "status": 500, "code": "INTERNAL_SERVER_ERROR"},
    "internal error after": {"kind": "refuse", "status": 500, "code": "INTERNAL_SERVER_ERROR", "applied": True},
    "webhook revoked": {"kind": "refuse", "status": 401, "code": "NO_AUTH_FOUND"},
    "right missing": {"kind": "refuse", "status": 403, "code": "insufficient_scope"},
    "page under 200": {"kind": "html", "status": 200},
    "page under 200 after": {"kind": "html", "status": 200, "applied": True},
    "error under 200": {"kind": "refuse", "status": 200, "code": "ACCESS_DENIED"},
    "error under 200 after": {"kind": "refuse", "status": 200, "code": "ACCESS_DENIED", "applied": True},
    "reply lost before": {"kind": "lose_reply", "applied": False},
    "reply lost after": {"kind": "lose_reply", "applied": True},
    "half reply": {"kind": "half_reply"},
    "half reply in chunks": {"kind": "half_reply", "content_length": False},
    "applied later": {"kind": "late_apply", "after_s": 30},
    "applied later under 504": {"kind": "late_apply", "after_s": 59, "reply": "504"},
    "moved portal": {"kind": "redirect", "location": "https://elsewhere.example{path}"},
}
#: After these a write may or may not have taken effect, so it may be sent a second time, and no more than that.
IN_DOUBT: Final = frozenset(FAULTS) - {
    "run time used up",
    "too many requests",
    "webhook revoked",
    "right missing",
    "moved portal",
}


@pytest.fixture(scope="module")
def busy_sandbox() -> Iterator[RunningSandbox]:
    """A portal with two deals."""
    with running_sandbox(seed(SUMS)) as sandbox:
        yield sandbox


@pytest.fixture
def busy(busy_sandbox: RunningSandbox, store: SqlStore) -> Iterator[Office]:
    """An office on it."""
    busy_sandbox.control.reset()
    with opened(busy_sandbox, store) as office:
        yield office.act()


def story(office: Office) -> Story:
    """Money for every deal, and all that follows from it."""
    office.pay(*lines(*((701 + place, amount) for place, amount in enumerate(SUMS))))
    office.settle()
    return office.end_state(), Counter(map(effect_of, office.ours()))


def effect_of(row: WriteRecord) -> tuple[object, ...]:
    """What a write did, without when and under which number."""
    stage = row.changed.get("stageId")
    return row.entity_type, row.owner or row.entity_id, stage


@pytest.fixture(scope="module")
def calm(busy_sandbox: RunningSandbox, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The story without faults."""
    path = tmp_path_factory.mktemp("calm") / "hub.sqlite3"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    busy_sandbox.control.reset()
    with opened(busy_sandbox, SqlStore(database)) as office:
        told = story(office.act())
    database.close()
    return told


def people_clear_up(office: Office) -> list[str]:
    """Send again whatever waits for a person until nothing does; returns the reasons that were shown."""
    reasons = []
    while parked := office.parked():
        for row in parked:
            reasons.append(row.reason or "")
            send_again(office.rt, row.id, "Ольга")
        office.settle()
    return reasons


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.row(14)
@pytest.mark.row(15)
def test_one_fault_on_every_kind_of_call_leaves_the_end_of_the_calm_run(busy: Office, calm: Story, name: str) -> None:
    for method, card in CALLS.values():
        busy.fault(method, card, **FAULTS[name])
    found = story(busy)
    reasons = people_clear_up(busy)
    assert bool(reasons) == (name == "right missing")
    assert all("нужное право" in reason for reason in reasons)
    assert (found if not reasons else (busy.end_state(), Counter(map(effect_of, busy.ours())))) == calm
    assert len(busy.sent()) <= calm[1].total() + (4 if name in IN_DOUBT else 0) + _refused(busy)
    assert {row.state for row in busy.all_effects()} == {EffectState.DONE}
    assert {row.state for row in busy.payments()} == {PaymentState.MATCHED}
    assert busy.connection().health is Health.OK
    assert busy.journal_holds()


def _refused(office: Office) -> int:
    """Calls that the portal says it did not run."""
    return sum(not row.applied and row.error is not None for row in office.sent())


@pytest.mark.parametrize("name", [name for name in FAULTS if "after" not in name and "chunks" not in name])
def test_what_waits_says_why_in_words_for_a_person(busy: Office, name: str) -> None:
    busy.pay(*lines((701, "1000.00")))
    busy.fault("crm.item.update", 9001, **FAULTS[name])
    busy.deliver_due()
    reason = busy.effect(EffectKind.MOVE_DEAL).reason or "Сделка перенесена."
    assert re.match("[А-Я].*[.!]$", reason)
    assert "crm." not in reason


@pytest.mark.row(16)
def test_a_dripping_reply_is_cut_at_the_deadline_and_read_back(
    busy_sandbox: RunningSandbox, store: SqlStore, calm: Story
) -> None:
    busy_sandbox.control.reset()
    with opened(busy_sandbox, store, settings={"timeouts": {"deadline_s": 0.8}}) as office:
        for call in ("move", "comment"):
            office.fault(*CALLS[call], kind="slow_drip", pause_s=0.2)
        assert story(office.act()) == calm
        assert not office.parked()


@pytest.mark.parametrize(
    "name", ["run time used up", "webhook revoked", "right missing", "page under 200", "half reply"]
)
@pytest.mark.row(11)
@pytest.mark.row(15)
def test_a_fault_of_a_poll_loses_nothing_and_decides_nothing_early(busy: Office, calm: Story, name: str) -> None:
    for method in ("batch", "crm.category.list", "crm.stagehistory.list"):
        busy.fault(method, **FAULTS[name])
    for _ in range(4):
        busy.bring(*lines(*((701 + place, amount) for place, amount in enumerate(SUMS))))
        complete = poll_source(busy.rt, CONNECTION).complete
        assert complete or match_payments(busy.rt) == 0
        busy.clock.sleep(90)
    busy.settle()
    assert not busy.parked()
    assert (busy.end_state(), Counter(map(effect_of, busy.ours()))) == calm
    assert busy.connection().health is Health.OK


@pytest.mark.parametrize("call", ["move", "mark_paid"])
@pytest.mark.row(14)
def test_a_write_that_lands_after_our_repeat_changes_nothing_more(busy: Office, calm: Story, call: str) -> None:
    method, card = CALLS[call]
    busy.fault(method, card, kind="late_apply", after_s=400)
    story(busy)
    busy.clock.sleep(500)
    busy.sync()
    busy.settle()
    assert (busy.end_state(), Counter(map(effect_of, busy.ours()))) == calm


@pytest.mark.parametrize("call", ["comment", "task"])
@pytest.mark.row(14)
def test_a_note_that_lands_beyond_the_portals_own_cut_is_doubled_once_at_most(
    busy: Office, calm: Story, call: str
) -> None:
    method, card = CALLS[call]
    busy.fault(method, card, kind="late_apply", after_s=400)
    story(busy)
    busy.clock.sleep(500)
    busy.settle()
    extra = Counter(map(effect_of, busy.ours())) - calm[1]
    assert extra == Counter({(call, f"deal:{card}", None): 1})


@pytest.mark.parametrize(
    ("name", "times"),
    [("run time used up", 7), ("too many requests", 7), ("internal error before", 3), ("webhook revoked", 2)],
)
@pytest.mark.row(13)
def test_an_outage_of_writes_ends_like_the_calm_run(busy: Office, calm: Story, name: str, times: int) -> None:
    for method in ("crm.item.update", "crm.timeline.comment.add", "tasks.task.add"):
        busy.fault(method, times=times, **FAULTS[name])
    assert story(busy) == calm
    assert not busy.parked()

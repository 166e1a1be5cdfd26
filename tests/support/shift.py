"""An office at work by itself: the real sweeper says what is due, and time passes in steps that a test chooses."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from connectors.bitrix24.sandbox.testing import RunningSandbox
from hub.services.deliver import deliver
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.follow_hooks import follow_hooks
from hub.services.match_payments import match_payments
from hub.services.poll_bank import poll_bank
from hub.services.poll_source import poll_source
from hub.services.read_inbox import read_inbox
from hub.services.read_reports import read_reports
from hub.services.runtime import Runtime, Work
from hub.services.sweep import sweep
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.outbox_rules import unsettled as is_unsettled
from hub.store.unit_of_work import SqlStore
from tests.integration.office import Office, opened, served
from tests.support.bureau import Bureau
from tests.support.invariants import violations
from tests.support.statements import Received

#: The portal fails with the whole of its front: no call reaches it.
DOWN: Final = {"kind": "html", "status": 502}
#: The portal answers, and its answer is an error of its own.
BROKEN: Final = {"kind": "refuse", "status": 500, "code": "INTERNAL_SERVER_ERROR", "description": "Internal error"}


def on_both(cases: Iterable[Hashable], telling: Collection[Hashable]) -> list[Any]:
    """(`chosen`, case): the telling cases on both databases, the others on SQLite in a thorough run."""
    return [
        pytest.param(name, case, id=f"{name}-{case}", marks=() if case in telling else pytest.mark.thorough)
        for case in cases
        for name in ("sqlite", "postgres")[: 1 + (case in telling)]
    ]


@contextmanager
def reopened_office(sandbox: RunningSandbox, database: Database) -> Iterator[Office]:
    """An office that acts, on a portal that is served already and stands as its seed has it."""
    sandbox.control.reset()
    with opened(sandbox, SqlStore(database)) as office:
        yield office.act()


@contextmanager
def opened_office(database: Database, portal: dict[str, Any], **more: Any) -> Iterator[Office]:
    """An office that acts, on a portal and a database of its own."""
    with served(portal, SqlStore(database), **more) as office:
        yield office.act()


def turn(rt: Runtime, hints: list[tuple[Work, str]]) -> int:
    """One sweep and all the work it hints; returns how much that was."""
    hints.clear()
    sweep(rt)
    due = list(dict.fromkeys(hints))
    for work, key in due:
        if work is Work.DELIVER and key:
            deliver(rt, int(key.rpartition("/")[2]))
        elif work is Work.POLL:
            (poll_bank if key in rt.bank_sources else poll_source)(rt, key)
        elif work is Work.HOOKS:
            (follow_bank_hooks if key in rt.bank_sources else follow_hooks)(rt, key)
        elif work is Work.MATCH:
            match_payments(rt)
        elif work is Work.REPORTS:
            read_reports(rt, key)
        elif work is Work.INBOX:
            read_inbox(rt, int(key))
    return len(due)


def work(office: Bureau, seconds: float, step_s: float) -> None:
    """Let the hub work for so long, looking after its rows every `step_s`."""
    ends = office.clock.monotonic() + seconds
    while office.clock.monotonic() < ends:
        turn(office.rt, office.hints)
        office.clock.sleep(step_s)


def unsettled(database: Database) -> int:
    """How many effects still want a call."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(t.outbox).where(is_unsettled())).scalar_one()


def work_until_done(office: Bureau, database: Database, step_s: float, most_s: float) -> float:
    """Work until no effect wants a call; returns the seconds that took.

    Raises:
        AssertionError: it took longer than `most_s`.
    """
    began = office.clock.monotonic()
    while unsettled(database):
        assert office.clock.monotonic() - began < most_s, [(row.kind, row.reason) for row in office.unsettled()]
        turn(office.rt, office.hints)
        office.clock.sleep(step_s)
    return office.clock.monotonic() - began


def broken_promises(office: Bureau, database: Database, fed: Iterable[Received]) -> list[str]:
    """I1–I5 for an office at rest."""
    office.journal_holds()
    return violations(database, fed, office.log(), connection=office.name, order=office.order)


def calls(office: Bureau) -> int:
    """Requests that the CRM got so far, refused ones too."""
    return len(office.moments())


def most_calls_within(office: Bureau, seconds: float) -> int:
    """The most requests that fell into any stretch of so many seconds."""
    moments = [at.timestamp() for at in office.moments()]
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most

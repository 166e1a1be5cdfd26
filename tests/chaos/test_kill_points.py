"""The hub is killed at each named point of its work and started again: the CRM ends the same, nothing is done twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL

from hub.ports.records import EffectState, InboxKind, PaymentState
from hub.services.import_statement import FILES
from hub.store.engine import open_database
from hub.store.unit_of_work import SqlStore
from tests.support.live import LiveHub, Portal, wait_for
from tests.support.portal import seed
from tests.support.statements import Received, statement

POINTS = (
    "after_match_commit",
    "after_claim",
    "after_read",
    "after_intent",
    "request_sent:1",
    "request_sent:2",
    "request_sent:4",
    "reply_read:1",
    "reply_read:2",
    "reply_read:5",
    "before_settle",
    "after_settle",
    "comment_intent",
    "comment_sent",
    "task_sent",
    "mark_paid_sent",
    "before_cursor_commit",
)
SUMS = ["1000.00", "2000.50"]
PAYMENTS = [
    Received("51", "1000.00", "Оплата по счету № 701 от 10.03.2026. НДС не облагается"),
    Received("52", "600.50", "Аванс по счету № 702 от 10.03.2026"),
    Received("53", "1400.00", "Доплата по счету № 702 от 10.03.2026", day="16.03.2026"),
]
#: What the portal must hold in the end, however often the hub died on the way.
EXPECTED = Counter(
    {
        ("deal", 9001, "EXECUTING"): 1,
        ("deal", 9002, "PREPAYMENT_INVOICE"): 1,
        ("deal", 9002, "EXECUTING"): 1,
        ("comment", 9001): 1,
        ("comment", 9002): 2,
        ("task", 9001): 1,
        ("task", 9002): 1,
        ("invoice", 701): 1,
        ("invoice", 702): 1,
    }
)


@pytest.mark.chaos
@pytest.mark.row(1)
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_kill_at_any_point_changes_nothing_in_the_end(
    point: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = _database(kind, tmp_path, request)
    with Portal(tmp_path, seed(SUMS)) as portal:
        hub = LiveHub(tmp_path / "hub", portal.address["webhook_url"], database)
        try:
            _live_and_die(hub, point, database)
            hub.start()
            _bring(database, hub)
            wait_for(lambda: _rests(database, hub), 90, f"rest after a kill at {point}")
        finally:
            hub.stop()
        assert _effects(portal) == EXPECTED
        assert _journal_holds(database, hub)


def _database(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return "sqlite:///data/hub.sqlite3"
    url: URL = request.getfixturevalue("postgres_url")
    return url.render_as_string(hide_password=False)


def _live_and_die(hub: LiveHub, point: str, database: str) -> None:
    """Live until the point kills the process."""
    if point == "before_cursor_commit":
        hub.start(point, wait=False)
    else:
        hub.start(point)
        _bring(database, hub)
    hub.wait_until_killed()


def _bring(database: str, hub: LiveHub) -> None:
    """Put the file into the inbox as an upload does; all further work is the running hub's."""
    raw = statement(PAYMENTS)
    store = _open(database, hub)
    try:
        with store.write() as uow:
            digest = hashlib.sha256(raw).hexdigest()
            uow.inbox.add(FILES, InboxKind.STATEMENT_FILE, "kl_to_1c.txt", raw, digest, datetime.now(UTC))
    finally:
        store.close()


def _open(database: str, hub: LiveHub) -> SqlStore:
    url = database if database.startswith("postgresql") else f"sqlite:///{hub.folder}/data/hub.sqlite3"
    return SqlStore(open_database(url))


def _rests(database: str, hub: LiveHub) -> bool:
    """Every payment is decided and every effect settled."""
    store = _open(database, hub)
    try:
        with store.read() as uow:
            rows = [row for n in range(1, 4) if (row := uow.payments.get(f"p{n}")) is not None]
            effects = [item for row in rows for item in uow.outbox.of_payment(row.payment.id)]
    finally:
        store.close()
    return (
        len(rows) == len(PAYMENTS)
        and all(row.state is PaymentState.MATCHED for row in rows)
        and all(item.state is EffectState.DONE for item in effects)
    )


def _effects(portal: Portal) -> Counter[tuple[object, ...]]:
    """What took effect in the portal: final stages of deals and invoices, comments, tasks."""
    found: Counter[tuple[object, ...]] = Counter()
    for row in portal.writes():
        owner = int((row["owner"] or "deal:0").split(":")[1])
        match row["entity_type"]:
            case "deal":
                found["deal", row["entity_id"], row["changed"]["stageId"][1]] += 1
            case "invoice":
                found["invoice", row["entity_id"]] += 1
            case other:
                found[other, owner] += 1
    return found


def _journal_holds(database: str, hub: LiveHub) -> bool:
    store = _open(database, hub)
    try:
        with store.read() as uow:
            return uow.audit.verify() is None
    finally:
        store.close()

"""The checker of invariants finds what it is there to find: each kind of broken promise, made by hand, is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlalchemy import Connection, delete, select, text, update

from hub.ports.records import AuditEntry, EffectKind, EffectState
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.invariants import violations
from tests.support.statements import Received
from tests.support.world import CRM, World, client, deal, incoming, invoice

LINE: Final = Received("245", "1000.00", "Оплата по счету № 71", "05.03.2026")
ORDER: Final = {"NEW": 0, "PREPAID": 1, "SHIP": 2, "N": 0, "P": 1}
_STAGED: Final = {"move": ("deal", "NEW"), "invoice": ("invoice", "N")}
Log = list[dict[str, Any]]


@pytest.fixture
def world(store: SqlStore) -> World:
    """A deal that was paid, moved, commented and given its task."""
    made = World(store).act()
    made.crm.add(client(), deal(), invoice())
    payment = made.pay(incoming("Оплата по счету № 71", "1000"))[0]
    with store.write() as uow:
        uow.audit.append(AuditEntry("payment.received", "hub", payment, {"inbox": 1}), made.clock.now())
    made.settle()
    with store.write() as uow:
        uow.audit.seal(made.clock.now())
    return made


def _line(kind: str, **more: Any) -> dict[str, Any]:
    common = {"kind": kind, "source": "rest", "method": "crm.item.update", "applied": True, "no_op": False}
    at = datetime.now(UTC).isoformat()
    return common | {"at": at, "owner": None, "entity_id": 1, "entity_type": None, "request_id": "r1"} | more


def _log(world: World) -> Log:
    lines: Log = []
    for at, (kind, number, value) in enumerate(world.crm.writes):
        request = f"r{at}"
        if kind in _STAGED:
            entity, before = _STAGED[kind]
            common = {"entity_id": int(number), "request_id": request}
            lines.append(_line("effect", entity_type=entity, changed={"stageId": [before, value]}, **common))
            lines.append(_line("call", changed={}, **common))
        else:
            lines.append(_line("effect", entity_type=kind, owner=f"deal:{number}", changed={}, method=kind))
    return lines


def _found(world: World, database: Database, log: Log, fed: list[Received] | None = None) -> list[str]:
    lines = [LINE] if fed is None else fed
    return violations(database, lines, log, connection=CRM, same_clock=False, order=ORDER)


def test_a_life_without_faults_breaks_no_promise(world: World, database: Database) -> None:
    assert _found(world, database, _log(world)) == []


def test_a_lost_and_an_unfed_line_are_named(world: World, database: Database) -> None:
    lost = Received("246", "5.00", "Ещё")
    assert [item[:2] for item in _found(world, database, _log(world), [LINE, lost])] == ["I1"]
    assert [item[:2] for item in _found(world, database, _log(world), [])] == ["I1"]


def _moved_twice(log: Log) -> None:
    log += [row for row in log if row["entity_type"] == "deal"]


def _moved_by_nobody(log: Log) -> None:
    log.append(_line("effect", entity_type="deal", entity_id=9, changed={"stageId": ["NEW", "SHIP"]}, request_id="r9"))


def _moved_back(log: Log) -> None:
    log.append(_line("effect", entity_type="deal", changed={"stageId": ["SHIP", "NEW"]}, request_id="r2"))


def _move_never_came(log: Log) -> None:
    log[:] = [row for row in log if row["entity_type"] != "deal" and row["kind"] != "call"]


def _commented_twice(log: Log) -> None:
    log += [row for row in log if row["entity_type"] == "comment"]


def _written_more_than_announced(log: Log) -> None:
    log += [row | {"no_op": True} for row in log if row["kind"] == "call"]


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        (_moved_twice, {"I2"}),
        (_moved_by_nobody, {"I2", "I4", "I5"}),
        (_moved_back, {"I2", "I3"}),
        (_move_never_came, {"I2"}),
        (_commented_twice, {"I2"}),
        (_written_more_than_announced, {"I2"}),
    ],
)
def test_what_the_portal_tells_otherwise_is_named(
    spoil: Callable[[Log], None], broken: set[str], world: World, database: Database
) -> None:
    log = _log(world)
    spoil(log)
    found = violations(database, [LINE], log, connection=CRM, same_clock="I5" in broken, order=ORDER)
    assert broken <= {item[:2] for item in found}


def _no_match(connection: Connection) -> None:
    connection.execute(delete(t.matches))


def _no_intent(connection: Connection) -> None:
    moves = t.outbox.c.kind == EffectKind.MOVE_DEAL
    connection.execute(update(t.outbox).where(moves).values(intent=None, intent_at=None))


def _still_queued(connection: Connection) -> None:
    task = t.outbox.c.kind == EffectKind.TASK
    connection.execute(update(t.outbox).where(task).values(state=EffectState.QUEUED, settled_at=None))


def _two_outcomes(connection: Connection) -> None:
    line = connection.execute(select(t.audit).where(t.audit.c.event == "deal.moved")).one()._asdict()
    connection.execute(t.audit.insert().values({**line, "id": line["id"] + 1000, "block": None}))


def _edited(connection: Connection) -> None:
    connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE event = 'payment.matched'"))


def _undecided(connection: Connection) -> None:
    connection.execute(update(t.payments).values(state="new"))


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        (_no_match, "I4"),
        (_no_intent, "I5"),
        (_still_queued, "I5"),
        (_two_outcomes, "I5"),
        (_edited, "I5"),
        (_undecided, "I5"),
    ],
)
def test_what_the_database_tells_otherwise_is_named(
    spoil: Callable[[Connection], None], broken: str, world: World, database: Database
) -> None:
    with database.write() as connection:
        spoil(connection)
    assert broken in {item[:2] for item in _found(world, database, _log(world))}

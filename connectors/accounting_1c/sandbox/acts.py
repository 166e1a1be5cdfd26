"""Carries out what people do in the base: from the control API and from the fault script alike."""

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.bodies import body_of
from connectors.accounting_1c.sandbox.errors import no_such_entity
from connectors.accounting_1c.sandbox.faults import BaseAct, Carry, Create, Edit
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.store import key_of
from connectors.accounting_1c.sandbox.values import Row
from connectors.accounting_1c.sandbox.writing import Writer


def perform(base: Base, act: BaseAct) -> Row | None:
    """Do it and write it down; returns the row that was written. Raises ODataError as 1C would refuse it."""
    with base.lock:
        table = _table(base, act.entity)
        writer = Writer(base, "control", act.act)
        match act:
            case Create():
                row = writer.create(table, body_of(table, act.fields))
                if act.post:
                    writer.post(table, key_of(table, row))
                return base.store.find(table, key_of(table, row))
            case Edit():
                writer.update(table, (act.key,), body_of(table, act.fields))
            case Carry():
                _carry(writer, table, act)
        return base.store.find(table, (act.key,))


def _carry(writer: Writer, table: Table, act: Carry) -> None:
    key = (act.key,)
    match act.act:
        case "post":
            writer.post(table, key)
        case "unpost":
            writer.unpost(table, key)
        case "delete":
            writer.delete(table, key)
        case "mark" | "unmark":
            writer.update(table, key, body_of(table, {"DeletionMark": act.act == "mark"}))


def _table(base: Base, name: str) -> Table:
    table = base.configuration.tables.get(name)
    if table is None:
        raise no_such_entity(name)
    return table

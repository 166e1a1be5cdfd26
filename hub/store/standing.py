"""What the matcher asks with every payment and what hardly ever changes: read in one statement, once a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, RootTransaction, Select, exists, func, select

from hub.ports.records import HUB_MARKS
from hub.store import tables as t
from hub.store.lists import gathered

_KNOWN: Final = "sverka.standing"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand.

    Attributes:
        own_tax_ids: tax ids that invoices name as our own organisations.
        shapes: how many shapes of our invoice numbers are known.
        aliases: whether any alias is in force.
        marks: the hub's own, by name.
        claims: whether any system ever reported a payment.
    """

    own_tax_ids: frozenset[str]
    shapes: int
    marks: Mapping[str, str]
    aliases: bool
    claims: bool


def _own_tax_ids() -> Select[str]:
    """Distinct values by steps from one to the next in their index: few of them stand on very many invoices."""
    own = t.invoices.c.organisation_tax_id
    steps = select(func.min(own).label("value")).cte("steps", recursive=True)
    following = select(func.min(own)).where(own > steps.c.value).scalar_subquery()
    steps = steps.union_all(select(following).where(steps.c.value.is_not(None)))
    return select(steps.c.value).where(steps.c.value.is_not(None))


def _mark(part: ColumnElement[str]) -> ColumnElement[list[str]]:
    return gathered(select(part).where(t.cursors.c.connection == HUB_MARKS).order_by(t.cursors.c.name))


_ASK: Final = select(
    gathered(_own_tax_ids()).label("own_tax_ids"),
    select(func.count()).select_from(t.number_shapes).scalar_subquery().label("shapes"),
    _mark(t.cursors.c.name).label("names"),
    _mark(t.cursors.c.value).label("marks"),
    exists().where(t.aliases.c.removed_at.is_(None)).label("aliases"),
    exists(t.claims.c.id).label("claims"),
)


def standing(connection: Connection) -> Standing:
    """How things stand in this transaction."""
    transaction = connection.get_transaction()
    known: tuple[RootTransaction | None, Standing] | None = connection.info.get(_KNOWN)
    if known is not None and known[0] is transaction:
        return known[1]
    row = connection.execute(_ASK).one()
    found = Standing(
        own_tax_ids=frozenset(filter(None, row.own_tax_ids)),
        shapes=row.shapes,
        marks=dict(zip(row.names, row.marks, strict=True)),
        aliases=row.aliases,
        claims=row.claims,
    )
    connection.info[_KNOWN] = transaction, found
    return found


def stirred(connection: Connection) -> None:
    """Something of it was written here, or others may have written while we waited for a lock: it is read anew."""
    connection.info.pop(_KNOWN, None)

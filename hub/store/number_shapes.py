"""Shapes of our invoice numbers: what the invoices taught, added to and never taken from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, func, select

from hub.domain.matching.shapes import MOST_MASKS, Shape
from hub.store import tables as t
from hub.store.sql import Repository, insert
from hub.store.standing import standing, stirred

_KNOWN: Final = "sverka.number_shapes"
_TABLE: Final = t.number_shapes
_ALL: Final = select(_TABLE.c.organisation, _TABLE.c.year, _TABLE.c.mask).order_by(*_TABLE.primary_key.columns)


@dataclass(slots=True)
class _Known:
    """What a connection of the pool has seen committed; it goes with the connection.

    Attributes:
        shapes: rows that are there.
        full: legal entities whose numbers have no shape: nothing more is learned of them.
        rows: every row, as it was read last.
    """

    shapes: set[Shape] = field(default_factory=set)
    full: set[str] = field(default_factory=set)
    rows: tuple[Shape, ...] = ()


class SqlNumberShapes(Repository):
    """`hub.ports.store.NumberShapes` over SQL."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        super().__init__(connection, writing=writing)
        self._new: dict[Shape, str] = {}

    def learn(self, shape: Shape, example: str) -> None:
        """Keep a shape with a number that has it; nothing where it is known."""
        known = self._known
        if shape not in known.shapes and shape.organisation not in known.full:
            self._new.setdefault(shape, example)

    def all(self) -> tuple[Shape, ...]:
        """Every shape, in a stable order; read anew only where rows were added."""
        known = self._known
        if standing(self._connection).shapes != len(known.rows):
            known.rows = tuple(Shape(*row) for row in self._connection.execute(_ALL))
        return known.rows

    def flush(self) -> None:
        """Write what is new, in the order of the keys, so that two writers never wait for each other in a circle."""
        for shape in sorted(self._new):
            if self._is_full(shape.organisation):
                continue
            adding = insert(self._connection, _TABLE).values(**shape._asdict(), example=self._new[shape])
            if self._connection.scalar(adding.on_conflict_do_nothing().returning(_TABLE.c.mask)) is None:
                self._known.shapes.add(shape)  # a row of this transaction might yet be rolled back
        if self._new:
            stirred(self._connection)
        self._new.clear()

    def _is_full(self, organisation: str) -> bool:
        known = self._known
        if organisation not in known.full:
            masks = select(func.count(_TABLE.c.mask.distinct())).where(_TABLE.c.organisation == organisation)
            if (self._connection.scalar(masks) or 0) > MOST_MASKS:
                known.full.add(organisation)
        return organisation in known.full

    @property
    def _known(self) -> _Known:
        found = self._connection.info.setdefault(_KNOWN, _Known())
        assert isinstance(found, _Known)
        return found

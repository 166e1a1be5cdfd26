"""Allocations of payments to invoices, with the named differences made beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, bindparam, func, select, update

from hub.domain.allocation import Adjustment, AdjustmentKind, AllocationError, Match
from hub.domain.money import Money
from hub.ports.records import MatchRow
from hub.store import tables as t
from hub.store.ids import known_payment, payment_id, payment_number
from hub.store.invoice_rows import InvoiceReader
from hub.store.sql import Repository, insert

# Statements of the hot path are made once: putting one together costs more than running it.
_ADD: Final = t.matches.insert()
_MINE: Final = t.matches.c.payment_id == bindparam("number")
_OF_PAYMENT: Final = select(t.matches).where(_MINE).order_by(t.matches.c.id)
_GIVEN: Final = (
    select(func.coalesce(func.sum(t.matches.c.amount_minor), 0))
    .where(_MINE, t.matches.c.undone_at.is_(None))
    .scalar_subquery()
)
_ROOM: Final = select(t.payments.c.amount_minor, t.payments.c.currency, _GIVEN.label("given")).where(
    t.payments.c.id == bindparam("number")
)


class SqlMatches(Repository):
    """`hub.ports.store.Matches` over SQL."""

    def __init__(self, connection: Connection, *, writing: bool, reader: InvoiceReader) -> None:
        super().__init__(connection, writing=writing)
        self._reader = reader

    def add(self, match: Match, decided_by: str, now: datetime) -> None:
        """Record allocations and adjustments.

        Raises:
            AllocationError: the payment would give out more than it is, whatever the caller checked: two people may
                settle one payment at the same time with different invoices locked.
            LookupError: no such payment.
        """
        self._reader.forget(item.invoice_id for item in match.allocations)
        self._reader.forget(item.invoice_id for item in match.adjustments)
        number = known_payment(match.payment_id)
        self._lock(t.payments, t.payments.c.id == number)
        stamp = {"payment_id": number, "decided_by": decided_by, "decided_at": now}
        rows = [stamp | {"invoice_id": item.invoice_id} | _money_values(item.amount) for item in match.allocations]
        if rows:
            self._connection.execute(_ADD, rows)
        named = [
            stamp
            | {"invoice_id": item.invoice_id, "kind": item.kind, "reason": item.reason}
            | _money_values(item.amount)
            for item in match.adjustments
        ]
        if named:
            self._connection.execute(insert(self._connection, t.adjustments), named)
        self._check(number)

    def _check(self, number: int) -> None:
        payment = self._connection.execute(_ROOM, {"number": number}).one_or_none()
        if payment is None:
            raise LookupError(f"payment {payment_id(number)} is not known")
        total = int(payment.given)
        if abs(total) > abs(payment.amount_minor):
            has, gives = (Money.from_minor(minor, payment.currency) for minor in (payment.amount_minor, total))
            raise AllocationError(f"payment {payment_id(number)} of {has} would give out {gives}")

    def of_payment(self, payment_id: str, *, active_only: bool = True) -> list[MatchRow]:
        """Allocations of a payment, oldest first."""
        found = self._connection.execute(_OF_PAYMENT, {"number": payment_number(payment_id)})
        return [read_match(row) for row in found if row.undone_at is None or not active_only]

    def of_invoice(self, invoice_id: str) -> list[MatchRow]:
        """Active allocations of an invoice, oldest first."""
        mine = and_(t.matches.c.invoice_id == invoice_id, t.matches.c.undone_at.is_(None))
        found = select(t.matches).where(mine).order_by(t.matches.c.id)
        return [read_match(row) for row in self._connection.execute(found)]

    def adjustments(self, payment_id: str) -> list[Adjustment]:
        """Active adjustments made together with the payment's allocations."""
        table = t.adjustments
        found = select(table).where(_active(table, payment_number(payment_id))).order_by(table.c.id)
        return [
            Adjustment(
                AdjustmentKind(row.kind), row.invoice_id, Money.from_minor(row.amount_minor, row.currency), row.reason
            )
            for row in self._connection.execute(found)
        ]

    def undo(self, payment_id: str, actor: str, now: datetime) -> list[MatchRow]:
        """Undo the payment's active allocations and adjustments; returns the allocations undone, oldest first."""
        self._reader.forget()
        number = known_payment(payment_id)
        stamp = {"undone_at": now, "undone_by": actor}
        undoing = update(t.matches).where(_active(t.matches, number)).values(**stamp).returning(t.matches)
        undone = sorted((read_match(row) for row in self._connection.execute(undoing)), key=lambda row: row.id)
        self._connection.execute(update(t.adjustments).where(_active(t.adjustments, number)).values(**stamp))
        return undone


def _active(table: Table, number: int | None) -> ColumnElement[bool]:
    return and_(table.c.payment_id == number, table.c.undone_at.is_(None))


def _money_values(money: Money) -> dict[str, object]:
    return {"amount_minor": money.minor, "currency": money.currency}


def read_match(row: Row[Any]) -> MatchRow:
    """A row of `matches`."""
    return MatchRow(
        id=row.id,
        payment_id=payment_id(row.payment_id),
        invoice_id=row.invoice_id,
        amount=Money.from_minor(row.amount_minor, row.currency),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )

"""Allocations of payments to invoices, with the named differences made beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, func, select, update

from hub.domain.allocation import Adjustment, AdjustmentKind, AllocationError, Match
from hub.domain.money import Money
from hub.ports.records import MatchRow
from hub.store import tables as t
from hub.store.ids import known_payment, payment_id, payment_number
from hub.store.sql import Repository, insert


class SqlMatches(Repository):
    """`hub.ports.store.Matches` over SQL."""

    def add(self, match: Match, decided_by: str, now: datetime) -> None:
        """Record allocations and adjustments.

        Raises:
            AllocationError: the payment would give out more than it is, whatever the caller checked: two people may
                settle one payment at the same time with different invoices locked.
            LookupError: no such payment.
        """
        number = known_payment(match.payment_id)
        self._lock(t.payments, t.payments.c.id == number)
        stamp = {"payment_id": number, "decided_by": decided_by, "decided_at": now}
        rows = [stamp | {"invoice_id": item.invoice_id} | _money_values(item.amount) for item in match.allocations]
        if rows:
            self._connection.execute(insert(self._connection, t.matches), rows)
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
        amount = select(t.payments.c.amount_minor, t.payments.c.currency).where(t.payments.c.id == number)
        payment = self._connection.execute(amount).one_or_none()
        if payment is None:
            raise LookupError(f"payment {payment_id(number)} is not known")
        given = func.coalesce(func.sum(t.matches.c.amount_minor), 0)
        total = int(self._connection.execute(select(given).where(_active(t.matches, number))).scalar_one())
        if abs(total) > abs(payment.amount_minor):
            has, gives = (Money.from_minor(minor, payment.currency) for minor in (payment.amount_minor, total))
            raise AllocationError(f"payment {payment_id(number)} of {has} would give out {gives}")

    def of_payment(self, payment_id: str, *, active_only: bool = True) -> list[MatchRow]:
        """Allocations of a payment, oldest first."""
        number = payment_number(payment_id)
        table = t.matches
        return self._read(_active(table, number) if active_only else table.c.payment_id == number)

    def of_invoice(self, invoice_id: str) -> list[MatchRow]:
        """Active allocations of an invoice, oldest first."""
        return self._read(and_(t.matches.c.invoice_id == invoice_id, t.matches.c.undone_at.is_(None)))

    def _read(self, condition: ColumnElement[bool]) -> list[MatchRow]:
        found = select(t.matches).where(condition).order_by(t.matches.c.id)
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

"""Claims: reports of outside systems, and the lines of statements that may cover them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.domain.models import Direction
from hub.domain.money import Money
from hub.ports.claims import ClaimRow, ClaimState, PaymentReport
from hub.ports.records import PaymentRow
from hub.store import tables as t
from hub.store.ids import known_payment, payment_id, payment_number
from hub.store.lists import among
from hub.store.payments import load_payments, select_payments, take_import_turn
from hub.store.sql import Repository, bites
from hub.store.standing import standing, stirred
from hub.store.types import storable

_TABLE: Final = t.claims
_TEXTS: Final = ("payer_name", "payer_tax_id", "purpose", "invoice_number", "document_number", "account")

# Statements of the hot path are made once: putting one together costs more than running it.
_ADD_SQLITE: Final = sqlite.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)
_ADD_POSTGRESQL: Final = postgresql.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)
_EVERY: Final = select(_TABLE).order_by(_TABLE.c.id)
_ONE: Final = _EVERY.where(_TABLE.c.id == bindparam("number"))
_SAME: Final = _EVERY.where(_TABLE.c.connection == bindparam("name"), _TABLE.c.external_id == bindparam("external"))
_OF_PAYMENTS: Final = _EVERY.where(or_(among(_TABLE.c.covered_by, "numbers"), among(_TABLE.c.counted_as, "numbers")))
_OF_AMOUNTS: Final = _EVERY.where(
    among(_TABLE.c.amount_minor, "minors"),
    _TABLE.c.paid_on.between(bindparam("since"), bindparam("until")),
)
_COUNT_AS: Final = update(_TABLE).where(_TABLE.c.id == bindparam("number")).values(counted_as=bindparam("payment"))
_LINES: Final = select_payments(
    and_(
        t.payments.c.booked_on.between(bindparam("since"), bindparam("until")),
        t.payments.c.amount_minor == bindparam("minor"),
        t.payments.c.currency == bindparam("currency"),
        t.payments.c.direction == Direction.IN,
        ~select(_TABLE.c.id).where(_TABLE.c.counted_as == t.payments.c.id).exists(),
    )
)


class SqlClaims(Repository):
    """`hub.ports.claims.Claims` over SQL."""

    def take_turn(self) -> None:
        """Adders of payments and claims follow one another; SQLite's always do."""
        take_import_turn(self._connection)

    def add(self, connection: str, report: PaymentReport, inbox_id: int | None, now: datetime) -> tuple[ClaimRow, bool]:
        """Store a claim once; the row kept, and whether it is new."""
        values = {
            "connection": connection,
            "external_id": report.external_id,
            "inbox_id": inbox_id,
            "amount_minor": report.amount.minor,
            "currency": report.amount.currency,
            "paid_on": report.paid_on,
            **{name: getattr(report, name) for name in _TEXTS},
            "details": dict(report.details),
            "state": ClaimState.OPEN,
            "created_at": now,
        }
        adding = _ADD_SQLITE if self._connection.dialect.name == "sqlite" else _ADD_POSTGRESQL
        added = self._connection.scalar(adding, values)
        stirred(self._connection)
        same = {"name": connection, "external": storable(report.external_id)}
        return claim_row(self._connection.execute(_SAME, same).one()), added is not None

    def get(self, claim_id: int) -> ClaimRow | None:
        """Read one."""
        self._lock(_TABLE, _TABLE.c.id == claim_id)
        row = self._connection.execute(_ONE, {"number": claim_id}).one_or_none()
        return claim_row(row) if row is not None else None

    def of_payments(self, payment_ids: Collection[str]) -> list[ClaimRow]:
        """Claims that any of the payments covers, or that became one of them."""
        if not standing(self._connection).claims:
            return []
        numbers = sorted({number for text in payment_ids if (number := payment_number(text)) is not None})
        found: dict[int, ClaimRow] = {}
        for bite in bites(numbers):
            rows = self._connection.execute(_OF_PAYMENTS, {"numbers": bite})
            found |= {row.id: claim_row(row) for row in rows}
        return [found[key] for key in sorted(found)]

    def of_amounts(self, amounts: Collection[Money], since: date, until: date) -> list[ClaimRow]:
        """Claims of exactly one of the sums whose day lies between."""
        if not standing(self._connection).claims:
            return []
        found: list[ClaimRow] = []
        wanted = set(amounts)
        for bite in bites(sorted({money.minor for money in wanted})):
            rows = self._connection.execute(_OF_AMOUNTS, {"minors": bite, "since": since, "until": until})
            found += (claim for row in rows if (claim := claim_row(row)).report.amount in wanted)
        return found

    def lines_of(self, amount: Money, since: date, until: date) -> list[PaymentRow]:
        """Incoming lines of statements of that sum posted between."""
        values = {"since": since, "until": until, "minor": amount.minor, "currency": amount.currency}
        return load_payments(self._connection, _LINES, values)

    def cover(self, claim_id: int, payment_id: str, by: str, now: datetime) -> None:
        """The line covers the claim."""
        number = known_payment(payment_id)
        self._change(claim_id, state=ClaimState.COVERED, covered_by=number, settled_by=by, settled_at=now)

    def uncover(self, claim_id: int) -> None:
        """No line covers it any more."""
        self._change(claim_id, state=ClaimState.OPEN, covered_by=None, settled_by=None, settled_at=None)

    def count_as(self, claim_id: int, payment_id: str) -> None:
        """The claim became this payment."""
        values = {"number": claim_id, "payment": known_payment(payment_id)}
        _one_changed(claim_id, self._connection.execute(_COUNT_AS, values).rowcount)

    def dismiss(self, claim_id: int, by: str, now: datetime) -> None:
        """A person put it aside."""
        self._change(claim_id, state=ClaimState.DISMISSED, settled_by=by, settled_at=now)

    def _change(self, claim_id: int, **values: object) -> None:
        changed = self._connection.execute(update(_TABLE).where(_TABLE.c.id == claim_id).values(**values))
        _one_changed(claim_id, changed.rowcount)

    def expire(self, connection: str, before: datetime) -> list[ClaimRow]:
        """Open claims of a system that came before then become overdue."""
        waiting = and_(
            _TABLE.c.state == ClaimState.OPEN, _TABLE.c.created_at < before, _TABLE.c.connection == connection
        )
        expiring = update(_TABLE).where(waiting).values(state=ClaimState.OVERDUE).returning(_TABLE.c.id)
        numbers = sorted(self._connection.scalars(expiring))
        return [row for bite in bites(numbers) for row in read_claims(self._connection, _TABLE.c.id.in_(bite))]


def _one_changed(claim_id: int, changed: int) -> None:
    if changed != 1:
        raise LookupError(f"claim {claim_id} is not known")


def read_claims(connection: Connection, condition: ColumnElement[bool]) -> list[ClaimRow]:
    """Claims under a condition, in the order they came."""
    return [claim_row(row) for row in connection.execute(_EVERY.where(condition))]


def claim_row(row: Row[Any]) -> ClaimRow:
    """A row of `claims`."""
    report = PaymentReport(
        external_id=row.external_id,
        amount=Money.from_minor(row.amount_minor, row.currency),
        paid_on=row.paid_on,
        details=row.details,
        **{name: getattr(row, name) for name in _TEXTS},
    )
    return ClaimRow(
        id=row.id,
        connection=row.connection,
        report=report,
        state=ClaimState(row.state),
        covered_by=payment_id(row.covered_by) if row.covered_by is not None else None,
        counted_as=payment_id(row.counted_as) if row.counted_as is not None else None,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        created_at=row.created_at,
    )

"""Lines that a newer file of the same days does not hold any more: flagged for a person, nothing is undone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from hub.domain.wording import date_text, money_text
from hub.ports.records import AuditEntry, InboxRow, PaymentRow, PaymentState
from hub.ports.statement import CoveredDays
from hub.ports.store import UnitOfWork
from hub.services import announce
from hub.services.runtime import Runtime

_NAMED_AT_MOST = 3


def flag_vanished(rt: Runtime, row: InboxRow, covered: Iterable[CoveredDays]) -> list[str]:
    """Compare what is known with what the file holds, its lines being stored; returns warnings for the file's page.

    A line that is back in a file is unflagged. Of a flagged one the machine decides and writes nothing.
    """
    now = rt.clock.now()
    with rt.store.write() as uow:
        for payment_id in uow.payments.reappear(row.id):
            _look_again(uow, payment_id)
            uow.audit.append(AuditEntry("payment.reappeared", "hub", payment_id, {"inbox": row.id}), now)
        gone = [payment for days in covered for payment in _gone(rt, uow, row, days)]
        for payment in gone:
            uow.payments.vanish(payment.payment.id, row.id)
            announce.payment_vanished(rt, uow, payment)
            data = {"inbox": row.id, "name": row.name}
            uow.audit.append(AuditEntry("payment.vanished", "hub", payment.payment.id, data), now)
    return [_warning(gone)] if gone else []


def _look_again(uow: UnitOfWork, payment_id: str) -> None:
    """While it was gone the machine only suggested."""
    back = uow.payments.get(payment_id)
    if back is not None and back.state is PaymentState.NEEDS_YOU:
        uow.payments.set_state(payment_id, PaymentState.RECHECK)


def _gone(rt: Runtime, uow: UnitOfWork, row: InboxRow, days: CoveredDays) -> list[PaymentRow]:
    last = _last_whole_day(days, rt.clock.now())
    if days.start is None or last is None or last < days.start:
        return []
    return uow.payments.missing(row.id, days, last, rt.books)


def _last_whole_day(days: CoveredDays, now: datetime) -> date | None:
    """The day on which a file is made is not over in it: what it lacks of that day may still come."""
    made_on = days.made_on or now.date()
    return min(days.end, made_on - timedelta(days=1)) if days.end is not None else None


def _warning(gone: list[PaymentRow]) -> str:
    named = "; ".join(_name(row) for row in gone[:_NAMED_AT_MOST])
    more = " и другие" if len(gone) > _NAMED_AT_MOST else ""
    return (
        f"Исчезли из выписки строки, которые были в прежних файлах за эти дни: {len(gone)} ({named}{more}). "
        "Хаб ничего не отменял: проверьте их в банке и решите."
    )


def _name(row: PaymentRow) -> str:
    payment = row.payment
    number = f"№ {payment.document_number}" if payment.document_number else "без номера"
    return f"{number} от {date_text(payment.booked_on)} на {money_text(payment.amount)}"

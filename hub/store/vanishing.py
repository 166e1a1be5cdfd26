"""Which stored lines a newer file of the same days lacks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from hub.domain.models import Direction
from hub.ports.records import InboxState
from hub.ports.statement import CoveredDays
from hub.store import tables as t

_SAME: Final = ("own_account", "booked_on", "direction", "document_number", "payer_account", "payee_account")


def lacking(inbox_id: int, days: CoveredDays, last: date, books: Collection[str] = ()) -> ColumnElement[bool]:
    """The condition on `payments`: of these days, not in this file, and in no file that was made after it."""
    return and_(
        t.payments.c.vanished_in.is_(None),
        t.payments.c.own_account == days.account,
        t.payments.c.booked_on.between(days.start, last),
        t.payments.c.direction.in_((Direction.IN, Direction.OUT)),
        ~_is_in(t.payment_sources.c.inbox_id == inbox_id),
        ~_is_in(_made_after(days.made_on)) if days.made_on is not None else true(),
        # What the bank's own API shows is there, whatever a file was asked for; an accountant's word is no bank's.
        ~_is_shown(books),
        true() if days.proved else _is_replaced(inbox_id),
    )


def back_in(inbox_id: int) -> ColumnElement[bool]:
    """The condition on `payments`: had vanished, and is in this file."""
    return and_(t.payments.c.vanished_in.is_not(None), _is_in(t.payment_sources.c.inbox_id == inbox_id))


def _is_shown(books: Collection[str]) -> ColumnElement[bool]:
    line = t.bank_lines.c
    by_bank = (line.payment_id == t.payments.c.id, ~line.gone, line.connection.not_in(sorted(books)))
    return select(line.payment_id).where(*by_bank).correlate(t.payments).exists()


def _is_in(file: ColumnElement[bool]) -> ColumnElement[bool]:
    joined = t.payment_sources.join(t.inbox, t.inbox.c.id == t.payment_sources.c.inbox_id)
    found = select(t.payment_sources.c.payment_id).select_from(joined)
    return found.where(t.payment_sources.c.payment_id == t.payments.c.id, file).correlate(t.payments).exists()


def _is_replaced(inbox_id: int) -> ColumnElement[bool]:
    """The file is the first to hold a line with the same number, parties and day, and the same sum or purpose."""
    other, source = t.payments.alias("other"), t.payment_sources.alias("source")
    earlier = t.payment_sources.alias("earlier")
    known = exists().where(earlier.c.payment_id == other.c.id, earlier.c.inbox_id != inbox_id)
    mine = t.payments.c
    same = [other.c[name] == mine[name] for name in _SAME]
    kept = or_(other.c.amount_minor == mine.amount_minor, other.c.purpose == mine.purpose)
    found = select(other.c.id).select_from(other.join(source, source.c.payment_id == other.c.id))
    return found.where(source.c.inbox_id == inbox_id, *same, kept, ~known).correlate(t.payments).exists()


def _made_after(made_on: date) -> ColumnElement[bool]:
    """A file still being read has no summary yet: it is another one, and counts as newer."""
    made = t.inbox.c.summary["made_on"].as_string()
    return or_(made > made_on.isoformat(), t.inbox.c.state == InboxState.NEW)

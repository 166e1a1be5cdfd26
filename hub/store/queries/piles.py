"""The piles: how much lies in each, and the payments of one, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, func, select, true

from hub.domain.models import Direction
from hub.domain.money import Money
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.store import tables as t
from hub.store.ids import payment_id
from hub.store.queries.views import Filter, Page, PaymentLine, PileName, PileTotals
from hub.store.search import fold, typed

_PURPOSE_SIGNS: Final = 200
#: Which states lie in a pile.
STATES_OF: Final[Mapping[PileName, tuple[PaymentState, ...]]] = {
    PileName.MATCHED: (PaymentState.MATCHED,),
    PileName.NEEDS_YOU: (PaymentState.NEEDS_YOU,),
    PileName.NOT_OURS: (PaymentState.NOT_OURS, PaymentState.DISMISSED),
    PileName.WAITING: (PaymentState.NEW, PaymentState.RECHECK),
    PileName.ALL: tuple(PaymentState),
}


def pile_totals(connection: Connection, narrowed: Filter) -> dict[PileName, PileTotals]:
    """Count and sums of every pile under a filter, in one query."""
    table = t.payments
    keys = (table.c.state, table.c.direction, table.c.currency)
    query = select(*keys, func.count().label("number"), func.sum(table.c.amount_minor).label("minor"))
    rows = connection.execute(query.where(_condition(narrowed)).group_by(*keys)).all()
    return {pile: _totals(pile, [row for row in rows if row.state in states]) for pile, states in STATES_OF.items()}


def _totals(pile: PileName, rows: list[Row[Any]]) -> PileTotals:
    outgoing = [row for row in rows if row.direction == Direction.OUT]
    incoming = [row for row in rows if row.direction == Direction.IN]
    return PileTotals(pile, sum(row.number for row in rows), _sums(incoming), _sums(outgoing))


def _sums(rows: Iterable[Row[Any]]) -> tuple[Money, ...]:
    minor: dict[str, int] = {}
    for row in rows:
        minor[row.currency] = minor.get(row.currency, 0) + int(row.minor)
    return tuple(Money.from_minor(minor[currency], currency) for currency in sorted(minor))


def pile_page(connection: Connection, pile: PileName, narrowed: Filter, offset: int, limit: int) -> Page[PaymentLine]:
    """Payments of a pile, newest first."""
    table = t.payments
    condition = _condition(narrowed)
    if pile is not PileName.ALL:
        condition = and_(table.c.state.in_(STATES_OF[pile]), condition)
    total = connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
    newest = table.outerjoin(t.decisions, t.decisions.c.id == table.c.decision_id)
    query: Select[Any] = select(*_LINE, t.decisions.c.reason).select_from(newest).where(condition)
    query = query.order_by(table.c.booked_on.desc(), table.c.id.desc()).offset(offset).limit(limit)
    rows = connection.execute(query).all()
    numbers = [row.id for row in rows]
    invoices, effects = _invoice_numbers(connection, numbers), _effects(connection, numbers)
    lines = (_line(row, invoices.get(row.id, ()), effects.get(row.id, ())) for row in rows)
    return Page(tuple(lines), total, offset, limit)


_LINE: Final[tuple[Column[Any], ...]] = tuple(
    t.payments.c[name]
    for name in (
        "id",
        "booked_on",
        "direction",
        "amount_minor",
        "currency",
        "payer_name",
        "payer_tax_id",
        "payee_name",
        "payee_tax_id",
        "purpose",
        "state",
        "held",
        "confirmed_by",
    )
)


def _condition(narrowed: Filter) -> ColumnElement[bool]:
    table = t.payments
    parts: list[ColumnElement[bool]] = [true()]
    if fold(narrowed.text):
        parts.append(typed(table.c.search, narrowed.text))
    if narrowed.since is not None:
        parts.append(table.c.booked_on >= narrowed.since)
    if narrowed.until is not None:
        parts.append(table.c.booked_on <= narrowed.until)
    if narrowed.account is not None:
        parts.append(table.c.own_account == narrowed.account)
    return and_(*parts)


def _invoice_numbers(connection: Connection, numbers: list[int]) -> dict[int, tuple[str, ...]]:
    joined = t.matches.join(t.invoices, t.invoices.c.id == t.matches.c.invoice_id)
    query = select(t.matches.c.payment_id, t.invoices.c.number, t.invoices.c.id).select_from(joined)
    active = and_(t.matches.c.payment_id.in_(numbers), t.matches.c.undone_at.is_(None))
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query.where(active).order_by(t.matches.c.id)):
        before = found.get(row.payment_id, ())
        name = row.number or row.id
        found[row.payment_id] = before if name in before else (*before, name)
    return found


def _effects(connection: Connection, numbers: list[int]) -> dict[int, tuple[tuple[EffectKind, EffectState], ...]]:
    table = t.outbox
    query = select(table.c.payment_id, table.c.kind, table.c.state).where(table.c.payment_id.in_(numbers))
    found: dict[int, tuple[tuple[EffectKind, EffectState], ...]] = {}
    for row in connection.execute(query.order_by(table.c.id)):
        effect = (EffectKind(row.kind), EffectState(row.state))
        found[row.payment_id] = (*found.get(row.payment_id, ()), effect)
    return found


def _line(row: Row[Any], invoices: tuple[str, ...], effects: tuple[tuple[EffectKind, EffectState], ...]) -> PaymentLine:
    out = row.direction == Direction.OUT
    return PaymentLine(
        id=payment_id(row.id),
        booked_on=row.booked_on,
        direction=Direction(row.direction),
        amount=Money.from_minor(row.amount_minor, row.currency),
        counterparty=row.payee_name if out else row.payer_name,
        counterparty_tax_id=row.payee_tax_id if out else row.payer_tax_id,
        purpose=_short(row.purpose),
        state=PaymentState(row.state),
        held=row.held,
        confirmed_by=row.confirmed_by,
        reason=row.reason,
        invoice_numbers=invoices,
        effects=effects,
    )


def _short(purpose: str) -> str:
    return purpose if len(purpose) <= _PURPOSE_SIGNS else purpose[: _PURPOSE_SIGNS - 1].rstrip() + "…"

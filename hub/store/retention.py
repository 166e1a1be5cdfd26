"""Forgets old data in bites; digests, fingerprints and the journal stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, null, or_, select, update

from hub.ports.claims import ClaimState
from hub.ports.records import InboxKind, InboxState, PaymentState
from hub.ports.upkeep import Bite
from hub.store import tables as t
from hub.store.outbox_rules import UNSETTLED
from hub.store.sql import Repository

#: Rows looked at in one bite; statement files are large, so fewer of them.
_ROWS: Final = 200
_FILES: Final = 5
_UNDECIDED: Final = (PaymentState.NEW, PaymentState.RECHECK, PaymentState.NEEDS_YOU)
_KEEP_ATTEMPTS: Final = timedelta(days=1)
_PARTS: Final = ("name", "tax_id", "kpp", "account", "bic", "bank_name")
#: What stays of a decision: which invoices, by which rule; not the words of why.
_KEPT: Final = ("kind", "allocations", "code", "unapplied", "pile", "version")


class SqlRetention(Repository):
    """`hub.ports.upkeep.Retention` over SQL."""

    def forget_raw(self, kind: InboxKind, before: datetime, after: int, now: datetime) -> Bite:
        """Empty the bytes of settled inbox rows older than `before`, walking up from row `after`."""
        size = _FILES if kind in (InboxKind.STATEMENT_FILE, InboxKind.BANK_DAY) else _ROWS
        old = (t.inbox.c.kind == kind, t.inbox.c.id > after, t.inbox.c.received_at < before)
        walking = select(t.inbox.c.id).where(*old, t.inbox.c.forgotten_at.is_(None)).order_by(t.inbox.c.id).limit(size)
        numbers = list(self._connection.scalars(walking))
        closed = (t.inbox.c.id.in_(numbers), t.inbox.c.state == InboxState.DONE, ~_has_open_payments())
        emptying = update(t.inbox).where(*closed).values(raw=b"", forgotten_at=now).returning(t.inbox.c.id)
        emptied = list(self._connection.scalars(emptying))
        lines = update(t.inbox_quarantine).where(t.inbox_quarantine.c.inbox_id.in_(emptied))
        self._connection.execute(lines.values(raw="", key=""))
        return _bite(numbers, len(emptied), size)

    def forget_payers(self, before: datetime, after: int) -> Bite:
        """Take names, requisites and purposes out of closed payments stored before `before`, with their decisions."""
        old = (t.payments.c.id > after, t.payments.c.created_at < before)
        walking = select(t.payments.c.id).where(*old).order_by(t.payments.c.id).limit(_ROWS)
        numbers = list(self._connection.scalars(walking))
        closed = and_(t.payments.c.id.in_(numbers), ~_is_open())
        blank: dict[str, Any] = {f"{side}_{part}": null() for side in ("payer", "payee") for part in _PARTS}
        blanking = update(t.payments).where(closed).values(purpose="", raw="", search="", warnings=[], **blank)
        blanked = list(self._connection.scalars(blanking.returning(t.payments.c.id)))
        self._forget_reasons(blanked)
        return _bite(numbers, len(blanked), _ROWS)

    def _forget_reasons(self, payments: list[int]) -> None:
        mine = t.decisions.c.payment_id.in_(payments)
        for row in self._connection.execute(select(t.decisions.c.id, t.decisions.c.body).where(mine)).all():
            body = {name: row.body[name] for name in _KEPT} | {"candidates": [], "reason": ""}
            emptying = update(t.decisions).where(t.decisions.c.id == row.id)
            self._connection.execute(emptying.values(body=body, reason="", ground=null()))

    def forget_claims(self, before: datetime, after: int) -> Bite:
        """Take names, requisites and purposes out of settled reports of payments stored before `before`."""
        old = (t.claims.c.id > after, t.claims.c.created_at < before)
        walking = select(t.claims.c.id).where(*old).order_by(t.claims.c.id).limit(_ROWS)
        numbers = list(self._connection.scalars(walking))
        blank: dict[str, Any] = {"payer_name": null(), "payer_tax_id": null(), "account": null(), "details": {}}
        settled = and_(t.claims.c.id.in_(numbers), t.claims.c.state.in_((ClaimState.COVERED, ClaimState.DISMISSED)))
        blanking = update(t.claims).where(settled).values(purpose="", **blank).returning(t.claims.c.id)
        return _bite(numbers, len(list(self._connection.scalars(blanking))), _ROWS)

    def forget_aliases(self, before: datetime, after: int) -> Bite:
        """Take names, requisites and notes out of aliases that were ended before `before`."""
        old = (t.aliases.c.id > after, t.aliases.c.made_at < before)
        walking = select(t.aliases.c.id).where(*old).order_by(t.aliases.c.id).limit(_ROWS)
        numbers = list(self._connection.scalars(walking))
        blank: dict[str, Any] = {f"payer_{part}": null() for part in ("name", "tax_id", "account")}
        blank |= dict.fromkeys(("payer_key", "target", "client_name", "note"), "")
        ended = and_(t.aliases.c.id.in_(numbers), t.aliases.c.removed_at < before)
        blanking = update(t.aliases).where(ended).values(**blank).returning(t.aliases.c.id)
        return _bite(numbers, len(list(self._connection.scalars(blanking))), _ROWS)

    def forget_access(self, now: datetime) -> int:
        """Delete sessions that are over and failed sign-ins older than a day."""
        over = delete(t.sessions).where(t.sessions.c.expires_at <= now)
        old = delete(t.login_attempts).where(t.login_attempts.c.at < now - _KEEP_ATTEMPTS)
        return self._connection.execute(over).rowcount + self._connection.execute(old).rowcount


def _bite(numbers: list[int], forgotten: int, size: int) -> Bite:
    last = numbers[-1] if numbers else None
    return Bite(forgotten, len(numbers) - forgotten, last, more=len(numbers) == size)


def _is_open() -> ColumnElement[bool]:
    """The payment waits to be decided, or an effect of it to be settled or seen to."""
    unsettled = exists().where(t.outbox.c.payment_id == t.payments.c.id, t.outbox.c.state.in_((*UNSETTLED, "parked")))
    return or_(t.payments.c.state.in_(_UNDECIDED), unsettled)


def _has_open_payments() -> ColumnElement[bool]:
    joined = t.payment_sources.join(t.payments, t.payments.c.id == t.payment_sources.c.payment_id)
    mine = t.payment_sources.c.inbox_id == t.inbox.c.id
    found = select(t.payment_sources.c.payment_id).select_from(joined).where(mine, _is_open())
    return found.correlate(t.inbox).exists()

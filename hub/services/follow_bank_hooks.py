"""Follow the hooks of a bank: the days that they name are read. What a hook says of money is never taken as fact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import structlog

from hub.domain.errors import ConnectorError
from hub.ports.bank import BankPort, DayHint
from hub.ports.crm import HookRequest
from hub.ports.records import AuditEntry, InboxKind, InboxRow
from hub.services.bank_source import BankSource
from hub.services.poll_bank import high_water, moscow_today, read_days
from hub.services.poll_source import report_trouble
from hub.services.runtime import Runtime

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 200
_MAX_ATTEMPTS: Final = 20
#: A hook may be ahead of the statement: its day is read once more after the usual pause, then left to the poll.
_PATIENCE: Final = 3
#: Nothing that a hook says may have us read years of days.
_FAR: Final = timedelta(days=60)


def follow_bank_hooks(rt: Runtime, connection: str) -> int:
    """Work on the waiting hooks of a bank; returns how many were followed. Doing it twice changes nothing."""
    rt = rt.claimant()
    bank, source = rt.banks.get(connection), rt.bank_sources.get(connection)
    followed = 0
    while rows := _claim(rt, connection, source):
        if bank is None or source is None:
            _put_away(rt, rows)
            continue
        hints = {row.id: _hints(rt, bank, source, row) for row in rows}
        trouble = _read(rt, connection, {(hint.account, hint.day) for named in hints.values() for hint in named})
        for row in rows:
            followed += _settle(rt, source, row, hints[row.id], trouble)
        if trouble is not None:
            break
    return followed


def _claim(rt: Runtime, connection: str, source: BankSource | None) -> list[InboxRow]:
    lease_s = source.lease_s if source is not None else 60.0
    with rt.store.write() as uow:
        return uow.inbox.claim_many(InboxKind.HOOK, connection, rt.owner, rt.clock.now(), lease_s, _AT_ONCE)


def _put_away(rt: Runtime, rows: Iterable[InboxRow]) -> None:
    with rt.store.write() as uow:
        for row in rows:
            uow.inbox.done(row.id, rt.owner, {"ignored": "connection is not there"}, rt.clock.now())


def _hints(rt: Runtime, bank: BankPort, source: BankSource, row: InboxRow) -> list[DayHint]:
    """Accounts that we read, on days that may be; what a poll has not read yet is left to it."""
    today = moscow_today(rt.clock.now())
    told = bank.hints(HookRequest("POST", {}, {"content-type": row.name}, row.raw))
    with rt.store.read() as uow:
        ours = {hint.account for hint in told if uow.cursors.get(source.id, high_water(hint.account)) is not None}
    return [hint for hint in told if hint.account in ours and today - _FAR <= hint.day <= today]


def _read(rt: Runtime, connection: str, wanted: Iterable[tuple[str, date]]) -> ConnectorError | None:
    try:
        read_days(rt, connection, wanted)
    except ConnectorError as error:
        report_trouble(rt, connection, error)
        return error
    return None


def _settle(
    rt: Runtime, source: BankSource, row: InboxRow, hints: list[DayHint], trouble: ConnectorError | None
) -> bool:
    now = rt.clock.now()
    after_s = getattr(trouble, "after_s", None) if trouble is not None else None
    later = now + timedelta(seconds=after_s if after_s is not None else source.backoff(row.attempts))
    with rt.store.write() as uow:
        if trouble is not None and row.attempts < _MAX_ATTEMPTS:
            uow.inbox.retry(row.id, rt.owner, trouble.for_person, later)
            return False
        if trouble is not None:
            if uow.inbox.fail(row.id, rt.owner, trouble.for_person):
                data = {"name": row.name, "reason": trouble.for_person}
                uow.audit.append(AuditEntry("hook.given_up", "hub", f"inbox/{row.id}", data), now)
            return False
        told = [hint for hint in hints if hint.fingerprint is not None or hint.source_id is not None]
        found = [uow.banks.find(row.connection, hint.account, hint.fingerprint, hint.source_id) for hint in told]
        if None in found and row.attempts < _PATIENCE:
            uow.inbox.retry(row.id, rt.owner, "Банк ещё не показал эту операцию в выписке.", later)
            return False
        for payment in found:
            if payment is not None:
                uow.banks.source(payment, row.id)
        uow.inbox.done(row.id, rt.owner, {"hints": len(hints), "payments": [*filter(None, found)]}, now)
    return True

"""Work on one inbound fact: read a statement file into payments, or a report into a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice

from hub import failpoints
from hub.ports.claims import MalformedReport
from hub.ports.records import AuditEntry, InboxKind, InboxRow
from hub.ports.statement import (
    AccountSummary,
    BrokenItem,
    CoveredDays,
    FileWarning,
    ReadSummary,
    ReceivedPayment,
    SkippedItem,
    StatementItem,
    UnreadableFile,
)
from hub.ports.store import StoreUnavailable, UnitOfWork
from hub.services import announce
from hub.services.cover_claims import cover_by_lines
from hub.services.flag_vanished import flag_vanished
from hub.services.record_claim import record_claim
from hub.services.runtime import Runtime, Work

_BATCH = 500
#: A file that ends the process or the work each time is put aside rather than tried for ever.
_MAX_ATTEMPTS = 10
_UNFINISHED = "Файл не удаётся разобрать до конца: попытки кончились. Проверьте его и загрузите снова."


@dataclass(slots=True)
class _Tally:
    """What has been read of a file so far."""

    added: int = 0
    known: int = 0
    broken: int = 0
    skipped: int = 0
    accounts: list[AccountSummary] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    covered: list[CoveredDays] = field(default_factory=list)

    def summary(self) -> ReadSummary:
        return ReadSummary(
            self.added, self.known, self.broken, self.skipped, tuple(self.accounts), tuple(self.warnings)
        )


def read_inbox(rt: Runtime, inbox_id: int) -> None:
    """Claim a row of the inbox and work on it; doing it twice changes nothing."""
    rt = rt.claimant()
    try:
        row = _take(rt, inbox_id)
    except StoreUnavailable:
        raise
    except Exception:
        # The attempt was undone with all the rest: count it, and let its lease keep the next one away.
        with rt.store.write() as uow:
            uow.inbox.claim(inbox_id, rt.owner, rt.clock.now(), rt.inbox_lease_s)
        raise
    if row is None:
        return
    if row.attempts > _MAX_ATTEMPTS:
        _fail(rt, row, _UNFINISHED)
        return
    if row.kind is InboxKind.CLAIM:
        rt.wake(Work.MATCH, "")
        return
    try:
        summary = _read_statement(rt, row)
    except UnreadableFile as error:
        _fail(rt, row, str(error))
        return
    with rt.store.write() as uow:
        uow.inbox.done(inbox_id, rt.owner, summary, rt.clock.now())
    rt.wake(Work.MATCH, "")


def _take(rt: Runtime, inbox_id: int) -> InboxRow | None:
    """Claim the row; a report is recorded at once: nobody is called for it, so all of it is one transaction."""
    with rt.store.write() as uow:
        row = uow.inbox.claim(inbox_id, rt.owner, rt.clock.now(), rt.inbox_lease_s)
        if row is not None and row.kind is InboxKind.CLAIM and row.attempts <= _MAX_ATTEMPTS:
            _record(rt, uow, row)
    return row


def _record(rt: Runtime, uow: UnitOfWork, row: InboxRow) -> None:
    try:
        summary = record_claim(rt, uow, row)
    except MalformedReport as error:
        _refuse(rt, uow, row, str(error))
        return
    uow.inbox.done(row.id, rt.owner, summary, rt.clock.now())


def _fail(rt: Runtime, row: InboxRow, reason: str) -> None:
    with rt.store.write() as uow:
        _refuse(rt, uow, row, reason)


def _refuse(rt: Runtime, uow: UnitOfWork, row: InboxRow, reason: str) -> None:
    if uow.inbox.fail(row.id, rt.owner, reason):
        announce.inbox_failed(rt, uow, row, reason)
    event = "claim.refused" if row.kind is InboxKind.CLAIM else "statement.refused"
    entry = AuditEntry(event, "hub", f"inbox/{row.id}", {"name": row.name, "reason": reason})
    uow.audit.append(entry, rt.clock.now())


def _read_statement(rt: Runtime, row: InboxRow) -> dict[str, object]:
    tally = _Tally()
    items = rt.read_statement(row.raw, rt.own_accounts, rt.own_tax_ids)
    for batch in _batches(items, _BATCH):
        _store_batch(rt, row, batch, tally)
        failpoints.reach("after_lines_stored")
    tally.warnings += flag_vanished(rt, row, tally.covered)
    made_on = max((days.made_on for days in tally.covered if days.made_on is not None), default=None)
    summary = asdict(tally.summary()) | {"made_on": made_on.isoformat() if made_on is not None else None}
    with rt.store.write() as uow:
        data = {"name": row.name, "added": tally.added, "known": tally.known, "broken": tally.broken}
        uow.audit.append(AuditEntry("statement.read", "hub", f"inbox/{row.id}", data), rt.clock.now())
    return summary


def _batches(items: Iterator[StatementItem], size: int) -> Iterator[list[StatementItem]]:
    while batch := list(islice(items, size)):
        yield batch


def _store_batch(rt: Runtime, row: InboxRow, batch: Iterable[StatementItem], tally: _Tally) -> None:
    payments = []
    broken = []
    for item in batch:
        match item:
            case ReceivedPayment():
                payments.append(item)
            case BrokenItem():
                broken.append(item)
            case SkippedItem():
                tally.skipped += 1
            case FileWarning():
                tally.warnings.append(item.message)
            case AccountSummary():
                tally.accounts.append(item)
            case CoveredDays():
                tally.covered.append(item)
    now = rt.clock.now()
    with rt.store.write() as uow:
        results = uow.payments.add(payments, row.id, now)
        uow.inbox.quarantine(row.id, broken)
        for payment_id, created in results:
            if created:
                uow.audit.append(AuditEntry("payment.received", "hub", payment_id, {"inbox": row.id}), now)
        new = [item.payment for item, (_, created) in zip(payments, results, strict=True) if created]
        cover_by_lines(rt, uow, new)
    tally.added += sum(created for _, created in results)
    tally.known += sum(not created for _, created in results)
    tally.broken += len(broken)

"""Read a statement file of the inbox into payments, in batches; doing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Final

from hub import failpoints
from hub.ports.records import AuditEntry, InboxRow
from hub.ports.statement import (
    AccountSummary,
    BrokenItem,
    CoveredDays,
    FileWarning,
    ReadSummary,
    ReceivedPayment,
    SkippedItem,
    StatementItem,
)
from hub.services.booked_money import take_files_word
from hub.services.cover_claims import cover_by_lines
from hub.services.flag_vanished import flag_vanished
from hub.services.runtime import Runtime

_BATCH: Final = 500


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


def store_statement(rt: Runtime, row: InboxRow) -> dict[str, object]:
    """Store what the file of an inbox row holds; returns what was found, for the row's summary.

    Raises:
        UnreadableFile: it is no statement; the message is for a person (Russian).
    """
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
        uow.banks.adopt(payments, rt.books)
        results = uow.payments.add(payments, row.id, now)
        uow.inbox.quarantine(row.id, broken)
        for payment_id, created in results:
            if created:
                uow.audit.append(AuditEntry("payment.received", "hub", payment_id, {"inbox": row.id}), now)
        found = zip(payments, results, strict=True)
        take_files_word(rt, uow, row.id, [(payment, item) for item, (payment, created) in found if not created])
        new = [item.payment for item, (_, created) in zip(payments, results, strict=True) if created]
        cover_by_lines(rt, uow, new)
    tally.added += sum(created for _, created in results)
    tally.known += sum(not created for _, created in results)
    tally.broken += len(broken)

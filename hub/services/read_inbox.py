"""Work on one statement of the inbox: a file, or a day that a bank's API showed."""

from __future__ import annotations

from typing import Final

from hub.ports.records import AuditEntry, InboxKind, InboxRow
from hub.ports.statement import UnreadableFile
from hub.services import announce
from hub.services.runtime import Runtime, Work
from hub.services.store_bank_day import store_bank_day
from hub.services.store_statement import store_statement

#: What ends the process or the work each time is put aside rather than tried for ever.
_MAX_ATTEMPTS: Final = 10
_UNFINISHED: Final = "Файл не удаётся разобрать до конца: попытки кончились. Проверьте его и загрузите снова."


def read_inbox(rt: Runtime, inbox_id: int) -> None:
    """Claim a row of the inbox and read its file; doing it twice changes nothing."""
    rt = rt.claimant()
    with rt.store.write() as uow:
        row = uow.inbox.claim(inbox_id, rt.owner, rt.clock.now(), rt.inbox_lease_s)
    if row is None:
        return
    if row.attempts > _MAX_ATTEMPTS:
        _fail(rt, row, _UNFINISHED)
        return
    try:
        summary = store_bank_day(rt, row) if row.kind is InboxKind.BANK_DAY else store_statement(rt, row)
    except UnreadableFile as error:
        _fail(rt, row, str(error))
        return
    with rt.store.write() as uow:
        uow.inbox.done(inbox_id, rt.owner, summary, rt.clock.now())
    rt.wake(Work.MATCH, "")


def _fail(rt: Runtime, row: InboxRow, reason: str) -> None:
    with rt.store.write() as uow:
        if uow.inbox.fail(row.id, rt.owner, reason):
            announce.inbox_failed(rt, uow, row, reason)
            entry = AuditEntry("statement.refused", "hub", f"inbox/{row.id}", {"name": row.name, "reason": reason})
            uow.audit.append(entry, rt.clock.now())

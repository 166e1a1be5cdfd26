"""Take a statement file in: its bytes are stored before any work on them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hub import failpoints
from hub.ports.records import AuditEntry, InboxKind
from hub.services.runtime import Runtime, Work

FILES = "files"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Where the file landed; `created` is False when the very same file was taken in before."""

    inbox_id: int
    created: bool


def import_statement(rt: Runtime, raw: bytes, name: str, actor: str) -> ImportResult:
    """Store a statement file; reading it is the worker's."""
    now = rt.clock.now()
    digest = hashlib.sha256(raw).hexdigest()
    with rt.store.write() as uow:
        inbox_id, created = uow.inbox.add(FILES, InboxKind.STATEMENT_FILE, name, raw, digest, now)
        if created:
            data = {"name": name, "bytes": len(raw), "sha256": digest}
            uow.audit.append(AuditEntry("statement.received", actor, f"inbox/{inbox_id}", data), now)
    failpoints.reach("after_inbox_commit")
    rt.wake(Work.INBOX, str(inbox_id))
    return ImportResult(inbox_id, created)

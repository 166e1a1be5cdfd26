"""The decision table at a start: its text is kept, and what another table left to a person is decided anew."""

from __future__ import annotations

import structlog

from hub.domain.matching import SHIPPED
from hub.ports.records import HUB_MARKS, AuditEntry
from hub.services.control import HUB
from hub.services.runtime import Runtime, Work

_log = structlog.get_logger(__name__)
_MARK = "decision_table"


def keep_tables(rt: Runtime) -> None:
    """Keep the texts of the hub's own table and of the company's: decisions name them by version."""
    tables = {table.version: table.text for table in (SHIPPED, rt.table)}
    with rt.store.read() as uow:
        missing = {version: text for version, text in tables.items() if uow.decision_tables.text(version) is None}
    if not missing:
        return
    with rt.store.write() as uow:
        for version, text in missing.items():
            uow.decision_tables.keep(version, text, rt.clock.now())


def adopt_table(rt: Runtime) -> int:
    """Send payments that wait for a person by the word of another table back to the matcher; returns how many.

    What is matched stays. A table that was not in force at the last start gets a line of the journal.
    """
    now, version = rt.clock.now(), rt.table.version
    with rt.store.write() as uow:
        before = uow.cursors.get(HUB_MARKS, _MARK)
        reopened = uow.payments.reopen_of_other_tables(version)
        if before != version:
            uow.cursors.put(HUB_MARKS, _MARK, version)
        if before != version and (before is not None or reopened or version != SHIPPED.version):
            data = {"before": before, "after": version, "payments": reopened}
            uow.audit.append(AuditEntry("table.changed", HUB, HUB, data), now)
    if reopened:
        _log.info("table.changed", before=before, after=version, payments=reopened)
        rt.wake(Work.MATCH, "")
    return reopened

"""See now and then that a system still calls us: it may stop after bad answers, and nobody here would be told."""

from __future__ import annotations

from typing import Final

import structlog

from hub.domain.errors import ConnectorError
from hub.ports.crm import CrmPort
from hub.ports.hooks import HookKeeper
from hub.ports.records import AuditEntry
from hub.services.runtime import Runtime

_log = structlog.get_logger(__name__)
_EVERY_S: Final = 600.0


def keep_hooks(rt: Runtime, connection: str, crm: CrmPort) -> None:
    """Ask once in ten minutes. Hooks only hurry what the poll finds anyway, so trouble here stops nothing."""
    if not isinstance(crm, HookKeeper):
        return
    with rt.store.write() as uow:
        if not uow.switches.due_run(f"hooks:{connection}", rt.clock.now(), _EVERY_S):
            return
    try:
        renewed = crm.keep_hooks()
    except ConnectorError as error:
        _log.warning("hooks.not_kept", connection=connection, error=error.text)
        return
    if renewed:
        with rt.store.write() as uow:
            uow.audit.append(AuditEntry("hooks.subscribed", "hub", connection), rt.clock.now())

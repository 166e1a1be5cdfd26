"""Receive a hook: verify, store the raw body durably, hint the jobs. The body is never taken as fact."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from hub import failpoints
from hub.ports.crm import HookRequest
from hub.ports.records import InboxKind
from hub.services.runtime import Runtime, Work


class Reception(StrEnum):
    """What became of a hook request."""

    STORED = "stored"
    REFUSED = "refused"
    UNKNOWN_CONNECTION = "unknown_connection"


def receive_event(rt: Runtime, connection: str, request: HookRequest) -> Reception:
    """Store an authentic hook once; a doubled one finds its row and adds nothing."""
    crm = rt.crm(connection)
    if crm is None:
        return Reception.UNKNOWN_CONNECTION
    if crm.verify(request) is None:
        return Reception.REFUSED
    digest = hashlib.sha256(request.body).hexdigest()
    name = request.headers.get("content-type", "")
    with rt.store.write() as uow:
        _, created = uow.inbox.add(connection, InboxKind.HOOK, name, request.body, digest, rt.clock.now())
    failpoints.reach("after_inbox_commit")
    if created:
        rt.wake(Work.HOOKS, connection)
    return Reception.STORED

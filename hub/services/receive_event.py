"""Receive a hook: decide whether it is authentic, and hint the jobs once it is stored. The body is never a fact."""

from __future__ import annotations

from enum import StrEnum

from hub import failpoints
from hub.ports.crm import HookRequest
from hub.ports.hooks import Arrival, Fresh
from hub.services.runtime import WORK_OF, Runtime


class Refusal(StrEnum):
    """Why a hook is not taken in."""

    NOT_AUTHENTIC = "not_authentic"
    UNKNOWN_CONNECTION = "unknown_connection"


def admit_event(rt: Runtime, connection: str, request: HookRequest) -> Arrival | Refusal:
    """What the inbox has to keep of an authentic hook; its delivery is acknowledged only when that is durable."""
    door = rt.doors.get(connection)
    if door is None:
        return Refusal.UNKNOWN_CONNECTION
    admission = door.admit(request)
    if admission is None:
        return Refusal.NOT_AUTHENTIC
    failpoints.reach("after_verify")
    raw = request.body if admission.kept is None else admission.kept
    return Arrival(connection, admission.kind, admission.name, raw, admission.digest, rt.clock.now())


def hint_events(rt: Runtime, fresh: Fresh) -> None:
    """Tell the jobs what came: once for each connection and kind."""
    for kind, connection in sorted(fresh):
        rt.wake(WORK_OF[kind], connection)

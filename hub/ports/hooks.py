"""The hooks' door: what decides whether a request that came to our address is authentic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hub.ports.crm import HookRequest
from hub.ports.records import InboxKind


@dataclass(frozen=True, slots=True)
class Admission:
    """An authentic request as the inbox keeps it.

    Attributes:
        kind: what the worker will take it for.
        name: what the worker needs besides the body (its content type).
        digest: the same for every delivery of the same message: the inbox stores it once.
    """

    kind: InboxKind
    name: str
    digest: str


class HookDoor(Protocol):
    """Admits authentic requests of one connection."""

    def admit(self, request: HookRequest) -> Admission | None:
        """None when the request is not authentic. Constant time in the secret, no I/O, no parsing beyond need."""

"""The hooks' door: what decides whether a request that came to our address is authentic, and what stores it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from hub.ports.crm import HookRequest
from hub.ports.records import InboxKind


@dataclass(frozen=True, slots=True)
class Admission:
    """An authentic request as the inbox keeps it.

    Attributes:
        kind: what the worker will take it for.
        name: what the worker needs besides the body (its content type).
        digest: the same for every delivery of the same message: the inbox stores it once.
        kept: the body without what proved it authentic, where it holds a secret; None keeps the body as it came.
    """

    kind: InboxKind
    name: str
    digest: str
    kept: bytes | None = None


@runtime_checkable
class HookDoor(Protocol):
    """Admits authentic requests of one connection."""

    def admit(self, request: HookRequest) -> Admission | None:
        """None when the request is not authentic. Constant time in the secret, no I/O, no parsing beyond need."""


@runtime_checkable
class HookKeeper(Protocol):
    """A connection whose system can be asked to call us, and may stop doing so."""

    def keep_hooks(self) -> bool:
        """See that the system still calls our address, and subscribe anew where it does not; True when it was asked.

        Raises:
            ConnectorError: it could not be seen to now.
        """


class Arrival(NamedTuple):
    """An admitted request on its way into the inbox."""

    connection: str
    kind: InboxKind
    name: str
    raw: bytes
    digest: str
    at: datetime


#: What a commit brought that the jobs should look at: kinds of new rows, each with the connection it came for.
Fresh = frozenset[tuple[InboxKind, str]]

#: What became of a group: for each arrival in its order whether it is durable. Called in the writer's own thread.
Told = Callable[[Sequence[bool]], None]


class HookWriter(Protocol):
    """Stores what hooks brought, many at a time."""

    def put(self, arrivals: Sequence[Arrival], told: Told) -> None:
        """Store each arrival once and tell when all of them are durable, or which are not; returns at once."""

"""What watches the hub itself and what forgets old data: ports and their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from hub.ports.records import InboxKind

#: Names of pulses: every timed sweep, and every look that found undecided payments since one that found none.
TIMER: Final = "timer"
WAITING: Final = "undecided"


def changes_pulse(connection: str) -> str:
    """Name of the pulse that every poll gives which found changes, until a hook comes."""
    return f"changes:{connection}"


class AlarmKind(StrEnum):
    """What went silent.

    `poll`: a connection is not read to its end. `statement`: no statement file. `credit`: no incoming money. `hooks`: a
    connection's hooks stopped while its poll finds changes. `timer`: the hub's own timer. `events`: a receiver of
    outgoing events does not take them.
    """

    POLL = "poll"
    STATEMENT = "statement"
    CREDIT = "credit"
    HOOKS = "hooks"
    TIMER = "timer"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A silence beyond its rhythm.

    Attributes:
        source: connection or endpoint; empty where there is only one of the kind.
        since: the last sign of life.
        rung_at: when the silence was noticed.
    """

    kind: AlarmKind
    source: str
    since: datetime
    rung_at: datetime

    @property
    def name(self) -> str:
        """One alarm of this name at a time."""
        return f"{self.kind.value}:{self.source}"


@dataclass(frozen=True, slots=True)
class Pulse:
    """Signs of life under one name: the first and the newest since it was stilled, and how many."""

    since: datetime
    at: datetime
    beats: int


@dataclass(frozen=True, slots=True)
class Signs:
    """Newest signs of life of what comes in.

    Attributes:
        statement_at: when the newest statement file was taken in.
        credit_at: when the newest incoming payment was stored.
        hook_at: by connection, when the newest of its recent hooks was stored.
        untold: by receiver of outgoing events, when its oldest event that was tried and is still not taken occurred.
    """

    statement_at: datetime | None = None
    credit_at: datetime | None = None
    hook_at: Mapping[str, datetime] = field(default_factory=dict)
    untold: Mapping[str, datetime] = field(default_factory=dict)


class Watch(Protocol):
    """Pulses and alarms."""

    def beat(self, name: str, at: datetime) -> Pulse | None:
        """Give a sign of life; returns the pulse as it was before."""

    def still(self, name: str) -> None:
        """Forget a pulse: the next beat is its first."""

    def pulse(self, name: str) -> Pulse | None:
        """The pulse, if there is one."""

    def ring(self, alarm: Alarm) -> bool:
        """Keep the alarm; True when it did not ring before."""

    def hush(self, name: str) -> bool:
        """Drop the alarm; True when it rang."""

    def alarms(self) -> list[Alarm]:
        """What rings now, the oldest silence first."""

    def signs(self) -> Signs:
        """Newest signs of life of what comes in."""


@dataclass(frozen=True, slots=True)
class Bite:
    """One bite of forgetting.

    Attributes:
        forgotten: how many rows were emptied.
        left: how many were looked at and stay, because they are open.
        last: the last row looked at, None where there was none.
        more: there may be rows after it.
    """

    forgotten: int
    left: int = 0
    last: int | None = None
    more: bool = False


class Retention(Protocol):
    """Forgets old data in bites. What is open is never touched, and what doubles are recognised by stays."""

    def forget_raw(self, kind: InboxKind, before: datetime, after: int, now: datetime) -> Bite:
        """Empty the bytes of settled inbox rows older than `before`, walking up from row `after`.

        The row with its digest stays. A statement stays whole while a payment of it is undecided or has an unsettled
        effect.
        """

    def forget_payers(self, before: datetime, after: int) -> Bite:
        """Take names, requisites and purposes out of closed payments stored before `before`, with their decisions."""

    def forget_claims(self, before: datetime, after: int) -> Bite:
        """Take names, requisites and purposes out of settled reports of payments stored before `before`."""

    def forget_aliases(self, before: datetime, after: int) -> Bite:
        """Take names, requisites and notes out of aliases that were ended before `before`; who and when stay."""

    def forget_access(self, now: datetime) -> int:
        """Delete sessions that are over and failed sign-ins older than a day."""

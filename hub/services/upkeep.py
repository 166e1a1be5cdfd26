"""The hub's care of itself in figures: when it counts as ready, when a silence is an alarm, what it forgets when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, tzinfo


@dataclass(frozen=True, slots=True)
class ReadyLimits:
    """How old the oldest waiting work may be, seconds, already scaled.

    Attributes:
        timer_s: longer than a lease of the timer, so that a restart is no failure.
    """

    inbox_s: float = 300.0
    payments_s: float = 300.0
    outbox_s: float = 300.0
    timer_s: float = 60.0


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """When a silence is an alarm.

    Attributes:
        every_s: how often the sources are looked at.
        polls: so many intervals of a connection without a whole poll …
        poll_s: … but not less than this, seconds.
        statement_h: hours of working days without a statement file; 0 is off.
        statement_by: on a working day a file has to be there by this hour; None is off.
        credit_h: hours of working days without incoming money; 0 is off.
        hooks_s: seconds for which the poll finds changes that no hook announced.
        hooks_polls: … in at least so many polls.
        events_s: age of an event that a receiver does not take, seconds.
        timer_s: a longer gap between two ticks of the timer is told.
        zone: where working days begin and end; None is the machine's own.
    """

    every_s: float = 30.0
    polls: int = 5
    poll_s: float = 900.0
    statement_h: float = 48.0
    statement_by: time | None = None
    credit_h: float = 120.0
    hooks_s: float = 3600.0
    hooks_polls: int = 3
    events_s: float = 3600.0
    timer_s: float = 60.0
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """After how many days what is forgotten; None keeps it.

    Attributes:
        hooks_days: bodies of hooks and of reports of external systems.
        raw_days: bytes of statement files and the text of their unreadable lines.
        payments_days: names, requisites and purposes of closed payments.
        events_days: outgoing events with their deliveries.
        every_s: how often a walk begins, seconds.
    """

    hooks_days: int | None = 30
    raw_days: int | None = None
    payments_days: int | None = None
    events_days: int | None = 90
    every_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Everything of it."""

    ready: ReadyLimits = ReadyLimits()
    watch: WatchSettings = WatchSettings()
    retention: RetentionSettings = RetentionSettings()

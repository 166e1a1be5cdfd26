"""Who is told of events, and how patiently: the schedule of attempts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hub.ports.events import EventSender, EventType

#: Pauses before each attempt, seconds: at once, then over three days and three hours in all.
#: Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (retry schedule).
PAUSES_S: Final = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
#: The longest pause that a receiver may ask for, seconds.
LONGEST_PAUSE_S: Final = 86_400.0
_JITTER: Final = 0.1


@dataclass(frozen=True, slots=True)
class EventTiming:
    """Deadlines of event deliveries.

    Attributes:
        lease_s: how long an endpoint's turn holds without news: longer than a name look-up and a call together.
        turn_s: how long one job keeps sending before others get their turn.
        scale: one factor on all of it, for tests.
        jitter: draws from 0 to 1, so that what failed together is not repeated together.
    """

    lease_s: float = 60.0
    turn_s: float = 10.0
    scale: float = 1.0
    jitter: Callable[[], float] = random.random

    def pause_s(self, attempts: int, retry_after_s: float | None = None) -> float | None:
        """Pause after so many attempts; None when there is to be no other one.

        What the receiver asked for is kept where it is longer than ours, up to a day.
        """
        if attempts >= len(PAUSES_S):
            return None
        ours = PAUSES_S[attempts] * self.scale * (1 + _JITTER * self.jitter())
        return max(ours, self.asked_s(retry_after_s))

    @staticmethod
    def asked_s(retry_after_s: float | None) -> float:
        """The pause that a receiver asked for, within bounds; 0 when it asked for none."""
        return min(max(retry_after_s or 0.0, 0.0), LONGEST_PAUSE_S)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One receiver: what carries messages to it and which types it wants."""

    sender: EventSender
    types: frozenset[EventType] = frozenset(EventType)
    timing: EventTiming = field(default_factory=EventTiming)

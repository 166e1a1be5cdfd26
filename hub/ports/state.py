"""State that connectors share across processes: clock, tokens, quota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, injected so that tests can hold it."""

    def now(self) -> datetime:
        """Now, timezone-aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never step back."""

    def sleep(self, seconds: float) -> None:
        """Wait; tests may skip ahead instead."""


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A secret with the number of its making: another number is another secret."""

    value: str
    version: int


class TokenStore(Protocol):
    """Secrets of connections, encrypted at rest.

    A secret that renews itself (a pair of OAuth tokens) is renewed by one process at a time: it takes the turn, asks
    the vendor, and stores what it got before anybody uses it.
    """

    def get(self, connection: str, name: str) -> str | None:
        """The secret, decrypted."""

    def put(self, connection: str, name: str, value: str) -> None:
        """Store or replace a secret; whoever was renewing the old one has lost the turn."""

    def read(self, connection: str, name: str) -> KeptSecret | None:
        """The secret with its version."""

    def take_turn(self, connection: str, name: str, version: int, owner: str, seconds: float) -> bool:
        """Take the turn to renew that very version; False when another has it, or the version is not this any more."""

    def replace(self, connection: str, name: str, version: int, owner: str, value: str) -> bool:
        """Store what the turn's holder got and end the turn, durably; False when the turn or the version was lost."""

    def end_turn(self, connection: str, name: str, owner: str) -> None:
        """Give the turn back without a new secret; nothing when it is not `owner`'s any more."""


class QuotaStore(Protocol):
    """Rates and budgets counted in the database, so that every process of one egress shares them."""

    def take(self, bucket: str, capacity: float, drain_per_s: float, cost: float = 1.0) -> float:
        """Ask a leaky bucket for `cost`: 0 when granted, else seconds to wait (nothing is taken)."""

    def fill(self, bucket: str, capacity: float, drain_per_s: float) -> None:
        """The vendor says the bucket is full: count it as full from now."""

    def spend(self, budget: str, seconds: float, reset_at: datetime | None) -> None:
        """Record the vendor's own figure of a budget in use (`operating`), valid until `reset_at`."""

    def spent(self, budget: str) -> float:
        """Seconds of the budget known to be in use now; 0 after its reset."""

    def block(self, budget: str, until: datetime) -> None:
        """The vendor blocked this budget: nobody calls before `until`."""

    def blocked_until(self, budget: str) -> datetime | None:
        """Until when the budget is blocked, if it is."""

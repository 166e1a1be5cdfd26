"""One time for the portal, the account, the banks and the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class DayClock:
    """One time for everybody; sleeping moves it."""

    controls: Sequence[Any]

    def now(self) -> datetime:
        found: datetime = self.controls[-1].banks.clock.now()
        return found

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        for control in self.controls:
            control.advance(max(seconds, 0.001))

    def until(self, moment: datetime) -> None:
        """Let it be then, where it is not later yet."""
        if (seconds := (moment - self.now()).total_seconds()) > 0:
            self.sleep(seconds)

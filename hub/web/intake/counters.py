"""What the hooks' door answered, in memory: the only trace that a refused request leaves."""

from __future__ import annotations

from collections import Counter
from typing import Final

#: Stands for every connection that is not in the settings (guesses cannot grow the table), and for requests that broke
#: off before their address was known.
UNKNOWN: Final = ""


class IntakeCounters:
    """Answers by connection and status since the start. Written by the event loop, read from any thread."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, int]] = Counter()

    def count(self, connection: str, status: int) -> None:
        """Count one answer; `connection` is a configured one or `UNKNOWN`."""
        self._answers[connection, status] += 1

    def snapshot(self) -> dict[tuple[str, int], int]:
        """(connection, HTTP status) to how many, as it stands now."""
        return self._answers.copy()

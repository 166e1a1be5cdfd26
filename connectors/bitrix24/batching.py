"""Batches of reading commands: how they are written, how large, and what came back for each key."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.bitrix24.envelope import BadReply, as_map, error_in
from connectors.shared import php_form
from connectors.shared.jsontypes import Json, Params
from connectors.shared.outcomes import Answer

_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Command:
    """A method with its parameters."""

    method: str
    params: Params

    def query(self) -> str:
        """The command as batch takes it: a query string."""
        return f"{self.method}?{php_form.encode(self.params)}"


class BatchSize:
    """How many commands go into a batch: fewer after a slow one, a few more after a quick one. Thread-safe."""

    def __init__(self, start: int = 25, slow_s: float = 20.0) -> None:
        self._now = start
        self._slow_s = slow_s
        self._lock = threading.Lock()

    @property
    def now(self) -> int:
        """The size to use."""
        return self._now

    def measured(self, seconds: float, commands: int) -> None:
        """A batch of that many commands took so long."""
        with self._lock:
            if seconds > self._slow_s:
                self._now = max(1, min(self._now, commands) // 2)
            elif seconds < self._slow_s / 4 and commands >= self._now:
                self._now = min(_MOST, self._now + 5)

    def failed(self, *, uncertain: bool) -> None:
        """A batch got no whole reply: it may have been too heavy."""
        if uncertain:
            with self._lock:
                self._now = max(1, self._now // 2)


def batch_parts(body: Mapping[str, Json], commands: Mapping[str, Command]) -> dict[str, Json | BadReply]:
    """Result or error of each command; a command that came back with neither is an unreadable reply."""
    results, errors = as_map(body.get("result")), as_map(body.get("result_error"))
    parts: dict[str, Json | BadReply] = {}
    for key in commands:
        error = errors.get(key)
        if isinstance(error, dict):
            code, description = error_in(error)
            parts[key] = BadReply(Answer(code=code), description)
        elif key in results:
            parts[key] = results[key]
        else:
            parts[key] = BadReply(Answer(), "the batch did not answer this command")
    return parts

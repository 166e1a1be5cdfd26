"""What an answer means, as a table: vendor code | status | failure -> action; the rest is never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connectors.shared.http import Failure
from hub.domain.errors import ConnectorError, Gone, Reauthorise, Refused, RetryLater, UnknownOutcome


class Action(StrEnum):
    """What to do. All but `UNCERTAIN` say that the call took no effect."""

    RETRY = "retry"
    THROTTLED = "throttled"
    BLOCKED = "blocked"
    SUSPENDED = "suspended"
    REAUTHORISE = "reauthorise"
    REFUSED = "refused"
    GONE = "gone"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Answer:
    """An unsuccessful answer: its status, the vendor's error code if the body had one, or how the call broke."""

    status: int | None = None
    code: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; every condition that is given must hold. A code may end with `*`."""

    action: Action
    code: str | None = None
    statuses: frozenset[int] = frozenset()
    failure: Failure | None = None

    def holds(self, answer: Answer) -> bool:
        """Whether this line speaks of that answer."""
        if self.failure is not None and self.failure is not answer.failure:
            return False
        if self.statuses and answer.status not in self.statuses:
            return False
        return self.code is None or _code_matches(self.code, answer.code)


def _code_matches(pattern: str, code: str | None) -> bool:
    if code is None:
        return False
    wanted, given = pattern.casefold(), code.casefold()
    return given.startswith(wanted[:-1]) if wanted.endswith("*") else given == wanted


class OutcomeTable:
    """The first line that holds decides; no line means `UNCERTAIN`."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)

    def classify(self, answer: Answer) -> Action:
        """The action for an answer."""
        return next((row.action for row in self.rows if row.holds(answer)), Action.UNCERTAIN)


def error_for(
    action: Action, *, write: bool, text: str, for_person: str = "", code: str = "", after_s: float | None = None
) -> ConnectorError:
    """The error that an action becomes: uncertain is "unknown" for a write and "try again" for a read."""
    if action is Action.REAUTHORISE:
        return Reauthorise(text, for_person, code)
    if action is Action.REFUSED:
        return Refused(text, for_person, code)
    if action is Action.GONE:
        return Gone(text, for_person, code)
    if action is Action.UNCERTAIN and write:
        return UnknownOutcome(text, for_person, code)
    return RetryLater(text, for_person, code, after_s)

"""The opaque mark of a poll: what was read of each stream, kept as JSON text. Times are Unix seconds."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.amocrm.client import PAGE

#: Fresh rows become visible to filters late; this much of the past is read again.
LAG_S: Final = 600
#: The widest window: a long absence is caught up in pieces.
WINDOW_S: Final = 3600
#: In the seconds that are hardly over a row may be edited again under the same stamp.
SETTLED_S: Final = 30
_SEEN_MOST: Final = 4000
_SMALLEST: Final = 10


class Stream(StrEnum):
    """What tells of changes."""

    COMPANY = "companies"
    CONTACT = "contacts"
    LEAD = "leads"
    EVENT = "events"
    INVOICE_EVENT = "invoice_events"


class Step(StrEnum):
    """Order of a walk: what is referred to comes first."""

    COMPANY = "companies"
    INVOICE = "elements"
    LEAD = "leads"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Paging(_Part):
    """Where in a list we are; a page that is too heavy is asked for in smaller ones, from the beginning."""

    page: int = 1
    limit: int = PAGE

    def shrink(self) -> bool:
        """Ask for less from now on; False when it is the least already."""
        if self.limit <= _SMALLEST:
            return False
        self.page, self.limit = 1, max(_SMALLEST, self.limit // 2)
        return True


class Window(Paging):
    """Rows of a stream between two moments.

    Attributes:
        until: the end of the window that is being read, None between two of them.
        behind: the window ended before the present when it was begun: another one waits.
        again: the list ended early, as it does when rows move under a page number: it is read once more.
        whole: filters do not work here, the list is read from its newest end.
        after: the stamp up to which cards were read: an edit moves a card to the end and shifts pages, not stamps.
        seen: id -> stamp of rows that were handed over and still lie inside the window.
    """

    since: int
    until: int | None = None
    behind: bool = False
    again: bool = False
    whole: bool = False
    after: int | None = None
    seen: dict[str, int] = Field(default_factory=dict)

    def open(self, now: int) -> int:
        """The end of the window, chosen when it is begun."""
        if self.until is None:
            self.until = now if self.whole else min(now, self.since + LAG_S + WINDOW_S)
            self.behind = self.until < now
        return self.until

    def is_fresh(self, id_: str, stamp: int, now: int) -> bool:
        """Whether a row was not handed over yet; remembers it."""
        if stamp < self.since or self.seen.get(id_) == stamp:
            return False
        if stamp < now - SETTLED_S:
            self.seen[id_] = stamp
        return True

    @property
    def start(self) -> int:
        """The oldest stamp that the next page may show."""
        return self.since if self.after is None else self.after

    def turn(self, stamps: Sequence[int]) -> None:
        """Go on behind a page: from the stamp of its last row, or by number within one stamp and without an order."""
        if stamps and stamps[-1] > self.start and list(stamps) == sorted(stamps):
            self.after, self.page = stamps[-1], 1
        else:
            self.page += 1

    def restart(self) -> None:
        """Read the same window from its first page."""
        self.page, self.after, self.again = 1, None, True

    def read_whole(self) -> None:
        """Filters do not work here: begin anew, from the newest end."""
        self.whole, self.page, self.after, self.until = True, 1, None, None

    def finish(self) -> None:
        """The window is read: the next one starts a lag before its end."""
        self.since = max(self.since, (self.until or self.since) - LAG_S)
        self.until, self.page, self.after, self.again = None, 1, None, False
        fresh = sorted(((at, id_) for id_, at in self.seen.items() if at >= self.since), reverse=True)
        self.seen = {id_: at for at, id_ in fresh[:_SEEN_MOST]}


class Walk(Paging):
    """A walk over every record, list after list.

    Attributes:
        again: the first walk once more, after deletions shifted the pages under it.
    """

    step: Step
    again: bool = False


class Mark(_Part):
    """Everything a poll needs to go on.

    Attributes:
        initial: the first walk is not over; streams wait at the moment when it began.
        walked_at: when the first walk ended; None once it is known whether pages were shifted under it.
    """

    v: Literal[1] = 1
    initial: bool = True
    walk: Walk | None
    next_walk_at: int
    walked_at: int | None = None
    windows: dict[Stream, Window]

    @property
    def is_walking(self) -> bool:
        """A walk goes on that streams wait for."""
        return self.initial or (self.walk is not None and self.walk.again)

    def end_walk(self, now: int) -> None:
        """The last page of a walk is read."""
        self.walked_at = now if self.initial else self.walked_at
        self.walk, self.initial = None, False

    def walk_again(self, step: Step) -> None:
        """Records were hidden from the first walk. Once: another deletion hardly hides the same ones."""
        self.walk, self.walked_at = Walk(step=step, again=True), None

    def dump(self) -> str:
        """As text."""
        return self.model_dump_json()


def load_mark(text: str) -> Mark | None:
    """A mark out of its text; None for one of another making, which means to begin again."""
    try:
        return Mark.model_validate_json(text)
    except ValidationError:
        return None

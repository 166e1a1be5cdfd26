"""The opaque mark of a poll: what was read of each stream, kept as JSON text."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

#: Edits become visible some seconds after the time they carry; this much of the past is read again.
LAG: Final = timedelta(seconds=120)
_SEEN_MOST: Final = 2000
_SPAN: Final = 50
_WIDEST: Final = 24


class DateFormat(StrEnum):
    """How this portal's date filters work, found by trial; `NONE` where neither way does."""

    ISO = "iso"
    SQL = "sql"
    NONE = "none"


class Step(StrEnum):
    """Order of a full walk: clients before what refers to them."""

    COMPANY = "company"
    CONTACT = "contact"
    DEAL = "deal"
    INVOICE = "invoice"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Walk(_Part):
    """A walk over every record by ascending id.

    Attributes:
        tops: the greatest ids met before this walk.
        width: how many spans of ids a wide walk asks for at once.
    """

    step: Step = Step.COMPANY
    after: int = 0
    tops: dict[Step, int] = Field(default_factory=dict)
    width: int = 3

    def adjust(self, found: int, page_reach: int) -> None:
        """Widen while spans (or the page behind them) come well filled, narrow when they come nearly empty."""
        if self.width == 0:
            self.width = int(page_reach <= 4 * _SPAN)
        elif found * 4 >= self.width * _SPAN:
            self.width = min(_WIDEST, self.width * 2)
        else:
            self.width //= 2


class Window(_Part):
    """Edits since a moment, walked by id.

    Attributes:
        began: the portal's clock when this walk over the window began, None before it does.
        seen: id -> time of edit of rows that were handed over and still lie inside the window.
    """

    since: datetime
    after: int = 0
    began: datetime | None = None
    seen: dict[int, datetime] = Field(default_factory=dict)

    def finish(self, now: datetime) -> None:
        """The walk is over: the next one starts a lag before this one began."""
        self.since = (self.began or now) - LAG
        self.after, self.began = 0, None
        fresh = sorted(((at, id_) for id_, at in self.seen.items() if at >= self.since), reverse=True)
        self.seen = {id_: at for at, id_ in fresh[:_SEEN_MOST]}


class Mark(_Part):
    """Everything a poll needs to go on.

    Attributes:
        initial: the first walk is not over; streams wait at the places where it began.
        history: last stage history id per entity type.
        windows: window of edits per entity type.
    """

    v: Literal[1] = 1
    initial: bool = True
    walk: Walk | None = Field(default_factory=Walk)
    tops: dict[Step, int] = Field(default_factory=dict)
    next_walk_at: datetime
    history: dict[int, int]
    windows: dict[int, Window]
    requisite: int
    bank_detail: int
    dates: DateFormat | None = None

    def dump(self) -> str:
        """As text."""
        return self.model_dump_json(exclude_defaults=False)


def load_mark(text: str) -> Mark | None:
    """A mark out of its text; None for one of another making, which means to begin again."""
    try:
        return Mark.model_validate_json(text)
    except ValidationError:
        return None

"""The opaque mark of a poll: where a walk over the base is, and which version of which document was seen last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

#: So many documents are remembered at most; of older ones the nightly pass tells changes, and nobody deletions.
KNOWN_MOST: Final = 3000


class Step(StrEnum):
    """What is walked over."""

    CLIENTS = "clients"
    INVOICES = "invoices"
    PAYMENTS = "payments"


class Kind(StrEnum):
    """Why the base is walked over: for the first time, by the nightly pass, by an ordinary poll."""

    FIRST = "first"
    WIDE = "wide"
    RECENT = "recent"


#: In their order: what is referred to comes first. The first time payments come before invoices: whoever puts one of
#: them to another invoice after that was seen with both.
STEPS: Final[Mapping[Kind, tuple[Step, ...]]] = {
    Kind.FIRST: (Step.CLIENTS, Step.PAYMENTS, Step.INVOICES),
    Kind.WIDE: (Step.CLIENTS, Step.INVOICES, Step.PAYMENTS),
    Kind.RECENT: (Step.INVOICES, Step.PAYMENTS),
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as it was seen last: its version is compared as text, it orders nothing.

    Attributes:
        links: invoices that a payment was said to pay.
    """

    version: str
    links: tuple[str, ...] = ()

    def dump(self) -> str:
        """As text: neither a version nor a reference holds a space."""
        return " ".join((self.version.replace(" ", ""), *self.links))

    @classmethod
    def load(cls, text: str) -> Seen:
        """Out of its text."""
        version, *links = text.split(" ")
        return cls(version, tuple(links))


#: Day -> reference -> what was seen, as text: there are thousands of them.
Days = dict[str, dict[str, str]]


class Scan(_Part):
    """A walk that is under way.

    Attributes:
        first: the days that are walked over, both ends included; fixed when it begins, or pages would drift.
        after: moment of the last row that was read, by the base's clock: the next page begins with that row. Counted
            from the first day, pages would lose a row for each that was deleted or dated otherwise meanwhile.
        skip: rows that were read already: of all clients, or of documents where those of one second fill a page.
        found: documents of the step, to tell what is not there any more.
    """

    kind: Kind
    step: Step
    first: date
    last: date
    after: datetime | None = None
    skip: int = 0
    found: Days = Field(default_factory=dict)

    def next_step(self) -> bool:
        """Go on to the next step; False when there is none."""
        steps = STEPS[self.kind]
        place = steps.index(self.step) + 1
        if place == len(steps):
            return False
        self.step, self.after, self.skip, self.found = steps[place], None, 0, {}
        return True


class Mark(_Part):
    """Everything a poll needs to go on.

    Attributes:
        began: the day on which the base was read for the first time.
        next_wide_at: when the nightly pass is due, Unix seconds.
        message: number of the message of the exchange plan that is stored and not acknowledged yet.
    """

    v: Literal[1] = 1
    began: date
    scan: Scan | None
    next_wide_at: int
    invoices: Days = Field(default_factory=dict)
    payments: Days = Field(default_factory=dict)
    message: int | None = None

    def dump(self) -> str:
        """As text."""
        return self.model_dump_json(exclude_defaults=True)

    def known(self, step: Step) -> Days:
        """Documents of a step that were seen before."""
        return self.payments if step is Step.PAYMENTS else self.invoices


def load_mark(text: str) -> Mark | None:
    """A mark out of its text; None for one of another making, which means to begin again."""
    try:
        return Mark.model_validate_json(text)
    except ValidationError:
        return None


def noted(days: Days, day: date, reference: str, seen: Seen) -> None:
    """A document was seen: on this day and on no other. Where there is no room left, it is not remembered."""
    for known in [key for key, rows in days.items() if reference in rows]:
        del days[known][reference]
        if not days[known]:
            del days[known]
    if sum(map(len, days.values())) < KNOWN_MOST:
        days.setdefault(day.isoformat(), {})[reference] = seen.dump()


def within(days: Days, first: date, last: date) -> dict[str, Seen]:
    """What was seen on these days, by reference."""
    return {
        reference: Seen.load(text)
        for day, rows in days.items()
        if first <= date.fromisoformat(day) <= last
        for reference, text in rows.items()
    }


def renew(days: Days, found: Days, first: date, last: date, horizon: date) -> Days:
    """`found` in place of what was known of these days; what lies before the horizon is forgotten."""
    kept = {day: rows for day, rows in days.items() if not first <= date.fromisoformat(day) <= last}
    merged = {**kept, **found}
    return _bounded((day, rows) for day, rows in sorted(merged.items(), reverse=True) if day >= horizon.isoformat())


def _bounded(newest_first: Iterable[tuple[str, dict[str, str]]]) -> Days:
    kept: Days = {}
    room = KNOWN_MOST
    for day, rows in newest_first:
        if len(rows) > room:
            break
        kept[day], room = rows, room - len(rows)
    return kept

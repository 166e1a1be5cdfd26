"""Where the answers of a payment come from: invoices of a book, judged, or what a kept decision says was found.

A payment is looked at in steps, and no step is taken that is not needed: what decides, then what only suggests, then
what is shown for want of anything better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hub.domain.matching.answers import answers, namings
from hub.domain.matching.book import Book
from hub.domain.matching.judge import Question
from hub.domain.matching.keys import PaymentKeys
from hub.domain.matching.refunds import refund_answers
from hub.domain.matching.unnamed import unnamed_set
from hub.domain.matching.verdicts import Answer
from hub.domain.models import Direction, Invoice

_MOST_BY_KEY: Final = 50


class Search(Protocol):
    """Answers of one payment, step by step; each step is asked for once, in this order."""

    def deciding(self) -> Sequence[Answer]:
        """Those that may decide it, contradict or tie."""

    def suggesting(self) -> Sequence[Answer]:
        """With those that only suggest; the very list of before where nothing is added."""

    def whole_set(self) -> Answer | None:
        """The one set of unnamed invoices that makes up the payment."""

    def last_resort(self) -> Sequence[Answer]:
        """With everything else that can be shown."""


class Source(Protocol):
    """Invoices by step."""

    def deciding(self) -> Iterable[Invoice]:
        """Every invoice that may decide."""

    def suggesting(self) -> Mapping[str, Invoice]:
        """By id, those that only suggest."""

    def last_resort(self) -> Mapping[str, Invoice]:
        """By id, those that are shown where there is nothing else."""


@dataclass(frozen=True, slots=True)
class BookSource:
    """Invoices of a book under the keys of a payment."""

    book: Book
    keys: PaymentKeys

    def deciding(self) -> Iterable[Invoice]:
        """Every one, without a limit."""
        return self.book.candidates(self.keys.deciding)

    def suggesting(self) -> Mapping[str, Invoice]:
        """Under keys that lead to few."""
        return _few_by_key(self.book, self.keys.suggesting)

    def last_resort(self) -> Mapping[str, Invoice]:
        """The same for the last keys."""
        return _few_by_key(self.book, self.keys.last_resort)


def _few_by_key(book: Book, keys: Collection[str]) -> dict[str, Invoice]:
    """Invoices under keys that lead to few; a key that leads to many tells nothing and would cost time."""
    return {invoice.id: invoice for invoice in book.few(keys, _MOST_BY_KEY)} if keys else {}


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found.

    Attributes:
        invoices: all that were looked at, in the order found.
        ends: how many of them there were after each step that was taken.
        answers: the answers of each of these steps.
    """

    invoices: tuple[Invoice, ...] = ()
    ends: tuple[int, ...] = ()
    answers: tuple[tuple[Answer, ...], ...] = ()
    whole_set: Answer | None = None


class JudgingSearch:
    """Judges the invoices of a source."""

    __slots__ = ("_answers", "_ends", "_pool", "_question", "_source", "_whole_set")

    def __init__(self, question: Question, source: Source) -> None:
        self._question, self._source = question, source
        self._pool: dict[str, Invoice] = {}
        self._ends: list[int] = []
        self._answers: list[Sequence[Answer]] = []
        self._whole_set: Answer | None = None

    def deciding(self) -> Sequence[Answer]:
        """Judge them; of money that went out, the refunds that it may be."""
        if self._question.payment.direction is Direction.OUT:
            found = tuple(self._source.deciding())
            self._pool = {invoice.id: invoice for invoice in found}
            return self._took(refund_answers(self._question, found))
        self._pool = {invoice.id: invoice for invoice in self._source.deciding()}
        return self._took(self._judged())

    def suggesting(self) -> Sequence[Answer]:
        """Judge anew with them: one more invoice may change what a number says of the others."""
        known = len(self._pool)
        self._pool.update(self._source.suggesting())
        return self._took(self._judged() if len(self._pool) > known else self._answers[-1])

    def whole_set(self) -> Answer | None:
        """Looked for only where no number is named."""
        if not self._question.named:
            self._whole_set = unnamed_set(self._question, self._pool.values())
        return self._whole_set

    def last_resort(self) -> Sequence[Answer]:
        """Judge anew with the last ones."""
        self._pool.update(self._source.last_resort())
        return self._took(self._judged())

    def _judged(self) -> list[Answer]:
        invoices = self._pool.values()
        return answers(self._question, invoices, namings(self._question, invoices))

    def _took(self, found: Sequence[Answer]) -> Sequence[Answer]:
        self._ends.append(len(self._pool))
        self._answers.append(found)
        return found

    @property
    def findings(self) -> Findings:
        """What was found so far."""
        answered = tuple(map(tuple, self._answers))
        return Findings(tuple(self._pool.values()), tuple(self._ends), answered, self._whole_set)


@dataclass(frozen=True, slots=True)
class KeptSource:
    """Invoices of findings; a step that was not taken then has none."""

    findings: Findings

    def deciding(self) -> Iterable[Invoice]:
        """Those of the first step."""
        return self._step(0)

    def suggesting(self) -> Mapping[str, Invoice]:
        """Those that the second step added."""
        return {invoice.id: invoice for invoice in self._step(1)}

    def last_resort(self) -> Mapping[str, Invoice]:
        """Those that the third step added."""
        return {invoice.id: invoice for invoice in self._step(2)}

    def _step(self, number: int) -> Sequence[Invoice]:
        ends = (0, *self.findings.ends)
        return self.findings.invoices[ends[number] : ends[number + 1]] if number + 1 < len(ends) else ()


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """Answers as they were judged then; nothing is judged again, and a step that was not taken then adds nothing."""

    findings: Findings

    def deciding(self) -> Sequence[Answer]:
        """Those of the first step."""
        return self._step(0)

    def suggesting(self) -> Sequence[Answer]:
        """Those of the second step."""
        same = len(self.findings.ends) > 1 and self.findings.ends[0] == self.findings.ends[1]
        return self._step(0 if same else 1)

    def whole_set(self) -> Answer | None:
        """As it was found."""
        return self.findings.whole_set

    def last_resort(self) -> Sequence[Answer]:
        """Those of the third step."""
        return self._step(2)

    def _step(self, number: int) -> Sequence[Answer]:
        known = self.findings.answers
        return known[min(number, len(known) - 1)] if known else ()

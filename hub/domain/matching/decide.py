"""Decides one payment against the book as it stands: fetch, judge, look for a second answer, explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from hub.domain.allocation import Allocation
from hub.domain.decision import Candidate, Decision, DecisionKind, Pile
from hub.domain.matching import phrases
from hub.domain.matching.book import Book
from hub.domain.matching.codes import OUTGOING_REFUND
from hub.domain.matching.context import MatchContext
from hub.domain.matching.doubts import REPEATS_PAID, Doubt, doubt_of, not_customer_money
from hub.domain.matching.explain import about, evidence_of, nothing_sentence, sentence, tie_sentence
from hub.domain.matching.judge import Question, ask
from hub.domain.matching.keys import PaymentKeys, key_tiers
from hub.domain.matching.reader import read_purpose
from hub.domain.matching.reading import Mark, PurposeReading
from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.search import BookSource, Findings, JudgingSearch, Search
from hub.domain.matching.verdicts import (
    CLIENT_FITS,
    EXACT,
    NAMED,
    Answer,
    ClientVerdict,
    DateVerdict,
    NumberVerdict,
    StatusVerdict,
    order_of,
    outdoes,
)
from hub.domain.matching.versions import decision_version
from hub.domain.models import Direction, Invoice, Payment
from hub.domain.money import Money, total
from hub.domain.wording import money_text

_MOST_SHOWN: Final = 10
_EPOCH: Final = date(1970, 1, 1)


class _Judged(NamedTuple):
    answer: Answer
    row: Row


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision on one payment alone, with what it claims of which invoice.

    Attributes:
        claims: for an automatic decision what it gives out; otherwise what its number names without contradiction.
        reading, findings: what it was made from, where that is to be kept.
    """

    decision: Decision
    claims: tuple[tuple[Invoice, Money], ...] = ()
    reading: PurposeReading | None = None
    findings: Findings | None = None


def weigh(
    payment: Payment,
    book: Book,
    context: MatchContext,
    reading: PurposeReading | None = None,
    keys: PaymentKeys | None = None,
    *,
    keep: bool = False,
) -> Weighed:
    """Weigh one payment alone, without regard to the other payments of its date.

    Args:
        reading: what the purpose says, where it is read already.
        keys: what invoices are looked for by, where they are made already.
        keep: give what it was made from as well.
    """
    if reading is None:
        reading = read_purpose(payment.purpose)
    if keys is None:
        keys = key_tiers(payment, reading, context)
    question = ask(payment, reading, context, keys.payer)
    search = JudgingSearch(question, BookSource(book, keys))
    weighed = conclude(question, search)
    return Weighed(weighed.decision, weighed.claims, reading, search.findings) if keep else weighed


def conclude(question: Question, search: Search) -> Weighed:
    """Weigh one payment by the answers that a search has for it."""
    payment, language = question.payment, question.context.language
    if not payment.amount.is_positive:
        return Weighed(_refusal(question, "no_amount", phrases.NO_AMOUNT.told(language)))
    if payment.direction is Direction.SELF:
        text = phrases.OWN_TRANSFER.told(language)
        return Weighed(_refusal(question, "own_transfer", text, Pile.NOT_OURS))
    if payment.direction is Direction.OUT:
        return Weighed(_outgoing(question, search))
    return _incoming(question, search)


def _incoming(question: Question, search: Search) -> Weighed:
    found = search.deciding()
    judged = _kept(question, found)
    winner = _winner(judged)
    doubt = None if winner is None else _doubt_about(question, winner, judged)
    if winner is not None and (doubt is None or doubt.spares(winner.answer.verdicts)):
        return Weighed(_automatic(question, winner, judged), _given(winner.answer))
    foreign = not_customer_money(question)
    if foreign is not None and not any(_is_strong(item) for item in judged):
        return Weighed(_refusal(question, foreign.code, foreign.text.told(question.context.language), Pile.NOT_OURS))
    claims = _named_claims(judged)
    if winner is not None and doubt is not None:
        return Weighed(_doubted(question, winner, judged, doubt), claims)
    more = search.suggesting()
    shown = judged if more is found else _kept(question, more)
    whole_set = search.whole_set()
    if whole_set is not None:
        shown = [*shown, *_kept(question, (whole_set,))]
    if not shown:
        shown = _kept(question, search.last_resort())
    return Weighed(_for_person(question, judged, shown), claims)


def _given(answer: Answer) -> tuple[tuple[Invoice, Money], ...]:
    return tuple(pair for pair in zip(answer.invoices, answer.gives, strict=True) if pair[1])


def _named_claims(judged: Sequence[_Judged]) -> tuple[tuple[Invoice, Money], ...]:
    """What a doubtful payment names: it may well be the one that the invoice waits for."""
    claims: dict[str, tuple[Invoice, Money]] = {}
    for item in judged:
        stranger = item.answer.verdicts.client in {ClientVerdict.CONTRADICTS, ClientVerdict.NAME_DIFFERS}
        if item.answer.verdicts.number not in NAMED or stranger:
            continue
        for invoice, money in _given(item.answer):
            known = claims.get(invoice.id)
            if known is None or money > known[1]:
                claims[invoice.id] = (invoice, money)
    return tuple(claims.values())


def _kept(question: Question, found: Iterable[Answer]) -> list[_Judged]:
    """Answers with the rows that they fit, without those that the table drops."""
    row_for = question.context.table.row_for
    judged = [_Judged(answer, row_for(answer.verdicts)) for answer in found]
    return [item for item in judged if item.row.outcome is not Outcome.DROP]


def _winner(judged: Sequence[_Judged]) -> _Judged | None:
    """The one decisive answer that outdoes every other; None when there is none or a second is as good."""
    for item in judged:
        if item.row.outcome is not Outcome.AUTO:
            continue
        rivals = [other for other in judged if other is not item and not other.row.veto and not _is_beside(other)]
        if all(outdoes(item.answer.verdicts, other.answer.verdicts) for other in rivals):
            return item
    return None


def _is_beside(item: _Judged) -> bool:
    """Another number than the named one, and not both the sum and the client: such an answer rivals nobody."""
    verdicts = item.answer.verdicts
    fits = verdicts.amount in EXACT and verdicts.client in CLIENT_FITS
    return verdicts.number is NumberVerdict.OTHER_NAMED and not fits


def _doubt_about(question: Question, winner: _Judged, judged: Sequence[_Judged]) -> Doubt | None:
    return REPEATS_PAID if _repeats_paid(question, winner, judged) else doubt_of(question)


def _repeats_paid(question: Question, winner: _Judged, judged: Sequence[_Judged]) -> bool:
    """A part of this invoice, or the whole of a paid one with the same number again: numbers restart every year."""
    verdicts = winner.answer.verdicts
    if verdicts.amount in EXACT or verdicts.date is DateVerdict.AGREES:
        return False
    return any(
        other.answer.verdicts.status is StatusVerdict.PAID
        and other.answer.verdicts.number in NAMED
        and other.answer.verdicts.client in CLIENT_FITS
        and other.answer.invoices[0].amount == question.payment.amount
        for other in judged
    )


def _is_strong(item: _Judged) -> bool:
    """Enough points to a customer's invoice to keep the payment in the accountant's queue."""
    verdicts = item.answer.verdicts
    return verdicts.number in NAMED or (verdicts.amount in EXACT and verdicts.client in CLIENT_FITS)


def _sorted(judged: Sequence[_Judged]) -> list[_Judged]:
    """For showing: best first; named twins newest first, unnamed oldest first (ids only make the list stable)."""

    def place(item: _Judged) -> tuple[tuple[int, ...], int, tuple[str, ...], str, tuple[str, ...]]:
        invoices = item.answer.invoices
        days = ((invoices[0].issued_on or _EPOCH) - _EPOCH).days
        newest_first = item.answer.verdicts.number in NAMED
        numbers = tuple(invoice.number or "" for invoice in invoices)
        ids = tuple(invoice.id for invoice in invoices)
        return order_of(item.answer.verdicts), -days if newest_first else days, numbers, item.row.code, ids

    return sorted(judged, key=place)


def _candidates(question: Question, judged: Sequence[_Judged]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(_allocations(item.answer, keep_empty=True), evidence_of(question, item.answer), item.row.code)
        for item in _sorted(judged)[:_MOST_SHOWN]
    )


def _allocations(answer: Answer, *, keep_empty: bool = False) -> tuple[Allocation, ...]:
    pairs = zip(answer.invoices, answer.gives, strict=True)
    return tuple(Allocation(invoice.id, money) for invoice, money in pairs if money or keep_empty)


def _automatic(question: Question, winner: _Judged, judged: Sequence[_Judged]) -> Decision:
    others = [item for item in judged if item is not winner]
    allocations = _allocations(winner.answer)
    reason = sentence(winner.row, question, winner.answer)
    runner_up = next((item for item in _sorted(others) if item.answer.invoices[0].id not in _ids(winner.answer)), None)
    if runner_up is not None:
        reason = f"{reason} {about(phrases.LOST, question, runner_up.answer.invoices)}"
    best = Candidate(allocations, evidence_of(question, winner.answer), winner.row.code)
    return Decision(
        payment_id=question.payment.id,
        kind=DecisionKind.AUTO,
        allocations=allocations,
        candidates=(best, *_candidates(question, others)[: _MOST_SHOWN - 1]),
        code=winner.row.code,
        reason=reason,
        unapplied=_rest(question, allocations),
        version=_version(question),
    )


def _ids(answer: Answer) -> frozenset[str]:
    return frozenset(invoice.id for invoice in answer.invoices)


def _rest(question: Question, allocations: Sequence[Allocation]) -> Money:
    payment = question.payment
    given = total((item.amount for item in allocations), payment.amount.currency)
    signed = -payment.amount if payment.direction is Direction.OUT else payment.amount
    return signed - given


def _doubted(question: Question, winner: _Judged, judged: Sequence[_Judged], doubt: Doubt) -> Decision:
    confirm = about(phrases.CONFIRM, question, winner.answer.invoices)
    text = f"{doubt.text.told(question.context.language)} {confirm}"
    return _suggestion(question, judged, doubt.code, text, _allocations(winner.answer))


def _suggestion(
    question: Question, judged: Sequence[_Judged], code: str, reason: str, allocations: tuple[Allocation, ...]
) -> Decision:
    same_currency = all(item.amount.currency == question.payment.amount.currency for item in allocations)
    proposed = allocations if same_currency else ()
    return Decision(
        payment_id=question.payment.id,
        kind=DecisionKind.SUGGEST,
        allocations=proposed,
        candidates=_candidates(question, judged),
        code=code,
        reason=reason,
        unapplied=_rest(question, proposed),
        version=_version(question),
    )


def _for_person(question: Question, deciding: Sequence[_Judged], shown: Sequence[_Judged]) -> Decision:
    if not shown:
        return _refusal(question, *nothing_sentence(question))
    decisive = [item for item in _sorted(deciding) if item.row.outcome is Outcome.AUTO]
    if decisive:
        return _tie(question, decisive[0], deciding, shown)
    best, *others = _sorted(shown)
    reason = sentence(best.row, question, best.answer)
    twins = [other for other in others if order_of(other.answer.verdicts) == order_of(best.answer.verdicts)]
    if twins:
        return _suggestion(question, shown, best.row.code, f"{reason} {_no_less(question, twins)}", ())
    return _suggestion(question, shown, best.row.code, reason, _allocations(best.answer))


def _no_less(question: Question, twins: Sequence[_Judged]) -> str:
    """Other answers that speak for themselves as much as the first; none of them is proposed."""
    text = phrases.NO_LESS if len(twins) == 1 else phrases.NO_LESS_AND_MORE
    return about(text, question, twins[0].answer.invoices, count=str(len(twins) - 1))


def _tie(question: Question, best: _Judged, deciding: Sequence[_Judged], shown: Sequence[_Judged]) -> Decision:
    """A second answer is as good; nothing is proposed unless the list has a clear first."""
    rivals = [
        item
        for item in _sorted(deciding)
        if item is not best and not item.row.veto and not outdoes(best.answer.verdicts, item.answer.verdicts)
    ]
    twin = next((item for item in rivals if _ids(item.answer) != _ids(best.answer)), rivals[0])
    reason = tie_sentence(question, best.answer, twin.answer)
    equal = order_of(best.answer.verdicts) == order_of(twin.answer.verdicts)
    return _suggestion(question, shown, "tie", reason, () if equal else _allocations(best.answer))


def _refusal(question: Question, code: str, reason: str, pile: Pile = Pile.NEEDS_YOU) -> Decision:
    return Decision(
        payment_id=question.payment.id,
        kind=DecisionKind.NONE,
        allocations=(),
        candidates=(),
        code=code,
        reason=reason,
        unapplied=_rest(question, ()),
        pile=pile,
        version=_version(question),
    )


def _version(question: Question) -> str:
    return decision_version(question.context.table.version)


def _outgoing(question: Question, search: Search) -> Decision:
    language = question.context.language
    if Mark.REFUND not in question.reading.marks:
        return _refusal(question, "outgoing", phrases.OUTGOING.told(language), Pile.NOT_OURS)
    found = search.deciding()
    if not found:
        text = phrases.REFUND_UNKNOWN.told(language)
        return _refusal(question, "outgoing_refund_unknown", text, Pile.NOT_OURS)
    row = Row(OUTGOING_REFUND, Outcome.SUGGEST)
    judged = [_Judged(answer, row) for answer in found]
    first = _sorted(judged)[0].answer
    reason = about(phrases.REFUND_OF, question, first.invoices, sum=money_text(question.payment.amount))
    return _suggestion(question, judged, row.code, reason, _allocations(first))

"""Possible answers of a payment: each fitting invoice alone, and the set of all invoices that the purpose names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Final, TypeVar

from hub.domain.matching.judge import Question, judge, mention_verdict, number_verdict, size_of_difference
from hub.domain.matching.keys import identities
from hub.domain.matching.numbers import folded
from hub.domain.matching.reading import NamedNumber
from hub.domain.matching.verdicts import (
    CLIENT_ORDER,
    EXACT,
    INEXACT,
    AmountVerdict,
    Answer,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdicts,
)
from hub.domain.models import Invoice
from hub.domain.money import Money, total

_V = TypeVar("_V")
Named = tuple[Invoice, NumberVerdict, Verdicts]
# What one member says of the whole set: a contradiction first, then an agreement, then silence.
_REFERENCES: Final = (ReferenceVerdict.CONTRADICTS, ReferenceVerdict.AGREES, ReferenceVerdict.ABSENT)
_ORGANISATIONS: Final = (OrganisationVerdict.OTHER, OrganisationVerdict.UNKNOWN, OrganisationVerdict.SAME)
_CURRENCIES: Final = (CurrencyVerdict.OTHER, CurrencyVerdict.SAME)
_STATUSES: Final = (StatusVerdict.CANCELLED, StatusVerdict.PAID, StatusVerdict.ISSUED_AFTER, StatusVerdict.OPEN)
_DATES: Final = (DateVerdict.CONTRADICTS, DateVerdict.AGREES, DateVerdict.WITHIN_TOLERANCE, DateVerdict.ABSENT)
_NEAREST: Final = (
    NumberVerdict.AGREES,
    NumberVerdict.AGREES_SHORT,
    NumberVerdict.AGREES_FEW_DIGITS,
    NumberVerdict.AGREES_LOOSELY,
    NumberVerdict.RESEMBLES,
)
_MOST_COMBINATIONS: Final = 512
_MOST_SETS_SHOWN: Final = 3
_STRANGERS: Final = frozenset({ClientVerdict.CONTRADICTS, ClientVerdict.NAME_DIFFERS, ClientVerdict.THIRD_PARTY})


@dataclass(frozen=True, slots=True)
class Naming:
    """One number of the purpose and the invoices that it may name.

    Attributes:
        viable: those of them that nothing contradicts; a full agreement leaves looser ones out.
        stray: it leads nowhere, has no noun, and our invoices have no numbers of its shape.
    """

    named: NamedNumber
    bare: bool
    found: tuple[Named, ...]
    viable: tuple[Named, ...]
    stray: bool = False


def _viable(found: Iterable[Named]) -> tuple[Named, ...]:
    sound = tuple([item for item in found if is_sound(item[2])])
    full = tuple([item for item in sound if item[1] not in INEXACT])
    return full or sound


def is_sound(verdicts: Verdicts) -> bool:
    """Nothing contradicts the answer."""
    return (
        verdicts.currency is CurrencyVerdict.SAME
        and verdicts.organisation is not OrganisationVerdict.OTHER
        and verdicts.status is StatusVerdict.OPEN
        and verdicts.client not in _STRANGERS
        and verdicts.date is not DateVerdict.CONTRADICTS
        and verdicts.reference is not ReferenceVerdict.CONTRADICTS
    )


def namings(question: Question, invoices: Iterable[Invoice]) -> tuple[Naming, ...]:
    """Every distinct number of the purpose with what it may name among the candidates."""
    pool = tuple(invoices)
    seen: set[str] = set()
    result: list[Naming] = []
    for index, named in enumerate(question.named):
        number = folded(named.text)
        if number is None or number in seen:
            continue
        seen.add(number)
        bare = index >= len(question.reading.numbers)
        found = []
        for invoice in pool:
            item = _named_by(question, named, invoice, bare=bare)
            if item is not None:
                found.append(item)
        stray = bare and not found and not question.context.shapes.fits(named.text, question.own_tax_id)
        result.append(Naming(named, bare, tuple(found), _viable(found), stray))
    return tuple(result)


def _named_by(question: Question, named: NamedNumber, invoice: Invoice, *, bare: bool) -> Named | None:
    """What a number says of an invoice; where several systems keep it, by the number and day of the nearest."""
    verdict = number_verdict(named, invoice, bare=bare)
    best = None if verdict is None else (invoice, verdict, judge(question, invoice, verdict, named))
    for issued in invoice.also:
        there = replace(invoice, number=issued.number, issued_on=issued.on)
        verdict = number_verdict(named, there, bare=bare)
        if verdict is not None:
            item = (invoice, verdict, judge(question, there, verdict, named))
            best = item if best is None or _closeness(item) < _closeness(best) else best
    return best


def _closeness(item: Named) -> tuple[bool, int]:
    """The least is the nearest."""
    return not is_sound(item[2]), _NEAREST.index(item[1])


def answers(question: Question, invoices: Iterable[Invoice], named: Sequence[Naming]) -> list[Answer]:
    """Every possible answer among the candidates, judged."""
    result = _named_answers(question, named)
    taken = {invoice.id for answer in result for invoice in answer.invoices}
    otherwise = _verdict_for_unnamed(named)
    for invoice in invoices:
        if invoice.id not in taken:
            verdicts = judge(question, invoice, otherwise, None)
            if not named:
                verdicts = verdicts._replace(number=mention_verdict(question, invoice, verdicts))
            result.append(_single(question, invoice, verdicts, None))
    return result


def _named_answers(question: Question, every: Sequence[Naming]) -> list[Answer]:
    """Answers that the numbers lead to. Where some of them are stray, only an exact sum leaves these out of account."""
    named = [naming for naming in every if not naming.stray]
    aside = tuple(naming.named.text for naming in every if naming.stray)
    sets = [answer for answer in _sets(question, named) if not aside or answer.verdicts.amount in EXACT]
    many = len(named) > 1 and not _all_name_one(named)
    best: dict[str, Answer] = {}
    for naming in named:
        for invoice, _, verdicts in naming.found:
            in_part = many or (bool(aside) and verdicts.amount not in EXACT)
            judged = verdicts._replace(number=NumberVerdict.ONE_OF_NAMED) if in_part else verdicts
            known = best.get(invoice.id)
            if known is None or (not many and known.verdicts.number in INEXACT):
                best[invoice.id] = _single(question, invoice, judged, naming.named.text)
    flawed = [] if sets else _flawed_sets(question, named)
    for answer in flawed:  # the whole tells more than its members
        for invoice in answer.invoices:
            best.pop(invoice.id, None)
    return [_beside(answer, aside) for answer in (*sets, *flawed, *best.values())]


def _beside(answer: Answer, aside: tuple[str, ...]) -> Answer:
    """An answer of an exact sum, with the numbers that it leaves out of account."""
    return answer._replace(aside=aside) if aside and answer.verdicts.amount in EXACT else answer


def _flawed_sets(question: Question, named: Sequence[Naming]) -> list[Answer]:
    """Named invoices that make up the payment, although one is contradicted or one number led nowhere: to be shown."""
    currency = question.payment.amount.currency
    payable = [tuple(item for item in naming.viable or naming.found if _is_owed(item[0], currency)) for naming in named]
    found = [naming for naming, some in zip(named, payable, strict=True) if some]
    choices = [some for some in payable if some]
    if len(found) < 2 or prod(len(choice) for choice in choices) > _MOST_COMBINATIONS:
        return []
    result = []
    for chosen in product(*choices):
        invoices = tuple(item[0] for item in chosen)
        if len({invoice.id for invoice in invoices}) < len(invoices) or not _one_client(invoices):
            continue
        answer = _set_answer(question, found, chosen)
        if answer.verdicts.amount is AmountVerdict.SUM_OF_NAMED:
            whole = len(found) == len(named)
            number = answer.verdicts.number if whole else NumberVerdict.ONE_OF_NAMED
            result.append(answer._replace(verdicts=answer.verdicts._replace(number=number)))
    return result if len(result) == 1 else []


def _is_owed(invoice: Invoice, currency: str) -> bool:
    return invoice.open_amount.currency == currency and invoice.open_amount.is_positive


def _all_name_one(named: Sequence[Naming]) -> bool:
    """Two spellings of one invoice are one number."""
    ids = [{item[0].id for item in naming.viable} for naming in named]
    return all(len(found) == 1 for found in ids) and len(set().union(*ids)) == 1


def _single(question: Question, invoice: Invoice, verdicts: Verdicts, quoted: str | None) -> Answer:
    return Answer((invoice,), (_give(question.payment.amount, invoice),), verdicts, quoted)


def _give(available: Money, invoice: Invoice) -> Money:
    room = invoice.open_amount
    if room.currency != available.currency or not available.is_positive:
        return Money.zero(room.currency)
    return min(available, room)


def _verdict_for_unnamed(every: Sequence[Naming]) -> NumberVerdict:
    """What the number says of an invoice that the purpose does not name."""
    if not every:
        return NumberVerdict.ABSENT
    named = [naming for naming in every if not naming.stray]
    if not named:
        return NumberVerdict.OTHER_SHAPE
    if any(not naming.found for naming in named):
        return NumberVerdict.UNKNOWN_NAMED
    if any(all(item[2].client in _STRANGERS for item in naming.found) for naming in named):
        return NumberVerdict.OTHER_CLIENTS
    return NumberVerdict.OTHER_NAMED


def _sets(question: Question, named: Sequence[Naming]) -> list[Answer]:
    """The named set: every number must lead to an invoice that nothing contradicts."""
    choices = [naming.viable for naming in named]
    if len(named) < 2 or not all(choices) or prod(len(choice) for choice in choices) > _MOST_COMBINATIONS:
        return []
    ways: dict[frozenset[str], list[Sequence[Named]]] = {}
    for chosen in product(*choices):
        invoices = tuple(item[0] for item in chosen)
        ids = frozenset(invoice.id for invoice in invoices)
        if len(ids) == len(invoices) and _one_client(invoices):
            ways.setdefault(ids, []).append(chosen)
    found = [_set_of(question, named, same) for same in ways.values()]
    exact = [
        answer for answer in found if answer.verdicts.amount in {AmountVerdict.SUM_OF_NAMED, AmountVerdict.AS_WRITTEN}
    ]
    if exact:
        return exact
    return found if len(found) <= _MOST_SETS_SHOWN else []


def _set_of(question: Question, named: Sequence[Naming], ways: Sequence[Sequence[Named]]) -> Answer:
    """The set of the same invoices, in however many ways the numbers name them.

    Two that bear one number answer «12, УТ-12» as well in turn: whether both are meant, or one of them and another
    «12» that is not known here, the numbers do not say.
    """
    answer = min((_set_answer(question, named, way) for way in ways), key=_written_order)
    exact = [sum(item[1] is NumberVerdict.AGREES for item in way) for way in ways]
    if exact.count(max(exact)) == 1:
        return answer
    return answer._replace(verdicts=answer.verdicts._replace(number=NumberVerdict.ONE_OF_NAMED))


def _written_order(answer: Answer) -> tuple[str, ...]:
    return tuple(invoice.number or "" for invoice in answer.invoices)


def _one_client(invoices: Sequence[Invoice]) -> bool:
    known = [
        identities(invoice.client) for invoice in invoices if invoice.client is not None and identities(invoice.client)
    ]
    return all(not known[0].isdisjoint(other) for other in known[1:])


def _set_answer(question: Question, named: Sequence[Naming], chosen: Sequence[Named]) -> Answer:
    invoices = tuple(item[0] for item in chosen)
    amount, gives = _share_out(question.payment.amount, invoices, named)
    judged = [item[2] for item in chosen]
    loosely = any(item[1] in INEXACT for item in chosen)
    verdicts = Verdicts(
        number=NumberVerdict.AGREES_LOOSELY if loosely else NumberVerdict.AGREES_FOR_SEVERAL,
        reference=_together((item.reference for item in judged), _REFERENCES),
        amount=amount,
        client=min((item.client for item in judged), key=lambda verdict: CLIENT_ORDER[verdict]),
        organisation=_together((item.organisation for item in judged), _ORGANISATIONS),
        currency=_together((item.currency for item in judged), _CURRENCIES),
        status=_together((item.status for item in judged), _STATUSES),
        date=_together((item.date for item in judged), _DATES),
    )
    return Answer(invoices, gives, verdicts, ", ".join(naming.named.text for naming in named))


def _together(verdicts: Iterable[_V], telling: Sequence[_V]) -> _V:
    """What is said of a set: the first of the telling verdicts that one of its members has."""
    every = set(verdicts)
    return next(verdict for verdict in telling if verdict in every)


def _share_out(
    available: Money, invoices: Sequence[Invoice], named: Sequence[Naming]
) -> tuple[AmountVerdict, tuple[Money, ...]]:
    rooms = [invoice.open_amount for invoice in invoices]
    whole = total(rooms, available.currency)
    if whole == available:
        return AmountVerdict.SUM_OF_NAMED, tuple(rooms)
    written = _as_written(available, rooms, named)
    if written is not None:
        return AmountVerdict.AS_WRITTEN, written
    gives: list[Money] = []
    rest = available
    for room in rooms:
        give = min(rest, room)
        gives.append(give)
        rest = rest - give
    return size_of_difference(available, whole), tuple(gives)


def _as_written(available: Money, rooms: Sequence[Money], named: Sequence[Naming]) -> tuple[Money, ...] | None:
    """Sums written next to each number, if they make up the payment and fit what is open."""
    written: list[Money] = []
    for naming, room in zip(named, rooms, strict=True):
        amount = naming.named.amount
        if amount is None or amount <= 0 or amount > room.amount:
            return None
        written.append(Money(amount.quantize(room.amount), room.currency))
    return tuple(written) if total(written, available.currency) == available else None

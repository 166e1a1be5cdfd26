"""The ground of a decision: everything that it was made from, as it was then, so that it can be made once more."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import afterwards, clauses, doubts, explain, phrases, sentences
from hub.domain.matching.afterwards import ALONE, Afterwards
from hub.domain.matching.book import Book
from hub.domain.matching.context import MatchContext, alias_keys, own_tax_id, telling
from hub.domain.matching.day import Claim, Stake, settle_day, stakes_of
from hub.domain.matching.decide import Weighed, weigh
from hub.domain.matching.reading import PurposeReading
from hub.domain.matching.search import Findings
from hub.domain.matching.shapes import numbering_of
from hub.domain.matching.shared import plain_account
from hub.domain.models import Invoice, Payment

_SIGNS_OF_WORDS: Final = 12
# Raised when code puts the same sentences together in another way.
_EDITION: Final = 1
_WITH_WORDS: Final = (afterwards, clauses, doubts, explain, phrases, sentences)


class Rivals(NamedTuple):
    """What other payments of the date claim of an invoice, in minor units.

    Attributes:
        given: what machines give out of it that day.
        claimed: what is claimed besides.
    """

    given: int
    claimed: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What one decision was made from, besides the payment and the table.

    Attributes:
        context: the company's settings, as far as this payment touches them.
        rivals: by invoice, what others claimed on that date of what this payment would have.
        words: which sentences the hub had then (`WORDS_VERSION`).
    """

    context: MatchContext
    reading: PurposeReading
    findings: Findings
    rivals: Mapping[str, Rivals] = field(default_factory=dict)
    beside: Afterwards = ALONE
    words: str = ""


class Grounded(NamedTuple):
    """A decision with its ground; None where something else than the matcher decided."""

    decision: Decision
    ground: Ground | None


def decide_day_with_grounds(payments: Sequence[Payment], book: Book, context: MatchContext) -> list[Grounded]:
    """`decide_day`, with what each decision was made from."""
    weighed = [weigh(payment, book, context, keep=True) for payment in payments]
    stakes = stakes_of(weighed)
    decisions = settle_day(weighed, stakes, context.language)
    gives = [stake.automatic and item.kind is DecisionKind.AUTO for stake, item in zip(stakes, decisions, strict=True)]
    claimed, given = _sums(stakes), _sums(stake for stake, sure in zip(stakes, gives, strict=True) if sure)
    return [
        Grounded(decision, _ground(payment, item, context, _rivals(item, stake, sure, claimed, given)))
        for payment, item, stake, sure, decision in zip(payments, weighed, stakes, gives, decisions, strict=True)
    ]


def _sums(stakes: Iterable[Stake]) -> Counter[str]:
    """What is claimed of each invoice, in minor units."""
    sums: Counter[str] = Counter()
    for stake in stakes:
        for claim in stake.claims:
            sums[claim.invoice_id] += claim.minor
    return sums


def _rivals(
    item: Weighed, stake: Stake, sure: bool, claimed: Counter[str], given: Counter[str]
) -> Mapping[str, Rivals]:
    own = _sums((stake,))
    found: dict[str, Rivals] = {}
    for invoice_id in sorted({*own, *(part.invoice_id for part in item.decision.allocations)}):
        by_machine = given[invoice_id] - (own[invoice_id] if sure else 0)
        besides = claimed[invoice_id] - own[invoice_id] - by_machine
        if by_machine or besides:
            found[invoice_id] = Rivals(by_machine, besides)
    return found


def _ground(payment: Payment, item: Weighed, context: MatchContext, rivals: Mapping[str, Rivals]) -> Ground | None:
    if item.reading is None or item.findings is None:
        return None
    settings = narrowed(context, payment, item.reading, item.findings.invoices)
    return Ground(settings, item.reading, item.findings, rivals, words=WORDS_VERSION)


def narrowed(
    context: MatchContext, payment: Payment, reading: PurposeReading, invoices: Iterable[Invoice]
) -> MatchContext:
    """The settings without what this payment does not speak of: it is decided by them as by the whole."""
    spoken = _spoken(payment, reading)
    keys = alias_keys(payment.counterparty) if context.aliases else ()
    return replace(
        context,
        own_tax_ids=context.own_tax_ids & spoken,
        own_accounts=context.own_accounts & spoken,
        organisations={account: context.organisations[account] for account in spoken & context.organisations.keys()},
        aliases={key: context.aliases[key] for key in keys if key in context.aliases},
        alias_words={pair: word for pair, word in context.alias_words.items() if pair[0] in keys},
        shared_tax_ids=context.shared_tax_ids & spoken,
        shared_accounts=context.shared_accounts & spoken,
        shapes=numbering_of(
            context.shapes, [named.text for named in reading.bare], own_tax_id(payment, context), invoices
        ),
    )


def _spoken(payment: Payment, reading: PurposeReading) -> frozenset[str]:
    """Every tax id and account that a payment names, as written and in the forms that they are compared in."""
    sides = (payment.payer, payment.payee)
    written = [payment.own_account, payment.organisation_tax_id, *reading.tax_ids]
    written += [value for side in sides for value in (side.tax_id, side.account)]
    told = {value for value in written if value is not None}
    told |= {value for text in tuple(told) if (value := telling(text)) is not None}
    return frozenset(told | {plain_account(text) for text in told})


def stakes_of_rivals(ground: Ground) -> list[Stake]:
    """The other payments of the date, as far as this decision had to do with them."""
    open_amounts = {invoice.id: invoice.open_amount for invoice in ground.findings.invoices}
    stakes: list[Stake] = []
    for invoice_id, rivals in ground.rivals.items():
        rest = open_amounts[invoice_id]
        for automatic, minor in ((True, rivals.given), (False, rivals.claimed)):
            if minor:
                stakes.append(Stake(automatic, (Claim(invoice_id, minor, rest.minor, rest.currency),)))
    return stakes


def _words_of(value: object) -> object:
    """What a constant says, where it says anything."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return [[_words_of(key), _words_of(item)] for key, item in value.items()]
    if isinstance(value, tuple):
        return [_words_of(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return None


def _words_version() -> str:
    told = {
        f"{module.__name__}.{name}": words
        for module in _WITH_WORDS
        for name, value in sorted(vars(module).items())
        if name.isupper() and (words := _words_of(value)) is not None
    }
    text = json.dumps([_EDITION, told], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_SIGNS_OF_WORDS]


#: Which sentences the hub has; another one where any of them is changed.
WORDS_VERSION: Final = _words_version()

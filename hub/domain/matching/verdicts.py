"""Verdicts: what each aspect of a payment says of one possible answer. Words, never weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from hub.domain.models import Invoice
from hub.domain.money import Money
from hub.domain.word import Word


class NumberVerdict(Word):
    """The number in the purpose against the number of the invoice."""

    AGREES = "agrees"
    AGREES_SHORT = "agrees_short"
    AGREES_FEW_DIGITS = "agrees_few_digits"
    AGREES_LOOSELY = "agrees_loosely"
    RESEMBLES = "resembles"
    AGREES_FOR_SEVERAL = "agrees_for_several"
    ONE_OF_NAMED = "one_of_named"
    MENTIONED = "mentioned"
    OTHER_NAMED = "other_named"
    OTHER_CLIENTS = "other_clients"
    UNKNOWN_NAMED = "unknown_named"
    OTHER_SHAPE = "other_shape"
    ABSENT = "absent"


class ReferenceVerdict(Word):
    """Contract, order, УПД … in the purpose against those of the invoice."""

    AGREES = "agrees"
    ABSENT = "absent"
    CONTRADICTS = "contradicts"


class AmountVerdict(Word):
    """The sum of the payment against what is open."""

    EQUAL = "equal"
    REST = "rest"
    SUM_OF_NAMED = "sum_of_named"
    AS_WRITTEN = "as_written"
    STATED_SHARE = "stated_share"
    STATED_PART = "stated_part"
    SUM_OF_UNNAMED = "sum_of_unnamed"
    PART_BY_VAT = "part_by_vat"
    OVER_BY_VAT = "over_by_vat"
    PART = "part"
    OVER = "over"
    NONE = "none"


class ClientVerdict(Word):
    """The payer against the client of the invoice."""

    TAX_ID = "tax_id"
    ACCOUNT = "account"
    ALIAS = "alias"
    TAX_ID_IN_TEXT = "tax_id_in_text"
    BRANCH = "branch"
    NAME = "name"
    UNKNOWN = "unknown"
    THIRD_PARTY = "third_party"
    PAYS_FOR_OTHER = "pays_for_other"
    NAME_DIFFERS = "name_differs"
    CONTRADICTS = "contradicts"


class OrganisationVerdict(Word):
    """Our legal entity that got the money against the one that issued the invoice."""

    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"


class CurrencyVerdict(Word):
    """Currency of the payment against that of the invoice."""

    SAME = "same"
    OTHER = "other"


class StatusVerdict(Word):
    """Whether the invoice can be paid by this payment at all."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    ISSUED_AFTER = "issued_after"


class DateVerdict(Word):
    """The date next to the number against the date of the invoice."""

    AGREES = "agrees"
    WITHIN_TOLERANCE = "within_tolerance"
    ABSENT = "absent"
    CONTRADICTS = "contradicts"


Verdict = (
    NumberVerdict
    | ReferenceVerdict
    | AmountVerdict
    | ClientVerdict
    | OrganisationVerdict
    | CurrencyVerdict
    | StatusVerdict
    | DateVerdict
)


class Verdicts(NamedTuple):
    """All verdicts on one answer."""

    number: NumberVerdict
    reference: ReferenceVerdict
    amount: AmountVerdict
    client: ClientVerdict
    organisation: OrganisationVerdict
    currency: CurrencyVerdict
    status: StatusVerdict
    date: DateVerdict


#: Every aspect with its verdicts, in the order of `Verdicts`; the words are those that a decision table uses.
ASPECTS: Final[Mapping[str, tuple[Verdict, ...]]] = {
    "number": tuple(NumberVerdict),
    "reference": tuple(ReferenceVerdict),
    "amount": tuple(AmountVerdict),
    "client": tuple(ClientVerdict),
    "organisation": tuple(OrganisationVerdict),
    "currency": tuple(CurrencyVerdict),
    "status": tuple(StatusVerdict),
    "date": tuple(DateVerdict),
}


def verdicts_of(words: Mapping[str, str]) -> Verdicts:
    """Verdicts from their words by aspect, as a decision keeps them.

    Raises:
        KeyError: an aspect is missing.
        ValueError: a word is none of its aspect's verdicts.
    """
    return Verdicts(
        number=NumberVerdict(words["number"]),
        reference=ReferenceVerdict(words["reference"]),
        amount=AmountVerdict(words["amount"]),
        client=ClientVerdict(words["client"]),
        organisation=OrganisationVerdict(words["organisation"]),
        currency=CurrencyVerdict(words["currency"]),
        status=StatusVerdict(words["status"]),
        date=DateVerdict(words["date"]),
    )


class Answer(NamedTuple):
    """One possible answer: the invoices that the payment would pay, what each would get, and the verdicts.

    Attributes:
        gives: what each invoice would get; nothing where an invoice has no room.
        quoted: the number of the purpose that led here, as written.
        aside: numbers of the purpose, as written, that were taken for no number of an invoice.
    """

    invoices: tuple[Invoice, ...]
    gives: tuple[Money, ...]
    verdicts: Verdicts
    quoted: str | None = None
    aside: tuple[str, ...] = ()

    @property
    def given(self) -> Money:
        """Σ of what the invoices would get."""
        total = self.gives[0]
        for money in self.gives[1:]:
            total = total + money
        return total


N, A, C = NumberVerdict, AmountVerdict, ClientVerdict

#: The number names this invoice, more or less surely.
NAMED: Final = frozenset(
    {N.AGREES, N.AGREES_SHORT, N.AGREES_FEW_DIGITS, N.AGREES_LOOSELY, N.RESEMBLES}
    | {N.AGREES_FOR_SEVERAL, N.ONE_OF_NAMED}
)
#: A part that may matter is missing or different in what was quoted.
INEXACT: Final = frozenset({N.AGREES_LOOSELY, N.RESEMBLES})
#: The sum leaves no question.
EXACT: Final = frozenset({A.EQUAL, A.REST, A.SUM_OF_NAMED, A.AS_WRITTEN})
#: The client is known by something that belongs to it alone.
IDENTIFIED: Final = frozenset({C.TAX_ID, C.ACCOUNT, C.ALIAS, C.TAX_ID_IN_TEXT, C.BRANCH})
#: The payer speaks for this client.
CLIENT_FITS: Final = IDENTIFIED | {C.NAME}
#: The payer is somebody else than the invoice's client, or pays for somebody else.
_OTHER_CLIENTS: Final = frozenset({C.CONTRADICTS, C.NAME_DIFFERS, C.PAYS_FOR_OTHER})

_NUMBER_RANK: Final = {
    N.AGREES: 3,
    N.AGREES_FOR_SEVERAL: 3,
    N.AGREES_SHORT: 3,
    N.AGREES_FEW_DIGITS: 3,
    N.ONE_OF_NAMED: 2,
    N.AGREES_LOOSELY: 2,
    N.RESEMBLES: 2,
    N.MENTIONED: 1,
}
_AMOUNT_RANK: Final = {
    A.EQUAL: 3,
    A.REST: 3,
    A.SUM_OF_NAMED: 3,
    A.AS_WRITTEN: 3,
    A.STATED_SHARE: 2,
    A.STATED_PART: 1,
    A.SUM_OF_UNNAMED: 2,
    A.PART_BY_VAT: 1,
    A.PART: 1,
    A.OVER_BY_VAT: 0,
    A.OVER: 0,
    A.NONE: 0,
}
_SURELY_NAMED: Final = _NUMBER_RANK[N.AGREES]
_SURE_NUMBER: Final = {N.AGREES: 2, N.AGREES_FOR_SEVERAL: 2, N.AGREES_SHORT: 1, N.AGREES_FEW_DIGITS: 1}
#: One invoice is surely named.
_ONE: Final = frozenset({N.AGREES, N.AGREES_SHORT, N.AGREES_FEW_DIGITS})
#: How surely each verdict ties the payer to the client, for worst-of-a-set and for the order of a list.
CLIENT_ORDER: Final = {
    C.TAX_ID: 6,
    C.ALIAS: 6,
    C.ACCOUNT: 6,
    C.TAX_ID_IN_TEXT: 6,
    C.BRANCH: 5,
    C.THIRD_PARTY: 5,
    C.NAME: 4,
    C.UNKNOWN: 3,
    C.PAYS_FOR_OTHER: 2,
    C.NAME_DIFFERS: 1,
    C.CONTRADICTS: 0,
}


def outdoes(better: Verdicts, other: Verdicts) -> bool:
    """Whether one answer is at least as good as another in number, sum and client, and better in one of them.

    An equal spelling and a spelling without its prefix count alike, and so do an ИНН and an equal name: either may be
    what the payer meant. Where the payer speaks of a part, a part of a surely named invoice counts as an equal sum.
    """
    if other.number is N.AGREES and better.number is not N.AGREES and other.amount in EXACT:
        return False  # the very number with the very sum: not to know its client is no reason to pass it over
    if better.client is C.NAME and other.client in IDENTIFIED and better.number in _ONE and other.number in _ONE:
        return False  # the same number was given to the payer itself: an equal name may be a namesake's
    pairs = (
        (_NUMBER_RANK.get(better.number, 0), _NUMBER_RANK.get(other.number, 0)),
        (_amount_rank(better), _amount_rank(other)),
        (better.client in CLIENT_FITS, other.client in CLIENT_FITS),
    )
    return all(left >= right for left, right in pairs) and any(left > right for left, right in pairs)


def _amount_rank(verdicts: Verdicts) -> int:
    if verdicts.amount in {A.STATED_SHARE, A.STATED_PART} and _NUMBER_RANK.get(verdicts.number) == _SURELY_NAMED:
        return _AMOUNT_RANK[A.EQUAL]
    return _AMOUNT_RANK[verdicts.amount]


def order_of(verdicts: Verdicts) -> tuple[int, ...]:
    """Place of an answer in the list for a person; the list's order decides nothing."""
    vetoes = _vetoes(verdicts)
    return (
        _shelf(verdicts, vetoes),
        vetoes,
        -_NUMBER_RANK.get(verdicts.number, 0),
        -_AMOUNT_RANK[verdicts.amount],
        -CLIENT_ORDER[verdicts.client],
        -_SURE_NUMBER.get(verdicts.number, 0),
        -(verdicts.reference is ReferenceVerdict.AGREES),
        -(verdicts.date is DateVerdict.AGREES),
    )


def _vetoes(verdicts: Verdicts) -> int:
    return (
        (verdicts.currency is CurrencyVerdict.OTHER)
        + (verdicts.organisation is OrganisationVerdict.OTHER)
        + (verdicts.status is not StatusVerdict.OPEN)
        + (verdicts.client in _OTHER_CLIENTS)
        + (verdicts.date is DateVerdict.CONTRADICTS)
        + (verdicts.reference is ReferenceVerdict.CONTRADICTS)
    )


def _shelf(verdicts: Verdicts, vetoes: int) -> int:
    """What the payer spoke of comes before what only happens to be open; a stranger's number may be chance."""
    named = verdicts.number in NAMED or verdicts.number is N.MENTIONED
    fits = verdicts.amount in EXACT and verdicts.client in CLIENT_FITS
    told = named or fits or verdicts.reference is ReferenceVerdict.AGREES
    if vetoes:
        return 1 if told and verdicts.client not in _OTHER_CLIENTS else 3
    return 0 if told else 2

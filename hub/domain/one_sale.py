"""Whether invoices of two systems are one sale: by the accounting system's reference, else by number, day, client, sum.

Never wrong by machine: what contradicts is two sales, what is only alike is put to a person, and a second invoice that
fits as well makes it a question (`choose`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar

from hub.domain.matching.names import normal_name
from hub.domain.matching.numbers import spelling
from hub.domain.models import Client, Invoice, TaxIdKind
from hub.domain.word import Word

T = TypeVar("T")

#: A day more or less, over a weekend: one system dates the invoice when it is made, the other when it is sent.
DAYS_NEAR: Final = timedelta(days=4)
#: Further apart the number has begun anew, or it is another bill of a subscription.
DAYS_ALIKE: Final = timedelta(days=45)
#: Roundings of VAT by line.
NEAR_SUM: Final = Decimal(1)


class Likeness(Word):
    """What two invoices are to each other."""

    SAME = "same"
    ALIKE = "alike"
    OTHER = "other"


class Trait(Word):
    """What is missing or different between two invoices."""

    NUMBER_SHORT = "number_short"
    NUMBER_ABSENT = "number_absent"
    NUMBER_OTHER = "number_other"
    DATE_NEAR = "date_near"
    DATE_ABSENT = "date_absent"
    DATE_OTHER = "date_other"
    DATE_FAR = "date_far"
    CLIENT_BY_NAME = "client_by_name"
    CLIENT_ABSENT = "client_absent"
    CLIENT_NAME_OTHER = "client_name_other"
    CLIENT_OTHER = "client_other"
    BRANCH_OTHER = "branch_other"
    SUM_NEAR = "sum_near"
    SUM_OTHER = "sum_other"
    ORGANISATION_OTHER = "organisation_other"
    CURRENCY_OTHER = "currency_other"
    GUID_OTHER = "guid_other"


#: One of these is forgiven where everything else agrees.
_SOFT: Final = frozenset({Trait.NUMBER_SHORT, Trait.DATE_NEAR, Trait.DATE_ABSENT, Trait.CLIENT_BY_NAME, Trait.SUM_NEAR})
#: Pairs of them that are forgiven too, though the number has lost its prefix: all the rest is to the letter.
_FORGIVEN: Final = frozenset(
    frozenset({Trait.NUMBER_SHORT, other})
    for other in (Trait.DATE_NEAR, Trait.DATE_ABSENT, Trait.CLIENT_BY_NAME, Trait.SUM_NEAR)
)
#: A number of so many digits, or with letters, is told apart from others by itself.
_TELLING: Final = 5
#: Whatever else agrees, these are two sales, or somebody has to say why not.
_AGAINST: Final = frozenset({Trait.CLIENT_OTHER, Trait.ORGANISATION_OTHER, Trait.CURRENCY_OTHER})
#: With the same reference of the accounting system one of these may differ; both together are put to a person.
_BOTH_CHANGED: Final = frozenset({Trait.NUMBER_OTHER, Trait.SUM_OTHER})
#: Harder than soft, and yet the rest may make two invoices alike.
_DOUBTFUL: Final = frozenset(
    {
        Trait.DATE_OTHER,
        Trait.SUM_OTHER,
        Trait.CLIENT_ABSENT,
        Trait.CLIENT_NAME_OTHER,
        Trait.BRANCH_OTHER,
        Trait.GUID_OTHER,
    }
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two invoices beside each other.

    Attributes:
        by_guid: one of them keeps the accounting system's reference of the other.
        same_deal: they belong to one deal.
        telling: both bear one number to the letter, and not a short one.
        traits: what is missing or different.
    """

    by_guid: bool
    same_deal: bool
    telling: bool
    traits: frozenset[Trait]

    @property
    def likeness(self) -> Likeness:
        """The law."""
        if self.by_guid:
            asks = bool(self.traits & _AGAINST) or self.traits >= _BOTH_CHANGED
            return Likeness.ALIKE if asks else Likeness.SAME
        if self.traits & _AGAINST or self.traits & {Trait.NUMBER_OTHER, Trait.DATE_FAR}:
            return Likeness.OTHER
        hard = self.traits - _SOFT
        if not hard:
            return self._by_soft()
        if hard == {Trait.NUMBER_ABSENT}:
            return self._without_number()
        return Likeness.ALIKE if hard <= _DOUBTFUL and len(hard) == 1 and self._is_close() else Likeness.OTHER

    @property
    def weight(self) -> int:
        """How much is missing or different; nothing with the accounting system's own reference."""
        return 0 if self.by_guid else len(self.traits)

    def _by_soft(self) -> Likeness:
        forgiven = 2 if self.same_deal or self.telling or self.traits in _FORGIVEN else 1
        return Likeness.SAME if len(self.traits) <= forgiven else Likeness.ALIKE

    def _without_number(self) -> Likeness:
        """A deal that is its own invoice has the client and the sum alone."""
        rest = self.traits - {Trait.NUMBER_ABSENT, Trait.DATE_ABSENT, Trait.DATE_NEAR}
        if rest:
            return Likeness.OTHER
        return Likeness.SAME if self.same_deal else Likeness.ALIKE

    def _is_close(self) -> bool:
        return len(self.traits & _SOFT) <= 1


def compare(one: Invoice, other: Invoice) -> Comparison:
    """Put two invoices of different systems beside each other."""
    by_guid = one.guid is not None and one.guid == other.guid
    traits = [*_numbers(one, other), *_dates(one, other), *_clients(one, other), *_sums(one, other)]
    ours = (one.organisation_tax_id, other.organisation_tax_id)
    if None not in ours and ours[0] != ours[1]:
        traits.append(Trait.ORGANISATION_OTHER)
    if not by_guid and one.guid is not None and other.guid is not None:
        traits.append(Trait.GUID_OTHER)
    same_deal = not set(one.deals).isdisjoint(other.deals)
    return Comparison(by_guid, same_deal, _is_telling(one, other), frozenset(traits))


def _is_telling(one: Invoice, other: Invoice) -> bool:
    mine = spelling(one.number) if one.number else None
    theirs = spelling(other.number) if other.number else None
    if mine is None or theirs is None or mine.folded != theirs.folded:
        return False
    return mine.digits >= _TELLING or not mine.folded.replace("-", "").isdigit()


def _numbers(one: Invoice, other: Invoice) -> Iterable[Trait]:
    mine = spelling(one.number) if one.number else None
    theirs = spelling(other.number) if other.number else None
    if mine is None or theirs is None:
        yield Trait.NUMBER_ABSENT
    elif mine.folded == theirs.folded:
        return
    elif mine.folded in theirs.short or theirs.folded in mine.short:
        yield Trait.NUMBER_SHORT
    else:
        yield Trait.NUMBER_OTHER


def _dates(one: Invoice, other: Invoice) -> Iterable[Trait]:
    if one.issued_on is None or other.issued_on is None:
        yield Trait.DATE_ABSENT
        return
    apart = abs(one.issued_on - other.issued_on)
    if apart > DAYS_ALIKE:
        yield Trait.DATE_FAR
    elif apart > DAYS_NEAR:
        yield Trait.DATE_OTHER
    elif apart:
        yield Trait.DATE_NEAR


def _clients(one: Invoice, other: Invoice) -> Iterable[Trait]:
    mine, theirs = one.client, other.client
    if mine is None or theirs is None or not (_is_told(mine) and _is_told(theirs)):
        yield Trait.CLIENT_ABSENT
        return
    left, right = _tax_ids(mine), _tax_ids(theirs)
    if left and right:
        if left.isdisjoint(right):
            yield Trait.CLIENT_OTHER
        elif mine.kpp is not None and theirs.kpp is not None and mine.kpp != theirs.kpp:
            yield Trait.BRANCH_OTHER
    elif _names(mine).isdisjoint(_names(theirs)):
        yield Trait.CLIENT_NAME_OTHER
    else:
        yield Trait.CLIENT_BY_NAME


def _is_told(client: Client) -> bool:
    return bool(_tax_ids(client) or _names(client))


def _tax_ids(client: Client) -> frozenset[str]:
    return client.values(*(kind for kind in TaxIdKind if kind is not TaxIdKind.RU_KPP))


def _names(client: Client) -> frozenset[str]:
    return frozenset(normal for name in client.names if (normal := normal_name(name)))


def _sums(one: Invoice, other: Invoice) -> Iterable[Trait]:
    if one.amount.currency != other.amount.currency:
        yield Trait.CURRENCY_OTHER
    elif one.amount != other.amount:
        near = abs(one.amount.amount - other.amount.amount) < NEAR_SUM
        yield Trait.SUM_NEAR if near else Trait.SUM_OTHER


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """What became of an invoice's candidates.

    Attributes:
        same: the one that is the same sale; None where there is none, or where several may be it.
        asked: those that a person has to look at.
    """

    same: tuple[T, Comparison] | None
    asked: tuple[tuple[T, Comparison], ...] = ()


def choose(found: Iterable[tuple[T, Comparison]]) -> Choice[T]:
    """The one candidate that is the same sale: perfect where others are not, or with nothing else in sight."""
    every = list(found)
    seen = [item for item in every if item[1].likeness is not Likeness.OTHER]
    same = sorted((item for item in seen if item[1].likeness is Likeness.SAME), key=lambda item: item[1].weight)
    if not same:
        return Choice(None, tuple(seen))
    best, others = same[0], same[1:]
    stands_out = best[1].weight == 0 and all(item[1].weight for item in others)
    if (stands_out or len(seen) == 1) and not any(_is_nearer(item[1], best[1]) for item in every):
        return Choice(best)
    return Choice(None, tuple(seen))


def _is_nearer(other: Comparison, best: Comparison) -> bool:
    """Of another number, and closer in all the rest: bills of each day for one sum, counted otherwise elsewhere."""
    if Trait.NUMBER_SHORT not in best.traits or best.by_guid:
        return False
    of_other = Trait.NUMBER_OTHER in other.traits and not other.by_guid
    return of_other and other.traits - {Trait.NUMBER_OTHER} < best.traits - {Trait.NUMBER_SHORT}

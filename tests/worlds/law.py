"""What a careful person with the whole book in hand concludes from what a payment says (docs/matching.md).

It reads no text: what a payment says is known, because the payment was made here. So it judges the matcher and does not
copy it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from itertools import groupby

from tests.worlds.records import Answer, Bill, Said, Transfer, Truth, Written


class NumberStands(IntEnum):
    """How the written number stands to an invoice's."""

    OTHER = 0
    LOOSE = 1
    FEW_DIGITS = 2
    SHORT = 3
    SAME = 4


class SumStands(IntEnum):
    """How the payment stands to what is open."""

    OVER = 0
    PART = 1
    EQUAL = 2


class ClientStands(IntEnum):
    """How the payer stands to the invoice's client."""

    CONTRADICTS = -1
    NOTHING = 0
    NAME = 1
    BRANCH = 2
    KNOWN = 3


class Verdict(StrEnum):
    """`UNCLEAR`: the law leaves the answer open, so the world does not ask."""

    DECISIVE = "decisive"
    DOUBTFUL = "doubtful"
    NOT_OURS = "not_ours"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Standing:
    """One invoice that nothing contradicts, and what speaks for it."""

    bill: Bill
    number: NumberStands
    sum: SumStands
    client: ClientStands

    @property
    def claims(self) -> bool:
        """Whether it is an answer at all: its number is named, or its sum and client agree."""
        return self.number > NumberStands.OTHER or (self.sum is SumStands.EQUAL and self.client > ClientStands.NOTHING)

    def decisive(self, said: Said) -> bool:
        known = self.client >= ClientStands.BRANCH
        if not said.numbers:
            return self.sum is SumStands.EQUAL and self.client is ClientStands.KNOWN
        dated_name = said.dated is not None and self.client is ClientStands.NAME and self.sum is SumStands.EQUAL
        if said.unsigned and len(said.numbers[0].text) <= 3 and not known:
            return dated_name
        if self.number is NumberStands.LOOSE:
            return self.sum is SumStands.EQUAL and known
        if self.number is NumberStands.FEW_DIGITS:
            return dated_name or (known and self.sum is not SumStands.OVER)
        if self.number is NumberStands.OTHER:
            return False
        return self.sum is SumStands.EQUAL or (self.sum is SumStands.PART and known)

    def beats(self, rival: Standing, said: Said) -> bool:
        """Not weaker in number, sum and client, and stronger in one of them."""
        sums = (self.sum, rival.sum)
        if said.part_stated and self.number > rival.number:
            sums = (SumStands.EQUAL, SumStands.EQUAL)
        clients = (self.client, rival.client)
        if not self.number and rival.client > ClientStands.NOTHING:
            clients = (ClientStands.KNOWN, ClientStands.KNOWN)
        pairs = ((self.number, rival.number), sums, clients)
        return all(mine >= its for mine, its in pairs) and any(mine > its for mine, its in pairs)


def _core(number: Written) -> str:
    return number.core.lstrip("0").casefold()


def number_stands(written: Written, printed: Written) -> NumberStands:
    """How a written number stands to a printed one; a number is never found inside another."""
    if _core(written) != _core(printed):
        return NumberStands.OTHER
    if (written.prefix and written.prefix != printed.prefix) or (written.year and written.year != printed.year):
        return NumberStands.OTHER
    if written.year != printed.year:
        return NumberStands.LOOSE
    if written.prefix == printed.prefix:
        return NumberStands.SAME
    return NumberStands.FEW_DIGITS if len(_core(written)) <= 3 else NumberStands.SHORT


def client_stands(transfer: Transfer, bill: Bill) -> ClientStands:
    """How the payer of a line stands to an invoice's client."""
    said, side = transfer.said, transfer.payer
    tax_id = said.named_tax_id if said.shared else side.tax_id
    if tax_id and bill.tax_id:
        if tax_id != bill.tax_id:
            return ClientStands.CONTRADICTS
        other_kpp = side.kpp and bill.client.kpp and side.kpp != bill.client.kpp and not said.shared
        return ClientStands.BRANCH if other_kpp else ClientStands.KNOWN
    if not said.shared and bill.with_account and side.account == bill.client.account:
        return ClientStands.KNOWN
    if said.payer is None:
        return ClientStands.NOTHING
    return ClientStands.NAME if said.payer.base == bill.client.base else ClientStands.CONTRADICTS


def contradicted(transfer: Transfer, bill: Bill) -> bool:
    """Whether the line and the invoice cannot be about one thing, the state of payment aside."""
    said = transfer.said
    return (
        bill.organisation is not transfer.organisation
        or bill.currency != transfer.currency
        or bill.status == "cancelled"
        or bill.issued_on > transfer.booked_on
        or (said.dated is not None and said.dated != bill.issued_on)
        or (said.reference is not None and _other_reference(said.reference, bill))
        or client_stands(transfer, bill) is ClientStands.CONTRADICTS
    )


def _other_reference(said: tuple[str, str], bill: Bill) -> bool:
    same_kind = [number for kind, number in bill.references if kind == said[0]]
    return bool(same_kind) and said[1] not in same_kind


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one payment and what a person should see first."""

    verdict: Verdict
    first: tuple[str, ...] = ()


class Court:
    """Judges a year of payments day by day, remembering what decisive ones have paid."""

    def __init__(self, bills: Iterable[Bill]) -> None:
        self._open: dict[str, Decimal] = {}
        self._by_core: defaultdict[str, list[Bill]] = defaultdict(list)
        self._by_client: defaultdict[str, list[Bill]] = defaultdict(list)
        for bill in bills:
            self._open[bill.id] = bill.amount - bill.paid
            self._by_core[_core(bill.number)].append(bill)
            for key in {bill.client.base, bill.tax_id, bill.client.account if bill.with_account else None} - {None}:
                self._by_client[key or ""].append(bill)

    def year(self, transfers: Sequence[Transfer]) -> dict[str, Judged]:
        """A verdict for every payment, by its id."""
        found: dict[str, Judged] = {}
        for _, same_day in groupby(sorted(transfers, key=lambda one: one.booked_on), lambda one: one.booked_on):
            found.update(self._day(list(same_day)))
        return found

    def _day(self, transfers: Sequence[Transfer]) -> dict[str, Judged]:
        judged = {transfer.id: self._one(transfer) for transfer in transfers}
        certain = [one for one in transfers if judged[one.id].verdict is Verdict.DECISIVE]
        asked: defaultdict[str, Decimal] = defaultdict(Decimal)
        for transfer in certain:
            for bill, amount in transfer.settles.items():
                asked[bill] += amount
        for transfer in certain:
            if any(asked[bill] > self._open[bill] for bill in transfer.settles):
                judged[transfer.id] = Judged(Verdict.DOUBTFUL, tuple(transfer.settles))
                continue
            for bill, amount in transfer.settles.items():
                self._open[bill] -= amount
                asked[bill] -= amount
        return judged

    def _one(self, transfer: Transfer) -> Judged:
        if not transfer.ours:
            return Judged(Verdict.NOT_OURS)
        told = (*transfer.settles, *transfer.alike)
        if transfer.said.person_must:
            return Judged(Verdict.DOUBTFUL, told)
        return self._several(transfer) if len(transfer.said.numbers) > 1 else self._single(transfer)

    def _single(self, transfer: Transfer) -> Judged:
        said = transfer.said
        standings = [one for one in self._standings(transfer) if one.claims]
        winners = [
            one
            for one in standings
            if one.decisive(said) and all(one is rival or one.beats(rival, said) for rival in standings)
        ]
        best = [one for one in standings if not any(rival.beats(one, said) for rival in standings)]
        told = transfer.settles if self._told(transfer) else ()
        doubt = Judged(Verdict.DOUBTFUL, (*told, *transfer.alike, *(one.bill.id for one in best)))
        if not winners:
            unclear = self._blurred(standings, said) or self._by_client_alone(standings, said)
            return Judged(Verdict.UNCLEAR) if unclear else doubt
        winner = winners[0]
        part_by_branch = winner.client is ClientStands.BRANCH and winner.sum is not SumStands.EQUAL
        if list(transfer.settles) != [winner.bill.id] or part_by_branch or self._better_named(winner, transfer):
            return Judged(Verdict.UNCLEAR)
        again = [self._number(transfer, bill) for bill in self._paid_same(transfer)]
        if not again:
            return Judged(Verdict.DECISIVE)
        return doubt if winner.sum is SumStands.PART and max(again) >= winner.number else Judged(Verdict.UNCLEAR)

    def _better_named(self, winner: Standing, transfer: Transfer) -> bool:
        """Whether a number that fits the winner loosely is exactly somebody else's."""
        numbers = (self._number(transfer, bill) for bill in self._all(transfer))
        return winner.number is NumberStands.LOOSE and any(stands > winner.number for stands in numbers)

    def _told(self, transfer: Transfer) -> bool:
        """Whether anything in the line leads to what it is for: a number, a date, a reference or the sum."""
        said = transfer.said
        left = sum(self._open[bill] for bill in transfer.settles)
        return bool(said.numbers or said.dated or said.reference) or left == transfer.amount

    @staticmethod
    def _by_client_alone(standings: Sequence[Standing], said: Said) -> bool:
        """The named invoice has the sum, and only another number of a surer client stands against it."""
        named = [one for one in standings if one.number and one.sum is SumStands.EQUAL and one.decisive(said)]
        rivals = [one for one in standings if one not in named and not any(mine.beats(one, said) for mine in named)]
        return len(named) == 1 and all(not rival.number for rival in rivals)

    @staticmethod
    def _blurred(standings: Sequence[Standing], said: Said) -> bool:
        """What the law does not name: an equal sum of a branch beside the head's, or one without the reference."""
        if said.numbers:
            return False
        equal = [one for one in standings if one.sum is SumStands.EQUAL]
        stands = {one.client for one in equal}
        with_reference = {bool(said.reference and said.reference in one.bill.references) for one in equal}
        return {ClientStands.KNOWN, ClientStands.BRANCH} <= stands or len(with_reference) > 1

    def _several(self, transfer: Transfer) -> Judged:
        doubt = Judged(Verdict.DOUBTFUL, (*transfer.settles, *transfer.alike))
        named: list[Standing] = []
        for written in transfer.said.numbers:
            found = [one for one in self._standings(transfer, written) if one.number]
            if len(found) > 1:
                return Judged(Verdict.UNCLEAR)
            named.extend(found)
        if len(named) != len(transfer.said.numbers) or any(one.client is ClientStands.BRANCH for one in named):
            return doubt
        if {one.bill.id for one in named} != set(transfer.settles):
            return Judged(Verdict.UNCLEAR)
        if sum(self._open[one.bill.id] for one in named) != transfer.amount:
            return doubt
        weak = [one for one in named if one.number < NumberStands.SHORT and one.client is not ClientStands.KNOWN]
        loose = any(one.number is NumberStands.LOOSE for one in named)
        if weak or loose or any(self._paid_same(transfer, written) for written in transfer.said.numbers):
            return Judged(Verdict.UNCLEAR)
        return Judged(Verdict.DECISIVE)

    def _standings(self, transfer: Transfer, written: Written | None = None) -> list[Standing]:
        return [
            Standing(bill, self._number(transfer, bill, written), self._sum(transfer, bill), client)
            for bill in self._all(transfer)
            if self._open[bill.id] > 0
            and not contradicted(transfer, bill)
            and (client := client_stands(transfer, bill)) is not ClientStands.CONTRADICTS
        ]

    def _number(self, transfer: Transfer, bill: Bill, written: Written | None = None) -> NumberStands:
        numbers = (written,) if written else transfer.said.numbers
        return max((number_stands(one, bill.number) for one in numbers), default=NumberStands.OTHER)

    def _sum(self, transfer: Transfer, bill: Bill) -> SumStands:
        left = self._open[bill.id]
        if transfer.amount == left:
            return SumStands.EQUAL
        return SumStands.PART if transfer.amount < left else SumStands.OVER

    def _paid_same(self, transfer: Transfer, written: Written | None = None) -> list[Bill]:
        """Paid invoices of the number and the sum that the payment names: it may be paid twice."""
        return [
            bill
            for bill in self._all(transfer)
            if self._open[bill.id] <= 0
            and (bill.amount == transfer.amount or written is not None)
            and self._number(transfer, bill, written)
            and not contradicted(transfer, bill)
        ]

    def _all(self, transfer: Transfer) -> list[Bill]:
        """Every invoice that the number or the payer leads to."""
        return list({bill.id: bill for bill in self._led(transfer)}.values())

    def _led(self, transfer: Transfer) -> Iterator[Bill]:
        said, side = transfer.said, transfer.payer
        for number in said.numbers:
            yield from self._by_core[_core(number)]
        keys = {said.payer.base if said.payer else None, said.named_tax_id}
        if not said.shared:
            keys |= {side.tax_id, side.account}
        for key in keys - {None}:
            yield from self._by_client[key or ""]


def truth_of(transfer: Transfer, judged: Judged) -> Truth:
    """The truth as it is written out.

    Raises:
        ValueError: the law leaves the payment open; such a payment has no place in a world.
    """
    if judged.verdict is Verdict.UNCLEAR:
        raise ValueError(f"{transfer.id}: the law leaves it open")
    first = tuple(dict.fromkeys(judged.first)) if judged.verdict is Verdict.DOUBTFUL else ()
    return Truth(transfer.id, transfer.kind, Answer(judged.verdict.value), dict(transfer.settles), first)

"""Which deal an accounting system's invoice belongs to, where no CRM keeps the invoice itself.

A deal that names the invoice is its deal; else the contract with the sum; else the client's only deal of that sum. What
contradicts is no candidate, and a second one that fits as well makes it a question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hub.domain.matching import read_purpose
from hub.domain.matching.numbers import folded, spelling
from hub.domain.models import Client, Deal, Invoice, ReferenceKind
from hub.domain.money import Money
from hub.domain.word import Word

#: As many as a person looks through.
_MOST_ASKED: Final = 5


class DealTrait(Word):
    """By what a deal was found."""

    NAMED = "named"
    CONTRACT = "contract"
    SUM = "sum"
    SUM_WHOLE = "sum_whole"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class DealFound:
    """A candidate.

    Attributes:
        deal_id: the hub's.
        client: the deal's client with its requisites, where it was read.
        has_invoices: other invoices belong to it already.
        twins: other papers of the client with the same sum that wait for a deal.
    """

    deal_id: str
    deal: Deal
    client: Client | None
    has_invoices: bool = False
    twins: int = 0
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DealChoice:
    """The deal, or those that a person has to choose from."""

    deal: DealFound | None
    asked: tuple[DealFound, ...] = ()


def choose_deal(
    invoice: Invoice, found: Iterable[DealFound], *, partly: bool = False, past: bool = False
) -> DealChoice:
    """One deal by the strongest evidence there is; several by it, or one by less, are asked about.

    Args:
        partly: there may be deals that nobody has looked at: then the one is only asked about.
        past: the invoice was paid long ago: a deal that does not name it is rather for the client's next purchase.
    """
    choice = _chosen(invoice, found)
    if choice.deal is not None and (partly or (past and DealTrait.NAMED not in choice.deal.traits)):
        return DealChoice(None, (choice.deal,))
    return choice


def names_it(invoice: Invoice, deal: Deal) -> bool:
    """The deal's title or a field of the company's map holds the invoice's number, if it is its client's or of its sum.

    Which it is the caller sees to, by `choose_deal`.
    """
    return _names(invoice, deal, surely=True)


def numbers_held(deal: Deal) -> frozenset[str]:
    """Numbers that the deal's title and fields hold, each in its folded form."""
    return frozenset(number for number in _numbers(deal, contracts=False) if number is not None)


def _chosen(invoice: Invoice, found: Iterable[DealFound]) -> DealChoice:
    judged = [(_evidence(invoice, item), item) for item in found if not _contradicts(invoice, item)]
    traits = [(seen, _with(item, seen)) for seen, item in judged]
    named = [item for seen, item in traits if DealTrait.NAMED in seen]
    if named:
        return _one_of(named)
    by_contract = [item for seen, item in traits if {DealTrait.CONTRACT, DealTrait.SUM} <= seen]
    if by_contract:
        return _one_of(by_contract)
    # A deal with invoices of its own has its sum from them.
    free = [(seen, item) for seen, item in traits if not item.has_invoices]
    by_sum = [item for seen, item in free if {DealTrait.CLIENT, DealTrait.SUM} <= seen]
    if len(by_sum) == 1 and not by_sum[0].twins:
        return _one_of(by_sum)
    # Some CRMs keep no kopecks: a deal of 1 000 may be that of 1 000.40, and of 999.60.
    near = [item for seen, item in free if {DealTrait.CLIENT, DealTrait.SUM_WHOLE} <= seen] if not by_sum else []
    return DealChoice(None, tuple((by_sum or near)[:_MOST_ASKED]))


def _one_of(found: Sequence[DealFound]) -> DealChoice:
    return DealChoice(found[0]) if len(found) == 1 else DealChoice(None, tuple(found[:_MOST_ASKED]))


def _with(found: DealFound, seen: frozenset[DealTrait]) -> DealFound:
    told = tuple(sorted(trait.value for trait in seen))
    return DealFound(found.deal_id, found.deal, found.client, found.has_invoices, found.twins, told)


def _contradicts(invoice: Invoice, found: DealFound) -> bool:
    mine, theirs = _tax_ids(invoice.client), _tax_ids(found.client)
    if mine and theirs and mine.isdisjoint(theirs):
        return True
    amount = found.deal.amount
    return amount is not None and bool(amount) and amount.currency != invoice.amount.currency


def _evidence(invoice: Invoice, found: DealFound) -> frozenset[DealTrait]:
    seen = set()
    mine, theirs = _tax_ids(invoice.client), _tax_ids(found.client)
    same_client = not mine.isdisjoint(theirs)
    if same_client:
        seen.add(DealTrait.CLIENT)
    if found.deal.amount == invoice.amount:
        seen.add(DealTrait.SUM)
    elif _is_whole_of(found.deal.amount, invoice.amount):
        seen.add(DealTrait.SUM_WHOLE)
    if _names(invoice, found.deal, surely=same_client or DealTrait.SUM in seen):
        seen.add(DealTrait.NAMED)
    contracts = {folded(item.number) for item in invoice.references if item.number and _is_contract(item.kind)}
    if same_client and not (contracts - {None}).isdisjoint(_numbers(found.deal, contracts=True)):
        seen.add(DealTrait.CONTRACT)
    return frozenset(seen)


def _is_whole_of(kept: Money | None, asked: Money) -> bool:
    if kept is None or not kept or kept.currency != asked.currency or kept.amount % 1:
        return False
    return abs(kept.amount - asked.amount) < 1


def _is_contract(kind: ReferenceKind) -> bool:
    return kind in (ReferenceKind.CONTRACT, ReferenceKind.ORDER)


def _names(invoice: Invoice, deal: Deal, *, surely: bool) -> bool:
    """The deal's title or a field of the company's map holds the number; a short one only with its client or sum."""
    called = [spelling(number) for number in (invoice.number, *(item.number for item in invoice.also)) if number]
    held = _numbers(deal, contracts=False)
    for own in called:
        if own is None or not surely:
            continue
        if own.folded in held or (len(own.short) == 1 and not own.short.isdisjoint(held) and own.digits > _FEW_DIGITS):
            return True
    return False


#: A tail of so few digits names many invoices.
_FEW_DIGITS: Final = 3


def _numbers(deal: Deal, *, contracts: bool) -> frozenset[str | None]:
    """Numbers in the title, read as a purpose is; of mapped fields, which hold the number alone, as they are."""
    reading = read_purpose(deal.title)
    if contracts:
        told = [item.number for item in reading.documents if item.number and _is_contract(item.kind)]
    else:
        told = [item.text for item in (*reading.numbers, *reading.bare)]
    return frozenset(folded(text) for text in (*told, *deal.fields.values()) if text)


def _tax_ids(client: Client | None) -> frozenset[str]:
    if client is None:
        return frozenset()
    return frozenset(item.value for item in client.tax_ids if item.kind.value != "kpp")

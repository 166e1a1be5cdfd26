"""What a paper and a deal may be found by: deals that fit a paper, papers that fit a deal, and the paper's twins.

What decides is asked for exactly, by the client with the sum or by the number. Where there is more than is looked
through all the same, the caller is told: what nobody has seen may be what contradicts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.domain.deal_of_sale import DealFound, DealTrait, names_it, numbers_held
from hub.domain.matching.numbers import runs_in, spelling
from hub.domain.models import Client, Invoice, StageKind, TaxIdKind
from hub.domain.money import Money
from hub.ports.records import AUTO, DealRow, InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import UnitOfWork

#: Of one client and one sum.
_MOST: Final = 50
#: Deals whose title has the digits of a number: nearly all of them have others beside.
_MOST_ALIKE: Final = 200
#: Some CRMs keep no kopecks.
_ROUNDED: Final = 1


def candidates(uow: UnitOfWork, paper: InvoiceRow, sale: Invoice, denied: set[str]) -> tuple[list[DealFound], bool]:
    """Deals that may be the paper's, whose sale may have other numbers too; and whether there may be more of them."""
    tax_ids = tax_ids_of(paper.invoice.client)
    of_client = uow.deals.of_sums(*_about(paper.invoice.amount), tax_ids, _MOST + 1)
    named, more_named = _naming(uow, sale, tax_ids)
    rows = {row.id: row for row in (*of_client[:_MOST], *named, *_won(uow, paper)) if row.id not in denied}
    others, more_twins = twins(uow, paper) if rows else ([], False)
    count = len(others) + more_twins
    found = [
        DealFound(key, row.deal, client_of(uow, row), _has_others(uow, key, paper), count)
        for key, row in sorted(rows.items())
    ]
    return found, more_named or len(of_client) > _MOST


def papers_for(uow: UnitOfWork, deal: DealRow) -> list[InvoiceRow]:
    """Papers that wait, of the deal's client with about its sum, or of a number that the deal names."""
    amount, tax_ids = deal.deal.amount, tax_ids_of(client_of(uow, deal))
    found: list[InvoiceRow] = []
    if amount:
        found += uow.sales.papers(amount, amount, tax_ids, _MOST)
        found += uow.sales.papers(*_about(amount), tax_ids, _MOST)
    for sale in uow.invoices.by_keys([f"n:{number}" for number in numbers_held(deal.deal)]):
        paper = paper_of(uow, sale.id) if names_it(sale, deal.deal) else None
        found += [paper] if paper is not None else []
    return [paper for paper in found if waits(uow, paper)]


def twins(uow: UnitOfWork, paper: InvoiceRow) -> tuple[list[InvoiceRow], bool]:
    """Other papers of the same sum and client whose deal is not known for sure; and whether there may be more."""
    mine, amount = tax_ids_of(paper.invoice.client), paper.invoice.amount
    same = uow.sales.papers(amount, amount, mine, _MOST + 1)
    others = (row for row in same if row.sale_id != paper.sale_id)
    fitting = (row for row in others if not mine.isdisjoint(tax_ids_of(row.invoice.client)))
    return [row for row in fitting if waits(uow, row)], len(same) > _MOST


def linked(uow: UnitOfWork, deal_id: str, *states: LinkState) -> list[InvoiceRow]:
    """Papers that were found for a deal, or are asked about with it."""
    wanted = states or (LinkState.ASKED, LinkState.JOINED)
    links = (link for link in uow.sales.links(deal_id) if link.kind is LinkKind.DEAL and link.state in wanted)
    papers = (uow.sales.alone(link.left) for link in links)
    return [paper for paper in papers if paper is not None and not paper.removed]


def waits(uow: UnitOfWork, paper: InvoiceRow) -> bool:
    """Its deal is not known for sure."""
    sale = uow.invoices.get(paper.sale_id)
    links = {link.right: link for link in uow.sales.links(paper.invoice.id) if by_sum_alone(link)}
    if sale is None or any(deal not in links for deal in sale.invoice.deals):
        return False
    return not links or not uow.matches.of_invoice(paper.sale_id)


def by_sum_alone(link: SaleLink) -> bool:
    """The machine found the deal by client and sum."""
    is_found = link.kind is LinkKind.DEAL and link.state is LinkState.JOINED and link.decided_by == AUTO
    return is_found and {DealTrait.NAMED.value, DealTrait.CONTRACT.value}.isdisjoint(link.traits)


def paper_of(uow: UnitOfWork, sale_id: str) -> InvoiceRow | None:
    """The accounting system's document of a sale."""
    members = uow.sales.members(sale_id)
    return next((row for row in members if row.invoice.from_accounting and not row.removed), None)


def client_of(uow: UnitOfWork, deal: DealRow) -> Client | None:
    """The deal's client, where it was read."""
    return uow.clients.known(f"{deal.connection}/{deal.deal.client_id}") if deal.deal.client_id else None


def tax_ids_of(client: Client | None) -> frozenset[str]:
    """What tells a client from others."""
    kinds = (kind for kind in TaxIdKind if kind is not TaxIdKind.RU_KPP)
    return client.values(*kinds) if client is not None else frozenset()


def _about(amount: Money) -> tuple[Money, Money]:
    return Money(amount.amount - _ROUNDED, amount.currency), Money(amount.amount + _ROUNDED, amount.currency)


def _naming(uow: UnitOfWork, sale: Invoice, tax_ids: frozenset[str]) -> tuple[list[DealRow], bool]:
    found: list[DealRow] = []
    more = False
    for digits in _digits(sale):
        rows = uow.deals.with_digits(digits, sale.amount, tax_ids, _MOST_ALIKE + 1)
        more = more or len(rows) > _MOST_ALIKE
        found += [row for row in rows if names_it(sale, row.deal)]
    return found, more


def _digits(invoice: Invoice) -> Iterable[str]:
    """Digits without which no text names the invoice: of each spelling the longest run."""
    numbers = (invoice.number, *(item.number for item in invoice.also))
    known = [found for number in numbers if number and (found := spelling(number)) is not None]
    spelled = (text for found in known for text in (found.folded, *found.short))
    return sorted({max(runs_in(text), key=len) for text in spelled})


def _won(uow: UnitOfWork, paper: InvoiceRow) -> list[DealRow]:
    """Deals that it was found for and that were won since: they are what it is for as much as they were."""
    found = (uow.deals.get(link.right) for link in uow.sales.links(paper.invoice.id) if link.kind is LinkKind.DEAL)
    return [deal for deal in found if deal is not None and deal.deal.stage_kind is StageKind.WON and not deal.removed]


def _has_others(uow: UnitOfWork, deal_id: str, paper: InvoiceRow) -> bool:
    """Invoices that belong to the deal for sure."""
    unsure = {link.left for link in uow.sales.links(deal_id) if by_sum_alone(link)}
    others = (invoice.id for invoice in uow.deals.invoices(deal_id) if invoice.id != paper.sale_id)
    return any(key not in unsure or uow.matches.of_invoice(key) for key in others)

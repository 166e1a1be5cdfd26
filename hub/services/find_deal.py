"""The deal of an accounting system's invoice that no CRM has: by what the deal says of it, else by client and sum.

What was found by client and sum alone stands only while nothing else fits as well: a second deal of that sum, a second
paper of it, an invoice of the CRM's own make it a question again, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.domain.deal_of_sale import DealChoice, DealFound, DealTrait, choose_deal
from hub.domain.models import Client, StageKind, TaxIdKind
from hub.ports.records import AUTO, AuditEntry, DealRow, InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import UnitOfWork
from hub.services.plan_effects import plan_again
from hub.services.plan_fills import plan_fills
from hub.services.runtime import Runtime

#: Deals and papers of one client, or of one sum, that are looked through.
_MOST: Final = 50


def find_deal(rt: Runtime, uow: UnitOfWork, *invoice_ids: str) -> None:
    """Give the papers of these invoices' sales to their deals, or ask a person which they are; twins look again."""
    rows = (uow.invoices.get(key) for key in dict.fromkeys(invoice_ids))
    for sale in dict.fromkeys(row.sale_id for row in rows if row is not None):
        paper = _paper_of(uow, sale)
        if paper is not None:
            _look(rt, uow, [paper, *_twins(uow, paper)])


def find_invoices(rt: Runtime, uow: UnitOfWork, deal_id: str) -> None:
    """A deal is new or has changed: papers of its sum, or of its client, look for their deals again.

    So do those that it was found for: it may have become another sale.
    """
    deal = uow.deals.get(deal_id)
    if deal is None or deal.removed:
        return
    found = uow.sales.papers(deal.deal.amount, _tax_ids(_client(uow, deal)), _MOST)
    papers = {paper.invoice.id: paper for paper in found if _waits(uow, paper)}
    if deal.deal.stage_kind is not StageKind.LOST:
        papers |= {paper.invoice.id: paper for paper in _linked(uow, deal_id)}
    _look(rt, uow, [papers[key] for key in sorted(papers)])


def leave_deal(rt: Runtime, uow: UnitOfWork, deal_id: str) -> None:
    """A deal was deleted in its CRM: nobody is asked about it any more, and what was asked is looked at anew."""
    _look(rt, uow, _linked(uow, deal_id, LinkState.ASKED))


def give_way(rt: Runtime, uow: UnitOfWork, invoice_id: str) -> None:
    """A CRM's invoice came to a deal that a paper was given to by its client and sum alone: they may be two sales."""
    row = uow.invoices.get(invoice_id)
    if row is None or row.invoice.from_accounting:
        return
    for deal in row.invoice.deals:
        for link in uow.sales.links(deal):
            paper = uow.sales.alone(link.left) if _by_sum_alone(link) else None
            if paper is not None and paper.sale_id != row.sale_id:
                _look(rt, uow, [paper])


def give_deal(rt: Runtime, uow: UnitOfWork, paper: InvoiceRow, found: DealFound, decided_by: str) -> None:
    """The paper belongs to the deal; what its payments mean for the deal is planned."""
    uow.deals.give(found.deal_id, paper.invoice.id)
    _keep(rt, uow, paper, found, LinkState.JOINED, decided_by)
    data = {"deal": found.deal_id, "by": list(found.traits)}
    actor = "hub" if decided_by == AUTO else decided_by
    uow.audit.append(AuditEntry("sale.deal_found", actor, paper.invoice.id, data), rt.clock.now())
    for match in uow.matches.of_invoice(paper.sale_id):
        plan_again(rt, uow, match)
    plan_fills(rt, uow, [found.deal_id])


def _look(rt: Runtime, uow: UnitOfWork, papers: Iterable[InvoiceRow]) -> None:
    for paper in papers:
        sale = uow.invoices.get(paper.sale_id)
        if sale is None:
            continue
        links = {link.right: link for link in uow.sales.links(paper.invoice.id) if link.kind is LinkKind.DEAL}
        joined = {key: link for key, link in links.items() if link.state is LinkState.JOINED}
        if any(deal not in joined for deal in sale.invoice.deals):
            # A CRM's own invoice says which deal it is: what the machine found gives way.
            _apply(rt, uow, paper, links, DealChoice(None))
        elif not joined or _may_look_again(uow, paper, joined):
            denied = {key for key, link in links.items() if link.state is LinkState.APART}
            _apply(rt, uow, paper, links, choose_deal(sale.invoice, _candidates(uow, paper, denied)))


def _may_look_again(uow: UnitOfWork, paper: InvoiceRow, joined: dict[str, SaleLink]) -> bool:
    return all(_by_sum_alone(link) for link in joined.values()) and not uow.matches.of_invoice(paper.sale_id)


def _by_sum_alone(link: SaleLink) -> bool:
    is_found = link.kind is LinkKind.DEAL and link.state is LinkState.JOINED and link.decided_by == AUTO
    return is_found and {DealTrait.NAMED.value, DealTrait.CONTRACT.value}.isdisjoint(link.traits)


def _apply(rt: Runtime, uow: UnitOfWork, paper: InvoiceRow, links: dict[str, SaleLink], choice: DealChoice) -> None:
    chosen = choice.deal.deal_id if choice.deal is not None else None
    wanted = {chosen, *(found.deal_id for found in choice.asked)}
    for key, link in links.items():
        if link.decided_by != AUTO:
            continue
        if link.state is LinkState.JOINED and key != chosen:
            uow.deals.take(key, paper.invoice.id)
            plan_fills(rt, uow, [key])
        if key not in wanted:
            uow.sales.drop(LinkKind.DEAL, paper.invoice.id, key)
    before = links.get(chosen or "")
    if choice.deal is not None and (before is None or before.state is not LinkState.JOINED):
        give_deal(rt, uow, paper, choice.deal, AUTO)
    for found in choice.asked:
        _keep(rt, uow, paper, found, LinkState.ASKED, AUTO)


def _paper_of(uow: UnitOfWork, sale_id: str) -> InvoiceRow | None:
    members = uow.sales.members(sale_id)
    return next((row for row in members if row.invoice.from_accounting and not row.removed), None)


def _twins(uow: UnitOfWork, paper: InvoiceRow) -> list[InvoiceRow]:
    """Other papers of the same sum and client whose deal is not known for sure."""
    mine = _tax_ids(paper.invoice.client)
    same = uow.sales.papers(paper.invoice.amount, frozenset(), _MOST)
    others = (row for row in same if row.sale_id != paper.sale_id and not mine.isdisjoint(_tax_ids(row.invoice.client)))
    return [row for row in others if _waits(uow, row)]


def _waits(uow: UnitOfWork, paper: InvoiceRow) -> bool:
    sale = uow.invoices.get(paper.sale_id)
    links = {link.right: link for link in uow.sales.links(paper.invoice.id) if _by_sum_alone(link)}
    if sale is None or any(deal not in links for deal in sale.invoice.deals):
        return False
    return not links or not uow.matches.of_invoice(paper.sale_id)


def _linked(uow: UnitOfWork, deal_id: str, *states: LinkState) -> list[InvoiceRow]:
    """Papers that were found for a deal, or are asked about with it."""
    wanted = states or (LinkState.ASKED, LinkState.JOINED)
    links = (link for link in uow.sales.links(deal_id) if link.kind is LinkKind.DEAL and link.state in wanted)
    papers = (uow.sales.alone(link.left) for link in links)
    return [paper for paper in papers if paper is not None and not paper.removed]


def _candidates(uow: UnitOfWork, paper: InvoiceRow, denied: set[str]) -> list[DealFound]:
    tax_ids = _tax_ids(paper.invoice.client)
    rows = [*uow.deals.of_sum(paper.invoice.amount), *uow.deals.of_tax_ids(tax_ids, _MOST)]
    deals = {row.id: row for row in (*rows, *_won(uow, paper)) if row.id not in denied}
    twins = len(_twins(uow, paper)) if deals else 0
    return [
        DealFound(key, deal.deal, _client(uow, deal), _has_others(uow, key, paper), twins)
        for key, deal in sorted(deals.items())
    ]


def _won(uow: UnitOfWork, paper: InvoiceRow) -> list[DealRow]:
    """Deals that it was found for and that were won since: they are what it is for as much as they were."""
    found = (uow.deals.get(link.right) for link in uow.sales.links(paper.invoice.id) if link.kind is LinkKind.DEAL)
    return [deal for deal in found if deal is not None and deal.deal.stage_kind is StageKind.WON and not deal.removed]


def _has_others(uow: UnitOfWork, deal_id: str, paper: InvoiceRow) -> bool:
    """Invoices that belong to the deal for sure."""
    unsure = {link.left for link in uow.sales.links(deal_id) if _by_sum_alone(link)}
    others = (invoice.id for invoice in uow.deals.invoices(deal_id) if invoice.id != paper.sale_id)
    return any(key not in unsure or uow.matches.of_invoice(key) for key in others)


def _client(uow: UnitOfWork, deal: DealRow) -> Client | None:
    return uow.clients.known(f"{deal.connection}/{deal.deal.client_id}") if deal.deal.client_id else None


def _tax_ids(client: Client | None) -> frozenset[str]:
    kinds = (kind for kind in TaxIdKind if kind is not TaxIdKind.RU_KPP)
    return client.values(*kinds) if client is not None else frozenset()


def _keep(rt: Runtime, uow: UnitOfWork, paper: InvoiceRow, found: DealFound, state: LinkState, decided_by: str) -> None:
    key = (LinkKind.DEAL, paper.invoice.id, found.deal_id)
    known = (item for item in uow.sales.links(paper.invoice.id) if (item.kind, item.left, item.right) == key)
    if not any((item.state, item.traits) == (state, found.traits) for item in known):
        uow.sales.keep(SaleLink(*key, state, decided_by, found.traits, rt.clock.now()))

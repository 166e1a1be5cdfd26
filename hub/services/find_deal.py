"""The deal of an accounting system's invoice that no CRM has: by what the deal says of it, else by client and sum.

What was found by client and sum alone stands only while nothing else fits as well: a second deal of that sum, a second
paper of it, an invoice of the CRM's own make it a question again, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from hub.domain.deal_of_sale import DealChoice, DealFound, choose_deal
from hub.domain.models import StageKind
from hub.ports.records import AUTO, AuditEntry, InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import UnitOfWork
from hub.services.deal_candidates import by_sum_alone, candidates, linked, paper_of, papers_for, twins
from hub.services.plan_effects import plan_again
from hub.services.plan_fills import plan_fills
from hub.services.runtime import Runtime

#: People make the deal of money that has come within days.
_PAST: Final = timedelta(days=7)


def find_deal(rt: Runtime, uow: UnitOfWork, *invoice_ids: str) -> None:
    """Give the papers of these invoices' sales to their deals, or ask a person which they are; twins look again."""
    rows = (uow.invoices.get(key) for key in dict.fromkeys(invoice_ids))
    for sale in dict.fromkeys(row.sale_id for row in rows if row is not None):
        paper = paper_of(uow, sale)
        if paper is not None:
            _look(rt, uow, [paper, *twins(uow, paper)[0]])


def find_invoices(rt: Runtime, uow: UnitOfWork, deal_id: str) -> None:
    """A deal is new or has changed: papers of its sum, or of its client, look for their deals again.

    So do those that it was found for: it may have become another sale.
    """
    deal = uow.deals.get(deal_id)
    if deal is None or deal.removed:
        return
    papers = {paper.invoice.id: paper for paper in papers_for(uow, deal)}
    if deal.deal.stage_kind is not StageKind.LOST:
        papers |= {paper.invoice.id: paper for paper in linked(uow, deal_id)}
    _look(rt, uow, [papers[key] for key in sorted(papers)])


def leave_deal(rt: Runtime, uow: UnitOfWork, deal_id: str) -> None:
    """A deal was deleted in its CRM: nobody is asked about it any more, and what was asked is looked at anew."""
    _look(rt, uow, linked(uow, deal_id, LinkState.ASKED))


def give_way(rt: Runtime, uow: UnitOfWork, invoice_id: str) -> None:
    """A CRM's invoice came to a deal that a paper was given to by its client and sum alone: they may be two sales."""
    row = uow.invoices.get(invoice_id)
    if row is None or row.invoice.from_accounting:
        return
    for deal in row.invoice.deals:
        for link in uow.sales.links(deal):
            paper = uow.sales.alone(link.left) if by_sum_alone(link) else None
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
            found, more = candidates(uow, paper, sale.invoice, denied)
            choice = choose_deal(sale.invoice, found, partly=more, past=_is_past(rt, uow, paper.sale_id))
            _apply(rt, uow, paper, links, choice)


def _is_past(rt: Runtime, uow: UnitOfWork, sale_id: str) -> bool:
    """Whether its money came so long ago that a deal which is new now is rather the client's next one."""
    payments = (uow.payments.get(match.payment_id) for match in uow.matches.of_invoice(sale_id))
    days = [row.payment.booked_on for row in payments if row is not None]
    return bool(days) and max(days) < rt.clock.now().date() - _PAST


def _may_look_again(uow: UnitOfWork, paper: InvoiceRow, joined: dict[str, SaleLink]) -> bool:
    return all(by_sum_alone(link) for link in joined.values()) and not uow.matches.of_invoice(paper.sale_id)


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


def _keep(rt: Runtime, uow: UnitOfWork, paper: InvoiceRow, found: DealFound, state: LinkState, decided_by: str) -> None:
    key = (LinkKind.DEAL, paper.invoice.id, found.deal_id)
    known = (item for item in uow.sales.links(paper.invoice.id) if (item.kind, item.left, item.right) == key)
    if not any((item.state, item.traits) == (state, found.traits) for item in known):
        uow.sales.keep(SaleLink(*key, state, decided_by, found.traits, rt.clock.now()))

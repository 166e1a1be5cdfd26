"""What a person says of invoices that may be one sale, and of a document and its deal: yes, no, the word taken back.

Each answer keeps the name of who gave it; what follows from it is what follows when the machine finds the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hub.domain.deal_of_sale import DealFound
from hub.domain.models import Client
from hub.domain.one_sale import compare
from hub.domain.wording import money_text
from hub.ports.records import AUTO, AuditEntry, DealRow, InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import UnitOfWork
from hub.services.find_deal import find_deal, give_deal
from hub.services.follow_sale import follow_sale
from hub.services.one_sale import given_too_much, join, part, partners_by_person, place_of, settle_sale
from hub.services.runtime import Runtime, Work

_STALE: Final = "Пока страница была открыта, что-то изменилось или на вопрос уже ответили: посмотрите ещё раз."
_BOTH_PAID: Final = (
    "По обоим счетам уже сопоставлены деньги: сначала отмените одно из сопоставлений, потом объедините счета."
)
_CURRENCIES: Final = "Счета в разных валютах, одной продажей они быть не могут: исправьте валюту в одной из систем."
_PAID: Final = (
    "По этой продаже уже сопоставлены деньги, они могли перенести сделку и отметить счета: сначала отмените "
    "сопоставление платежа, потом вернитесь сюда."
)
_GONE: Final = "Этот счёт удалили в его системе: отвечать больше не о чем."
_DEAL_GONE: Final = "Эту сделку удалили в CRM: отвечать больше не о чем."


class CannotSettleSale(ValueError):
    """The person's answer cannot be carried out; the message says why (Russian)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the person saw it; `seen` is the `mark` of what the page showed."""

    kind: LinkKind
    left: str
    right: str
    seen: str


def mark(link: SaleLink, left: InvoiceRow | None, right: InvoiceRow | DealRow | None) -> str:
    """Tells what a person saw of a question: a page left open must not answer another one."""
    told = (link.kind, link.left, link.right, link.state, link.decided_by, link.traits, _told(left), _told(right))
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _told(row: InvoiceRow | DealRow | None) -> tuple[object, ...]:
    if isinstance(row, InvoiceRow):
        item = row.invoice
        return item.number, item.issued_on, str(item.amount), _who(item.client), item.deals, row.sale_id, row.removed
    if row is None:
        return ()
    return row.deal.title, str(row.deal.amount), row.deal.client_id, row.removed


def _who(client: Client | None) -> tuple[object, ...]:
    return (client.names, client.tax_ids) if client is not None else ()


def say_same(rt: Runtime, asked: Asked, actor: str) -> None:
    """The two invoices are one sale; or the document belongs to the deal.

    Raises:
        CannotSettleSale: the question is another one by now, or the two cannot be one as things stand.
    """
    with rt.store.write() as uow:
        link = _seen_link(uow, asked)
        if link.state is not LinkState.ASKED:
            raise CannotSettleSale(_STALE)
        if link.kind is LinkKind.DEAL:
            _give(rt, uow, link, f"person:{actor}")
        else:
            _join(rt, uow, link, f"person:{actor}")
    _wake(rt)


def say_apart(rt: Runtime, asked: Asked, actor: str) -> None:
    """The two are not one sale, or it is not this deal: for good, whoever joined them; the rest is looked at anew.

    Raises:
        CannotSettleSale: the question is another one by now, or money was given to the two as one.
    """
    with rt.store.write() as uow:
        link = _seen_link(uow, asked)
        if link.state is LinkState.APART or (link.state is LinkState.JOINED and link.decided_by != AUTO):
            raise CannotSettleSale(_STALE)
        changed = _undone(rt, uow, link, f"person:{actor}")
        now = rt.clock.now()
        denied = SaleLink(link.kind, link.left, link.right, LinkState.APART, f"person:{actor}", link.traits, now)
        uow.sales.keep(denied)
        data = {"with": link.right, "kind": link.kind.value, "differs": list(link.traits)}
        uow.audit.append(AuditEntry("sale.told_apart", f"person:{actor}", link.left, data), now)
        _look_again(rt, uow, link, changed)
    _wake(rt)


def take_answer_back(rt: Runtime, asked: Asked, actor: str) -> None:
    """A person's answer, yes or no, does not count any more: the machine looks anew, and asks again where it has to.

    Raises:
        CannotSettleSale: the answer is another one by now, or money was given to the two as one; nothing was done.
    """
    with rt.store.write() as uow:
        link = _seen_link(uow, asked)
        if link.state is LinkState.ASKED or link.decided_by == AUTO:
            raise CannotSettleSale(_STALE)
        changed = _undone(rt, uow, link, f"person:{actor}")
        uow.sales.drop(link.kind, link.left, link.right)
        data = {"with": link.right, "kind": link.kind.value, "was": link.state.value, "said_by": link.decided_by}
        uow.audit.append(AuditEntry("sale.answer_taken_back", f"person:{actor}", link.left, data), rt.clock.now())
        _look_again(rt, uow, link, changed)
    _wake(rt)


def _wake(rt: Runtime) -> None:
    rt.wake(Work.MATCH, "")
    rt.wake(Work.DELIVER, "")


def _seen_link(uow: UnitOfWork, asked: Asked) -> SaleLink:
    # Whoever gives money to one of them waits until the answer is written, or has written before it is looked at.
    sides = (asked.left, asked.right) if asked.kind is LinkKind.INVOICE else (asked.left,)
    rows = [row for row in map(uow.sales.alone, sides) if row is not None]
    uow.invoices.lock({*sides, *(row.sale_id for row in rows)})
    pair = (asked.kind, asked.left, asked.right)
    found = next((link for link in uow.sales.links(asked.left) if (link.kind, link.left, link.right) == pair), None)
    if found is None or mark(found, *_sides(uow, found)) != asked.seen:
        raise CannotSettleSale(_STALE)
    return found


def _sides(uow: UnitOfWork, link: SaleLink) -> tuple[InvoiceRow | None, InvoiceRow | DealRow | None]:
    other = uow.deals.get(link.right) if link.kind is LinkKind.DEAL else uow.sales.alone(link.right)
    return uow.sales.alone(link.left), other


def _there(uow: UnitOfWork, invoice_id: str) -> InvoiceRow:
    row = uow.sales.alone(invoice_id)
    if row is None or row.removed:
        raise CannotSettleSale(_GONE)
    return row


def _give(rt: Runtime, uow: UnitOfWork, link: SaleLink, by: str) -> None:
    paper, deal = _there(uow, link.left), uow.deals.get(link.right)
    if deal is None or deal.removed:
        raise CannotSettleSale(_DEAL_GONE)
    for other in uow.sales.links(link.left):
        if other.kind is LinkKind.DEAL and other.state is LinkState.ASKED:
            uow.sales.drop(other.kind, other.left, other.right)
    give_deal(rt, uow, paper, DealFound(deal.id, deal.deal, None, traits=link.traits), by)
    follow_sale(rt, uow, paper.invoice.id, [paper.sale_id])


def _join(rt: Runtime, uow: UnitOfWork, link: SaleLink, by: str) -> None:
    row, other = _there(uow, link.left), _there(uow, link.right)
    changed: list[str] = []
    if row.sale_id != other.sale_id:
        _check_sums(uow, row, other)
        changed = _make_room(rt, uow, row, other, by)
        row, other = _there(uow, link.left), _there(uow, link.right)
    joined = join(rt, uow, row, other, compare(row.invoice, other.invoice), by)
    _drop_rivals(uow, _there(uow, link.left))
    _look_again(rt, uow, link, [*joined, *changed])


def _check_sums(uow: UnitOfWork, row: InvoiceRow, other: InvoiceRow) -> None:
    """What money was given to the two before may be impossible for the one that they would be."""
    if row.invoice.amount.currency != other.invoice.amount.currency:
        raise CannotSettleSale(_CURRENCIES)
    if all(uow.matches.of_invoice(sale) for sale in (row.sale_id, other.sale_id)):
        raise CannotSettleSale(_BOTH_PAID)
    too_much = given_too_much(uow, row, other)
    if too_much is not None:
        given, asked = map(money_text, too_much)
        told = f"Сопоставлено {given}, а сумма документа {asked}"
        raise CannotSettleSale(f"{told}: сначала отмените сопоставление платежа, потом объедините счета.")


def _make_room(rt: Runtime, uow: UnitOfWork, row: InvoiceRow, other: InvoiceRow, by: str) -> list[str]:
    """Two invoices of one list of one system are never one sale: what the machine joined gives way to a person's word.

    Returns:
        what changed.
    """
    changed: list[str] = []
    for mine, theirs in _rivals(uow, row, other):
        leaving = mine if theirs.invoice.id == other.invoice.id else theirs
        if leaving.invoice.id in (row.invoice.id, other.invoice.id) or partners_by_person(uow, leaving):
            number = leaving.invoice.number or leaving.external_id
            raise CannotSettleSale(
                f"В этой продаже уже есть другой счёт той же системы, № {number}: сначала разделите их в «Решённых»."
            )
        changed += _parted(rt, uow, leaving, other if leaving is theirs else row, by)
    return changed


def _drop_rivals(uow: UnitOfWork, row: InvoiceRow) -> None:
    """It is said which invoice of a system it is: others of the same list are not asked about any more."""
    members = uow.sales.members(row.sale_id)
    places = {place_of(member) for member in members if not member.removed}
    for member in members:
        for link in uow.sales.links(member.invoice.id):
            other = uow.sales.alone(link.right if link.left == member.invoice.id else link.left)
            is_question = link.kind is LinkKind.INVOICE and link.state is LinkState.ASKED
            if is_question and other is not None and other.sale_id != row.sale_id and place_of(other) in places:
                uow.sales.drop(link.kind, link.left, link.right)


def _rivals(uow: UnitOfWork, row: InvoiceRow, other: InvoiceRow) -> list[tuple[InvoiceRow, InvoiceRow]]:
    mine, theirs = ([item for item in uow.sales.members(it.sale_id) if not item.removed] for it in (row, other))
    return [(one, two) for one in mine for two in theirs if place_of(one) == place_of(two)]


def _undone(rt: Runtime, uow: UnitOfWork, link: SaleLink, by: str) -> list[str]:
    """The two are what they were before they were joined, if they were; returns what changed."""
    if link.kind is LinkKind.DEAL:
        _take(uow, link)
        return []
    row, other = uow.sales.alone(link.left), uow.sales.alone(link.right)
    if row is None or other is None or row.sale_id != other.sale_id:
        return []
    return _parted(rt, uow, other, row, by)


def _take(uow: UnitOfWork, link: SaleLink) -> None:
    paper = uow.sales.alone(link.left)
    if link.state is not LinkState.JOINED or paper is None:
        return
    if uow.matches.of_invoice(paper.sale_id):
        raise CannotSettleSale(_PAID)
    uow.deals.take(link.right, link.left)


def _parted(rt: Runtime, uow: UnitOfWork, leaving: InvoiceRow, staying: InvoiceRow, by: str) -> list[str]:
    if uow.matches.of_invoice(staying.sale_id):
        raise CannotSettleSale(_PAID)
    # Of the two the one that stands for the sale keeps its other copies.
    return part(rt, uow, leaving if leaving.main_id is not None else staying, by)


def _look_again(rt: Runtime, uow: UnitOfWork, link: SaleLink, changed: Iterable[str]) -> None:
    """What the answer means for the two and for whoever was joined or asked about because of them."""
    if link.kind is LinkKind.DEAL:
        find_deal(rt, uow, link.left)
        return
    beside = [key for side in (link.left, link.right) for key in _asked_beside(uow, side)]
    for key in dict.fromkeys((*changed, link.left, link.right, *beside)):
        follow_sale(rt, uow, key, settle_sale(rt, uow, key))


def _asked_beside(uow: UnitOfWork, invoice_id: str) -> list[str]:
    """Invoices that a person is asked about together with this one."""
    links = [link for link in uow.sales.links(invoice_id) if link.kind is LinkKind.INVOICE]
    sides = ((link.left, link.right) for link in links if link.state is LinkState.ASKED)
    return [right if left == invoice_id else left for left, right in sides]

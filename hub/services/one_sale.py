"""One sale, one invoice: what a CRM and the accounting system keep of one sale is put together, or asked about.

Looked at whenever an invoice changes: it joins the one invoice of another system that is the same sale, leaves it where
it is not any more, and waits for a person where the law (`hub.domain.one_sale`) cannot tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hub.domain.matching import invoice_keys
from hub.domain.models import Invoice
from hub.domain.money import Money
from hub.domain.one_sale import Comparison, Likeness, Trait, choose, compare
from hub.ports.records import AUTO, AuditEntry, InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import UnitOfWork
from hub.services.plan_effects import plan_again
from hub.services.runtime import Runtime

#: Keys of a client and its open sum lead to few, or they tell nothing.
_FEW: Final = 20
#: Another one fits as well.
SEVERAL: Final = "several"
#: A payment was given to both before anybody knew that they are one.
BOTH_PAID: Final = "both_paid"
#: A payment gave one of them more than the accounting system's document asks for.
PAID_MORE: Final = "paid_more"


def settle_sale(rt: Runtime, uow: UnitOfWork, invoice_id: str) -> list[str]:
    """Look for the sale of an invoice that is new or has changed; returns the sales whose keys change with it."""
    row = uow.sales.alone(invoice_id)
    if row is None or row.removed:
        return [invoice_id]
    changed = [row.sale_id]
    if row.main_id is not None or row.has_copies:
        known = _beside(uow, row)
        against = [pair for pair in known if not _is_one(pair[1])]
        if not against:
            _answer(rt, uow, row, known)
            return changed
        if uow.matches.of_invoice(row.sale_id) or _was_said(uow, row):
            # Money was given to it as one, or a person made it one: whether it still is, a person says.
            for other, found in against:
                _note(rt, uow, row, other, LinkState.ASKED, found)
            return changed
        changed += part(rt, uow, row)
        row = uow.sales.alone(invoice_id)
        assert row is not None
    return list(dict.fromkeys([*changed, *_seek(rt, uow, row)]))


def leave_sale(rt: Runtime, uow: UnitOfWork, invoice_id: str) -> list[str]:
    """The invoice was deleted in its system; returns the sales whose keys change with it.

    Its copies stand for themselves again, unless money was given to the sale already. Whoever was asked about because
    of it is looked at anew.
    """
    row = uow.sales.alone(invoice_id)
    if row is None:
        return []
    changed = [row.sale_id]
    if row.has_copies and not uow.matches.of_invoice(row.sale_id):
        changed += part(rt, uow, row)
    for link in uow.sales.links(invoice_id):
        if _asks(link):
            uow.sales.drop(link.kind, link.left, link.right)
            changed += settle_sale(rt, uow, link.right if link.left == invoice_id else link.left)
    return list(dict.fromkeys(changed))


def join(
    rt: Runtime, uow: UnitOfWork, row: InvoiceRow, other: InvoiceRow, found: Comparison, decided_by: str = AUTO
) -> list[str]:
    """Make two invoices, each as its system has it, one sale; returns what changed.

    Nothing where both are paid, or one of them with more than the document asks for: a person is asked.
    """
    sales = (row.sale_id, other.sale_id)
    if sales[0] == sales[1]:
        # They are one already, and were asked about since.
        _note(rt, uow, row, other, LinkState.JOINED, found, decided_by=decided_by)
        return [sales[0]]
    # Whoever gives money to one of them waits until they are one, or has given it before this is looked at.
    uow.invoices.lock(sales)
    paid = [sale for sale in sales if uow.matches.of_invoice(sale)]
    if len(paid) > 1:
        _note(rt, uow, row, other, LinkState.ASKED, found, BOTH_PAID)
        return []
    if given_too_much(uow, row, other) is not None:
        _note(rt, uow, row, other, LinkState.ASKED, found, PAID_MORE)
        return []
    papers = [item.sale_id for item in (row, other) if item.invoice.from_accounting]
    main = next(iter((*paid, *papers, other.sale_id)))
    copy = sales[0] if main == sales[1] else sales[1]
    uow.sales.join(copy, main)
    _drop_questions(uow, row.invoice.id)
    _note(rt, uow, row, other, LinkState.JOINED, found, decided_by=decided_by)
    for match in uow.matches.of_invoice(main):
        plan_again(rt, uow, match)
    return [main, copy]


def part(rt: Runtime, uow: UnitOfWork, row: InvoiceRow, decided_by: str = AUTO) -> list[str]:
    """Let an invoice, as its system has it, stand for itself again; returns what changed with it."""
    changed = uow.sales.part(row.invoice.id)
    for link in uow.sales.links(row.invoice.id):
        if link.kind is LinkKind.INVOICE and link.state is LinkState.JOINED:
            uow.sales.drop(link.kind, link.left, link.right)
    _tell(rt, uow, "sale.parted", row.invoice.id, {"invoices": changed}, decided_by)
    return changed


def given_too_much(uow: UnitOfWork, row: InvoiceRow, other: InvoiceRow) -> tuple[Money, Money] | None:
    """What was given to one of two sales and the sum of their document, where it is more than that by over kopecks."""
    sales = [sale for sale in map(uow.invoices.get, (row.sale_id, other.sale_id)) if sale is not None]
    paid = [sale.invoice.paid for sale in sales if uow.matches.of_invoice(sale.invoice.id)]
    papers = [sale.invoice.amount for sale in sales if sale.invoice.from_accounting]
    if not paid or not papers or paid[0].currency != papers[0].currency or paid[0] <= papers[0]:
        return None
    differ = Trait.SUM_OTHER in compare(row.invoice, other.invoice).traits
    return (paid[0], papers[0]) if differ else None


def place_of(row: InvoiceRow) -> tuple[str, bool]:
    """Two invoices of one list of one system are two sales; a deal's own field is another list."""
    return row.connection, row.invoice.markable


def partners_by_person(uow: UnitOfWork, row: InvoiceRow) -> set[str]:
    """The invoices of which a person said that they are one sale with this one."""
    return {
        link.right if link.left == row.invoice.id else link.left
        for link in uow.sales.links(row.invoice.id)
        if link.kind is LinkKind.INVOICE and link.state is LinkState.JOINED and link.decided_by != AUTO
    }


def _was_said(uow: UnitOfWork, row: InvoiceRow) -> bool:
    return any(partners_by_person(uow, member) for member in uow.sales.members(row.sale_id))


_Pairs = list[tuple[InvoiceRow, Comparison]]


def _beside(uow: UnitOfWork, row: InvoiceRow) -> _Pairs:
    """An invoice of a sale and those that it is judged by; no person said of these that they are one with it."""
    by_person = partners_by_person(uow, row)
    members = [member for member in uow.sales.members(row.sale_id) if not member.removed]
    if len(members) < 2:
        return []
    speaker = _speaker(members)
    told = members if speaker.invoice.id == row.invoice.id else [speaker]
    others = [item for item in told if item.invoice.id != row.invoice.id and item.invoice.id not in by_person]
    return [(other, compare(row.invoice, other.invoice)) for other in others]


def _is_one(known: Comparison) -> bool:
    """What has become only alike would be asked about if it were told now. They are of one deal, being one sale."""
    return replace(known, same_deal=True).likeness is Likeness.SAME


def _answer(rt: Runtime, uow: UnitOfWork, row: InvoiceRow, known: _Pairs) -> None:
    """Nothing of a sale contradicts any more: what was asked meanwhile is no question."""
    asked = {side for link in uow.sales.links(row.invoice.id) if _asks(link) for side in (link.left, link.right)}
    for other, found in known:
        if other.invoice.id in asked:
            _note(rt, uow, row, other, LinkState.JOINED, found)


def _asks(link: SaleLink) -> bool:
    return link.kind is LinkKind.INVOICE and link.state is LinkState.ASKED


@dataclass(frozen=True, slots=True)
class _Found:
    """A sale that may be the same.

    Attributes:
        target: the invoice of it that speaks for it.
        rival: the invoice of it that stands where ours would.
    """

    target: InvoiceRow
    comparison: Comparison
    places: frozenset[tuple[str, bool]]
    rival: InvoiceRow | None


def _seek(rt: Runtime, uow: UnitOfWork, row: InvoiceRow) -> list[str]:
    denied = {
        link.right if link.left == row.invoice.id else link.left
        for link in uow.sales.links(row.invoice.id)
        if link.state is LinkState.APART
    }
    candidates = (members for members in _candidates(uow, row) if denied.isdisjoint(_ids(members)))
    found = [_found(row, members) for members in candidates]
    changed: list[str] = []
    same: list[tuple[InvoiceRow, Comparison]] = []
    asked: list[tuple[InvoiceRow, Comparison, bool]] = []
    others = [item for item in found if item.comparison.likeness is Likeness.OTHER]
    for competing in _by_place([item for item in found if item.comparison.likeness is not Likeness.OTHER]):
        parted, joins, asks = _decide(rt, uow, competing, others)
        changed += parted
        same += joins
        asked += [(target, comparison, len(asks) > 1) for target, comparison in asks]
    chosen = _of_one_sale(row, same)
    if chosen:
        # Cards of other systems find the paper, or do not, by themselves.
        asked = [item for item in asked if item[0].invoice.from_accounting]
    else:
        asked += [(target, comparison, True) for target, comparison in same]
    lost = _drop_questions(uow, row.invoice.id, but={target.invoice.id for target, _, _ in asked})
    for target, comparison in chosen:
        changed += join(rt, uow, uow.sales.alone(row.invoice.id) or row, target, comparison)
    for target, comparison, several in asked:
        _note(rt, uow, row, target, LinkState.ASKED, comparison, *([SEVERAL] * several))
    for other in lost:
        alone = uow.sales.alone(other)
        if alone is not None and alone.main_id is None and not alone.has_copies:
            changed += settle_sale(rt, uow, other)
    return changed


def _found(row: InvoiceRow, members: Sequence[InvoiceRow]) -> _Found:
    rival = next((member for member in members if place_of(member) == place_of(row)), None)
    others = [member for member in members if member is not rival]
    target = _speaker(others)
    if not target.invoice.from_accounting:
        # Cards of several CRMs without their paper: any of them may be the one that fits.
        target = min(others, key=lambda item: _nearness(compare(row.invoice, item.invoice)))
    return _Found(target, compare(row.invoice, target.invoice), frozenset(map(place_of, members)), rival)


def _nearness(comparison: Comparison) -> tuple[int, int]:
    return list(Likeness).index(comparison.likeness), comparison.weight


def _by_place(found: Sequence[_Found]) -> Iterable[list[_Found]]:
    """Sales of one list exclude each other; a sale of another list may be the same as either."""
    left = list(found)
    while left:
        group = [left.pop(0)]
        places = set(group[0].places)
        while more := [item for item in left if not places.isdisjoint(item.places)]:
            group += more
            places = places.union(*(item.places for item in more))
            left = [item for item in left if item not in more]
        yield group


def _decide(
    rt: Runtime, uow: UnitOfWork, competing: Sequence[_Found], others: Sequence[_Found]
) -> tuple[list[str], _Pairs, _Pairs]:
    """What changed, the one that is the same sale, and those that a person has to look at."""
    free = [item for item in competing if item.rival is None]
    choice = choose([(item, item.comparison) for item in (*free, *others)])
    asked: _Pairs = [(item.target, comparison) for item, comparison in choice.asked]
    same: _Pairs = [(choice.same[0].target, choice.same[1])] if choice.same is not None else []
    taken = [(item, item.rival) for item in competing if item.rival is not None]
    changed: list[str] = []
    for item, rival in taken:
        if rival.invoice.id in partners_by_person(uow, item.target) and not item.comparison.by_guid:
            # A person said which one it is: one that is only alike is not asked about any more.
            continue
        parted, wins = _contest(rt, uow, item.target, rival, item.comparison)
        changed += parted
        pair = (item.target, item.comparison)
        if wins and not same and not asked and len(taken) == 1:
            same = [pair]
        else:
            asked.append(pair)
    return (changed, [], asked + same) if asked else (changed, same, [])


def _of_one_sale(row: InvoiceRow, same: _Pairs) -> _Pairs:
    """With a paper at hand each is judged by it; without one they all have to be alike."""
    papers = [pair for pair in same if pair[0].invoice.from_accounting]
    if row.invoice.from_accounting or len(same) < 2:
        return same
    if papers:
        return papers if len(papers) == 1 else []
    likes = (compare(one.invoice, other.invoice) for one, _ in same for other, _ in same if one is not other)
    return same if all(item.likeness is Likeness.SAME for item in likes) else []


def _ids(members: Iterable[InvoiceRow]) -> set[str]:
    return {member.invoice.id for member in members}


def _contest(
    rt: Runtime, uow: UnitOfWork, target: InvoiceRow, rival: InvoiceRow, found: Comparison
) -> tuple[list[str], bool]:
    """A second invoice of one system fits as well as the one that joined: the machine takes its word back.

    Returns:
        what changed, and whether the second fits better.
    """
    known = compare(rival.invoice, target.invoice)
    links = uow.sales.links(rival.invoice.id)
    by_person = any(link.state is LinkState.JOINED and link.decided_by != AUTO for link in links)
    stays, comes = (known.by_guid, -known.weight), (found.by_guid, -found.weight)
    if stays > comes or by_person or found.likeness is not Likeness.SAME or uow.matches.of_invoice(target.sale_id):
        return [], False
    changed = part(rt, uow, rival if rival.main_id is not None else target)
    _note(rt, uow, rival, target, LinkState.ASKED, known)
    return changed, comes > stays


def _candidates(uow: UnitOfWork, row: InvoiceRow) -> Iterable[list[InvoiceRow]]:
    """The sales that may be the same, each as its living members."""
    keys = invoice_keys(row.invoice)
    numbers = [key for key in keys if key.startswith("n:")]
    sums = [key for key in keys if key.startswith(("ca:", "na:"))]
    found: list[Invoice] = [*uow.invoices.by_keys(numbers), *uow.invoices.by_few(sums, _FEW)]
    sales = {invoice.id for invoice in found}
    if row.invoice.guid is not None:
        others = (key for key in uow.sales.by_guid(row.invoice.guid) if key != row.invoice.id)
        known = map(uow.sales.alone, others)
        sales |= {other.sale_id for other in known if other is not None}
    for sale in sorted(sales - {row.sale_id}):
        members = [member for member in uow.sales.members(sale) if not member.removed]
        if (members and place_of(members[0]) != place_of(row)) or len(members) > 1:
            yield members


def _speaker(members: Sequence[InvoiceRow]) -> InvoiceRow:
    """The accounting system's document, whose number and sum count; else the one that stands for the sale."""
    return min(members, key=lambda item: (not item.invoice.from_accounting, item.main_id is not None, item.invoice.id))


def _drop_questions(uow: UnitOfWork, invoice_id: str, but: Collection[str] = ()) -> list[str]:
    """Questions about the invoice that are none any more; returns with whom."""
    others = []
    for link in uow.sales.links(invoice_id):
        if _asks(link) and {link.left, link.right}.isdisjoint(but):
            uow.sales.drop(link.kind, link.left, link.right)
            others.append(link.right if link.left == invoice_id else link.left)
    return others


def _note(
    rt: Runtime,
    uow: UnitOfWork,
    row: InvoiceRow,
    other: InvoiceRow,
    state: LinkState,
    found: Comparison,
    *besides: str,
    decided_by: str = AUTO,
) -> None:
    left, right = sorted((row.invoice.id, other.invoice.id))
    traits = (*sorted(trait.value for trait in found.traits), *besides)
    for known in uow.sales.links(left):
        if (known.kind, known.right, known.state, known.traits) == (LinkKind.INVOICE, right, state, traits):
            return
    uow.sales.keep(SaleLink(LinkKind.INVOICE, left, right, state, decided_by, traits, rt.clock.now()))
    event = "sale.joined" if state is LinkState.JOINED else "sale.asked"
    data = {"with": other.invoice.id, "differs": list(traits), "by_guid": found.by_guid}
    _tell(rt, uow, event, row.invoice.id, data, decided_by)


def _tell(rt: Runtime, uow: UnitOfWork, event: str, subject: str, data: dict[str, object], actor: str = AUTO) -> None:
    uow.audit.append(AuditEntry(event, "hub" if actor == AUTO else actor, subject, data), rt.clock.now())

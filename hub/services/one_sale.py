"""One sale, one invoice: what a CRM and the accounting system keep of one sale is put together, or asked about.

Looked at whenever an invoice changes: it joins the one invoice of another system that is the same sale, leaves it where
it is not any more, and waits for a person where the law (`hub.domain.one_sale`) cannot tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from hub.domain.matching import invoice_keys
from hub.domain.models import Invoice
from hub.domain.one_sale import Choice, Comparison, Likeness, choose, compare
from hub.ports.records import AUTO, AuditEntry, InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import UnitOfWork
from hub.services.plan_effects import plan_again
from hub.services.runtime import Runtime

#: Keys of a client and its open sum lead to few, or they tell nothing.
_FEW: Final = 20
#: A payment was given to both before anybody knew that they are one.
BOTH_PAID: Final = "both_paid"


def settle_sale(rt: Runtime, uow: UnitOfWork, invoice_id: str) -> list[str]:
    """Look for the sale of an invoice that is new or has changed; returns the sales whose keys change with it."""
    row = uow.sales.alone(invoice_id)
    if row is None or row.removed:
        return [invoice_id]
    changed = [row.sale_id]
    if row.main_id is not None or row.has_copies:
        against = _contradictions(uow, row)
        if not against:
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
        if link.kind is LinkKind.INVOICE and link.state is LinkState.ASKED:
            uow.sales.drop(link.kind, link.left, link.right)
            changed += settle_sale(rt, uow, link.right if link.left == invoice_id else link.left)
    return list(dict.fromkeys(changed))


def join(
    rt: Runtime, uow: UnitOfWork, row: InvoiceRow, other: InvoiceRow, found: Comparison, decided_by: str = AUTO
) -> list[str]:
    """Make two invoices, each as its system has it, one sale; returns what changed. Nothing where both are paid."""
    sales = (row.sale_id, other.sale_id)
    if sales[0] == sales[1]:
        # They are one already, and were asked about since.
        _note(rt, uow, row, other, LinkState.JOINED, found, decided_by=decided_by)
        return [sales[0]]
    paid = [sale for sale in sales if uow.matches.of_invoice(sale)]
    if len(paid) > 1:
        _note(rt, uow, row, other, LinkState.ASKED, found, BOTH_PAID)
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


def _contradictions(uow: UnitOfWork, row: InvoiceRow) -> list[tuple[InvoiceRow, Comparison]]:
    by_person = partners_by_person(uow, row)
    others = [
        member
        for member in uow.sales.members(row.sale_id)
        if member.invoice.id != row.invoice.id and not member.removed and member.invoice.id not in by_person
    ]
    found = ((other, compare(row.invoice, other.invoice)) for other in others)
    return [(other, comparison) for other, comparison in found if comparison.likeness is Likeness.OTHER]


def _seek(rt: Runtime, uow: UnitOfWork, row: InvoiceRow) -> list[str]:
    denied = {
        link.right if link.left == row.invoice.id else link.left
        for link in uow.sales.links(row.invoice.id)
        if link.state is LinkState.APART
    }
    free: list[tuple[InvoiceRow, Comparison]] = []
    taken: list[tuple[InvoiceRow, InvoiceRow, Comparison]] = []
    for members in _candidates(uow, row):
        target = _speaker(members)
        found = compare(row.invoice, target.invoice)
        if not denied.isdisjoint(member.invoice.id for member in members):
            continue
        rival = next((member for member in members if place_of(member) == place_of(row)), None)
        if rival is None:
            free.append((target, found))
        elif rival is not target and found.likeness is not Likeness.OTHER:
            taken.append((target, rival, found))
    return _settle(rt, uow, row, choose(free), taken)


def _settle(
    rt: Runtime,
    uow: UnitOfWork,
    row: InvoiceRow,
    choice: Choice[InvoiceRow],
    taken: Sequence[tuple[InvoiceRow, InvoiceRow, Comparison]],
) -> list[str]:
    changed: list[str] = []
    asked = list(choice.asked)
    same = choice.same
    for target, rival, found in taken:
        if rival.invoice.id in partners_by_person(uow, target) and not found.by_guid:
            # A person said which one it is: one that is only alike is not asked about any more.
            continue
        parted, wins = _contest(rt, uow, target, rival, found)
        changed += parted
        if wins and same is None and len(taken) == 1:
            same = (target, found)
        else:
            asked.append((target, found))
    if same is not None and not asked:
        return changed + join(rt, uow, row, *same)
    if same is not None:
        asked.append(same)
    _drop_questions(uow, row.invoice.id, but={other.invoice.id for other, _ in asked})
    for other, found in asked:
        _note(rt, uow, row, other, LinkState.ASKED, found)
    return changed


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
        known = (uow.sales.alone(invoice_id) for invoice_id in uow.sales.by_guid(row.invoice.guid))
        sales |= {other.sale_id for other in known if other is not None}
    for sale in sorted(sales - {row.sale_id}):
        members = [member for member in uow.sales.members(sale) if not member.removed]
        if (members and place_of(members[0]) != place_of(row)) or len(members) > 1:
            yield members


def _speaker(members: Sequence[InvoiceRow]) -> InvoiceRow:
    """The accounting system's document, whose number and sum count; else the one that stands for the sale."""
    return min(members, key=lambda item: (not item.invoice.from_accounting, item.main_id is not None, item.invoice.id))


def _drop_questions(uow: UnitOfWork, invoice_id: str, but: Collection[str] = ()) -> None:
    for link in uow.sales.links(invoice_id):
        is_question = link.kind is LinkKind.INVOICE and link.state is LinkState.ASKED
        if is_question and {link.left, link.right}.isdisjoint(but):
            uow.sales.drop(link.kind, link.left, link.right)


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

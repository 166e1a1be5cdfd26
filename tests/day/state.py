"""The state in which a day ended, without what says only when or by which door something became known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select

from hub.ports.records import EffectState, InboxKind, PaymentRow
from hub.ports.store import UnitOfWork
from hub.store import tables as t
from hub.store.outbox_rows import read_effects
from tests.day.seeds import AMO, OURS, PORTAL
from tests.day.world import World
from tests.support.rows import iter_payments

Counted = Counter[tuple[Any, ...]]


@dataclass(frozen=True)
class DayEnd:
    """What must not depend on what became of the hooks.

    Attributes:
        payments: what the banks show: the money, where it stands, what it was given to, the kinds of its sources.
        deals: stage and sum of every deal of both CRMs; `invoices` likewise with their marks.
        asks: effects that wait for a person.
        writes: ours that took effect in the CRMs, by kind and subject.
        known: deals and invoices as the hub has them; what was made and deleted while it slept it never heard of.
    """

    payments: Counted
    deals: Counted
    invoices: Counted
    asks: Counted
    writes: Counted
    known: Counted

    def differences(self, other: DayEnd) -> list[str]:
        """What one has and the other has not, in words; nothing where they are one."""
        return [
            f"{item.name}: {sign}{count} {row}"
            for item in fields(self)
            for sign, left, right in (("-", self, other), ("+", other, self))
            for row, count in sorted((getattr(left, item.name) - getattr(right, item.name)).items(), key=repr)
        ]


def day_end(world: World) -> DayEnd:
    """The state now."""
    with world.rt.store.read() as uow:
        payments = Counter(_payment(uow, row) for row in iter_payments(uow) if not _never_was(uow, row))
    return DayEnd(
        payments, _deals(world), _invoices(world), Counter(_asks(world)), Counter(_writes(world)), _known(world)
    )


def doubled_writes(world: World) -> list[str]:
    """Writes of ours that were made twice, or that changed nothing."""
    counted = Counter(_writes(world, whole=True))
    calls = [row for log in _logs(world) for row in log.write_log.calls() if row.user_id == OURS]
    idle = [f"{row.method} {row.entity_type} {row.entity_id}" for row in calls if row.no_op or not row.applied]
    return [*(f"{count} × {row}" for row, count in counted.items() if count > 1), *idle]


def _never_was(uow: UnitOfWork, row: PaymentRow) -> bool:
    """Money that its bank took back before anybody did anything with it: a hub that slept has never heard of it."""
    return row.vanished_in is not None and not uow.matches.of_payment(row.payment.id)


def _payment(uow: UnitOfWork, row: PaymentRow) -> tuple[Any, ...]:
    payment, decision = row.payment, row.decision
    kinds = {found.kind for number in row.inbox_ids if (found := uow.inbox.get(number)) is not None}
    given = sorted((match.invoice_id, str(match.amount)) for match in uow.matches.of_payment(payment.id))
    return (
        payment.direction.value,
        str(payment.amount),
        payment.booked_on.isoformat(),
        payment.document_number,
        payment.purpose,
        (payment.payer.account, payment.payer.tax_id),
        (payment.payee.account, payment.payee.tax_id),
        tuple(sorted(kind.value for kind in kinds - {InboxKind.HOOK})),
        row.state.value,
        row.held,
        row.vanished_in is not None,
        (decision.kind.value, decision.code) if decision is not None else None,
        tuple(given),
    )


def _deals(world: World) -> Counted:
    portal = (
        (PORTAL, str(row["id"]), str(row["categoryId"]), str(row["stageId"]), str(row["opportunity"]))
        for row in world.outside.portal.control.deals()
    )
    account = (
        (AMO, str(row["id"]), str(row["pipeline_id"]), str(row["status_id"]), str(row["price"]))
        for row in world.outside.account.control.leads()
    )
    return Counter([*portal, *account])


def _invoices(world: World) -> Counted:
    control = world.outside.account.control
    portal = ((PORTAL, str(row["id"]), str(row["stageId"])) for row in world.outside.portal.control.invoices())
    account = (
        (AMO, str(row["id"]), str(control.value("catalog_elements", int(str(row["id"])), "BILL_STATUS")))
        for row in control.invoices()
    )
    return Counter([*portal, *account])


def _asks(world: World) -> Iterator[tuple[Any, ...]]:
    with world.database.read() as connection:
        effects = read_effects(connection, t.outbox.c.state == EffectState.PARKED)
    for row in effects:
        outcome = (row.result or {}).get("outcome")
        yield row.connection, row.kind.value, row.subject, outcome, row.reason


def _logs(world: World) -> tuple[Any, Any]:
    return world.outside.portal.control, world.outside.account.control


def _writes(world: World, *, whole: bool = False) -> Iterator[tuple[Any, ...]]:
    """Kind and subject; `whole` tells what was written too, which names each write."""
    for name, control in zip((PORTAL, AMO), _logs(world), strict=True):
        for row in control.write_log.effects():
            if row.user_id == OURS and row.source in ("rest", "late"):
                told = (repr(row.changed),) if whole else ()
                subject = row.owner or f"{row.entity_type}:{row.entity_id}"
                yield name, row.entity_type, subject, tuple(sorted(row.changed)), *told


def _known(world: World) -> Counted:
    with world.database.read() as connection:
        deals = connection.execute(select(t.deals.c.connection, t.deals.c.external_id)).all()
        invoices = connection.execute(select(t.invoices.c.connection, t.invoices.c.external_id)).all()
    found: Counted = Counter()
    with world.rt.store.read() as uow:
        for connection_id, number in deals:
            row = uow.deals.get(f"{connection_id}/{number}")
            assert row is not None
            deal = row.deal
            if not row.removed:
                found["deal", row.id, deal.title, deal.stage_id, deal.client_id, str(deal.amount)] += 1
        for connection_id, number in invoices:
            kept = uow.invoices.get(f"{connection_id}/{number}")
            assert kept is not None
            invoice = kept.invoice
            told = (invoice.number, str(invoice.amount), str(invoice.paid), invoice.status.value)
            if not kept.removed:
                found["invoice", invoice.id, *told, *sorted(invoice.deals)] += 1
    return found

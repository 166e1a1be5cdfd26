"""A person who confirms a candidate may have the hub remember for whom that payer pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.domain.decision import Aspect, Candidate
from hub.domain.matching import MatchContext
from hub.domain.matching.aliases import alias_fault, alias_target
from hub.domain.matching.verdicts import ClientVerdict
from hub.domain.models import Client, Direction, Invoice, Payment
from hub.ports.store import UnitOfWork
from hub.services.aliases import CannotAlias, is_recorded, record_alias
from hub.services.runtime import Runtime

#: What a candidate says of its client where confirming it tells something new of the payer.
_TELLING: Final = frozenset(
    {
        ClientVerdict.PAYS_FOR_OTHER,
        ClientVerdict.THIRD_PARTY,
        ClientVerdict.CONTRADICTS,
        ClientVerdict.NAME_DIFFERS,
        ClientVerdict.UNKNOWN,
    }
)


def offered_client(
    uow: UnitOfWork, payment: Payment, candidate: Candidate, invoices: Sequence[Invoice], context: MatchContext
) -> Client | None:
    """For which client the payer may be remembered when this candidate is confirmed; None for nobody.

    Args:
        invoices: those of the candidate.
    """
    verdicts = {item.verdict for item in candidate.evidence if item.aspect is Aspect.CLIENT}
    client = _one_client(invoices)
    if client is None or payment.direction is not Direction.IN or verdicts.isdisjoint(_TELLING):
        return None
    if alias_fault(payment.payer, client, context) is not None or is_recorded(uow, payment.payer, client):
        return None
    return client


def remember_payer(rt: Runtime, uow: UnitOfWork, payment: Payment, candidate: Candidate, actor: str) -> None:
    """Record in the transaction of a confirmation that the payer pays for the candidate's client.

    Raises:
        CannotAlias: this candidate offers nobody any more.
    """
    rows = [row for key in candidate.invoices if (row := uow.invoices.get(key)) is not None]
    context = rt.match_context(uow.clients.own_tax_ids())
    client = offered_client(uow, payment, candidate, [row.invoice for row in rows], context)
    if client is None:
        raise CannotAlias("Запомнить плательщика по этому варианту нельзя: посмотрите варианты ещё раз.")
    record_alias(rt, uow, payment.payer, client, actor, payment_id=payment.id)


def _one_client(invoices: Sequence[Invoice]) -> Client | None:
    """The client of them all; None where one has none, or there are two."""
    clients = [invoice.client for invoice in invoices]
    targets = {None if client is None else alias_target(client) for client in clients}
    return clients[0] if len(targets) == 1 else None

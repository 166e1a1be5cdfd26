"""The tick under a candidate: for whom the payer may be remembered to pay, in words that tell both apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.domain.matching.context import telling
from hub.domain.models import Client, Party
from hub.ports.records import PaymentState
from hub.services.remember_payer import offered_client
from hub.services.runtime import Runtime
from hub.store.queries import PaymentCard
from hub.web.locale import Words
from hub.web.rendering import account_text


@dataclass(frozen=True, slots=True)
class Remember:
    """Who would be remembered to pay for whom."""

    payer: str
    client: str


def offers(rt: Runtime, card: PaymentCard, say: Words) -> Sequence[Remember | None]:
    """For each candidate of a payment that waits for a person what its tick says; None where there is none."""
    row = card.row
    if row.state is not PaymentState.NEEDS_YOU or row.decision is None:
        return ()
    with rt.store.read() as uow:
        context = rt.match_context(uow.clients.own_tax_ids())
        clients = []
        for candidate in row.decision.candidates:
            invoices = [card.invoices[key].invoice for key in candidate.invoices if key in card.invoices]
            clients.append(offered_client(uow, row.payment, candidate, invoices, context))
    return [None if client is None else _words(row.payment.payer, client, say) for client in clients]


def _words(payer: Party, client: Client, say: Words) -> Remember:
    """Names alone may be namesakes'."""
    return Remember(
        payer=_told(payer.name, telling(payer.tax_id), payer.account, say),
        client=_told(next(iter(client.names), None), client.main_tax_id, None, say),
    )


def _told(name: str | None, tax_id: str | None, account: str | None, say: Words) -> str:
    requisite = say("счёт {account}", account=account_text(account)) if account else ""
    requisite = say("ИНН {tax_id}", tax_id=tax_id) if tax_id else requisite
    if name and requisite:
        return f"{name} ({requisite})"
    return name or requisite or say("без названия")

"""What the matcher is told of aliases before it decides, and what is noted of them once it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hub.domain.decision import Decision
from hub.domain.matching import MatchContext, alias_keys
from hub.domain.matching.aliases import alias_word
from hub.domain.matching.context import AliasWord, payer_of
from hub.domain.models import Payment
from hub.ports.store import UnitOfWork
from hub.services.runtime import Runtime


def deciding_context(rt: Runtime, uow: UnitOfWork, payments: Iterable[Payment]) -> MatchContext:
    """The matcher's context for these payments: the company's settings, and who pays for whom by a person's word."""
    context = rt.match_context(uow.clients.own_tax_ids())
    rows = uow.aliases.active({key for payment in payments for key in alias_keys(payment.counterparty)})
    targets: dict[str, frozenset[str]] = {}
    words: dict[tuple[str, str], AliasWord] = {}
    for row in rows:
        key, target = row.said.payer_key, row.said.target
        targets[key] = targets.get(key, frozenset()) | {target}
        words[key, target] = AliasWord(row.id, row.said.author, row.made_at.astimezone(rt.upkeep.watch.zone).date())
    return replace(context, aliases=targets, alias_words=words) if rows else context


def note_alias(uow: UnitOfWork, payment: Payment, decision: Decision, context: MatchContext) -> None:
    """Keep by which alias the machine knew the client of what it gave out, if by any."""
    payer = payer_of(payment, context)
    if payer.alias_key is None:
        return
    for item in decision.allocations:
        row = uow.invoices.get(item.invoice_id)
        word = alias_word(payer, row.invoice.client, context) if row is not None else None
        if word is not None:
            uow.aliases.used(word.number, payment.id)

"""What the matcher is told of aliases and of our numbers before it decides, and what is noted of aliases after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from hub.domain.decision import Decision
from hub.domain.matching import MatchContext, alias_keys
from hub.domain.matching.aliases import alias_word
from hub.domain.matching.context import AliasWord, payer_of
from hub.domain.matching.shapes import NumberShapes, Shape
from hub.domain.models import Payment
from hub.ports.store import UnitOfWork
from hub.services.runtime import Runtime


def deciding_context(rt: Runtime, uow: UnitOfWork, payments: Iterable[Payment]) -> MatchContext:
    """The matcher's context for these payments: the company's settings, how it numbers, and who pays for whom."""
    context = replace(rt.match_context(uow.clients.own_tax_ids()), shapes=_learned(uow.number_shapes.all()))
    rows = uow.aliases.active({key for payment in payments for key in alias_keys(payment.counterparty)})
    targets: dict[str, frozenset[str]] = {}
    words: dict[tuple[str, str], AliasWord] = {}
    for row in rows:
        key, target = row.said.payer_key, row.said.target
        targets[key] = targets.get(key, frozenset()) | {target}
        words[key, target] = AliasWord(row.id, row.said.author, row.made_at.astimezone(rt.upkeep.watch.zone).date())
    return replace(context, aliases=targets, alias_words=words) if rows else context


@lru_cache(maxsize=4)
def _learned(shapes: tuple[Shape, ...]) -> NumberShapes:
    return NumberShapes(shapes)


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

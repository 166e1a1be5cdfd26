"""Changes of one page put in order: what was read last of an item is what counts."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.models import Client, Deal, Invoice
from hub.ports.crm import Binding, Change, ItemKind, Removed


def latest(changes: Iterable[Change]) -> tuple[Change, ...]:
    """One change per item, the one that was read last: a removal must not stand beside what came after it."""
    return tuple({_key(change): change for change in changes}.values())


def _key(change: Change) -> tuple[type, ItemKind, str]:
    match change:
        case Removed():
            return object, change.kind, change.id
        case Deal():
            return object, ItemKind.DEAL, change.id
        case Invoice():
            return object, ItemKind.INVOICE, change.id
        case Client():
            return object, ItemKind.CLIENT, change.id
        case Binding():
            return Binding, ItemKind.DEAL, change.deal_id

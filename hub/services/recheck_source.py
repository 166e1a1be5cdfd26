"""Ask a CRM about what the hub holds open: deletions, merges and losses that neither a list nor an event told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from hub.ports.crm import Change, CrmPort, ItemKind, Rechecked, Removed
from hub.ports.store import UnitOfWork
from hub.services.apply_changes import apply_in, in_bites
from hub.services.runtime import Runtime

_log = structlog.get_logger(__name__)
#: Where a walk stands: `kind/last id`, "" between two of them.
PLACE: Final = "recheck"
_EVERY_S: Final = 24 * 3600.0
_AT_ONCE: Final = 50
#: So many requests' worth in one poll: a walk over 100 000 items takes a night, and no poll is held up by it.
_BITES: Final = 2
_MANY: Final = 3
# A client that is gone takes nothing along, a deal its invoices' bond, an invoice the payment's answer.
_ORDER: Final = (ItemKind.CLIENT, ItemKind.DEAL, ItemKind.INVOICE)


def recheck_source(rt: Runtime, connection: str, crm: CrmPort, renew: Callable[[UnitOfWork], bool]) -> int:
    """A piece of the nightly walk over open deals, open invoices and clients; returns how many items changed.

    Args:
        renew: keeps the poll's turn; what was read after losing it is not applied.

    Raises:
        ConnectorError: the CRM could not answer; the walk goes on from here another time.
    """
    if not isinstance(crm, Rechecked):
        return 0
    changed = 0
    place = _begun(rt, connection)
    for _ in range(_BITES if place else 0):
        kind, _, after = place.partition("/")
        ids = _held(rt, connection, ItemKind(kind), after)
        found = _believed(connection, crm.recheck(ItemKind(kind), ids), ItemKind(kind), ids) if ids else ()
        for bite in in_bites(found):
            with rt.store.write() as uow:
                if not renew(uow):
                    return changed
                changed += apply_in(rt, uow, connection, bite)
        place = f"{kind}/{ids[-1]}" if len(ids) == _AT_ONCE else _next(ItemKind(kind))
        with rt.store.write() as uow:
            uow.cursors.put(connection, PLACE, place)
        if not place:
            break
    return changed


def _believed(connection: str, found: Sequence[Change], kind: ItemKind, ids: Sequence[str]) -> Sequence[Change]:
    """Nothing at all where every one of many is said to be gone: a right that was taken from us looks the same."""
    gone = {item.id for item in found if isinstance(item, Removed) and item.kind is kind}
    if len(ids) < _MANY or not gone.issuperset(ids):
        return found
    _log.warning("recheck.not_believed", connection=connection, kind=kind.value, items=len(ids))
    return ()


def _begun(rt: Runtime, connection: str) -> str:
    """Where the walk stands; a new one begins once a day, the first a day after everything was read."""
    with rt.store.write() as uow:
        place = uow.cursors.get(connection, PLACE)
        if place:
            return place
        due = uow.switches.due_run(f"recheck:{connection}", rt.clock.now(), _EVERY_S)
        if place is None:
            uow.cursors.put(connection, PLACE, "")
        elif due:
            place = f"{_ORDER[0].value}/"
            uow.cursors.put(connection, PLACE, place)
    return place or ""


def _next(kind: ItemKind) -> str:
    following = _ORDER[_ORDER.index(kind) + 1 :]
    return f"{following[0].value}/" if following else ""


def _held(rt: Runtime, connection: str, kind: ItemKind, after: str) -> list[str]:
    with rt.store.read() as uow:
        held = {ItemKind.CLIENT: uow.clients.held, ItemKind.DEAL: uow.deals.held, ItemKind.INVOICE: uow.invoices.held}
        return held[kind](connection, after, _AT_ONCE)

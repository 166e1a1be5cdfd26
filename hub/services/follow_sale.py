"""What follows when sales were joined or parted: keys, payments that wait under them, deals of documents."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.matching import invoice_keys
from hub.ports.store import UnitOfWork
from hub.services.find_deal import find_deal, give_way
from hub.services.plan_fills import plan_fills_of
from hub.services.runtime import Runtime


def follow_sale(rt: Runtime, uow: UnitOfWork, invoice_id: str, changed: Iterable[str]) -> None:
    """Keys of an invoice and of whatever is one sale with it, and the deals that a paper belongs to.

    Args:
        changed: what `settle_sale`, `join` and `part` say that changed with it.
    """
    sales = list(dict.fromkeys((*changed, invoice_id)))
    for key in sales:
        rekey(uow, key)
    give_way(rt, uow, invoice_id)
    # A paper that another one's change parted has no deal by its twin any more.
    find_deal(rt, uow, *sales)
    plan_fills_of(rt, uow, sales)


def rekey(uow: UnitOfWork, invoice_id: str) -> None:
    """The keys of an invoice are made anew, and payments that wait under them are looked at again; a copy has none."""
    row = uow.invoices.get(invoice_id)
    if row is None or row.main_id is not None:
        return
    keys = invoice_keys(row.invoice)
    uow.invoices.rekey(invoice_id, keys)
    uow.payments.reopen_by_keys(keys)

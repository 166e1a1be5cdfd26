"""Before a deal is moved: the invoices that the money paid are looked at once more, as the deal itself is."""

from __future__ import annotations

from hub.domain.errors import Gone
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import InvoiceRow
from hub.services.apply_changes import apply_in
from hub.services.delivery import Delivery


def deleted_invoice(delivery: Delivery) -> InvoiceRow | None:
    """An invoice of this deal, paid by this money, that is deleted; from now on the hub knows it.

    Some systems tell of a deletion by a hook alone, and a hook may be lost: till the night's walk nobody else would
    find out that what was matched is not there any more.

    Raises:
        ConnectorError: an invoice could not be looked at.
    """
    for row in _paid(delivery):
        if row.removed or not _is_there(delivery, row):
            return row
    return None


def _paid(delivery: Delivery) -> list[InvoiceRow]:
    """Invoices that the payment was given to, of this system and bound to this deal."""
    deal = delivery.row.subject
    with delivery.rt.store.read() as uow:
        matched = {row.invoice_id for row in uow.matches.of_payment(delivery.row.payment_id)}
        rows = [row for key in sorted(matched) if (row := uow.invoices.get(key)) is not None]
    return [row for row in rows if row.connection == delivery.row.connection and deal in row.invoice.deals]


def _is_there(delivery: Delivery, row: InvoiceRow) -> bool:
    try:
        delivery.crm.invoice_position(row.external_id)
    except Gone:
        removed = Removed(ItemKind.INVOICE, row.external_id)
        with delivery.rt.store.write() as uow:
            apply_in(delivery.rt, uow, row.connection, [removed])
        return False
    return True

"""What people call the systems that keep invoices, and an invoice as each of them keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.domain.wording import date_text
from hub.ports.records import LISTS, InvoiceRow
from hub.services.runtime import Runtime
from hub.web.locale import Words

_TITLES: Final = {"accounting_1c": "1С", "amocrm": "amoCRM", "bitrix24": "Битрикс24"}


def system_name(rt: Runtime, connection: str, say: Words) -> str:
    """The system behind a connection; of several of one kind each with its name."""
    if connection == LISTS:
        return say("Список из файла")
    settings = rt.connections.get(connection)
    if settings is None or settings.system not in _TITLES:
        return connection
    title = say(_TITLES[settings.system])
    alike = [other for other in rt.connections.values() if other.system == settings.system]
    return title if len(alike) == 1 else f"{title} «{connection}»"


def kept_by(rt: Runtime, members: Iterable[InvoiceRow], say: Words) -> str:
    """One sale as every system keeps it: `1С № АБ00-000071 от 01.03.2026 · Битрикс24 № 71`."""
    return " · ".join(_kept(rt, row, say) for row in members)


def _kept(rt: Runtime, row: InvoiceRow, say: Words) -> str:
    system, invoice = system_name(rt, row.connection, say), row.invoice
    if not invoice.number:
        return say("{system}: счёт сделки", system=system)
    dated = " " + say("от {date}", date=date_text(invoice.issued_on)) if invoice.issued_on else ""
    return f"{system} № {invoice.number}{dated}"

"""A plainly written invoice line to an invoice, in a fraction of the time that the full reading takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.domain.models import Client, Invoice, InvoiceStatus, Reference
from hub.domain.money import Money
from hub.match_lines import FieldFault, Json, JsonObject, client_from, reference_kind
from hub.match_quick import UnplainError, client_texts, day_of, is_in_roubles, minor_of, text_of

_CLIENTS_KEPT: Final = 1 << 15
_ROUBLES: Final = "RUB"
_NOTHING: Final = Money.zero(_ROUBLES)
_STATUSES: Final[dict[str | None, InvoiceStatus]] = {None: InvoiceStatus.OPEN} | {
    item.value: item for item in InvoiceStatus
}


class PlainInvoices:
    """Makes invoices of plain lines; one client is one object however many lines name it."""

    def __init__(self) -> None:
        self._clients: dict[tuple[Json, ...], Client | None] = {}

    def read(self, line: JsonObject) -> Invoice:
        """The invoice of a line, the same as the full reading makes.

        Raises:
            UnplainError: something in it is unusual, or wrong.
        """
        get = line.get
        identity, status, deal = text_of(get("id")), get("status"), text_of(get("deal"))
        amount = _money(get("amount"))
        if identity is None or not amount or not is_in_roubles(line):
            raise UnplainError
        if not (status is None or isinstance(status, str)) or status not in _STATUSES:
            raise UnplainError
        return Invoice(
            id=identity,
            number=text_of(get("number")),
            issued_on=day_of(get("issued_on")),
            due_on=day_of(get("due_on")),
            amount=amount,
            paid=_NOTHING if get("paid") is None else _money(get("paid")),
            status=_STATUSES[status],
            client=self._client(line),
            organisation_tax_id=text_of(get("organisation_tax_id")),
            deals=() if deal is None else (deal,),
            references=_references(get("references")),
        )

    def _client(self, line: JsonObject) -> Client | None:
        if line.get("client") is None:
            return None
        texts = client_texts(line)
        if texts is None:
            raise UnplainError
        if texts not in self._clients:
            if len(self._clients) >= _CLIENTS_KEPT:
                self._clients.clear()
            try:
                self._clients[texts] = client_from(line)
            except FieldFault:
                raise UnplainError from None
        return self._clients[texts]


def _money(value: Json) -> Money:
    minor_of(value)
    return Money(Decimal(str(value)), _ROUBLES)


def _references(written: Json) -> tuple[Reference, ...]:
    if written is None:
        return ()
    if not isinstance(written, list):
        raise UnplainError
    return tuple([_reference(item) for item in written])


def _reference(item: Json) -> Reference:
    if not isinstance(item, dict):
        raise UnplainError
    kind = reference_kind(text_of(item.get("kind")))
    return Reference(kind, text_of(item.get("number")), day_of(item.get("date")))

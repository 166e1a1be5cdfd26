"""What 1C says of the money of invoices: rows of posted payments that name them, and the register of states."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.links import link_to, linked, state_key
from connectors.accounting_1c.lookup import REF, Lookup
from connectors.accounting_1c.mapper import PaidPart, PaidState, amount_of_row, is_in_force
from connectors.accounting_1c.names import Base
from connectors.accounting_1c.values import NO_REFERENCE, day_of, reference_of, text_of
from connectors.shared.jsontypes import JsonObject
from hub.domain.errors import Gone


class PaidStates:
    """Reads the states of invoices, many at a time."""

    def __init__(self, client: OdataClient, directory: Directory, lookup: Lookup) -> None:
        self._client = client
        self._directory = directory
        self._lookup = lookup

    def of(self, invoices: Mapping[str, str | None]) -> Mapping[str, PaidState]:
        """The state of each, by invoice; every one comes with its organisation, a part of the register's key."""
        if not invoices:
            return {}
        base = self._directory.base()
        parts = self._parts(base, invoices)
        statuses = self._statuses(base, invoices) if self._directory.casts() else self._one_by_one(base, invoices)
        return {item: PaidState(tuple(parts.get(item, ())), statuses.get(item)) for item in invoices}

    def _parts(self, base: Base, invoices: Collection[str]) -> dict[str, list[PaidPart]]:
        of, target = base.payment_rows, base.invoices.set
        conditions = [link_to(of, "link", invoice, target) for invoice in sorted(invoices)]
        rows = list(self._lookup.where(of, conditions, REF, "LineNumber"))
        payments = {reference for row in rows if (reference := reference_of(row.get(REF))) is not None}
        headers = self._lookup.by_reference(base.payments, payments, "Posted", "DeletionMark")
        found: dict[str, list[PaidPart]] = {}
        for row in rows:
            header = headers.get(reference_of(row.get(REF)) or "")
            invoice = linked(of, row, "link", target)
            if invoice is None or header is None or not counts(base, header):
                continue
            on = day_of(header.get(base.payments["date"]))
            if on is not None:
                found.setdefault(invoice, []).append(PaidPart(amount_of_row(of, row), on))
        return found

    def _statuses(self, base: Base, invoices: Collection[str]) -> dict[str, str]:
        of = base.statuses
        if of is None:
            return {}
        target = base.invoices.set
        conditions = [link_to(of, "document", invoice, target) for invoice in sorted(invoices)]
        rows = self._lookup.records(of, conditions)
        found = ((linked(of, row, "document", target), text_of(row.get(of["status"]))) for row in rows)
        return {invoice: status for invoice, status in found if invoice is not None and status}

    def _one_by_one(self, base: Base, invoices: Mapping[str, str | None]) -> dict[str, str]:
        """Each record by its whole key: a call an invoice, where the base finds nothing by a composite field."""
        of = base.statuses
        if of is None:
            return {}
        found: dict[str, str] = {}
        for invoice, organisation in invoices.items():
            key = state_key(of, organisation or NO_REFERENCE, invoice, base.invoices.set)
            try:
                found[invoice] = text_of(self._client.entity(of.set, key).get(of["status"]))
            except Gone:
                continue
        return found


def counts(base: Base, header: JsonObject) -> bool:
    """Whether a payment is money: posted, not marked for deletion, and seen by the bank where 1C keeps that apart."""
    done = base.payments.get("bank_done")
    return is_in_force(header) and (done is None or header.get(done) is True)

"""What 1C says of the money of invoices: rows of posted payments that name them, and the register of states.

Of a page of invoices both are asked for by reference; of a whole base both are read list by list, or a base of twenty
thousand invoices would take thousands of requests.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from connectors.accounting_1c import query
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.directory import Directory, Kept
from connectors.accounting_1c.links import link_to, linked, state_key
from connectors.accounting_1c.lookup import HEADER, REF, Lookup
from connectors.accounting_1c.mapper import PaidPart, PaidState, amount_of_row, is_in_force
from connectors.accounting_1c.names import Base
from connectors.accounting_1c.outcomes import NO_RIGHT
from connectors.accounting_1c.values import NO_REFERENCE, day_of, objects_of, reference_of, text_of
from connectors.shared.jsontypes import JsonObject
from hub.domain.errors import Gone, Refused
from hub.ports.state import Clock

_log = logging.getLogger(__name__)
_DAY: Final = timedelta(days=1)
#: So long before its invoice an advance may have come.
_ADVANCE: Final = timedelta(days=366)
#: Lists of a whole base serve the walk that they were read for.
_LISTS_S: Final = 600.0
#: The register holds states of other documents too; a greater one is asked record by record.
_MOST_STATES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Window:
    """Days of documents, both ends included."""

    first: date
    last: date


class PaidStates:
    """Reads the states of invoices, many at a time."""

    def __init__(self, client: OdataClient, directory: Directory, lookup: Lookup, clock: Clock) -> None:
        self._client = client
        self._directory = directory
        self._lookup = lookup
        self._clock = clock
        self._kept_parts: Kept[tuple[Window, Mapping[str, Sequence[PaidPart]]]] | None = None
        self._kept_statuses: Kept[Mapping[str, str] | None] | None = None

    def of(self, invoices: Mapping[str, str | None], whole: Window | None = None) -> Mapping[str, PaidState]:
        """The state of each, by invoice; every one comes with its organisation, a part of the register's key.

        Args:
            whole: days of the documents of a whole base, whose lists are to be read once.
        """
        if not invoices:
            return {}
        base = self._directory.base()
        parts = self._all_parts(base, whole) if whole is not None else self._parts(base, invoices)
        statuses = self._all_statuses(base) if whole is not None else None
        if statuses is None:
            statuses = self._statuses(base, invoices) if self._directory.casts() else self._one_by_one(base, invoices)
        return {item: PaidState(tuple(parts.get(item, ())), statuses.get(item)) for item in invoices}

    # Of a whole base

    def _all_parts(self, base: Base, whole: Window) -> Mapping[str, Sequence[PaidPart]]:
        now = self._clock.monotonic()
        kept = self._kept_parts
        if kept is None or kept.value[0] != whole or now - kept.at >= _LISTS_S:
            kept = self._kept_parts = Kept((whole, self._read_parts(base, whole)), now)
        return kept.value[1]

    def _read_parts(self, base: Base, whole: Window) -> Mapping[str, Sequence[PaidPart]]:
        of, dated = base.payments, base.payments["date"]
        # Money may be older than its invoice: an advance.
        start, end = (datetime.combine(day, time()) for day in (whole.first - _ADVANCE, whole.last + _DAY))
        headers = [dated, *(name for name in (of.get("bank_done"),) if name is not None)]
        options = {
            "$filter": f"{dated} ge {query.moment(start)} and {dated} lt {query.moment(end)}",
            "$orderby": f"{dated},{REF}",
            "$select": query.listed([*HEADER, *headers, base.payment_table]),
        }
        found: dict[str, list[PaidPart]] = {}
        for header in self._lookup.paged(of.set, options):
            on = day_of(header.get(dated))
            if on is None or not counts(base, header):
                continue
            for row in objects_of(header.get(base.payment_table)):
                invoice = linked(base.payment_rows, row, "link", base.invoices.set)
                if invoice is not None:
                    found.setdefault(invoice, []).append(PaidPart(amount_of_row(base.payment_rows, row), on))
        return found

    def _all_statuses(self, base: Base) -> Mapping[str, str] | None:
        """None where the register cannot be read as a whole: then each record is asked for."""
        now, kept = self._clock.monotonic(), self._kept_statuses
        if kept is None or now - kept.at >= _LISTS_S:
            kept = self._kept_statuses = Kept(self._read_statuses(base), now)
        return kept.value

    def _read_statuses(self, base: Base) -> Mapping[str, str] | None:
        of, target = base.statuses, base.invoices.set
        if of is None:
            return {}
        found: dict[str, str] = {}
        seen: set[tuple[str, str]] = set()
        order = query.listed([of["organisation"], of["document"]])
        try:
            for row in self._lookup.paged(of.set, {"$select": query.listed(of.selected()), "$orderby": order}):
                key = (str(row.get(of["organisation"])), str(row.get(of["document"])))
                # A record that comes twice means that the order was ignored: then another one never came.
                if key in seen or len(seen) == _MOST_STATES:
                    return None
                seen.add(key)
                invoice, status = linked(of, row, "document", target), text_of(row.get(of["status"]))
                if invoice is not None and status:
                    found[invoice] = status
        except Refused as error:
            if error.code == NO_RIGHT:
                raise
            _log.warning("the register of states is not read as a whole: %s", error.text)
            return None
        return found

    # By reference

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

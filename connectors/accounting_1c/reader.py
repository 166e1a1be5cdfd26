"""From references to changes: rows are read with what they refer to, whoever asked for them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.lookup import HEADER, Lookup
from connectors.accounting_1c.mapper import Contract, InvoiceMapper, Surroundings, client_of, contract_of, is_folder
from connectors.accounting_1c.names import Base, Documents
from connectors.accounting_1c.paid import PaidStates, Window
from connectors.shared.jsontypes import JsonObject
from hub.domain.models import Client
from hub.ports.crm import Change, ItemKind, Removed
from hub.ports.state import Clock

_log = logging.getLogger(__name__)
#: Clients of a walk serve it for so long, and so many of them at most.
_WALKED_S: Final = 3600.0
_WALKED_MOST: Final = 50_000


class Reader:
    """Makes changes of documents and clients of one base."""

    def __init__(
        self, config: OneCConfig, client: OdataClient, directory: Directory, lookup: Lookup, clock: Clock
    ) -> None:
        self._config = config
        self._directory = directory
        self._lookup = lookup
        self._clock = clock
        self._paid = PaidStates(client, directory, lookup, clock)
        self._walked: dict[str, Client] = {}
        self._walked_at = 0.0

    @property
    def today(self) -> date:
        """The day by the clock of the base."""
        return self._clock.now().astimezone(self._config.zone).date()

    def mapper(self) -> InvoiceMapper:
        """What makes invoices of rows."""
        config = self._config
        statuses = config.names.statuses if config.documents is Documents.INVOICES else None
        return InvoiceMapper(
            self._directory.base().invoices, statuses, config.money_first_days, config.default_currency
        )

    def rows(self, references: Collection[str]) -> dict[str, JsonObject]:
        """Documents of invoices by reference; what is deleted is left out."""
        return self._lookup.by_reference(self._directory.base().invoices, references, *HEADER)

    def read(self, references: Collection[str], rows: Mapping[str, JsonObject], began: date = date.min) -> list[Change]:
        """Invoices that were asked for by reference, with their clients; those that have no row are removed."""
        gone: list[Change] = [Removed(ItemKind.INVOICE, item) for item in sorted(set(references) - rows.keys())]
        return [*gone, *self.invoices(rows, began)]

    def invoices(
        self, rows: Mapping[str, JsonObject], began: date = date.min, whole: Window | None = None
    ) -> list[Change]:
        """Changes that rows of invoices mean: a draft, a deleted or another organisation's one is no invoice.

        Args:
            began: when the base was read for the first time, where that is known.
            whole: they are a page of all the invoices of these days: what they refer to is read list by list.
        """
        mapper = self.mapper()
        ours = {key: row for key, row in rows.items() if self._directory.wants(mapper.organisation_reference(row))}
        # It may have been ours before: a document can be given to another organisation.
        left = (key for key in sorted(rows.keys() - ours.keys()) if self._is_foreign(mapper, rows[key]))
        changes: list[Change] = [Removed(ItemKind.INVOICE, reference) for reference in left]
        return [*changes, *self._ours(mapper, ours, began, whole)] if ours else changes

    def _is_foreign(self, mapper: InvoiceMapper, row: JsonObject) -> bool:
        return self._directory.is_foreign(mapper.organisation_reference(row))

    def _ours(
        self, mapper: InvoiceMapper, rows: Mapping[str, JsonObject], began: date, whole: Window | None
    ) -> list[Change]:
        named = _named(mapper.client_reference(row) for row in rows.values())
        walked = self._walked_of(named) if whole is not None else {}
        clients = self._clients_by_reference(named - walked.keys())
        around = Surroundings(
            today=self.today,
            began=began,
            looks_back=timedelta(days=self._config.wide_days),
            organisations=self._directory.organisations(),
            currencies=self._directory.currencies(),
            clients=walked | {client.id: client for client in clients},
            contracts=self._directory.all_contracts()
            if whole is not None
            else self._contracts(_named(mapper.contract_reference(row) for row in rows.values())),
        )
        states = self._paid.of({key: mapper.organisation_reference(row) for key, row in rows.items()}, whole)
        changes: list[Change] = list(clients)
        for reference, row in rows.items():
            invoice = mapper.invoice(reference, row, states[reference], around)
            if invoice is None:
                _log.info("document %s is no invoice now: a draft, marked for deletion, or without a sum", reference)
            changes.append(invoice if invoice is not None else Removed(ItemKind.INVOICE, reference))
        return changes

    def clients(self, references: Collection[str]) -> list[Change]:
        """Clients by reference; those that are not there are removed."""
        found: list[Change] = list(self._clients_by_reference(references))
        known = {client.id for client in found if isinstance(client, Client)}
        return [*found, *(Removed(ItemKind.CLIENT, item) for item in sorted(set(references) - known))]

    def clients_of_rows(self, base: Base, rows: Mapping[str, JsonObject]) -> list[Change]:
        """Clients of a page of the catalogue, with the accounts of all that were read at once."""
        found = list(_clients(base, rows, self._directory.all_accounts()))
        if not self._is_fresh() or len(self._walked) + len(found) > _WALKED_MOST:
            self._walked, self._walked_at = {}, self._clock.monotonic()
        self._walked |= {client.id: client for client in found}
        return list(found)

    def _is_fresh(self) -> bool:
        return self._clock.monotonic() - self._walked_at < _WALKED_S

    def _walked_of(self, references: Collection[str]) -> dict[str, Client]:
        """Clients that this walk has just read, and told."""
        if not self._is_fresh():
            return {}
        return {reference: self._walked[reference] for reference in references if reference in self._walked}

    def _clients_by_reference(self, references: Collection[str]) -> list[Client]:
        base = self._directory.base()
        if not references:
            return []
        rows = self._lookup.by_reference(base.clients, references, "Ref_Key", "DeletionMark")
        return list(_clients(base, rows, self._directory.accounts_of(rows.keys())))

    def _contracts(self, references: Collection[str]) -> dict[str, Contract]:
        of = self._directory.base().contracts
        if of is None or not references:
            return {}
        rows = self._lookup.by_reference(of, references, "Ref_Key")
        return {reference: contract_of(of, row) for reference, row in rows.items()}


def _named(references: Iterable[str | None]) -> set[str]:
    return {reference for reference in references if reference is not None}


def _clients(base: Base, rows: Mapping[str, JsonObject], accounts: Mapping[str, Sequence[str]]) -> Iterable[Client]:
    for reference, row in rows.items():
        if not is_folder(base.clients, row):
            yield client_of(base.clients, reference, row, accounts.get(reference, ()))

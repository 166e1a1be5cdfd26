"""Puts together what was read as changes: clients first, then invoices and deals, then what binds them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.amocrm.config import AmoConfig, InvoiceSource
from connectors.amocrm.directory import Directory, InvoiceList
from connectors.amocrm.lookup import OWNERS, Lookup
from connectors.amocrm.mapper import CONTACT, Mapper, client_key, client_of, deal_invoice_id, owner_of
from connectors.amocrm.schemas import ElementRow, LeadRow, OwnerRow
from hub.domain.models import Client, Invoice
from hub.domain.money import MoneyError
from hub.ports.crm import Binding, Change, ItemKind, Removed

_log = logging.getLogger(__name__)

Owner = tuple[str, int]


@dataclass(slots=True)
class Harvest:
    """What a poll met: rows that are here already, and numbers that are still to be read.

    Attributes:
        deleted_at: when the first of the deletions happened that events tell of.
    """

    leads: dict[int, LeadRow] = field(default_factory=dict)
    owners: dict[Owner, OwnerRow] = field(default_factory=dict)
    elements: dict[int, ElementRow] = field(default_factory=dict)
    lead_ids: set[int] = field(default_factory=set)
    owner_ids: set[Owner] = field(default_factory=set)
    element_ids: set[int] = field(default_factory=set)
    removed: list[Removed] = field(default_factory=list)
    deleted_at: int | None = None


class Reader:
    """Turns a harvest into changes."""

    def __init__(self, config: AmoConfig, lookup: Lookup, directory: Directory) -> None:
        self._config = config
        self._lookup = lookup
        self._directory = directory
        self._in_deals = config.invoices.source is not InvoiceSource.LIST

    def changes(self, harvest: Harvest, *, first_time: bool = False) -> tuple[Change, ...]:
        """Everything the harvest speaks of; `first_time` says that nothing can have been known before."""
        self._fetch_leads(harvest)
        known = self._directory.invoices()
        if known is not None:
            self._fetch_elements(harvest, known)
        self._fetch_owners(harvest)
        mapper = self._directory.mapper()
        clients = {
            client.id: client for owner, row in harvest.owners.items() if (client := self._client(owner[0], row))
        }
        invoices = self._invoices(harvest, known, mapper, clients, first_time=first_time) if known is not None else {}
        changes: list[Change] = [*harvest.removed, *clients.values(), *invoices.values()]
        for row in harvest.leads.values():
            changes += self._of_lead(row, mapper, known, invoices, clients, first_time=first_time)
        return tuple(changes)

    def gone(self, lead_id: int) -> list[Removed]:
        """What disappears with a deal."""
        removed = [Removed(ItemKind.DEAL, str(lead_id))]
        if self._in_deals:
            removed.append(Removed(ItemKind.INVOICE, deal_invoice_id(lead_id)))
        return removed

    def _client(self, kind: str, row: OwnerRow) -> Client:
        return client_of(kind, row, self._config.requisites)

    # Reading what is known by number only

    def _fetch_leads(self, harvest: Harvest) -> None:
        unread = harvest.lead_ids - harvest.leads.keys()
        found = self._lookup.leads(unread)
        harvest.leads |= found
        for id_ in sorted(unread - found.keys()):
            harvest.removed += self.gone(id_)

    def _fetch_elements(self, harvest: Harvest, known: InvoiceList) -> None:
        """Elements that were asked for, and those of the deals: a list tells neither when they came nor changed."""
        catalog_id = known.catalog.id
        of_leads = {id_ for row in harvest.leads.values() for id_ in _bought(row, catalog_id)}
        unread = (harvest.element_ids | of_leads) - harvest.elements.keys()
        found = self._lookup.elements(catalog_id, unread)
        harvest.elements |= found
        for id_ in sorted(harvest.element_ids - harvest.elements.keys()):
            harvest.removed.append(Removed(ItemKind.INVOICE, str(id_)))

    def _fetch_owners(self, harvest: Harvest) -> None:
        """Clients by number; contacts are people, and only those that are a client are of use."""
        wanted = harvest.owner_ids | {
            owner for row in harvest.leads.values() if (owner := owner_of(row)) is not None and owner[0] == CONTACT
        }
        for kind in OWNERS:
            unread = {id_ for owner, id_ in wanted if owner == kind} - {
                id_ for owner, id_ in harvest.owners if owner == kind
            }
            found = self._lookup.owners(kind, unread)
            harvest.owners |= {(kind, id_): row for id_, row in found.items()}
            named = {id_ for owner, id_ in harvest.owner_ids if owner == kind}
            harvest.removed += [
                Removed(ItemKind.CLIENT, client_key(kind, id_)) for id_ in sorted((named & unread) - found.keys())
            ]

    # Putting together

    def _invoices(
        self, harvest: Harvest, known: InvoiceList, mapper: Mapper, clients: dict[str, Client], *, first_time: bool
    ) -> dict[int, Invoice]:
        owners = {
            id_: owner
            for row in sorted(harvest.leads.values(), key=lambda lead: -lead.id)
            if (owner := owner_of(row)) is not None
            for id_ in _bought(row, known.catalog.id)
        }
        invoices: dict[int, Invoice] = {}
        for id_, row in sorted(harvest.elements.items()):
            if row.is_deleted:
                harvest.removed.append(Removed(ItemKind.INVOICE, str(id_)))
                continue
            client = None
            if mapper.payer(row) is None:
                # On the first walk the deals come after the invoices and bring their clients along.
                owner = owners.get(id_) or (None if first_time else self._owner_by_links(known.catalog.id, id_))
                client = _named(owner, clients)
            try:
                invoices[id_] = mapper.element(row, known.enums, client)
            except MoneyError as error:
                _log.warning("invoice %s left out: %s", id_, error)
        return invoices

    def _owner_by_links(self, catalog_id: int, element_id: int) -> Owner | None:
        """An invoice without a payer asks the client of its deal."""
        rows = self._lookup.leads(self._lookup.leads_of_element(catalog_id, element_id))
        owners = (owner_of(row) for _, row in sorted(rows.items()))
        return next((owner for owner in owners if owner is not None), None)

    def _of_lead(
        self,
        row: LeadRow,
        mapper: Mapper,
        known: InvoiceList | None,
        invoices: dict[int, Invoice],
        clients: dict[str, Client],
        *,
        first_time: bool,
    ) -> Iterable[Change]:
        if not self._config.watches(row.pipeline_id):
            return [] if first_time else self.gone(row.id)
        if self._in_deals:
            invoice = mapper.deal_invoice(row, _named(owner_of(row), clients))
            return [mapper.deal(row), *([invoice] if invoice is not None else self._no_invoice(row, first_time))]
        bought = _bought(row, known.catalog.id) if known is not None else []
        mine = [invoices[id_] for id_ in bought if id_ in invoices]
        return [mapper.deal(row, mine), Binding(str(row.id), tuple(invoice.id for invoice in mine))]

    def _no_invoice(self, row: LeadRow, first_time: bool) -> list[Removed]:
        return [] if first_time else [Removed(ItemKind.INVOICE, deal_invoice_id(row.id))]


def _bought(row: LeadRow, catalog_id: int) -> list[int]:
    """Elements of the list that a deal is bound to."""
    return [item.id for item in row.bound.catalog_elements if item.metadata.catalog_id == catalog_id]


def _named(owner: Owner | None, clients: dict[str, Client]) -> Client | None:
    """A client as an invoice names it: requisites have one home, or an old ИНН would live on in each invoice."""
    if owner is None:
        return None
    identity = client_key(*owner)
    known = clients.get(identity)
    return Client(identity, known.names if known is not None else ())

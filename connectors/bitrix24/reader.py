"""Reads records by id and puts them together as changes: clients first, then deals, then invoices."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.bitrix24.client import PAGE, ListCall, RestClient
from connectors.bitrix24.clients import ClientBook, Owner
from connectors.bitrix24.config import Bitrix24Config, InvoiceSource
from connectors.bitrix24.directory import Directory
from connectors.bitrix24.mapper import (
    COMPANY,
    CONTACT,
    DEAL,
    INVOICE,
    Mapper,
    client_id,
    client_key,
    deal_invoice_id,
)
from connectors.bitrix24.schemas import ItemRow, rows_of
from connectors.shared.jsontypes import Param, Params
from hub.domain.models import Client, Deal, Invoice
from hub.domain.money import MoneyError
from hub.ports.crm import Change, ItemKind, Removed

_log = logging.getLogger(__name__)

_DEAL_FIELDS: Final = (
    *("id", "title", "categoryId", "stageId", "stageSemanticId", "opportunity", "currencyId", "companyId", "contactId"),
    *("assignedById", "movedBy", "movedTime", "updatedTime", "begindate", "closedate"),
)
_INVOICE_FIELDS: Final = (*_DEAL_FIELDS, "accountNumber", "mycompanyId", "parentId2", "xmlId")


@dataclass(slots=True)
class Harvest:
    """What a poll met: rows that are here already, and ids that are still to be read."""

    deals: dict[int, ItemRow] = field(default_factory=dict)
    invoices: dict[int, ItemRow] = field(default_factory=dict)
    companies: dict[int, ItemRow] = field(default_factory=dict)
    owners: set[Owner] = field(default_factory=set)
    deal_ids: set[int] = field(default_factory=set)
    invoice_ids: set[int] = field(default_factory=set)
    removed: list[Removed] = field(default_factory=list)


class Reader:
    """Turns a harvest into changes."""

    def __init__(self, config: Bitrix24Config, client: RestClient, book: ClientBook, directory: Directory) -> None:
        self._config = config
        self._client = client
        self._book = book
        self._directory = directory
        self._mapper = Mapper(config)
        self.smart_invoices = config.invoices.source is InvoiceSource.SMART_INVOICE

    def items(self, entity_type_id: int, conditions: Params | None = None) -> ListCall:
        """Deals (2) or invoices (31) with the fields we read."""
        user_fields = list(self._mapper.user_fields) if entity_type_id == DEAL else []
        params: dict[str, Param] = {
            "entityTypeId": entity_type_id,
            "select": [*(_DEAL_FIELDS if entity_type_id == DEAL else _INVOICE_FIELDS), *user_fields],
            "filter": dict(conditions or {}),
        }
        if user_fields:
            params["useOriginalUfNames"] = "Y"
        return ListCall("crm.item.list", params, "items", "id", "id")

    def changes(self, harvest: Harvest, *, first_time: bool = False) -> tuple[Change, ...]:
        """Everything the harvest speaks of; `first_time` says that nothing can have been known before."""
        self._fetch(harvest)
        owners = harvest.owners | self._owners_of_rows(harvest, first_time=first_time)
        clients = self._book.read(owners, harvest.companies.values())
        changes: list[Change] = [*harvest.removed, *clients.values()]
        # An invoice only names its client: requisites have one home, or an old ИНН would live on in each invoice.
        by_id = {client.id: Client(client.id, client.names) for client in clients.values()}
        if not first_time:
            changes += self._vanished_clients(harvest.owners - clients.keys())
        for row in harvest.deals.values():
            changes += self._deal_changes(row, by_id, first_time=first_time)
        for row in harvest.invoices.values():
            changes += self._invoice_changes(row, by_id)
        return tuple(changes)

    def _owners_of_rows(self, harvest: Harvest, *, first_time: bool) -> set[Owner]:
        """Clients of the rows. On the first walk companies came before deals; invoices need their clients' names."""
        deals, invoices = harvest.deals.values(), harvest.invoices.values()
        owners = {owner for row in (*deals, *invoices) if (owner := _owner(row)) is not None}
        if first_time and self.smart_invoices and not harvest.invoices:
            return {owner for owner in owners if owner[0] == CONTACT}
        return owners

    def deal(self, row: ItemRow) -> Deal:
        """A deal out of its row."""
        return self._mapper.deal(row, self._directory.kind(DEAL, row))

    def _fetch(self, harvest: Harvest) -> None:
        """Read what is known by id only; what the portal does not list any more is removed."""
        for type_id, rows, ids in (
            (DEAL, harvest.deals, harvest.deal_ids),
            (INVOICE, harvest.invoices, harvest.invoice_ids),
        ):
            unread = sorted(ids - rows.keys())
            calls = {
                f"p{start}": self.items(type_id, {"@id": unread[start : start + PAGE]})
                for start in range(0, len(unread), PAGE)
            }
            if not calls:
                continue
            results = self._client.batch({key: call.page(0) for key, call in calls.items()})
            for key, call in calls.items():
                rows |= {row.id: row for row in rows_of(ItemRow, call.rows(results[key]))}
            for id_ in unread:
                if id_ not in rows:
                    harvest.removed += self.gone(type_id, id_)

    def gone(self, entity_type_id: int, record_id: int) -> list[Removed]:
        """What disappears with a record."""
        if entity_type_id == DEAL:
            gone = [Removed(ItemKind.DEAL, str(record_id))]
            if not self.smart_invoices:
                gone.append(Removed(ItemKind.INVOICE, deal_invoice_id(str(record_id))))
            return gone
        if entity_type_id == INVOICE:
            return [Removed(ItemKind.INVOICE, str(record_id))]
        return [Removed(ItemKind.CLIENT, client_key(entity_type_id, record_id))]

    def _vanished_clients(self, missing: set[Owner]) -> Iterator[Change]:
        own = self._book.own() if missing else {}
        for type_id, id_ in sorted(missing):
            if type_id != COMPANY or str(id_) not in own:
                yield Removed(ItemKind.CLIENT, client_key(type_id, id_))

    def _deal_changes(self, row: ItemRow, clients: dict[str, Client], *, first_time: bool) -> Sequence[Change]:
        if not self._config.watches(row.category_id or "0"):
            return [] if first_time else self.gone(DEAL, row.id)
        deal = self.deal(row)
        if self.smart_invoices:
            return [deal]
        invoice = self._mapper.deal_invoice(row, deal.stage_kind, clients.get(deal.client_id or ""))
        if invoice is not None:
            return [deal, invoice]
        return [deal] if first_time else [deal, Removed(ItemKind.INVOICE, deal_invoice_id(deal.id))]

    def _invoice_changes(self, row: ItemRow, clients: dict[str, Client]) -> list[Invoice]:
        client = clients.get(client_id(row.company_id, row.contact_id) or "")
        organisation = self._book.organisation_tax_id(row.my_company_id)
        try:
            kind = self._directory.kind(INVOICE, row)
            return [self._mapper.smart_invoice(row, kind, client, organisation)]
        except MoneyError as error:
            _log.warning("invoice %s left out: %s", row.id, error)
            return []


def _owner(row: ItemRow) -> Owner | None:
    if row.company_id:
        return COMPANY, int(row.company_id)
    return (CONTACT, int(row.contact_id)) if row.contact_id else None

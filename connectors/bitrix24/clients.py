"""Companies and contacts with their requisites and bank accounts, as clients; our own companies apart."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from connectors.bitrix24.client import PAGE, ListCall, RestClient
from connectors.bitrix24.mapper import COMPANY, CONTACT, client_of
from connectors.bitrix24.schemas import BankDetailRow, ItemRow, RequisiteRow, RowT, rows_of
from connectors.shared.jsontypes import JsonObject, Param, Params
from hub.domain.models import Client, TaxIdKind
from hub.ports.state import Clock

#: (entity type, id): a company or a contact.
Owner: TypeAlias = tuple[int, int]

_OWN_KEEP_S: Final = 3600.0
_ITEM_FIELDS: Final = {
    COMPANY: ("id", "title", "isMyCompany", "updatedTime"),
    CONTACT: ("id", "name", "lastName", "secondName", "updatedTime"),
}
_REQUISITE_FIELDS: Final = (
    *("ID", "ENTITY_TYPE_ID", "ENTITY_ID", "ACTIVE", "RQ_NAME", "RQ_FIRST_NAME", "RQ_LAST_NAME", "RQ_SECOND_NAME"),
    *("RQ_COMPANY_NAME", "RQ_COMPANY_FULL_NAME", "RQ_INN", "RQ_KPP", "RQ_BIN", "RQ_IIN"),
)
_ACCOUNT_FIELDS: Final = ("ID", "ENTITY_ID", "ACTIVE", "RQ_ACC_NUM", "RQ_IBAN")


def owner_items(entity_type_id: int, conditions: Params | None = None) -> ListCall:
    """Companies (4) or contacts (3)."""
    params: dict[str, Param] = {
        "entityTypeId": entity_type_id,
        "select": list(_ITEM_FIELDS[entity_type_id]),
        "filter": dict(conditions or {}),
    }
    return ListCall("crm.item.list", params, "items", "id", "id")


def requisites(conditions: Params | None = None) -> ListCall:
    """Requisites of clients."""
    return ListCall("crm.requisite.list", {"select": list(_REQUISITE_FIELDS), "filter": dict(conditions or {})})


def bank_details(conditions: Params | None = None) -> ListCall:
    """Bank accounts of requisites."""
    return ListCall(
        "crm.requisite.bankdetail.list", {"select": list(_ACCOUNT_FIELDS), "filter": dict(conditions or {})}
    )


def owner_of(row: RequisiteRow) -> Owner | None:
    """Whose requisites these are, where it is a company or a contact."""
    return (row.entity_type_id, row.entity_id) if row.entity_type_id in (COMPANY, CONTACT) else None


class ClientBook:
    """Reads clients whole: a change in any part gives the client with all its parts. Thread-safe."""

    def __init__(self, client: RestClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._own: tuple[float, dict[str, Client]] = (float("-inf"), {})

    def read(self, owners: Iterable[Owner], known: Iterable[ItemRow] = ()) -> dict[Owner, Client]:
        """Clients that exist among `owners`, our own companies left out. `known` spares reading companies again."""
        wanted = set(owners)
        have = {(COMPANY, row.id): row for row in known}
        items, found = self._owners_and_requisites(wanted, have)
        accounts = self._by_ids(bank_details, BankDetailRow, "ENTITY_ID", [row.id for row in found])
        by_owner: dict[Owner, list[RequisiteRow]] = defaultdict(list)
        for row in found:
            if (owner := owner_of(row)) is not None:
                by_owner[owner].append(row)
        return {
            owner: client_of(owner[0], item, by_owner[owner], accounts)
            for owner, item in items.items()
            if not item.is_my_company
        }

    def organisation_tax_id(self, company_id: str) -> str | None:
        """ИНН of our own company, None where it has none or two different ones."""
        if not company_id:
            return None
        client = self.own().get(company_id) or self.own(max_age_s=60.0).get(company_id)
        values = client.values(*(kind for kind in TaxIdKind if kind is not TaxIdKind.RU_KPP)) if client else frozenset()
        return next(iter(values)) if len(values) == 1 else None

    def own(self, max_age_s: float = _OWN_KEEP_S) -> dict[str, Client]:
        """Our own companies by id."""
        with self._lock:
            at, own = self._own
        if self._clock.monotonic() - at <= max_age_s:
            return own
        rows = rows_of(ItemRow, self._client.walk(owner_items(COMPANY, {"isMyCompany": "Y"})))
        found = self._by_ids(_company_requisites, RequisiteRow, "ENTITY_ID", [row.id for row in rows])
        own = {
            str(row.id): client_of(COMPANY, row, [item for item in found if item.entity_id == row.id], ())
            for row in rows
        }
        with self._lock:
            self._own = (self._clock.monotonic(), own)
        return own

    def owners_of_requisites(self, requisite_ids: Iterable[int]) -> set[Owner]:
        """Whose these requisites are; deleted ones are nobody's."""
        rows = self._by_ids(requisites, RequisiteRow, "ID", sorted(set(requisite_ids)))
        return {owner for row in rows if (owner := owner_of(row)) is not None}

    def _owners_and_requisites(
        self, wanted: set[Owner], have: dict[Owner, ItemRow]
    ) -> tuple[dict[Owner, ItemRow], list[RequisiteRow]]:
        """Both halves in one request for up to fifty companies and fifty contacts."""
        calls: dict[str, ListCall] = {}
        for kind in (COMPANY, CONTACT):
            for number, ids in enumerate(_pages(sorted(id_ for type_id, id_ in wanted if type_id == kind))):
                unread = [id_ for id_ in ids if (kind, id_) not in have]
                if unread:
                    calls[f"i{kind}p{number}"] = owner_items(kind, {"@id": unread})
                calls[f"r{kind}p{number}"] = requisites({"ENTITY_TYPE_ID": kind, "@ENTITY_ID": ids})
        items = {owner: row for owner, row in have.items() if owner in wanted}
        found: list[RequisiteRow] = []
        for key, rows in self._lists(calls).items():
            if key.startswith("i"):
                items |= {(int(key[1]), row.id): row for row in rows_of(ItemRow, rows)}
            else:
                found += rows_of(RequisiteRow, rows)
        return items, found

    def _by_ids(
        self, call: Callable[[Params], ListCall], model: type[RowT], field: str, ids: Sequence[int]
    ) -> list[RowT]:
        calls = {f"p{number}": call({f"@{field}": page}) for number, page in enumerate(_pages(ids))}
        return [row for rows in self._lists(calls).values() for row in rows_of(model, rows)]

    def _lists(self, calls: dict[str, ListCall]) -> dict[str, list[JsonObject]]:
        """All rows of several lists: first pages in one batch, the rest of a long one page by page."""
        if not calls:
            return {}
        results = self._client.batch({key: call.page(0) for key, call in calls.items()})
        lists: dict[str, list[JsonObject]] = {}
        for key, call in calls.items():
            rows = call.rows(results[key])
            if len(rows) >= PAGE:
                rows += self._client.walk(call, max(call.id_of(row) for row in rows))
            lists[key] = rows
        return lists


def _company_requisites(conditions: Params) -> ListCall:
    return requisites({"ENTITY_TYPE_ID": COMPANY, **conditions})


def _pages(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), PAGE):
        yield list(ids[start : start + PAGE])

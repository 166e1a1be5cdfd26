"""Reads cards by their numbers, many at once; every returned row is held against what was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, TypeVar

from connectors.amocrm.client import PAGE, ApiClient, TooHeavy
from connectors.amocrm.envelope import embedded
from connectors.amocrm.mapper import COMPANY, CONTACT
from connectors.amocrm.schemas import Card, ElementRow, LeadRow, LinkRow, OwnerRow, rows_of
from connectors.shared.jsontypes import Json, JsonObject, Param
from hub.domain.errors import Gone

#: How many numbers go into one address: longer ones are cut by fronts.
_AT_ONCE: Final = 50
LEAD_PARTS: Final = "contacts,catalog_elements"

CardT = TypeVar("CardT", bound=Card)


class Lookup:
    """Leads, companies, contacts and elements by number."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        # The account ignores filters (it does so without a word): numbers are then asked one by one.
        self._filters_work = True

    def lead(self, lead_id: str) -> LeadRow:
        """A deal as it is now.

        Raises:
            Gone: no such deal, or hidden from us.
        """
        return _one(LeadRow, self._client.get(f"/leads/{int(lead_id)}", {"with": LEAD_PARTS}), "deal", lead_id)

    def element(self, catalog_id: int, element_id: str) -> ElementRow:
        """An element of a list as it is now.

        Raises:
            Gone: no such element.
        """
        document = self._client.get(f"/catalogs/{catalog_id}/elements/{int(element_id)}")
        row = _one(ElementRow, document, "element", element_id)
        if row.is_deleted or row.catalog_id not in (0, catalog_id):
            raise Gone(f"element {element_id} is not in list {catalog_id}", "Счёта в amoCRM больше нет.")
        return row

    def leads(self, ids: Collection[int]) -> dict[int, LeadRow]:
        """Those of the deals that there are."""
        return self._many(LeadRow, "/leads", "leads", ids, {"with": LEAD_PARTS})

    def owners(self, kind: str, ids: Collection[int]) -> dict[int, OwnerRow]:
        """Those of the companies or contacts that there are."""
        return self._many(OwnerRow, f"/{kind}", kind, ids, {})

    def elements(self, catalog_id: int, ids: Collection[int]) -> dict[int, ElementRow]:
        """Those of the elements that there are."""
        found = self._many(ElementRow, f"/catalogs/{catalog_id}/elements", "elements", ids, {})
        return {id_: row for id_, row in found.items() if row.catalog_id in (0, catalog_id)}

    def leads_of_element(self, catalog_id: int, element_id: int) -> list[int]:
        """Deals that an element is bound to, in the order of their numbers."""
        try:
            document = self._client.get(f"/catalogs/{catalog_id}/elements/{element_id}/links")
        except Gone:
            return []
        return sorted({row.id for row in rows_of(LinkRow, embedded(document, "links")) if row.type == "leads"})

    def _many(
        self, model: type[CardT], path: str, key: str, ids: Collection[int], params: dict[str, Param]
    ) -> dict[int, CardT]:
        wanted = sorted(set(ids))
        found: dict[int, CardT] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            for row in self._some(model, path, key, wanted[start : start + _AT_ONCE], params):
                if not row.is_deleted:
                    found[row.id] = row
        # A list shows a fresh card late: that one is not there is believed when it is asked for by itself.
        for id_ in wanted if len(wanted) > 1 and self._filters_work else ():
            if id_ not in found:
                found |= {row.id: row for row in self._single(model, path, id_, params) if not row.is_deleted}
        return found

    def _some(
        self, model: type[CardT], path: str, key: str, ids: list[int], params: dict[str, Param]
    ) -> Iterable[CardT]:
        if len(ids) > 1 and self._filters_work:
            try:
                rows = rows_of(model, self._page(path, key, ids, params))
            except TooHeavy:
                half = len(ids) // 2
                return [
                    *self._some(model, path, key, ids[:half], params),
                    *self._some(model, path, key, ids[half:], params),
                ]
            if all(row.id in ids for row in rows):
                return rows
            self._filters_work = False
        return [row for id_ in ids for row in self._single(model, path, id_, params)]

    def _page(self, path: str, key: str, ids: list[int], params: dict[str, Param]) -> list[JsonObject]:
        return embedded(self._client.get(path, {**params, "filter": {"id": ids}, "limit": PAGE}), key)

    def _single(self, model: type[CardT], path: str, id_: int, params: dict[str, Param]) -> list[CardT]:
        try:
            document = self._client.get(f"{path}/{id_}", params)
        except Gone:
            return []
        return rows_of(model, [document] if isinstance(document, dict) else [])


def _one(model: type[CardT], document: Json, what: str, id_: str) -> CardT:
    """The one card of a reply; an empty reply (204) means that there is none."""
    rows = rows_of(model, [document] if isinstance(document, dict) else [])
    if not rows or rows[0].is_deleted:
        raise Gone(f"{what} {id_} is not there", "Записи в amoCRM больше нет.")
    return rows[0]


#: Kinds of cards that may be a client.
OWNERS: Final = (COMPANY, CONTACT)

"""Reading by reference: as many as fit into an address at once, and what is not there told apart from what failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from connectors.accounting_1c import query
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.names import Resolved
from connectors.accounting_1c.values import reference_of
from connectors.shared.jsontypes import JsonObject

REF: Final = "Ref_Key"
#: Standard fields of a document that are read besides those of the map.
HEADER: Final = (REF, "DataVersion", "DeletionMark", "Posted")
#: The key of a set, in the order of which no row is lost between two pages.
_KEYS: Final = frozenset({REF, "LineNumber"})


class Lookup:
    """Rows of sets, by conditions."""

    def __init__(self, config: OneCConfig, client: OdataClient) -> None:
        self._client = client
        self._most_bytes = config.query_bytes
        self._page_rows = config.page_rows

    def by_reference(self, of: Resolved, references: Collection[str], *standard: str) -> dict[str, JsonObject]:
        """Rows by their own reference; what is not there is left out."""
        conditions = [f"{REF} eq {query.guid(reference)}" for reference in sorted(references)]
        rows = self.where(of, conditions, REF, *standard)
        return {reference: row for row in rows if (reference := reference_of(row.get(REF))) is not None}

    def where(self, of: Resolved, conditions: Iterable[str], *standard: str) -> Iterator[JsonObject]:
        """Rows under any of the conditions."""
        for options in self._batches(of, conditions, standard):
            yield from self.paged(of.set, {**options, "$orderby": ",".join(item for item in standard if item in _KEYS)})

    def records(self, of: Resolved, conditions: Iterable[str]) -> Iterator[JsonObject]:
        """Records of a register under any of the conditions; each names one record, and an order would be ignored."""
        for options in self._batches(of, conditions, ()):
            yield from self._client.rows(of.set, options)

    def tables(self, of: Resolved, table: str, conditions: Iterable[str]) -> Iterator[JsonObject]:
        """Documents with one of their tables and nothing else."""
        for condition in query.any_of(list(conditions), self._most_bytes // 2):
            yield from self.paged(of.set, {"$filter": condition, "$select": f"{REF},{table}", "$orderby": REF})

    def _batches(self, of: Resolved, conditions: Iterable[str], standard: tuple[str, ...]) -> Iterator[dict[str, str]]:
        select = query.listed(of.selected(*standard))
        room = max(200, self._most_bytes - len(query.address("", {"$select": select})) - 160)
        for condition in query.any_of(list(conditions), room):
            yield {"$filter": condition, "$select": select}

    def every(self, of: Resolved, *standard: str) -> Iterator[JsonObject]:
        """The whole of a small catalogue."""
        options = {"$select": query.listed(of.selected(REF, *standard)), "$orderby": REF}
        return self.paged(of.set, options)

    def paged(self, name: str, options: dict[str, str]) -> Iterator[JsonObject]:
        """Page after page, until one holds fewer rows than asked for: any other end would lose rows silently."""
        skip = 0
        while True:
            rows = self.page(name, options, skip)
            yield from rows
            if len(rows) < self._page_rows:
                return
            skip += len(rows)

    def page(self, name: str, options: dict[str, str], skip: int) -> list[JsonObject]:
        """One page of rows in the order of the options."""
        return self._client.rows(name, {**options, "$top": str(self._page_rows), "$skip": str(skip)})

"""Polling: a first walk over every record, then windows of edits and of events, and each night every invoice anew.

Lists of cards tell of edits, events of what lists do not show: deletions, merges, links. Elements of a list have
neither a time filter nor an order, so invoices come with their deals, events and hooks, and at last with the walk.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from connectors.amocrm.client import ApiClient, TooHeavy
from connectors.amocrm.directory import Directory
from connectors.amocrm.envelope import embedded, has_next
from connectors.amocrm.lookup import LEAD_PARTS, Lookup
from connectors.amocrm.mapper import COMPANY, CONTACT
from connectors.amocrm.mark import LAG_S, Mark, Paging, Step, Stream, Walk, Window, load_mark
from connectors.amocrm.reader import Harvest, Reader
from connectors.amocrm.schemas import Card, ElementRow, EventRow, LeadRow, OwnerRow, Row, rows_of
from connectors.shared.changes import latest
from connectors.shared.jsontypes import JsonObject, Param
from hub.domain.errors import Refused
from hub.ports.crm import Change, ChangePage
from hub.ports.state import Clock

_log = logging.getLogger(__name__)

EVENTS_PAGE: Final = 100
_CARDS: Final[dict[Stream, type[Card]]] = {
    Stream.COMPANY: OwnerRow,
    Stream.CONTACT: OwnerRow,
    Stream.LEAD: LeadRow,
}
#: What no list of edits shows surely.
_EVENT_TYPES: Final = (
    *("lead_deleted", "lead_restored", "lead_status_changed", "lead_linked", "entity_linked", "entity_unlinked"),
    *("entity_merged", "company_deleted", "contact_deleted"),
)
#: What takes a row out of the lists that the first walk reads.
_DELETIONS: Final = frozenset({"lead_deleted", "company_deleted", "entity_merged"})
#: Lists that nothing else shows whole later: that of invoices is walked over each night.
_AGAIN: Final = (Step.COMPANY, Step.LEAD)
#: The account's clock and ours differ by no more.
_SKEW_S: Final = 60
_KINDS: Final = {"company": COMPANY, "contact": CONTACT}


class Source:
    """Pages of changes of one account."""

    def __init__(
        self, client: ApiClient, directory: Directory, lookup: Lookup, reader: Reader, clock: Clock, walk_every_h: float
    ) -> None:
        self._client = client
        self._directory = directory
        self._lookup = lookup
        self._reader = reader
        self._clock = clock
        self._walk_every_s = int(walk_every_h * 3600)

    def changes(self, text: str | None) -> ChangePage:
        """The next page; a mark that cannot be read starts from the beginning."""
        mark = load_mark(text) if text is not None else None
        if mark is None:
            return ChangePage((), self._begin().dump(), more=True)
        if mark.is_walking:
            changes = self._walk_page(mark)
            return ChangePage(changes, mark.dump(), more=True)
        harvest, more = self._delta(mark)
        changes = self._reader.changes(harvest)
        if self._was_shifted(mark, harvest):
            mark.walk_again(_AGAIN[0])
            more = True
        if not more:
            changes = latest((*self._nightly(mark), *changes))
        return ChangePage(changes, mark.dump(), more)

    def _begin(self) -> Mark:
        now = self._now()
        whole = not self._directory.account().filters
        streams = (stream for stream in Stream if stream is not Stream.INVOICE_EVENT or self._directory.invoices())
        return Mark(
            walk=Walk(step=Step.COMPANY),
            next_walk_at=now + self._walk_every_s,
            windows={stream: Window(since=now - LAG_S, whole=whole and stream in _CARDS) for stream in streams},
        )

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    # The walk

    def _nightly(self, mark: Mark) -> tuple[Change, ...]:
        """One page of the walk over all invoices, begun anew every so many hours."""
        if mark.walk is None:
            if self._now() < mark.next_walk_at:
                return ()
            mark.walk, mark.next_walk_at = Walk(step=Step.INVOICE), self._now() + self._walk_every_s
        return self._walk_page(mark)

    def _walk_page(self, mark: Mark) -> tuple[Change, ...]:
        walk = mark.walk
        assert walk is not None
        known = self._directory.invoices() if walk.step is Step.INVOICE else None
        path, params = self._list_of(walk.step, known.catalog.id if known is not None else 0)
        if walk.step is Step.INVOICE and known is None:
            self._next_step(mark, walk)
            return ()
        page = self._page(path, walk.step.value, params, walk)
        if page is None:
            return ()
        rows, more = page
        harvest = Harvest()
        self._put(harvest, walk.step, rows)
        if more:
            walk.page += 1
        else:
            self._next_step(mark, walk)
        return self._reader.changes(harvest, first_time=mark.initial)

    @staticmethod
    def _list_of(step: Step, catalog_id: int) -> tuple[str, dict[str, Param]]:
        if step is Step.INVOICE:
            return f"/catalogs/{catalog_id}/elements", {}
        by_id: dict[str, Param] = {"order": {"id": "asc"}}
        return f"/{step.value}", by_id | ({"with": LEAD_PARTS} if step is Step.LEAD else {})

    def _next_step(self, mark: Mark, walk: Walk) -> None:
        steps = _AGAIN if walk.again else tuple(Step)
        place = steps.index(walk.step) + 1
        if mark.is_walking and place < len(steps):
            mark.walk = Walk(step=steps[place], limit=walk.limit, again=walk.again)
        else:
            mark.end_walk(self._now())

    @staticmethod
    def _was_shifted(mark: Mark, harvest: Harvest) -> bool:
        """Whether records were deleted while the first walk counted pages: others slipped under a page it had read."""
        if mark.walked_at is None or harvest.deleted_at is None:
            return False
        return harvest.deleted_at <= mark.walked_at + _SKEW_S

    @staticmethod
    def _put(harvest: Harvest, step: Step, rows: list[JsonObject]) -> None:
        if step is Step.COMPANY:
            harvest.owners |= {(COMPANY, row.id): row for row in rows_of(OwnerRow, rows) if not row.is_deleted}
        elif step is Step.LEAD:
            harvest.leads |= {row.id: row for row in rows_of(LeadRow, rows) if not row.is_deleted}
        else:
            harvest.elements |= {row.id: row for row in rows_of(ElementRow, rows)}

    # The streams

    def _delta(self, mark: Mark) -> tuple[Harvest, bool]:
        """One page of every stream."""
        harvest, now = Harvest(), self._now()
        waiting = [self._stream_page(harvest, stream, window, now) for stream, window in mark.windows.items()]
        return harvest, any(waiting)

    def _stream_page(self, harvest: Harvest, stream: Stream, window: Window, now: int) -> bool:
        """Read a page of a window; True when another one waits now."""
        until = window.open(now)
        model = _CARDS.get(stream, EventRow)
        try:
            page = self._page(*self._request(stream, window, until), window)
        except Refused as error:
            if stream is not Stream.INVOICE_EVENT:
                raise
            # Events of list elements are not promised to every account; the nightly walk is.
            _log.warning("no events of invoices: %s", error.text)
            window.finish()
            return False
        if page is None:
            return True
        raw, more = page
        if not raw and window.page > 1 and not window.again:
            window.restart()
            return True
        rows = rows_of(model, raw)
        inside = [row for row in rows if window.since <= _stamp(row) <= until]
        is_edits = stream in _CARDS and not window.whole
        if is_edits and any(_stamp(row) < window.start for row in rows):
            # The account ignores filters without a word: its list is read from the newest end, as far as needed.
            window.read_whole()
            return True
        self._take(harvest, stream, [row for row in inside if window.is_fresh(str(_id(row)), _stamp(row), now)])
        if more and not (window.whole and any(_stamp(row) < window.since for row in rows)):
            window.turn([_stamp(row) for row in rows] if is_edits else ())
            return True
        window.finish()
        # What happened while we were reading is for the next poll: a busy hour would otherwise never end.
        return window.behind

    def _request(self, stream: Stream, window: Window, until: int) -> tuple[str, str, dict[str, Param]]:
        """Path, name of the rows and parameters of a page."""
        times: dict[str, Param] = {"from": window.start, "to": until}
        if stream in _CARDS:
            params: dict[str, Param] = {"with": LEAD_PARTS} if stream is Stream.LEAD else {}
            if window.whole:
                return f"/{stream.value}", stream.value, {**params, "order": {"updated_at": "desc"}}
            edited: dict[str, Param] = {"filter": {"updated_at": times}, "order": {"updated_at": "asc"}}
            return f"/{stream.value}", stream.value, params | edited
        window.limit = min(window.limit, EVENTS_PAGE)
        wanted: dict[str, Param] = {"type": list(_EVENT_TYPES)}
        if stream is Stream.INVOICE_EVENT:
            known = self._directory.invoices()
            wanted = {"entity": [f"catalog_{known.catalog.id if known is not None else 0}"]}
        return "/events", "events", {"filter": {"created_at": times, **wanted}}

    def _page(
        self, path: str, key: str, params: dict[str, Param], paging: Paging
    ) -> tuple[list[JsonObject], bool] | None:
        """Rows of a page and whether the list goes on; None when it was too heavy and will be asked for in less."""
        try:
            document = self._client.get(path, {**params, "page": paging.page, "limit": paging.limit})
        except TooHeavy:
            if not paging.shrink():
                raise
            return None
        return embedded(document, key), has_next(document)

    def _take(self, harvest: Harvest, stream: Stream, rows: Sequence[Row]) -> None:
        if stream is Stream.LEAD:
            harvest.leads |= {row.id: row for row in rows if isinstance(row, LeadRow) and not row.is_deleted}
        elif stream in _CARDS:
            harvest.owners |= {(stream.value, row.id): row for row in rows if isinstance(row, OwnerRow)}
        else:
            self._take_events(harvest, stream, [row for row in rows if isinstance(row, EventRow)])

    def _take_events(self, harvest: Harvest, stream: Stream, rows: Iterable[EventRow]) -> None:
        """What an event speaks of is read anew: the event itself is no fact."""
        known = self._directory.invoices()
        lists = {f"catalog_{known.catalog.id}"} if known is not None else set()
        elements: set[int] = set()
        for row in rows:
            if row.type in _DELETIONS:
                harvest.deleted_at = min(row.created_at, harvest.deleted_at or row.created_at)
            if row.entity_type == "lead":
                harvest.lead_ids.add(row.entity_id)
            elif row.entity_type in _KINDS:
                harvest.owner_ids.add((_KINDS[row.entity_type], row.entity_id))
            elif row.entity_type in lists or (stream is Stream.INVOICE_EVENT and row.entity_type.startswith("catalog")):
                elements.add(row.entity_id)
        if known is not None:
            self.with_deals(harvest, known.catalog.id, elements)

    def with_deals(self, harvest: Harvest, catalog_id: int, elements: Iterable[int]) -> None:
        """Read these invoices with the deals that they belong to, which alone tell the bond."""
        for id_ in sorted(elements):
            harvest.element_ids.add(id_)
            harvest.lead_ids.update(self._lookup.leads_of_element(catalog_id, id_))


def _stamp(row: Row) -> int:
    if isinstance(row, EventRow):
        return row.created_at
    return row.updated_at if isinstance(row, Card) else 0


def _id(row: Row) -> str | int:
    return row.id if isinstance(row, EventRow | Card) else ""

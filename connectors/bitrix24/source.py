"""Polling: a first walk over every record, then streams of changes, with a slow walk beside them that misses nothing.

Streams: stage history by id, edits by time within a lag window, requisites and bank accounts by id. What no stream
shows (deletions, edits of old requisites) is found by the walk, one page a poll, begun anew every so many hours.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from connectors.bitrix24 import clients as book
from connectors.bitrix24.batching import Command
from connectors.bitrix24.client import PAGE, ListCall, RestClient
from connectors.bitrix24.dates import calibrate, portal_time, written
from connectors.bitrix24.mapper import COMPANY, CONTACT, DEAL, INVOICE
from connectors.bitrix24.mark import LAG, DateFormat, Mark, Step, Walk, Window, load_mark
from connectors.bitrix24.reader import Harvest, Reader
from connectors.bitrix24.schemas import BankDetailRow, HistoryRow, ItemRow, RequisiteRow, rows_of
from connectors.shared.changes import latest
from connectors.shared.jsontypes import JsonObject, Param
from hub.ports.crm import Change, ChangePage
from hub.ports.state import Clock

_log = logging.getLogger(__name__)

_TYPES: Final = {Step.COMPANY: COMPANY, Step.DEAL: DEAL, Step.INVOICE: INVOICE}
_NOW: Final = Command("server.time", {})
# Where ids run far apart (a mass import undone), only this many absences are reported for a page.
_GAPS_MOST: Final = 1000


def stage_history(entity_type_id: int, owner_id: int | None = None) -> ListCall:
    """Stage changes, of all records or of one."""
    params: dict[str, Param] = {"entityTypeId": entity_type_id}
    if owner_id is not None:
        params["filter"] = {"OWNER_ID": owner_id}
    return ListCall("crm.stagehistory.list", params, "items")


class Source:
    """Pages of changes of one portal."""

    def __init__(
        self, client: RestClient, reader: Reader, clients: book.ClientBook, clock: Clock, walk_every_h: float
    ) -> None:
        self._client = client
        self._reader = reader
        self._book = clients
        self._clock = clock
        self._walk_every = timedelta(hours=walk_every_h)
        self._types = (DEAL, INVOICE) if reader.smart_invoices else (DEAL,)
        self._steps = tuple(step for step in Step if step is not Step.INVOICE or reader.smart_invoices)

    def changes(self, text: str | None) -> ChangePage:
        """The next page; a mark that cannot be read starts from the beginning."""
        mark = load_mark(text) if text is not None else None
        if mark is None:
            return ChangePage((), self._begin().dump(), more=True)
        if mark.initial:
            changes = self._walk_page(mark)
            return ChangePage(changes, mark.dump(), more=True)
        harvest, more = self._delta(mark)
        changes = self._reader.changes(harvest)
        if not more:
            changes = latest((*self._background_walk(mark), *changes))
        return ChangePage(changes, mark.dump(), more)

    def _begin(self) -> Mark:
        """Remember where every stream stands before the first record is read."""
        tails: dict[str, ListCall] = {f"h{type_id}": stage_history(type_id) for type_id in self._types}
        tails |= {"rq": book.requisites(), "bd": book.bank_details()}
        commands = {
            key: Command(call.method, {**call.params, "order": {"ID": "DESC"}, "start": -1})
            for key, call in tails.items()
        }
        results = self._client.batch({"now": _NOW, **commands})
        tops = {key: max(map(call.id_of, call.rows(results[key])), default=0) for key, call in tails.items()}
        now = portal_time(results["now"], self._clock.now())
        return Mark(
            next_walk_at=now + self._walk_every,
            history={type_id: tops[f"h{type_id}"] for type_id in self._types},
            windows={type_id: Window(since=now - LAG) for type_id in (*self._types, COMPANY, CONTACT)},
            requisite=tops["rq"],
            bank_detail=tops["bd"],
            dates=calibrate(self._client, now),
        )

    # The walk

    def _background_walk(self, mark: Mark) -> tuple[Change, ...]:
        if mark.walk is None:
            if self._clock.now() < mark.next_walk_at:
                return ()
            mark.walk = Walk(tops=mark.tops)
            mark.next_walk_at = self._clock.now() + self._walk_every
        return self._walk_page(mark)

    def _walk_page(self, mark: Mark) -> tuple[Change, ...]:
        """One page of the walk; on the last page of a step the walk goes over to the next step."""
        walk = mark.walk
        assert walk is not None
        step, after = walk.step, walk.after
        call = book.requisites({"ENTITY_TYPE_ID": CONTACT}) if step is Step.CONTACT else self._call(step)
        rows, last_page = self._walk_rows(call, walk, wide=mark.initial)
        ids = [call.id_of(row) for row in rows]
        harvest = Harvest()
        self._put(harvest, step, rows)
        blind = not rows and not after and walk.tops.get(step, 0) > 0
        if blind:
            _log.warning("no %s is visible any more: rights lost? nothing is taken for deleted", step)
        elif not mark.initial and step is not Step.CONTACT:
            end = max([*ids, walk.tops.get(step, 0)], default=0) if last_page else max(ids)
            self._report_gaps(harvest, step, after, end, ids)
        if not blind:
            mark.tops[step] = max([after, *ids])
        if last_page:
            self._next_step(mark, walk)
        else:
            walk.after = max(ids)
        return self._reader.changes(harvest, first_time=mark.initial)

    def _walk_rows(self, call: ListCall, walk: Walk, *, wide: bool) -> tuple[list[JsonObject], bool]:
        """Rows of one request, and whether they were the last.

        A wide walk asks for several spans of fifty ids at once and for a page behind them: dense ids come hundreds at a
        time, and where ids lie far apart the page jumps over the emptiness. The width follows what the spans brought.
        """
        spans = walk.width if wide else 0
        behind = walk.after + PAGE * spans
        commands = {f"s{n}": call.span(walk.after + PAGE * n) for n in range(spans)}
        results = self._client.batch({**commands, "behind": call.page(behind)})
        page = call.rows(results.pop("behind"))
        rows = [row for result in results.values() for row in call.rows(result)]
        if wide:
            walk.adjust(len(rows), max(map(call.id_of, page), default=behind) - behind)
        return rows + page, len(page) < PAGE

    def _call(self, step: Step) -> ListCall:
        if step is Step.COMPANY:
            return book.owner_items(COMPANY)
        return self._reader.items(_TYPES[step])

    def _next_step(self, mark: Mark, walk: Walk) -> None:
        position = self._steps.index(walk.step) + 1
        if position < len(self._steps):
            mark.walk = Walk(step=self._steps[position], tops=walk.tops)
        else:
            mark.walk, mark.initial = None, False

    def _report_gaps(self, harvest: Harvest, step: Step, after: int, end: int, ids: list[int]) -> None:
        """Ids that no record has any more: each is asked for by id, and what does not come back is gone."""
        missing = sorted(set(range(max(after + 1, end - _GAPS_MOST), end + 1)) - set(ids))
        if step is Step.DEAL:
            harvest.deal_ids.update(missing)
        elif step is Step.INVOICE:
            harvest.invoice_ids.update(missing)
        else:
            harvest.owners.update((COMPANY, id_) for id_ in missing)

    def _put(self, harvest: Harvest, step: Step, rows: list[JsonObject]) -> None:
        if step is Step.CONTACT:
            owners = map(book.owner_of, rows_of(RequisiteRow, rows))
            harvest.owners.update(owner for owner in owners if owner is not None)
        else:
            self._put_items(harvest, _TYPES[step], rows_of(ItemRow, rows))

    @staticmethod
    def _put_items(harvest: Harvest, type_id: int, rows: list[ItemRow]) -> None:
        by_id = {row.id: row for row in rows}
        if type_id == DEAL:
            harvest.deals |= by_id
        elif type_id == INVOICE:
            harvest.invoices |= by_id
        else:
            harvest.owners.update((type_id, row.id) for row in rows)
            if type_id == COMPANY:
                harvest.companies |= by_id

    # The streams

    def _delta(self, mark: Mark) -> tuple[Harvest, bool]:
        """First pages of all streams in one request."""
        now = self._clock.now()
        calls: dict[str, ListCall] = {f"h{type_id}": stage_history(type_id) for type_id in self._types}
        calls |= {"rq": book.requisites(), "bd": book.bank_details()}
        after = {f"h{type_id}": mark.history[type_id] for type_id in self._types}
        after |= {"rq": mark.requisite, "bd": mark.bank_detail}
        if mark.dates is None:
            mark.dates = calibrate(self._client, now)
        if mark.dates not in (None, DateFormat.NONE):
            for type_id, window in mark.windows.items():
                calls[f"u{type_id}"] = self._edited(type_id, window, mark.dates)
                after[f"u{type_id}"] = window.after
        commands = {key: call.page(after[key]) for key, call in calls.items()}
        results = self._client.batch({"now": _NOW, **commands})
        rows = {key: call.rows(results[key]) for key, call in calls.items()}
        harvest = Harvest()
        self._take_ids(mark, harvest, rows)
        for type_id, window in mark.windows.items():
            if (key := f"u{type_id}") in rows:
                edited = self._take_window(window, rows[key], portal_time(results["now"], now))
                self._put_items(harvest, type_id, edited)
        self._raise_tops(mark, harvest)
        return harvest, any(len(page) >= PAGE for page in rows.values())

    def _edited(self, type_id: int, window: Window, style: DateFormat) -> ListCall:
        conditions: dict[str, Param] = {">=updatedTime": written(window.since, window.since, style)}
        if type_id in (DEAL, INVOICE):
            return self._reader.items(type_id, conditions)
        return book.owner_items(type_id, conditions)

    def _take_ids(self, mark: Mark, harvest: Harvest, rows: dict[str, list[JsonObject]]) -> None:
        """Streams that only grow: stage history, requisites, bank accounts."""
        for type_id in self._types:
            moves = rows_of(HistoryRow, rows[f"h{type_id}"])
            wanted = harvest.deal_ids if type_id == DEAL else harvest.invoice_ids
            wanted.update(row.owner_id for row in moves)
            mark.history[type_id] = _greatest(mark.history[type_id], rows[f"h{type_id}"])
        requisites = rows_of(RequisiteRow, rows["rq"])
        harvest.owners.update(owner for row in requisites if (owner := book.owner_of(row)) is not None)
        mark.requisite = _greatest(mark.requisite, rows["rq"])
        accounts = rows_of(BankDetailRow, rows["bd"])
        if accounts:
            harvest.owners |= self._book.owners_of_requisites(row.requisite_id for row in accounts)
        mark.bank_detail = _greatest(mark.bank_detail, rows["bd"])

    @staticmethod
    def _raise_tops(mark: Mark, harvest: Harvest) -> None:
        """Records made since the last walk count too: one that is gone by the next walk will be missed there."""
        for step, ids in (
            (Step.COMPANY, {id_ for type_id, id_ in harvest.owners if type_id == COMPANY}),
            (Step.DEAL, harvest.deal_ids | harvest.deals.keys()),
            (Step.INVOICE, harvest.invoice_ids | harvest.invoices.keys()),
        ):
            mark.tops[step] = max([mark.tops.get(step, 0), *ids])

    @staticmethod
    def _take_window(window: Window, raw: list[JsonObject], now: datetime) -> list[ItemRow]:
        """Rows of a window that were not handed over yet; the window moves on when its last page is read."""
        window.began = window.began or now
        fresh: list[ItemRow] = []
        for row in rows_of(ItemRow, raw):
            at = row.updated_time
            if at is None or at < window.since or window.seen.get(row.id) == at:
                continue
            fresh.append(row)
            # Times are whole seconds: in the one that is not over yet the row may be edited again unseen.
            if at < now.replace(microsecond=0):
                window.seen[row.id] = at
        if len(raw) >= PAGE:
            window.after = _greatest(window.after, raw)
        else:
            window.finish(now)
        return fresh


def _greatest(known: int, rows: list[JsonObject]) -> int:
    """Where a stream stands after these rows, unreadable ones too."""
    return max([known, *(int(str(row.get("ID", row.get("id")) or 0)) for row in rows)])

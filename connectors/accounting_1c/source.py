"""Changes of a base, a page a call. 1C tells neither when something changed nor in what order: windows of dates are
read again and again, and versions compared; each night a wider window, so that nothing that was missed stays missed.

With a plan of exchange 1C tells every change besides; what it tells is read anew and acknowledged after it is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from connectors.accounting_1c import query
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.exchange import ExchangeReader
from connectors.accounting_1c.lookup import HEADER, REF, Lookup
from connectors.accounting_1c.mapper import links_of
from connectors.accounting_1c.mark import STEPS, Days, Kind, Mark, Scan, Seen, Step, load_mark, noted, renew, within
from connectors.accounting_1c.names import Base, Resolved
from connectors.accounting_1c.outcomes import NO_FIELD, NO_OBJECT
from connectors.accounting_1c.paid import Window
from connectors.accounting_1c.reader import Reader
from connectors.accounting_1c.values import day_of, moment_of, objects_of, reference_of
from connectors.shared.changes import latest
from connectors.shared.jsontypes import JsonObject
from hub.domain.errors import Refused
from hub.ports.crm import Change, ChangePage
from hub.ports.state import Clock

_log = logging.getLogger(__name__)
_DAY: Final = timedelta(days=1)
#: People date documents a little ahead; what is dated farther ahead comes with its day.
_AHEAD: Final = timedelta(days=30)
_NIGHT_WITHIN_S: Final = 25 * 3600


@dataclass(slots=True)
class _Harvest:
    """What a call of `changes` gathered.

    Attributes:
        invoices: rows that were read already.
        references: invoices that are to be read by their references.
        whole: the rows are a page of a whole base that has more than one.
    """

    changes: list[Change] = field(default_factory=list)
    invoices: dict[str, JsonObject] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    whole: Window | None = None


class Source:
    """Walks over a base."""

    def __init__(
        self,
        config: OneCConfig,
        directory: Directory,
        lookup: Lookup,
        reader: Reader,
        exchange: ExchangeReader | None,
        clock: Clock,
    ) -> None:
        self._config = config
        self._directory = directory
        self._lookup = lookup
        self._reader = reader
        self._exchange = exchange
        self._clock = clock

    def changes(self, text: str | None) -> ChangePage:
        """The next page after a mark; None begins with the whole base."""
        mark = (load_mark(text) if text is not None else None) or self._first_mark()
        try:
            return self._page(mark)
        except Refused as error:
            if error.code in (NO_OBJECT, NO_FIELD):
                self._directory.forget()
            raise

    def _page(self, mark: Mark) -> ChangePage:
        harvest = _Harvest()
        self._tell(mark, harvest)
        scan = mark.scan or self._next_scan(mark)
        mark.scan = scan
        while self._step(mark, scan, harvest):
            if not scan.next_step():
                mark.scan = None
                break
        changes = [*harvest.changes, *self._read(mark, harvest)]
        more = mark.scan is not None or mark.message is not None
        return ChangePage(latest(changes), mark.dump(), more)

    def _read(self, mark: Mark, harvest: _Harvest) -> list[Change]:
        changes = self._reader.invoices(harvest.invoices, mark.began, harvest.whole)
        unread = harvest.references - harvest.invoices.keys()
        if not unread:
            return changes
        rows = self._reader.rows(unread)
        self._remember(mark, rows)
        return [*changes, *self._reader.read(unread, rows, mark.began)]

    def _remember(self, mark: Mark, rows: Mapping[str, JsonObject]) -> None:
        """What was read by its reference may lie outside the days that are walked over: deleted there, it is missed."""
        of = self._directory.base().invoices
        for reference, row in rows.items():
            day = day_of(row.get(of["date"]))
            if day is not None and day >= self._horizon():
                noted(mark.invoices, day, reference, Seen(_version(row)))

    # Where to begin

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._config.zone)

    def _first_mark(self) -> Mark:
        today = self._reader.today
        first = self._config.read_from or today - timedelta(days=self._config.first_days)
        scan = Scan(kind=Kind.FIRST, step=STEPS[Kind.FIRST][0], first=min(first, today), last=today + _AHEAD)
        return Mark(began=today, scan=scan, next_wide_at=self._next_wide_at())

    def _next_wide_at(self) -> int:
        now = self._now()
        due = datetime.combine(now.date(), time(self._config.wide_at_hour), tzinfo=now.tzinfo)
        due = due if due > now else due + _DAY
        return int(due.timestamp())

    def _next_scan(self, mark: Mark) -> Scan:
        due_in_s = mark.next_wide_at - self._clock.now().timestamp()
        # A clock that was set back puts no night off: none is farther than a day and the hour of summer time.
        is_wide = not 0 < due_in_s <= _NIGHT_WITHIN_S
        if is_wide:
            mark.next_wide_at = self._next_wide_at()
        kind = Kind.WIDE if is_wide else Kind.RECENT
        today = self._reader.today
        back = timedelta(days=self._config.wide_days if is_wide else self._config.recent_days)
        first = max(today - back, self._config.read_from or date.min)
        return Scan(kind=kind, step=STEPS[kind][0], first=min(first, today), last=today + _AHEAD)

    # One step of a walk

    def _step(self, mark: Mark, scan: Scan, harvest: _Harvest) -> bool:
        """Read the next page of the step; True when it was the last of the step."""
        base = self._directory.base()
        rows = self._rows(base, scan)
        if scan.step is Step.CLIENTS:
            known = {reference: row for row in rows if (reference := reference_of(row.get(REF))) is not None}
            harvest.changes += self._reader.clients_of_rows(base, known)
        elif scan.step is Step.INVOICES:
            if scan.kind is Kind.FIRST and (scan.skip or len(rows) == self._config.page_rows):
                harvest.whole = Window(scan.first, scan.last)
            self._take_invoices(mark, scan, base, rows, harvest)
        else:
            self._take_payments(mark, scan, base, rows, harvest)
        self._advance(base, scan, rows)
        # Fewer than were asked for is the only end: a page that is full may have others behind it.
        is_over = len(rows) < self._config.page_rows
        if is_over and scan.step is not Step.CLIENTS:
            self._finish(mark, scan, harvest)
        return is_over

    def _rows(self, base: Base, scan: Scan) -> list[JsonObject]:
        if scan.step is Step.CLIENTS:
            select = query.listed(base.clients.selected(REF, "DeletionMark"))
            return self._lookup.page(base.clients.set, {"$select": select, "$orderby": REF}, scan.skip)
        of = _documents(base, scan)
        table = () if scan.step is Step.INVOICES else (base.payment_table,)
        dated = of["date"]
        start = query.moment(scan.after) if scan.after is not None else _start(self._first_day(scan))
        options = {
            "$filter": f"{dated} ge {start} and {dated} lt {_start(scan.last + _DAY)}",
            "$orderby": f"{dated},{REF}",
            "$select": query.listed([*self._selected(of, scan.step), *table]),
        }
        return self._lookup.page(of.set, options, scan.skip)

    def _first_day(self, scan: Scan) -> date:
        """Older payments than are remembered tell nothing: the invoices that they name are read by their own dates."""
        is_first_look = scan.kind is Kind.FIRST and scan.step is Step.PAYMENTS
        return max(scan.first, self._horizon()) if is_first_look else scan.first

    def _advance(self, base: Base, scan: Scan, rows: Sequence[JsonObject]) -> None:
        """Where the next page begins."""
        if scan.step is Step.CLIENTS or not rows:
            scan.skip += len(rows)
            return
        moments = [moment_of(row.get(_documents(base, scan)["date"])) for row in rows]
        if moments[-1] == scan.after:
            scan.skip += len(rows)
            return
        same = moments.count(moments[-1])
        scan.after, scan.skip = moments[-1], same if same >= self._config.page_rows else 0

    def _selected(self, of: Resolved, step: Step) -> Iterable[str]:
        return of.selected(*HEADER) if step is Step.INVOICES else [*HEADER, of["date"]]

    def _take_invoices(self, mark: Mark, scan: Scan, base: Base, rows: Iterable[JsonObject], harvest: _Harvest) -> None:
        """A nightly pass takes every row: what 1C says of its money changes without the document's version."""
        known = within(mark.invoices, scan.first, scan.last)
        for reference, row in self._noted(scan, base.invoices, rows):
            before = known.get(reference)
            if scan.kind is not Kind.RECENT or before is None or before.version != _version(row):
                harvest.invoices[reference] = row

    def _take_payments(self, mark: Mark, scan: Scan, base: Base, rows: Iterable[JsonObject], harvest: _Harvest) -> None:
        """Invoices that a payment names now or named before are read anew.

        A nightly pass reads the older ones, whose time for the money may be over; the others it has just read. The
        first time they are read anyway, but for old ones that were paid of late.
        """
        late = self._reader.today - timedelta(days=self._config.recent_days)
        known = within(mark.payments, scan.first, scan.last)
        just_read = _references(mark.invoices) if scan.kind is Kind.WIDE else set()
        for reference, row in self._noted(scan, base.payments, rows):
            before = known.get(reference)
            seen = _find(scan.found, reference)
            links = seen.links if seen is not None else ()
            if scan.kind is Kind.WIDE:
                harvest.references.update(link for link in links if link not in just_read)
            if before is not None and before.version == _version(row):
                continue
            if scan.kind is Kind.FIRST and (day_of(row.get(base.payments["date"])) or late) < late:
                continue
            harvest.references.update(links)
            harvest.references.update(before.links if before is not None else ())

    def _noted(self, scan: Scan, of: Resolved, rows: Iterable[JsonObject]) -> Iterable[tuple[str, JsonObject]]:
        base = self._directory.base()
        for row in rows:
            reference, day = reference_of(row.get(REF)), day_of(row.get(of["date"]))
            if reference is None or day is None:
                continue
            links: tuple[str, ...] = ()
            if scan.step is Step.PAYMENTS:
                links = links_of(base.payment_rows, objects_of(row.get(base.payment_table)), base.invoices.set)
            seen = Seen(_version(row), links)
            if day >= self._horizon():
                scan.found.setdefault(day.isoformat(), {})[reference] = seen.dump()
            yield reference, row

    def _horizon(self) -> date:
        return self._reader.today - timedelta(days=self._config.wide_days)

    def _finish(self, mark: Mark, scan: Scan, harvest: _Harvest) -> None:
        """What was known of these days and is not there any more was deleted, or got another date: it is read anew."""
        known = mark.known(scan.step)
        lost = within(known, scan.first, scan.last).keys() - _references(scan.found)
        if scan.step is Step.INVOICES:
            harvest.references |= lost
        else:
            for reference in lost:
                harvest.references.update(within(known, scan.first, scan.last)[reference].links)
        fresh = renew(known, scan.found, scan.first, scan.last, self._horizon())
        if scan.step is Step.INVOICES:
            mark.invoices = fresh
        else:
            mark.payments = fresh

    # What the plan of exchange tells

    def _tell(self, mark: Mark, harvest: _Harvest) -> None:
        if self._exchange is None:
            return
        if mark.message is not None:
            # The mark came back to us, so the rows of that message are committed.
            self._exchange.acknowledge(mark.message)
            mark.message = None
        if mark.scan is not None:
            return
        told = self._exchange.read(self._directory.base())
        mark.message = told.number if told.number else None
        harvest.references |= told.invoices
        harvest.references |= self._named_by(told.payments)
        for reference in told.payments:
            before = _find(mark.payments, reference)
            harvest.references.update(before.links if before is not None else ())
        if told.clients:
            harvest.changes += self._reader.clients(told.clients)

    def _named_by(self, payments: Collection[str]) -> set[str]:
        """Invoices that these payments name."""
        if not payments:
            return set()
        base = self._directory.base()
        of = base.payments
        conditions = [f"{REF} eq {query.guid(reference)}" for reference in sorted(payments)]
        rows = self._lookup.tables(of, base.payment_table, conditions)
        return {
            link
            for row in rows
            for link in links_of(base.payment_rows, objects_of(row.get(base.payment_table)), base.invoices.set)
        }


def _documents(base: Base, scan: Scan) -> Resolved:
    return base.invoices if scan.step is Step.INVOICES else base.payments


def _version(row: JsonObject) -> str:
    return str(row.get("DataVersion") or "")


def _start(day: date) -> str:
    return query.moment(datetime.combine(day, time()))


def _find(days: Days, reference: str) -> Seen | None:
    return next((Seen.load(rows[reference]) for rows in days.values() if reference in rows), None)


def _references(days: Days) -> set[str]:
    return {reference for rows in days.values() for reference in rows}

"""Read-only lists for the desk and the command line; every change goes through a service."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlalchemy import and_

from hub.ports.bank import DayProof
from hub.ports.claims import ClaimRow, ClaimState
from hub.ports.records import AuditRow, EffectState, InboxKind, InvoiceRow
from hub.store.engine import Database
from hub.store.queries.aliases import aliases_page
from hub.store.queries.banks import TakenBack, newest_days, open_gaps, taken_back
from hub.store.queries.card import journal_of, payment_card
from hub.store.queries.chosen import ChosenPayments, InboxLine, chosen_payments, failed_inbox
from hub.store.queries.claims import claim_counts, claims_page, unread_reports
from hub.store.queries.decisions import KeptDecision, decision_tables, kept_decisions
from hub.store.queries.figures import Backlog, Figures, Lag, backlog, figures
from hub.store.queries.imports import broken_lines, imports_page, imports_where
from hub.store.queries.journal import JournalBlock, JournalFilter, journal_blocks, noted_head, recent_lines
from hub.store.queries.piles import pile_page, pile_totals
from hub.store.queries.sales import asked_sales, sale_counts, sale_members, sales_page
from hub.store.queries.status import effects_page, overview, parked_effects
from hub.store.queries.views import (
    AliasLine,
    BrokenLine,
    EffectLine,
    Filter,
    ImportLine,
    Overview,
    Page,
    PaymentCard,
    PaymentLine,
    PileName,
    PileTotals,
    Queue,
    SaleLine,
    SaleTab,
    UnreadReport,
)
from hub.store.tables import inbox

__all__ = [
    "AliasLine",
    "Backlog",
    "BrokenLine",
    "ChosenPayments",
    "EffectLine",
    "Figures",
    "Filter",
    "ImportLine",
    "InboxLine",
    "JournalBlock",
    "JournalFilter",
    "KeptDecision",
    "Lag",
    "Overview",
    "Page",
    "PaymentCard",
    "PaymentLine",
    "PileName",
    "PileTotals",
    "Queries",
    "Queue",
    "SaleLine",
    "SaleTab",
    "TakenBack",
    "UnreadReport",
]

_EVERYTHING: Final = Filter()


class Queries:
    """Each call reads one snapshot of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def piles(self, narrowed: Filter = _EVERYTHING) -> dict[PileName, PileTotals]:
        """Count and sums of every pile."""
        with self._database.read() as connection:
            return pile_totals(connection, narrowed)

    def payments(
        self, pile: PileName, narrowed: Filter = _EVERYTHING, *, offset: int = 0, limit: int = 50
    ) -> Page[PaymentLine]:
        """Payments of a pile, newest first."""
        with self._database.read() as connection:
            return pile_page(connection, pile, narrowed, offset, limit)

    def payment(self, payment_id: str) -> PaymentCard | None:
        """Everything about one payment; None for an id that no payment has."""
        with self._database.read() as connection:
            return payment_card(connection, payment_id)

    def journal_of(self, payment_id: str) -> tuple[AuditRow, ...]:
        """Lines of the journal about a payment and what it did in the CRM, oldest first."""
        with self._database.read() as connection:
            return journal_of(connection, payment_id)

    def sources(self, inbox_ids: Collection[int]) -> tuple[ImportLine, ...]:
        """The named files, newest first."""
        with self._database.read() as connection:
            return tuple(imports_where(connection, inbox.c.id.in_(inbox_ids)))

    def imports(self, *, offset: int = 0, limit: int = 50) -> Page[ImportLine]:
        """Statement files, newest first."""
        with self._database.read() as connection:
            return imports_page(connection, offset, limit)

    def imported(self, inbox_id: int) -> tuple[ImportLine, tuple[BrokenLine, ...]] | None:
        """One file with its unreadable documents."""
        with self._database.read() as connection:
            found = imports_where(connection, and_(inbox.c.id == inbox_id, inbox.c.kind == InboxKind.STATEMENT_FILE))
            return (found[0], broken_lines(connection, inbox_id)) if found else None

    def effects(self, states: Collection[EffectState], *, offset: int = 0, limit: int = 50) -> Page[EffectLine]:
        """Effects in any of the states, newest first."""
        with self._database.read() as connection:
            return effects_page(connection, states, offset, limit)

    def claims(self, states: Collection[ClaimState], *, offset: int = 0, limit: int = 50) -> Page[ClaimRow]:
        """Reports of payments in any of the states: overdue ones first, then newest first."""
        with self._database.read() as connection:
            return claims_page(connection, states, offset, limit)

    def claim_counts(self) -> dict[ClaimState, int]:
        """How many reports of payments stand where."""
        with self._database.read() as connection:
            return claim_counts(connection)

    def unread_reports(self, limit: int = 20) -> Page[UnreadReport]:
        """Authentic messages that could not be read as reports, newest first."""
        with self._database.read() as connection:
            return unread_reports(connection, limit)

    def aliases(self, *, ended: bool = False, offset: int = 0, limit: int = 50) -> Page[AliasLine]:
        """Who pays for whom, the newest first; or what was ended of it, the last ended first."""
        with self._database.read() as connection:
            return aliases_page(connection, offset, limit, ended=ended)

    def sales(self, tab: SaleTab, *, offset: int = 0, limit: int = 50) -> Page[SaleLine]:
        """Invoices that may be one sale, and documents with the deals that they may belong to, newest first."""
        with self._database.read() as connection:
            return sales_page(connection, tab, offset, limit)

    def sale_counts(self) -> dict[SaleTab, int]:
        """How many of them wait for a person, were answered by one, were joined by the machine."""
        with self._database.read() as connection:
            return sale_counts(connection)

    def asked_sales(self) -> int | None:
        """How many of them wait for a person; None where nothing was ever joined nor asked about."""
        with self._database.read() as connection:
            return asked_sales(connection)

    def sale_members(self, invoice_ids: Collection[str]) -> dict[str, tuple[InvoiceRow, ...]]:
        """By invoice, where several systems keep its sale: what each of them keeps, the accounting system first."""
        with self._database.read() as connection:
            return sale_members(connection, invoice_ids)

    def stopped(self) -> int:
        """How many effects wait for a person."""
        with self._database.read() as connection:
            return parked_effects(connection)

    def newest_bank_days(self) -> tuple[DayProof, ...]:
        """The newest day of every account that a bank's API shows."""
        with self._database.read() as connection:
            return newest_days(connection)

    def bank_gaps(self) -> tuple[DayProof, ...]:
        """Days that do not add up to the bank's balances, newest first."""
        with self._database.read() as connection:
            return open_gaps(connection)

    def taken_back(self) -> tuple[TakenBack, ...]:
        """Matched payments that their source does not show any more."""
        with self._database.read() as connection:
            return taken_back(connection)

    def overview(self) -> Overview:
        """Queue sizes and ages, true state of each connection."""
        with self._database.read() as connection:
            return overview(connection)

    def backlog(self, now: datetime, limits: Mapping[str, float]) -> Backlog:
        """What the hub is late with; `limits` are seconds for `inbox`, `payments` and `outbox`."""
        with self._database.read() as connection:
            return backlog(connection, now, limits)

    def figures(self) -> Figures:
        """Everything that metrics are made of."""
        with self._database.read() as connection:
            return figures(connection)

    def chosen_payments(self, chosen: ChosenPayments) -> tuple[str, ...]:
        """Ids of chosen payments, the oldest day first."""
        with self._database.read() as connection:
            return chosen_payments(connection, chosen)

    @contextmanager
    def kept_decisions(
        self, payments: Collection[str] | None = None
    ) -> Iterator[tuple[dict[str, str], Iterator[KeptDecision]]]:
        """Texts of decision tables by version, and every decision about these payments (all without any)."""
        with self._database.read() as connection:
            yield decision_tables(connection), kept_decisions(connection, payments)

    def failed_inbox(self, since: datetime | None = None, until: datetime | None = None) -> tuple[InboxLine, ...]:
        """Inbound facts that could not be read, oldest first."""
        with self._database.read() as connection:
            return failed_inbox(connection, since, until)

    @contextmanager
    def journal_export(self, wanted: JournalFilter) -> Iterator[tuple[tuple[int, str], Iterator[JournalBlock]]]:
        """Number and hash of the newest block, and the blocks of the wanted lines, read as they are asked for."""
        with self._database.read() as connection:
            yield noted_head(connection), journal_blocks(connection, wanted)

    def journal(self, *, before: int | None = None, limit: int = 100) -> tuple[AuditRow, ...]:
        """The newest lines of the journal, or those older than line `before`."""
        with self._database.read() as connection:
            return recent_lines(connection, before, limit)

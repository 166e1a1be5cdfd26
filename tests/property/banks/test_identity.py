"""Files, T-Bank and Tochka in any overlap and order: the same money is one payment, equal movements stay as many."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.composition.statements import statement_reader
from hub.ports.bank import ProofState
from hub.ports.records import InboxKind, PaymentRow
from hub.services.bank_source import BankSource
from hub.services.import_statement import import_statement
from hub.services.poll_bank import read_days
from hub.services.read_inbox import read_inbox
from hub.store.engine import open_database
from hub.store.unit_of_work import SqlStore
from tests.support.bank_ledger import OUR_ACCOUNT, OUR_TAX_ID, Entry, Ledger, LedgerBank
from tests.support.world import World

BANK = "bank"
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 6)
MONTH = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
OTHERS = [("40702810000000000777", "7700000016"), ("40702810000000000888", "7736050003")]


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Few values, so that movements are often alike; the day of a document follows from its number and day."""
    found = []
    for number in range(draw(st.integers(1, 7))):
        account, tax_id = draw(st.sampled_from(OTHERS))
        document, day = draw(st.sampled_from(["0", "12", "245"])), draw(st.sampled_from(MONTH))
        found.append(
            Entry(
                id=f"op-{number}",
                day=day,
                amount=draw(st.sampled_from([Decimal(100), Decimal("-100"), Decimal("250.50")])),
                number=document,
                dated=day - timedelta(days=1 if document == "245" else 0),
                purpose=draw(st.sampled_from(["Оплата по счету № 71", "Аванс"])),
                other=account,
                tax_id=tax_id,
            )
        )
    return found


@st.composite
def reads(draw: st.DrawFn) -> list[tuple[str, date, date]]:
    """Files and reads of the API over stretches of days, overlapping as they like."""
    found = []
    for _ in range(draw(st.integers(0, 6))):
        first, last = sorted((draw(st.sampled_from(MONTH)), draw(st.sampled_from(MONTH))))
        found.append((draw(st.sampled_from(["file", "api"])), first, last))
    return found


class BankWorld(World):
    """A company with one account, shown by files and by an API."""

    ledger: Ledger

    def open(self, provider: str, told: list[Entry]) -> BankWorld:
        self.clock.at = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
        self.ledger = Ledger(entries=list(told))
        self.rt = replace(
            self.rt,
            read_statement=statement_reader(1 << 20),
            banks={BANK: LedgerBank(provider, [self.ledger])},
            bank_sources={BANK: BankSource(BANK, "Банк")},
            own_accounts=frozenset({OUR_ACCOUNT}),
            own_tax_ids=frozenset({OUR_TAX_ID}),
        )
        return self

    def take(self, read: tuple[str, date, date]) -> None:
        kind, first, last = read
        if kind == "api":
            days = [day for day in MONTH if first <= day <= last]
            read_days(self.rt, BANK, [(OUR_ACCOUNT, day) for day in days])
            return
        # A file that is made later comes with more in its head: it is another file.
        self.clock.at += timedelta(minutes=1)
        raw = self.ledger.file(first, last, made_on=date(2026, 3, 10))
        read_inbox(self.rt, import_statement(self.rt, raw, f"{self.clock.at}", "anna").inbox_id)

    def rows(self) -> list[PaymentRow]:
        with self.store.read() as uow:
            found = [uow.payments.get(f"p{number}") for number in range(1, 60)]
        return [row for row in found if row is not None]

    def kinds(self, row: PaymentRow) -> set[InboxKind]:
        with self.store.read() as uow:
            return {found.kind for number in row.inbox_ids if (found := uow.inbox.get(number)) is not None}


@contextmanager
def a_world(template: Path, provider: str, told: list[Entry]) -> Iterator[BankWorld]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.sqlite3"
        shutil.copy(template, path)
        database = open_database(f"sqlite:///{path}")
        try:
            yield BankWorld(SqlStore(database)).open(provider, told)
        finally:
            database.close()


def content(rows: list[PaymentRow]) -> Counter[tuple[str | None, str, str | None]]:
    return Counter(
        (row.payment.document_number, f"{row.payment.direction.value} {row.payment.amount.amount}", account_of(row))
        for row in rows
    )


def account_of(row: PaymentRow) -> str | None:
    return row.payment.counterparty.account


def truth(told: list[Entry]) -> Counter[tuple[str | None, str, str | None]]:
    return Counter(
        (item.number, f"{'in' if item.amount > 0 else 'out'} {abs(item.amount):.2f}", item.other) for item in told
    )


EVERYTHING = ("api", FIRST, LAST)


@settings(max_examples=60, deadline=None)
@given(told=entries(), steps=reads(), provider=st.sampled_from(["tbank", "tochka"]))
def test_any_reads_in_any_order_give_the_ledger_and_nothing_beside_it(
    sqlite_template: Path, told: list[Entry], steps: list[tuple[str, date, date]], provider: str
) -> None:
    with a_world(sqlite_template, provider, told) as world:
        for step in steps:
            world.take(step)
            assert content(world.rows()) <= truth(told)
        world.take(EVERYTHING)
        world.take(("file", FIRST, LAST))
        assert content(world.rows()) == truth(told)
        assert all(row.vanished_in is None for row in world.rows())
        assert all(world.kinds(row) == {InboxKind.STATEMENT_FILE, InboxKind.BANK_DAY} for row in world.rows())
        with world.store.read() as uow:
            states = {proof.state for proof in uow.banks.proofs(FIRST)}
        assert states == {ProofState.PROVED}


@settings(max_examples=40, deadline=None)
@given(told=entries(), steps=reads(), order=st.randoms(use_true_random=False))
def test_with_dates_of_documents_a_part_is_as_exact_as_the_whole(
    sqlite_template: Path, told: list[Entry], steps: list[tuple[str, date, date]], order: Random
) -> None:
    """T-Bank names the date of the document: every line joins its own, whatever was read of the rest."""
    shuffled = list(steps)
    order.shuffle(shuffled)
    for sequence in (steps, shuffled):
        with a_world(sqlite_template, "tbank", told) as world:
            for step in sequence:
                world.take(step)
            shown = [item for item in told if any(first <= item.day <= last for _, first, last in steps)]
            assert content(world.rows()) == truth(shown)


@settings(max_examples=30, deadline=None)
@given(told=entries(), data=st.data(), provider=st.sampled_from(["tbank", "tochka"]))
def test_what_a_bank_takes_back_is_flagged_and_nothing_else(
    sqlite_template: Path, told: list[Entry], data: st.DataObject, provider: str
) -> None:
    with a_world(sqlite_template, provider, told) as world:
        world.take(EVERYTHING)
        gone = data.draw(st.sampled_from(told))
        world.ledger.entries.remove(gone)
        world.take(EVERYTHING)
        flagged = [row for row in world.rows() if row.vanished_in is not None]
        assert content(flagged) == truth([gone])
        world.ledger.entries.append(gone)
        world.take(EVERYTHING)
        assert content(world.rows()) == truth(told)
        assert all(row.vanished_in is None for row in world.rows())

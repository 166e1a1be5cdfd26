"""A company whose bank is read over its API, for tests of the services."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hub.composition.statements import statement_reader
from hub.ports.bank import ProofState
from hub.ports.records import InboxKind, PaymentRow
from hub.services.bank_source import BankSource
from hub.services.import_statement import import_statement
from hub.services.poll_bank import poll_bank
from hub.services.read_inbox import read_inbox
from hub.services.runtime import Runtime
from tests.support.bank_ledger import OUR_ACCOUNT, Ledger, LedgerBank
from tests.support.world import World

BANK = "bank"
TODAY = date(2026, 3, 10)


def day(number: int) -> date:
    """A day of the month in which the tests play."""
    return date(2026, 3, number)


class BankWorld(World):
    """A company with a bank that is read over its API."""

    ledger: Ledger
    bank: LedgerBank

    def open(self, provider: str, acting: bool = True) -> BankWorld:
        self.clock.at = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
        self.ledger = Ledger()
        self.bank = LedgerBank(provider, [self.ledger])
        source = BankSource(BANK, "Банк", read_from=day(1))
        self.rt = equipped(self.rt, banks={BANK: self.bank}, bank_sources={BANK: source})
        with self.store.write() as uow:
            uow.connections.ensure(BANK)
            uow.connections.set_acting(BANK, acting, day(1) if acting else None)
        return self

    def poll(self) -> None:
        assert poll_bank(self.rt, BANK).complete

    def next_day(self) -> None:
        self.clock.at += timedelta(days=1)

    def upload(self, raw: bytes) -> None:
        read_inbox(self.rt, import_statement(self.rt, raw, "kl_to_1c.txt", "anna").inbox_id)

    def hook(self, source_id: str, on: date, account: str = OUR_ACCOUNT) -> None:
        body = json.dumps({"account": account, "day": on.isoformat(), "id": source_id}).encode()
        with self.store.write() as uow:
            uow.inbox.add(BANK, InboxKind.HOOK, "json", body, body.hex(), self.clock.now())

    def payments(self) -> list[PaymentRow]:
        with self.store.read() as uow:
            rows = [uow.payments.get(f"p{number}") for number in range(1, 60)]
        return [row for row in rows if row is not None]

    def kinds(self, row: PaymentRow) -> list[InboxKind]:
        with self.store.read() as uow:
            found = [uow.inbox.get(number) for number in row.inbox_ids]
        return [item.kind for item in found if item is not None]

    def proof(self, on: date) -> ProofState | None:
        with self.store.read() as uow:
            found = uow.banks.proof(BANK, OUR_ACCOUNT, on)
        return found.state if found is not None else None


def equipped(rt: Runtime, **values: Any) -> Runtime:
    """A runtime that reads statements as well."""
    return replace(rt, read_statement=statement_reader(1 << 20), **values)

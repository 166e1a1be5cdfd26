"""A company whose accountant writes the bank's movements down in 1C, which the hub reads beside the bank itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.accounting_1c.money import read_row
from connectors.bank.day import DayDocument, days_between, dump_day, load_day
from connectors.bank.providers.statement_day import read_day
from connectors.shared.jsontypes import JsonObject
from hub.ports.bank import BankAccount, BankDay, BankPort, DayAnswer, DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import PaymentRow
from hub.services.bank_source import BankSource
from hub.services.poll_bank import poll_bank
from tests.support.bank_ledger import OTHER_ACCOUNT, OTHER_TAX_ID, OUR_ACCOUNT
from tests.support.bank_world import BANK, BankWorld, day, equipped

BOOKS = "buh"


@dataclass
class Document:
    """An incoming payment as the accountant has it; what is None was left out."""

    ref: str
    on: date
    amount: Decimal
    number: str | None = "245"
    dated: date | None = None
    purpose: str = "Оплата по счету № 71"
    account: str | None = OTHER_ACCOUNT
    tax_id: str | None = OTHER_TAX_ID

    def row(self) -> JsonObject:
        """As the connector keeps it."""
        return {
            "id": self.ref,
            "number": f"АБ00-{self.ref}",
            "day": self.on.isoformat(),
            "amount": self.amount,
            "currency": "RUB",
            "bank_number": self.number or "",
            "bank_date": self.dated.isoformat() if self.dated else None,
            "purpose": self.purpose,
            "operation": "ОплатаПокупателя",
            "payer": {"account": self.account, "inn": self.tax_id, "name": "Фиалка ООО"},
            "invoices": [],
        }


@dataclass
class Books(BankPort):
    """Posted documents of one base."""

    documents: dict[str, Document] = field(default_factory=dict)

    def write(self, amount: str, on: date, **facts: Any) -> Document:
        """A document is entered and posted."""
        made = Document(f"{len(self.documents) + 1:06d}", on, Decimal(amount), **facts)
        self.documents[made.ref] = made
        return made

    def accounts(self) -> tuple[BankAccount, ...]:
        return (BankAccount(OUR_ACCOUNT, "RUB"),)

    def days(self, account: str, first: date, last: date) -> Iterator[DayAnswer]:
        for on in days_between(first, last):
            rows = tuple(item.row() for item in self.documents.values() if item.on == on)
            yield dump_day(DayDocument("1c", account, on, None, None, rows))

    def read(self, body: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> BankDay:
        return read_day(load_day(body), lambda row: True, read_row, own_accounts, own_tax_ids)

    def hints(self, request: HookRequest) -> tuple[DayHint, ...]:
        raise NotImplementedError(request)

    def admit(self, request: HookRequest) -> Admission | None:
        raise NotImplementedError(request)

    def refresh(self) -> None:
        """There is no key."""

    def subscribe(self, url: str) -> None:
        raise NotImplementedError(url)

    def close(self) -> None:
        """Nothing is open."""


class BookedWorld(BankWorld):
    """A company with a bank, and with 1C beside it."""

    books: Books

    def open_both(self, provider: str) -> BookedWorld:
        """Both are read, and both may move deals."""
        self.open(provider)
        self.books = Books()
        sources = {**self.rt.bank_sources, BOOKS: BankSource(BOOKS, "1С", read_from=day(1), is_books=True)}
        self.rt = equipped(self.rt, banks={BANK: self.bank, BOOKS: self.books}, bank_sources=sources)
        with self.store.write() as uow:
            uow.connections.ensure(BOOKS)
            uow.connections.set_acting(BOOKS, True, day(1))
        return self

    def without_bank(self) -> BookedWorld:
        """Nobody reads the bank but the accountant."""
        self.rt = equipped(self.rt, banks={BOOKS: self.books}, bank_sources={BOOKS: self.rt.bank_sources[BOOKS]})
        return self

    def read_books(self) -> None:
        assert poll_bank(self.rt, BOOKS).complete

    def sources(self, row: PaymentRow) -> set[str]:
        """Who shows the payment: the names of connections, and `files`."""
        with self.store.read() as uow:
            found = [uow.inbox.get(number) for number in row.inbox_ids]
        return {item.connection for item in found if item is not None}

    def live(self) -> list[PaymentRow]:
        """Payments that some source shows."""
        return [row for row in self.payments() if row.vanished_in is None]

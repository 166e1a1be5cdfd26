"""A bank of a few lines for tests: one ledger, shown as a file, as T-Bank's rows or as Tochka's transactions.

It stands behind the real mappers, so what is tested is whether the three forms of the same money meet.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from connectors.bank.day import DayDocument, days_between, dump_day, load_day
from connectors.bank.providers.statement_day import read_day
from connectors.bank.providers.tbank import mapper as tbank
from connectors.bank.providers.tochka import mapper as tochka
from connectors.shared.jsontypes import JsonObject, parse_json
from hub.domain.errors import ConnectorError
from hub.ports.bank import BankAccount, BankDay, BankPort, DayAnswer, DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind
from tests.unit.bank.statement_builder import document, encode, statement

OUR_ACCOUNT = "40702810000000000001"
OUR_TAX_ID = "7700000023"
OTHER_ACCOUNT = "40702810000000000777"
OTHER_TAX_ID = "7700000016"


@dataclass(frozen=True)
class Entry:
    """One movement; the sum is positive when the money came."""

    id: str
    day: date
    amount: Decimal
    number: str = "245"
    dated: date | None = None
    purpose: str = "Оплата по счету № 71"
    other: str = OTHER_ACCOUNT
    tax_id: str = OTHER_TAX_ID
    status: str = "booked"

    @property
    def document_date(self) -> date:
        return self.dated or self.day


@dataclass
class Ledger:
    """The truth of one account."""

    account: str = OUR_ACCOUNT
    entries: list[Entry] = field(default_factory=list)
    start: Decimal = Decimal(1000)
    #: What the bank's balance holds beyond its rows: a movement that it does not show.
    hidden: dict[date, Decimal] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, amount: str, day: date, **facts: object) -> Entry:
        """Book a movement."""
        entry = Entry(f"op-{next(self.numbers)}", day, Decimal(amount), **facts)  # type: ignore[arg-type]
        self.entries.append(entry)
        return entry

    def change(self, entry: Entry, **facts: object) -> Entry:
        """The bank corrects a movement."""
        changed = replace(entry, **facts)  # type: ignore[arg-type]
        self.entries[self.entries.index(entry)] = changed
        return changed

    def of(self, day: date) -> list[Entry]:
        """Movements of a day."""
        return [entry for entry in self.entries if entry.day == day]

    def balance(self, until: date) -> Decimal:
        """At the start of that day."""
        booked = sum((item.amount for item in self.entries if item.day < until and item.status == "booked"), Decimal())
        return self.start + booked + sum((sum_ for day, sum_ in self.hidden.items() if day < until), Decimal())

    def file(self, first: date, last: date, made_on: date | None = None) -> bytes:
        """A statement file of these days."""
        shown = [item for item in self.entries if first <= item.day <= last and item.status == "booked"]
        made = made_on or last + timedelta(days=1)
        text = statement(
            *(_section(self.account, item) for item in shown),
            accounts=(self.account,),
            ДатаСоздания=f"{made:%d.%m.%Y}",
            ДатаНачала=f"{first:%d.%m.%Y}",
            ДатаКонца=f"{last:%d.%m.%Y}",
        )
        return encode(text)


def _section(account: str, item: Entry) -> str:
    came = item.amount > 0
    ours, other = ("Получатель", "Плательщик") if came else ("Плательщик", "Получатель")
    facts = {
        "Номер": item.number,
        "Дата": f"{item.document_date:%d.%m.%Y}",
        "Сумма": str(abs(item.amount)),
        f"{other}Счет": item.other,
        f"{other}": 'ООО "Фиалка"',
        f"{other}ИНН": item.tax_id,
        f"{ours}Счет": account,
        f"{ours}": 'ООО "Наша фирма"',
        f"{ours}ИНН": OUR_TAX_ID,
        "ДатаПоступило" if came else "ДатаСписано": f"{item.day:%d.%m.%Y}",
        "НазначениеПлатежа": item.purpose,
    }
    return document(facts)


@dataclass
class LedgerBank(BankPort):
    """`hub.ports.bank.BankPort` over ledgers, in the form of a provider.

    Attributes:
        trouble: what the next calls raise, by account; under '' for all of them.
        calls: accounts and days that were asked for.
    """

    provider: str
    ledgers: list[Ledger]
    trouble: dict[str, ConnectorError] = field(default_factory=dict)
    calls: list[tuple[str, date]] = field(default_factory=list)
    balances: bool = True
    refreshed: int = 0

    def accounts(self) -> tuple[BankAccount, ...]:
        self._fail("")
        return tuple(BankAccount(ledger.account, "RUB") for ledger in self.ledgers)

    def days(self, account: str, first: date, last: date) -> Iterator[DayAnswer]:
        for day in days_between(first, last):
            self._fail(account)
            self.calls.append((account, day))
            yield self.day(account, day)

    def day(self, account: str, day: date) -> DayAnswer:
        """What the bank shows of a day now."""
        ledger = next(item for item in self.ledgers if item.account == account)
        rows = [self._row(account, entry) for entry in ledger.of(day)]
        opening, closing = ledger.balance(day), ledger.balance(day + timedelta(days=1))
        told = [str(sum_) if self.balances else None for sum_ in (opening, closing)]
        return dump_day(DayDocument(self.provider, account, day, told[0], told[1], tuple(rows)))

    def _row(self, account: str, entry: Entry) -> JsonObject:
        made = tbank_row if self.provider == "tbank" else tochka_row
        return cast("JsonObject", parse_json(json.dumps(made(account, entry)).encode()))

    def _fail(self, account: str) -> None:
        if account in self.trouble:
            raise self.trouble[account]

    def read(self, body: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> BankDay:
        bank = tbank if self.provider == "tbank" else tochka
        return read_day(load_day(body), bank.is_booked, bank.read_row, own_accounts, own_tax_ids)

    def hints(self, request: HookRequest) -> tuple[DayHint, ...]:
        told = json.loads(request.body)
        return (DayHint(told["account"], date.fromisoformat(told["day"]), "told", None, told["id"]),)

    def admit(self, request: HookRequest) -> Admission | None:
        return Admission(InboxKind.HOOK, "json", request.body.hex())

    def refresh(self) -> None:
        self.refreshed += 1

    def subscribe(self, url: str) -> None:
        raise NotImplementedError(url)

    def close(self) -> None:
        """Nothing is open."""


def tbank_row(account: str, entry: Entry) -> dict[str, object]:
    """A row of T-API's statement; its moment is the night's end in UTC, still the evening before."""
    came = entry.amount > 0
    moment = datetime(entry.day.year, entry.day.month, entry.day.day) - timedelta(hours=2)
    other = {"acct": entry.other, "inn": entry.tax_id, "name": 'ООО "ФИАЛКА"'}
    ours = {"acct": account, "inn": OUR_TAX_ID, "name": "ООО Наша фирма"}
    return {
        "operationId": entry.id,
        "operationDate": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "operationStatus": "Transaction" if entry.status == "booked" else "Authorization",
        "accountNumber": account,
        "typeOfOperation": "Credit" if came else "Debit",
        "documentNumber": entry.number,
        "docDate": entry.document_date.isoformat(),
        "accountAmount": float(abs(entry.amount)),
        "accountCurrencyDigitalCode": "643",
        "payPurpose": f" {entry.purpose}",
        "payer": other if came else ours,
        "receiver": ours if came else other,
    }


def tochka_row(account: str, entry: Entry) -> dict[str, object]:
    """A transaction of Tochka: no date of the document."""
    came = entry.amount > 0
    other = ({"inn": entry.tax_id, "name": "ООО Фиалка"}, {"identification": entry.other})
    ours = ({"inn": OUR_TAX_ID, "name": "ООО Наша фирма"}, {"identification": account})
    debtor, creditor = (other, ours) if came else (ours, other)
    return {
        "transactionId": f"tx-{entry.id}",
        "paymentId": entry.id,
        "creditDebitIndicator": "Credit" if came else "Debit",
        "status": "Booked" if entry.status == "booked" else "Pending",
        "documentNumber": entry.number,
        "transactionTypeCode": "Платежное поручение",
        "documentProcessDate": entry.day.isoformat(),
        "description": entry.purpose,
        "Amount": {"amount": float(abs(entry.amount)), "currency": "RUB"},
        "DebtorParty": debtor[0],
        "DebtorAccount": debtor[1],
        "CreditorParty": creditor[0],
        "CreditorAccount": creditor[1],
    }


def all_of(entries: Iterable[Entry]) -> list[tuple[str, Decimal]]:
    """What a set of payments is compared by."""
    return sorted((entry.number, entry.amount) for entry in entries)

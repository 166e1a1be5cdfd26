"""A row of a bank's API in neutral words, and how it becomes a payment: the same as the same row of a file does."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from connectors.bank.day import moscow_day
from connectors.bank.fingerprint import fingerprint
from connectors.bank.formats.client_bank_exchange.values import (
    bic_or_none,
    code_or_none,
    normal_account,
    tax_id_or_none,
)
from connectors.bank.quality import party_doubts
from connectors.shared.jsontypes import Json, JsonObject
from hub.domain.models import Direction, Party, Payment
from hub.domain.money import Money, MoneyError
from hub.ports.bank import BankLine
from hub.ports.statement import ReceivedPayment


class RowProblem(ValueError):
    """A value that decides about money is absent or garbled; the row goes to quarantine."""

    def __init__(self, key: str, message_ru: str) -> None:
        super().__init__(message_ru)
        self.key = key
        self.message_ru = message_ru


@dataclass(frozen=True, slots=True)
class BankRow:
    """One booked row.

    Attributes:
        source_id: the bank's id; empty where it gives none.
        credited: the money came to this account.
    """

    source_id: str
    account: str
    credited: bool
    amount: Money
    booked_on: date
    document_number: str | None
    document_date: date | None
    document_kind: str | None
    operation_code: str | None
    payer: Party
    payee: Party
    purpose: str
    raw: str
    doubts: tuple[str, ...] = ()


def lines_of(rows: Iterable[BankRow], own_accounts: Collection[str], own_tax_ids: Collection[str]) -> list[BankLine]:
    """The rows of one day as lines; equal ones are numbered, and one without an id gets one of its content."""
    seen: Counter[str] = Counter()
    found = []
    for row in _without_copies(rows):
        line = _line(row, own_accounts, own_tax_ids)
        seen[line.received.fingerprint] += 1
        number = seen[line.received.fingerprint]
        own_id = row.source_id or f"{line.received.fingerprint[:32]}#{row.booked_on.isoformat()}#{number}"
        found.append(replace(line, received=replace(line.received, occurrence=number, source_id=own_id)))
    return found


def _without_copies(rows: Iterable[BankRow]) -> Iterator[BankRow]:
    """A row shown twice under one id is one movement; several movements under one get ids of what they are.

    Not of their order: a fee that comes later under the id of its payment must not take the payment's place. The hub
    follows a line that got another id so by its content.
    """
    given = list(rows)
    shown: dict[str, dict[tuple[object, ...], BankRow]] = {}
    for row in given:
        shown.setdefault(row.source_id, {}).setdefault(_told(row), row)
    for row in given:
        alike = shown[row.source_id]
        if not row.source_id:
            yield row
        elif alike[_told(row)] is row:
            yield row if len(alike) == 1 else replace(row, source_id=f"{row.source_id}#{_mark(row)}")


def _told(row: BankRow) -> tuple[object, ...]:
    """What tells movements under one id apart."""
    return (row.credited, row.amount, row.document_number, row.payer.account, row.payee.account)


def _mark(row: BankRow) -> str:
    told = "|".join(str(part) for part in _told(row))
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:16]


def _line(row: BankRow, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> BankLine:
    other = row.payer if row.credited else row.payee
    direction, own_account, reason = _direction(row, other, own_accounts, own_tax_ids)
    shown_to = row.payee if direction is Direction.SELF else other
    payment = Payment(
        id="",
        direction=direction,
        amount=row.amount,
        booked_on=row.booked_on,
        purpose=row.purpose,
        payer=row.payer,
        payee=row.payee,
        own_account=own_account,
        document_number=row.document_number,
        document_date=row.document_date,
        document_kind=row.document_kind,
        operation_code=row.operation_code,
        direction_reason=reason,
        organisation_tax_id=(row.payee if direction is Direction.IN else row.payer).tax_id,
    )
    key = fingerprint(
        own_account,
        direction,
        row.amount,
        row.document_number,
        row.document_date,
        shown_to.account,
        shown_to.tax_id,
    )
    doubts = (*party_doubts("плательщика", row.payer), *party_doubts("получателя", row.payee), *row.doubts)
    received = ReceivedPayment(payment, key, 1, source_id=row.source_id or None, raw=row.raw, warnings=doubts)
    return BankLine(received, row.amount if row.credited else -row.amount)


def _direction(
    row: BankRow, other: Party, own_accounts: Collection[str], own_tax_ids: Collection[str]
) -> tuple[Direction, str, str]:
    """As a file's line: a transfer to ourselves belongs to the account that the money left."""
    same_owner = row.payer.tax_id is not None and row.payer.tax_id == row.payee.tax_id
    if other.account in own_accounts or (same_owner and row.payer.tax_id in own_tax_ids):
        left = (row.payer.account or row.account) if row.credited else row.account
        return Direction.SELF, left, "Перевод между своими счетами: оба счёта наши."
    if row.credited:
        return Direction.IN, row.account, "Приход: банк показывает его как поступление на наш счёт."
    return Direction.OUT, row.account, "Расход: банк показывает его как списание с нашего счёта."


def amount_of(value: Json, currency: Json, key: str) -> Money:
    """A positive sum.

    Raises:
        RowProblem: it is none.
    """
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise RowProblem(key, f"{key}: сумма не указана.")
    try:
        amount = Money.of(value, text_of(currency) or "RUB")
    except MoneyError:
        raise RowProblem(key, f"{key} «{str(value)[:40]}»: это не сумма денег или валюта неизвестна.") from None
    if not amount.is_positive:
        raise RowProblem(key, f"{key} «{value}»: сумма не больше нуля; так отмечают сторно, и решить должен человек.")
    return amount


def balance_of(value: str | None, currency: str) -> Money | None:
    """A balance, None where the bank named none or something unreadable."""
    try:
        return Money.of(value, currency) if value is not None else None
    except MoneyError:
        return None


def day_of(value: Json, key: str) -> date:
    """The Moscow day of a date or a moment (ISO 8601).

    Raises:
        RowProblem: it is neither.
    """
    found = day_or_none(value)
    if found is None:
        raise RowProblem(key, f"{key} «{text_of(value)[:40]}»: день проведения неизвестен.")
    return found


def day_or_none(value: Json) -> date | None:
    """The same where silence is as good as garbage."""
    text = text_of(value)
    try:
        return date.fromisoformat(text) if len(text) == 10 else moscow_day(datetime.fromisoformat(text))
    except ValueError:
        return None


def party_of(names: Iterator[JsonObject] | Iterable[JsonObject]) -> Party:
    """The first source of each requisite wins; spellings are those of the banks."""
    sources = list(names)

    def first(*keys: str) -> str:
        values = (text_of(source.get(key)) for source in sources for key in keys)
        return next((value for value in values if value), "")

    return Party(
        name=first("name") or None,
        tax_id=tax_id_or_none(first("inn")),
        kpp=code_or_none(first("kpp")),
        account=normal_account(first("acct", "account", "identification")),
        bic=bic_or_none(first("bicRu", "bic", "bankBic", "bankCode")),
        bank_name=first("bankName") or None,
    )


def text_of(value: Json) -> str:
    """A scalar as text without outer spaces; anything else is empty."""
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return str(value).strip()


def map_of(value: Json) -> JsonObject:
    """An object, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}

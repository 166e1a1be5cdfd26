"""Answers of Tochka (camelCase inside PascalCase containers, after the Bank of Russia's open API standard)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connectors.bank.operation import map_of, text_of
from connectors.shared.jsontypes import Json, JsonObject
from hub.domain.errors import RetryLater
from hub.domain.money import MoneyError, currency_code
from hub.ports.bank import BankAccount

READY: Final = "ready"
FAILED: Final = "error"
_BROKEN: Final = "Точка прислала непонятный ответ. Повторим сами."


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, whole once it is ready."""

    id: str
    status: str
    opening: str | None
    closing: str | None
    rows: tuple[JsonObject, ...]


def read_statement(reply: JsonObject | list[Json]) -> Statement:
    """The statement of an answer: one object, or the first of a list.

    Raises:
        RetryLater: there is none.
    """
    found = _data(reply).get("Statement")
    if isinstance(found, list):
        found = found[0] if found else None
    if not isinstance(found, dict) or not text_of(found.get("statementId")):
        raise RetryLater("statement: none in the answer", _BROKEN)
    rows = found.get("Transaction")
    return Statement(
        id=text_of(found.get("statementId")),
        status=text_of(found.get("status")).casefold(),
        opening=_balance(found.get("startDateBalance")),
        closing=_balance(found.get("endDateBalance")),
        rows=tuple(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else (),
    )


def read_accounts(reply: JsonObject | list[Json]) -> dict[str, BankAccount]:
    """Accounts by the bank's own id `<20 digits>/<BIK>`."""
    rows = _data(reply).get("Account")
    if not isinstance(rows, list):
        raise RetryLater("accounts: no list in the answer", _BROKEN)
    accounts = {}
    for row in rows:
        key = text_of(map_of(row).get("accountId"))
        if key:
            accounts[key] = _account(key, map_of(row))
    return accounts


def _account(key: str, row: JsonObject) -> BankAccount:
    number = key.partition("/")[0]
    details = row.get("accountDetails")
    first = map_of(details[0]) if isinstance(details, list) and details else {}
    # A closed account still shows its old days.
    is_open = text_of(row.get("status")).casefold() in ("", "enabled", "active", "opened")
    return BankAccount(number, _currency(text_of(row.get("currency")), number), text_of(first.get("name")), is_open)


def _currency(told: str, number: str) -> str:
    for text in (told, number[5:8]):
        try:
            if text:
                return currency_code(text)
        except MoneyError:
            continue
    return "RUB"


def _data(reply: JsonObject | list[Json]) -> JsonObject:
    return map_of(reply.get("Data")) if isinstance(reply, dict) else {}


def _balance(value: Json) -> str | None:
    """A number, or an object with one."""
    if isinstance(value, dict):
        value = value.get("amount")
    return str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None

"""Answers of T-API, read tolerantly: the bank's own pages and live clients spell some fields in two ways."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connectors.bank.operation import map_of, text_of
from connectors.shared.jsontypes import Json, JsonObject
from hub.domain.errors import RetryLater
from hub.domain.money import MoneyError, currency_code
from hub.ports.bank import BankAccount

_OPENING: Final = ("balanceBegin", "saldoIn", "openingBalance")
_CLOSING: Final = ("balanceEnd", "saldoOut", "closingBalance")
_BROKEN: Final = "Т-Банк прислал непонятный ответ. Повторим сами."


@dataclass(frozen=True, slots=True)
class StatementPage:
    """One page of a statement; balances stand on the first page only."""

    rows: tuple[JsonObject, ...]
    cursor: str | None
    opening: str | None
    closing: str | None


def read_page(reply: JsonObject | list[Json]) -> StatementPage:
    """A page.

    Raises:
        RetryLater: it is none.
    """
    rows = reply.get("operations") if isinstance(reply, dict) else None
    if not isinstance(reply, dict) or not isinstance(rows, list):
        raise RetryLater("statement: no operations in the answer", _BROKEN)
    balances = map_of(reply.get("balances"))
    return StatementPage(
        rows=tuple(row for row in rows if isinstance(row, dict)),
        cursor=text_of(reply.get("nextCursor")) or None,
        opening=_balance(balances, _OPENING),
        closing=_balance(balances, _CLOSING),
    )


def read_accounts(reply: JsonObject | list[Json]) -> tuple[BankAccount, ...]:
    """Accounts of the token: a bare list, or one under a name."""
    rows: Json = reply
    if isinstance(reply, dict):
        rows = next((item for item in reply.values() if isinstance(item, list)), None)
    if not isinstance(rows, list):
        raise RetryLater("bank-accounts: no list in the answer", _BROKEN)
    found = (_account(row) for row in rows if isinstance(row, dict))
    return tuple(account for account in found if account is not None)


def _account(row: JsonObject) -> BankAccount | None:
    number = text_of(row.get("accountNumber")) or text_of(row.get("account"))
    if not number:
        return None
    state = text_of(row.get("status")).casefold()
    return BankAccount(number, _currency(row, number), text_of(row.get("name")), state not in ("closed", "deleted"))


def _currency(row: JsonObject, number: str) -> str:
    for told in (text_of(row.get("currency")), number[5:8]):
        try:
            if told:
                return currency_code(told)
        except MoneyError:
            continue
    return "RUB"


def _balance(balances: JsonObject, names: tuple[str, ...]) -> str | None:
    for name in names:
        told = balances.get(name)
        value = told.get("amount") if isinstance(told, dict) else told
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            return str(value)
    return None

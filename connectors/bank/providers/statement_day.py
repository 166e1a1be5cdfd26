"""From a stored day to its lines, whichever bank it is of: each bank brings how one row is read."""

from __future__ import annotations

from collections.abc import Callable, Collection

from connectors.bank.day import DayDocument, raw_of
from connectors.bank.formats.client_bank_exchange.values import ValueProblem, account_currency
from connectors.bank.operation import BankRow, RowProblem, balance_of, lines_of
from connectors.shared.jsontypes import JsonObject
from hub.ports.bank import BankDay
from hub.ports.statement import BrokenItem

#: Reads a row of an account; raises RowProblem.
ReadRow = Callable[[JsonObject, str], BankRow]


def read_day(
    document: DayDocument,
    is_booked: Callable[[JsonObject], bool],
    read_row: ReadRow,
    own_accounts: Collection[str],
    own_tax_ids: Collection[str],
) -> BankDay:
    """Read the rows; one that cannot be read goes to quarantine and the others go on."""
    rows: list[BankRow] = []
    broken: list[BrokenItem] = []
    booked = [row for row in document.rows if is_booked(row)]
    for number, row in enumerate(booked, 1):
        try:
            rows.append(read_row(row, document.account))
        except RowProblem as problem:
            broken.append(BrokenItem(number, problem.key, problem.message_ru, raw_of(row)))
    currency = _currency(document.account, rows)
    return BankDay(
        account=document.account,
        day=document.day,
        lines=tuple(lines_of(rows, {*own_accounts, document.account}, own_tax_ids)),
        broken=tuple(broken),
        skipped=len(document.rows) - len(booked),
        opening=balance_of(document.opening, currency),
        closing=balance_of(document.closing, currency),
    )


def _currency(account: str, rows: Collection[BankRow]) -> str:
    """Of the account; of its rows where the number tells nothing."""
    try:
        found = account_currency(account)
    except ValueProblem:
        found = None
    return found or next((row.amount.currency for row in rows), "RUB")

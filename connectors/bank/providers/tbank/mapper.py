"""Rows of T-API's statement and hooks in neutral words."""

from __future__ import annotations

from typing import Final

from connectors.bank.day import raw_of
from connectors.bank.operation import (
    BankRow,
    RowProblem,
    amount_of,
    day_of,
    day_or_none,
    map_of,
    party_of,
    text_of,
)
from connectors.shared.jsontypes import Json, JsonObject
from hub.domain.models import Party
from hub.domain.money import Money

_BOOKED: Final = "transaction"
_LOAN: Final = "incomeLoan"


def is_booked(row: JsonObject) -> bool:
    """A movement of money; a hold of a card (`Authorization`) is none."""
    status = text_of(row.get("operationStatus"))
    return not status or status.casefold() == _BOOKED


def read_row(row: JsonObject, account: str) -> BankRow:
    """One booked row of an account.

    Raises:
        RowProblem: a value that decides about money is absent or garbled.
    """
    credited = _credited(row)
    other, payer, payee = map_of(row.get("counterParty")), map_of(row.get("payer")), map_of(row.get("receiver"))
    ours: JsonObject = {"account": account, "bic": row.get("bic")}
    if credited:
        sides = party_of([payer, other]), _own(party_of([payee]), ours)
    else:
        sides = _own(party_of([payer]), ours), party_of([payee, other])
    return BankRow(
        source_id=text_of(row.get("operationId")),
        account=account,
        credited=credited,
        amount=_amount(row),
        # The window of a statement is made of this moment; its posting twin may lie a day off.
        booked_on=day_of(row.get("operationDate"), "operationDate"),
        document_number=text_of(row.get("documentNumber")) or None,
        document_date=day_or_none(row.get("docDate")),
        document_kind=None,
        operation_code=text_of(row.get("payVo")) or text_of(row.get("VO")) or None,
        payer=sides[0],
        payee=sides[1],
        purpose=text_of(row.get("payPurpose")) or text_of(row.get("description")),
        raw=raw_of(row),
        doubts=tuple(_doubts(row)),
    )


def account_of(row: JsonObject) -> str:
    """Our account that a row or a hook speaks of."""
    return text_of(row.get("accountNumber"))


def _own(party: Party, ours: JsonObject) -> Party:
    """Our side is the account that was asked about, whatever the row says of it."""
    known = party_of([ours])
    return Party(party.name, party.tax_id, party.kpp, known.account, party.bic or known.bic, party.bank_name)


def _credited(row: JsonObject) -> bool:
    kind = text_of(row.get("typeOfOperation")).casefold()
    if kind not in ("credit", "debit"):
        raise RowProblem("typeOfOperation", "Банк не указал, пришли деньги или ушли (typeOfOperation).")
    return kind == "credit"


def _amount(row: JsonObject) -> Money:
    """In the account's currency; older clients know the operation's or the rouble one only."""
    named: tuple[tuple[str, Json], ...] = (
        ("accountAmount", row.get("accountCurrencyDigitalCode")),
        ("operationAmount", row.get("operationCurrencyDigitalCode")),
        ("rubleAmount", "RUB"),
    )
    key, currency = next((pair for pair in named if row.get(pair[0]) is not None), named[0])
    return amount_of(row.get(key), currency, key)


def _doubts(row: JsonObject) -> list[str]:
    if text_of(row.get("category")) == _LOAN:
        return ["Т-Банк относит это поступление к кредитам: это не деньги клиента."]
    return []

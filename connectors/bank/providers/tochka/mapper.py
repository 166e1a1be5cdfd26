"""Transactions and hooks of Tochka in neutral words."""

from __future__ import annotations

from typing import Final

from connectors.bank.day import raw_of
from connectors.bank.operation import BankRow, RowProblem, amount_of, day_of, map_of, party_of, text_of
from connectors.shared.jsontypes import JsonObject
from hub.domain.models import Party

_BOOKED: Final = "booked"


def is_booked(row: JsonObject) -> bool:
    """A movement of money; a pending one is none yet."""
    status = text_of(row.get("status"))
    return not status or status.casefold() == _BOOKED


def read_row(row: JsonObject, account: str) -> BankRow:
    """One booked transaction of an account. The bank names no date of the document, only the day of processing.

    Raises:
        RowProblem: a value that decides about money is absent or garbled.
    """
    told, credited = map_of(row.get("Amount")), _credited(row)
    return BankRow(
        # The id of a transaction may differ between two prepared statements; that of the payment does not.
        source_id=text_of(row.get("paymentId")) or text_of(row.get("transactionId")),
        account=account,
        credited=credited,
        amount=amount_of(told.get("amount"), told.get("currency"), "Amount"),
        booked_on=day_of(row.get("documentProcessDate"), "documentProcessDate"),
        document_number=text_of(row.get("documentNumber")) or None,
        document_date=None,
        document_kind=text_of(row.get("transactionTypeCode")) or None,
        operation_code=None,
        payer=_party(row, "Debtor", None if credited else account),
        payee=_party(row, "Creditor", account if credited else None),
        purpose=text_of(row.get("description")),
        raw=raw_of(row),
    )


def _party(row: JsonObject, side: str, ours: str | None) -> Party:
    """A side; `ours` is our account where the side is ours, which rows often leave out."""
    agent = map_of(row.get(f"{side}Agent"))
    bank: JsonObject = {"bic": agent.get("identification"), "bankName": agent.get("name")}
    account: JsonObject = {"account": ours or map_of(row.get(f"{side}Account")).get("identification")}
    return party_of([map_of(row.get(f"{side}Party")), account, bank])


def _credited(row: JsonObject) -> bool:
    kind = text_of(row.get("creditDebitIndicator")).casefold()
    if kind not in ("credit", "debit"):
        raise RowProblem("creditDebitIndicator", "Банк не указал, пришли деньги или ушли (creditDebitIndicator).")
    return kind == "credit"


def read_hook(claims: JsonObject, *, incoming: bool) -> BankRow:
    """The claims of `incomingPayment` or `outgoingPayment`.

    Raises:
        RowProblem: something that decides about money is absent.
    """
    payer, payee = map_of(claims.get("SidePayer")), map_of(claims.get("SideRecipient"))
    ours = payee if incoming else payer
    account = party_of([ours]).account
    if account is None:
        raise RowProblem("account", "Вебхук не называет наш счёт.")
    return BankRow(
        source_id=text_of(claims.get("paymentId")),
        account=account,
        credited=incoming,
        amount=amount_of(ours.get("amount"), ours.get("currency"), "amount"),
        booked_on=day_of(claims.get("date"), "date"),
        document_number=text_of(claims.get("documentNumber")) or None,
        document_date=None,
        document_kind=None,
        operation_code=None,
        payer=party_of([payer]),
        payee=party_of([payee]),
        purpose=text_of(claims.get("purpose")),
        raw="",
    )

"""A row of the book as an operation of T-Bank's statement and webhook."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from connectors.bank.sandbox.book import Row, moscow_day
from connectors.bank.sandbox.seed import Account, Kind, Operation, Party, TaxBlock
from connectors.bank.sandbox.settings import TBankSettings
from connectors.bank.sandbox.wire import Wire, filled, kopecks

BANK_NAME = "АО «ТБанк»"
CORRESPONDENT_ACCOUNT = "30101810145250000974"
DIGITAL_CODES = {"RUB": "643", "USD": "840", "EUR": "978", "CNY": "156", "KZT": "398", "BYN": "933"}
VO_CODES: dict[Kind, str] = {
    "payment_order": "01",
    "payment_demand": "02",
    "collection_order": "06",
    "memorial_order": "09",
    "bank_order": "17",
    "payment_warrant": "16",
    "card": "17",
    "cash_in": "04",
    "loan": "09",
}
_SPACE = uuid.UUID("0c0ffee0-0000-4000-8000-000000000000")


@dataclass(frozen=True, slots=True)
class Form:
    """How a channel spells parties, amounts and ids."""

    parties: Literal["acct", "account"]
    amounts: Literal["number", "text"]
    hook: bool = False


def statement_form(settings: TBankSettings) -> Form:
    """The spelling of the statement."""
    return Form(settings.statement_parties, settings.statement_amounts)


def hook_form(settings: TBankSettings) -> Form:
    """The spelling of the webhook."""
    return Form(settings.hook_parties, settings.hook_amounts, hook=True)


def operation(settings: TBankSettings, form: Form, listed: Account, row: Row) -> Wire:
    """The row in full."""
    moved = row.operation
    ours, theirs = own_party(listed), moved.counterparty
    payer, receiver = (theirs, ours) if moved.direction == "in" else (ours, theirs)
    held = moved.status != "booked"
    amount = money(row.amount, form.amounts)
    code = DIGITAL_CODES.get(moved.currency, moved.currency)
    fields: dict[str, Wire] = {
        "operationId": operation_id(settings, row, hook=form.hook),
        "operationDate": utc(row.at),
        "trxnPostDate": None if held else utc(row.at),
        "authorizationDate": utc(row.at) if held else None,
        "operationStatus": "Authorization" if held else "Transaction",
        "accountNumber": listed.number,
        "bic": ours.bic,
        "typeOfOperation": type_word(settings, moved),
        "category": category(moved),
        "documentNumber": moved.document_number,
        "docDate": document_date(row),
        "payVo": VO_CODES[moved.kind],
        "priority": "5",
        "operationAmount": amount,
        "operationCurrencyDigitalCode": code,
        "accountAmount": amount,
        "accountCurrencyDigitalCode": DIGITAL_CODES.get(listed.currency, listed.currency),
        "rubleAmount": amount,
        "payPurpose": moved.purpose,
        "description": moved.purpose[:50],
        "payer": _party(payer, form),
        "receiver": _party(receiver, form),
        "counterParty": _counterparty(theirs),
    }
    return filled(fields | (_tax(moved.tax) if moved.tax else {}))


def own_party(listed: Account) -> Party:
    """Our side of a payment."""
    return Party(
        name=listed.owner.name,
        inn=listed.owner.inn,
        kpp=listed.owner.kpp,
        account=listed.number,
        bic=listed.bic or "044525974",
        bank_name=BANK_NAME,
        correspondent_account=CORRESPONDENT_ACCOUNT,
    )


def operation_id(settings: TBankSettings, row: Row, *, hook: bool = False) -> str:
    """The operation's id, which a webhook may spell its own way."""
    if hook and row.operation.hook_operation_id:
        return row.operation.hook_operation_id
    if hook and settings.hook_operation_id == "other":
        return str(uuid.uuid5(_SPACE, f"hook-{row.number}"))
    name = row.operation.bank_id or str(uuid.uuid5(_SPACE, f"operation-{row.number}"))
    return f"{name}-{row.copy}" if row.copy else name


def category(moved: Operation) -> str:
    """The bank's own guess of what the money was for."""
    if moved.category:
        return moved.category
    if moved.kind in ("loan", "card"):
        return {"loan": "incomeLoan", "card": "cardOperation"}[moved.kind]
    return "incomePeople" if moved.direction == "in" else "contragentPeople"


def type_word(settings: TBankSettings, moved: Operation) -> str:
    """Credit or Debit in the case the settings ask for."""
    word = "Credit" if moved.direction == "in" else "Debit"
    return {"Credit": word, "CREDIT": word.upper(), "credit": word.lower()}[settings.type_case]


def document_date(row: Row) -> str:
    """The date of the payment order."""
    return (row.operation.document_date or moscow_day(row.at)).isoformat()


def money(amount: Decimal, form: Literal["number", "text"]) -> Wire:
    """An amount with two digits, as a number or as text."""
    return f"{kopecks(amount):f}" if form == "text" else kopecks(amount)


def utc(moment: datetime) -> str:
    """A moment in UTC to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _party(party: Party, form: Form) -> Wire:
    account, bic, correspondent = (
        ("acct", "bicRu", "corAcct") if form.parties == "acct" else ("account", "bic", "corrAccount")
    )
    return filled(
        {
            account: party.account,
            "name": party.name,
            "inn": party.inn,
            "kpp": party.kpp,
            bic: party.bic,
            "bankName": party.bank_name,
            correspondent: party.correspondent_account,
        }
    )


def _counterparty(party: Party) -> Wire:
    return filled(
        {
            "account": party.account,
            "inn": party.inn,
            "kpp": party.kpp,
            "name": party.name,
            "bankName": party.bank_name,
            "bankBic": party.bic,
            "corrAccount": party.correspondent_account,
        }
    )


def _tax(tax: TaxBlock) -> dict[str, Wire]:
    return {
        "kbk": tax.kbk,
        "oktmo": tax.oktmo,
        "taxEvidence": tax.evidence,
        "taxPeriod": tax.period,
        "taxDocNumber": tax.document_number,
        "taxDocDate": tax.document_date,
        "nalType": tax.type,
    }

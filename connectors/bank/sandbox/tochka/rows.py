"""A row of the book as a Transaction of Tochka's statement."""

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.book import Row, moscow_day
from connectors.bank.sandbox.seed import Account, Kind, Operation, Party, TaxBlock
from connectors.bank.sandbox.tochka.prepared import Prepared
from connectors.bank.sandbox.wire import Wire, filled, kopecks

BANK_NAME = "ООО «Банк Точка»"
CORRESPONDENT_ACCOUNT = "30101810745374525104"
KINDS: dict[Kind, str] = {
    "payment_order": "Платежное поручение",
    "payment_demand": "Платежное требование",
    "collection_order": "Инкассовое поручение",
    "memorial_order": "Мемориальный ордер",
    "bank_order": "Банковский ордер",
    "payment_warrant": "Платежный ордер",
    "card": "Банковские карты",
    "cash_in": "Объявление на взнос наличными, ПКО",
    "loan": "Выдача кредита",
}


def transaction(banks: Banks, prepared: Prepared, listed: Account, row: Row) -> Wire:
    """The row as statement `prepared` shows it."""
    settings, operation = banks.settings.tochka, row.operation
    fresh = operation.status == "pending"
    incoming = operation.direction == "in"
    indicator = "Credit" if incoming else "Debit"
    fields: dict[str, Wire] = {
        "transactionId": _transaction_id(banks, prepared, row),
        "paymentId": row.named(payment_id(row.number, operation)) if settings.payment_id == "present" else None,
        "creditDebitIndicator": indicator if settings.indicator_case == "Credit" else indicator.lower(),
        "status": "Pending" if fresh and settings.fresh_form == "pending" else "Booked",
        "documentNumber": operation.document_number,
        "transactionTypeCode": KINDS["memorial_order" if fresh else operation.kind],
        "documentProcessDate": moscow_day(row.at).isoformat(),
        "description": operation.purpose,
        "Amount": {
            "amount": kopecks(row.amount),
            "amountNat": kopecks(row.amount),
            "currency": operation.currency,
        },
    }
    fields |= _side("Debtor" if incoming else "Creditor", operation.counterparty)
    if settings.both_sides:
        fields |= _side("Creditor" if incoming else "Debtor", own_party(listed))
    if operation.tax is not None:
        fields["TaxFields"] = _tax(operation.tax)
    return filled(fields)


def payment_id(number: int, operation: Operation) -> str:
    """The name a payment has in statements and webhooks alike."""
    return operation.payment_id or f"{number:010d}"


def own_party(listed: Account) -> Party:
    """Our side of a payment."""
    return Party(
        name=listed.owner.name,
        inn=listed.owner.inn,
        kpp=listed.owner.kpp,
        account=listed.number,
        bic=listed.bic or "044525104",
        bank_name=BANK_NAME,
        correspondent_account=CORRESPONDENT_ACCOUNT,
    )


def _transaction_id(banks: Banks, prepared: Prepared, row: Row) -> str | None:
    form = banks.settings.tochka.transaction_id
    if form == "absent":
        return None
    name = row.named(row.operation.bank_id or f"cbs-tb-{row.number}")
    return name if form == "stable" else f"{prepared.number};{name}"


def _side(role: str, party: Party) -> dict[str, Wire]:
    named = filled({"inn": party.inn, "name": party.name, "kpp": party.kpp})
    account = filled({"schemeName": "RU.CBR.BBAN", "identification": party.account})
    agent = filled(
        {
            "schemeName": "RU.CBR.BIK" if party.bic else "",
            "identification": party.bic,
            "accountIdentification": party.correspondent_account,
            "name": party.bank_name,
        }
    )
    return {f"{role}Party": named, f"{role}Account": account, f"{role}Agent": agent}


def _tax(tax: TaxBlock) -> Wire:
    date: Wire = int(tax.document_date) if tax.document_date.isdigit() else tax.document_date
    return filled(
        {
            "originatorStatus": tax.status,
            "kbk": tax.kbk,
            "oktmo": tax.oktmo,
            "base": tax.evidence,
            "documentNumber": tax.document_number,
            "documentDate": date,
            "type": tax.type,
            "field107": tax.period,
        }
    )

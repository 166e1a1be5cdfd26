"""One and the same payment as each bank's API shows it."""

from __future__ import annotations

from typing import Any

from connectors.shared.jsontypes import JsonObject
from tests.unit.bank.statement_builder import CLIENT, CLIENT_INN, OWN, OWN_INN

TBANK_ROW: dict[str, Any] = {
    "operationId": "0c0ffee0-1111-0022-9333-444455556666",
    "operationDate": "2026-02-15T08:30:00Z",
    "operationStatus": "Transaction",
    "accountNumber": OWN,
    "typeOfOperation": "Credit",
    "documentNumber": "245",
    "docDate": "2026-02-14",
    "operationAmount": "12200.00",
    "operationCurrencyDigitalCode": "643",
    "accountAmount": "12200.00",
    "accountCurrencyDigitalCode": "643",
    "payPurpose": "Оплата по счету № 71",
    "payer": {"acct": CLIENT, "name": 'ООО "Фиалка"', "inn": CLIENT_INN, "kpp": "770001001", "bicRu": "44525000"},
    "receiver": {"acct": OWN, "inn": OWN_INN},
}
TOCHKA_ROW: dict[str, Any] = {
    "transactionId": "cbs-tb-1",
    "paymentId": "0000000001",
    "creditDebitIndicator": "Credit",
    "status": "Booked",
    "documentNumber": "245",
    "transactionTypeCode": "Платежное поручение",
    "documentProcessDate": "2026-02-15",
    "description": "Оплата по счету № 71",
    "Amount": {"amount": "12200.0", "amountNat": "12200.0", "currency": "RUB"},
    "DebtorParty": {"inn": CLIENT_INN, "name": "ООО Фиалка", "kpp": "0"},
    "DebtorAccount": {"schemeName": "RU.CBR.BBAN", "identification": CLIENT},
    "DebtorAgent": {"schemeName": "RU.CBR.BIK", "identification": "044525000", "name": "Банк"},
}
#: The claims of a hook of Tochka.
INCOMING_HOOK: dict[str, Any] = {
    "webhookType": "incomingPayment",
    "paymentId": "0000000001",
    "date": "2026-02-15",
    "documentNumber": "245",
    "purpose": "Оплата по счету № 71",
    "SidePayer": {"bankCode": "044525000", "inn": CLIENT_INN, "account": CLIENT, "amount": "12200.00"},
    "SideRecipient": {"inn": OWN_INN, "account": OWN, "amount": "12200.00", "currency": "RUB"},
}


def tbank_row(**changes: Any) -> JsonObject:
    return {key: value for key, value in {**TBANK_ROW, **changes}.items() if value is not None}


def tochka_row(**changes: Any) -> JsonObject:
    return {key: value for key, value in {**TOCHKA_ROW, **changes}.items() if value is not None}

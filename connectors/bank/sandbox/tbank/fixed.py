"""The one answer that T-Bank's own sandbox token gets, whatever it asks for."""

from decimal import Decimal

from connectors.bank.sandbox.wire import Wire

FIXED_ACCOUNTS: Wire = [
    {
        "accountNumber": "40702810110011000000",
        "name": "Расчётный счёт",
        "currency": "643",
        "bankBik": "044525974",
        "accountType": "Current",
        "status": "NORM",
    }
]
FIXED_STATEMENT: Wire = {
    "operations": [
        {
            "operationId": "00000000-0000-4000-8000-000000000001",
            "operationDate": "2024-01-01T08:30:00Z",
            "operationStatus": "Transaction",
            "accountNumber": "40702810110011000000",
            "typeOfOperation": "Credit",
            "documentNumber": "1",
            "operationAmount": Decimal("1.00"),
            "operationCurrencyDigitalCode": "643",
            "accountAmount": Decimal("1.00"),
            "accountCurrencyDigitalCode": "643",
            "payPurpose": "Пример",
        }
    ]
}

"""Tochka's accounts, customers and balances."""

from datetime import datetime
from decimal import Decimal

from connectors.bank.sandbox.book import day_start, moscow_day
from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.seed import Account
from connectors.bank.sandbox.tochka.access import account, account_id_of, accounts
from connectors.bank.sandbox.tochka.envelope import absent
from connectors.bank.sandbox.wire import Wire, kopecks


def list_accounts(ask: Ask) -> Answer:
    """GET accounts."""
    return Answer({"Account": [_account(listed) for listed in accounts(ask)]})


def get_account(ask: Ask) -> Answer:
    """GET accounts/{accountId}."""
    return Answer({"Account": [_account(account(ask, ask.params["accountId"]))]})


def list_balances(ask: Ask) -> Answer:
    """GET balances."""
    return Answer({"Balance": [row for listed in accounts(ask) for row in _balances(ask, listed)]})


def get_balances(ask: Ask) -> Answer:
    """GET accounts/{accountId}/balances."""
    return Answer({"Balance": _balances(ask, account(ask, ask.params["accountId"]))})


def list_customers(ask: Ask) -> Answer:
    """GET customers."""
    return Answer({"Customer": list(_customers(ask).values())})


def get_customer(ask: Ask) -> Answer:
    """GET customers/{customerCode}."""
    code = ask.params["customerCode"]
    if code not in _customers(ask):
        raise absent(f"Клиент {code} не найден")
    return Answer(_customers(ask)[code])


def stamp(moment: datetime) -> str:
    """A moment the way Tochka writes it."""
    return moment.isoformat(timespec="milliseconds")


def _account(listed: Account) -> Wire:
    account_id = account_id_of(listed)
    return {
        "customerCode": listed.owner.customer_code,
        "accountId": account_id,
        "transitAccount": "",
        "status": "Deleted" if listed.closed else "Enabled",
        "statusUpdateDateTime": stamp(day_start(listed.opened_on)),
        "currency": listed.currency,
        "accountType": "Business",
        "accountSubType": "CurrentAccount",
        "registrationDate": listed.opened_on.isoformat(),
        "accountDetails": [
            {"schemeName": "RU.CBR.AccountNumber", "identification": account_id, "name": listed.name},
        ],
    }


def _balances(ask: Ask, listed: Account) -> list[Wire]:
    now = ask.banks.clock.now()
    book, number = ask.banks.book, listed.number
    held = book.held(number)
    kinds = {
        "OpeningAvailable": book.balance(number, day_start(moscow_day(now))),
        "ClosingAvailable": book.balance(number, now) - held,
        "Expected": held,
    }
    return [_balance(listed, kind, amount, now) for kind, amount in kinds.items()]


def _balance(listed: Account, kind: str, amount: Decimal, now: datetime) -> Wire:
    return {
        "accountId": account_id_of(listed),
        "creditDebitIndicator": "Credit" if amount >= 0 else "Debit",
        "type": kind,
        "dateTime": stamp(now),
        "Amount": {"amount": kopecks(abs(amount)), "currency": listed.currency},
    }


def _customers(ask: Ask) -> dict[str, Wire]:
    found: dict[str, Wire] = {}
    for listed in accounts(ask):
        owner = listed.owner
        found.setdefault(
            owner.customer_code,
            {
                "customerCode": owner.customer_code,
                "customerType": "Business",
                "isResident": True,
                "taxCode": owner.inn,
                "shortName": owner.name,
                "fullName": owner.name,
                "kpp": owner.kpp,
            },
        )
    return found

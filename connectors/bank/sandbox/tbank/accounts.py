"""T-Bank's list of accounts."""

from decimal import Decimal

from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.seed import Account
from connectors.bank.sandbox.tbank.access import bearer, is_sandbox_token
from connectors.bank.sandbox.tbank.fixed import FIXED_ACCOUNTS
from connectors.bank.sandbox.tbank.queries import yes
from connectors.bank.sandbox.tbank.rows import DIGITAL_CODES
from connectors.bank.sandbox.wire import Wire, kopecks


def list_accounts(ask: Ask) -> Answer:
    """GET api/v4/bank-accounts (v3 alike)."""
    yes(ask, "withInvest")
    if is_sandbox_token(bearer(ask.incoming)):
        return Answer(FIXED_ACCOUNTS)
    listed: Wire = [_account(ask, account) for account in ask.banks.book.accounts("tbank")]
    return Answer({"accounts": listed} if ask.banks.settings.tbank.accounts_form == "object" else listed)


def _account(ask: Ask, listed: Account) -> Wire:
    now, book = ask.banks.clock.now(), ask.banks.book
    balance, held = book.balance(listed.number, now), book.held(listed.number)
    return {
        "accountNumber": listed.number,
        "name": listed.name,
        "currency": DIGITAL_CODES.get(listed.currency, listed.currency),
        "bankBik": listed.bic or "044525974",
        "accountType": "Current",
        "activationDate": listed.opened_on.isoformat(),
        "createdOn": listed.opened_on.isoformat(),
        "status": "CLOSED" if listed.closed else "NORM",
        "balance": {
            "balance": kopecks(balance),
            "realOtb": kopecks(balance - held),
            "otb": kopecks(balance - held),
            "authorized": kopecks(held),
            "pendingPayments": kopecks(Decimal(0)),
            "pendingRequisitions": kopecks(Decimal(0)),
        },
    }

"""The table of T-Bank's methods."""

from connectors.bank.sandbox.calls import BankApi, Method
from connectors.bank.sandbox.tbank.access import admit
from connectors.bank.sandbox.tbank.accounts import list_accounts
from connectors.bank.sandbox.tbank.envelope import answer, failure
from connectors.bank.sandbox.tbank.old_statement import bank_statement
from connectors.bank.sandbox.tbank.statement import statement
from connectors.bank.sandbox.tbank.webhooks import subscribe


def tbank_api() -> BankApi:
    """Everything T-Bank answers here."""
    methods = [
        Method("tbank.accounts", "GET", ("api", "v4", "bank-accounts"), list_accounts),
        Method("tbank.accounts", "GET", ("api", "v3", "bank-accounts"), list_accounts),
        Method("tbank.statement", "GET", ("api", "v1", "statement"), statement),
        Method("tbank.bank-statement", "GET", ("api", "v1", "bank-statement"), bank_statement),
        Method("tbank.webhook", "POST", ("api", "v1", "webhook"), subscribe, writes=True),
    ]
    return BankApi("tbank", methods, admit, answer, failure)

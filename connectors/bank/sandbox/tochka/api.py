"""The table of Tochka's methods."""

from connectors.bank.sandbox.calls import Answer, Ask, BankApi, Method
from connectors.bank.sandbox.tochka import accounts, oauth, statements
from connectors.bank.sandbox.tochka.access import admit
from connectors.bank.sandbox.tochka.claims import public_key
from connectors.bank.sandbox.tochka.envelope import answer, failure
from connectors.bank.sandbox.tochka.webhooks import Webhooks

_ACCOUNTS = ("open-banking", "v1.0", "accounts")
_ONE = (*_ACCOUNTS, "{accountId}")
_STATEMENTS = ("open-banking", "v1.0", "statements")
_HOOK = ("webhook", "v1.0", "{client_id}")


def tochka_api(hooks: Webhooks) -> BankApi:
    """Everything Tochka answers here."""
    read, manage = "ReadStatements", "ManageWebhookData"
    methods = [
        Method("tochka.accounts.list", "GET", _ACCOUNTS, accounts.list_accounts, "ReadAccountsBasic"),
        Method("tochka.accounts.get", "GET", _ONE, accounts.get_account, "ReadAccountsBasic"),
        Method("tochka.balances.get", "GET", (*_ONE, "balances"), accounts.get_balances, "ReadBalances"),
        Method(
            "tochka.balances.list", "GET", ("open-banking", "v1.0", "balances"), accounts.list_balances, "ReadBalances"
        ),
        Method(
            "tochka.customers.list",
            "GET",
            ("open-banking", "v1.0", "customers"),
            accounts.list_customers,
            "ReadCustomerData",
        ),
        Method(
            "tochka.customers.get",
            "GET",
            ("open-banking", "v1.0", "customers", "{customerCode}"),
            accounts.get_customer,
            "ReadCustomerData",
        ),
        Method("tochka.statements.create", "POST", _STATEMENTS, statements.create, read, writes=True),
        Method("tochka.statements.list", "GET", _STATEMENTS, statements.list_all, read),
        Method("tochka.statements.get", "GET", (*_ONE, "statements", "{statementId}"), statements.read, read),
        Method("tochka.webhooks.create", "PUT", _HOOK, hooks.create, manage, writes=True, locked=False),
        Method("tochka.webhooks.edit", "POST", _HOOK, hooks.edit, manage, writes=True, locked=False),
        Method("tochka.webhooks.get", "GET", _HOOK, hooks.read, manage),
        Method("tochka.webhooks.delete", "DELETE", _HOOK, hooks.delete, manage, writes=True),
        Method(
            "tochka.webhooks.test", "POST", (*_HOOK, "test_send"), hooks.test_send, manage, writes=True, locked=False
        ),
        Method("tochka.token", "POST", ("connect", "token"), oauth.token, free=True),
        Method("tochka.key", "GET", ("doc", "openapi", "static", "keys", "public"), _key, free=True),
    ]
    return BankApi("tochka", methods, admit, answer, failure)


def _key(ask: Ask) -> Answer:
    return Answer(public_key(ask.banks))

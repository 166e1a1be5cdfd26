"""A client of Tochka from the package index, its code untouched, works against the stand-in."""

import importlib
import importlib.util
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.support.databases import unavailable

from .banks import TOCHKA, TOCHKA_ID, paid
from .conftest import Served, Start
from .receiver import Receiver

EVENTS = [
    "incomingPayment",
    "outgoingPayment",
    "incomingSbpPayment",
    "incomingSbpB2BPayment",
    "acquiringInternetPayment",
]


@pytest.fixture(autouse=True)
def installed() -> None:
    """Without the package the tests are skipped here and fail in CI."""
    if importlib.util.find_spec("tochka_py") is None:
        unavailable("tochka_py is not installed")


def theirs(module: str) -> Any:
    """A module of the package."""
    return importlib.import_module(f"tochka_py.{module}")


def client(served: Served) -> Any:
    return theirs("client").TochkaClient(served.sandbox.tochka.token, base_url=served.sandbox.tochka.base_url)


def test_tochka_py_lists_accounts_and_customers(start: Start) -> None:
    with client(start()) as tochka:
        accounts = tochka.accounts.list_sync().data.accounts
        customers = tochka.customers.list_sync().data.customers
    assert [account.account_id for account in accounts] == [TOCHKA_ID]
    assert [customer.tax_code for customer in customers] == ["7700000023"]


def test_tochka_py_waits_for_a_statement(start: Start) -> None:
    tax = {"kbk": "18201061201010000510", "document_date": "2026-02-14"}
    types = theirs("statements.types")
    days = types.StatementInitParameters(account_id=TOCHKA_ID, start_date_time="2026-02-13", end_date_time="2026-02-15")
    with client(start(paid(TOCHKA, 15), paid(TOCHKA, 15, "0.10", direction="out", tax=tax))) as tochka:
        order = types.StatementInitRequest(statement=days)
        (shown,) = tochka.statements.init_and_wait_sync(order, poll_interval=0.01).data.statements
    assert (shown.start_date_balance, shown.end_date_balance) == (Decimal("1000.00"), Decimal("13199.90"))
    first, second = shown.transactions
    assert (first.amount.amount, first.document_process_date) == (Decimal("12200.00"), date(2026, 2, 15))
    assert (first.debtor_party.inn, second.tax_fields.document_date) == ("7700000016", date(2026, 2, 14))


def test_tochka_py_manages_the_webhook(start: Start, receiver: Receiver) -> None:
    served = start()
    name, types = served.sandbox.tochka.client_id, theirs("webhook.types")
    with client(served) as tochka:
        tochka.webhooks.set_sync(name, types.WebhookSubscription(webhooks_list=["incomingPayment"], url=receiver.url))
        tochka.webhooks.edit_sync(name, types.WebhookEditRequest(webhooks_list=["outgoingPayment"], url=receiver.url))
        assert tochka.webhooks.send_test_sync(
            name, types.WebhookTestSendRequest(webhook_type="incomingPayment")
        ).data.result
        assert tochka.webhooks.get_sync(name).data.url == receiver.url
        assert tochka.webhooks.delete_sync(name).data.result


@pytest.mark.parametrize("way", ["transfer", "sbp", "sbp_b2b", "acquiring"])
def test_tochka_py_verifies_and_reads_every_webhook(start: Start, receiver: Receiver, way: str) -> None:
    served = start()
    served.tochka.subscribe(receiver.url, *EVENTS)
    served.control.add(paid(TOCHKA, 16, via=way))
    served.control.add(paid(TOCHKA, 16, direction="out"))
    served.control.wait_hooks()
    with theirs("webhook.verifier").WebhookVerifier(public_key_url=served.sandbox.tochka.public_key_url) as verifier:
        read = [verifier.decode_sync(body) for body in receiver.bodies]
    assert [payload.webhook_type.value for payload in read[:5]] == EVENTS
    assert len(read) == 7


@pytest.mark.parametrize("how", ["wrong_key", "hs256", "none"])
def test_tochka_py_refuses_what_is_forged(start: Start, receiver: Receiver, how: str) -> None:
    served = start(tochka={"hook_signing": how})
    served.tochka.subscribe(receiver.url)
    with (
        theirs("webhook.verifier").WebhookVerifier(public_key_url=served.sandbox.tochka.public_key_url) as verifier,
        pytest.raises(importlib.import_module("jwt.exceptions").InvalidTokenError),
    ):
        verifier.decode_sync(receiver.bodies[0])

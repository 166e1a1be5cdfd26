"""Hooks of both banks as bytes: what is admitted, what of it is kept, and which day it hints at. No bank is asked."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.bank.operation import lines_of, text_of
from connectors.bank.providers.tbank import mapper as tbank_mapper
from connectors.bank.providers.tbank import webhook as tbank
from connectors.bank.providers.tochka import mapper as tochka_mapper
from connectors.bank.providers.tochka import webhook as tochka
from connectors.bank.providers.tochka.keys import KeyRing
from connectors.shared.jsontypes import JsonObject
from hub.ports.bank import DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind
from tests.support.world import HandClock
from tests.unit.bank.bank_rows import INCOMING_HOOK, tbank_row
from tests.unit.bank.bank_tokens import CLAIMS, OURS, STRANGER, jwk, keys, token
from tests.unit.bank.statement_builder import CLIENT, OWN, OWN_INN

SECRET = "s3cret:with:colons"
DAY, TODAY = date(2026, 2, 15), date(2026, 3, 1)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# T-Bank


def shown(header: str | None, method: str = "POST", body: bytes = b"{}", name: str = "Authorization") -> HookRequest:
    return HookRequest(method, {}, {name: header} if header is not None else {}, body)


@pytest.mark.parametrize(
    ("header", "authentic"),
    [
        (f"Bearer {SECRET}", True),
        (f"bearer  {SECRET} ", True),
        (f"Basic {SECRET}", True),
        (f"BASIC {encoded(SECRET)}", True),
        (f"Basic {encoded(f'hub:{SECRET}')}", True),
        (f"Basic {encoded('hub:other')}", False),
        (f"Basic {encoded(f'{SECRET}:')}", False),
        (f"Basic {encoded(f'{SECRET}x')}", False),
        ("Basic not base64", False),
        (f"Basic {encoded(SECRET)}!", False),
        ("Basic", False),
        (f"Bearer {encoded(SECRET)}", False),
        (f"Bearer {SECRET[:-1]}", False),
        (f"Bearer {SECRET}x", False),
        ("Bearer секрет", False),
        (f"Digest {SECRET}", False),
        (f"Digest {encoded(SECRET)}", False),
        (SECRET, False),
        ("", False),
        (None, False),
    ],
)
def test_tbank_proves_itself_by_our_secret(header: str | None, authentic: bool) -> None:
    assert (tbank.admit(shown(header), SecretStr(SECRET)) is not None) is authentic


def test_an_authentic_hook_of_tbank_is_kept_as_it_came() -> None:
    body = b'{"operationId": "1"}'
    digest = hashlib.sha256(body).hexdigest()
    found = tbank.admit(shown(f"Bearer {SECRET}", "post", body, "AUTHORIZATION"), SecretStr(SECRET))
    assert found == Admission(InboxKind.HOOK, "oper-feed-operation", digest)


def test_without_a_secret_of_ours_nothing_of_tbank_is_authentic() -> None:
    for header in ("Bearer ", "Basic ", "Basic Og==", ""):
        assert tbank.admit(shown(header), SecretStr("")) is None


def test_tbank_posts_its_hooks_and_they_are_small() -> None:
    secret = SecretStr(SECRET)
    assert tbank.admit(shown(f"Bearer {SECRET}", "PUT"), secret) is None
    assert tbank.admit(shown(f"Bearer {SECRET}", body=b" " * 65_536), secret) is not None
    assert tbank.admit(shown(f"Bearer {SECRET}", body=b" " * 65_537), secret) is None


def hint_of(row: JsonObject) -> DayHint:
    (line,) = lines_of([tbank_mapper.read_row(row, OWN)], (), ())
    return DayHint(OWN, DAY, "oper-feed-operation", line.received.fingerprint, text_of(row.get("operationId")) or None)


def test_a_hook_of_tbank_hints_at_its_day() -> None:
    assert tbank.hints(json.dumps(tbank_row()).encode()) == (hint_of(tbank_row()),)


def test_a_transfer_between_our_own_accounts_hints_at_its_day() -> None:
    ours = tbank_row(payer={"acct": CLIENT, "inn": OWN_INN})
    assert tbank.hints(json.dumps(ours).encode()) == (hint_of(ours),)
    (found,) = tochka.hints(claims(SidePayer={"account": CLIENT, "inn": OWN_INN}), TODAY, ACCOUNTS)
    assert (found.account, found.day) == (OWN, DAY)


def test_a_hook_of_tbank_may_hold_several_rows() -> None:
    rows = [tbank_row(), tbank_row(operationId=None), None, 7, "x"]
    assert tbank.hints(json.dumps(rows).encode()) == (hint_of(tbank_row()), hint_of(tbank_row(operationId=None)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"7",
        b"[]",
        *(
            json.dumps(tbank_row(**changes)).encode()
            for changes in (
                {"accountNumber": None},
                {"operationStatus": "Authorization"},
                {"accountAmount": "many"},
                {"operationDate": None},
            )
        ),
    ],
)
def test_what_names_no_day_of_an_account_hints_at_nothing(body: bytes) -> None:
    assert tbank.hints(body) == ()


# Tochka

ACCOUNTS = (OWN, CLIENT)


@pytest.fixture
def ring() -> KeyRing:
    def at_once(call: Any) -> None:
        call()

    found = KeyRing(lambda: keys(jwk(OURS)), HandClock(), 600, at_once)
    found.refresh()
    return found


def posted(body: bytes, method: str = "POST") -> HookRequest:
    return HookRequest(method, {}, {"content-type": "text/plain"}, body)


def test_of_a_token_of_tochka_the_inbox_keeps_what_it_says_and_no_signature(ring: KeyRing) -> None:
    expected = Admission(InboxKind.HOOK, "jwt", hashlib.sha256(CLAIMS).hexdigest(), kept=CLAIMS)
    assert tochka.admit(posted(token()), ring) == expected
    assert tochka.admit(posted(token(), "post"), ring) == expected


def test_a_token_of_a_stranger_or_otherwise_sent_is_not_admitted(ring: KeyRing) -> None:
    assert tochka.admit(posted(token(key=STRANGER)), ring) is None
    assert tochka.admit(posted(token(), "GET"), ring) is None
    assert tochka.admit(posted(token()), None) is None


def claims(**changes: Any) -> bytes:
    return json.dumps({key: value for key, value in {**INCOMING_HOOK, **changes}.items() if value is not None}).encode()


@pytest.mark.parametrize("event", ["incomingPayment", "incomingSbpPayment", "incomingSbpB2BPayment"])
def test_an_incoming_payment_hints_at_the_day_of_the_account_that_got_it(event: str) -> None:
    row = tochka_mapper.read_hook(INCOMING_HOOK, incoming=True)
    fingerprint = lines_of([row], (), ())[0].received.fingerprint
    found = tochka.hints(claims(webhookType=event), TODAY, ACCOUNTS)
    assert found == (DayHint(OWN, DAY, event, fingerprint, "0000000001"),)


def test_an_outgoing_payment_hints_at_the_day_of_the_account_that_it_left() -> None:
    (found,) = tochka.hints(claims(webhookType="outgoingPayment"), TODAY, ACCOUNTS)
    (incoming,) = tochka.hints(claims(), TODAY, ACCOUNTS)
    assert (found.account, found.day, found.event) == (CLIENT, DAY, "outgoingPayment")
    assert found.fingerprint != incoming.fingerprint


def test_a_payment_without_an_id_hints_at_its_day_all_the_same() -> None:
    (found,) = tochka.hints(claims(paymentId=None), TODAY, ACCOUNTS)
    assert (found.account, found.day, found.source_id) == (OWN, DAY, None)


@pytest.mark.parametrize("changes", [{"SideRecipient": None}, {"date": None}, {"SideRecipient": {"account": OWN}}])
def test_a_hook_that_names_no_payment_means_every_account_today(changes: dict[str, Any]) -> None:
    found = tochka.hints(claims(**changes), TODAY, ACCOUNTS)
    assert found == (DayHint(OWN, TODAY, "incomingPayment"), DayHint(CLIENT, TODAY, "incomingPayment"))


def test_a_payload_that_is_no_object_hints_at_nothing() -> None:
    for payload in (b"", b"{", b"[]", b"7", b'"x"'):
        assert tochka.hints(payload, TODAY, ACCOUNTS) == ()

"""Hooks of payments: the body is one token signed by the bank; what it says is a hint and nothing more.

A token carries neither a time nor an expiry, so a captured one can be sent for ever: the same one is stored once, and
all it could ever do is to have a day read again.
"""

from __future__ import annotations

import hashlib
from datetime import date

from connectors.bank.operation import RowProblem, lines_of, text_of
from connectors.bank.providers.tochka.keys import KeyRing
from connectors.bank.providers.tochka.mapper import read_hook
from connectors.shared.jsontypes import JsonObject, parse_json
from hub.ports.bank import DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind

_INCOMING = ("incomingPayment", "incomingSbpPayment", "incomingSbpB2BPayment")


def admit(request: HookRequest, ring: KeyRing | None) -> Admission | None:
    """An authentic hook; the inbox keeps what it says, without the signature that could be shown elsewhere."""
    if ring is None or request.method.upper() != "POST":
        return None
    payload = ring.verify(request.body)
    if payload is None:
        return None
    return Admission(InboxKind.HOOK, "jwt", hashlib.sha256(payload).hexdigest(), kept=payload)


def hints(payload: bytes, today: date, accounts: tuple[str, ...]) -> tuple[DayHint, ...]:
    """The account and day that a hook names; one that names none (payments by QR) means every account today."""
    try:
        claims = parse_json(payload)
    except ValueError:
        return ()
    if not isinstance(claims, dict):
        return ()
    event = text_of(claims.get("webhookType"))
    try:
        return (_hint(claims, event),)
    except RowProblem:
        return tuple(DayHint(account, today, event) for account in accounts)


def _hint(claims: JsonObject, event: str) -> DayHint:
    row = read_hook(claims, incoming=event in _INCOMING)
    received = lines_of([row], (), ())[0].received
    return DayHint(row.account, row.booked_on, event, received.fingerprint, row.source_id or None)

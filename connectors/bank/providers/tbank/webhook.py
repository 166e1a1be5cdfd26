"""Hooks of operations: proved by our own secret in `Authorization`, taken as hints and nothing more.

Source: developer.tbank.ru/docs/intro/webhooks. The operation's id in a hook may differ from that in the statement.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from pydantic import SecretStr

from connectors.bank.operation import RowProblem, lines_of
from connectors.bank.providers.tbank.mapper import account_of, is_booked, read_row
from connectors.shared.jsontypes import JsonObject, parse_json
from hub.ports.bank import DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind

_MAX_BYTES = 65536
_EVENT = "oper-feed-operation"


def admit(request: HookRequest, secret: SecretStr) -> Admission | None:
    """An authentic hook; without a secret of ours nothing is authentic."""
    expected = secret.get_secret_value()
    if not expected or request.method.upper() != "POST" or len(request.body) > _MAX_BYTES:
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not _shows(headers.get("authorization", ""), expected):
        return None
    return Admission(InboxKind.HOOK, _EVENT, hashlib.sha256(request.body).hexdigest())


def _shows(header: str, secret: str) -> bool:
    """`Bearer secret`, `Basic secret`, or `Basic` with the secret as the pair or as its password, in base64."""
    scheme, _, shown = header.partition(" ")
    shown = shown.strip()
    fits = hmac.compare_digest(shown.encode(), secret.encode())
    if scheme.lower() == "bearer":
        return fits
    if scheme.lower() != "basic":
        return False
    pair = _decoded(shown)
    for candidate in (pair, pair.partition(b":")[2]):
        fits |= hmac.compare_digest(candidate, secret.encode())
    return fits


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def hints(body: bytes) -> tuple[DayHint, ...]:
    """Accounts and days that a hook names; what nobody can read hints at nothing."""
    try:
        found = parse_json(body)
    except ValueError:
        return ()
    rows = found if isinstance(found, list) else [found]
    return tuple(hint for row in rows if isinstance(row, dict) and (hint := _hint(row)) is not None)


def _hint(row: JsonObject) -> DayHint | None:
    account = account_of(row)
    if not account or not is_booked(row):
        return None
    try:
        told = read_row(row, account)
    except RowProblem:
        return None
    received = lines_of([told], (), ())[0].received
    return DayHint(account, told.booked_on, _EVENT, received.fingerprint, told.source_id or None)

"""Signatures of Standard Webhooks: sign what is sent, verify what comes in. Pure: time is given.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (symmetric `v1`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
#: How far the sender's clock may be from ours, either way, seconds.
TOLERANCE_S: Final = 300
#: At most so many keys are good at a time: the old one and the new one.
MAX_SECRETS: Final = 2

_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)
_VERSION: Final = "v1"
_MAX_SIGNATURES: Final = 16
# Printable and without the full stop that separates the signed parts: else one signature would fit two messages.
_MESSAGE_ID: Final = re.compile(r"[!-\-/-~]{1,256}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")


class BadSecret(ValueError):
    """Not a signing secret of the standard; the message names what is wrong, never the secret."""


def signing_key(secret: str) -> bytes:
    """The key behind `whsec_<base64>`.

    Raises:
        BadSecret: the prefix is missing, it is no base64, or the key is not 24 to 64 bytes long.
    """
    if not secret.startswith(_PREFIX):
        raise BadSecret(f"a signing secret starts with {_PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSecret("a signing secret is base64 after its prefix") from error
    if len(key) not in _KEY_BYTES:
        raise BadSecret(f"a signing key has {_KEY_BYTES.start} to {_KEY_BYTES.stop - 1} bytes, this one {len(key)}")
    return key


def sign(secrets: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Headers that prove a body to whoever holds one of the secrets: a signature per secret, space separated.

    Args:
        secrets: `whsec_…`; two while a secret is being replaced.
        message_id: the same for every attempt of one message; printable ASCII without a full stop.
        at: moment of this attempt, timezone-aware.

    Raises:
        BadSecret: a secret is not of the standard's shape.
        ValueError: no secret, or the message id cannot be signed.
    """
    if not secrets or _MESSAGE_ID.fullmatch(message_id) is None:
        raise ValueError("nothing to sign with, or a message id that cannot be signed")
    timestamp = str(int(at.timestamp()))
    signatures = [_signature(signing_key(secret), message_id, timestamp, body) for secret in secrets]
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: " ".join(signatures)}


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
    """The message id of an authentic and fresh request; None for anything else, malformed headers included.

    Args:
        secrets: `whsec_…`; a signature by any of them is enough. Without a secret nothing is authentic.
        headers: with names in lower case.
        body: the raw bytes as they came.
        now: our clock, timezone-aware; the sender's may be `TOLERANCE_S` behind or ahead.

    Raises:
        BadSecret: one of our own secrets is not of the standard's shape.
    """
    message_id, timestamp = headers.get(ID_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
    if _MESSAGE_ID.fullmatch(message_id) is None or not _is_fresh(timestamp, now):
        return None
    given = headers.get(SIGNATURE_HEADER, "").split(" ")[:_MAX_SIGNATURES]
    fits = False
    for secret in secrets:
        expected = _signature(signing_key(secret), message_id, timestamp, body)
        for signature in given:
            fits |= _same(expected, signature)
    return message_id if fits else None


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if _TIMESTAMP.fullmatch(timestamp) is None:
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE_S


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode("ascii") + body
    return f"{_VERSION},{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode('ascii')}"


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode("ascii"), given.encode("utf-8", "replace"))

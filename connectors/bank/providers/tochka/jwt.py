"""Verifies the bank's tokens: RS256 and nothing else, whatever the token says of itself (RFC 7515, RFC 8725)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from connectors.shared.jsontypes import Json, JsonObject, parse_json

_ALGORITHM: Final = "RS256"
_LEAST_BITS: Final = 2048
_MOST_BITS: Final = 16_384
_MOST_BYTES: Final = 65_536
_MOST_KEYS: Final = 16
_SEGMENT: Final = re.compile(rb"[A-Za-z0-9_-]+")


def read_keys(body: bytes) -> tuple[RSAPublicKey, ...]:
    """Keys for RS256 of a JWK or of a set `{"keys": […]}`; others in the set are left out.

    Raises:
        ValueError: there is none.
    """
    found = parse_json(body)
    listed = found.get("keys") if isinstance(found, dict) else None
    rows = listed if isinstance(listed, list) else [found]
    keys = tuple(key for row in rows[:_MOST_KEYS] if isinstance(row, dict) and (key := _key(row)) is not None)
    if not keys:
        raise ValueError("no RSA key for signatures")
    return keys


def _key(row: JsonObject) -> RSAPublicKey | None:
    fits = row.get("kty") == "RSA" and row.get("alg", _ALGORITHM) == _ALGORITHM and row.get("use", "sig") == "sig"
    modulus, exponent = row.get("n"), row.get("e")
    if not fits or not isinstance(modulus, str) or not isinstance(exponent, str):
        return None
    try:
        numbers = RSAPublicNumbers(e=_number(exponent), n=_number(modulus))
        if not _LEAST_BITS <= numbers.n.bit_length() <= _MOST_BITS:
            return None
        return numbers.public_key()
    except ValueError:
        return None


def _number(text: str) -> int:
    return int.from_bytes(_decode(text.encode()), "big")


def verify(token: bytes, keys: Iterable[RSAPublicKey]) -> bytes | None:
    """The payload of a token that one of the keys signed; None for anything else. The payload may still be no JSON."""
    parts = token.strip().split(b".")
    if len(token) > _MOST_BYTES or len(parts) != 3 or not all(_SEGMENT.fullmatch(part) for part in parts):
        return None
    head, payload, signature = parts
    try:
        if not _is_ours(parse_json(_decode(head))):
            return None
        signed, body = _decode(signature), _decode(payload)
    except ValueError:
        return None
    return body if any(_signed(key, signed, head + b"." + payload) for key in keys) else None


def _is_ours(header: Json) -> bool:
    """The algorithm is pinned; an extension that must be understood (`crit`) is not."""
    return isinstance(header, dict) and header.get("alg") == _ALGORITHM and "crit" not in header


def _signed(key: RSAPublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _decode(segment: bytes) -> bytes:
    try:
        return base64.b64decode(segment + b"=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error

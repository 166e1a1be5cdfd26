"""Reads a JWT and checks its RS256 signature against a JWK, for the tests only."""

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def part(text: str) -> bytes:
    """The bytes of one base64url part."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decode(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unchecked."""
    header, claims, _ = token.split(".")
    return json.loads(part(header)), json.loads(part(claims))


def verifies(token: str, jwk: dict[str, Any]) -> bool:
    """True when the token is RS256 and signed with the key."""
    signed, _, signature = token.rpartition(".")
    if decode(token)[0]["alg"] != "RS256":
        return False
    numbers = rsa.RSAPublicNumbers(int.from_bytes(part(jwk["e"])), int.from_bytes(part(jwk["n"])))
    try:
        numbers.public_key().verify(part(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True

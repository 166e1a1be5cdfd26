"""Signs texts as JWT and shows a public key as JWK, the way a bank's webhooks carry them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.sandbox_kit.jsontypes import Json

_BITS = 2048
_EXPONENT = 65537

Signer = Callable[[bytes], bytes]


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(claims: Mapping[str, Json], algorithm: str, signer: Signer) -> str:
    """A compact JWT. The header has neither kid nor times, as the bank's own."""
    header = json.dumps({"typ": "JWT", "alg": algorithm}, separators=(",", ":"))
    signed = f"{encode(header.encode())}.{encode(json.dumps(claims).encode())}"
    return f"{signed}.{encode(signer(signed.encode()))}"


class SigningKey:
    """An RSA key pair that lives as long as the process."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(_EXPONENT, _BITS)

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256, which RS256 means."""
        return self._private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def jwk(self) -> dict[str, Json]:
        """The public half (RFC 7517)."""
        numbers = self._private.public_key().public_numbers()
        return {"kty": "RSA", "e": _number(numbers.e), "n": _number(numbers.n)}


def secret_signer(secret: bytes) -> Signer:
    """HMAC with SHA-256, which HS256 means."""
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def no_signature(data: bytes) -> bytes:
    """What alg none puts in the third part: nothing."""
    del data
    return b""


def _number(value: int) -> str:
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))

"""Tokens and keys as the bank and as a stranger would make them."""

from __future__ import annotations

import base64
import json

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

OURS, STRANGER = generate_private_key(65537, 2048), generate_private_key(65537, 2048)
CLAIMS = json.dumps({"webhookType": "incomingPayment", "paymentId": "1"}).encode()
RS256 = {"typ": "JWT", "alg": "RS256"}


def b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


def jwk(key: RSAPrivateKey, **more: object) -> dict[str, object]:
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "n": number(public.n), "e": number(public.e), **more}


def keys(*documents: object) -> bytes:
    return json.dumps(documents[0] if len(documents) == 1 else {"keys": documents}).encode()


def token(header: object = RS256, claims: bytes = CLAIMS, key: RSAPrivateKey = OURS) -> bytes:
    content = b64(json.dumps(header).encode()) + b"." + b64(claims)
    return content + b"." + b64(key.sign(content, PKCS1v15(), SHA256()))

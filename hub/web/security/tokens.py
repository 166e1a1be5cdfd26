"""Session tokens and the CSRF tokens that belong to them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

_TOKEN_BYTES: Final = 32


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def looks_like_token(text: str) -> bool:
    """Whether a cookie's value may be one of ours; anything else is not looked up."""
    return 40 <= len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def token_hash(token: str) -> str:
    """What the database keeps of a session token: a copy of the database opens no session."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(key: bytes, token: str) -> str:
    """The form token that belongs to a session token; it says nothing of the session."""
    return hmac.new(key, b"csrf\x00" + token.encode(), hashlib.sha256).hexdigest()


def csrf_fits(key: bytes, token: str, given: str) -> bool:
    """Constant-time check of a form's token."""
    return hmac.compare_digest(csrf_token(key, token).encode(), given.encode())

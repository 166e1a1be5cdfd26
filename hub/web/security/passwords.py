"""Passwords: argon2id, and the same work for a login that does not exist."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher()
#: Longer input is refused before hashing, so that a sign-in costs the same whatever is sent.
MAX_PASSWORD: Final = 1024


def hash_password(password: str) -> str:
    """Argon2id hash in its own text form (parameters and salt inside)."""
    return _HASHER.hash(password)


def check_password(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash the same work is done and the answer is no."""
    if len(password) > MAX_PASSWORD:
        return False
    known = password_hash is not None
    try:
        fits = _HASHER.verify(password_hash if password_hash is not None else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and known


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("no such user")

"""How rows are named outside the store: `p123` for a payment, `connection/external id` for what a system owns."""

from __future__ import annotations

import hashlib
from typing import Final

_LONGEST_KEY: Final = 200
_LARGEST_ID: Final = 2**63 - 1


def payment_id(number: int) -> str:
    """Hub id of a payment row."""
    return f"p{number}"


def payment_number(text: str) -> int | None:
    """Row number of a payment's hub id; None when the text is no such id."""
    digits = text[1:]
    if text[:1] != "p" or not (digits.isascii() and digits.isdigit()):
        return None
    number = int(digits)
    return number if number <= _LARGEST_ID else None


def known_payment(text: str) -> int:
    """Row number of a payment's hub id that the caller got from the store.

    Raises:
        LookupError: the text is no payment's id.
    """
    number = payment_number(text)
    if number is None:
        raise LookupError(f"{text!r} is no payment's id")
    return number


def hub_id(connection: str, external_id: str) -> str:
    """Hub id of an invoice, deal or client."""
    return f"{connection}/{external_id}"


def external_id(connection: str, identity: str) -> str:
    """The system's own id of a hub id of that connection."""
    return identity.removeprefix(f"{connection}/")


def short_key(key: str) -> str:
    """A look-up key that fits into an index row of either database; longer ones end in their SHA-256."""
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:120]}#{hashlib.sha256(key.encode(errors='replace')).hexdigest()}"

"""Check digits and shapes of Russian bank requisites: ИНН, КПП, БИК, accounts.

They grade data quality for the accountant's page and never reject a payment: a bank delivers what the payer typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final

_INN_10: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11: Final = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12: Final = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_ACCOUNT_WEIGHTS: Final = (7, 1, 3) * 8
# Letters of clearing currencies in position 6 of an account, each standing for its index as a digit.
_CLEARING_LETTERS: Final = "ABCEHKMPTX"
_KPP: Final = re.compile(r"\d{4}[\dA-Z]{2}\d{3}", re.ASCII)
_BIC: Final = re.compile(r"\d{9}", re.ASCII)
_ACCOUNT: Final = re.compile(rf"\d{{5}}[\d{_CLEARING_LETTERS}]\d{{14}}", re.ASCII)
_SETTLEMENT_CENTRES: Final = ("000", "001", "002")


class AccountKey(Enum):
    """Whether an account's check digit agrees with the bank's БИК."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_APPLICABLE = "not_applicable"


def is_inn(text: str) -> bool:
    """An ИНН of 10 digits (company) or 12 (person) with right check digits; all zeros is none."""
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return False
    digits = [int(char) for char in text]
    if len(digits) == 10:
        return _check_digit(digits, _INN_10) == digits[9]
    if len(digits) == 12:
        return _check_digit(digits, _INN_11) == digits[10] and _check_digit(digits, _INN_12) == digits[11]
    return False


def is_kpp(text: str) -> bool:
    """A КПП: 4 digits, 2 digits or capital Latin letters, 3 digits; it has no check digit."""
    return _KPP.fullmatch(text) is not None and bool(text.strip("0"))


def is_bic(text: str) -> bool:
    """A БИК: 9 digits that start with 04 (banks) or 00, 01, 02 (Treasury and the Bank of Russia)."""
    return _BIC.fullmatch(text) is not None and text[:2] in {"00", "01", "02", "04"}


def is_account(text: str) -> bool:
    """An account of 20 digits, where position 6 may hold a clearing currency's letter."""
    return _ACCOUNT.fullmatch(text) is not None


def is_iban(text: str) -> bool:
    """An account of another country: two letters of the country in front."""
    return text[:2].isascii() and text[:2].isalpha()


def account_key(account: str, bic: str) -> AccountKey:
    """Check the ninth digit of an account against the БИК of its bank.

    Correspondent accounts (301…), accounts at settlement centres (БИК …000 to …002) and the old tax accounts 40101
    take `0` and digits 5–6 of the БИК, the others its last three digits. Treasury accounts (0…) follow neither rule.
    """
    if not is_account(account) or _BIC.fullmatch(bic) is None or account.startswith("0"):
        return AccountKey.NOT_APPLICABLE
    by_centre = account.startswith(("301", "40101")) or bic.endswith(_SETTLEMENT_CENTRES)
    prefix = f"0{bic[4:6]}" if by_centre else bic[6:]
    letter = account[5]
    sixth = letter if letter.isdigit() else str(_CLEARING_LETTERS.index(letter))
    digits = f"{prefix}{account[:5]}{sixth}{account[6:]}"
    total = sum(int(digit) * weight % 10 for digit, weight in zip(digits, _ACCOUNT_WEIGHTS, strict=False))
    return AccountKey.VALID if total % 10 == 0 else AccountKey.INVALID


def _check_digit(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10

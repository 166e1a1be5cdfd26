"""Requisites with right check digits that belong to nobody: tax office 0099 and banking region 99 do not exist."""

from __future__ import annotations

from itertools import cycle
from typing import Final

_INN_10: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11: Final = (7, *_INN_10)
_INN_12: Final = (3, *_INN_11)
_ACCOUNT: Final = (7, 1, 3)
TAX_OFFICE: Final = "0099"


def _control(digits: str, weights: tuple[int, ...]) -> str:
    return str(sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10)


def company_inn(serial: int) -> str:
    """ИНН of a company: 10 digits, the last one is the check digit."""
    head = f"{TAX_OFFICE}{serial:05d}"
    return head + _control(head, _INN_10)


def person_inn(serial: int) -> str:
    """ИНН of a sole trader: 12 digits, the last two are check digits."""
    head = f"{TAX_OFFICE}{serial:06d}"
    head += _control(head, _INN_11)
    return head + _control(head, _INN_12)


def _weighted(digits: str) -> int:
    return sum(int(digit) * weight % 10 for digit, weight in zip(digits, cycle(_ACCOUNT), strict=False))


def account(prefix: str, currency: str, serial: int, bic: str) -> str:
    """A 20-digit account whose key (ninth digit) fits the last three digits of the bank's БИК.

    Args:
        prefix: balance account, five digits (40702 companies, 40802 sole traders).
        currency: three digits of positions 6-8 (810 rouble, 840 dollar).
    """
    for key in range(10):
        number = f"{prefix}{currency}{key}{serial:011d}"
        if _weighted(bic[-3:] + number) % 10 == 0:
            return number
    raise ValueError(f"no key fits account {prefix}{currency} {serial} at {bic}")


def correspondent_account(bic: str) -> str:
    """A bank's correspondent account: 301, rouble, a key and the last three digits of the БИК."""
    for key in range(10):
        number = f"30101810{key}00000000{bic[-3:]}"
        if _weighted(f"0{bic[4:6]}" + number) % 10 == 0:
            return number
    raise ValueError(f"no key fits the correspondent account of {bic}")

"""Requisites as tables keep them: a table may take them for numbers and drop zeros or digits."""

from __future__ import annotations

import re
from typing import Final

_SHOWN: Final = 40
#: `7707083893/770701001`, `ИНН 7707083893`, `'7707083893`, `7707083893.0`.
_INN: Final = re.compile(r"'?(?:инн)?[ :]*(?P<digits>[0-9][0-9 ]*)(?:\.0)?(?: *(?:[/\\,]|кпп).*)?")
_KPP: Final = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_ACCOUNT: Final = re.compile(r"[0-9]{20}")
_ANY: Final = re.compile(r"[1-9]")
_SHORTENED: Final = re.compile(r"[0-9][.,]?[0-9]*e[+-]?[0-9]+")
_EXCEL: Final = "Excel сократил число: задайте столбцу формат «Текстовый», впишите все цифры и сохраните ещё раз"


def inn_of(text: str) -> str | None:
    """An ИНН; a cell that holds both (`7707083893/770701001`) gives its first part."""
    found = _INN.fullmatch(" ".join(text.casefold().split()))
    digits = found["digits"].replace(" ", "") if found is not None else ""
    if len(digits) in (9, 11):
        digits = f"0{digits}"  # a table took the text for a number and dropped the leading zero
    return digits if len(digits) in (10, 12) else None


def kpp_of(text: str) -> str | None:
    """A КПП."""
    kpp = text.replace(" ", "").upper()
    return kpp if _KPP.fullmatch(kpp) else None


def account_of(text: str) -> str | None:
    """A Russian account."""
    account = text.replace(" ", "")
    return account if _ACCOUNT.fullmatch(account) else None


def inn_doubt(title: str, text: str) -> str | None:
    """Why a cell that tells something is no ИНН (Russian); None for one that is, or that tells nothing."""
    return None if inn_of(text) else _doubt(title, text, "в ИНН 10 или 12 цифр")


def kpp_doubt(title: str, text: str) -> str | None:
    """Why a cell that tells something is no КПП (Russian)."""
    return None if kpp_of(text) else _doubt(title, text, "в КПП 9 знаков")


def account_doubt(title: str, text: str) -> str | None:
    """Why a cell that tells something is no account (Russian)."""
    return None if account_of(text) else _doubt(title, text, "в номере счёта 20 цифр")


def _doubt(title: str, text: str, rule: str) -> str | None:
    if _ANY.search(text) is None:
        return None  # a dash, a zero, «нет»
    return f"{title} «{text[:_SHOWN]}» не читается: {_EXCEL if _SHORTENED.search(text.casefold()) else rule}"

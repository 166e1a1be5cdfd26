"""Parties that pay for many (treasury, banks, transit accounts, acquirers, marketplaces): never a client's identity."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hub.domain.models import Party

# Balance accounts that gather other people's money: transit for transfers and retail, unclear sums, payment systems,
# correspondent accounts of banks, treasury (Bank of Russia chart of accounts, Regulation 809-P).
_SHARED_BALANCE: Final = (
    *("30101", "30102", "30109", "30110", "30111", "30114", "30220", "30221", "30222", "30223", "30226", "30227"),
    *("30228", "30230", "30231", "30232", "30233", "30301", "30302", "30305", "30306", "40101", "40102", "40105"),
    *("40116", "40201", "40302", "40821", "40822", "40823", "40903", "40905", "40906", "40909", "40910", "40911"),
    *("40912", "40913", "47416", "47422", "47423", "031", "032"),
)
# ИНН of large banks, payment services and marketplaces that pay out other people's money (public registers).
_SHARED_TAX_IDS: Final = frozenset(
    {
        "7707083893",  # Сбербанк
        "7710140679",  # Т-Банк
        "7702070139",  # ВТБ
        "7728168971",  # Альфа-Банк
        "7744001497",  # Газпромбанк
        "7725114488",  # Россельхозбанк
        "9721194461",  # Точка
        "2204000595",  # Модульбанк
        "7706092528",  # Открытие
        "7744000912",  # Промсвязьбанк
        "7744000302",  # Райффайзенбанк
        "6608008004",  # УБРиР
        "4401116480",  # Совкомбанк
        "7750005725",  # ЮMoney
    }
)
_MARKETPLACES: Final = frozenset(
    {
        "7704217370",  # Озон
        "7721546864",  # Вайлдберриз
        "9714053621",  # РВБ
        "9704254424",  # Яндекс Маркет
    }
)
_SHARED_NAMES: Final = re.compile(
    r"казначейств|\bуфк\b|\bминфин\b|\bдепфин\b|\bдепартамент\w* финансов|\bмежрегиональное операционное уфк"
    r"|\bфинансов\w+ (?:управлен|отдел)|\b\w*банка?\b"
    r"|\bнко\b|\bкб\b|\bакб\b|\bюмани\b|\byoomoney\b|\bвайлдберриз\b|\bwildberries\b|\bозон\b|\bинтернет решения\b"
    r"|\bяндекс\W*маркет\b|\bмегамаркет\b|\bробокасса\b|\bпочта россии\b|\bфедеральная система города\b"
)
# «ООО "Пион" р/с 40702… в ПАО Сбербанк»: the bank only keeps the account.
_BANK_TAIL: Final = re.compile(r"(?<=\S)\s+(?:р/с|р/сч|л/с|сч\.?)\s.*$|(?<=\S)\s+в\s+\S.*\bбанк.*$")
_MARKETPLACE_NAMES: Final = re.compile(
    r"\bвайлдберриз\b|\bwildberries\b|\bозон\b|\bинтернет решения\b|\bяндекс\W*маркет\b|\bмегамаркет\b"
)
_TREASURY: Final = re.compile(r"казначейств|\bуфк\b|\bминфин\b|\bдепфин\b|\bфинансов\w+ (?:управлен|отдел)")
_IN_BRACKETS: Final = re.compile(r"\(([^()]{4,})")
_ACCOUNT_IN_NAME: Final = re.compile(r"[\s,;]*\b(?:л/с|л/сч|лс|р/с)\b.*$", re.IGNORECASE)
_PERSON: Final = re.compile(r"(?:[^\W\d_]+[.\-]?\s*){2,5}|(?:ИП|ип)\s.{5,}")


def plain_account(account: str) -> str:
    """An account without what only parts its digits: «BE38 7330 4038» and «BE38-7330-4038» are one."""
    return account if account.isalnum() else "".join(char for char in account if char.isalnum())


def is_shared_account(account: str | None) -> bool:
    """The account gathers money of many payers; no client is known by it."""
    return account is not None and account.startswith(_SHARED_BALANCE)


def is_shared_tax_id(tax_id: str | None) -> bool:
    """The ИНН belongs to a bank, the treasury, an acquirer or a marketplace of the built-in list."""
    return tax_id in _SHARED_TAX_IDS or tax_id in _MARKETPLACES


@lru_cache(maxsize=4096)
def is_shared_name(name: str | None) -> bool:
    """The name is that of a treasury, bank or payment service."""
    if name is None:
        return False
    plain = _BANK_TAIL.sub("", name.lower().replace("ё", "е"))
    return _SHARED_NAMES.search(plain) is not None


def is_marketplace(party: Party) -> bool:
    """A marketplace that pays out what it sold for others."""
    name = (party.name or "").lower().replace("ё", "е")
    return party.tax_id in _MARKETPLACES or _MARKETPLACE_NAMES.search(name) is not None


def is_treasury(party: Party) -> bool:
    """Money of a budget institution, paid out by the treasury that keeps its account."""
    return party.name is not None and _is_treasury_name(party.name)


@lru_cache(maxsize=4096)
def _is_treasury_name(name: str) -> bool:
    return _TREASURY.search(name.lower().replace("ё", "е")) is not None


def name_behind(party: Party) -> str | None:
    """Who really pays through a bank or the treasury, where its name says so.

    «ИВАНОВ ИВАН ИВАНОВИЧ//Москва//», «АО "Банк"//Иванов Иван Иванович//…//», «УФК по г. Москве (МБОУ СОШ № 12)».
    """
    if party.name is None:
        return None
    if is_treasury(party):
        inside = _IN_BRACKETS.search(party.name)
        return None if inside is None else _ACCOUNT_IN_NAME.sub("", inside[1]).strip(" ,;") or None
    if "//" not in party.name:
        return None
    parts = (part.strip() for part in party.name.split("//"))
    return next((part for part in parts if _PERSON.fullmatch(part) and not is_shared_name(part)), None)

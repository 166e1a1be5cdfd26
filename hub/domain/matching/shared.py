"""Parties that pay for many (treasury, banks, transit accounts, acquirers, marketplaces): never a client's identity."""

from __future__ import annotations

import re
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
_OWN_NAME: Final = re.compile(r"^[^/]{5,}//")


def is_shared_account(account: str | None) -> bool:
    """The account gathers money of many payers; no client is known by it."""
    return account is not None and account.startswith(_SHARED_BALANCE)


def is_shared_tax_id(tax_id: str | None) -> bool:
    """The ИНН belongs to a bank, the treasury, an acquirer or a marketplace of the built-in list."""
    return tax_id in _SHARED_TAX_IDS


def is_shared_name(name: str | None) -> bool:
    """The name is that of a treasury, bank or payment service."""
    if name is None:
        return False
    plain = _BANK_TAIL.sub("", name.lower().replace("ё", "е"))
    return _SHARED_NAMES.search(plain) is not None


def is_shared_party(party: Party) -> bool:
    """Money came through somebody who pays for many."""
    return is_shared_account(party.account) or is_shared_tax_id(party.tax_id) or is_shared_name(party.name)


def speaks_through_bank(party: Party) -> bool:
    """A private person behind a bank: «ИВАНОВ ИВАН ИВАНОВИЧ//Москва//»."""
    return party.name is not None and _OWN_NAME.match(party.name) is not None

"""Values as banks print them, read exactly or refused: amounts, dates, accounts, codes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from connectors.bank.requisites import is_iban
from hub.domain.money import MoneyError, currency_code

# Plain, narrow, figure and thin no-break spaces, apostrophes: thousands are set apart by any of them.
_SPACES: Final = re.compile("[ \\t\u00a0\u202f\u2007\u2009'’`]+")
_PLAIN: Final = re.compile(r"\d{1,15}(?:\.\d{1,2})?", re.ASCII)
# Whole part with optional groups of three; then a point, comma, dash or `=` with kopecks («4710-00», «4710=»).
_AMOUNT: Final = re.compile(r"(\d{1,3}([ .,])\d{3}(?:\2\d{3})*|\d+)(?:([.,=-])(\d{0,2}0*))?", re.ASCII)
_DATE: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?", re.ASCII)
_MASK: Final = re.compile(r"[*•#?]|[xXхХ]{3,}")
_ACCOUNT_SEPARATORS: Final = re.compile(r"[\s\u00a0.\-]+")
_LONGEST_DATE: Final = 40
_YEARS: Final = range(1990, 2101)
# ISO 4217 numbers in positions 6-8 of an account, beyond those that Money knows.
_CURRENCIES: Final = {
    "051": "AMD", "124": "CAD", "203": "CZK", "208": "DKK", "344": "HKD", "348": "HUF", "356": "INR", "376": "ILS",
    "392": "JPY", "410": "KRW", "417": "KGS", "496": "MNT", "498": "MDL", "578": "NOK", "702": "SGD", "704": "VND",
    "752": "SEK", "756": "CHF", "764": "THB", "784": "AED", "826": "GBP", "860": "UZS", "934": "TMT", "941": "RSD",
    "944": "AZN", "949": "TRY", "972": "TJS", "981": "GEL", "985": "PLN",
}  # fmt: skip
_IBAN_CURRENCIES: Final = {"KZ": "KZT", "BY": "BYN"}


class ValueProblem(ValueError):
    """The text is no such value; the message says why, in Russian."""


def parse_amount(text: str, *, signed: bool = False) -> Decimal:
    """An exact amount: `1234.56`, `1 234,56`, `1.234,56`, `4710-00`, `4710=`; three digits after the mark are refused.

    Raises:
        ValueProblem: not an amount, or one that could be read in two ways.
    """
    clean = _SPACES.sub(" ", text)
    if _PLAIN.fullmatch(clean):
        return Decimal(clean)
    negative = clean.startswith(("-", "−"))
    if negative and not signed:
        raise ValueProblem("сумма отрицательна; так отмечают сторно, и решить должен человек")
    found = _AMOUNT.fullmatch(clean[negative:].lstrip())
    if found is None:
        raise ValueProblem("это не сумма" if clean else "сумма не указана")
    whole, group, mark, minor = found.groups()
    if group in (".", ",") and mark in (None, group):
        raise ValueProblem(f"непонятно, отделяет знак «{group}» копейки или тысячи")
    value = Decimal(f"{re.sub('[ .,]', '', whole)}.{minor or '0'}")
    return -value if negative else value


def parse_date(text: str) -> date | None:
    """A calendar day; None for an empty value or zeros (`0`, `00.00.0000`).

    Raises:
        ValueProblem: something is written and it is no date.
    """
    if len(text) > _LONGEST_DATE:
        raise ValueProblem("это не дата вида ДД.ММ.ГГГГ")
    return _calendar_day(text)


@lru_cache(maxsize=4096)
def _calendar_day(text: str) -> date | None:
    if not text.strip("0.-/: "):
        return None
    if found := _DATE.fullmatch(text):
        day, month, year = found.groups()
        return _day(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    if found := _ISO_DATE.fullmatch(text):
        return _day(*(int(part) for part in found.groups()))
    raise ValueProblem("это не дата вида ДД.ММ.ГГГГ")


def date_or_none(text: str) -> date | None:
    """A calendar day where garbage is as good as silence."""
    try:
        return parse_date(text)
    except ValueProblem:
        return None


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueProblem("такого дня нет в календаре") from None
    if year not in _YEARS:
        raise ValueProblem("год вне разумных пределов")
    return found


def code_or_none(text: str) -> str | None:
    """A code as text; empty, zeros and dashes mean none."""
    clean = text.strip()
    return clean if clean.strip("0 -") else None


def tax_id_or_none(text: str) -> str | None:
    """An ИНН; zeros are none, and `ИНН/КПП` in one field gives its first part."""
    return code_or_none(text.partition("/")[0].replace(" ", ""))


def bic_or_none(text: str) -> str | None:
    """A БИК; the leading zero that spreadsheets lose is put back."""
    code = code_or_none(text.replace(" ", ""))
    return f"0{code}" if code and len(code) == 8 and code.isdigit() and code.startswith("4") else code


def normal_account(text: str) -> str | None:
    """An account or IBAN without spaces, dots and dashes, in capitals; None when empty or zeros."""
    if text.isdigit() and text.strip("0"):
        return text
    clean = _ACCOUNT_SEPARATORS.sub("", text).upper()
    return clean if clean.strip("0") else None


def is_masked(account: str) -> bool:
    """Part of the account is hidden: `40702810******0001`."""
    return not account.isdigit() and _MASK.search(account) is not None


def fits_mask(mask: str, account: str) -> bool:
    """The visible ends of a masked account, eight characters or more, agree with a full account."""
    visible = re.split(r"[*•#?xXхХ]+", mask)
    head, tail = visible[0], visible[-1]
    return len(head) + len(tail) >= 8 and account.startswith(head) and account.endswith(tail)


def account_currency(account: str) -> str | None:
    """Currency of an account: positions 6–8 of a Russian one, the country of an IBAN; None when it cannot be told.

    Raises:
        ValueProblem: the account names a currency that is not known.
    """
    if is_iban(account):
        return _IBAN_CURRENCIES.get(account[:2])
    code = account[5:8]
    if len(code) < 3 or not (code.isascii() and code.isdigit()):
        return None
    return _by_number(code)


def _by_number(code: str) -> str:
    try:
        return _CURRENCIES.get(code) or currency_code(code)
    except MoneyError:
        raise ValueProblem(f"валюта с кодом {code} неизвестна") from None

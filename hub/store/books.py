"""Whether a document that an accountant wrote down and a line of a bank are the same money.

Account, sum, currency and direction are the same already. The rest an accountant writes in his own manner: the number
with zeros before it or none at all, the day of loading for the day of the money, the client's other account. Nothing
that both name may contradict, and enough must agree: the number with the day, or the client with the very day.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import Enum
from typing import Final

from hub.domain.models import Direction, Party
from hub.ports.statement import ReceivedPayment
from hub.store.joining import Candidate, days_apart

#: A document may be dated so far from the bank's day (weekends, holidays, the day of loading) where its number agrees.
REACH: Final = timedelta(days=3)
#: Old formats keep the last three digits of a number.
_SHORTEST_END: Final = 3
_LAST_DIGITS: Final = re.compile(r"(\d+)\D*$")
_NO_LETTER: Final = re.compile(r"\W+")


class _Agreement(Enum):
    """What two tellings of one thing say together."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def is_booked_money(known: Candidate, item: ReceivedPayment) -> bool:
    """One of the two was told by an accountant."""
    numbers = _numbers(known.document_number, item.payment.document_number)
    parties = _parties(known, _other(item))
    if _Agreement.DIFFERENT in (numbers, parties):
        return False
    apart = timedelta(days=days_apart(known, item))
    if numbers is _Agreement.UNKNOWN:
        return parties is _Agreement.SAME and not apart
    if parties is _Agreement.SAME:
        return apart <= REACH
    dated = item.payment.document_date
    return not apart and dated is not None and known.document_date == dated


def booked_nearness(known: Candidate, item: ReceivedPayment) -> tuple[bool, bool, int, int, int]:
    """The least is the nearest: the same number first, then the same purpose, the same day, the order they came in."""
    numbers = _numbers(known.document_number, item.payment.document_number)
    other_purpose = _letters(known.purpose) != _letters(item.payment.purpose)
    return numbers is not _Agreement.SAME, other_purpose, days_apart(known, item), known.occurrence, known.number


def _other(item: ReceivedPayment) -> Party:
    payment = item.payment
    return payment.payer if payment.direction in (Direction.IN, Direction.UNKNOWN) else payment.payee


def _numbers(one: str | None, two: str | None) -> _Agreement:
    """`000512`, `№ 512` and `АБ00-000512` are 512; `123512` may be told as 512. Zero is no number."""
    first, second = _plain(one), _plain(two)
    if not first or not second:
        return _Agreement.UNKNOWN
    if first == second or _last(first) == second or _last(second) == first:
        return _Agreement.SAME
    long, short = sorted((first, second), key=len, reverse=True)
    is_end = short.isdigit() and long.isdigit() and len(short) >= _SHORTEST_END and long.endswith(short)
    return _Agreement.SAME if is_end else _Agreement.DIFFERENT


def _plain(number: str | None) -> str:
    return re.sub(r"[\s№]", "", number or "").casefold().lstrip("0")


def _last(number: str) -> str:
    found = _LAST_DIGITS.search(number)
    return found[1].lstrip("0") if found is not None else number


def _parties(known: Candidate, other: Party) -> _Agreement:
    """The account or the ИНН is enough: accountants name the client's other account, and some clients have no ИНН."""
    told = [(known.other_account, other.account), (known.other_tax_id, other.tax_id)]
    both = [(one, two) for one, two in told if one and two]
    if not both:
        return _Agreement.UNKNOWN
    return _Agreement.SAME if any(one == two for one, two in both) else _Agreement.DIFFERENT


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text).casefold()

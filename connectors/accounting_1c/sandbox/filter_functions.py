"""Functions of $filter: those the manual lists, and no others."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.accounting_1c.sandbox.errors import bad_call, internal
from connectors.accounting_1c.sandbox.filter_types import Kind, Reader
from connectors.accounting_1c.sandbox.values import Row


@dataclass(frozen=True, slots=True)
class Function:
    """`takes` are the kinds of arguments it may have; `make` gives the function for case-sensitive strings or not."""

    takes: tuple[tuple[Kind, ...], ...]
    gives: Kind
    make: Callable[[bool], Callable[..., Any]]


def lifted(function: Callable[..., Any], *readers: Reader) -> Reader:
    """The function over what the readers give; nothing when one of them finds nothing."""

    def read(row: Row, inner: Row | None) -> Any:
        values = [reader(row, inner) for reader in readers]
        return None if any(value is None for value in values) else function(*values)

    return read


def _divide(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise internal("Деление на 0")
    return left / right


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda left, right: left + right,
    "sub": lambda left, right: left - right,
    "mul": lambda left, right: left * right,
    "div": lambda left, right: _divide(Decimal(left), Decimal(right)),
}


def _fold(text: str, sensitive: bool) -> str:
    return text if sensitive else text.casefold()


def _contained(sensitive: bool) -> Callable[..., Any]:
    return lambda needle, text: _fold(needle, sensitive) in _fold(text, sensitive)


def _begins(sensitive: bool) -> Callable[..., Any]:
    return lambda text, start: _fold(text, sensitive).startswith(_fold(start, sensitive))


def _ends(sensitive: bool) -> Callable[..., Any]:
    return lambda text, end: _fold(text, sensitive).endswith(_fold(end, sensitive))


def _like(sensitive: bool) -> Callable[..., Any]:
    known: dict[str, re.Pattern[str]] = {}

    def like(text: str, template: str) -> bool:
        if template not in known:
            known[template] = re.compile(_pattern(template), re.DOTALL | (0 if sensitive else re.IGNORECASE))
        return known[template].fullmatch(text) is not None

    return like


def _pattern(template: str) -> str:
    """ПОДОБНО: % is any text, _ any character, [abc], [a-z] and [^abc] one of a set."""
    made, at = [], 0
    while at < len(template):
        sign = template[at]
        end = template.find("]", at + 1) if sign == "[" else -1
        if end > 0:
            inner = template[at + 1 : end]
            inverted = "^" if inner.startswith("^") else ""
            signs = re.escape(inner.removeprefix("^")).replace(r"\-", "-")
            made.append(f"[{inverted}{signs}]")
            at = end
        else:
            made.append({"%": ".*", "_": "."}.get(sign, re.escape(sign)))
        at += 1
    return "".join(made)


def _substring(sensitive: bool) -> Callable[..., Any]:
    del sensitive

    def cut(text: str, start: Decimal, length: Decimal | None = None) -> str:
        # Counted from one, as ПОДСТРОКА of the query language does.
        at = int(start) - 1
        return text[at:] if length is None else text[at : at + int(length)]

    return cut


def _concat(sensitive: bool) -> Callable[..., Any]:
    del sensitive
    return lambda one, other: f"{one}{other}"


def _of_date(read: Callable[[datetime], int]) -> Function:
    # The base's dates are naive on purpose.
    return Function((("date",),), "number", lambda _: lambda text: read(datetime.fromisoformat(text)))


def _moved(sensitive: bool) -> Callable[..., Any]:
    del sensitive

    def moved(text: str, unit: str, count: Decimal) -> str:
        moment, steps = datetime.fromisoformat(text), int(count)
        if unit in _SECONDS:
            return (moment + timedelta(seconds=steps * _SECONDS[unit])).isoformat(timespec="seconds")
        if unit not in _MONTHS:
            raise bad_call("dateadd")
        months = moment.year * 12 + moment.month - 1 + steps * _MONTHS[unit]
        year, month = divmod(months, 12)
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day).isoformat(timespec="seconds")

    return moved


def _difference(sensitive: bool) -> Callable[..., Any]:
    del sensitive

    def difference(first: str, second: str, unit: str) -> int:
        one, other = datetime.fromisoformat(first), datetime.fromisoformat(second)
        if unit in _SECONDS:
            # Whole units are counted by their borders, as РАЗНОСТЬДАТ does.
            size = _SECONDS[unit]
            zero = datetime(1, 1, 1)  # noqa: DTZ001 - naive as the rest
            return int((other - zero).total_seconds()) // size - int((one - zero).total_seconds()) // size
        if unit not in _MONTHS:
            raise bad_call("datedifference")
        size = _MONTHS[unit]
        return (other.year * 12 + other.month - 1) // size - (one.year * 12 + one.month - 1) // size

    return difference


_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_TWO: tuple[tuple[Kind, ...], ...] = (("string", "string"),)

FUNCTIONS: dict[str, Function] = {
    "substringof": Function(_TWO, "bool", _contained),
    "startswith": Function(_TWO, "bool", _begins),
    "endswith": Function(_TWO, "bool", _ends),
    "like": Function(_TWO, "bool", _like),
    "concat": Function(_TWO, "string", _concat),
    "substring": Function((("string", "number"), ("string", "number", "number")), "string", _substring),
    "round": Function(
        (("number",),), "number", lambda _: lambda value: Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
    ),
    "day": _of_date(lambda moment: moment.day),
    "month": _of_date(lambda moment: moment.month),
    "year": _of_date(lambda moment: moment.year),
    "hour": _of_date(lambda moment: moment.hour),
    "minute": _of_date(lambda moment: moment.minute),
    "second": _of_date(lambda moment: moment.second),
    "quarter": _of_date(lambda moment: (moment.month + 2) // 3),
    "dayofweek": _of_date(lambda moment: moment.isoweekday()),
    "dayofyear": _of_date(lambda moment: moment.timetuple().tm_yday),
    "dateadd": Function((("date", "string", "number"),), "date", _moved),
    "datedifference": Function((("date", "date", "string"),), "number", _difference),
}

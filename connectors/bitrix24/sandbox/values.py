"""Field values: how they are kept, read from the wire, and written in both families of methods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from connectors.bitrix24.sandbox.errors import RestError
from connectors.sandbox_kit.jsontypes import Json, as_list, as_text

Value: TypeAlias = "int | str | Decimal | date | datetime | tuple[Value, ...] | None"
Item: TypeAlias = dict[str, Value]


class Kind(Enum):
    """Field types, named as crm.item.fields names them."""

    INTEGER = "integer"
    STRING = "string"
    DOUBLE = "double"
    MONEY = "money"
    FLAG = "char"
    UF_FLAG = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    ENUMERATION = "enumeration"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of an entity type: its name in crm.item.*, its name in the older methods, its type."""

    name: str
    upper: str
    kind: Kind
    default: Value = None
    read_only: bool = False
    required: bool = False
    multiple: bool = False
    user_field: bool = False
    title: str = ""
    choices: tuple[tuple[int, str], ...] = ()


def number(value: Decimal) -> int | float:
    """A JSON number as PHP prints it: whole amounts have no point."""
    return int(value) if value == value.to_integral_value() else float(value)


def stamp(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the portal writes it, to the second, in portal time."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def date_stamp(day: date, zone: ZoneInfo) -> str:
    """A date as the portal writes it: midnight UTC shown in portal time."""
    return stamp(datetime.combine(day, time(), UTC), zone)


def to_item(value: Value, spec: FieldSpec, zone: ZoneInfo) -> Json:
    """A value as crm.item.* gives it: real numbers, ISO dates, null."""
    match value:
        case tuple():
            return [to_item(part, spec, zone) for part in value]
        case Decimal():
            return f"{value}|RUB" if spec.kind is Kind.MONEY else number(value)
        case datetime():
            return stamp(value, zone)
        case date():
            return date_stamp(value, zone)
        case _:
            return value


def to_classic(value: Value, spec: FieldSpec, zone: ZoneInfo) -> Json:
    """A value as crm.deal.*, crm.company.* and the like give it: everything is a string or null."""
    match value:
        case tuple():
            return [to_classic(part, spec, zone) for part in value]
        case None:
            return None
        case Decimal():
            return f"{value:.2f}" if spec.kind is not Kind.MONEY else f"{value}|RUB"
        case int() if spec.kind is Kind.UF_FLAG:
            return str(value)
        case _:
            return as_text(to_item(value, spec, zone))


def parse_datetime(text: str, zone: ZoneInfo) -> datetime:
    """ISO 8601 or `YYYY-MM-DD HH:MM:SS`; without an offset it is portal time. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _parse_date(text: str, zone: ZoneInfo) -> date:
    if "T" in text and ("+" in text or "Z" in text):
        return parse_datetime(text, zone).date()
    return date.fromisoformat(text.strip()[:10])


def _parse_flag(text: str, _zone: ZoneInfo) -> str:
    return "Y" if text.upper() in {"Y", "1", "TRUE"} else "N"


def _parse_money(text: str, zone: ZoneInfo) -> Value:
    figure, _, currency = text.partition("|")
    amount = _parse_amount(figure, zone)
    return amount if currency in {"", "RUB"} else f"{amount}|{currency}"


def _parse_amount(text: str, _zone: ZoneInfo) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite():
        raise ValueError(text)
    return amount


_PARSERS: Mapping[Kind, Callable[[str, ZoneInfo], Value]] = {
    Kind.INTEGER: lambda text, _zone: int(Decimal(text)),
    Kind.STRING: lambda text, _zone: text,
    Kind.DOUBLE: _parse_amount,
    Kind.MONEY: _parse_money,
    Kind.FLAG: _parse_flag,
    Kind.UF_FLAG: _parse_flag,
    Kind.DATE: _parse_date,
    Kind.DATETIME: parse_datetime,
    Kind.ENUMERATION: lambda text, _zone: int(text),
}


def parse_scalar(value: Json, kind: Kind, zone: ZoneInfo) -> Value:
    """One wire value as `kind`; an empty text is the empty string for strings and None elsewhere.

    Raises ValueError when the text is not of that kind.
    """
    text = as_text(value)
    if text == "" and kind is not Kind.STRING and not (kind is Kind.FLAG or kind is Kind.UF_FLAG):
        return None
    try:
        return _PARSERS[kind](text, zone)
    except InvalidOperation as error:
        raise ValueError(text) from error


def coerce(value: Json, spec: FieldSpec, zone: ZoneInfo) -> Value:
    """A written value as it is kept. Raises RestError CRM_FIELD_ERROR_VALUE_NOT_VALID."""
    try:
        if spec.multiple:
            return tuple(parse_scalar(part, spec.kind, zone) for part in as_list(value))
        parsed = parse_scalar(value, spec.kind, zone)
    except ValueError as error:
        raise _not_valid(spec) from error
    if spec.choices and parsed is not None and parsed not in dict(spec.choices):
        raise _not_valid(spec)
    if isinstance(parsed, Decimal) and spec.kind is Kind.DOUBLE:
        parsed = parsed.quantize(Decimal("0.01"))
    return spec.default if parsed is None and spec.kind in {Kind.INTEGER, Kind.DOUBLE} else parsed


def _not_valid(spec: FieldSpec) -> RestError:
    return RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Field {spec.name} has an invalid value")


def log_value(value: Value) -> Json:
    """A value as the write log shows it: amounts as decimal text, moments as ISO UTC."""
    match value:
        case tuple():
            return [log_value(part) for part in value]
        case Decimal():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value

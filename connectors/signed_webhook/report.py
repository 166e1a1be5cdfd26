"""The report `payment.reported` as an outside system writes it, checked field by field."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from connectors.shared.jsontypes import Json, JsonObject
from connectors.signed_webhook.strict_json import parse_object
from hub.domain.money import Money, MoneyError
from hub.ports.claims import Detail, MalformedReport, PaymentReport

_AMOUNT: Final = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,3})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ACCOUNT: Final = r"^(?:[0-9]{20}|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})$"
#: No control characters: a line break in a name would draw a second line into a list.
_ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_TEXT: Final = StringConstraints(
    strip_whitespace=True, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
)
_EARLIEST: Final = date(2000, 1, 1)
_MAX_DETAILS: Final = 100


def _amount_text(value: object) -> object:
    """A number or a text of plain ASCII digits: what a float, an exponent or a sign would leave open is refused."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("нужна сумма вида 1234.50, строкой или числом")
    text = str(value)
    if _AMOUNT.fullmatch(text) is None:
        raise ValueError("нужна сумма вида 1234.50: цифры и точка, без минуса, степени и пробелов")
    return text


def _day(value: object) -> object:
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        raise ValueError("нужна дата вида 2026-03-05")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("такого дня нет в календаре") from None
    if day < _EARLIEST:
        raise ValueError("такой давней даты не бывает")
    return day


def _details(value: object) -> object:
    if not isinstance(value, dict) or len(value) > _MAX_DETAILS:
        raise ValueError(f"нужен объект, не больше {_MAX_DETAILS} полей")
    return value


def _line(longest: int, pattern: str = _ONE_LINE) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest, pattern=pattern)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class _Payer(_Part):
    name: Annotated[str, _line(300)] | None = None
    tax_id: Annotated[str, _line(12, r"^(?:[0-9]{9}|[0-9]{10}|[0-9]{12})$")] | None = None


class _Data(_Part):
    id: Annotated[str, _line(200)]
    amount: Annotated[str, BeforeValidator(_amount_text)]
    currency: Annotated[str, _line(3, r"^[A-Z]{3}$")]
    paid_on: Annotated[date, BeforeValidator(_day)]
    payer: _Payer = _Payer()
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=_TEXT)] = ""
    invoice_number: Annotated[str, _line(60)] | None = None
    document_number: Annotated[str, _line(40)] | None = None
    account: Annotated[str, _line(34, _ACCOUNT)] | None = None
    details: Annotated[dict[str, Any], BeforeValidator(_details)] = Field(default_factory=dict)

    @property
    def money(self) -> Money:
        """The sum, exact."""
        return Money.of(self.amount, self.currency)

    @model_validator(mode="after")
    def _is_money(self) -> _Data:
        try:
            money = self.money
        except MoneyError:
            raise ValueError(f"суммы {self.amount} в валюте {self.currency} не бывает") from None
        if not money.is_positive:
            raise ValueError("сумма должна быть больше нуля")
        return self


class _Message(_Part):
    type: Literal["payment.reported"]
    timestamp: Annotated[str, _line(64)] | None = None
    data: _Data


def read_report(body: bytes) -> PaymentReport:
    """Read a report.

    Raises:
        MalformedReport: naming the field; what the sender wrote there is not repeated.
    """
    try:
        data = _Message.model_validate(parse_object(body)).data
    except ValidationError as error:
        raise MalformedReport(_complaint(error)) from None
    return PaymentReport(
        external_id=data.id,
        amount=data.money,
        paid_on=data.paid_on,
        payer_name=data.payer.name,
        payer_tax_id=data.payer.tax_id,
        purpose=data.purpose,
        invoice_number=data.invoice_number,
        document_number=data.document_number,
        account=data.account,
        details=_plain(data.details),
    )


_COMPLAINTS: Final = {
    "missing": "поля нет",
    "extra_forbidden": "такого поля нет",
    "string_type": "нужна строка",
    "string_too_short": "пусто",
    "string_too_long": "слишком длинно",
    "string_pattern_mismatch": "не того вида",
    "literal_error": "нужно payment.reported",
    "model_type": "нужен объект",
    "model_attributes_type": "нужен объект",
}


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(_named(part) for part in first["loc"]) or "тело"
    said = first.get("ctx", {}).get("error")
    return f"{place}: {said or _COMPLAINTS.get(first['type'], 'значение не подходит')}"


def _named(part: int | str) -> str:
    """A field's name for a message; a stranger's own name is cut and kept on one line."""
    text = str(part)
    return text if len(text) <= 40 and text.isprintable() else f"{ascii(text[:40])[1:-1]}…"


def _plain(details: JsonObject) -> dict[str, Detail]:
    """The same without fractions: a number with a point becomes its text."""
    return {name: _plain_value(value) for name, value in details.items()}


def _plain_value(value: Json) -> Detail:
    match value:
        case dict():
            return _plain(value)
        case list():
            return [_plain_value(item) for item in value]
        case Decimal():
            return str(value)
        case _:
            return value

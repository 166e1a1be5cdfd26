"""One line of JSON to one payment or invoice, with the field named where the line is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias, TypeVar

from pydantic_core import from_json

from hub.domain.matching.said import Language, Said
from hub.domain.models import (
    Client,
    Direction,
    Invoice,
    InvoiceStatus,
    Party,
    Payment,
    Reference,
    ReferenceKind,
    TaxId,
    TaxIdKind,
)
from hub.domain.money import Money, MoneyError, currency_code

Json: TypeAlias = str | bool | Decimal | list["Json"] | dict[str, "Json"] | None
JsonObject: TypeAlias = dict[str, Json]

_E = TypeVar("_E", Direction, InvoiceStatus)
_DEFAULT_CURRENCY: Final = "RUB"
_RUSSIAN_KINDS: Final = {
    "договор": ReferenceKind.CONTRACT,
    "контракт": ReferenceKind.CONTRACT,
    "заказ": ReferenceKind.ORDER,
    "заявка": ReferenceKind.ORDER,
    "упд": ReferenceKind.UPD,
    "акт": ReferenceKind.ACT,
    "накладная": ReferenceKind.WAYBILL,
    "спецификация": ReferenceKind.SPECIFICATION,
    "счет-фактура": ReferenceKind.VAT_INVOICE,
}
_KINDS: Final = _RUSSIAN_KINDS | {kind.value: kind for kind in ReferenceKind}
_KINDS_BY_LENGTH: Final = {9: TaxIdKind.BY_UNP}


class FieldFault(ValueError):
    """A field of a line is wrong; the text names the field, in Russian where nobody asks for another language."""

    def __init__(self, name: str, problem: Said, **values: str) -> None:
        self._name, self._problem, self._values = name, problem, values
        super().__init__(self.told(Language.RU))

    def inside(self, name: str) -> FieldFault:
        """The same fault of a field within a field."""
        return FieldFault(f"{name}.{self._name}", self._problem, **self._values)

    def told(self, language: Language) -> str:
        """The text in a language."""
        problem = self._problem.told(language, self._values)
        return f"{FIELD.told(language, {'name': self._name})}: {problem}" if self._name else problem


FIELD: Final = Said("поле «{name}»", "field “{name}”")
NO_JSON: Final = Said("строка не читается как JSON ({error})", "the line is not JSON ({error})")
_TOO_DEEP: Final = Said("скобки вложены слишком глубоко", "the brackets are nested too deeply")
NO_OBJECT_LINE: Final = Said("нужен объект JSON в фигурных скобках", "a JSON object in braces is needed")
NO_OBJECT: Final = Said("нужен объект JSON", "a JSON object is needed")
NO_LIST: Final = Said("нужен список", "a list is needed")
_NOT_POSITIVE: Final = Said("сумма счёта должна быть больше нуля", "the sum of an invoice must be above zero")
_NEGATIVE: Final = Said("оплаченная сумма не может быть меньше нуля", "the paid sum cannot be below zero")
_NO_TEXT: Final = Said("нужна строка", "a string is needed")
_HALF: Final = Said(
    "в строке половина символа Юникода (\\ud800–\\udfff)", "the string has half of a Unicode sign (\\ud800–\\udfff)"
)
_MISSING: Final = Said("не заполнено", "is empty")
_NO_SUM: Final = Said("нужна сумма строкой, например «1200.00»", "a sum as a string is needed, such as “1200.00”")
_NO_CURRENCY: Final = Said(
    "нужен код валюты, например RUB, а не «{value}»", "a currency code is needed, such as RUB, not “{value}”"
)
_ODD_SUM: Final = Said("нужна сумма вида 1200.00, а не «{value}»", "a sum such as 1200.00 is needed, not “{value}”")
_NO_DATE: Final = Said(
    "нужна дата вида 2026-03-01, а не «{value}»", "a date such as 2026-03-01 is needed, not “{value}”"
)
_NO_CHOICE: Final = Said("непонятное значение «{value}»", "“{value}” is not one of the values")


def read_object(line: str) -> JsonObject:
    """One JSON object with numbers kept exact.

    Raises:
        FieldFault: the line is not a JSON object.
    """
    try:
        value = json.loads(line) if line.startswith("\ufeff") else exact_json(line)  # loads() names the mark
    except ValueError as error:
        raise FieldFault("", NO_JSON, error=str(error)) from None
    except RecursionError:
        raise FieldFault("", _TOO_DEEP) from None
    if not isinstance(value, dict):
        raise FieldFault("", NO_OBJECT_LINE)
    return value


def read_bytes(line: bytes) -> JsonObject:
    """The same from bytes, faster where every value is a text.

    Raises:
        FieldFault: the line is not a JSON object.
        UnicodeDecodeError: it is not in UTF-8.
    """
    try:
        value: object = from_json(line, allow_inf_nan=False)
    except ValueError:
        value = None
    if isinstance(value, dict) and _has_no_numbers(value.values()):
        return value
    return read_object(line.decode("utf-8").replace("\r\n", "\n"))


def _has_no_numbers(values: Iterable[object]) -> bool:
    """Numbers would not be exact here."""
    for value in values:
        kind = type(value)
        if kind is str or value is None:
            continue
        if kind is dict and isinstance(value, dict):
            if not _has_no_numbers(value.values()):
                return False
        elif kind is list and isinstance(value, list):
            if not _has_no_numbers(value):
                return False
        elif kind is not bool:
            return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} — не число")


def exact_json(text: str) -> Json:
    """A JSON value with numbers kept exact.

    Raises:
        ValueError: no JSON.
    """
    value: Json = _EXACT.decode(text)
    return _without_halves(value) if "\\ud" in text or "\\uD" in text else value


def _number(text: str) -> Decimal | str:
    """An exact number; what is beyond every number stays as written, so that its field can be named."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _without_halves(value: Json) -> Json:
    """Half of a sign cannot be written anywhere: a text that holds one is no text, and its field will be named."""
    if isinstance(value, str):
        return _HALF_TEXT if _LONE.search(value) else value
    if isinstance(value, dict):
        return {key: _without_halves(item) for key, item in value.items()}
    return [_without_halves(item) for item in value] if isinstance(value, list) else value


_EXACT: Final = json.JSONDecoder(parse_float=_number, parse_int=Decimal, parse_constant=_no_constant)
_LONE: Final = re.compile("[\ud800-\udfff]")
#: Stands where such a text stood.
_HALF_TEXT: Final[list[Json]] = []
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?", re.DOTALL)


def payment_from(line: JsonObject) -> Payment:
    """A payment line.

    Raises:
        FieldFault: a field is missing or cannot be read.
    """
    return Payment(
        id=_required_text(line, "id"),
        direction=_choice(line, "direction", Direction, Direction.UNKNOWN),
        amount=_money(line, "amount"),
        booked_on=_required_date(line, "booked_on"),
        purpose=_text(line, "purpose") or "",
        payer=_party(line, "payer"),
        payee=_party(line, "payee"),
    )


def invoice_from(line: JsonObject) -> Invoice:
    """An invoice line.

    Raises:
        FieldFault: a field is missing or cannot be read, or the sums make no sense.
    """
    amount = _money(line, "amount")
    paid = _money(line, "paid") if line.get("paid") is not None else Money.zero(amount.currency)
    if not amount.is_positive:
        raise FieldFault("amount", _NOT_POSITIVE)
    if paid.amount < 0:
        raise FieldFault("paid", _NEGATIVE)
    deal = _text(line, "deal")
    return Invoice(
        id=_required_text(line, "id"),
        number=_text(line, "number"),
        issued_on=_date(line, "issued_on"),
        due_on=_date(line, "due_on"),
        amount=amount,
        paid=paid,
        status=_choice(line, "status", InvoiceStatus, InvoiceStatus.OPEN),
        client=client_from(line),
        organisation_tax_id=_text(line, "organisation_tax_id"),
        deals=(deal,) if deal is not None else (),
        references=references_from(line),
    )


def _text(line: Mapping[str, Json], name: str) -> str | None:
    value = line.get(name)
    if value is None:
        return None
    if isinstance(value, Decimal):
        return str(value)
    if not isinstance(value, str):
        raise FieldFault(name, _HALF if value is _HALF_TEXT else _NO_TEXT)
    return value.strip() or None


def _required_text(line: Mapping[str, Json], name: str) -> str:
    value = _text(line, name)
    if value is None:
        raise FieldFault(name, _MISSING)
    return value


def _money(line: Mapping[str, Json], name: str) -> Money:
    value = line.get(name)
    if not isinstance(value, str | Decimal):
        raise FieldFault(name, _HALF if value is _HALF_TEXT else _NO_SUM)
    written = _text(line, "currency") or _DEFAULT_CURRENCY
    try:
        currency = currency_code(written)
    except MoneyError:
        raise FieldFault("currency", _NO_CURRENCY, value=written) from None
    try:
        return Money.of(value, currency)
    except MoneyError:
        raise FieldFault(name, _ODD_SUM, value=str(value)) from None


def _date(line: Mapping[str, Json], name: str) -> date | None:
    value = _text(line, name)
    if value is None:
        return None
    written = _DAY.fullmatch(value)
    try:
        return date.fromisoformat(written[1] if written else "")
    except ValueError:
        raise FieldFault(name, _NO_DATE, value=value) from None


def _required_date(line: Mapping[str, Json], name: str) -> date:
    value = _date(line, name)
    if value is None:
        raise FieldFault(name, _MISSING)
    return value


def _choice(line: Mapping[str, Json], name: str, kind: Callable[[str], _E], default: _E) -> _E:
    value = _text(line, name)
    if value is None:
        return default
    try:
        return kind(value.lower())
    except ValueError:
        raise FieldFault(name, _NO_CHOICE, value=value) from None


def _object(line: Mapping[str, Json], name: str) -> JsonObject | None:
    value = line.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FieldFault(name, NO_OBJECT)
    return value


def _party(line: JsonObject, name: str) -> Party:
    found = _object(line, name)
    if found is None:
        return Party()
    try:
        return Party(
            name=_text(found, "name"),
            tax_id=_text(found, "tax_id"),
            kpp=_text(found, "kpp"),
            account=_text(found, "account"),
            bic=_text(found, "bic"),
            bank_name=_text(found, "bank_name"),
        )
    except FieldFault as fault:
        raise fault.inside(name) from None


def client_from(line: JsonObject) -> Client | None:
    """The client of an invoice line; None where nothing is known of it.

    Raises:
        FieldFault: a field cannot be read.
    """
    found = _object(line, "client")
    if found is None:
        return None
    try:
        name, tax_id, kpp = _text(found, "name"), _text(found, "tax_id"), _text(found, "kpp")
        account, key = _text(found, "account"), _text(found, "id")
    except FieldFault as fault:
        raise fault.inside("client") from None
    tax_ids: list[TaxId] = []
    if tax_id is not None:
        tax_ids.append(TaxId(_KINDS_BY_LENGTH.get(len(tax_id), TaxIdKind.RU_INN), tax_id))
    if kpp is not None:
        tax_ids.append(TaxId(TaxIdKind.RU_KPP, kpp))
    if not (name or tax_ids or account):
        return None
    return Client(
        id=key or "",
        names=(name,) if name else (),
        tax_ids=tuple(tax_ids),
        accounts=(account,) if account else (),
    )


def reference_kind(written: str | None) -> ReferenceKind:
    """A kind that we do not know is still a document; the invoice must not be lost for it."""
    return _KINDS.get((written or "").lower().replace("ё", "е"), ReferenceKind.OTHER)


def references_from(line: JsonObject) -> tuple[Reference, ...]:
    """Contract, order … of an invoice line.

    Raises:
        FieldFault: a field cannot be read.
    """
    value = line.get("references")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise FieldFault("references", NO_LIST)
    found: list[Reference] = []
    for index, item in enumerate(value, start=1):
        if not isinstance(item, dict):
            raise FieldFault(f"references[{index}]", NO_OBJECT)
        try:
            found.append(Reference(reference_kind(_text(item, "kind")), _text(item, "number"), _date(item, "date")))
        except FieldFault as fault:
            raise fault.inside(f"references[{index}]") from None
    return tuple(found)

"""Filled fields of a card: found by number, code or name, and read as text, choice, requisites or payer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connectors.amocrm.schemas import Card, FieldValue

_SIGNS: Final = re.compile(r"[^\w/]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen in a field, as far as the account says it."""

    enum_id: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """Requisites in one of the vendor's shapes, by our names.

    Attributes:
        owner_type: `companies` or `contacts` of the card that they belong to, where they name one.
    """

    name: str = ""
    tax_id: str = ""
    kpp: str = ""
    bin: str = ""
    account: str = ""
    owner_type: str = ""
    owner_id: int | None = None


def plain_name(text: str) -> str:
    """A field's name as it is compared: case, ё, dots and spaces do not count."""
    return _SIGNS.sub(" ", text.casefold().replace("ё", "е")).strip()


def with_code(card: Card, code: str) -> FieldValue | None:
    """The field that the vendor knows by that code."""
    return next((field for field in card.fields if field.field_code.upper() == code), None)


def chosen(field: FieldValue) -> Choice | None:
    """What was chosen; None where nothing is."""
    for value in field.values:
        return Choice(_word(value.get("enum_id")), _word(value.get("enum_code")), _word(value.get("value")))
    return None


def texts(card: Card, selectors: Iterable[str]) -> Iterator[str]:
    """Filled values of the named fields as text, in the order of the names."""
    for selector in selectors:
        for field in card.fields:
            if _is_named(field, selector):
                yield from _values(field)


def first_text(field: FieldValue) -> str:
    """The first filled value of a field as text, "" where it is empty."""
    return next(_values(field), "")


def text(card: Card, selectors: Iterable[str]) -> str:
    """The first filled one of them, "" where all are empty."""
    return next(texts(card, selectors), "")


def number(card: Card, code: str) -> Decimal | None:
    """A number field by its code; None where it holds none."""
    field = with_code(card, code)
    for value in _values(field) if field is not None else ():
        # Decimal alone takes Arabic digits for Latin ones.
        if value.isascii():
            try:
                return Decimal(value.replace(" ", "").replace(",", "."))
            except ArithmeticError:
                return None
    return None


def legal_entities(card: Card) -> list[Particulars]:
    """What the vendor's own requisites fields hold."""
    return [
        _particulars(value) for field in card.fields if field.field_type == "legal_entity" for value in _objects(field)
    ]


def payer(card: Card) -> Particulars | None:
    """Who an invoice asks for money, in either shape of the field: with requisites, or a link alone."""
    field = with_code(card, "PAYER")
    return next((_particulars(value) for value in _objects(field)), None) if field is not None else None


def seller(card: Card) -> Particulars | None:
    """Which of our own legal entities an invoice is from."""
    field = with_code(card, "LEGAL_ENTITY")
    return next((_particulars(value) for value in _objects(field)), None) if field is not None else None


def _particulars(value: Mapping[str, Any]) -> Particulars:
    """`tax_registration_reason_code` is the ОГРН, whatever its name says; the КПП is `kpp`."""
    owner_id = value.get("entity_id")
    owner_type = _word(value.get("entity_type")).strip()
    return Particulars(
        name=_word(value.get("name")).strip(),
        tax_id=_joined(value.get("vat_id")) or _joined(value.get("unp")),
        kpp=_joined(value.get("kpp")),
        bin=_joined(value.get("bin")),
        account=_joined(value.get("bank_account_number")).upper(),
        owner_type=owner_type if owner_type in ("companies", "contacts") else "",
        owner_id=int(owner_id) if isinstance(owner_id, int | str) and str(owner_id).isdecimal() else None,
    )


def _is_named(field: FieldValue, selector: str) -> bool:
    if selector.isascii() and selector.isdigit():
        return str(field.field_id) == selector
    return field.field_code.casefold() == selector.casefold() or plain_name(field.field_name) == plain_name(selector)


def _values(field: FieldValue) -> Iterator[str]:
    for value in field.values:
        if found := _word(value.get("value")).strip():
            yield found


def _objects(field: FieldValue) -> Sequence[Mapping[str, Any]]:
    """Values of a compound field: an object under `value`."""
    return [inner for value in field.values if isinstance(inner := value.get("value"), dict)]


def _joined(value: object) -> str:
    return "".join(_word(value).split())


def _word(value: object) -> str:
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value)

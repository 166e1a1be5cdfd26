"""Values of custom fields: what a write may send, how it is kept, how a read shows it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias
from zoneinfo import ZoneInfo

from connectors.amocrm.sandbox.errors import missing, no_choice, unexpected, wrong_type
from connectors.amocrm.sandbox.fields import CHOICES, Choice, FieldDef, FieldSet
from connectors.sandbox_kit.jsontypes import Json, as_map

Stored: TypeAlias = "list[dict[str, Json]]"
Values: TypeAlias = dict[int, Stored]

_TEXTS = frozenset({"text", "textarea", "url", "streetaddress", "tracking_data", "org_legal_name"})
_NUMBERS = frozenset({"numeric", "price", "monetary"})
_DATES = frozenset({"date", "date_time", "birthday"})
_ITEM_KEYS = frozenset({"value", "enum_id", "enum_code", "enum", "subtype"})


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OBJECTS: Mapping[str, frozenset[str]] = {
    "legal_entity": _names(
        "name entity_type vat_id tax_registration_reason_code kpp address real_address bank_code "
        "bank_account_number director external_uid unp bin egrpou mfo oked"
    ),
    "payer": _names(
        "type name entity_type entity_id vat_id kpp tax_registration_reason_code address bank_code "
        "bank_account_number phone email external_uid"
    ),
    "linked_entity": frozenset({"name", "entity_id", "entity_type", "catalog_id"}),
    "supplier": frozenset({"entity_id"}),
    "items": _names(
        "sku description unit_price quantity unit_type discount vat_rate_value vat_rate_id external_uid "
        "product_id bonus_points_per_purchase metadata total_sum is_discount_recalculated "
        "is_total_sum_recalculated"
    ),
    "file": frozenset({"file_uuid", "version_uuid", "file_name", "file_size", "is_deleted"}),
}
_REQUIRED_KEYS = {"legal_entity": "name", "payer": "name", "linked_entity": "name"}


@dataclass(frozen=True, slots=True)
class Reader:
    """How values are read here. `old_payers` takes a payer in the shape of 2021, which only a seed may bring."""

    zone: ZoneInfo
    old_payers: bool = False


def read_values(raw: Json, fields: FieldSet, reader: Reader, path: str = "custom_fields_values") -> Values:
    """The `custom_fields_values` of a write, by field id; an empty list clears. Raises FieldError."""
    if raw is None:
        return {}
    if not isinstance(raw, list):
        raise wrong_type(path, "array")
    written: Values = {}
    for number, item in enumerate(raw):
        where = f"{path}.{number}"
        if not isinstance(item, Mapping):
            raise wrong_type(where, "array")
        spec = _spec_of(item, fields, where)
        written[spec.id] = _read_field(item.get("values"), spec, reader, f"{where}.values")
    return written


def _spec_of(item: Mapping[str, Json], fields: FieldSet, where: str) -> FieldDef:
    field_id, code = item.get("field_id"), item.get("field_code")
    if field_id is not None:
        if not isinstance(field_id, int) or isinstance(field_id, bool):
            raise wrong_type(f"{where}.field_id", "int")
        spec = fields.by_id.get(field_id)
        if spec is None:
            raise no_choice(f"{where}.field_id")
        return spec
    if code is None:
        raise missing(f"{where}.field_id")
    spec = fields.by_code.get(str(code))
    if spec is None:
        raise no_choice(f"{where}.field_code")
    return spec


def _read_field(raw: Json, spec: FieldDef, reader: Reader, where: str) -> Stored:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise wrong_type(where, "array")
    stored = [_read_value(item, spec, reader, f"{where}.{number}") for number, item in enumerate(raw)]
    several = spec.type in {"multitext", "multiselect", "items", "smart_address", "chained_list", "category", "payer"}
    if len(stored) > 1 and not several and spec.type not in {"legal_entity", "linked_entity", "file"}:
        raise unexpected(f"{where}.1")
    return [value for value in stored if value.get("value") not in (None, "") or "catalog_id" in value]


def _read_value(raw: Json, spec: FieldDef, reader: Reader, where: str) -> dict[str, Json]:
    if not isinstance(raw, Mapping):
        raise wrong_type(where, "array")
    if spec.type == "chained_list":
        return {name: raw[name] for name in ("catalog_id", "catalog_element_id") if name in raw}
    for name in raw:
        if name not in _ITEM_KEYS:
            raise unexpected(f"{where}.{name}")
    if spec.type in CHOICES:
        return _choice_value(_choose(raw, spec, where))
    _refuse_enums(raw, spec, where)
    value = raw.get("value")
    if value is None:
        return {"value": None}
    if spec.type in {"multitext", "smart_address"}:
        return _with_kind(raw, spec, where)
    return {"value": _PARSERS.get(spec.type, _parse_text)(value, spec, reader, f"{where}.value")}


def _refuse_enums(raw: Mapping[str, Json], spec: FieldDef, where: str) -> None:
    """A field without choices takes no enum, though a read value may be sent back with nulls there."""
    if spec.type in {"multitext", "smart_address"}:
        return
    for name in ("enum_id", "enum_code", "enum"):
        if raw.get(name) is not None:
            raise unexpected(f"{where}.{name}")


def _choose(raw: Mapping[str, Json], spec: FieldDef, where: str) -> Choice:
    tests: list[tuple[str, Callable[[Choice, Json], bool]]] = [
        ("enum_id", lambda choice, wanted: choice.id == wanted),
        ("enum_code", lambda choice, wanted: choice.code == wanted),
        ("value", lambda choice, wanted: choice.value == wanted),
    ]
    for name, fits in tests:
        wanted = raw.get(name)
        if wanted is None:
            continue
        if name == "enum_code" and not any(choice.code for choice in spec.choices):
            raise unexpected(f"{where}.enum_code")
        for choice in spec.choices:
            if fits(choice, wanted):
                return choice
        raise no_choice(f"{where}.{name}")
    raise missing(f"{where}.value")


def _choice_value(choice: Choice) -> dict[str, Json]:
    shown: dict[str, Json] = {"value": choice.value, "enum_id": choice.id}
    if choice.code is not None:
        shown["enum_code"] = choice.code
    return shown


def _with_kind(raw: Mapping[str, Json], spec: FieldDef, where: str) -> dict[str, Json]:
    value = raw["value"]
    if not isinstance(value, str):
        raise wrong_type(f"{where}.value", "string")
    named = {name: raw[name] for name in ("enum_id", "enum_code") if raw.get(name) is not None}
    if not spec.choices:
        return {"value": value, **named}
    choice = _choose(named, spec, where) if named else spec.choices[0]
    return {**_choice_value(choice), "value": value}


def _parse_text(value: Json, _spec: FieldDef, _reader: Reader, where: str) -> Json:
    if not isinstance(value, str):
        raise wrong_type(where, "string")
    return value


def _parse_number(value: Json, _spec: FieldDef, _reader: Reader, where: str) -> Json:
    """Numbers are kept and read back as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong_type(where, "numeric")
    try:
        number = Decimal(str(value).replace(",", "."))
    except InvalidOperation as error:
        raise wrong_type(where, "numeric") from error
    if not number.is_finite():
        raise wrong_type(where, "numeric")
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parse_flag(value: Json, _spec: FieldDef, _reader: Reader, where: str) -> Json:
    if value in (True, False, 1, 0, "1", "0", "true", "false"):
        return value in (True, 1, "1", "true")
    raise wrong_type(where, "bool")


def _parse_date(value: Json, spec: FieldDef, reader: Reader, where: str) -> Json:
    """Unix seconds or RFC 3339 with an offset, kept as Unix seconds; a date falls on local midnight."""
    moment = _moment(value, where)
    if spec.type == "date_time":
        return int(moment.timestamp())
    local = moment.astimezone(reader.zone)
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


def _moment(value: Json, where: str) -> datetime:
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise wrong_type(where, "timestamp")
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str) and value.isdigit():
        return datetime.fromtimestamp(int(value), UTC)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise wrong_type(where, "datetime") from error
    if moment.tzinfo is None:
        raise wrong_type(where, "datetime")
    return moment


def _parse_object(value: Json, spec: FieldDef, reader: Reader, where: str) -> Json:
    if not isinstance(value, Mapping):
        raise wrong_type(where, "array")
    kind = "linked_entity" if spec.type == "payer" and reader.old_payers and "type" not in value else spec.type
    for name in value:
        if name not in _OBJECTS[kind]:
            raise unexpected(f"{where}.{name}")
    wanted = _REQUIRED_KEYS.get(kind)
    if wanted and not value.get(wanted):
        raise missing(f"{where}.{wanted}")
    if kind == "payer" and value.get("type") not in ("legal", "individual"):
        raise no_choice(f"{where}.type")
    if kind == "legal_entity" and value.get("entity_type") not in (None, 1, 2):
        raise no_choice(f"{where}.entity_type")
    _check_inn(value, where)
    return dict(value)


def _check_inn(value: Mapping[str, Json], where: str) -> None:
    for name in ("vat_id", "kpp", "tax_registration_reason_code", "bank_code", "bank_account_number"):
        if value.get(name) is not None and not isinstance(value[name], str):
            raise wrong_type(f"{where}.{name}", "string")


_PARSERS: dict[str, Callable[[Json, FieldDef, Reader, str], Json]] = {
    **dict.fromkeys(_TEXTS, _parse_text),
    **dict.fromkeys(_NUMBERS, _parse_number),
    **dict.fromkeys(_DATES, _parse_date),
    **dict.fromkeys(_OBJECTS, _parse_object),
    "checkbox": _parse_flag,
}


def values_json(values: Values, fields: FieldSet) -> list[dict[str, Json]] | None:
    """`custom_fields_values` as a read shows them; None when nothing is filled."""
    listed: list[dict[str, Json]] = [
        {
            "field_id": spec.id,
            "field_name": spec.name,
            "field_code": spec.code,
            "field_type": spec.type,
            "values": [dict(value) for value in values[spec.id]],
        }
        for spec in fields
        if values.get(spec.id)
    ]
    return listed or None


def plain(stored: Stored) -> Json:
    """A field's value in one piece, for the write log and for events: code or text, one or a list."""
    shown = [
        value.get("enum_code") if "enum_code" in value and "enum_id" in value else value.get("value", value)
        for value in map(as_map, stored)
    ]
    if not shown:
        return None
    return shown[0] if len(shown) == 1 else shown


_SPACES = re.compile(r"\s+")


def searchable(stored: Stored) -> str:
    """All text of a value, for `query`."""
    return _SPACES.sub(" ", " ".join(_words(value.get("value")) for value in stored)).lower()


def _words(value: Json) -> str:
    if isinstance(value, Mapping):
        return " ".join(_words(part) for part in value.values())
    return "" if value is None or isinstance(value, bool) else str(value)

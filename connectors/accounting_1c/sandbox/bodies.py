"""Bodies of writes: JSON or an Atom entry, turned into values of a set. Unknown properties are left out."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree import ElementTree

from connectors.accounting_1c.sandbox.errors import ODataError, bad_request, bad_value, internal
from connectors.accounting_1c.sandbox.model import Property, Table
from connectors.accounting_1c.sandbox.values import Row, Scalar, as_date, as_guid

_BIND = "@odata.bind"
_BOUND = re.compile(r"guid'([^']*)'\)\s*$")
_DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
_META = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"


@dataclass(slots=True)
class Body:
    """What a body gives; `unknown` are names that the set does not have."""

    values: dict[str, Scalar] = field(default_factory=dict)
    parts: dict[str, list[Row]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def read_body(table: Table, data: bytes, content_type: str) -> Body:
    """The values of a request. Raises ODataError 1 for text that cannot be read and 4 for a wrong value."""
    text = data.decode("utf-8-sig", "replace")
    # The words, not the header: clients send JSON under many names.
    if "json" in content_type or text.lstrip()[:1] == "{":
        return body_of(table, _json(text))
    return body_of(table, _atom(text))


def body_of(table: Table, fields: Mapping[str, Any]) -> Body:
    """The values that named fields mean for a set."""
    body = Body()
    for name, value in fields.items():
        if name in table.parts:
            body.parts[name] = _rows(table.parts[name], name, value)
        elif name.endswith(_BIND):
            _bind(table, name.removesuffix(_BIND), value, body)
        elif name in table.properties:
            body.values[name] = scalar(table.properties[name], value)
        elif "@" not in name and not name.startswith("odata."):
            body.unknown.append(name)
    return body


def scalar(known: Property, value: Any) -> Scalar:
    """One value of a property. Raises ODataError 4."""
    if value is None:
        return known.empty
    match known.edm:
        case "Edm.Boolean":
            return _boolean(known, value)
        case "Edm.Double" | "Edm.Int64":
            return _number(known, value)
        case "Edm.Guid":
            return _checked(known, as_guid(value) if isinstance(value, str) else None)
        case "Edm.DateTime":
            return _checked(known, as_date(value) if isinstance(value, str) else None)
        case _:
            return _string(known, value)


def _string(known: Property, value: Any) -> str:
    if known.role == "composite" and isinstance(value, (bool, int, Decimal)):
        return str(value).lower()
    return _checked(known, value if isinstance(value, str) else None)


def _boolean(known: Property, value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise bad_value(known.name)
    return value


def _number(known: Property, value: Any) -> Decimal | int:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str, float)):
        raise bad_value(known.name)
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise bad_value(known.name) from error
    if not number.is_finite():
        raise bad_value(known.name)
    return int(number) if known.edm == "Edm.Int64" else number


def _checked(known: Property, value: str | None) -> str:
    if value is None:
        raise bad_value(known.name)
    return value


def _bind(table: Table, name: str, value: Any, body: Body) -> None:
    reference = table.navigation(name)
    if reference is None:
        body.unknown.append(f"{name}{_BIND}")
        return
    found = _BOUND.search(value) if isinstance(value, str) else None
    body.values[reference.name] = scalar(reference, found.group(1) if found else "")


def _rows(part: Table, name: str, value: Any) -> list[Row]:
    if not isinstance(value, list):
        raise bad_value(name)
    rows = []
    for given in value:
        if not isinstance(given, Mapping):
            raise bad_value(name)
        body = body_of(part, given)
        if "LineNumber" not in body.values:
            raise _no_line_number(name)
        rows.append(Row(body.values))
    return sorted(rows, key=lambda row: row.number("LineNumber"))


def _no_line_number(name: str) -> ODataError:
    return internal(f"Ошибка при установке значения: {name}. Не указан номер строки табличной части")


def _json(text: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(text, parse_float=Decimal) if text.strip() else {}
    except ValueError as error:
        raise bad_request("тело запроса не JSON") from error
    if not isinstance(parsed, Mapping):
        raise bad_request("тело запроса не объект")
    return parsed


def _atom(text: str) -> Mapping[str, Any]:
    if not text.strip():
        return {}
    if "<!DOCTYPE" in text:
        raise bad_request("DOCTYPE в теле запроса")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no document type gets here
    except ElementTree.ParseError as error:
        raise bad_request("тело запроса не XML") from error
    found = root.find(f".//{_META}properties")
    return {} if found is None else _fields(found)


def _fields(properties: ElementTree.Element) -> dict[str, Any]:
    return {each.tag.removeprefix(_DATA): _value(each) for each in properties}


def _value(element: ElementTree.Element) -> Any:
    if element.get(f"{_META}null") == "true":
        return None
    if element.get(f"{_META}type", "").startswith("Collection("):
        return [_fields(row) for row in element]
    return element.text or ""

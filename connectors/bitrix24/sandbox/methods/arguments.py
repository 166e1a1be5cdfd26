"""Reading a method's parameters: names in any case, numbers as text, the usual errors."""

from collections.abc import Mapping

from connectors.bitrix24.sandbox.context import Params
from connectors.bitrix24.sandbox.errors import array_expected, missing
from connectors.sandbox_kit.jsontypes import Json, as_int, as_text


def get(params: Params, name: str) -> Json:
    """A parameter by name in any case; None when absent."""
    if name in params:
        return params[name]
    return next((value for key, value in params.items() if key.lower() == name.lower()), None)


def need_int(params: Params, name: str) -> int:
    """A mandatory integer. Raises RestError 100 when it is absent or not a number."""
    number = as_int(get(params, name))
    if number is None:
        raise missing(name)
    return number


def need_map(params: Params, name: str) -> Mapping[str, Json]:
    """A mandatory array of named values. Raises RestError 100."""
    value = get(params, name)
    if value is None:
        raise missing(name)
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and not value:
        return {}
    raise array_expected(name)


def flag(value: Json) -> bool:
    """Y, 1 and true are yes."""
    return as_text(value).upper() in {"Y", "1", "TRUE"}


def upper_keys(fields: Mapping[str, Json]) -> dict[str, Json]:
    """The same values under upper-case names."""
    return {name.upper(): value for name, value in fields.items()}

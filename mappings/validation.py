"""Checks a read document against a pydantic model and puts every complaint into Russian with its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mappings.faults import Fault, unknown_name
from mappings.yaml_reader import Document, Path_

Model = TypeVar("Model", bound=BaseModel)

_TEXTS: Final[Mapping[str, str]] = {
    "missing": "поля нет, а оно обязательно",
    "string_type": "нужен текст; если он начинается с «{» или «[», возьмите его в кавычки",
    "int_parsing": "нужно целое число",
    "int_from_float": "нужно целое число",
    "int_type": "нужно целое число",
    "float_parsing": "нужно число",
    "float_type": "нужно число",
    "finite_number": "нужно обычное число",
    "bool_parsing": "нужно true или false",
    "bool_type": "нужно true или false",
    "date_parsing": "нужна дата вида 2026-03-01",
    "date_from_datetime_parsing": "нужна дата вида 2026-03-01",
    "date_from_datetime_inexact": "нужна дата вида 2026-03-01, без времени",
    "date_type": "нужна дата вида 2026-03-01",
    "path_type": "нужен путь к файлу",
    "model_type": "нужен блок полей с отступом, каждое вида «имя: значение»",
    "dict_type": "нужен блок полей с отступом, каждое вида «имя: значение»",
    "list_type": "нужен список: [значение, значение] или строки, которые начинаются с «- »",
    "tuple_type": "нужен список: [значение, значение] или строки, которые начинаются с «- »",
    "string_too_short": "пусто",
    "too_short": "список пуст",
}
_BOUNDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "greater_than": lambda bound: f"нужно больше {bound['gt']:g}",
    "greater_than_equal": lambda bound: f"нужно не меньше {bound['ge']:g}",
    "less_than": lambda bound: f"нужно меньше {bound['lt']:g}",
    "less_than_equal": lambda bound: f"нужно не больше {bound['le']:g}",
    "string_too_long": lambda bound: f"длиннее {bound['max_length']} знаков",
    "too_long": lambda bound: f"больше {bound['max_length']} значений",
    "literal_error": lambda bound: f"можно: {str(bound['expected']).replace(' or ', ', ')}",
    "enum": lambda bound: f"можно: {str(bound['expected']).replace(' or ', ', ')}",
}


def validate(document: Document, model: type[Model], context: Mapping[str, Any] | None = None) -> Model | None:
    """Build the model from the document; faults are added to `document.faults`, and then the answer is None."""
    value = {} if document.value is None else document.value
    try:
        return model.model_validate(value, context=dict(context or {}))
    except ValidationError as error:
        broken = {fault.line for fault in document.faults if fault.line}
        for detail in error.errors(include_url=False, include_input=False):
            fault = _fault(document, model, detail)
            if fault.line not in broken:
                document.faults.append(fault)
    return None


def _fault(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Fault:
    path: Path_ = tuple(part for part in detail["loc"] if part != "[key]")
    return document.fault(path, _message(model, path, detail))


def _message(model: type[BaseModel], path: Path_, detail: ErrorDetails) -> str:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    if kind == "extra_forbidden":
        return _unknown_field(model, path)
    if kind in _BOUNDS:
        return _BOUNDS[kind](context)
    return _TEXTS.get(kind, "значение не подходит")


def _unknown_field(model: type[BaseModel], path: Path_) -> str:
    owner = model_at(model, path[:-1])
    known = list(owner.model_fields) if owner is not None else []
    name = str(path[-1])
    clue = unknown_name(name, known) if known else ""
    cyrillic = "в имени есть русские буквы, " if not name.isascii() else ""
    return f"такого поля нет: {cyrillic}{clue}".rstrip(": ")


def model_at(model: type[BaseModel], path: Path_) -> type[BaseModel] | None:
    """The model that stands at a path inside another one."""
    current: type[BaseModel] | None = model
    rest = list(path)
    while rest and current is not None:
        name = str(rest.pop(0))
        field = current.model_fields.get(name)
        if field is None:
            return None
        current, is_container = _model_in(field.annotation)
        if is_container and rest:
            rest.pop(0)
    return current


def _model_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model inside an annotation, and whether it sits in a list or mapping."""
    origin = get_origin(annotation)
    if origin is None:
        is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        return (annotation if is_model else None), False
    is_container = origin not in (Union, UnionType)
    for argument in get_args(annotation):
        found, nested = _model_in(argument)
        if found is not None:
            return found, is_container or nested
    return None, False

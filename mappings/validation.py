"""Checks a read document against a pydantic model and puts every complaint into Russian with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mappings.faults import Fault, unknown_name
from mappings.yaml_reader import Document, Path_

Model = TypeVar("Model", bound=BaseModel)

_TEXTS: Final[Mapping[str, str]] = {
    "missing": "поля нет, а оно обязательно",
    "union_tag_not_found": "поля нет, а оно обязательно",
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
_UNTOLD: Final = ("union_tag_invalid", "union_tag_not_found")
_BOUNDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "greater_than": lambda bound: f"нужно больше {bound['gt']:g}",
    "greater_than_equal": lambda bound: f"нужно не меньше {bound['ge']:g}",
    "less_than": lambda bound: f"нужно меньше {bound['lt']:g}",
    "less_than_equal": lambda bound: f"нужно не больше {bound['le']:g}",
    "string_too_long": lambda bound: f"длиннее {bound['max_length']} знаков",
    "too_long": lambda bound: f"больше {bound['max_length']} значений",
    "literal_error": lambda bound: f"можно: {str(bound['expected']).replace(' or ', ', ')}",
    "union_tag_invalid": lambda bound: f"можно: {bound['expected_tags']}",
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
    path, owner = _trace(model, detail["loc"])
    if detail["type"] in _UNTOLD:
        # The block is not of any kind that is known: the field that says the kind is at fault.
        path = (*path, detail["ctx"]["discriminator"].strip("'"))
    return document.fault(path, _message(owner, path, detail))


def _message(owner: type[BaseModel] | None, path: Path_, detail: ErrorDetails) -> str:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    if kind == "extra_forbidden":
        return _unknown_field(owner, path)
    if kind in _BOUNDS:
        return _BOUNDS[kind](context)
    return _TEXTS.get(kind, "значение не подходит")


def _unknown_field(owner: type[BaseModel] | None, path: Path_) -> str:
    known = list(owner.model_fields) if owner is not None else []
    name = str(path[-1])
    clue = unknown_name(name, known) if known else ""
    cyrillic = "в имени есть русские буквы, " if not name.isascii() else ""
    return f"такого поля нет: {cyrillic}{clue}".rstrip(": ")


def _trace(model: type[BaseModel], loc: Iterable[int | str]) -> tuple[Path_, type[BaseModel] | None]:
    """Where a complaint points in the document, and the model whose field its last part is.

    Between a value and its fields pydantic names the member of a union that it took: no part of the document.
    """
    path: list[int | str] = []
    candidates: list[type[BaseModel]] = [model]
    owner: type[BaseModel] | None = None
    in_container = False
    for part in loc:
        if part == "[key]":
            continue
        chosen = [item for item in candidates if part in _tags(item)] if len(candidates) > 1 else []
        if chosen and not in_container:
            candidates = chosen
            continue
        path.append(part)
        owner = candidates[0] if candidates and not in_container else None
        if in_container:
            in_container = False
            continue
        field = owner.model_fields.get(str(part)) if owner is not None else None
        candidates, in_container = _models_in(field.annotation) if field is not None else ([], False)
    return tuple(path), owner


def _tags(model: type[BaseModel]) -> set[object]:
    """What the fields of a model may be that take certain words only: by them a union is told apart."""
    literals = (field.annotation for field in model.model_fields.values() if get_origin(field.annotation) is Literal)
    return {value for annotation in literals for value in get_args(annotation)}


def _models_in(annotation: Any) -> tuple[list[type[BaseModel]], bool]:
    """The models inside an annotation, and whether they sit in a list or mapping."""
    origin = get_origin(annotation)
    if origin is None:
        is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        return ([annotation] if is_model else []), False
    found: list[type[BaseModel]] = []
    nested = False
    for argument in get_args(annotation):
        models, inner = _models_in(argument)
        found += models
        nested = nested or inner
    is_container = origin not in (Union, UnionType, Annotated)
    return found, bool(found) and (is_container or nested)

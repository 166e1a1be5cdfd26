"""Reads the published document formats (seed, faults) and names file and field of every fault."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails


class DocumentModel(BaseModel):
    """Base of the published formats: unknown keys are refused, so a misspelt switch is never silently off."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ModelT = TypeVar("ModelT", bound=BaseModel)


_REASONS = {
    "missing": "обязательное поле не задано",
    "extra_forbidden": "такого поля в формате нет",
    "int_type": "нужно целое число",
    "int_parsing": "нужно целое число",
    "float_type": "нужно число",
    "float_parsing": "нужно число",
    "string_type": "нужна строка",
    "bool_type": "нужно true или false",
    "bool_parsing": "нужно true или false",
    "list_type": "нужен список",
    "dict_type": "нужен объект",
    "model_type": "нужен объект",
    "decimal_parsing": 'нужна сумма текстом, например "125000.50"',
    "decimal_max_places": "в сумме не больше двух знаков после точки",
    "timezone_aware": "в моменте времени нужно смещение, например +03:00",
    "datetime_parsing": "нужен момент ISO 8601, например 2026-09-21T12:00:00+03:00",
    "datetime_from_date_parsing": "нужен момент ISO 8601, например 2026-09-21T12:00:00+03:00",
    "date_from_datetime_parsing": "нужна дата, например 2026-09-21",
    "union_tag_not_found": "не задан kind",
    "too_short": "список слишком короткий",
    "greater_than_equal": "число слишком мало",
}


class DocumentError(ValueError):
    """A document that cannot be used; the text names the file and each faulty field, in Russian."""


def load_document(path: Path, model: type[ModelT]) -> ModelT:
    """Read a JSON document as `model`. Raises DocumentError for an unreadable or invalid file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: файл не читается ({error})") from error
    return parse_document(text, model, str(path))


def parse_document(text: str, model: type[ModelT], name: str) -> ModelT:
    """Parse JSON text as `model`; `name` is how the document is called in errors."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{name}: не JSON, строка {error.lineno}, столбец {error.colno}: {error.msg}") from error
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise DocumentError(_describe(name, error)) from error


def schema_text(model: type[BaseModel], title: str) -> str:
    """The JSON Schema (draft 2020-12) of a published format, as it is committed."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    schema["title"] = title
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class Formats:
    """The published formats of a stand-in: model and title by name; their schemas lie in `schemas` of its package."""

    package: str
    named: Mapping[str, tuple[type[BaseModel], str]]

    def generated(self, name: str) -> str:
        """The schema text the models give today."""
        model, title = self.named[name]
        return schema_text(model, title)

    def published(self, name: str) -> str:
        """The schema text that is shipped."""
        return files(self.package).joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")


def _describe(name: str, error: ValidationError) -> str:
    return "\n".join(f"{name}: {_path(item['loc'])}: {_reason(item)}" for item in error.errors())


def _reason(item: ErrorDetails) -> str:
    if item["type"] in {"literal_error", "union_tag_invalid"}:
        allowed = item["ctx"].get("expected") or item["ctx"].get("expected_tags")
        return f"допустимо: {allowed}"
    return _REASONS.get(item["type"], item["msg"])


def _path(location: tuple[int | str, ...]) -> str:
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in location]
    return "".join(parts).lstrip(".") or "документ"

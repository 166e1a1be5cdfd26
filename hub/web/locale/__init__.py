"""Words of the desk: Russian is the source, another language is a catalogue of its sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

DEFAULT = "ru"


@dataclass(frozen=True, slots=True)
class Words:
    """Says a sentence in one language; a sentence that the catalogue lacks stays Russian."""

    language: str
    catalogue: Mapping[str, str]

    def __call__(self, text: str, /, **values: object) -> str:
        """The sentence, with `{name}` filled from the values."""
        said = self.catalogue.get(text, text)
        return said.format(**values) if values else said

    def plural(self, count: int, forms: str) -> str:
        """The form that fits the count: `платёж|платежа|платежей`, in English two forms."""
        said = self.catalogue.get(forms, forms).split("|")
        if len(said) == 2:
            return said[0] if count == 1 else said[1]
        return said[_russian_form(count)]


def _russian_form(count: int) -> int:
    if count % 10 == 1 and count % 100 != 11:
        return 0
    return 1 if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else 2


@lru_cache(maxsize=8)
def words(language: str) -> Words:
    """The words of a language; an unknown one speaks Russian."""
    source = files(__name__) / f"{language}.json"
    if language == DEFAULT or not source.is_file():
        return Words(DEFAULT, {})
    return Words(language, json.loads(source.read_text(encoding="utf-8")))

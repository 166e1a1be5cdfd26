"""One thing said in Russian and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hub.domain.word import Word


class Language(Word):
    """Language of reasons and evidence."""

    RU = "ru"
    EN = "en"


class Said(NamedTuple):
    """A sentence or a clause in both languages; names in braces are filled with the values of a payment."""

    ru: str
    en: str

    def told(self, language: Language, values: Mapping[str, str] | None = None) -> str:
        """The text in one language, filled."""
        text = self.ru if language is Language.RU else self.en
        return text if values is None or "{" not in text else text.format_map(values)

"""Texts of the hub's own decision tables that decided before the one of now, so that their decisions can be looked at.

Versions 1 and 2 were rows of the program and no text. Two texts called themselves 3: the second added the row
`mentioned`, and nothing else. Since then a table that decides otherwise has another number, and a test sees to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from hub.domain.matching.table import SHIPPED

#: Versions that never had a text.
WITHOUT_TEXT: Final = frozenset({"1", "2"})
_FILES: Final[Mapping[str, tuple[str, ...]]] = {"3": ("3.toml", "3-mentioned.toml")}


def shipped_texts(version: str) -> tuple[str, ...]:
    """Every text that the hub ships or shipped as this version; none where it did not."""
    if version == SHIPPED.version:
        return (SHIPPED.text,)
    folder = files("hub.domain.matching.old_tables")
    return tuple(folder.joinpath(name).read_text(encoding="utf-8") for name in _FILES.get(version, ()))

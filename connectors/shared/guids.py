"""References of 1C, which other systems keep beside what came from it."""

from __future__ import annotations

import re
from typing import Final

_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOTHING: Final = "00000000-0000-0000-0000-000000000000"


def guid_of(text: str) -> str | None:
    """A reference in one writing; None for the empty one and for what is none: others keep ids of their own."""
    found = text.strip().strip("{}").lower()
    return found if _GUID.fullmatch(found) and found != _NOTHING else None

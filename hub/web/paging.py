"""Pages of a list: which one is shown and where its neighbours are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

_LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Pages:
    """A place in a list. Pages count from 1; `name` is the parameter that says which one is asked for."""

    current: int
    last: int
    path: str
    query: Mapping[str, str]
    name: str = "page"

    def url(self, number: int) -> str:
        """Address of a page of the same list."""
        named = {name: value for name, value in self.query.items() if value}
        return f"{self.path}?{urlencode(named | {self.name: str(number)})}"


def page_number(text: str) -> int:
    """The page asked for; the first for anything that is no page."""
    return min(max(1, int(text)), _LAST_PAGE) if text.isascii() and text.isdigit() else 1


def pages(asked: int, total: int, size: int, path: str, query: Mapping[str, str], name: str = "page") -> Pages:
    """The place of a page in a list of `total` items."""
    last = max(1, -(-total // size))
    return Pages(min(asked, last), last, path, query, name)

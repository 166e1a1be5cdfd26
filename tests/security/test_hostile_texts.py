"""A purpose of payment is written by anybody: on every page it stays a text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

import pytest
from starlette.routing import Route

from hub.domain.models import Party
from hub.services.aliases import add_alias, end_alias
from hub.store.engine import Database
from hub.web.app import create_app
from tests.support.matrix import Figures
from tests.web.conftest import anyio_backend, signed_in
from tests.web.desk_world import HOSTILE, DeskWorld, busy, paid

__all__ = ["anyio_backend"]
pytestmark = pytest.mark.anyio

TEXTS: Final = {
    "html": HOSTILE,
    "attribute": "' onmouseover='alert(1)' x=\" onfocus=\"alert(2)",
    "template": "{{ 7*7 }}{% raw %}${7*7}<%= 7*7 %>",
    "formula": '=cmd|"/c calc"!A1',
    "link": "javascript:alert(1) data:text/html,<svg/onload=alert(1)>",
    "direction": "\u202eлевопан\u2066 \u200f",
    "control": "one\x00two\x1b[31m\r\nSet-Cookie: a=b",
    "long": "я" * 100_000,
}
#: Attributes that run code or lead elsewhere when a text gets into them.
_RUNNING: Final = ("on", "srcdoc", "formaction")


class _Page(HTMLParser):
    """What of a page could run."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        named = dict(attrs)
        if tag == "script" and not (named.get("src") or "").startswith("/static/"):
            self.problems.append(f"script {named}")
        if tag in ("iframe", "object", "embed", "base", "svg"):
            self.problems.append(tag)
        for name, value in attrs:
            if name.startswith(_RUNNING):
                self.problems.append(f"{tag} {name}")
            if name in ("href", "src", "action") and not (value or "").startswith(("/", "#", "http", "data:image/")):
                self.problems.append(f"{tag} {name}={value}")


@pytest.fixture
def desk(sqlite_database: Database) -> DeskWorld:
    """A busy desk where every text that comes from outside is hostile."""
    made = DeskWorld(sqlite_database)
    busy(made)
    made.world.pay(
        *(
            paid(text, f"{50 + place}", name=text[:300], tax_id=None, number=text[:40], warnings=(text,))
            for place, text in enumerate(TEXTS.values())
        )
    )
    for text in TEXTS.values():
        line = " ".join(text[:2000].splitlines())
        made.upload(f"statement\n?;{line}\n".encode("utf-8", "replace"), f"{text[:60]}.txt")
    _say_so(made)
    return made


def _say_so(made: DeskWorld) -> None:
    """People repeat such texts where they record who pays for whom."""
    for place, text in enumerate(TEXTS.values()):
        payer = Party(text[:300], f"50010000{place:04}")
        row = add_alias(made.rt, payer, "500100000015", "buh", text[:500])
        if place % 2:
            end_alias(made.rt, row.id, "buh")


def _paths(desk: DeskWorld) -> list[str]:
    """Every page that can be opened: each route of the application, with every number that may stand in it."""
    application = create_app(desk.context)
    routes = [route for route in application.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    found: list[str] = []
    for route in routes:
        numbers = [str(n) for n in range(1, 20)]
        names = {"payment": [f"p{n}" for n in range(1, 40)], "upload": numbers, "alias": numbers}
        wanted = [name for name in route.param_convertors if name in names]
        if not route.param_convertors:
            found += [route.path, f"{route.path}?q=%3Cscript%3E&note=%3Cimg%20onerror%3E"]
        elif len(wanted) == len(route.param_convertors) == 1:
            key = wanted[0]
            place = next(part for part in route.path.split("/") if part.startswith(f"{{{key}"))
            found += [route.path.replace(place, value) for value in names[key]]
    return found


@pytest.mark.row(33)
async def test_no_page_runs_what_a_payer_wrote(desk: DeskWorld, figures: Figures) -> None:
    opened = 0
    async with signed_in(desk) as browser:
        for path in _paths(desk):
            answer = await browser.http.get(path)
            assert answer.status_code in (200, 302, 303, 400, 401, 404, 503), path
            assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"], path
            if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
                continue
            opened += 1
            page = _Page()
            page.feed(answer.text)
            assert page.problems == [], path
    figures.most("pages", opened)
    assert opened > 40


@pytest.mark.row(33)
async def test_the_text_is_shown_as_it_was_written(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        pages = [(await browser.http.get(f"/payments/p{n}")).text for n in range(1, 40)]
    assert any("&lt;script&gt;alert(" in page for page in pages)
    assert any("{{ 7*7 }}" in page for page in pages)

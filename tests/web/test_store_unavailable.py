"""The desk while the database does not answer: a page with words, never a broken one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.ports.store import StoreUnavailable
from hub.store.engine import Database
from hub.web.app import create_app
from tests.web.conftest import signed_in
from tests.web.desk_world import DeskWorld

pytestmark = [pytest.mark.anyio, pytest.mark.row(9)]

WORDS = {"ru": "База данных не отвечает", "en": "The database does not answer"}


@pytest.mark.parametrize("language", WORDS)
async def test_a_page_says_what_to_do_and_tells_nothing_of_the_database(
    desk: DeskWorld, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Database) -> None:
        raise StoreUnavailable("locked by another process")

    desk.app = create_app(replace(desk.context, language=language))
    async with signed_in(desk) as browser:
        monkeypatch.setattr(Database, "read", fail)
        monkeypatch.setattr(Database, "write", fail)
        for path in ("/", "/status", "/uploads"):
            answer = await browser.http.get(path)
            assert answer.status_code == 503
            assert WORDS[language] in answer.text
            assert "locked" not in answer.text
            assert answer.headers["retry-after"] == "30"
            assert answer.headers["cache-control"] == "no-store"
        assert (await browser.http.get("/health")).status_code == 503

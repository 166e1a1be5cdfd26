"""The desk for tests: a real store on SQLite, a client that speaks to the application without a socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from hub.store.engine import Database
from tests.web.desk_world import LOGIN, PASSWORD, DeskWorld

BASE = "http://desk.example"
SAME_ORIGIN = {"Origin": BASE}
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass
class Browser:
    """An HTTP client with the habits of a browser: keeps cookies, sends Origin, copies the form's token."""

    http: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, status: int = 200) -> str:
        """Open a page."""
        answer = await self.http.get(path)
        assert answer.status_code == status, answer.text[:300]
        found = _CSRF.search(answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer.text

    async def post(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form of the page that was opened last."""
        return await self.http.post(path, data={"csrf": self.csrf, **fields}, headers=SAME_ORIGIN)

    async def sign_in(self, login: str = LOGIN, password: str = PASSWORD) -> httpx.Response:
        """Open the sign-in form and fill it in."""
        await self.get("/sign-in")
        answer = await self.post("/sign-in", login=login, password=password)
        if answer.status_code == 303:
            await self.get("/status")
        return answer


@asynccontextmanager
async def browsing(desk: DeskWorld, base: str = BASE) -> AsyncIterator[Browser]:
    """A new browser in front of the desk."""
    transport = httpx.ASGITransport(desk.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=base) as http:
        yield Browser(http)


@asynccontextmanager
async def signed_in(desk: DeskWorld) -> AsyncIterator[Browser]:
    """A browser of somebody who signed in."""
    async with browsing(desk) as browser:
        assert (await browser.sign_in()).status_code == 303
        yield browser


@pytest.fixture
def anyio_backend() -> str:
    """asyncio is what the hub runs on."""
    return "asyncio"


@pytest.fixture
def desk(sqlite_database: Database) -> DeskWorld:
    """A desk over an empty store."""
    return DeskWorld(sqlite_database)


@pytest.fixture
def make_desk(sqlite_database: Database) -> Callable[..., DeskWorld]:
    """Makes a desk with other settings."""
    return lambda **settings: DeskWorld(sqlite_database, **settings)

"""A browser, and pages that tell on themselves: console errors fail the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from tests.web.browser.chromium import chromium
from tests.web.browser.live_server import serving
from tests.web.desk_world import LOGIN, PASSWORD, DeskWorld

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


@pytest.fixture
def address(desk: DeskWorld) -> Iterator[str]:
    """Where the desk is served."""
    with serving(desk.app) as url:
        yield url


@pytest.fixture
def open_desk(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a signed-in page; whatever the browser complained of fails the test at its end."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with ExitStack() as stack:

        def open_one(viewport: ViewportSize = WIDE, *, scripts: bool = True) -> Page:
            context = browser.new_context(
                base_url=address, viewport=viewport, java_script_enabled=scripts, locale="ru-RU"
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", complain)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto("/sign-in")
            page.get_by_label("Логин").fill(LOGIN)
            page.get_by_label("Пароль").fill(PASSWORD)
            page.get_by_role("button", name="Войти").click()
            page.get_by_role("button", name="Выйти").wait_for()
            return page

        yield open_one
    assert complaints == []

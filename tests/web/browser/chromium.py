"""A real Chromium for tests: the system's own, as quiet as it can be made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.support.databases import unavailable

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str:
    """The browser's path; without one the test is skipped with the reason, and fails in CI."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or unavailable(f"no Chromium: none of {', '.join(_NAMES)} is on PATH")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A started browser. Playwright keeps an event loop in this thread meanwhile: close it before async tests."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()

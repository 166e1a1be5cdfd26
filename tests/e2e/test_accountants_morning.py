"""The accountant's morning in a real browser, a real hub and a real sandbox: upload, confirm, the deal moves, undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.live import LiveHub, Portal, wait_for
from tests.support.portal import seed
from tests.support.statements import Received, statement
from tests.web.browser.chromium import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
LOGIN, PASSWORD = "olga", "correct horse battery staple"
SUMS = ["1000.00", "5000.00", "5000.00"]
PAYMENTS = [
    Received("51", "1000.00", "Оплата по счету № 701 от 10.03.2026. НДС не облагается"),
    Received("52", "5000.00", "Оплата за товар, в т.ч. НДС 22% 901-64"),
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@dataclass
class Morning:
    """Everything that runs this morning."""

    portal: Portal
    hub: LiveHub

    def stage(self, deal: int) -> str | None:
        """Where the portal's write log left a deal; None when nobody moved it."""
        moves = [row for row in self.portal.writes() if (row["entity_type"], row["entity_id"]) == ("deal", deal)]
        return moves[-1]["changed"]["stageId"][1] if moves else None


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    with Portal(tmp_path, seed(SUMS)) as portal:
        hub = LiveHub(tmp_path / "hub", portal.address["webhook_url"], scale=0.1)
        try:
            hub.start()
            added = hub.run("user", "add", LOGIN, "--password-stdin", stdin=PASSWORD)
            assert added.returncode == 0, added.stderr
            yield Morning(portal, hub)
        finally:
            hub.stop()


@pytest.fixture
def page(morning: Morning) -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(base_url=morning.hub.address, locale="ru-RU")
        opened = context.new_page()
        opened.set_default_timeout(20_000)
        yield opened
        context.close()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Логин").fill(LOGIN)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.get_by_role("button", name="Выйти").wait_for()


def check(page: Page) -> None:
    """axe finds nothing, and nothing scrolls sideways on a phone or on a desk."""
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size({"width": viewport["width"], "height": viewport["height"]})
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def reload_until(page: Page, done: Callable[[], bool], what: str) -> None:
    def look() -> bool:
        page.reload()
        return done()

    wait_for(look, 30, what)


def test_from_an_uploaded_statement_to_a_moved_deal_and_back(morning: Morning, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "kl_to_1c.txt"
    path.write_bytes(statement(PAYMENTS))
    sign_in(page)
    check(page)

    page.goto("/uploads")
    page.get_by_label("Файлы выписки").set_input_files(path)
    page.get_by_role("button", name="Загрузить").click()
    expect(page.get_by_test_id("upload")).to_contain_text("прочитан")
    check(page)

    wait_for(lambda: morning.stage(9001) == "EXECUTING", 30, "the clear payment moves its deal by itself")
    assert morning.stage(9002) is None, "two equal invoices are a question"
    assert morning.stage(9003) is None

    page.goto("/")
    reload_until(page, lambda: page.get_by_test_id("payment-row").count() == 1, "one payment needs a person")
    check(page)
    page.get_by_test_id("payment-row").get_by_role("link").first.click()
    check(page)
    second = page.get_by_test_id("candidate").filter(has_text="703")
    second.get_by_role("button", name="Подтвердить").click()
    wait_for(lambda: morning.stage(9003) == "EXECUTING", 30, "the confirmed payment moves the deal that was chosen")
    assert morning.stage(9002) is None
    expect(page.get_by_test_id("crm")).to_contain_text("Сделка № 9003: «Новая» → ")
    check(page)

    page.get_by_role("button", name="Отменить сопоставление").click()
    page.get_by_role("button", name="Да, отменить").click()
    wait_for(lambda: morning.stage(9003) == "NEW", 30, "undo brings the deal back")
    expect(page.get_by_test_id("payment")).to_have_attribute("data-state", "needs_you")
    check(page)
    moved = [row["entity_id"] for row in morning.portal.writes() if row["entity_type"] == "deal"]
    assert moved == [9001, 9003, 9003]

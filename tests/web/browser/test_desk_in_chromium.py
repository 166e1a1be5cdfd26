"""The desk in a real browser: accessible on every page, whole on a phone, alive with scripts, usable without."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from hub.ports.records import Health
from hub.services.match_payments import match_payments
from hub.services.read_inbox import read_inbox
from tests.support.world import CRM
from tests.web.browser.conftest import NARROW, WIDE
from tests.web.desk_world import DeskWorld, busy, paid
from tests.web.sale_world import asked, busy_with_sales, with_books

pytestmark = pytest.mark.browser

OpenDesk = Callable[..., Page]
_AXE = Axe()


@pytest.fixture
def two_systems(desk: DeskWorld) -> DeskWorld:
    """A desk that 1C stands beside; asked for before the browser, which is served what the desk is then."""
    with_books(desk)
    return desk


def _check(page: Page, where: str) -> None:
    """axe finds nothing, and nothing has to be scrolled sideways."""
    found = _AXE.run(page).response["violations"]
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == [], where
    width, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width <= shown, f"{where} is {width} px wide, {shown} px are shown"


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280px", "390px"])
def test_every_page_is_accessible_and_fits_the_screen(
    desk: DeskWorld, open_desk: OpenDesk, viewport: ViewportSize
) -> None:
    ids = busy(desk)
    page = open_desk(viewport)
    payments = [f"/payments/{ids[name]}" for name in ("planned", "auto3", "tie", "hostile", "loan", "queued")]
    hostile = f"/payments/{ids['hostile']}"
    lists = [
        "/",
        "/?pile=matched",
        "/?pile=not_ours",
        "/?q=нет+такого",
        "/planned",
        "/stopped",
        "/claims",
        "/claims?tab=covered",
        "/aliases",
        "/aliases/1",
        "/status",
        "/uploads?done=received&new=1",
    ]
    forms = [f"{hostile}/choose?q=ковал", f"{hostile}/choose?picked=crm%2F301&picked=crm%2F302", f"{payments[1]}/undo"]
    for path in (*lists, "/uploads/1", "/uploads/2", *payments, *forms):
        page.goto(path)
        _check(page, path)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280px", "390px"])
def test_pages_of_trouble_and_of_nothing_are_accessible_too(
    desk: DeskWorld, open_desk: OpenDesk, viewport: ViewportSize
) -> None:
    page = open_desk(viewport)
    for path in ("/", "/?pile=matched", "/planned", "/stopped", "/claims", "/aliases", "/uploads"):
        page.goto(path)
        _check(page, path)
    with desk.rt.store.write() as uow:
        uow.switches.pause("buh", desk.rt.clock.now())
        uow.connections.set_capped(CRM, True)
        uow.connections.report(CRM, Health.DEAD, "Вебхук удалён в портале.", desk.rt.clock.now())
    for path in ("/", "/status"):
        page.goto(path)
        _check(page, path)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280px", "390px"])
def test_sign_in_and_error_pages_are_accessible(browser: Browser, address: str, viewport: ViewportSize) -> None:
    with browser.new_context(base_url=address, viewport=viewport) as context:
        page = context.new_page()
        page.goto("/sign-in")
        _check(page, "/sign-in")
        page.get_by_label("Логин").fill("nobody")
        page.get_by_label("Пароль").fill("wrong")
        page.get_by_role("button", name="Войти").click()
        expect(page.get_by_test_id("problem")).to_have_text("Логин или пароль не подходят.")
        _check(page, "/sign-in refused")
        page.goto("/nowhere")
        _check(page, "/nowhere")


def test_an_uploaded_statement_is_acknowledged_and_its_summary_appears_by_itself(
    desk: DeskWorld, open_desk: OpenDesk, tmp_path: Path
) -> None:
    statement = tmp_path / "kl_to_1c.txt"
    statement.write_text("statement\n100;Аренда\n200;Ремонт\n", encoding="utf-8")
    page = open_desk()
    page.get_by_role("link", name="Выписки").click()
    page.get_by_label("Файлы выписки").set_input_files(statement)
    page.get_by_role("button", name="Загрузить").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Файлы приняты")
    row = page.get_by_test_id("upload")
    expect(row).to_contain_text("читаем")
    read_inbox(desk.rt, desk.queries.imports().rows[0].id)
    expect(row).to_contain_text("прочитан")
    row.get_by_role("link", name="kl_to_1c.txt").click()
    expect(page.get_by_test_id("account")).to_contain_text("сходится с итогами банка")


def test_dropping_files_on_the_form_sends_them(desk: DeskWorld, open_desk: OpenDesk) -> None:
    page = open_desk()
    page.goto("/uploads")
    dropped = page.evaluate_handle(
        """() => { const data = new DataTransfer();
                   data.items.add(new File(["statement\\n5;x\\n"], "dropped.txt", {type: "text/plain"}));
                   return data; }"""
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    expect(page.get_by_test_id("upload")).to_contain_text("dropped.txt")


def test_a_suggestion_is_confirmed_the_deal_moves_and_undo_brings_it_back(desk: DeskWorld, open_desk: OpenDesk) -> None:
    desk.world.act()
    payment = desk.suggested()
    page = open_desk()
    page.goto("/")
    page.get_by_test_id("payment-row").get_by_role("link").click()
    page.get_by_test_id("candidate").get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_test_id("payment")).to_have_attribute("data-state", "matched")
    crm = page.get_by_test_id("crm")
    expect(crm).to_contain_text("ждёт очереди")
    desk.world.settle(6)
    expect(crm).to_contain_text("Сделка № 1: «Новая» → «Отгрузка»")
    expect(crm).not_to_contain_text("ждёт очереди")
    expect(crm.get_by_role("link", name="открыть сделку").first).to_have_attribute(
        "href", "https://crm.example/crm/deal/details/1/"
    )
    page.get_by_role("button", name="Отменить сопоставление").click()
    page.get_by_role("button", name="Да, отменить").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Сопоставление отменено")
    desk.world.settle(6)
    expect(page.get_by_test_id("payment")).to_have_attribute("data-state", "needs_you")
    expect(page.get_by_test_id("crm")).to_contain_text("Сделка № 1 назад")
    assert desk.world.crm.moves_of("1") == ["SHIP", "NEW"]
    assert page.url.endswith(f"/payments/{payment}?done=undone")


def test_typing_narrows_the_list_without_a_reload(desk: DeskWorld, open_desk: OpenDesk) -> None:
    desk.world.pay(paid("Аренда склада", "10", number="1"), paid("Ремонт крыши", "20", number="2"))
    page = open_desk()
    page.goto("/")
    expect(page.get_by_test_id("payment-row")).to_have_count(2)
    box = page.get_by_label("Найти")
    box.press_sequentially("аренда")
    expect(page.get_by_test_id("payment-row")).to_have_count(1)
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile(r"[?&]q=%D0%B0"))


def test_other_invoices_are_picked_in_order_without_a_reload(desk: DeskWorld, open_desk: OpenDesk) -> None:
    desk.sell("1", "71", "1000")
    desk.sell("2", "72", "700")
    desk.world.sync()
    payment = desk.world.pay(paid("Оплата", "1500", tax_id="7700000030"))[0]
    page = open_desk()
    page.goto(f"/payments/{payment}")
    page.get_by_label("Выбрать счёт самому").fill("фиалка")
    page.get_by_role("button", name="Искать счёт").click()
    expect(page.get_by_test_id("found-invoice")).to_have_count(2)
    for number in ("71", "72"):
        page.get_by_role("button", name=f"Добавить {number}").click()
    expect(page.get_by_test_id("picked")).to_have_count(2)
    page.get_by_role("link", name="выше 72").click()
    expect(page.get_by_test_id("picked").first).to_contain_text("Счёт № 72")
    page.get_by_role("button", name="Разнести на выбранные счета").click()
    expect(page.get_by_test_id("match")).to_have_count(2)
    expect(page.get_by_test_id("match").first).to_contain_text("700,00")


def test_a_new_decision_appears_while_the_page_is_open(desk: DeskWorld, open_desk: OpenDesk) -> None:
    desk.world.sync()
    with desk.rt.store.write() as uow:
        payment = uow.payments.add([paid("Оплата", "10")], None, desk.rt.clock.now())[0][0]
    page = open_desk()
    page.goto(f"/payments/{payment}")
    expect(page.get_by_test_id("reason")).to_contain_text("ещё не рассмотрел")
    match_payments(desk.rt)
    expect(page.get_by_test_id("reason")).not_to_contain_text("ещё не рассмотрел")


def test_everything_works_without_scripts(desk: DeskWorld, open_desk: OpenDesk) -> None:
    desk.world.act()
    payment = desk.suggested()
    page = open_desk(scripts=False)
    page.get_by_label("Найти").fill("оплата")
    page.get_by_role("button", name="Показать").click()
    page.get_by_test_id("payment-row").get_by_role("link").click()
    page.get_by_test_id("candidate").get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_test_id("notice")).to_contain_text("сопоставлен")
    page.get_by_role("button", name="Отменить сопоставление").click()
    page.get_by_role("button", name="Да, отменить").click()
    desk.world.settle(6)
    page.goto(f"/payments/{payment}/choose?q=71")
    page.get_by_role("button", name="Добавить").click()
    page.get_by_role("button", name="Разнести на выбранные счета").click()
    expect(page.get_by_test_id("payment")).to_have_attribute("data-state", "matched")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280px", "390px"])
def test_who_pays_for_whom_is_recorded_changed_and_ended_without_scripts(
    desk: DeskWorld, open_desk: OpenDesk, viewport: ViewportSize
) -> None:
    payment = desk.suggested()
    page = open_desk(viewport, scripts=False)
    page.goto(f"/payments/{payment}")
    tick = page.get_by_label("Запомнить: ООО «Фиалка» (ИНН 7700000030) платит за ООО «Фиалка» (ИНН 7700000016)")
    expect(tick).not_to_be_checked()
    tick.check()
    page.get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_test_id("notice")).to_contain_text("кто за кого платит — записано")
    page.goto("/")
    page.get_by_role("link", name="Кто за кого платит").click()
    row = page.get_by_test_id("alias")
    expect(row).to_contain_text("7700000030")
    row.get_by_role("button", name="Изменить").click()
    page.get_by_label("Заметка").fill("по письму")
    page.get_by_label("Заметка").press("Enter")
    page.get_by_test_id("found-client").get_by_role("button", name="Записать").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Правило изменено")
    expect(page.get_by_test_id("ended-alias")).to_have_count(1)
    page.get_by_test_id("alias").get_by_role("button", name="Прекратить").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Правило прекращено")
    expect(page.get_by_test_id("ended-alias")).to_have_count(2)
    page.get_by_label("ИНН плательщика").fill("500100732259")
    page.get_by_label("За какого клиента").fill("фиалка")
    page.get_by_label("За какого клиента").press("Enter")
    page.get_by_role("button", name="Записать").click()
    expect(page.get_by_test_id("alias")).to_contain_text("500100732259")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280px", "390px"])
def test_pages_of_one_sale_are_accessible_and_fit_the_screen(
    two_systems: DeskWorld, open_desk: OpenDesk, viewport: ViewportSize
) -> None:
    payments = busy_with_sales(two_systems)
    page = open_desk(viewport)
    for path in ("/", "/sales", "/sales?tab=answered", "/sales?tab=joined"):
        page.goto(path)
        _check(page, path)
    expect(page.get_by_test_id("sale")).to_have_count(1)
    for path in (f"/payments/{payments['joined']}", f"/payments/{payments['open']}/choose?q=73&picked=crm%2F73"):
        page.goto(path)
        expect(page.get_by_test_id("kept-by").first).to_contain_text("1С № АБ00-000073")
        _check(page, path)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280px", "390px"])
def test_whether_it_is_one_invoice_is_answered_and_taken_back_without_scripts(
    two_systems: DeskWorld, open_desk: OpenDesk, viewport: ViewportSize
) -> None:
    asked(two_systems)
    page = open_desk(viewport, scripts=False)
    page.goto("/")
    page.get_by_role("link", name="Один ли это счёт?").click()
    question = page.get_by_test_id("sale")
    sides = question.get_by_test_id("side")
    expect(sides).to_have_count(2)
    first, second = sides.first.bounding_box(), sides.last.bounding_box()
    assert first is not None
    assert second is not None
    beside = viewport is WIDE
    assert (first["y"] == second["y"], first["x"] == second["x"]) == (beside, not beside)
    question.get_by_role("button", name="Один счёт").click()
    expect(page.get_by_test_id("notice")).to_contain_text("это один счёт")
    page.get_by_role("link", name="Решённые").click()
    expect(page.get_by_test_id("sale")).to_contain_text("1С № 71")
    page.get_by_role("button", name="Отменить ответ").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Ответ отменён")
    page.get_by_role("link", name="Ждут вас").click()
    page.get_by_role("button", name="Разные счета").click()
    expect(page.get_by_test_id("notice")).to_contain_text("больше об этом не спросит")
    expect(page.get_by_test_id("sale")).to_have_count(0)
    page.get_by_role("link", name="Решённые").click()
    expect(page.get_by_test_id("sale")).to_contain_text("разные счета")


def test_the_keyboard_reaches_the_content_first(desk: DeskWorld, open_desk: OpenDesk) -> None:
    page = open_desk()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="К содержанию")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()

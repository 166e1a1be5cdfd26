"""The start page: three piles, their list, filters, what became of each payment in the CRM."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hub.store.queries import PileName
from hub.web.app import create_app
from hub.web.paging import page_number, pages
from tests.web.conftest import signed_in
from tests.web.desk_world import DeskWorld, busy, paid

pytestmark = pytest.mark.anyio


def _rows(page: str) -> list[str]:
    return re.findall(r'data-payment="(p\d+)"', page)


async def test_what_needs_a_person_is_seen_first(desk: DeskWorld) -> None:
    waiting, settled = desk.suggested(), desk.matched()
    async with signed_in(desk) as browser:
        page = await browser.get("/")
        assert _rows(page) == [waiting]
        assert "Нужны вы" in page
        assert _rows(await browser.get("/?pile=matched")) == [settled]


async def test_piles_say_how_many_and_how_much(desk: DeskWorld) -> None:
    busy(desk)
    async with signed_in(desk) as browser:
        page = await browser.get("/")
    piles = dict(re.findall(r'data-testid="pile-(\w+)">(.*?)</a>', page, re.DOTALL))
    assert "99\u00a0333,33\u00a0₽" in piles["needs_you"]
    assert ">5<" in piles["matched"]
    assert "списано 1\u00a0900,00\u00a0₽" in piles["not_ours"]


async def test_a_row_says_who_paid_for_what_and_why_it_lies_there(desk: DeskWorld) -> None:
    desk.matched()
    async with signed_in(desk) as browser:
        page = await browser.get("/?pile=matched")
    for text in ("05.03.2026", "2\u00a0500,00\u00a0₽", "ООО «Фиалка»", "7700000016", "Оплата по счету № 72", "совпали"):
        assert text in page


async def test_the_badge_tells_moved_stopped_waiting_and_observed_apart(desk: DeskWorld) -> None:
    ids = busy(desk)
    async with signed_in(desk) as browser:
        page = await browser.get("/?pile=matched")
    rows = {part.split('"', 1)[0]: part for part in page.split('data-payment="')[1:]}
    assert "сделка перенесена" in rows[ids["auto1"]]
    assert "остановлено" in rows[ids["auto3"]]
    assert "проигранная" in rows[ids["auto3"]]
    assert "ждёт отправки" in rows[ids["queued"]]
    assert "сделал бы" in rows[ids["planned"]]


async def test_the_list_is_narrowed_by_text_date_and_account(desk: DeskWorld) -> None:
    early = desk.world.pay(paid("Аренда склада", "10", day=2, number="1"))[0]
    late = desk.world.pay(paid("Ремонт крыши", "20.50", day=9, number="2"))[0]
    async with signed_in(desk) as browser:
        assert _rows(await browser.get("/")) == [late, early]
        assert _rows(await browser.get("/?q=аренда")) == [early]
        assert _rows(await browser.get("/?q=20,50")) == [late]
        assert _rows(await browser.get("/?from=2026-03-05")) == [late]
        assert _rows(await browser.get("/?to=2026-03-05")) == [early]
        assert "Ничего не нашлось" in await browser.get("/?q=нет+такого")
        assert _rows(await browser.get("/?pile=nonsense&from=nonsense&account=nonsense&page=nonsense")) == [late, early]


async def test_a_long_list_comes_in_pages_that_keep_the_filter(desk: DeskWorld) -> None:
    desk.world.pay(*[paid(f"Аренда {place}", "10", number=str(place)) for place in range(35)])
    async with signed_in(desk) as browser:
        first = await browser.get("/?q=аренда")
        assert "Страница 1 из 2" in first
        following = re.search(r'href="([^"]*page=2)" rel="next"', first)
        assert following is not None
        second = await browser.get(following[1].replace("&amp;", "&"))
        assert len(_rows(first)) == 30
        assert len(_rows(second)) == 5
        assert not set(_rows(first)) & set(_rows(second))


async def test_an_empty_desk_teaches_what_to_do(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        assert "Пока нет ни одного платежа" in await browser.get("/")
        assert "kl_to_1c" in await browser.get("/uploads")
        desk.matched()
        assert "Всё разобрано" in await browser.get("/")


async def test_an_observing_connection_is_announced_with_what_it_would_do(desk: DeskWorld) -> None:
    payment = desk.matched()
    async with signed_in(desk) as browser:
        assert "режим наблюдения" in await browser.get("/")
        page = await browser.get("/planned")
        assert "Сделка № 2: «Новая» → «Отгрузка»" in page
        assert f"/payments/{payment}" in page
        assert "https://crm.example/crm/deal/details/2/" in page
    assert desk.world.crm.writes == []


async def test_english_is_a_catalogue_away(desk: DeskWorld) -> None:
    desk.suggested()
    desk.app = create_app(replace(desk.context, language="en"))
    async with signed_in(desk) as browser:
        page = await browser.get("/")
        assert '<html lang="en"' in page
        assert "Needs you" in page
        assert "Нужны вы" not in page


def test_a_page_number_is_never_nonsense() -> None:
    assert [page_number(text) for text in ("", "x", "-1", "0", "7", "9" * 30, "²")] == [1, 1, 1, 1, 7, 100_000, 1]
    assert pages(9, 31, 30, "/", {"q": "а б", "to": ""}).url(2) == "/?q=%D0%B0+%D0%B1&page=2"
    assert pages(9, 31, 30, "/", {}).current == 2
    assert PileName("needs_you") is PileName.NEEDS_YOU

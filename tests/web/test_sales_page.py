"""The page «Один ли это счёт?»: both sides, what differs, the answers; and where a sale of two systems is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from hub.ports.sales import LinkKind, LinkState
from hub.store.queries import SaleTab
from tests.support.two_systems import BOOKS, GUID, paper
from tests.support.world import CRM
from tests.web.conftest import Browser, browsing, signed_in
from tests.web.desk_world import LOGIN, DeskWorld, paid
from tests.web.sale_world import (
    IN_CRM,
    PAPER,
    asked,
    busy_with_sales,
    buyer,
    deal,
    invoice,
    told,
    with_books,
)

pytestmark = pytest.mark.anyio
_FIELD = re.compile(r'name="(kind|left|right|seen|tab)" value="([^"]*)"')
BY_PAPER = "Оплата по счету № АБ00-000071 от 01.03.2026"


def cards(page: str) -> list[str]:
    """The questions of a page."""
    return page.split('data-testid="sale"')[1:]


def fields(card: str) -> dict[str, str]:
    """What the form of a question sends."""
    return dict(_FIELD.findall(card))


async def say(browser: Browser, tab: str, said: str, place: int = 0) -> str:
    """Press a button of a question; the page that it leads to."""
    card = cards(await browser.get(f"/sales?tab={tab}"))[place]
    answer = await browser.post("/sales", answer=said, **fields(card))
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def test_both_sides_stand_next_to_each_other_with_what_differs(desk: DeskWorld) -> None:
    asked(desk)
    async with signed_in(desk) as browser:
        start = await browser.get("/")
        assert re.search(r'href="/sales"[^>]*>Один ли это счёт\?</a> 1 вопрос', start)
        (card,) = cards(await browser.get("/sales"))
    books, crm = card.split('data-testid="side"')[1:]
    for text in ("1С", "Счёт № 71", "01.03.2026", "ООО «Фиалка», ИНН 7700000016", "1\u00a0100,00\u00a0₽"):
        assert text in books, text
    for text in ("Битрикс24", "ИНН 7700000016, КПП 770001001", "1\u00a0000,00\u00a0₽", "Поставка цветов"):
        assert text in crm, text
    assert "https://crm.example/crm/deal/details/1/" in crm
    assert "Суммы разные." in card
    assert re.findall(r'class="differs">([^<]+)', card) == ["1\u00a0100,00\u00a0₽", "1\u00a0000,00\u00a0₽"]


async def test_companies_of_ours_are_named_where_they_differ(desk: DeskWorld) -> None:
    with_books(desk)
    told(desk, buyer(), deal("1", "Поставка"), replace(invoice(), guid=GUID.format(1)))
    told(desk, replace(paper(number="71"), organisation_tax_id="7700000099"), by=BOOKS)
    async with signed_in(desk) as browser:
        (card,) = cards(await browser.get("/sales"))
    assert "Счета выставили разные наши юрлица." in card
    assert "записана ссылка именно на этот документ 1С" in card
    assert re.findall(r'class="differs">([^<]+)', card) == ["7700000099", "7700000023"]


async def test_one_invoice_is_said_and_taken_back(desk: DeskWorld) -> None:
    asked(desk)
    async with signed_in(desk) as browser:
        page = await say(browser, "asked", "same")
        assert "Записано: это один счёт." in page
        assert "Вопросов нет" in page
        page = await browser.get("/sales?tab=answered")
        assert LOGIN in page
        assert "один счёт" in page
        assert "1С № 71 от 01.03.2026 · Битрикс24 № 71 от 01.03.2026" in page
        assert "Ответ отменён" in await say(browser, "answered", "back")
        assert len(cards(await browser.get("/sales"))) == 1
        assert "Ответов пока нет" in await browser.get("/sales?tab=answered")


async def test_two_invoices_are_said_and_never_asked_again(desk: DeskWorld) -> None:
    asked(desk)
    async with signed_in(desk) as browser:
        assert "больше об этом не спросит" in await say(browser, "asked", "apart")
        told(desk, paper(number="71"), by=BOOKS)
        assert cards(await browser.get("/sales")) == []
        assert "разные счета" in await browser.get("/sales?tab=answered")
    with desk.rt.store.read() as uow:
        (link,) = uow.sales.links(PAPER)
    assert (link.state, link.decided_by) == (LinkState.APART, f"person:{LOGIN}")


async def test_what_the_hub_joined_itself_is_listed_and_told_apart(desk: DeskWorld) -> None:
    with_books(desk)
    told(desk, buyer(), deal("1", "Поставка"), invoice())
    told(desk, paper(), by=BOOKS)
    async with signed_in(desk) as browser:
        assert 'href="/sales"' in await browser.get("/")
        (card,) = cards(await browser.get("/sales?tab=joined"))
        assert "Номер в одной системе короче" in card
        await say(browser, "joined", "apart")
    with desk.rt.store.read() as uow:
        assert [row.main_id for row in (uow.sales.alone(PAPER), uow.sales.alone(IN_CRM)) if row] == [None, None]


async def test_a_deal_is_chosen_for_a_document_that_no_crm_keeps(desk: DeskWorld) -> None:
    with_books(desk)
    told(desk, buyer(), deal("1", "Первая поставка"), deal("2", "Вторая поставка"))
    told(desk, paper(), by=BOOKS)
    async with signed_in(desk) as browser:
        found = cards(await browser.get("/sales"))
        assert len(found) == 2
        assert all("Эта ли сделка?" in card and "Сумма сделки та же." in card for card in found)
        place = next(place for place, card in enumerate(found) if "Вторая поставка" in card)
        assert "счёт относится к этой сделке" in await say(browser, "asked", "same", place)
        (card,) = cards(await browser.get("/sales?tab=answered"))
        assert "Вторая поставка" in card
        assert cards(await browser.get("/sales")) == []
    with desk.rt.store.read() as uow:
        assert [row.id for row in uow.deals.of_invoice(PAPER)] == [f"{CRM}/2"]


async def test_a_page_left_open_says_so_and_changes_nothing(desk: DeskWorld) -> None:
    asked(desk)
    async with signed_in(desk) as browser:
        shown = fields(cards(await browser.get("/sales"))[0])
        told(desk, paper(number="71", amount="1150"), by=BOOKS)
        answer = await browser.post("/sales", answer="same", **shown)
        assert answer.status_code == 409
        assert "Пока страница была открыта" in answer.text
        assert "1\u00a0150,00" in answer.text, "the page shows what there is now"


async def test_money_given_to_both_is_shown_and_has_to_be_taken_off_first(desk: DeskWorld) -> None:
    with_books(desk)
    told(desk, buyer(), deal("1", "Поставка"), invoice(number="900"))
    told(desk, paper(number="АБ00-000072"), by=BOOKS)
    desk.world.crm.add(invoice(number="900"))
    first = desk.world.pay(paid("Оплата по счету № 900 от 01.03.2026", "1000"))[0]
    second = desk.world.pay(paid("Оплата по счету № АБ00-000072 от 01.03.2026", "1000", number="9"))[0]
    told(desk, invoice(number="АБ00-000072"))
    async with signed_in(desk) as browser:
        (card,) = cards(await browser.get("/sales"))
        assert "По обоим счетам уже сопоставлены деньги" in card
        assert f'href="/payments/{first}"' in card
        assert f'href="/payments/{second}"' in card
        answer = await browser.post("/sales", answer="same", **fields(card))
        assert answer.status_code == 409
        assert "отмените одно из сопоставлений" in answer.text


async def test_a_stranger_and_a_foreign_page_answer_nothing(desk: DeskWorld) -> None:
    asked(desk)
    async with signed_in(desk) as browser:
        shown = fields(cards(await browser.get("/sales"))[0])
        refused = await browser.http.post("/sales", data={"csrf": browser.csrf, "answer": "same", **shown})
        assert refused.status_code == 403
        assert (await browser.post("/sales", answer="same", **(shown | {"csrf": "0" * 64}))).status_code == 403
        assert (await browser.post("/sales", answer="delete", **shown)).status_code == 400
        assert (await browser.post("/sales", answer="same", **(shown | {"kind": "client"}))).status_code == 400
        unknown = await browser.post("/sales", answer="same", **(shown | {"left": "nobody/1"}))
        assert unknown.status_code == 409
    async with browsing(desk) as browser:
        assert (await browser.http.get("/sales")).headers["location"] == "/sign-in?next=/sales"
    assert desk.queries.sale_counts()[SaleTab.ASKED] == 1


async def test_the_newest_question_comes_first_and_the_rest_on_the_next_page(desk: DeskWorld) -> None:
    with_books(desk)
    told(desk, buyer())
    for place in range(25):
        desk.world.clock.at += timedelta(minutes=1)
        told(desk, invoice(str(place), f"{5000 + place}", deals=()))
        told(desk, paper(str(place), f"{5000 + place}", "1100"), by=BOOKS)
    async with signed_in(desk) as browser:
        first, second = [cards(await browser.get(f"/sales?page={page}")) for page in (1, 2)]
    assert (len(first), len(second)) == (20, 5)
    assert "Счёт № 5024" in first[0]
    assert "Счёт № 5000" in second[-1]


async def test_hostile_words_are_words(desk: DeskWorld) -> None:
    busy_with_sales(desk)
    async with signed_in(desk) as browser:
        for tab in SaleTab:
            page = await browser.get(f"/sales?tab={tab.value}")
            assert "<script>alert" not in page
            assert "<img src=x" not in page


async def test_the_page_speaks_english(desk: DeskWorld) -> None:
    with_books(desk, language="en")
    told(desk, buyer(), deal("1", "Supply"), invoice())
    told(desk, paper(number="71", amount="1100"), by=BOOKS)
    async with signed_in(desk) as browser:
        page = await browser.get("/sales")
        assert "Is it one invoice?" in page
        assert "The sums are different." in page
        assert "Bitrix24" in page
        assert ">1C<" in page


async def test_a_payment_shows_every_system_that_keeps_its_invoice(desk: DeskWorld) -> None:
    with_books(desk)
    told(desk, buyer(), deal("1", "Поставка"), invoice())
    told(desk, paper(), by=BOOKS)
    kept = "1С № АБ00-000071 от 01.03.2026 · Битрикс24 № 71 от 01.03.2026"
    payment = desk.world.pay(paid(BY_PAPER, "1000"))[0]
    waiting = desk.world.pay(paid("Оплата", "900", tax_id="7700000030", number="9"))[0]
    told(desk, deal("2", "Ещё"), invoice("72", "72", "500", ("2",)))
    async with signed_in(desk) as browser:
        assert kept in await browser.get(f"/payments/{payment}")
        await browser.post(f"/payments/{payment}/undo")
        assert kept in await browser.get(f"/payments/{waiting}/choose?q=71")
        page = await browser.get(f"/payments/{waiting}/choose?picked=crm%2F71&picked=books%2F1&q=72")
        assert page.count(kept) == 1, "one sale is picked once, by whichever of its invoices"
        assert page.count('data-testid="kept-by"') == 1, "an invoice of one system needs no word"


def test_two_statements_tell_who_keeps_how_many_sales(desk: DeskWorld) -> None:
    with_books(desk)
    told(desk, buyer())
    for place in range(5):
        told(desk, replace(invoice(str(place), f"{5000 + place}", deals=()), guid=GUID.format(place)))
        told(desk, paper(str(place), f"{5000 + place}", "1000", date(2026, 3, 1)), by=BOOKS)
    asked_of: list[str] = []

    def note(*statement: object) -> None:
        asked_of.append(str(statement[2]))

    engine = desk.database._reading
    event.listen(engine, "before_cursor_execute", note)
    try:
        members = desk.queries.sale_members([f"{CRM}/{place}" for place in range(5)] + ["nobody/1"])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([text for text in asked_of if text.startswith("SELECT")]) == 2
    assert {key: [row.invoice.id for row in rows] for key, rows in members.items()} == {
        f"{CRM}/{place}": [f"{BOOKS}/{place}", f"{CRM}/{place}"] for place in range(5)
    }
    assert desk.queries.sale_members([]) == {}
    assert LinkKind.INVOICE in {line.link.kind for line in desk.queries.sales(SaleTab.JOINED).rows}

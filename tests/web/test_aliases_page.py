"""The page «Кто за кого платит», and the tick on a payment's page that records the same."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hub.domain.models import Client, Party
from hub.ports.records import PaymentState
from hub.services.aliases import add_alias
from hub.services.match_payments import match_payments
from hub.web.app import create_app
from tests.web.conftest import Browser, signed_in
from tests.web.desk_world import HOSTILE, LOGIN, DeskWorld, paid

pytestmark = pytest.mark.anyio
STRANGER = "7700000030"
CLIENT = "7700000016"
REMEMBER = 'name="remember"'


def _waiting(desk: DeskWorld, tax_id: str | None = STRANGER, name: str = "ИП Иванов И.И.") -> str:
    """An invoice of «Фиалка» and a payment for it that somebody else made."""
    desk.sell("1", "71", "1000")
    desk.world.sync()
    return desk.world.pay(paid("Оплата по счету № 71 от 01.03.2026", "1000", name=name, tax_id=tax_id))[0]


def _say(desk: DeskWorld, payer: Party | None = None, note: str = "") -> int:
    return add_alias(desk.rt, payer or Party("ИП Иванов И.И.", STRANGER), CLIENT, LOGIN, note).id


async def _found(browser: Browser, path: str, **fields: str) -> str:
    answer = await browser.post(path, **fields)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_rule_is_recorded_in_two_steps_and_decides_what_waited(desk: DeskWorld) -> None:
    payment = _waiting(desk)
    async with signed_in(desk) as browser:
        assert "Кто за кого платит" in await browser.get("/")
        assert "Правил пока нет" in await browser.get("/aliases")
        fields = {"tax_id": "77000 00030", "client": "фиал", "note": "письмо от 03.02"}
        page = await _found(browser, "/aliases", **fields)
        assert 'value="77000 00030"' in page, "what was typed stays"
        assert re.search(r'name="target" value="7700000016"', page)
        answer = await browser.post("/aliases", **fields, target=CLIENT)
        assert answer.headers["location"] == "/aliases?done=alias_added"
        page = await browser.get("/aliases?done=alias_added")
        for text in ("Правило записано", "ИП Иванов И.И.", STRANGER, "ООО «Фиалка»", CLIENT, LOGIN, "письмо от 03.02"):
            assert text in page, text
        match_payments(desk.rt)
        assert desk.world.payment(payment).state is PaymentState.MATCHED
        page = await browser.get(f"/payments/{payment}")
        assert "по правилу «платит за» (записано: buh," in page
        assert '<a href="/aliases">' in page
        page = await browser.get("/aliases")
        assert re.search(r'data-label="Решено платежей" class="sum"><span>1<', page)


async def test_a_search_that_finds_nobody_says_so(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        page = await _found(browser, "/aliases", client="нет такого")
        assert "«нет такого» не нашлось" in page
        assert "found-client" not in await _found(browser, "/aliases", client="")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"tax_id": "77000000"}, "ИНН — это 10 или 12 цифр"),
        ({"account": "40702"}, "Счёт — это 20 цифр или IBAN"),
        ({}, "Назовите плательщика"),
        ({"name": "УФК по г. Москве"}, "платят за многих"),
        ({"account": "30232810100000000001"}, "платят за многих"),
        ({"tax_id": CLIENT}, "одно и то же лицо"),
        ({"tax_id": STRANGER, "target": "crm/404"}, "найдите его по ИНН или названию"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_explained_and_what_was_typed_stays(
    desk: DeskWorld, fields: dict[str, str], problem: str
) -> None:
    _waiting(desk)
    async with signed_in(desk) as browser:
        await browser.get("/aliases")
        answer = await browser.post("/aliases", **({"target": CLIENT, "note": "так просили"} | fields))
        assert answer.status_code == 409
        assert problem in answer.text
        assert 'value="так просили"' in answer.text
    assert desk.queries.aliases().total == 0


async def test_an_account_may_be_an_iban_in_groups(desk: DeskWorld) -> None:
    _waiting(desk)
    async with signed_in(desk) as browser:
        await browser.get("/aliases")
        answer = await browser.post("/aliases", account="kz86 125k zt50 0410 0100", target=CLIENT)
        assert answer.status_code == 303
    assert desk.queries.aliases().rows[0].row.said.payer_key == "a:KZ86125KZT5004100100"


async def test_a_change_keeps_the_old_line_in_the_history(desk: DeskWorld) -> None:
    _waiting(desk)
    desk.sell("2", "72", "500", Client("513", ("ООО «Роза»",)))
    desk.world.sync()
    number = _say(desk)
    async with signed_in(desk) as browser:
        page = await browser.get(f"/aliases/{number}")
        assert 'value="ИП Иванов И.И."' in page
        assert re.search(r'name="target" value="7700000016"', page), "its client is there to be kept"
        page = await _found(browser, f"/aliases/{number}", tax_id=STRANGER, client="роза")
        assert 'name="target" value="crm/513"' in page
        same = await browser.post(f"/aliases/{number}", tax_id=STRANGER, name="ИП Иванов И.И.", target=CLIENT)
        assert same.status_code == 409
        assert "менять нечего" in same.text
        answer = await browser.post(f"/aliases/{number}", tax_id=STRANGER, target="crm/513", note="уточнили")
        assert answer.headers["location"] == "/aliases?done=alias_changed"
        page = await browser.get("/aliases")
        assert page.index("crm/513") < page.index("Прекращённые") < page.index("прекращено: buh")
        assert (await browser.http.get(f"/aliases/{number}")).headers["location"] == "/aliases"


async def test_an_ended_rule_moves_to_the_history_and_the_page_says_what_stays(desk: DeskWorld) -> None:
    payment = _waiting(desk)
    number = _say(desk, note="по письму")
    match_payments(desk.rt)
    async with signed_in(desk) as browser:
        await browser.get("/aliases")
        answer = await browser.post(f"/aliases/{number}/end")
        assert answer.headers["location"] == "/aliases?done=alias_ended"
        page = await browser.get("/aliases?done=alias_ended")
        assert "Сопоставленное по нему остаётся как есть" in page
        assert "решено платежей: 1" in page
        assert "по письму" in page
        again = await browser.post(f"/aliases/{number}/end")
        assert again.status_code == 409
        assert "уже прекращено" in again.text
    assert desk.world.payment(payment).state is PaymentState.MATCHED


async def test_an_unknown_rule_is_no_page(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        for number in ("404", "9" * 30):
            await browser.get(f"/aliases/{number}", 404)
            for path in (f"/aliases/{number}", f"/aliases/{number}/end"):
                assert (await browser.post(path)).status_code == 404


async def test_long_lists_come_in_pages_each_with_its_own(desk: DeskWorld) -> None:
    _waiting(desk)
    numbers = [_say(desk, Party(tax_id=f"50010000{place:04}")) for place in range(64)]
    async with signed_in(desk) as browser:
        await browser.get("/aliases")
        for number in numbers[:33]:
            await browser.post(f"/aliases/{number}/end")
        page = await browser.get("/aliases?page=2")
        assert page.count('data-testid="alias"') == 1
        assert page.count('data-testid="ended-alias"') == 30
        assert "/aliases?page=2&amp;past=2" in page
        assert (await browser.get("/aliases?past=2")).count('data-testid="ended-alias"') == 3


async def test_the_tick_on_a_payments_page_records_the_rule_with_the_match(desk: DeskWorld) -> None:
    payment = _waiting(desk)
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        assert "Запомнить: ИП Иванов И.И. (ИНН 7700000030) платит за ООО «Фиалка» (ИНН 7700000016)" in page
        assert "checked" not in page, "off by default"
        seen = re.search(r'name="fingerprint" value="(\w+)"', page)
        assert seen is not None
        answer = await browser.post(f"/payments/{payment}/confirm", fingerprint=seen[1], remember="1")
        assert answer.headers["location"] == f"/payments/{payment}?done=remembered"
        page = await browser.get(answer.headers["location"])
        assert "кто за кого платит — записано" in page
        assert "Записано, кто за кого платит" in page, "the payment's journal tells it too"
        assert f'href="/payments/{payment}"' in await browser.get("/aliases")
    (line,) = desk.queries.aliases().rows
    assert (line.row.said.author, line.row.said.payment_id) == (LOGIN, payment)


async def test_without_the_tick_nothing_is_recorded(desk: DeskWorld) -> None:
    payment = _waiting(desk)
    async with signed_in(desk) as browser:
        seen = re.search(r'name="fingerprint" value="(\w+)"', await browser.get(f"/payments/{payment}"))
        assert seen is not None
        await browser.post(f"/payments/{payment}/confirm", fingerprint=seen[1])
    assert desk.queries.aliases().total == 0
    assert desk.world.payment(payment).state is PaymentState.MATCHED


@pytest.mark.parametrize(
    ("tax_id", "name"),
    [("7707083893", "ПАО СБЕРБАНК"), ("7710568760", "УФК по г. Москве"), (CLIENT, "ООО «Фиалка»")],
    ids=["bank", "treasury", "the client itself"],
)
async def test_no_tick_is_shown_for_shared_payers_and_for_the_client(desk: DeskWorld, tax_id: str, name: str) -> None:
    desk.sell("1", "71", "1000")
    desk.world.sync()
    payment = desk.world.pay(paid("Оплата по счету № 71 от 02.02.2025", "1000", name=name, tax_id=tax_id))[0]
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        assert "candidate" in page
        assert REMEMBER not in page
        seen = re.search(r'name="fingerprint" value="(\w+)"', page)
        assert seen is not None
        answer = await browser.post(f"/payments/{payment}/confirm", fingerprint=seen[1], remember="1")
        assert answer.status_code == 409
        assert "Запомнить плательщика по этому варианту нельзя" in answer.text
    assert desk.world.payment(payment).state is PaymentState.NEEDS_YOU


async def test_no_tick_is_shown_where_the_rule_is_there_already(desk: DeskWorld) -> None:
    desk.sell("1", "71", "1000")
    desk.world.sync()
    _say(desk)
    payment = desk.world.pay(paid("Оплата по счету № 71 от 02.02.2025", "1000", tax_id=STRANGER))[0]
    async with signed_in(desk) as browser:
        assert REMEMBER not in await browser.get(f"/payments/{payment}")


async def test_texts_of_people_and_statements_stay_texts(desk: DeskWorld) -> None:
    payment = _waiting(desk, None, HOSTILE)
    desk.sell("2", "72", "500", Client("513", (HOSTILE,)))
    desk.world.sync()
    first = _say(desk, Party(HOSTILE), HOSTILE)
    add_alias(desk.rt, Party("ИП Иванов", STRANGER), "crm/513", LOGIN)
    async with signed_in(desk) as browser:
        pages = [await browser.get(path) for path in ("/aliases", f"/aliases/{first}", f"/payments/{payment}")]
        pages.append(await _found(browser, "/aliases", name=HOSTILE, note=HOSTILE, client=HOSTILE))
        await browser.post(f"/aliases/{first}/end")
        pages.append(await browser.get("/aliases"))
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;" in pages[0]


async def test_what_was_forgotten_is_said_to_be_forgotten(desk: DeskWorld) -> None:
    _waiting(desk)
    number = _say(desk)
    async with signed_in(desk) as browser:
        await browser.get("/aliases")
        await browser.post(f"/aliases/{number}/end")
        desk.world.clock.sleep(60)
        with desk.rt.store.write() as uow:
            assert uow.retention.forget_aliases(desk.rt.clock.now(), 0).forgotten == 1
        assert "срок их хранения прошёл" in await browser.get("/aliases")


async def test_the_page_speaks_english(desk: DeskWorld) -> None:
    payment = _waiting(desk)
    desk.app = create_app(replace(desk.context, language="en"))
    async with signed_in(desk) as browser:
        assert "Remember: ИП Иванов И.И. (tax id 7700000030) pays for" in await browser.get(f"/payments/{payment}")
        assert "Who pays for whom" in await browser.get("/aliases")
        answer = await browser.post("/aliases", tax_id="1", target=CLIENT)
        assert "A tax id is 10 or 12 digits" in answer.text

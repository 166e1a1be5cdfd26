"""Banks on the desk: their true state, whether their days add up, money that a bank took back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from hub.domain.errors import Reauthorise
from hub.services.bank_source import BankSource
from hub.services.match_payments import match_payments
from hub.services.poll_bank import poll_bank
from hub.web.app import create_site
from tests.support.bank_ledger import Entry, Ledger, LedgerBank
from tests.support.doors import InlineWriter
from tests.web.conftest import signed_in
from tests.web.desk_world import DeskWorld

pytestmark = pytest.mark.anyio
BANK = "tochka"
DAY = date(2026, 3, 9)


def with_bank(desk: DeskWorld) -> LedgerBank:
    """The desk of a company with a bank."""
    bank = LedgerBank("tochka", [Ledger()])
    desk.world.clock.at = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    sources = {BANK: BankSource(BANK, "Точка", read_from=date(2026, 3, 1))}
    desk.rt = desk.world.rt = replace(desk.rt, banks={BANK: bank}, bank_sources=sources)
    desk.context = replace(desk.context, rt=desk.rt)
    desk.app = create_site(desk.context, InlineWriter(desk.database, desk.rt), desk.counters)
    return bank


def poll(desk: DeskWorld) -> None:
    poll_bank(desk.rt, BANK)


async def test_a_day_that_adds_up_is_green_and_a_gap_is_red_with_its_sum(desk: DeskWorld) -> None:
    bank = with_bank(desk)
    bank.ledgers[0].add("12200", DAY)
    poll(desk)
    async with signed_in(desk) as browser:
        page = (await browser.get("/status")).replace("\u00a0", " ")
        assert "Точка" in page
        assert "сходится" in page
        assert "13 200,00 ₽ + 0,00 ₽ − 0,00 ₽ = 13 200,00 ₽" in page
        assert "banner-gap" not in page
        bank.ledgers[0].hidden[DAY] = Decimal("77.50")
        poll(desk)
        page = (await browser.get("/status")).replace("\u00a0", " ")
        assert "не сходится на 77,50 ₽" in page
        assert page.count("≠") == 1  # the page never writes an equation that does not hold
        assert "1 000,00 ₽ + 12 200,00 ₽ − 0,00 ₽ ≠ 13 277,50 ₽" in page
        assert "Дней, которые не сходятся с остатками банка: 1." in await browser.get("/")


async def test_a_bank_that_lets_us_in_no_more_is_told_on_every_page(desk: DeskWorld) -> None:
    bank = with_bank(desk)
    bank.trouble[""] = Reauthorise("401", "Точка не принимает токен.")
    poll(desk)
    async with signed_in(desk) as browser:
        assert "Банк «tochka» не читается: Точка не принимает токен." in await browser.get("/")
        assert "нужно переподключить" in await browser.get("/status")


async def test_money_that_the_bank_took_back_waits_for_a_person(desk: DeskWorld) -> None:
    bank = with_bank(desk)
    desk.sell("1", "71", "1000")
    desk.world.sync()
    entry: Entry = bank.ledgers[0].add("1000", DAY)
    poll(desk)
    match_payments(desk.rt)
    bank.ledgers[0].entries.remove(entry)
    poll(desk)
    async with signed_in(desk) as browser:
        assert "Отменить сопоставление и вернуть сделку?" in await browser.get("/")
        page = await browser.get("/stopped")
        assert "/payments/p1/undo" in page
        assert "Исчез из выписки" in await browser.get("/payments/p1")
        await browser.get("/payments/p1/undo")
        await browser.post("/payments/p1/undo")
        assert "/payments/p1/undo" not in await browser.get("/stopped")


async def test_the_page_of_a_payment_names_the_api_among_its_sources(desk: DeskWorld) -> None:
    bank = with_bank(desk)
    bank.ledgers[0].add("1000", DAY)
    poll(desk)
    async with signed_in(desk) as browser:
        page = await browser.get("/payments/p1")
        assert "API: Точка, счёт …0001, 09.03.2026" in page
        assert "/uploads/" not in page.split("</header>")[-1]


async def test_the_money_of_a_bank_is_let_to_act_from_a_date(desk: DeskWorld) -> None:
    with_bank(desk)
    poll(desk)
    async with signed_in(desk) as browser:
        assert "видимые только здесь ничего не двигают" in await browser.get("/status")
        await browser.post(f"/connections/{BANK}/mode", mode="act", act_from="2026-03-05")
        assert "двигают сделки" in await browser.get("/status")
        with desk.rt.store.read() as uow:
            row = next(row for row in uow.connections.all() if row.id == BANK)
        assert (row.acting, row.act_from) == (True, date(2026, 3, 5))

"""The page of one payment: facts, evidence, and every decision a person can take on it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.domain.errors import Refused
from hub.domain.matching import SHIPPED, MatchContext
from hub.ports.records import EffectKind, EffectRow, EffectState, PaymentState
from hub.ports.statement import CoveredDays
from hub.services.adopt_table import keep_tables
from hub.services.flag_vanished import flag_vanished
from hub.web.app import create_app
from tests.unit.matching.own_tables import own, with_outcome
from tests.web.conftest import Browser, signed_in
from tests.web.desk_world import LOGIN, DeskWorld, paid

pytestmark = pytest.mark.anyio


async def _confirm_first(browser: Browser, payment: str) -> str:
    page = await browser.get(f"/payments/{payment}")
    seen = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert seen is not None
    answer = await browser.post(f"/payments/{payment}/confirm", fingerprint=seen[1])
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def test_the_page_shows_facts_evidence_and_journal(desk: DeskWorld) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
    for text in (
        "дата поступления указана",
        "4070 2810 0000 0000 0777",
        "ПАО СБЕРБАНК",
        "044525225",
        "Платёжное поручение № 245",
        "Счёт № 71",
        "Номер счёта",
        "против",
        "Хаб рассмотрел платёж",
    ):
        assert text in page, text


async def test_a_confirmed_candidate_moves_the_deal_and_undo_moves_it_back(desk: DeskWorld) -> None:
    desk.world.act()
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        page = await _confirm_first(browser, payment)
        assert "Готово: платёж сопоставлен." in page
        assert f"Решил человек: {LOGIN}" in page
        desk.world.settle(6)
        assert desk.world.crm.moves_of("1") == ["SHIP"]
        page = await browser.get(f"/payments/{payment}")
        assert "Сделка № 1: «Новая» → «Отгрузка»" in page
        assert "https://crm.example/crm/deal/details/1/" in page
        assert "Да, отменить сопоставление" in await browser.get(f"/payments/{payment}/undo")
        answer = await browser.post(f"/payments/{payment}/undo")
        assert answer.headers["location"] == f"/payments/{payment}?done=undone"
        desk.world.settle(6)
        page = await browser.get(f"/payments/{payment}")
        assert "Сделка № 1 назад: «Отгрузка» → «Новая»" in page
    assert desk.world.crm.moves_of("1") == ["SHIP", "NEW"]
    assert desk.world.payment(payment).state is PaymentState.NEEDS_YOU


async def test_a_page_left_open_cannot_confirm_another_answer(desk: DeskWorld) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        await browser.get(f"/payments/{payment}")
        answer = await browser.post(f"/payments/{payment}/confirm", fingerprint="0" * 16)
        assert answer.status_code == 409
        assert "варианты изменились" in answer.text
    assert desk.world.payment(payment).state is PaymentState.NEEDS_YOU


async def test_confirming_twice_says_that_it_is_settled(desk: DeskWorld) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        seen = re.search(r'name="fingerprint" value="(\w+)"', page)
        assert seen is not None
        statuses = [
            (await browser.post(f"/payments/{payment}/confirm", fingerprint=seen[1])).status_code for _ in range(2)
        ]
    assert statuses == [303, 409]
    with desk.rt.store.read() as uow:
        assert len(uow.matches.of_payment(payment)) == 1


async def test_other_invoices_are_found_put_in_order_and_paid_in_that_order(desk: DeskWorld) -> None:
    desk.sell("1", "71", "1000")
    desk.sell("2", "72", "700")
    desk.world.sync()
    payment = desk.world.pay(paid("Оплата", "1500", tax_id="7700000030"))[0]
    async with signed_in(desk) as browser:
        base = f"/payments/{payment}/choose"
        page = await browser.get(f"{base}?q=71")
        added = re.search(r'href="([^"]*picked=[^"]*)"', page)
        assert added is not None
        page = await browser.get(added[1].replace("&amp;", "&"))
        assert "1\u00a0000,00\u00a0₽" in page
        page = await browser.get(f"{base}?q=72&picked=crm%2F1&picked=crm%2F2")
        raised = re.search(r'href="([^"]*)"[^>]*>выше', page)
        assert raised is not None
        page = await browser.get(raised[1].replace("&amp;", "&"))
        order = re.findall(r'name="invoice" value="([^"]+)"', page)
        assert order == ["crm/2", "crm/1"]
        answer = await browser.post(base, invoice=order)
        assert answer.status_code == 303
    with desk.rt.store.read() as uow:
        given = [(row.invoice_id, str(row.amount.amount)) for row in uow.matches.of_payment(payment)]
    assert given == [("crm/2", "700.00"), ("crm/1", "800.00")]


async def test_choosing_nothing_is_explained(desk: DeskWorld) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        answer = await browser.post(f"/payments/{payment}/choose")
        assert answer.status_code == 409
        assert "Выберите хотя бы один счёт." in answer.text


async def test_a_payment_is_put_aside_with_a_note_and_brought_back(desk: DeskWorld) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        await browser.get(f"/payments/{payment}")
        await browser.post(f"/payments/{payment}/reject", note="возврат займа")
        page = await browser.get(f"/payments/{payment}")
        assert "возврат займа" in page
        assert desk.world.payment(payment).state is PaymentState.DISMISSED
        await browser.post(f"/payments/{payment}/put-back")
        assert desk.world.payment(payment).state is PaymentState.NEEDS_YOU
        again = await browser.post(f"/payments/{payment}/put-back")
        assert again.status_code == 409
        assert "и так в работе" in again.text


def _refused(desk: DeskWorld) -> tuple[str, EffectRow]:
    """A matched payment whose first effect the CRM refused, and that effect."""
    desk.world.act()
    desk.world.crm.faults.extend([Refused("required field", "Заполните поле «Адрес доставки».")])
    payment = desk.matched()
    desk.world.settle(6)
    parked = next(row for row in desk.world.effects(payment) if row.state is EffectState.PARKED)
    return payment, parked


async def test_what_the_crm_refused_can_be_sent_again(desk: DeskWorld) -> None:
    payment, parked = _refused(desk)
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        assert "Заполните поле «Адрес доставки»." in page
        answer = await browser.post(f"/effects/{parked.id}/send-again")
        assert answer.headers["location"] == f"/payments/{payment}?done=sent_again"
        desk.world.settle(6)
        twice = await browser.post(f"/effects/{parked.id}/send-again")
        assert twice.status_code == 409
        assert (await browser.post("/effects/9999/send-again")).status_code == 404
    states = {row.kind: row.state for row in desk.world.effects(payment)}
    assert states[EffectKind.MOVE_DEAL] is EffectState.DONE
    assert states[parked.kind] is EffectState.DONE


async def test_what_was_stopped_is_announced_listed_and_put_aside_by_a_person(desk: DeskWorld) -> None:
    payment, parked = _refused(desk)
    async with signed_in(desk) as browser:
        assert "Действий в CRM остановлено: 1" in await browser.get("/")
        page = await browser.get("/stopped")
        assert "Заполните поле «Адрес доставки»." in page
        assert f"/payments/{payment}" in page
        assert "Действий в CRM остановлено" not in page, "the page is not sent to itself"
        await browser.get(f"/payments/{payment}")
        answer = await browser.post(f"/effects/{parked.id}/put-aside")
        assert answer.headers["location"] == f"/payments/{payment}?done=put_aside"
        assert "Действий в CRM остановлено" not in await browser.get("/")
        assert "Ничего не остановлено" in await browser.get("/stopped")
        assert (await browser.post(f"/effects/{parked.id}/put-aside")).status_code == 409
        assert "Остановленное действие разобрано" in await browser.get(f"/payments/{payment}")
    desk.world.settle(6)
    state = next(row.state for row in desk.world.effects(payment) if row.id == parked.id)
    assert state is EffectState.CANCELLED


async def test_undoing_what_is_not_matched_leads_back(desk: DeskWorld) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        assert (await browser.http.get(f"/payments/{payment}/undo")).headers["location"] == f"/payments/{payment}"
        answer = await browser.post(f"/payments/{payment}/undo")
        assert answer.status_code == 409
        assert "нет действующего сопоставления" in answer.text
        assert (await browser.post("/payments/p999/undo")).status_code == 404


async def test_a_payment_that_is_being_looked_at_renews_its_page(desk: DeskWorld) -> None:
    with desk.rt.store.write() as uow:
        payment = uow.payments.add([paid("Оплата", "10")], None, desk.rt.clock.now())[0][0]
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        assert 'hx-trigger="every 2s"' in page
        assert "ещё не рассмотрел" in page


async def test_the_page_says_which_table_decided_and_its_row_in_words(desk: DeskWorld) -> None:
    keep_tables(desk.rt)
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        place = SHIPPED.place_of("other_client")
        assert (
            f"Решено по таблице версии {SHIPPED.version}. Строка {place}, other_client: если номер — называет" in page
        )
        assert "плательщик — с другим ИНН — то предложить человеку" in page


async def test_an_older_table_is_shown_after_it_has_changed(desk: DeskWorld) -> None:
    table = own(with_outcome("number_sum_client", "suggest"))
    ours, theirs = desk.rt, replace(desk.rt, match_context=lambda own_ids: MatchContext(own_ids, table=table))
    keep_tables(theirs)
    desk.world.rt = theirs
    payment = desk.matched()
    desk.world.rt = ours
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        assert f"Решено по таблице версии {table.version}. Строка 21, number_sum_client: если номер — назван" in page
        assert "— то предложить человеку." in page


async def test_a_decision_beside_the_table_and_a_table_not_kept_are_told(desk: DeskWorld) -> None:
    unkept = desk.matched()
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{unkept}")
        assert "Текст этой таблицы не сохранён; строка number_sum_client." in page
        keep_tables(desk.rt)
        tax = desk.world.pay(paid("Налог на прибыль за март", "700", name="УФК", tax_id=None, number="9"))[0]
        page = await browser.get(f"/payments/{tax}")
        assert f"Решено по таблице версии {SHIPPED.version}. Сверх таблицы: tax." in page
        # A table that this version of the programme cannot read is as good as none.
        with desk.rt.store.write() as uow:
            uow.decision_tables.keep("9", "?", desk.rt.clock.now())
            decision = desk.world.payment(tax).decision
            assert decision is not None
            newer = replace(decision, version="reader 9, table 9")
            uow.payments.decide(tax, newer, PaymentState.NOT_OURS, (), desk.rt.clock.now())
        assert "Текст этой таблицы не сохранён; строка tax." in await browser.get(f"/payments/{tax}")


async def test_the_row_is_told_in_the_language_of_the_page(desk: DeskWorld) -> None:
    keep_tables(desk.rt)
    desk.context = replace(desk.context, language="en")
    desk.app = create_app(desk.context)
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
    assert f"Decided by table {SHIPPED.version}. Row 14, other_client: if number — names the invoice" in page


def vanish(desk: DeskWorld, payment: str) -> int:
    """A newer file of the same day comes without the payment; the number of that file."""
    row = desk.world.payment(payment)
    assert row.payment.own_account is not None
    day = row.payment.booked_on
    inbox_id = desk.upload("statement\n1;Другая строка".encode(), "newer.txt")
    with desk.rt.store.read() as uow:
        inbox = uow.inbox.get(inbox_id)
    assert inbox is not None
    desk.world.clock.sleep(6 * 86_400)
    covered = CoveredDays(row.payment.own_account, day, day, made_on=day + timedelta(days=5), proved=True)
    assert flag_vanished(desk.rt, inbox, [covered])
    return inbox_id


async def test_a_matched_payment_that_vanished_from_the_statement_says_so_on_top(desk: DeskWorld) -> None:
    payment = desk.matched()
    async with signed_in(desk) as browser:
        assert 'data-testid="vanished"' not in await browser.get(f"/payments/{payment}")
    file = vanish(desk, payment)
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        (banner,) = re.findall(r'data-testid="vanished">(.+?)</div>', page, re.DOTALL)
        assert "а он сопоставлен" in banner
        assert "отмените сопоставление" in banner
        assert f'href="/uploads/{file}"' in banner
        assert f'href="/payments/{payment}/undo"' in banner
        await browser.get(f"/uploads/{file}")
        whole = desk.upload("statement\n2;Ещё строка".encode(), "whole.txt")
        with desk.rt.store.write() as uow:
            line = paid("Оплата по счету № 72 от 01.03.2026", "2500", number="301")
            assert uow.payments.add([line], whole, desk.world.clock.now()) == [(payment, False)]
            assert uow.payments.reappear(whole) == [payment]
        assert 'data-testid="vanished"' not in await browser.get(f"/payments/{payment}")


async def test_an_open_payment_that_vanished_is_told_otherwise_and_one_put_aside_is_not(desk: DeskWorld) -> None:
    payment = desk.suggested()
    vanish(desk, payment)
    async with signed_in(desk) as browser:
        page = await browser.get(f"/payments/{payment}")
        (banner,) = re.findall(r'data-testid="vanished">(.+?)</div>', page, re.DOTALL)
        assert "нажмите «Это не наш платёж…»" in banner
        assert "Это не наш платёж…" in page.replace(banner, "")
        assert "/undo" not in banner
        answer = await browser.post(f"/payments/{payment}/reject")
        assert answer.status_code == 303
        assert 'data-testid="vanished"' not in await browser.get(f"/payments/{payment}")

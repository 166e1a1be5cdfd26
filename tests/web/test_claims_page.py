"""The page of reported payments: what waits, what a statement confirmed, what was put aside, what is no report."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.signed_webhook import read_report
from hub.ports.claims import ClaimState
from hub.ports.records import InboxKind
from hub.services.cover_claims import expire_claims
from hub.services.read_reports import read_reports
from hub.services.report_source import ReportSource
from hub.services.runtime import Runtime
from hub.web.app import create_app
from tests.support.reports import SHOP, named, report
from tests.support.world import OUR_ACCOUNT, OUR_TAX_ID
from tests.web.conftest import browsing, signed_in
from tests.web.desk_world import HOSTILE, DeskWorld

pytestmark = pytest.mark.anyio
LINE = "statement\n1000.00;Оплата по счету 71\n".encode()


def _rt(desk: DeskWorld, *, acting: bool = False) -> Runtime:
    source = ReportSource(read_report, OUR_ACCOUNT if acting else None, OUR_TAX_ID)
    return replace(desk.rt, reports={SHOP: source})


def tell(desk: DeskWorld, body: bytes, *, acting: bool = False) -> int:
    """A report comes in and is read; the inbox row's number."""
    rt = _rt(desk, acting=acting)
    with rt.store.write() as uow:
        digest = hashlib.sha256(body).hexdigest()
        inbox_id, _ = uow.inbox.add(SHOP, InboxKind.CLAIM, "msg_1", body, digest, rt.clock.now())
    read_reports(rt, SHOP)
    return inbox_id


def _state(desk: DeskWorld, claim_id: int = 1) -> ClaimState:
    with desk.rt.store.read() as uow:
        claim = uow.claims.get(claim_id)
    assert claim is not None
    return claim.state


async def test_the_page_asks_to_sign_in(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        assert (await browser.http.get("/claims")).headers["location"].startswith("/sign-in")


async def test_the_start_page_speaks_of_reports_only_where_somebody_reports(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        assert "/claims" not in await browser.get("/")
        tell(desk, named())
        assert "ждёт выписки" in await browser.get("/")


async def test_a_report_waits_is_confirmed_by_its_line_and_the_payment_names_it(desk: DeskWorld) -> None:
    tell(desk, named())
    async with signed_in(desk) as browser:
        page = await browser.get("/claims")
        assert "ждёт строки выписки" in page
        assert "shop, сообщение r1" in page
        desk.upload(LINE, "march.txt")
        assert "Ничего не ждёт выписки" in await browser.get("/claims")
        covered = await browser.get("/claims?tab=covered")
        assert "подтверждено выпиской" in covered
        assert 'href="/payments/p1"' in covered
        payment = await browser.get("/payments/p1")
        assert "Подтверждает сообщение r1 системы shop" in payment
        assert "Строка выписки подтвердила сообщение об оплате" in payment


async def test_a_person_puts_a_report_aside_once(desk: DeskWorld) -> None:
    tell(desk, named())
    async with signed_in(desk) as browser:
        await browser.get("/claims")
        answer = await browser.post("/claims/1/dismiss")
        assert answer.headers["location"] == "/claims?done=claim_dismissed"
        assert _state(desk) is ClaimState.DISMISSED
        assert "убрал: buh" in await browser.get("/claims?tab=dismissed")
        again = await browser.post("/claims/1/dismiss")
        assert again.status_code == 409
        assert "уже разобрано" in again.text


@pytest.mark.parametrize("claim", ["404", "9" * 30])
async def test_a_report_that_is_not_there_is_not_put_aside(desk: DeskWorld, claim: str) -> None:
    async with signed_in(desk) as browser:
        await browser.get("/claims")
        assert (await browser.post(f"/claims/{claim}/dismiss")).status_code in (404, 409)


async def test_putting_aside_needs_our_own_form(desk: DeskWorld) -> None:
    tell(desk, named())
    async with signed_in(desk) as browser:
        assert (await browser.http.post("/claims/1/dismiss", data={"csrf": browser.csrf})).status_code == 403
        browser.csrf = "0" * 64
        assert (await browser.post("/claims/1/dismiss")).status_code == 403
    assert _state(desk) is ClaimState.OPEN


async def test_an_overdue_counted_report_is_said_on_every_page(desk: DeskWorld) -> None:
    desk.sell("1", "71", "1000")
    tell(desk, named(), acting=True)
    desk.world.clock.at += timedelta(days=8)
    with desk.rt.store.write() as uow:
        expire_claims(_rt(desk), uow)
    async with signed_in(desk) as browser:
        assert "выписка так и не подтвердила: 1" in await browser.get("/")
        page = await browser.get("/claims")
        assert "строки нет дольше обычного" in page
        assert "хаб сам ничего не вернёт" in page
        payment = await browser.get("/payments/p1")
        assert "известен по сообщению r1 системы shop" in payment
        assert "Из выписки" not in payment


@pytest.mark.row(33)
async def test_what_strangers_write_is_shown_as_text(desk: DeskWorld) -> None:
    hostile: dict[str, Any] = {"payer": {"name": HOSTILE}, "purpose": HOSTILE, "invoice_number": HOSTILE[:50]}
    tell(desk, report("<b>{system}</b>", **hostile))
    tell(desk, b"<script>")
    async with signed_in(desk) as browser:
        page = await browser.get("/claims")
        assert "<script>alert" not in page
        assert "&lt;b&gt;{system}&lt;/b&gt;" in page
        assert "тело — не JSON" in page


async def test_the_page_speaks_english(desk: DeskWorld) -> None:
    tell(desk, named())
    desk.app = create_app(replace(desk.context, language="en"))
    async with signed_in(desk) as browser:
        assert "waits for a statement line" in await browser.get("/claims")


async def test_a_report_is_no_uploaded_file(desk: DeskWorld) -> None:
    inbox_id = tell(desk, named())
    async with signed_in(desk) as browser:
        await browser.get(f"/uploads/{inbox_id}", status=404)


async def test_a_long_list_comes_in_pages(desk: DeskWorld) -> None:
    for number in range(33):
        tell(desk, report(f"n{number}", amount=f"{number + 1}.00"))
    async with signed_in(desk) as browser:
        assert (await browser.get("/claims")).count('data-testid="claim"') == 30
        assert (await browser.get("/claims?tab=waiting&page=2")).count('data-testid="claim"') == 3

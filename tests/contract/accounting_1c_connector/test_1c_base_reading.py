"""Reading a base over real sockets: what comes, what the base must not be asked, and every quirk of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.accounting_1c.names import TICK
from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox
from hub.domain.errors import Reauthorise, Refused, RetryLater
from hub.domain.models import InvoiceStatus
from hub.ports.crm import ItemKind

from .base import CLIENT, DAISY, INVOICE, OUR_ACCOUNT, PAID, PARTLY, PAYMENT, STATUS, UNPAID, VIOLET, World, opened


def test_the_small_base_comes_whole(world: World) -> None:
    world.poll()
    assert world.numbers() == {"АБ00-000117", "АБ00-000118", "АБ00-000119"}
    assert str(world.invoices[PARTLY].amount.amount) == "30500.50"
    assert str(world.invoices[PARTLY].paid.amount) == "10000.00"
    assert {item.organisation_tax_id for item in world.invoices.values()} == {"7700000023"}
    violet = world.clients[VIOLET]
    assert (violet.main_tax_id, violet.kpp, violet.accounts) == ("7700000016", "770001001", ("40702810638000000013",))


def test_branches_share_an_inn_and_differ_by_their_kpp(world: World) -> None:
    world.poll()
    same = [item for item in world.clients.values() if item.main_tax_id == "7700000016"]
    assert {item.kpp for item in same} == {"770001001", "710043001"}


def test_a_quiet_poll_takes_two_requests(world: World) -> None:
    world.poll()
    world.poll()
    world.clock.sleep(60)
    assert world.poll() <= 2


def test_edits_drafts_marks_and_deletions_are_followed(world: World) -> None:
    world.poll()
    world.poll()
    world.control.edit(INVOICE, UNPAID, Комментарий="перезвонить")
    world.control.unpost(INVOICE, PARTLY)
    world.poll()
    assert world.numbers() == {"АБ00-000117", "АБ00-000118"}
    world.control.post(INVOICE, PARTLY)
    world.control.delete(INVOICE, UNPAID)
    world.poll()
    world.clock.sleep(18 * 3600)
    world.poll()
    assert world.numbers() == {"АБ00-000117", "АБ00-000119"}


def test_a_payment_that_is_posted_is_told_of_its_invoice(world: World) -> None:
    world.poll()
    assert not world.invoices[UNPAID].paid.is_positive
    row: Mapping[str, Any] = world.control.row(PAYMENT, "e91eef5f-59b8-5787-b9ee-47e4f2c8b39c")
    parts = [{**part, "СчетНаОплату_Key": UNPAID} for part in row["РасшифровкаПлатежа"]]
    world.control.create(
        PAYMENT,
        {
            **{key: value for key, value in row.items() if key not in ("Ref_Key", "DataVersion", "Number", "Posted")},
            "Date": "2026-03-06T00:00:00",
            "РасшифровкаПлатежа": parts,
        },
        post=True,
    )
    world.poll()
    assert str(world.invoices[UNPAID].paid.amount) == "10000.00"


def test_an_invoice_that_1c_has_paid_closes_when_its_money_had_time(world: World) -> None:
    world.poll()
    assert world.invoices[PAID].status is InvoiceStatus.OPEN
    world.clock.sleep(6 * 86400)
    world.poll()
    assert world.invoices[PAID].status is InvoiceStatus.PAID


def test_payments_come_as_days_of_our_account(world: World) -> None:
    assert [item.number for item in world.money.accounts()] == [OUR_ACCOUNT]
    answers = list(world.money.days(OUR_ACCOUNT, date(2026, 3, 3), date(2026, 3, 6)))
    days = [world.money.read(item.body, {OUR_ACCOUNT}, {"7700000023"}) for item in answers]
    assert [len(day.lines) for day in days] == [0, 2, 1, 0]
    payment = days[1].lines[0].received.payment
    assert (payment.document_number, payment.payer.tax_id, str(payment.amount.amount)) in {
        ("512", "7700000016", "48800.00"),
        ("77", "7700000016", "10000.00"),
    }


def test_an_exchange_plan_tells_old_edits_and_is_acknowledged_after_the_commit(base: RunningSandbox) -> None:
    plan = {"plan": _plan_name(base), "node": base.node}
    with opened(base, exchange_plan=plan) as world:
        world.poll()
        world.poll()
        base.control.edit(CLIENT, DAISY, ИНН="7728168971")
        page = world.port.changes(world.mark)
        waiting = base.control.state()["changes_waiting"]
        assert waiting, "nothing is acknowledged before the commit"
        world.take(page)
        world.poll()
        assert world.clients[DAISY].main_tax_id == "7728168971"
        assert not _any(base.control.state()["changes_waiting"])
        world.clock.sleep(60)
        assert world.poll() <= 6


def _plan_name(base: RunningSandbox) -> str:
    return next(name for name in base.control.base.configuration.tables if name.startswith("ExchangePlan_"))


def _any(waiting: Any) -> bool:
    return any(waiting.values()) if isinstance(waiting, dict) else bool(waiting)


# What a base may be like


@pytest.mark.parametrize(
    "behaviour",
    [
        {"front": "iis"},
        {"nomenclature": "key"},
        {"unordered_paging": "all"},
        {"register_orderby": "honoured"},
        {"language": "en"},
        {"clock_zone": "Asia/Vladivostok"},
        {"session_pool": 1},
        {"licences": 1, "no_licence": "html"},
        {"composite_cast": "empty"},
        {"composite_cast": "error"},
        {"max_url_bytes": 4096},
    ],
    ids=str,
)
def test_every_kind_of_base_is_read_alike(behaviour: dict[str, object]) -> None:
    seed = {"version": 1, "config": "bp30", "settings": behaviour, "objects": _objects()}
    with running_sandbox(seed) as sandbox, opened(sandbox, page_rows=2) as world:
        world.poll()
        assert world.numbers() == {"АБ00-000117", "АБ00-000118", "АБ00-000119"}
        assert world.clients[VIOLET].accounts == ("40702810638000000013",)
        world.clock.sleep(20 * 86400)
        world.poll()
        assert world.invoices[PAID].status is InvoiceStatus.PAID


def test_two_calls_at_once_are_the_most_that_a_base_sees() -> None:
    """A call takes a session of the publication, and a session a licence: more at once would get 406."""
    settings = {"session_pool": 2, "latency_s": 0.05}
    seed = {"version": 1, "config": "bp30", "settings": settings, "objects": _objects()}
    with running_sandbox(seed) as sandbox, opened(sandbox) as world:
        world.port.reread(ItemKind.INVOICE, PAID)
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda _: world.port.reread(ItemKind.INVOICE, PAID), range(6)))
        assert all(found)
        assert 406 not in {item.status for item in sandbox.control.requests}


def _objects() -> dict[str, Any]:
    return default_seed("bp30").objects


def test_orders_and_invoices_of_a_trading_base_are_read() -> None:
    with running_sandbox(config="ut11") as sandbox:
        with opened(sandbox, configuration="ut11") as world:
            assert world.port.probe().missing_rights == ()
            world.poll()
            invoices = world.numbers()
        with opened(sandbox, configuration="ut11", documents="orders") as world:
            world.poll()
            assert invoices
            assert world.numbers()
            assert not invoices & world.numbers()


def test_a_big_base_comes_whole_with_every_oddity() -> None:
    seed = {
        "version": 1,
        "config": "bp30",
        "generate": {
            "seed": 3,
            "invoices": 300,
            "counterparties": 60,
            "first_day": "2026-01-01",
            "last_day": "2026-03-06",
            "quirk_share": 0.5,
        },
    }
    with running_sandbox(seed) as sandbox, opened(sandbox, page_rows=50) as world:
        world.poll()
        rows = sandbox.control.rows(INVOICE)
        wanted = {
            str(row["Ref_Key"])
            for row in rows
            if row.get("Posted") and not row.get("DeletionMark") and Decimal(str(row.get("СуммаДокумента") or 0)) > 0
        }
        assert set(world.invoices) == wanted
        there = {str(row["Ref_Key"]) for row in sandbox.control.rows(CLIENT)}
        named = {item.client.id for item in world.invoices.values() if item.client is not None}
        assert named & there <= world.clients.keys(), "a reference that leads nowhere is nobody's name"


def test_the_first_walk_over_lists_tells_what_reading_by_reference_tells() -> None:
    generate = {
        "seed": 5,
        "invoices": 240,
        "counterparties": 50,
        "first_day": "2025-06-01",
        "last_day": "2026-03-06",
        "quirk_share": 0.5,
    }
    seed = {"version": 1, "config": "bp30", "generate": generate}
    with running_sandbox(seed) as sandbox, opened(sandbox, page_rows=60, read_from="2025-06-01") as world:
        asked = world.poll()
        assert asked < 60, "a whole base is read list by list"
        assert any(item.paid.is_positive for item in world.invoices.values())
        assert {item.status for item in world.invoices.values()} >= {InvoiceStatus.OPEN, InvoiceStatus.PAID}
        with opened(sandbox, page_rows=1000, read_from="2025-06-01") as single:
            assert single.poll() > asked, "a page that is not full is read by reference"
            assert single.invoices == world.invoices
            assert single.clients == world.clients


def test_a_register_that_loses_rows_between_pages_is_asked_record_by_record() -> None:
    generate = {"seed": 5, "invoices": 120, "counterparties": 20, "first_day": "2026-01-01", "last_day": "2026-03-06"}
    seed = {"version": 1, "config": "bp30", "generate": generate, "settings": {"unordered_paging": "all"}}
    with running_sandbox(seed) as sandbox, opened(sandbox, page_rows=25) as world:
        world.poll()
        cancelled = {row["Документ"] for row in sandbox.control.rows(STATUS) if row["Статус"] == "Отменен"}
        told = {key for key, item in world.invoices.items() if item.status is InvoiceStatus.CANCELLED}
        assert told == cancelled & world.invoices.keys()


# Set-up


def test_a_missing_object_and_a_missing_right_are_named_with_what_to_tick() -> None:
    published = [CLIENT, "Catalog_Организации", "Catalog_БанковскиеСчета", "Catalog_Валюты", PAYMENT]
    published += ["Catalog_ДоговорыКонтрагентов"]
    seed = {"version": 1, "settings": {"composition": published}}
    with running_sandbox(seed) as sandbox, opened(sandbox) as world:
        (line,) = world.port.probe().missing_rights
        assert line == f"«Счет на оплату покупателю» ({INVOICE}) — {TICK}"
        with pytest.raises(Refused, match="incomplete"):
            world.poll()
    users = [{"name": "Сверка", "password": "слово", "read": ["Catalog_*", PAYMENT, f"{PAYMENT}_*", "Info*"]}]
    with running_sandbox({"version": 1, "users": users}) as sandbox, opened(sandbox) as world:
        (line,) = world.port.probe().missing_rights
        assert line.startswith(f"«Счет на оплату покупателю» ({INVOICE}) — дайте пользователю 1С право чтения")


def test_an_empty_composition_is_told(base: RunningSandbox) -> None:
    with running_sandbox({"version": 1, "settings": {"composition": []}}) as sandbox, opened(sandbox) as world:
        assert world.port.probe().missing_rights == (f"в публикации нет ни одного объекта — {TICK}",)


def test_a_wrong_password_is_told_apart_from_a_missing_right(base: RunningSandbox) -> None:
    with opened(base, password="не то") as world, pytest.raises(Reauthorise):
        world.port.probe()
    with opened(base) as world:
        base.control.kill_user(base.user)
        with pytest.raises(Reauthorise):
            world.poll()
        base.control.revive_user(base.user)
        world.poll()
        assert world.invoices


def test_a_login_page_under_200_is_no_data() -> None:
    seed = {"version": 1, "settings": {"error_body": "html200"}}
    with running_sandbox(seed) as sandbox, opened(sandbox, password="не то") as world:
        with pytest.raises((RetryLater, Reauthorise)):
            world.poll()
        assert world.invoices == {}


# Troubles and deaths


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "refuse", "status": 406, "code": "0"},
        {"kind": "exception"},
        {"kind": "broken_json"},
        {"kind": "broken_json", "text": "<html>login</html>"},
    ],
    ids=str,
)
def test_passing_trouble_is_outlived(world: World, action: dict[str, object]) -> None:
    world.control.add_faults({"times": 2, "action": action})
    world.poll()
    assert world.numbers() == {"АБ00-000117", "АБ00-000118", "АБ00-000119"}


@pytest.mark.parametrize("dies_at", range(1, 9))
def test_a_death_at_any_point_of_the_cycle_loses_nothing_and_doubles_nothing(
    base: RunningSandbox, dies_at: int
) -> None:
    with opened(base, page_rows=1) as world:
        calls, more = 0, True
        while more:
            page = world.port.changes(world.mark)
            calls += 1
            if calls == dies_at:
                world.restart()
                continue
            world.take(page)
            more = page.more
        assert world.numbers() == {"АБ00-000117", "АБ00-000118", "АБ00-000119"}
        assert len(world.invoices) == 3

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from connectors.bitrix24.batching import BatchSize
from hub.domain.errors import Reauthorise, RetryLater

from .portal import PAID, WAITING, Portal, deal, deals_in, read_all, seed, served


def statuses(portal: Portal) -> dict[int, int]:
    return dict(portal.sandbox.control.portal.statuses)


def test_a_long_run_of_calls_never_meets_the_rate_limit() -> None:
    with served(seed(deals=[deal(n) for n in range(1, 121)], invoices=[])) as portal:
        for id_ in range(1, 121):
            portal.crm.deal(str(id_))
        assert statuses(portal) == {200: 120}


def test_threads_share_one_connector_and_one_rate(portal: Portal) -> None:
    with ThreadPoolExecutor(8) as pool:
        stages = list(pool.map(lambda _: portal.crm.deal("9041").stage_id, range(120)))
    assert set(stages) == {WAITING.stage_id}
    assert statuses(portal) == {200: 120}


@pytest.mark.parametrize(("plan", "sandbox_plan"), [("non_enterprise", "standard"), ("enterprise", "enterprise")])
def test_the_plan_decides_how_fast_calls_go(plan: str, sandbox_plan: str) -> None:
    with served(seed(settings={"plan": sandbox_plan}), plan=plan) as portal:
        began = portal.clock.monotonic()
        for _ in range(300):
            portal.crm.deal("9041")
        took = portal.clock.monotonic() - began
        assert statuses(portal) == {200: 300}
    drain_per_s, burst = {"non_enterprise": (2, 45), "enterprise": (5, 225)}[plan]
    assert took == pytest.approx((300 - burst) / drain_per_s, rel=0.2)


def test_a_read_that_meets_the_rate_limit_waits_and_goes_on(portal: Portal) -> None:
    portal.fault("crm.item.get", times=2, kind="refuse", status=503, code="QUERY_LIMIT_EXCEEDED")
    assert portal.crm.deal("9041").id == "9041"
    assert portal.requests("crm.item.get") == 3


def test_a_write_that_meets_the_rate_limit_is_left_to_its_caller(portal: Portal) -> None:
    portal.fault("crm.item.update", kind="refuse", status=503, code="QUERY_LIMIT_EXCEEDED")
    with pytest.raises(RetryLater):
        portal.crm.move("9041", WAITING, PAID, "op")
    assert portal.requests("crm.item.update") == 1


def test_a_blocked_method_rests_until_its_reset_and_the_others_go_on(portal: Portal) -> None:
    portal.crm.move("9041", WAITING, PAID, "op")
    portal.fault("crm.item.update", kind="refuse", status=429, code="OPERATION_TIME_LIMIT")
    with pytest.raises(RetryLater) as caught:
        portal.crm.move("9041", PAID, WAITING, "op")
    assert caught.value.after_s == pytest.approx(600, abs=5)
    calls = portal.requests("crm.item.update")
    for _ in range(5):
        with pytest.raises(RetryLater):
            portal.crm.move("9041", PAID, WAITING, "op")
    assert portal.requests("crm.item.update") == calls
    assert portal.crm.deal("9041").stage_id == PAID.stage_id
    portal.sandbox.control.advance(601)
    portal.crm.move("9041", PAID, WAITING, "op")
    assert portal.crm.deal("9041").stage_id == WAITING.stage_id


def test_a_block_without_a_known_reset_lasts_a_minute(portal: Portal) -> None:
    portal.fault("crm.item.update", kind="refuse", status=429, code="OPERATION_TIME_LIMIT")
    with pytest.raises(RetryLater) as caught:
        portal.crm.move("9041", WAITING, PAID, "op")
    assert caught.value.after_s == pytest.approx(60)


@pytest.mark.parametrize("accounting", ["nested", "batch"])
def test_the_operating_budget_is_never_overrun_whoever_is_billed(accounting: str) -> None:
    operating = {"batch_accounting": accounting, "limit_s": 20, "cost_s": {"crm.item.list": 2.0, "batch": 2.0}}
    with served(
        seed(settings={"operating": operating}, deals=[deal(n) for n in range(1, 60)], invoices=[]),
        operating_limit_s=20,
    ) as portal:
        waits: list[str] = []
        mark: str | None = None
        found: set[str] = set()
        for _ in range(60):
            try:
                page = portal.crm.changes(mark)
            except RetryLater as error:
                waits.append(error.code)
                portal.sandbox.control.advance(error.after_s or 1)
                continue
            mark = page.mark
            found |= set(deals_in(page.changes))
        assert len(waits) > 2
        assert set(waits) == {""}, "a wait of our own, never the portal's refusal"
        assert found == {str(n) for n in range(1, 60)}
        assert 429 not in statuses(portal)


def test_a_portal_without_operating_figures_is_served_all_the_same() -> None:
    with served(
        seed(settings={"operating": {"enabled": False}, "rate_limit": {"enabled": False}}), plan="off"
    ) as portal:
        assert set(deals_in(read_all(portal.crm)[0])) == {"9041"}


def test_a_suspended_portal_is_left_alone_for_a_while(portal: Portal) -> None:
    portal.fault("crm.item.get", times=None, kind="refuse", status=503, code="OVERLOAD_LIMIT")
    with pytest.raises(RetryLater) as caught:
        portal.crm.deal("9041")
    assert caught.value.after_s is not None
    assert "поддержку" in caught.value.for_person
    before = portal.all_requests()
    for _ in range(5):
        with pytest.raises(RetryLater):
            portal.crm.pipelines()
    assert portal.all_requests() == before


def test_a_renamed_portal_is_named_and_not_called(portal: Portal) -> None:
    portal.fault("*", times=None, kind="redirect", location="https://new-name.bitrix24.ru{path}")
    with pytest.raises(Reauthorise, match=r"new-name\.bitrix24\.ru") as caught:
        portal.crm.deal("9041")
    assert "new-name.bitrix24.ru" in caught.value.for_person
    assert "sandboxsecret" not in caught.value.text + caught.value.for_person
    with pytest.raises(Reauthorise):
        portal.crm.move("9041", WAITING, PAID, "op")


def test_a_licence_page_on_the_same_host_stops_the_connection(portal: Portal) -> None:
    portal.fault("*", times=None, kind="redirect", location=f"{portal.sandbox.url}/bitrix/license.php")
    with pytest.raises(Reauthorise) as caught:
        portal.crm.deal("9041")
    assert "лицензию" in caught.value.for_person


def test_a_dead_webhook_asks_for_a_person() -> None:
    with served() as portal:
        portal.fault("*", times=None, kind="refuse", status=401, code="NO_AUTH_FOUND")
        with pytest.raises(Reauthorise) as caught:
            portal.crm.changes(None)
        assert "Создайте вебхук заново" in caught.value.for_person


def test_a_slow_drip_is_cut_at_the_total_deadline() -> None:
    with served(timeouts={"deadline_s": 0.5, "read_within_s": 0}) as portal:
        portal.fault("crm.item.get", times=None, kind="slow_drip", pause_s=0.1)
        with pytest.raises(RetryLater):
            portal.crm.deal("9041")


def test_a_write_cut_at_the_deadline_is_unknown() -> None:
    with served(timeouts={"deadline_s": 0.5}) as portal:
        portal.fault("crm.item.update", kind="slow_drip", pause_s=0.1)
        assert portal.crm.move("9041", WAITING, PAID, "op").outcome == "unknown"


@pytest.mark.parametrize("fault", [{"kind": "gzip_bomb", "megabytes": 50}, {"kind": "endless_body"}])
def test_a_bomb_is_cut_at_the_cap(portal: Portal, fault: dict[str, Any]) -> None:
    portal.fault("crm.item.get", **fault)
    assert portal.crm.deal("9041").id == "9041"
    assert portal.requests("crm.item.get") == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose_reply", "applied": True},
        {"kind": "half_reply"},
        {"kind": "html", "status": 200},
        {"kind": "html", "status": 502},
        {"kind": "refuse", "status": 500, "code": "INTERNAL_SERVER_ERROR"},
        {"kind": "refuse", "status": 200, "code": "INTERNAL_SERVER_ERROR"},
    ],
)
def test_a_read_goes_on_after_a_broken_answer(portal: Portal, fault: dict[str, Any]) -> None:
    portal.fault("batch", **fault)
    assert set(deals_in(read_all(portal.crm)[0])) == {"9041"}


def test_a_command_that_fails_inside_a_batch_is_its_own_error(portal: Portal) -> None:
    portal.fault("crm.status.list", times=1, kind="refuse", status=503, code="INTERNAL_SERVER_ERROR")
    assert len(portal.crm.pipelines()) == 2


def test_batches_shrink_after_slow_ones_and_grow_again_after_quick_ones() -> None:
    size = BatchSize(start=25, slow_s=20)
    size.measured(30, 25)
    assert size.now == 12
    size.measured(30, 12)
    size.failed(uncertain=True)
    assert size.now == 3
    size.failed(uncertain=False)
    assert size.now == 3
    for _ in range(20):
        size.measured(1, size.now)
    assert size.now == 50


def test_a_batch_cut_by_the_portal_is_tried_again_in_smaller_parts() -> None:
    costs = {"limit_s": 100_000, "cost_s": {"crm.requisite.list": 4.0, "crm.requisite.bankdetail.list": 0.1}}
    companies = [{"id": n, "title": f"К{n}"} for n in range(1, 40)]
    requisites = [{"id": n, "entity_id": 1 + n % 39, "rq_inn": f"77{n:08d}"} for n in range(1, 900)]
    with served(
        seed(
            settings={"operating": costs, "request_cut_s": 30},
            companies=companies,
            requisites=requisites,
            bank_details=[],
            deals=[],
            invoices=[],
        ),
        operating_limit_s=100_000,
    ) as portal:
        changes, _ = read_all(portal.crm)
    assert len(changes) == 39

from __future__ import annotations

import pytest

from hub.domain.errors import Reauthorise, Refused, RetryLater, Unavailable

from .account import PAID, WAITING, Account, lead, read_all, seed, served

LEAD = "GET /api/v4/leads/70001"


def test_our_pace_stays_under_the_limit(account: Account) -> None:
    for _ in range(60):
        account.crm.deal("70001")
    assert 429 not in account.sandbox.control.account.statuses


def test_two_connections_of_one_account_share_its_pace() -> None:
    with served() as first:
        from connectors.amocrm.config import AmoConfig
        from connectors.amocrm.connector import AmoCrm
        from connectors.shared.runtime import Runtime

        config = AmoConfig.model_validate({"address": first.sandbox.url, "token": first.sandbox.access_token})
        second = AmoCrm(config, Runtime("other", first.clock, first.quota, "test"))
        try:
            for _ in range(20):
                first.crm.deal("70001")
                second.deal("70001")
        finally:
            second.close()
        assert 429 not in first.sandbox.control.account.statuses


@pytest.mark.parametrize("answer", ["json", "html"])
def test_a_429_silences_the_whole_account_for_as_long_as_it_says(answer: str) -> None:
    limit = {"foreign_per_second": 50, "answer": answer, "retry_after_s": 300}
    with served(seed(settings={"rate_limit": limit})) as account:
        with pytest.raises(Unavailable) as raised:
            account.crm.deal("70001")
        named = 300 if answer == "json" else 10
        assert raised.value.after_s is not None
        assert named - 1 <= raised.value.after_s <= named
        sent = account.all_requests()
        with pytest.raises(Unavailable):
            account.crm.move("70001", WAITING, PAID, "op")
        assert account.all_requests() == sent


def test_pauses_grow_while_the_account_goes_on_refusing() -> None:
    limit = {"foreign_per_second": 50, "answer": "html", "block_after": None}
    with served(seed(settings={"rate_limit": limit})) as account:
        pauses = []
        for _ in range(4):
            with pytest.raises(Unavailable) as raised:
                account.crm.deal("70001")
            assert raised.value.after_s is not None
            pauses.append(raised.value.after_s)
            account.sandbox.control.advance(raised.value.after_s + 1)
        assert pauses == [10, 20, 40, 80]


def test_a_retry_after_in_the_head_counts_too(account: Account) -> None:
    account.fault(LEAD, kind="refuse", status=429, headers={"retry-after": "77"})
    with pytest.raises(Unavailable) as raised:
        account.crm.deal("70001")
    assert raised.value.after_s == pytest.approx(77, abs=1)


def test_a_block_of_the_account_is_told_and_not_probed(account: Account) -> None:
    account.sandbox.control.account.limiter.blocked = True
    with pytest.raises(Unavailable) as raised:
        account.crm.deal("70001")
    assert "поддержка amoCRM" in raised.value.for_person
    sent = account.all_requests()
    for _ in range(5):
        account.sandbox.control.advance(100)
        with pytest.raises(Unavailable):
            account.crm.deal("70001")
    assert account.all_requests() == sent
    account.sandbox.control.advance(200)
    account.sandbox.control.unblock()
    assert account.crm.deal("70001").id == "70001"


def test_an_unpaid_account_rests_and_goes_on_by_itself(account: Account) -> None:
    account.sandbox.control.pay(paid=False)
    with pytest.raises(Unavailable) as raised:
        account.crm.deal("70001")
    assert "не оплачен" in raised.value.for_person
    account.sandbox.control.pay(paid=True)
    account.sandbox.control.advance(1000)
    assert account.crm.deal("70001").id == "70001"


def test_a_long_lived_token_that_is_revoked_asks_for_a_person(account: Account) -> None:
    account.sandbox.control.revoke()
    with pytest.raises(Reauthorise) as raised:
        account.crm.deal("70001")
    assert "sverka connect amocrm" in raised.value.for_person


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_read_is_repeated_after_passing_trouble(account: Account, status: int) -> None:
    account.fault(LEAD, times=2, kind="html", status=status)
    assert account.crm.deal("70001").id == "70001"
    assert account.requests(LEAD) == 3


def test_a_read_that_goes_on_failing_is_given_up(account: Account) -> None:
    account.fault(LEAD, times=None, kind="lose_reply", applied=False)
    with pytest.raises(RetryLater):
        account.crm.deal("70001")


@pytest.mark.parametrize("kind", ["endless_body", "gzip_bomb"])
def test_a_body_without_end_is_cut(account: Account, kind: str) -> None:
    account.fault(LEAD, times=None, kind=kind)
    with pytest.raises(RetryLater):
        account.crm.deal("70001")


def test_a_page_is_never_asked_for_above_the_vendors_limit() -> None:
    leads = [lead(70001 + number) for number in range(300)]
    with served(seed(leads=leads, invoices=[], settings={"over_page": "refuse"})) as account:
        read_all(account.crm)
        assert 422 not in account.sandbox.control.account.statuses


def test_after_three_refusals_within_an_hour_we_go_half_as_fast(account: Account) -> None:
    for _ in range(3):
        account.fault(LEAD, kind="html", status=429)
        with pytest.raises(Unavailable) as raised:
            account.crm.deal("70001")
        account.sandbox.control.advance((raised.value.after_s or 0) + 1)
    assert spent_s(account) > 30 / 5 * 1.5
    account.sandbox.control.advance(3600)
    assert spent_s(account) < 30 / 5 * 1.5


def spent_s(account: Account) -> float:
    """Seconds of the account's clock that thirty requests take."""
    before = account.clock.monotonic()
    for _ in range(30):
        account.crm.history("70001")
    return account.clock.monotonic() - before


def test_a_renamed_account_is_told_and_never_followed(account: Account) -> None:
    account.sandbox.control.rename("other", "other.localhost:1")
    with pytest.raises(Refused) as raised:
        account.crm.deal("70001")
    assert "переименован" in raised.value.for_person


SHUT = {"kind": "refuse", "status": 403, "title": "Forbidden", "detail": "Доступ запрещён"}


def test_one_card_that_is_forbidden_is_refused_and_the_account_goes_on(account: Account) -> None:
    account.fault(LEAD, times=None, **SHUT)
    with pytest.raises(Refused):
        account.crm.deal("70001")
    assert account.crm.pipelines()


def test_an_account_that_forbids_everything_in_json_is_shut_and_says_nothing_about_a_card(account: Account) -> None:
    account.fault("*", times=None, **SHUT)
    with pytest.raises(Unavailable) as raised:
        account.crm.move("70001", WAITING, PAID, "op")
    assert raised.value.after_s == pytest.approx(600, abs=1)
    sent = account.all_requests()
    account.sandbox.control.advance(590)
    with pytest.raises(Unavailable):
        account.crm.deal("70001")
    assert account.all_requests() == sent


@pytest.mark.parametrize("method", [LEAD, "GET /api/v4/leads", "GET /api/v4/catalogs/7301/elements"])
def test_an_error_under_200_is_no_record_that_is_gone_and_no_end_of_a_list(account: Account, method: str) -> None:
    account.fault(method, times=None, kind="refuse", status=200)
    with pytest.raises(RetryLater):
        account.crm.deal("70001") if method == LEAD else read_all(account.crm)

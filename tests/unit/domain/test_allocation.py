"""The allocation law: never more than the payment has, never more than the invoice asks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.allocation import (
    Adjustment,
    AdjustmentKind,
    Allocation,
    AllocationError,
    Match,
    check_match,
    payment_room,
)
from hub.domain.models import Direction, Payment
from hub.domain.money import Money


def rub(amount: str) -> Money:
    return Money.of(amount, "RUB")


def check(allocations: dict[str, str], available: str, covered: str = "0", amount: str = "100") -> None:
    match = Match("p1", tuple(Allocation(key, rub(part)) for key, part in allocations.items()))
    ids = allocations or {"i1": ""}
    check_match(match, rub(available), dict.fromkeys(ids, rub(covered)), dict.fromkeys(ids, rub(amount)))


def test_a_payment_may_be_given_out_whole_or_in_part() -> None:
    check({"i1": "100"}, "100")
    check({"i1": "60", "i2": "40"}, "100")
    check({"i1": "10"}, "100")


def test_more_than_the_payment_has_is_refused() -> None:
    with pytest.raises(AllocationError, match="payment p1"):
        check({"i1": "60", "i2": "40.01"}, "100")


def test_more_than_the_invoice_asks_is_refused_also_over_several_matches() -> None:
    with pytest.raises(AllocationError, match="invoice i1"):
        check({"i1": "100.01"}, "200")
    with pytest.raises(AllocationError, match="invoice i1"):
        check({"i1": "50"}, "200", covered="50.01")


def test_an_allocation_of_nothing_is_refused() -> None:
    with pytest.raises(AllocationError):
        check({"i1": "0"}, "100")


def test_incoming_money_cannot_take_back() -> None:
    with pytest.raises(AllocationError, match="against"):
        check({"i1": "-10"}, "100", covered="50")


def test_a_refund_takes_back_no_more_than_was_covered() -> None:
    check({"i1": "-50"}, "-50", covered="50")
    with pytest.raises(AllocationError, match="would hold -10"):
        check({"i1": "-60"}, "-60", covered="50")


def test_another_currency_is_refused_on_either_side() -> None:
    match = Match("p1", (Allocation("i1", Money.of("1", "KZT")),))
    with pytest.raises(AllocationError, match="payment p1 is in RUB, not KZT"):
        check_match(match, rub("100"), {"i1": rub("0")}, {"i1": rub("100")})
    with pytest.raises(AllocationError, match="invoice i1 is in RUB, not KZT"):
        check_match(
            Match("p1", (Allocation("i1", rub("1")),)), rub("1"), {"i1": Money.of("0", "KZT")}, {"i1": rub("9")}
        )
    tenge = {"i1": Money.of("0", "KZT")}
    with pytest.raises(AllocationError, match="invoice i1 is in KZT"):
        check_match(Match("p1", (Allocation("i1", rub("1")),)), rub("1"), tenge, {"i1": Money.of("9", "KZT")})


def test_a_commission_closes_the_invoice_without_more_money() -> None:
    match = Match(
        "p1",
        (Allocation("i1", rub("98")),),
        (Adjustment(AdjustmentKind.COMMISSION, "i1", rub("2"), "удержано банком"),),
    )
    check_match(match, rub("98"), {"i1": rub("0")}, {"i1": rub("100")})
    with pytest.raises(AllocationError, match="invoice i1"):
        check_match(match, rub("98"), {"i1": rub("0.01")}, {"i1": rub("100")})


def test_an_unknown_invoice_is_refused() -> None:
    with pytest.raises(AllocationError, match="not known"):
        check_match(Match("p1", (Allocation("nope", rub("1")),)), rub("1"), {}, {})


def test_money_that_came_in_has_room_for_what_is_left_of_it() -> None:
    came = Payment("p1", Direction.IN, rub("30"), date(2026, 3, 2), "оплата")
    assert payment_room(came, rub("0")) == rub("30")
    assert payment_room(came, rub("10")) == rub("20")


def test_money_that_went_out_has_room_to_take_back_only() -> None:
    refund = Payment("p1", Direction.OUT, rub("30"), date(2026, 3, 2), "возврат")
    assert payment_room(refund, rub("0")) == rub("-30")
    assert payment_room(refund, rub("-10")) == rub("-20")


@given(
    parts=st.lists(st.integers(min_value=1, max_value=5000), min_size=1, max_size=5),
    available=st.integers(min_value=1, max_value=20000),
    amount=st.integers(min_value=1, max_value=6000),
    covered=st.integers(min_value=0, max_value=6000),
)
def test_what_passes_keeps_the_law(parts: list[int], available: int, amount: int, covered: int) -> None:
    covered = min(covered, amount)
    match = Match("p", tuple(Allocation(f"i{n}", Money.from_minor(part, "RUB")) for n, part in enumerate(parts)))
    ids = [item.invoice_id for item in match.allocations]
    try:
        check_match(
            match,
            Money.from_minor(available, "RUB"),
            dict.fromkeys(ids, Money.from_minor(covered, "RUB")),
            dict.fromkeys(ids, Money.from_minor(amount, "RUB")),
        )
    except AllocationError:
        assert sum(parts) > available or any(covered + part > amount for part in parts)
    else:
        assert sum(parts) <= available
        assert all(covered + part <= amount for part in parts)

"""Which line covers which claim: only what identifies, only the one best answer of both, in any order."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from hub.domain.claims import Claim, Edges, Sign, booking_window, compare, identifies, pair, report_window
from hub.domain.matching import MatchContext
from hub.domain.models import Direction, Party, Payment
from hub.domain.money import Money

DAY = date(2026, 3, 5)
T, B, D, N, X = Sign.TAX_ID, Sign.INVOICE, Sign.DOCUMENT, Sign.NAME, Sign.NEAR
CONTEXT = MatchContext(shared_tax_ids=frozenset({"7700000049"}))
SBERBANK = "7707083893"


def claim(**told: object) -> Claim:
    return Claim(1, Money.of("1000", "RUB"), DAY, **told)  # type: ignore[arg-type]  # the test's own fields


def line(purpose: str = "Оплата за товар", tax_id: str | None = "7700000016", day: int = 5) -> Payment:
    payer = Party("ООО «Фиалка»", tax_id)
    return Payment("p1", Direction.IN, Money.of("1000", "RUB"), date(2026, 3, day), purpose, payer)


def edges(**signs: set[Sign]) -> Edges:
    """`a1={…}` is claim a (1) and line 1."""
    return {(ord(key[0]), key[1:]): frozenset(value) for key, value in signs.items()}


def named(found: dict[int, str]) -> set[str]:
    return {f"{chr(key)}{value}" for key, value in found.items()}


@pytest.mark.parametrize(
    ("signs", "sure"),
    [
        ({T}, True),
        ({B}, True),
        ({D, N}, True),
        ({D}, False),
        ({N}, False),
        ({D, X}, False),
        ({N, X}, False),
        (set(), False),
    ],
)
def test_who_paid_or_for_what_identifies(signs: set[Sign], sure: bool) -> None:
    assert identifies(frozenset(signs)) is sure


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (edges(a1={T}), {"a1"}),
        (edges(a1={N}), set()),
        (edges(a1={T}, a2={T}), set()),
        (edges(a1={T}, b1={T}), set()),
        (edges(a1={T, X}, a2={T}), {"a1"}),
        (edges(a1={T, B}, b1={T}), {"a1"}),
        (edges(a1={T, X}, a2={B}), set()),
        (edges(a1={T, B}, b1={T}, b2={T}), {"a1", "b2"}),
        (edges(a1={T, X}, a2={T}, b2={T, X}), {"a1", "b2"}),
        (edges(a1={T}, a2={T}, b1={T}, b2={T}), set()),
        (edges(a1={T, B}, b1={T}, c1={N, B}), set()),
    ],
)
def test_a_pair_is_certain_when_each_is_the_others_one_best_answer(known: Edges, found: set[str]) -> None:
    for order in permutations(known.items()):
        assert named(pair(dict(order))) == found


@pytest.mark.parametrize(("day", "fits"), [(1, False), (2, True), (5, True), (15, True), (16, False)])
def test_a_line_is_posted_within_the_window(day: int, fits: bool) -> None:
    assert (compare(claim(), line(day=day), CONTEXT) is not None) is fits


def test_the_windows_are_two_sides_of_one() -> None:
    first, last = booking_window(DAY)
    assert report_window(last)[0] == DAY == report_window(first)[1]


@pytest.mark.parametrize("direction", [Direction.OUT, Direction.SELF, Direction.UNKNOWN])
def test_only_incoming_money_covers(direction: Direction) -> None:
    paid = line()
    moved = Payment("p1", direction, paid.amount, paid.booked_on, paid.purpose, paid.payer)
    assert compare(claim(), moved, CONTEXT) is None


@pytest.mark.parametrize(
    ("told", "shown", "verdict"),
    [
        ("7700000016", line(), {T, X}),
        ("7700000016", line(tax_id=None), {X}),
        ("7700000016", line(tax_id="7700000031"), None),
        ("7700000016", line("за ООО Фиалка ИНН 7700000016", "7700000031"), {T, X}),
        ("7700000016", line("Оплата за ООО Пион", "7700000031"), {X}),
        ("7700000016", line(tax_id=SBERBANK), {X}),
        ("7700000016", line(tax_id="7700000049"), {X}),
        (SBERBANK, line(tax_id=SBERBANK), {X}),
    ],
    ids=[
        "equal",
        "unknown",
        "another",
        "named in the words",
        "for a third party",
        "a bank",
        "shared by setting",
        "told a bank",
    ],
)
def test_a_payers_tax_id(told: str, shown: Payment, verdict: set[Sign] | None) -> None:
    assert compare(claim(payer_tax_id=told), shown, CONTEXT) == verdict


@pytest.mark.parametrize(
    ("told", "purpose", "verdict"),
    [
        ("71", "Оплата по счету 71", {B, X}),
        ("00071", "Оплата по счету № 71", {B, X}),
        ("71", "Оплата № 71 от 01.03.2026", {B, X}),
        ("71", "Оплата по счету 72", None),
        ("71", "Оплата по счетам 71, 72", {B, X}),
        ("71", "Оплата за товар", {X}),
        ("71", "Оплата № 72 от 01.03.2026", {X}),
    ],
)
def test_an_invoice_number(told: str, purpose: str, verdict: set[Sign] | None) -> None:
    assert compare(claim(invoice_number=told), line(purpose), CONTEXT) == verdict

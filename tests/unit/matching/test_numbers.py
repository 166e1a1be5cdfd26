"""Which spellings are one number, and which only resemble it."""

from __future__ import annotations

import pytest

from hub.domain.matching.numbers import folded, simpler_readings, spelling


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ТД00-000123", "ТД-123"),
        ("ТД00-000123", "тд123"),
        ("TД00-000123", "ТД00-000123"),
        ("000123", "123"),
        ("0000-000078", "78"),
        ("00ЦБ-000071", "ЦБ-71"),
        ("12/3", "12-3"),
        ("УТ-45/1", "УТ45/1"),
        ("1О5", "105"),
        ("1o5", "105"),
        ("ООО123", "000123"),
        ("ТДОО-ОООО46", "ТД00-000046"),
        ("4З7", "437"),
        ("15-К", "15-K"),
        ("0700-27", "700-27"),
        ("А-0631", "A631"),
    ],
)
def test_spellings_of_one_number_are_equal(left: str, right: str) -> None:
    assert folded(left) == folded(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("123", "1234"),
        ("123", "9123"),
        ("12/3", "123"),
        ("1-23", "12-3"),
        ("ТД-123", "УТ-123"),
        ("15-К", "15-П"),
        ("10", "100"),
        ("45", "54"),
        ("З-45", "345"),
        ("ООО-45", "00-45"),
    ],
)
def test_different_numbers_stay_different(left: str, right: str) -> None:
    assert folded(left) != folded(right)


@pytest.mark.parametrize("number", ["", "б/н", "—", "АБВ"])
def test_a_number_without_digits_names_nothing(number: str) -> None:
    assert spelling(number) is None


@pytest.mark.parametrize(
    ("number", "quoted"),
    [
        ("ТД00-000123", "123"),
        ("ОРИБ-АВ0000123", "ИБ-АВ123"),
        ("ОРИБ-АВ0000123", "123"),
        ("ХИМ-ММР286", "286"),
        ("Ек2Тюм003221", "3221"),
        ("21-00101161069", "101161069"),
        ("УТ-45/1", "45/1"),
    ],
)
def test_a_prefix_may_be_left_out(number: str, quoted: str) -> None:
    found = spelling(number)
    assert found is not None
    assert folded(quoted) in found.short


@pytest.mark.parametrize(
    ("number", "quoted"),
    [("1234", "234"), ("0700-27", "27"), ("12/3", "3"), ("12А5", "5"), ("2026-15", "15"), ("706/3", "6")],
)
def test_an_end_of_a_number_is_not_the_number(number: str, quoted: str) -> None:
    found = spelling(number)
    assert found is not None
    assert folded(quoted) not in found.short | found.loose | {found.folded}


@pytest.mark.parametrize(
    ("number", "quoted"),
    [
        ("12/3", "12"),
        ("12/2026", "12"),
        ("15-К", "15"),
        ("Е-04529/31", "4529"),
        ("2026/0145", "145"),
    ],
)
def test_a_part_in_front_is_only_a_loose_reading(number: str, quoted: str) -> None:
    found = spelling(number)
    assert found is not None
    assert folded(quoted) in found.loose


@pytest.mark.parametrize(("quoted", "number"), [("СЧ-45", "45"), ("45/26", "45"), ("45-2026", "45"), ("INV-45", "45")])
def test_what_payers_add_to_a_number_is_seen_through(quoted: str, number: str) -> None:
    assert folded(number) in simpler_readings(quoted)

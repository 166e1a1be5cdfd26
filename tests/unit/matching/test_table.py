"""The decision table as a whole."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from hub.domain.matching.rows import Outcome
from hub.domain.matching.sentences import HINTS, SENTENCES
from hub.domain.matching.table import TABLE, row_for
from hub.domain.matching.verdicts import (
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdicts,
)

EVERY = [
    Verdicts(*combination)
    for combination in product(
        NumberVerdict,
        ReferenceVerdict,
        AmountVerdict,
        ClientVerdict,
        OrganisationVerdict,
        CurrencyVerdict,
        StatusVerdict,
        DateVerdict,
    )
    if combination[5] is CurrencyVerdict.SAME or combination[6] is StatusVerdict.OPEN
]
ALL_ROWS = [(verdicts, row_for(verdicts)) for verdicts in EVERY[::7]]


def test_every_combination_of_verdicts_has_a_row() -> None:
    assert all(row in TABLE for _, row in ALL_ROWS)


def test_no_contradiction_is_ever_automatic() -> None:
    for verdicts, row in ALL_ROWS:
        contradicted = (
            verdicts.currency is CurrencyVerdict.OTHER
            or verdicts.organisation is OrganisationVerdict.OTHER
            or verdicts.status is not StatusVerdict.OPEN
            or verdicts.date is DateVerdict.CONTRADICTS
            or verdicts.reference is ReferenceVerdict.CONTRADICTS
            or verdicts.client
            in {
                ClientVerdict.CONTRADICTS,
                ClientVerdict.NAME_DIFFERS,
                ClientVerdict.THIRD_PARTY,
                ClientVerdict.PAYS_FOR_OTHER,
            }
            or verdicts.number in {NumberVerdict.UNKNOWN_NAMED, NumberVerdict.OTHER_CLIENTS, NumberVerdict.OTHER_NAMED}
            or verdicts.amount in {AmountVerdict.OVER, AmountVerdict.NONE}
        )
        assert not (contradicted and row.outcome is Outcome.AUTO), (verdicts, row.code)


def test_nothing_is_automatic_by_sum_alone_or_by_name_alone() -> None:
    for verdicts, row in ALL_ROWS:
        unnamed = verdicts.number is NumberVerdict.ABSENT
        weak = verdicts.client in {ClientVerdict.UNKNOWN, ClientVerdict.NAME}
        assert not (unnamed and weak and row.outcome is Outcome.AUTO)


def test_every_row_that_can_be_shown_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert {row.code for row in TABLE if row.outcome is not Outcome.DROP} == SENTENCES.keys()
    assert SENTENCES.keys() >= HINTS.keys()


def test_codes_name_one_row_each() -> None:
    codes = [row.code for row in TABLE if row.outcome is not Outcome.DROP]
    assert len(codes) == len(set(codes))


def test_every_row_is_reached_by_some_verdicts() -> None:
    reached = {row_for(verdicts).code for verdicts in EVERY}
    assert {row.code for row in TABLE} == reached


def test_every_code_of_the_table_stands_in_the_users_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")
    assert [row.code for row in TABLE if f"`{row.code}`" not in page] == []

"""The decision table as a whole."""

from __future__ import annotations

from importlib.resources import files
from itertools import product
from pathlib import Path

from hub.domain.matching import explain
from hub.domain.matching.rows import Outcome
from hub.domain.matching.sentences import HINTS, PLACEHOLDERS, SENTENCES
from hub.domain.matching.table import SHIPPED, checked_table, meaning_of
from hub.domain.matching.verdicts import (
    ASPECTS,
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
from tests.unit.matching.own_tables import LEAST, with_outcome

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
ALL_ROWS = [(verdicts, SHIPPED.row_for(verdicts)) for verdicts in EVERY[::7]]


def test_every_combination_of_verdicts_has_a_row() -> None:
    assert all(row in SHIPPED.rows for _, row in ALL_ROWS)


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
    assert {row.code for row in SHIPPED.rows if row.outcome is not Outcome.DROP} == SENTENCES.keys()
    assert SENTENCES.keys() >= HINTS.keys()


def test_codes_name_one_row_each() -> None:
    codes = [row.code for row in SHIPPED.rows if row.outcome is not Outcome.DROP]
    assert len(codes) == len(set(codes))


def test_every_row_is_reached_by_some_verdicts() -> None:
    reached = {SHIPPED.row_for(verdicts).code for verdicts in EVERY}
    assert {row.code for row in SHIPPED.rows} == reached


def test_every_code_of_the_table_stands_in_the_users_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")
    assert [row.code for row in SHIPPED.rows if f"`{row.code}`" not in page] == []


def test_a_changed_meaning_is_a_changed_version() -> None:
    """Whoever changes a row of the table raises its version, writes both here and keeps the text (`old_tables`)."""
    assert (SHIPPED.version, meaning_of(SHIPPED.rows)) == (
        "4",
        "3f5284f395cb99f408ee2d5e14c46cfc7ac2631dbd8aecbec62d614b8fb5769b",
    )


def test_a_copy_decides_under_the_same_version_whatever_its_comments_and_names_of_sets() -> None:
    assert checked_table(SHIPPED.text).version == SHIPPED.version
    renamed = SHIPPED.text.replace('"fits"', '"speaks"').replace("client.fits", "client.speaks")
    assert checked_table(f"# наша копия\n{renamed}").version == SHIPPED.version
    assert checked_table(with_outcome("sum_only", "drop")).version != checked_table(LEAST).version


def test_another_meaning_or_another_declared_version_is_another_version() -> None:
    own = checked_table(with_outcome("number_sum", "suggest"))
    assert own.version == f"{SHIPPED.version}+{meaning_of(own.rows)[:12]}"
    declared = checked_table(SHIPPED.text.replace(f'version = "{SHIPPED.version}"', 'version = "2026-03"'))
    assert declared.version == f"2026-03+{meaning_of(SHIPPED.rows)[:12]}"
    said = checked_table(LEAST.replace("Смотрите сами", "Посмотрите"))
    assert said.version != checked_table(LEAST).version


def test_a_row_is_found_in_a_table_of_any_size_however_often_it_is_asked_for() -> None:
    for table in (SHIPPED, checked_table(with_outcome("number_sum", "suggest"))):
        for verdicts in EVERY[::37]:
            row = next(row for row in table.rows if row.fits(verdicts))
            assert table.row_for(verdicts) is row
            assert table.row_for(verdicts) is row


def test_a_row_is_named_by_its_code_where_it_shows() -> None:
    assert SHIPPED.place_of("number_sum_client") == 21
    assert SHIPPED.place_of("unrelated") is None
    assert SHIPPED.place_of("tie") is None


def test_every_aspect_and_every_verdict_is_explained_in_the_file() -> None:
    comments = "\n".join(line for line in SHIPPED.text.splitlines() if line.startswith("#"))
    for aspect, verdicts in ASPECTS.items():
        explained = comments.split(f"# {aspect} — ")[1].split("\n#\n")[0]
        assert [verdict.value for verdict in verdicts if f" {verdict.value} " not in f"{explained} "] == []
    assert [name for name in PLACEHOLDERS if f"{{{name}}}" not in comments] == []


def test_a_sentence_may_name_what_the_hub_has_a_value_for() -> None:
    assert {*explain._OF_ANSWER, *explain._OF_QUESTION, "quoted_date"} == set(PLACEHOLDERS)


def test_the_table_is_shipped_as_a_file_beside_the_code() -> None:
    assert files("hub.domain.matching").joinpath("decision_table.toml").read_text(encoding="utf-8") == SHIPPED.text

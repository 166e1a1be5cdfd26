"""The laws that no decision table may break: what breaks one is refused with the row and the verdicts that show it."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from hub.domain.matching import SHIPPED, table_laws
from hub.domain.matching.rows import Outcome
from hub.domain.matching.said import Language
from hub.domain.matching.table_laws import CONTRADICTIONS, NEVER_AUTO, faults_of
from hub.domain.matching.table_regions import EVERYTHING, decided_by, example, region_of
from hub.domain.matching.verdicts import ASPECTS, Verdicts, verdicts_of
from tests.unit.matching.own_tables import before, changed, faults, own, row_text, with_outcome


@pytest.fixture(autouse=True)
def _regions_are_worked_out_anew() -> None:
    """What the laws keep for the life of a process must not come from an import or another test."""
    table_laws.contradicted.cache_clear()
    table_laws.possible.cache_clear()


SAYS = 'text_ru = "Так решила компания: {invoice}."\n'


def auto(conditions: str) -> str:
    """A row of the company that lets the machine act."""
    return f'[[row]]\ncode = "my_own"\noutcome = "auto"\n{conditions}\n{SAYS}'


#: What a sound automatic row wants; each test takes one thing away or makes it worse.
SOUND = {
    "number": '["agrees_loosely"]',
    "amount": '["equal"]',
    "client": '["name"]',
    "organisation": '["same", "unknown"]',
    "currency": '["same"]',
    "status": '["open"]',
    "date": '["agrees", "within_tolerance", "absent"]',
    "reference": '["agrees", "absent"]',
}


def first(**wanted: str) -> str:
    """The hub's text with an automatic row of the company on top, above every veto."""
    conditions = "\n".join(f"{aspect} = {words}" for aspect, words in (SOUND | wanted).items() if words)
    return before("other_currency", auto(conditions))


def test_the_hubs_own_table_keeps_the_laws() -> None:
    assert faults_of(SHIPPED.rows) == []


def test_a_table_may_be_looser_within_the_laws() -> None:
    assert own(first()).rows[0].outcome is Outcome.AUTO
    assert own(with_outcome("sum_branch", "auto")).version.startswith(f"{SHIPPED.version}+")


@pytest.mark.parametrize(
    "code", ["number_sum", "number_client_part", "sum_client", "several_sum", "mentioned_sum_client"]
)
def test_a_table_may_be_stricter(code: str) -> None:
    assert own(with_outcome(code, "suggest")).version.startswith(f"{SHIPPED.version}+")


@pytest.mark.parametrize(
    ("aspect", "word"), [(aspect, verdict.value) for aspect, never in NEVER_AUTO.items() for verdict in sorted(never)]
)
def test_no_machine_decides_against_a_contradiction(aspect: str, word: str) -> None:
    (told,) = faults(first(**{aspect: f'["{word}"]'}))
    assert told.startswith("1 my_own outcome: auto там, где решать машине нельзя: ")
    assert f"{aspect} = {word}" in told
    (english,) = faults(first(**{aspect: f'["{word}"]'}), Language.EN)
    assert english.startswith("1 my_own outcome: auto where no machine may decide: ")


@pytest.mark.parametrize(("aspect", "words"), [(aspect, never) for aspect, never in CONTRADICTIONS.items()])
def test_an_aspect_left_open_above_the_vetoes_is_found(aspect: str, words: frozenset[str]) -> None:
    (told,) = faults(first(**{aspect: ""}))
    assert f"{aspect} = {', '.join(sorted(words))}" in told


def test_a_row_below_the_vetoes_need_not_repeat_them() -> None:
    sound = {aspect: SOUND[aspect] for aspect in ("number", "amount", "client")}
    row = auto("\n".join(f"{aspect} = {words}" for aspect, words in sound.items()))
    assert own(before("sum_client", row)).place_of("my_own") == 30
    (told,) = faults(before("reference_differs", row))
    assert "reference = contradicts" in told


@pytest.mark.parametrize(
    "loosened",
    [
        {"number": '["absent"]'},
        {"number": '["resembles"]'},
        {"number": '["agrees"]', "amount": '["part"]', "client": '["unknown"]'},
        {"number": '["agrees_short"]', "amount": '["stated_share"]', "client": '["unknown"]'},
        {"amount": '["part"]'},
        {"client": '["unknown"]'},
        {"number": '["agrees_few_digits"]', "client": '["unknown"]'},
        {"number": '["mentioned"]', "client": '["unknown"]'},
        {"number": '["absent"]', "amount": '["part"]', "client": '["tax_id"]'},
        {"number": '["absent"]', "amount": '["stated_share"]', "client": '["alias"]'},
    ],
)
def test_one_sign_alone_is_too_little(loosened: dict[str, str]) -> None:
    (told,) = faults(first(**loosened))
    assert told.startswith("1 my_own outcome: auto там, где сошлось слишком мало: number = ")
    for aspect, words in loosened.items():
        assert f"{aspect} = {words[2:-2]}" in told


@pytest.mark.parametrize(
    "code", ["sum_name", "reference_sum", "sum_only", "unknown_number", "number_over", "unnamed_set"]
)
def test_suggestions_that_no_machine_may_take_up(code: str) -> None:
    assert any(f" {code} outcome: auto там, где" in told for told in faults(with_outcome(code, "auto")))


def test_a_veto_needs_something_that_contradicts() -> None:
    row = row_text("sum_name")
    (told,) = faults(changed(sum_name=f"{row.rstrip()}\nveto = true\n"))
    assert told.startswith("43 sum_name veto: veto там, где ничто не противоречит: number = absent")
    (told,) = faults(changed(number_sum=f"{row_text('number_sum').rstrip()}\nveto = true\n"))
    assert told == "24 number_sum veto: veto — для того, чему что-то противоречит: auto с ним не бывает"


@pytest.mark.parametrize("code", ["number_part_unsure", "already_paid", "other_client", "sum_name", "one_of_named"])
def test_an_answer_that_may_be_a_second_one_is_not_hidden(code: str) -> None:
    (told,) = faults(with_outcome(code, "drop"))
    assert f" {code} outcome: drop прячет ответ, который может быть вторым не хуже: number = " in told


@pytest.mark.parametrize("code", ["sum_only", "client_part", "client_other_number", "reference_only", "unnamed_set"])
def test_mere_guesses_may_be_hidden(code: str) -> None:
    assert own(with_outcome(code, "drop")).place_of(code) is None


def every_seventh() -> list[Verdicts]:
    words = product(*([verdict.value for verdict in verdicts] for verdicts in ASPECTS.values()))
    return [verdicts_of(dict(zip(ASPECTS, some, strict=True))) for index, some in enumerate(words) if index % 701 == 0]


def test_regions_are_what_rows_fit() -> None:
    some, decided = every_seventh(), decided_by(SHIPPED.rows)
    assert len(some) > 600
    bits = [sum(1 << index for index, row in enumerate(SHIPPED.rows) if row.fits(verdicts)) for verdicts in some]
    places = [index * 701 for index in range(len(some))]
    for place, verdicts, fits in zip(places, some, bits, strict=True):
        assert [region_of(row) >> place & 1 for row in SHIPPED.rows] == [
            fits >> i & 1 for i in range(len(SHIPPED.rows))
        ]
        (decider,) = [row for row, region in zip(SHIPPED.rows, decided, strict=True) if region >> place & 1]
        assert decider is SHIPPED.row_for(verdicts)
        assert example(1 << place) == verdicts


def test_the_whole_product_is_decided_once() -> None:
    decided = decided_by(SHIPPED.rows)
    assert sum(region.bit_count() for region in decided) == EVERYTHING.bit_count() == 494_208
    shuffled = list(SHIPPED.rows)
    Random(5).shuffle(shuffled)
    together = 0
    for region in decided_by(shuffled):
        assert not together & region
        together |= region
    assert together == EVERYTHING


def test_the_example_of_a_region_is_its_first_combination() -> None:
    assert example(1 << 5 | 1 << 9) == example(1 << 5) != example(1 << 9)

"""The table in words, row by row, against snapshots; and how another table differs from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.domain.matching import SHIPPED
from hub.domain.matching.rows import Outcome
from hub.domain.matching.said import Language
from hub.domain.matching.table_changes import changes, shifts
from hub.domain.matching.table_words import ASPECT_WORDS, OUTCOME_WORDS, VERDICT_WORDS, row_words, table_words
from hub.domain.matching.verdicts import ASPECTS
from tests.unit.matching.own_tables import LEAST, before, changed, faults, own, row_text, with_outcome

HERE = Path(__file__).parent


@pytest.mark.parametrize("language", list(Language))
def test_the_whole_table_is_told_as_in_the_snapshot(language: Language) -> None:
    told = "\n".join(table_words(SHIPPED, language)) + "\n"
    assert told == (HERE / f"table_{language.value}.txt").read_text(encoding="utf-8")


def test_every_aspect_verdict_and_outcome_has_words() -> None:
    assert VERDICT_WORDS.keys() == {(aspect, item.value) for aspect, items in ASPECTS.items() for item in items}
    assert ASPECT_WORDS.keys() == ASPECTS.keys()
    assert OUTCOME_WORDS.keys() == set(Outcome)
    for aspect in ASPECTS:
        told = [said for (about, _), said in VERDICT_WORDS.items() if about == aspect]
        assert len(set(told)) == len(told)


def test_a_row_is_one_sentence() -> None:
    row = SHIPPED.rows[23]
    assert row_words(row, Language.RU) == (
        "если номер — тот же или тот же без приставки; сумма — равна открытой; плательщик — сверить не по чему — "
        "то решает машина"
    )
    assert row_words(row, Language.EN) == (
        "if number — the same or the same without its prefix; sum — all that is open; payer — nothing to compare by — "
        "then the machine decides"
    )
    assert row_words(SHIPPED.rows[-1], Language.RU) == "если всё остальное — то не показывать"


def test_most_verdicts_are_told_by_those_that_are_left_out() -> None:
    many = ", ".join(f'"{item.value}"' for item in ASPECTS["number"] if item.value not in ("resembles", "other_named"))
    table = own(changed(sum_only=f"{row_text('sum_only').rstrip()}\nnumber = [{many}]\n"))
    (row,) = [row for row in table.rows if row.code == "sum_only"]
    assert "номер — что угодно, кроме: похож или назван другой наш счёт; сумма" in row_words(row, Language.RU)


def test_a_companys_own_words_are_told_with_its_row() -> None:
    assert "        «See for yourself: {invoice}.»" in table_words(own(LEAST), Language.EN)


def test_a_copy_differs_in_nothing() -> None:
    assert list(changes(SHIPPED, own(SHIPPED.text), Language.RU)) == []


def test_a_stricter_row_is_told_with_the_verdicts_that_change() -> None:
    told = list(changes(SHIPPED, own(with_outcome("number_sum", "suggest")), Language.RU))
    assert told[0] == "~ number_sum: решает машина → предложить человеку"
    assert len(told) == 2
    assert told[1].startswith("= решает машина → предложить человеку: сочетаний вердиктов ")
    assert "number = agrees, reference = agrees, amount = equal, client = unknown" in told[1]


def test_the_verdicts_that_change_are_counted_exactly() -> None:
    (shift,) = shifts(SHIPPED, own(with_outcome("number_sum", "suggest")))
    # number 2 × reference 2 × amount 2 × organisation 2 × currency 1 × status 1 × date 3
    assert (shift.before, shift.after, shift.count) == (Outcome.AUTO, Outcome.SUGGEST, 48)


def test_rows_that_come_go_move_and_speak_otherwise_are_told() -> None:
    new = '[[row]]\ncode = "my_own"\noutcome = "suggest"\nnumber = ["resembles"]\ntext_ru = "Проверьте {invoice}."\n'
    text = before("loose_number", new)
    text = text.replace(row_text("few_digits_sum"), "")
    text = text.replace(row_text("several_over"), f'{row_text("several_over").rstrip()}\nhint_ru = "Спросите."\n')
    moved = row_text("sum_branch")
    text = text.replace(f"{moved}\n", "").replace(row_text("client_part"), f"{moved}\n{row_text('client_part')}")
    text = text.replace(row_text("client_over"), row_text("client_over").replace('"fits"', '"own"'))
    told = list(changes(SHIPPED, own(text), Language.EN))
    assert [line for line in told if not line.startswith("=")] == [
        "- few_digits_sum: the row is gone, it was: suggest it to a person",
        "~ several_over: a sentence of its own",
        "~ client_over: other conditions",
        "+ row 36 (my_own): suggest it to a person",
        "~ sum_branch: stands elsewhere",
    ]


def test_rows_under_one_name_come_and_go_one_by_one() -> None:
    text = SHIPPED.text.replace(
        '[[row]]\ncode = "unrelated"\noutcome = "drop"\nveto = true\nclient = "strangers"\n', ""
    )
    told = list(changes(SHIPPED, own(text), Language.RU))
    assert told[0] == "- unrelated: строки нет, она была: не показывать"
    assert all(line.startswith("=") for line in told[1:])
    veto = changed(sum_branch=f'{row_text("sum_branch").rstrip()}\nstatus = ["paid"]\nveto = true\n')
    assert any("до строки никогда" in fault for fault in faults(veto))

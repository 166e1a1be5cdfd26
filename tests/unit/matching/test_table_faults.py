"""A table that cannot be used is refused with the row, the field and what to do; every fault of a file at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.domain.matching import SHIPPED
from hub.domain.matching.codes import BESIDE_TABLE
from hub.domain.matching.doubts import REPEATS_PAID
from hub.domain.matching.said import Language
from hub.domain.matching.table_reader import MOST_SIGNS, read_text
from tests.unit.matching.own_tables import LEAST, before, changed, faults, own, row_text

ROW = "[[row]]\n"
NEW = '[[row]]\ncode = "my_own"\noutcome = "suggest"\nnumber = ["resembles"]\n'


def least(line: str) -> str:
    """The least table with a further line in its row."""
    return f"{LEAST}{line}\n"


def with_sets(line: str) -> str:
    """The least table with a named set."""
    return LEAST.replace(ROW, f"[sets]\n{line}\n{ROW}")


def test_the_least_table_and_the_hubs_own_may_be_used() -> None:
    assert [row.code for row in own(LEAST).rows] == ["everything"]
    assert own(SHIPPED.text).rows == SHIPPED.rows


@pytest.mark.parametrize(
    ("text", "fault", "english"),
    [
        ('version = "1', ": файл не читается как TOML:", "the file is no TOML:"),
        ("a = " + "[" * 5000, ": слишком глубокая", "too deeply nested"),
        ("x" * (MOST_SIGNS + 1), ": файл больше 256 КиБ", "the file is over 256 KiB"),
        (LEAST.replace('version = "least"', ""), "version: нужна версия в кавычках", "a version in quotes is needed"),
        (LEAST.replace('"least"', '"1, table 3"'), "version: нужна версия в кавычках", "a version in quotes"),
        (LEAST.replace('"least"', "3"), "version: нужна версия в кавычках", "a version in quotes"),
        (f"rows = 1\n{LEAST}", "rows: поля «rows» нет: может быть, «row»?", "there is no field “rows”: perhaps “row”?"),
        ('version = "1"', "row: нужны строки таблицы, каждая под [[row]]", "rows are needed, each under [[row]]"),
        ('version = "1"\nrow = [1]', "row: нужны строки таблицы", "rows are needed"),
        (f'version = "1"\n{ROW * 501}', "row: строк больше 500", "more than 500 rows"),
        (f"sets = 1\n{LEAST}", "sets: нужны наборы вида number.sure", "sets such as number.sure"),
        (with_sets("numer.a = []"), "sets.numer: признака «numer» нет: может быть, «number»?", "no aspect"),
        (with_sets('number.A = ["agrees"]'), "sets.number.A: имя набора: латинские строчные", "a set's name"),
        (
            with_sets('number.agrees = ["absent"]'),
            "sets.number.agrees: «agrees» — уже вердикт: назовите набор иначе",
            "“agrees” is a verdict",
        ),
        (with_sets('number.a = "agrees"'), "sets.number.a: нужен список", "a list in brackets"),
        (with_sets("number.a = []"), "sets.number.a: список пуст", "the list is empty"),
        (
            with_sets('amount.a = ["b"]\namount.b = ["rest"]'),
            "sets.amount.a: ни вердикта, ни набора «b» у признака amount нет",
            "amount has neither a verdict nor a set “b”",
        ),
        (
            least('amuont = ["equal"]'),
            "1 everything amuont: поля «amuont» нет: может быть, «amount»?",
            "there is no field “amuont”: perhaps “amount”?",
        ),
        (
            least('amount = ["equl"]'),
            "1 everything amount: ни вердикта, ни набора «equl» у признака amount нет: может быть, «equal»?",
            "amount has neither a verdict nor a set “equl”: perhaps “equal”?",
        ),
        (
            least('client = "identified"'),
            "1 everything client: ни вердикта, ни набора «identified» у признака client нет",
            "client has neither a verdict nor a set “identified”",
        ),
        (least("amount = []"), "1 everything amount: список пуст: такая строка не подходит ни к чему", "fits nothing"),
        (least("amount = 5"), "1 everything amount: нужен список вердиктов или имя набора", "a list of verdicts or"),
        (least("amount = [5]"), "1 everything amount: ни вердикта, ни набора «5»", "neither a verdict nor a set “5”"),
        (least("veto = 1"), "1 everything veto: нужно true или false, без кавычек", "true or false is needed"),
        (
            LEAST.replace('"suggest"', '"atuo"'),
            "1 everything outcome: решения «atuo» нет: может быть, «auto»?",
            "there is no outcome “atuo”: perhaps “auto”?",
        ),
        (
            LEAST.replace('outcome = "suggest"', ""),
            "1 everything outcome: нужно решение строки: auto, suggest, drop",
            "an outcome is needed: auto, suggest, drop",
        ),
        (LEAST.replace("code", "#"), "1 code: нужно имя строки в кавычках", "the row needs a name"),
        (LEAST.replace('"everything"', '"Всё"'), "1 code: нужно имя строки в кавычках", "the row needs a name"),
        (
            LEAST.replace("everything", "tie"),
            "1 tie code: этот код хаб даёт решениям сверх таблицы",
            "the hub gives this code to decisions beside the table",
        ),
        (
            re.sub("text_.*\n", "", LEAST),
            '1 everything code: для этого кода у хаба нет фразы: впишите свою, text_ru = "…"',
            "the hub has no sentence for this code",
        ),
        (
            LEAST.replace("{invoice}", "{invoise}"),
            "1 everything text_ru: подстановки «{invoise}» нет",
            "no placeholder",
        ),
        (LEAST.replace("{invoice}", "{invoice.id}"), "1 everything text_ru: в фигурных скобках пишут", "braces hold"),
        (LEAST.replace("{invoice}", "{sum!r}"), "1 everything text_ru: в фигурных скобках пишут", "braces hold"),
        (LEAST.replace("{invoice}", "{sum:>9}"), "1 everything text_ru: в фигурных скобках пишут", "braces hold"),
        (LEAST.replace("{invoice}", "{"), "1 everything text_ru: в фигурных скобках пишут", "braces hold"),
        (LEAST.replace("{invoice}", "{}"), "1 everything text_ru: в фигурных скобках пишут", "braces hold"),
        (least('hint_en = ""'), "1 everything hint_en: нужна фраза в кавычках", "a sentence in quotes"),
        (least("hint_ru = 5"), "1 everything hint_ru: нужна фраза в кавычках", "a sentence in quotes"),
        (least(f'hint_ru = "{"а" * 501}"'), "1 everything hint_ru: нужна одна строка до 500 знаков", "one line of up"),
        (least(r'hint_ru = "а\nб"'), "1 everything hint_ru: нужна одна строка до 500 знаков", "one line of up to 500"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, fault: str, english: str) -> None:
    assert faults(text)[0].startswith(fault), faults(text)
    assert english in faults(text, Language.EN)[0]
    assert not re.search("[а-я]", faults(text, Language.EN)[0].replace("Всё", ""))


def test_a_broken_file_names_the_line_where_reading_stopped() -> None:
    (fault,) = read_text('version = "1"\n\nrow == 1\n').faults
    assert fault.line == 3


def test_every_fault_is_named_at_once() -> None:
    text = LEAST.replace('"suggest"', '"maybe"') + 'amount = ["equl"]\nveto = "yes"\n' + NEW
    assert sorted(fault.split(":")[0] for fault in faults(text)) == [
        "1 everything amount",
        "1 everything outcome",
        "1 everything veto",
        "2 my_own code",
    ]


def test_the_last_row_must_fit_everything() -> None:
    assert faults(least('amount = ["equal"]')) == [
        "1 everything: последняя строка должна подходить ко всему: оставьте в ней только code и outcome (у хаба это "
        "unrelated, drop)"
    ]


def test_a_row_that_is_never_reached_names_those_above_it() -> None:
    below = 'text_ru = "Похоже."\n'
    text = before("one_of_named", f"{NEW}{below}")
    (told,) = faults(text)
    assert told.startswith("41 my_own: до строки никогда не дойдёт: всё, что ей подходит, решают строки выше (1 other_")
    assert "37 loose_number" in told
    assert "21 number_sum_client" not in told
    assert "the row is never reached" in faults(text, Language.EN)[0]


def test_a_row_covered_by_several_together_is_found_too() -> None:
    halves = "".join(
        f'[[row]]\ncode = "half_{index}"\noutcome = "suggest"\ncurrency = ["{word}"]\ntext_ru = "Так."\n'
        for index, word in enumerate(("same", "other"))
    )
    (told,) = faults(LEAST.replace("[[row]]", f"{halves}[[row]]", 1))
    assert told.startswith(
        "3 everything: до строки никогда не дойдёт: всё, что ей подходит, решают строки выше (1 half_0"
    )


def test_two_rows_that_show_bear_two_codes() -> None:
    twice = changed(sum_only=row_text("sum_only").replace("sum_only", "number_sum"))
    (told,) = faults(twice)
    assert told.startswith("56 number_sum code: код уже есть у строки 24")


def test_one_language_speaks_for_both_and_a_set_may_name_another() -> None:
    sets = 'number.a = ["agrees"]\nnumber.b = ["a", "resembles"]'
    row = NEW.replace('["resembles"]', '"b"') + 'text_ru = "Так."\n'
    table = own(with_sets(sets).replace(ROW, f"{row}{ROW}"))
    said = table.rows[0].said
    assert said is not None
    assert (said.ru, said.en) == ("Так.", "Так.")
    assert sorted(table.rows[0].conditions["number"]) == ["agrees", "resembles"]


def test_every_code_beside_the_table_is_kept_from_rows() -> None:
    root = Path(__file__).parents[3] / "hub"
    sources = [
        *(root / "domain" / "matching" / name for name in ("decide.py", "doubts.py", "day.py", "explain.py")),
        *(root / "services").glob("*.py"),
    ]
    said = re.compile(
        r'(?:_refusal\(question, |_suggestion\(question, shown, |Doubt\(|Foreign\(|code=|return )"([a-z_]+)"'
        r'|^(?:COVERS_CLAIM|REPLACED_BY_LINE|MAY_BE_COUNTED): Final = "([a-z_]+)"',
        re.MULTILINE,
    )
    found = {one or other for path in sources for one, other in said.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 15
    assert found <= BESIDE_TABLE
    assert REPEATS_PAID.code in BESIDE_TABLE
    assert BESIDE_TABLE.isdisjoint(row.code for row in SHIPPED.rows)

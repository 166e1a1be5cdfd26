"""A company's decision table as a file: every fault at its line, in the company's language."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.domain.matching import SHIPPED
from hub.domain.matching.said import Language
from mappings import MappingError
from mappings.table_file import parse_table, read_table
from tests.unit.matching.own_tables import LEAST, before, row_text


def faults(text: str, language: Language = Language.RU) -> list[str]:
    with pytest.raises(MappingError) as caught:
        parse_table(text, "моя.toml", language)
    return [str(fault) for fault in caught.value.faults]


def test_a_file_is_the_table_that_it_says(tmp_path: Path) -> None:
    path = tmp_path / "моя.toml"
    path.write_text("\ufeff" + SHIPPED.text, encoding="utf-8")
    assert read_table(path).rows == SHIPPED.rows
    assert read_table(path).version == SHIPPED.version
    path.write_text(LEAST.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert read_table(path).version.startswith("least+")


def test_a_fault_stands_at_its_line_with_its_row_and_field() -> None:
    text = SHIPPED.text.replace(row_text("sum_only"), row_text("sum_only").replace('"one_sum"', '"one_sums"'))
    line = text[: text.index('"one_sums"')].count("\n") + 1
    (told,) = faults(text)
    assert told.startswith(f"моя.toml:{line}: строка 56 (sum_only), amount: ни вердикта, ни набора «one_sums»")
    assert told.endswith("может быть, «one_sum»?")
    (english,) = faults(text, Language.EN)
    assert english.startswith(f"моя.toml:{line}: row 56 (sum_only), amount: amount has neither a verdict nor a set")


def test_a_row_as_a_whole_stands_at_its_heading() -> None:
    text = before("sum_only", '[[row]]\ncode = "late"\noutcome = "suggest"\nclient = "fits"\ntext_ru = "Так."\n')
    line = text[: text.index('code = "late"')].count("\n")
    assert faults(text)[0].startswith(f"моя.toml:{line}: строка 56 (late): до строки никогда не дойдёт")


def test_a_law_stands_at_the_outcome() -> None:
    text = SHIPPED.text.replace(row_text("sum_name"), row_text("sum_name").replace('"suggest"', '"auto"'))
    line = text[: text.index('code = "sum_name"')].count("\n") + 2
    assert faults(text)[0].startswith(f"моя.toml:{line}: строка 43 (sum_name), outcome: auto там, где сошлось слишком")


def test_faults_of_the_whole_file_name_what_can_be_named() -> None:
    assert faults('version = "1"\nrow == 2')[0].startswith("моя.toml:2: файл не читается как TOML")
    assert faults(LEAST.replace('"least"', '"с пробелом"'))[0].startswith("моя.toml:1: version: нужна версия")
    sets = LEAST.replace("[[row]]", '[sets]\nnumber.a = ["agree"]\n[[row]]')
    assert faults(sets)[0].startswith("моя.toml:3: sets.number.a: ни вердикта, ни набора «agree»")
    nameless = LEAST.replace('code = "everything"\n', "")
    assert faults(nameless)[0].startswith("моя.toml:2: строка 1, code: нужно имя строки")
    assert faults("")[0].startswith("моя.toml: version: нужна версия")


def test_what_cannot_be_read_at_all_says_why(tmp_path: Path) -> None:
    path = tmp_path / "моя.toml"
    for language, words in ((Language.RU, "файл не читается: такого файла нет"), (Language.EN, "cannot be read")):
        with pytest.raises(MappingError, match=words):
            read_table(path, language)
    path.write_bytes(SHIPPED.text.encode("cp1251", "replace"))
    with pytest.raises(MappingError, match="файл не в UTF-8"):
        read_table(path)
    path.write_bytes(b"#" * (1 << 20) + b"\n" * 10)
    with pytest.raises(MappingError, match="больше 256 КиБ"):
        read_table(path)

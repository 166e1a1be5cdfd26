"""A wrong file is told apart and answered with what it is and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.bank.errors import StatementFileError
from connectors.bank.formats.client_bank_exchange import Limits, read_statement
from connectors.bank.recognise import FileFormat, recognise, refusal
from tests.unit.bank.statement_builder import encode, items, statement

FIXTURES = Path(__file__).parents[2] / "fixtures" / "bank"


@pytest.mark.parametrize(
    ("name", "expected", "words"),
    [
        ("empty.txt", FileFormat.EMPTY, "Файл пуст"),
        ("spaces.txt", FileFormat.EMPTY, "Файл пуст"),
        ("belarus.txt", FileFormat.BELARUS_TEXT, "белорусского"),
        ("direct_bank.xml", FileFormat.DIRECT_BANK, "ДиректБанк"),
        ("camt053.xml", FileFormat.CAMT, "ISO 20022"),
        ("mt940.txt", FileFormat.MT940, "MT940"),
        ("book.xlsx", FileFormat.XLSX, "Excel"),
        ("old_book.xls", FileFormat.XLS, "Office"),
        ("statements.zip", FileFormat.ARCHIVE, "Распакуйте"),
        ("scan.pdf", FileFormat.PDF, "PDF"),
        ("page.html", FileFormat.HTML, "веб-страница"),
        ("table.csv", FileFormat.CSV, "CSV"),
        ("letter.txt", None, "нет слова 1CClientBankExchange"),
    ],
)
def test_a_wrong_file_is_named_and_the_way_out_is_told(name: str, expected: FileFormat | None, words: str) -> None:
    raw = (FIXTURES / "not_statements" / name).read_bytes()

    with pytest.raises(StatementFileError) as caught:
        items(raw)

    assert recognise(raw) is expected
    assert caught.value.code == "not_a_statement"
    assert words in caught.value.for_person
    assert any(verb in caught.value.for_person for verb in ("Выгрузите", "Распакуйте", "скачайте"))


def test_every_readable_fixture_is_recognised_by_its_first_bytes() -> None:
    for path in FIXTURES.glob("*.txt"):
        found = recognise(path.read_bytes()[:4096])
        assert found is FileFormat.CLIENT_BANK_EXCHANGE, path.name
        assert refusal(found) is None


@pytest.mark.parametrize("gap", [b"\r\n\r\n", b" ", b"\xef\xbb\xbf\xef\xbb\xbf"])
def test_blanks_and_marks_before_the_first_line_do_not_hide_a_statement(gap: bytes) -> None:
    assert recognise(gap + encode(statement())) is FileFormat.CLIENT_BANK_EXCHANGE


@pytest.mark.parametrize(
    ("name", "code"), [("letters_lost.txt", "letters_lost"), ("first_line_only.txt", "no_content")]
)
def test_a_damaged_statement_is_refused_with_its_own_code(name: str, code: str) -> None:
    with pytest.raises(StatementFileError, match="заново") as caught:
        items((FIXTURES / "not_statements" / name).read_bytes())

    assert caught.value.code == code


def test_a_file_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(StatementFileError, match="больше 1 МБ") as caught:
        list(read_statement(b"1CClientBankExchange\n" + b"x" * (1 << 20), limits=Limits(file_bytes=1 << 20)))

    assert caught.value.code == "too_large"


def test_a_file_of_too_many_accounts_is_refused() -> None:
    raw = encode(statement(accounts=[f"407028100{number:011d}" for number in range(5)]))

    with pytest.raises(StatementFileError, match="счетов") as caught:
        list(read_statement(raw, limits=Limits(accounts=4)))

    assert caught.value.code == "too_many_accounts"


def test_a_letter_with_commas_is_no_table() -> None:
    assert recognise("Добрый день, коллеги, высылаю, как обещал, выписку.".encode()) is None
    assert recognise(b"date,sum,purpose,inn\n") is FileFormat.CSV

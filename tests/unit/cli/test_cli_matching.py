"""`sverka match` and `sverka purpose`: files in, lines of JSON out, nothing stored."""

from __future__ import annotations

import json
import os
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli

PAYMENT = {
    "id": "p1",
    "direction": "in",
    "amount": "1500.00",
    "currency": "RUB",
    "booked_on": "2026-03-02",
    "purpose": "Оплата по счету № 45 от 01.03.2026",
    "payer": {"name": "ООО Лютик", "tax_id": "7736050003"},
}
INVOICE: dict[str, Any] = {
    "id": "i1",
    "number": "45",
    "issued_on": "2026-03-01",
    "amount": "1500.00",
    "currency": "RUB",
    "client": {"name": "ООО Лютик", "tax_id": "7736050003"},
}
STATEMENT = """\
1CClientBankExchange
ВерсияФормата=1.03
Кодировка=Windows
РасчСчет=40702810900000012345
СекцияДокумент=Платежное поручение
Номер=17
Дата=02.03.2026
Сумма=1500.00
ДатаПоступило=02.03.2026
ПлательщикСчет=40702810500000054321
Плательщик=ООО Лютик
ПлательщикИНН=7736050003
ПолучательСчет=40702810900000012345
НазначениеПлатежа=Оплата по счету № 45 от 01.03.2026
КонецДокумента
КонецФайла
"""


def run(*arguments: str | Path, typed: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(item) for item in arguments], input=typed)


def lines_file(path: Path, *objects: Mapping[str, Any] | str) -> Path:
    texts = (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in objects)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def decisions(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_payment_finds_its_invoice(tmp_path: Path) -> None:
    payments = lines_file(tmp_path / "p.jsonl", PAYMENT)
    invoices = lines_file(tmp_path / "i.jsonl", INVOICE)
    result = run("match", "--payments", payments, "--invoices", invoices)
    assert result.exit_code == 0
    (line,) = decisions(result.stdout)
    assert (line["payment"], line["decision"]) == ("p1", "auto")
    assert line["allocations"] == [{"invoice": "i1", "amount": "1500.00"}]
    assert result.stderr == "auto 1\n"


def test_payments_may_be_several_files_and_a_bank_statement(tmp_path: Path) -> None:
    payments = lines_file(tmp_path / "p.jsonl", {**PAYMENT, "amount": "10.00", "purpose": "Возврат"})
    statement = tmp_path / "march.txt"
    statement.write_bytes(STATEMENT.encode("cp1251"))
    invoices = lines_file(tmp_path / "i.jsonl", INVOICE)
    out = tmp_path / "out.jsonl"
    result = run("match", "--payments", payments, statement, "--invoices", invoices, "--out", out)
    assert result.stdout == ""
    found = {line["payment"]: line["decision"] for line in decisions(out.read_text(encoding="utf-8"))}
    assert found["march.txt:1"] == "auto"
    assert found["p1"] != "auto"


def test_a_line_that_cannot_be_read_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    payments = lines_file(tmp_path / "p.jsonl", "{не json", PAYMENT)
    invoices = lines_file(tmp_path / "i.jsonl", INVOICE)
    result = run("match", "--payments", payments, "--invoices", invoices)
    assert result.exit_code == 1
    assert [line["payment"] for line in decisions(result.stdout)] == ["p1"]
    assert "p.jsonl, строка 1" in result.stderr
    assert "не прочитано строк: 1" in result.stderr


def test_in_english_reasons_and_faults_are_english(tmp_path: Path) -> None:
    payments = lines_file(tmp_path / "p.jsonl", PAYMENT, PAYMENT, {**PAYMENT, "id": "p2", "amount": "x"})
    faulty: list[dict[str, Any] | str] = [
        {**INVOICE, "id": "i2", "issued_on": "yesterday"},
        {**INVOICE, "id": "i3", "client": 5},
        "{",
    ]
    result = run(
        "--lang", "en", "match", "--payments", payments, "--invoices", lines_file(tmp_path / "i", INVOICE, *faulty)
    )
    (line,) = decisions(result.stdout)
    assert not any("а" <= char.lower() <= "я" for char in line["reason"].replace("ООО Лютик", ""))
    assert result.stderr.splitlines()[:5] == [
        "p.jsonl, line 2, field “id”: payment “p1” is there again, the repetition is left out",
        "p.jsonl, line 3, field “amount”: a sum such as 1200.00 is needed, not “x”",
        "i, line 2, field “issued_on”: a date such as 2026-03-01 is needed, not “yesterday”",
        "i, line 3, field “client”: a JSON object is needed",
        "i, line 4: the line is not JSON (Expecting property name enclosed in double quotes: line 2 column 1 (char 2))",
    ]


def test_bundles_are_worlds_of_their_own(tmp_path: Path) -> None:
    bundles = lines_file(
        tmp_path / "b.jsonl",
        {"id": "a", "payments": [PAYMENT], "invoices": [INVOICE]},
        {"id": "b", "payments": [PAYMENT], "invoices": []},
    )
    result = run("match", "--bundles", bundles)
    assert result.exit_code == 0
    assert [(line["bundle"], line["decision"] == "auto") for line in decisions(result.stdout)] == [
        ("a", True),
        ("b", False),
    ]


def test_a_wrong_call_says_what_is_needed(tmp_path: Path) -> None:
    file = lines_file(tmp_path / "p.jsonl", PAYMENT)
    for arguments in (["match"], ["match", "--payments", file], ["match", "--bundles", file, "--payments", file]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "--bundles" in result.stderr


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    result = run("match", "--payments", file, "--invoices", file)
    assert result.exit_code == 1
    assert str(file) in result.stderr
    assert "Внутренняя ошибка" not in result.stderr


def test_purposes_are_read_line_by_line() -> None:
    typed = "Оплата по счету № 45 от 01.03.2026\r\n\nбез номера\n".encode()
    result = run("purpose", typed=typed)
    assert result.exit_code == 0
    first, second, third = decisions(result.stdout)
    assert first["invoice_numbers"] == ["45"]
    assert first["dates"] == ["2026-03-01"]
    assert second["invoice_numbers"] == third["invoice_numbers"] == []


def test_bytes_that_are_no_text_do_not_stop_the_purposes() -> None:
    result = run("purpose", typed=b"\xff\xfe\n\xd1\x87\n")
    assert result.exit_code == 0
    assert len(decisions(result.stdout)) == 2


def test_recognition_says_by_what_payers_are_known_and_why_others_are_not(tmp_path: Path) -> None:
    nobody = {"name": "ООО Чужой", "tax_id": "7700000016"}
    alike = {"name": "Лютик ООО"}
    payers = [PAYMENT["payer"], PAYMENT["payer"], nobody, alike, {}]
    payments = lines_file(
        tmp_path / "p.jsonl",
        *({**PAYMENT, "id": f"p{number}", "payer": payer} for number, payer in enumerate(payers)),
        {**PAYMENT, "id": "out", "direction": "out"},
        "{",
    )
    invoices = lines_file(tmp_path / "i.jsonl", INVOICE)
    result = run("match", "--payments", payments, "--invoices", invoices, "--recognition")
    assert len(decisions(result.stdout)) == 6
    told = [line.strip() for line in result.stderr.splitlines()]
    assert told[1:] == [
        "Поступлений 5, плательщик узнан: 40,0 %",
        "2  по ИНН",
        "1  похоже только название: впишите клиенту ИНН; например: Лютик ООО",
        "1  в платеже нет ни ИНН, ни счёта",
        "1  такого клиента нет ни в одном счёте: нет ИНН у клиента или деньги не от клиента; например: ООО Чужой",
        "none 1, suggest 5; не прочитано строк: 1",
    ]


def test_recognition_of_nothing_says_so_and_bundles_have_none(tmp_path: Path) -> None:
    payments = lines_file(tmp_path / "p.jsonl")
    invoices = lines_file(tmp_path / "i.jsonl", INVOICE)
    result = run("match", "--payments", payments, "--invoices", invoices, "--recognition")
    assert "Поступлений нет." in result.stderr
    assert run("match", "--bundles", payments, "--recognition").exit_code == 2


def test_lines_that_cannot_be_written_or_counted_are_named_and_the_rest_is_decided(tmp_path: Path) -> None:
    """Fixture: each of them stopped the whole run."""
    half = json.dumps({**PAYMENT, "id": "p2", "purpose": "\ud800"})
    deep = f'{{"id": {"[" * 100_000}'
    huge = json.dumps({**PAYMENT, "id": "p3"}).replace('"1500.00"', "1e999999999999999999999")
    day = json.dumps({**PAYMENT, "id": "p4", "booked_on": "2026-03-0155"})
    payments = lines_file(tmp_path / "p.jsonl", half, deep, huge, day, PAYMENT)
    result = run("match", "--payments", payments, "--invoices", lines_file(tmp_path / "i.jsonl", INVOICE))
    assert [json.loads(line)["payment"] for line in result.stdout.splitlines()] == ["p1"]
    for told in (
        "строка 1, поле «purpose»: в строке половина символа Юникода",
        "строка 2: скобки вложены слишком глубоко",
        "строка 3, поле «amount»: нужна сумма вида 1200.00, а не «1e999999999999999999999»",
        "строка 4, поле «booked_on»: нужна дата вида 2026-03-01, а не «2026-03-0155»",
    ):
        assert told in result.stderr, result.stderr


def test_learned_shapes_are_shown_with_payments_or_without(tmp_path: Path) -> None:
    numbers = ("45", "ТД00-000045")
    every: list[dict[str, object]] = [
        *({**INVOICE, "organisation_tax_id": "7701000017", "number": number} for number in numbers),
        *({**INVOICE, "number": f"{number}/26"} for number in (7, 12, 120)),
        {**INVOICE, "number": None},
    ]
    numbered = [{**item, "id": f"i{index}"} for index, item in enumerate(every)]
    invoices = lines_file(tmp_path / "i.jsonl", *numbered)
    shown = [
        "Номера счетов, наше юрлицо не указано:",
        "  вид   цифр  годы  пример  счетов",
        "  #/ГГ  1–3   2026  120/26       3",
        "Номера счетов, наше юрлицо 7701000017:",
        "  вид     цифр         годы  пример       счетов",
        "  #       2            2026  45                1",
        "  ТД00-#  6, с нулями  2026  ТД00-000045       1",
    ]
    alone = run("match", "--invoices", invoices, "--shapes")
    assert (alone.exit_code, alone.stdout.splitlines(), alone.stderr) == (0, shown, "")
    payments = lines_file(tmp_path / "p.jsonl", PAYMENT)
    beside = run("match", "--payments", payments, "--invoices", invoices, "--shapes")
    assert beside.exit_code == 0
    assert len(decisions(beside.stdout)) == 1
    assert beside.stderr.splitlines()[: len(shown)] == shown
    english = run("--lang", "en", "match", "--invoices", invoices, "--shapes")
    assert english.stdout.splitlines()[:3] == [
        "Invoice numbers, our entity not given:",
        "  series  digits  years  example  invoices",
        "  #/YY    1–3     2026   120/26          3",
    ]


def test_shapes_of_no_numbers_say_so_and_long_tables_are_cut(tmp_path: Path) -> None:
    none = lines_file(tmp_path / "none.jsonl", INVOICE | {"number": None})
    assert run("match", "--invoices", none, "--shapes").stdout == "Номеров в счетах нет.\n"
    letters = "абвгдежзиклмнпрстуфхцчшщэю"
    by_hand = lines_file(
        tmp_path / "i.jsonl",
        *(INVOICE | {"id": str(at), "number": f"{letter}-7"} for at, letter in enumerate(letters)),
    )
    told = run("match", "--invoices", by_hand, "--shapes").stdout.splitlines()
    assert told[-1] == f"  и ещё рядов: {len(letters) - 20}, в них счетов: {len(letters) - 20}"
    assert run("match", "--bundles", by_hand, "--shapes").exit_code == 2
    assert run("match", "--shapes").exit_code == 2


def test_numbers_without_a_noun_are_told_where_invoices_are_given(tmp_path: Path) -> None:
    invoices = lines_file(tmp_path / "i.jsonl", INVOICE | {"number": "ТД00-000045"})
    typed = "Оплата 46\nОплата № ЦБ-17 от 01.02.2026\nсчет 45\n".encode()
    told = decisions(run("purpose", "--invoices", invoices, typed=typed).stdout)
    assert [line["numbers_without_noun"] for line in told] == [
        [{"number": "46", "fits": True}],
        [{"number": "ЦБ-17", "fits": False}],
        [],
    ]
    assert "numbers_without_noun" not in decisions(run("purpose", typed=typed).stdout)[0]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("Номер;Сумма\n45;1500\n".encode("cp1251"), "таблица CSV"),
        ("\ufeffНомер,Сумма\n".encode(), "таблица CSV"),
        (b"\xd0\xcf\x11\xe0" + bytes(9), "таблица Excel"),
        (b"<?xml version='1.0'?><Message/>", "XML"),
        (b'[{"id": "1"}]', "список JSON целиком"),
        (b"hello", "не JSON"),
    ],
)
def test_a_list_that_is_no_json_lines_names_the_command_that_takes_it(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = tmp_path / "счета.csv"
    path.write_bytes(content)
    payments = lines_file(tmp_path / "p.jsonl", PAYMENT)
    for call in (
        ("match", "--payments", payments, "--invoices", path),
        ("match", "--invoices", path, "--shapes"),
        ("match", "--bundles", path),
        ("purpose", "--invoices", path),
    ):
        result = run(*call, typed="Оплата 45\n")
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"{path}: это {kind}, а нужны строки JSON" in result.stderr
        assert "sverka import --invoices" in result.stderr


def test_a_workbook_is_called_a_table(tmp_path: Path) -> None:
    path = tmp_path / "счета.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
    result = run("purpose", "--invoices", path, typed="")
    assert "это таблица Excel" in result.stderr


def test_purposes_do_not_go_on_without_a_single_invoice(tmp_path: Path) -> None:
    invoices = lines_file(tmp_path / "i.jsonl", "{", '{"id": 1}')
    result = run("purpose", "--invoices", invoices, typed="Оплата 45\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "строка 1" in result.stderr
    assert f"В файле {invoices} не прочитан ни один счёт" in result.stderr


def test_purposes_in_another_encoding_are_told(tmp_path: Path) -> None:
    result = run("purpose", typed="счёт 45\nсчёт 46\n".encode("cp1251"))
    assert len(decisions(result.stdout)) == 2
    assert "Строк не в UTF-8: 2, первая — 1" in result.stderr
    assert "iconv -f CP1251 -t UTF-8" in result.stderr


def test_a_pipe_and_a_file_with_one_strange_line_are_read(tmp_path: Path) -> None:
    payments = lines_file(tmp_path / "p.jsonl", PAYMENT)
    invoices = lines_file(tmp_path / "i.jsonl", "strange", INVOICE)
    result = run("match", "--payments", payments, "--invoices", invoices)
    assert "строка 1" in result.stderr
    assert len(decisions(result.stdout)) == 1
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(json.dumps(INVOICE) + "\n", "utf-8"), daemon=True)
    writer.start()
    result = run("match", "--payments", payments, "--invoices", pipe)
    assert decisions(result.stdout)[0]["decision"] != "none"

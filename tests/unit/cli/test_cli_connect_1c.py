"""Connecting a 1C base, and lists of invoices, against the local base over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox
from hub.cli.app import cli
from hub.cli.connect_1c import PASSWORD_VARIABLE
from hub.composition.hub import open_hub
from hub.config import OneCConnection, load_config
from hub.domain.models import InvoiceStatus
from hub.services.bank_source import BankSource
from hub.services.match_payments import match_payments
from hub.services.poll_bank import poll_bank
from hub.services.poll_source import poll_source
from tests.contract.accounting_1c_connector.base import PAID, PARTLY, opened
from tests.support.messages import INVOICE_REF, deletion, message, order

BUH = """
  buh:
    system: accounting_1c
    address: {address}
    configuration: bp30
    login: {login}
    read_from: 2026-01-01
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def base(shared: RunningSandbox) -> RunningSandbox:
    """The base as its seed has it."""
    shared.control.reset()
    return shared


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """A fresh folder, as `sverka init` makes it."""
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    return tmp_path / "sverka.yaml"


def run(path: Path, *arguments: str, typed: str | None = None, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(path), *arguments], input=typed, env=env)


def connect(path: Path, base: RunningSandbox, *more: str, password: str | None = None) -> Result:
    arguments = ("--address", base.base_url, "--configuration", "bp30", "--login", base.user)
    return run(path, "connect", "1c", *arguments, "--password-stdin", *more, typed=f"{password or base.password}\n")


def connected(path: Path, base: RunningSandbox) -> Path:
    """Settings with a connection that reads documents of the seed, whatever the day of the test."""
    block = BUH.format(address=base.base_url, login=base.user)
    path.write_text(path.read_text("utf-8").replace("connections: {}", f"connections:{block}"), "utf-8")
    return path


def test_connecting_tries_saves_and_reads(config_path: Path, base: RunningSandbox) -> None:
    connected(config_path, base)
    result = run(config_path, "connect", "1c", "--name", "buh", "--password-stdin", typed=f"{base.password}\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Доступ есть: Бухгалтерия предприятия 3.0" in result.output
    assert base.password not in result.output + config_path.read_text("utf-8")
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        found = uow.invoices.search("АБ00-000118", 5)
        assert [item.number for item in found] == ["АБ00-000118"]
        assert found[0].client is not None
        assert found[0].client.main_tax_id == "7700000030"


def test_a_new_connection_is_written_into_the_settings(config_path: Path, base: RunningSandbox) -> None:
    result = connect(config_path, base, "--skip-read")
    assert (result.exit_code, result.stderr) == (0, "")
    connection = load_config(config_path).connections["buh"]
    assert isinstance(connection, OneCConnection)
    assert (connection.login, connection.password, connection.mark_paid) == (base.user, None, False)
    assert run(config_path, "check").exit_code == 0
    again = connect(config_path, base, "--skip-read")
    assert again.exit_code == 0, "the password may be given anew"


def test_a_wrong_password_saves_nothing(config_path: Path, base: RunningSandbox) -> None:
    result = connect(config_path, base, password="не то")
    assert result.exit_code != 0
    assert "не принимает логин или пароль" in result.stderr
    assert "buh" not in load_config(config_path).connections


def test_what_is_missing_is_named_and_nothing_is_saved(config_path: Path) -> None:
    with running_sandbox({"version": 1, "settings": {"composition": ["Catalog_Организации"]}}) as base:
        result = connect(config_path, base)
    assert result.exit_code != 0
    assert "«Счет на оплату покупателю» (Document_СчетНаОплатуПокупателю) — отметьте в 1С" in result.stderr
    assert "Ничего не сохранено" in result.stderr
    assert load_config(config_path).connections == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--address", "http://1c.example/acc"), "http:// разрешён только"),
        (("--login", "Иванов:И"), "без двоеточия"),
        (("--address", "https://1c.example/acc?x=1"), "без «?»"),
    ],
)
def test_what_cannot_be_used_is_refused_before_the_password(
    config_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    whole = ("--address", "https://1c.example/acc", "--configuration", "bp30", "--login", "Сверка", *arguments)
    result = run(config_path, "connect", "1c", *whole, env={PASSWORD_VARIABLE: "слово"})
    assert result.exit_code != 0
    assert words in result.stderr


def test_an_empty_password_is_refused(config_path: Path) -> None:
    whole = ("--address", "https://1c.example/acc", "--configuration", "bp30", "--login", "Сверка", "--password-stdin")
    result = run(config_path, "connect", "1c", *whole, typed="\n")
    assert "Пароль пуст" in result.stderr


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("pipelines: ['1']", "в 1С нет сделок"),
        ("mark_paid: true\n    configuration: ut11", "mark_paid есть только у bp30"),
        ("exchange_plan: {name: Сверка, node: x}", "GUID"),
        ("exchange_plan: {name: 'С верка', node: 1b7e0c52-0d4a-11f1-9a01-0050560000a1}", "конфигураторе"),
        ("map: nowhere.yaml", "nowhere.yaml"),
        ("address: http://1c.example", "http:// разрешён"),
    ],
)
def test_faults_of_the_settings_are_named(config_path: Path, base: RunningSandbox, field: str, words: str) -> None:
    block = BUH.format(address=base.base_url, login=base.user)
    if "configuration" in field:
        block = block.replace("    configuration: bp30\n", "")
    if "address" in field:
        block = block.replace(f"    address: {base.base_url}\n", "")
    text = config_path.read_text("utf-8").replace("connections: {}", f"connections:{block}    {field}")
    config_path.write_text(text, "utf-8")
    result = run(config_path, "check", "--offline")
    assert result.exit_code != 0
    assert words in result.output + result.stderr


# Payments of 1C as a bank


def test_payments_of_1c_find_their_invoices_when_1c_is_all_there_is(config_path: Path, base: RunningSandbox) -> None:
    connected(config_path, base)
    with open_hub(load_config(config_path), connect=False) as hub, opened(base) as world:
        money = BankSource("money", "1С", read_from=date(2026, 3, 1))
        ports = replace(hub.rt, crms={"buh": world.port}, banks={"money": world.money})
        rt = replace(ports, clock=world.clock, bank_sources={"money": money})
        assert poll_source(rt, "buh").complete
        assert poll_bank(rt, "money").complete
        match_payments(rt)
        with rt.store.read() as uow:
            found = {row.payment.document_number: row for row in map(uow.payments.get, ("p1", "p2", "p3")) if row}
            paid = {
                number: [match.invoice_id.removeprefix("buh/") for match in uow.matches.of_payment(row.payment.id)]
                for number, row in found.items()
            }
    assert paid["512"] == [PAID], "«счету 117» is «АБ00-000117»"
    assert paid["77"] == [PARTLY]
    assert paid["9"] == [], "an advance that names no invoice is for a person"


def test_a_bank_of_1c_needs_its_connection(config_path: Path) -> None:
    text = config_path.read_text("utf-8").replace("banks: {}", "banks:\n  money:\n    bank: 1c\n    connection: buh")
    config_path.write_text(text, "utf-8")
    result = run(config_path, "check", "--offline")
    assert "подключения к 1С «buh» в connections нет" in result.output + result.stderr


# Lists of invoices

LIST = "Дата;Номер;Сумма;Контрагент;ИНН;Оплата\n" + "".join(
    f"0{number % 9 + 1}.03.2026;{number};{number}00,00;ООО Ель;7707083893;Не оплачен\n" for number in range(1, 13)
)


@pytest.fixture
def invoice_list(tmp_path: Path) -> Path:
    path = tmp_path / "счета.csv"
    path.write_text(LIST, "cp1251")
    return path


def test_a_list_shows_its_first_ten_rows_and_asks(config_path: Path, invoice_list: Path) -> None:
    result = run(config_path, "import", "--invoices", str(invoice_list), typed="n\n")
    assert "номер ← «Номер»" in result.output
    assert result.output.count("№ ") == 10
    assert "… и ещё 2" in result.output
    assert "Ничего не загружено" in result.output
    assert result.exit_code == 1


def test_a_list_is_imported_once_and_changes_what_changed(config_path: Path, invoice_list: Path) -> None:
    first = run(config_path, "import", "--invoices", str(invoice_list), "--yes")
    assert (first.exit_code, first.stderr) == (0, "")
    assert "новых 12, изменённых 0, прежних 0" in first.output
    other = LIST.replace(";100,00;ООО Ель;7707083893;Не оплачен", ";150,00;ООО Ель;7707083893;Оплачен", 1)
    invoice_list.write_text(other, "cp1251")
    again = run(config_path, "import", "--invoices", str(invoice_list), "--yes")
    assert "новых 0, изменённых 1, прежних 11" in again.output
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        row = uow.invoices.get("invoice-files/-:2026:1")
        assert row is not None
        assert (str(row.invoice.amount.amount), row.invoice.status) == ("150.00", InvoiceStatus.PAID)
        assert row.invoice.client is not None
        assert row.invoice.client.main_tax_id == "7707083893"


def test_a_message_of_exchange_is_imported_once_and_a_newer_one_changes_what_changed(
    config_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "Message_БП.xml"
    other = "1b7e0c52-0d4a-11f1-9a01-0050560000a2"
    path.write_text(message(order(), order(reference=other, number="118", amount="?")), "utf-8")
    shown = run(config_path, "import", "--invoices", str(path), typed="n\n")
    assert "номер ← «КлючевыеСвойства.Номер»" in shown.output
    assert "№ АБ00-000117 от 02.03.2026" in shown.output
    assert "строка 6: Документ.ЗаказКлиента № 118: сумма «?»" in shown.output

    path.write_text(message(order(), order(reference=other, number="118")), "utf-8")
    first = run(config_path, "import", "--invoices", str(path), "--yes")
    assert (first.exit_code, first.stderr) == (0, "")
    assert "новых 2, изменённых 0, прежних 0" in first.output
    again = run(config_path, "import", "--invoices", str(path), "--yes")
    assert "новых 0, изменённых 0, прежних 2" in again.output

    path.write_text(message(order(number="АБ00-000117/1", amount="50000.5"), deletion(other)), "utf-8")
    newer = run(config_path, "import", "--invoices", str(path), "--yes")
    assert "удалено в 1С объектов: 1" in newer.output
    assert "новых 0, изменённых 1, прежних 0" in newer.output
    assert "удалено в 1С и снято: 1" in newer.output
    repeated = run(config_path, "import", "--invoices", str(path), "--yes")
    assert "удалено в 1С и снято" not in repeated.output
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        kept, gone = uow.invoices.get(f"invoice-files/{INVOICE_REF}"), uow.invoices.get(f"invoice-files/{other}")
        assert kept is not None
        assert gone is not None
        assert (kept.invoice.number, str(kept.invoice.amount.amount)) == ("АБ00-000117/1", "50000.50")
        assert gone.removed

    path.write_text(message(order(reference=other, number="118")), "utf-8")
    run(config_path, "import", "--invoices", str(path), "--yes")
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        back = uow.invoices.get(f"invoice-files/{other}")
        assert back is not None
        assert not back.removed, "the base took its mark of deletion back"


def test_a_message_of_deletions_alone_is_taken_in(config_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    path.write_text(message(order()), "utf-8")
    run(config_path, "import", "--invoices", str(path), "--yes")
    path.write_text(message(deletion(INVOICE_REF)), "utf-8")
    result = run(config_path, "import", "--lang", "en", "--invoices", str(path), "--yes")
    assert "deleted in 1C and taken off: 1" in result.output
    path.write_text(message(), "utf-8")
    empty = run(config_path, "import", "--invoices", str(path), "--yes")
    assert "счетов в файле нет" in empty.output
    assert empty.exit_code == 1


def test_what_a_list_would_change_is_shown_before_it_is_asked(config_path: Path, invoice_list: Path) -> None:
    run(config_path, "import", "--invoices", str(invoice_list), "--yes")
    again = run(config_path, "import", "--invoices", str(invoice_list), typed="n\n")
    assert "изменится" not in again.output

    invoice_list.write_text(LIST.replace(";100,00;ООО Ель;", ";150,00;ООО Ель;", 1), "cp1251")
    dearer = run(config_path, "import", "--invoices", str(invoice_list), typed="n\n")
    (line,) = [line for line in dearer.output.splitlines() if "изменится" in line]
    assert "№ 1 от 02.03.2026, 100,00" in line.replace("\u00a0", " ")
    assert "→ № 1 от 02.03.2026, 150,00" in line.replace("\u00a0", " ")
    assert "ВНИМАНИЕ" not in dearer.output

    other = LIST.replace("2.03.2026;1;100,00;ООО Ель;7707083893", "2.03.2026;1;700,00;ООО Сосна;7701234567", 1)
    invoice_list.write_text(other, "cp1251")
    another = run(config_path, "import", "--invoices", str(invoice_list), typed="n\n")
    assert "ВНИМАНИЕ: другая сумма и другой покупатель у счетов из прежних списков: 1." in another.output
    assert another.output.index("ВНИМАНИЕ") < another.output.index("Загрузить")

    invoice_list.write_text(LIST.replace("00,00;", "00,01;").replace("ООО Ель;7707083893", "Ель;"), "cp1251")
    many = run(config_path, "import", "--lang", "en", "--invoices", str(invoice_list), typed="n\n")
    assert many.output.count("will change: ") == 12
    assert "ATTENTION: another sum and another client of invoices of earlier lists: 12." in many.output


def test_no_more_than_twenty_changes_are_shown(config_path: Path, invoice_list: Path) -> None:
    for amount in (5, 6):
        rows = "".join(f"{number};{amount}\n" for number in range(25))
        invoice_list.write_text(f"Номер;Сумма\n{rows}", "cp1251")
        result = run(config_path, "import", "--invoices", str(invoice_list), "--yes")
    assert result.output.count("изменится: №") == 20
    assert "… и ещё изменится: 5" in result.output


@pytest.mark.parametrize(
    ("before", "after", "is_another"),
    [
        ("Ель;", "ЕЛЬ;7707083893", False),
        ("Ель;7707083893", "Новая Ель;7707083893", False),
        ("Ель;7707083893", "Ель;7701234567", True),
        ("Ель;", "Сосна;", True),
        (";", "Сосна;7701234567", False),
        ("Ель;7707083893", ";", False),
        (";7707083893", "Ель;", False),
    ],
)
def test_a_client_is_another_by_its_inn_and_else_by_its_name(
    config_path: Path, invoice_list: Path, before: str, after: str, is_another: bool
) -> None:
    for amount, client in (("5", before), ("6", after)):
        invoice_list.write_text(f"Номер;Сумма;Покупатель;ИНН\n1;{amount};{client}\n", "cp1251")
        result = run(config_path, "import", "--invoices", str(invoice_list), "--yes")
    assert ("ВНИМАНИЕ" in result.output) is is_another
    assert "изменится: № 1, 5,00" in result.output.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "words"),
    [("ru", "внимание, строки 3, 4, 5, 6, 7 и ещё 5: состояние «Закрыт»"), ("en", "rows 3, 4, 5, 6, 7 and 5 more")],
)
def test_a_state_that_nobody_knows_is_told_once_with_its_rows(
    config_path: Path, invoice_list: Path, language: str, words: str
) -> None:
    rows = "".join(f"{number};100;Закрыт\n" for number in range(2, 12))
    other = "".join(f"{number};100;Слово {number}\n" for number in range(12, 34))
    invoice_list.write_text(f"Номер;Сумма;Оплата\n1;100;Оплачен\n{rows}{other}", "cp1251")
    result = run(config_path, "import", "--lang", language, "--invoices", str(invoice_list), typed="n\n")
    assert words in result.output
    assert ("строка 13:" if language == "ru" else "row 13:") in result.output
    assert ("и ещё предупреждений: 3" if language == "ru" else "and 3 more warnings") in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--column", "number"), "нужно ЧТО=ЗАГОЛОВОК"),
        (("--column", "number=Нет такого"), "не видно столбца: номер"),
        (("--column", "nomer=Номер"), "хаб не знает"),
    ],
)
def test_a_column_that_is_not_there_is_told(
    config_path: Path, invoice_list: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = run(config_path, "import", "--invoices", str(invoice_list), "--yes", *arguments)
    assert result.exit_code != 0
    assert words in result.output + result.stderr


def test_nothing_to_import_is_a_question_of_use(config_path: Path) -> None:
    result = run(config_path, "import")
    assert result.exit_code == 2
    assert "--invoices" in result.stderr


def test_the_doctor_asks_no_rules_of_accounting(config_path: Path, base: RunningSandbox) -> None:
    connect(config_path, base, "--skip-read")
    result = run(config_path, "doctor")
    assert "правил" not in result.output
    assert "внимание" not in result.output
    assert result.exit_code == 0

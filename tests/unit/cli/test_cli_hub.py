"""Commands over a real database: switches, people, statements, status, doctor."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.config import Config, create_key_file, load_config
from hub.ports.records import AUTO
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.web.security.passwords import check_password

SETTINGS = """\
company:
  name: Ромашка
  tax_ids: ["7707083893"]
  accounts: ["40702810900000012345"]
connections:
  main:
    system: bitrix24
    webhook_url: http://127.0.0.1:9/rest/1/abcdef123456/
  fixed:
    system: bitrix24
    webhook_url: http://127.0.0.1:9/rest/1/abcdef123456/
    mode: observe
"""
STATEMENT = """\
1CClientBankExchange
ВерсияФормата=1.03
Кодировка=UTF-8
ДатаНачала=01.03.2026
ДатаКонца=31.03.2026
РасчСчет=40702810900000012345
СекцияРасчСчет
ДатаНачала=01.03.2026
ДатаКонца=31.03.2026
РасчСчет=40702810900000012345
НачальныйОстаток=0.00
ВсегоПоступило=1500.00
ВсегоСписано=0.00
КонечныйОстаток=1500.00
КонецРасчСчет
СекцияДокумент=Платежное поручение
Номер=17
Дата=02.03.2026
Сумма=1500.00
ДатаПоступило=02.03.2026
ПлательщикСчет=40702810500000054321
Плательщик=ООО Лютик
ПлательщикИНН=7736050003
ПолучательСчет=40702810900000012345
Получатель=ООО Ромашка
ПолучательИНН=7707083893
НазначениеПлатежа=Оплата по счету 45 от 01.03.2026
КонецДокумента
{more}КонецФайла
"""
BROKEN = """\
СекцияДокумент=Платежное поручение
Номер=18
Дата=02.03.2026
Сумма=много
ДатаПоступило=02.03.2026
ПлательщикСчет=40702810500000054321
ПолучательСчет=40702810900000012345
КонецДокумента
"""


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """Settings with a key; no CRM answers at its address."""
    path = tmp_path / "sverka.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    create_key_file(tmp_path / "data" / "secret.key")
    return path


def run(config_path: Path, *arguments: str | Path, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_path), *map(str, arguments)], input=typed)


def config(path: Path) -> Config:
    return load_config(path)


def test_acting_is_switched_on_with_a_date_and_off(config_path: Path) -> None:
    result = run(config_path, "act", "main", "--from", "2026-03-01")
    assert (result.exit_code, result.stderr) == (0, "")
    with open_hub(config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        row = next(row for row in uow.connections.all() if row.id == "main")
    assert (row.acting, row.act_from) == (True, date(2026, 3, 1))
    assert "main: действует с 01.03.2026" in run(config_path, "status").output
    assert run(config_path, "observe", "main").exit_code == 0
    assert "main: наблюдает" in run(config_path, "status").output


def test_a_mode_set_in_the_file_is_not_switched_by_a_command(config_path: Path) -> None:
    for arguments in (["act", "fixed", "--from", "2026-03-01"], ["observe", "fixed"]):
        result = run(config_path, *arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"{config_path}:12: connections.fixed.mode: режим задан здесь (observe)")


def test_an_unknown_connection_is_named_with_those_there_are(config_path: Path) -> None:
    result = run(config_path, "observe", "opt")
    assert result.exit_code == 1
    assert "Подключения «opt»" in result.stderr
    assert "Есть: main, fixed." in result.stderr


def test_pause_and_resume_are_seen_in_the_status(config_path: Path) -> None:
    assert run(config_path, "pause").exit_code == 0
    assert run(config_path, "status").output.startswith("ОСТАНОВЛЕНО (cli")
    assert run(config_path, "resume").exit_code == 0
    assert "ОСТАНОВЛЕНО" not in run(config_path, "status").output
    assert run(config_path, "resume", "--connection", "main").exit_code == 0
    assert run(config_path, "resume", "--connection", "opt").exit_code == 1


def test_status_speaks_english_when_asked(config_path: Path) -> None:
    result = run(config_path, "status", "--lang", "en")
    assert "Payments: matched 0" in result.output
    assert "main: observes; not checked yet" in result.output


def test_status_counts_the_questions_about_one_sale(config_path: Path) -> None:
    assert "Один ли это счёт" not in run(config_path, "status").output
    with open_hub(config(config_path), connect=False) as hub, hub.rt.store.write() as uow:
        for right in ("main/1", "main/2"):
            link = SaleLink(LinkKind.INVOICE, "buh/1", right, LinkState.ASKED, AUTO, ("sum_other",), hub.clock.now())
            uow.sales.keep(link)
    assert "Вопросов «Один ли это счёт?»: 2." in run(config_path, "status").output
    assert "“Is it one invoice?”: 2." in run(config_path, "status", "--lang", "en").output
    assert json.loads(run(config_path, "status", "--json").output)["asked_sales"] == 2


def test_a_person_is_added_once_and_signs_in_with_the_new_password(config_path: Path) -> None:
    added = run(config_path, "user", "add", "Olga", "--password-stdin", typed="first-password\n")
    assert (added.exit_code, added.stderr) == (0, "")
    again = run(config_path, "user", "add", "olga", "--password-stdin", typed="first-password\n")
    assert again.exit_code == 1
    assert "sverka user passwd olga" in again.stderr
    assert run(config_path, "user", "passwd", "olga", "--password-stdin", typed="second-password\n").exit_code == 0
    with open_hub(config(config_path), connect=False) as hub:
        account = hub.users.find("olga")
    assert account is not None
    assert account.name == "Olga"
    assert check_password(account.password_hash, "second-password")
    assert not check_password(account.password_hash, "first-password")


def test_a_password_is_asked_for_twice_and_never_shown(config_path: Path) -> None:
    result = run(config_path, "user", "add", "ivan", typed="long-password\nlong-password\n")
    assert result.exit_code == 0
    assert "long-password" not in result.output


def test_a_short_password_and_an_unknown_person_are_refused(config_path: Path) -> None:
    assert run(config_path, "user", "add", "x", "--password-stdin", typed="short\n").exit_code == 1
    result = run(config_path, "user", "passwd", "nobody", "--password-stdin", typed="long-password\n")
    assert (result.exit_code, "не заведён" in result.stderr) == (1, True)


def test_a_statement_is_taken_in_once_and_summed_up_per_account(config_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "март.txt"
    file.write_text(STATEMENT.format(more=""), encoding="utf-8")
    first = run(config_path, "import", file)
    assert (first.exit_code, first.stderr) == (0, "")
    assert f"[1/1] {file}" in first.output
    assert "40702810900000012345: поступлений 1 на 1 500,00" in first.output.replace("\xa0", " ")
    assert "новых 1, известных 0, с ошибкой 0" in first.output
    again = run(config_path, "import", file)
    assert "такой файл уже загружен" in again.output
    assert again.exit_code == 0


def test_a_broken_document_is_named_by_its_line_and_the_rest_goes_on(config_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "март.txt"
    file.write_text(STATEMENT.format(more=BROKEN), encoding="utf-8")
    result = run(config_path, "import", file)
    assert result.exit_code == 1
    assert "новых 1, известных 0, с ошибкой 1" in result.output
    line = STATEMENT.format(more=BROKEN).splitlines().index("Сумма=много") + 1
    assert f"март.txt:{line}: Сумма: " in result.output


def test_a_file_that_is_no_statement_says_so(config_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "письмо.txt"
    file.write_text("Здравствуйте!\n", encoding="utf-8")
    result = run(config_path, "import", file)
    assert result.exit_code == 1
    assert "Внутренняя ошибка" not in result.output + result.stderr


def test_a_file_over_the_limit_is_refused(config_path: Path, tmp_path: Path) -> None:
    config_path.write_text(SETTINGS + "limits: {statement_mb: 1}\n", encoding="utf-8")
    file = tmp_path / "big.txt"
    file.write_bytes(b"1CClientBankExchange\n" + b"x" * (1 << 20))
    result = run(config_path, "import", file)
    assert (result.exit_code, "больше 1 МБ" in result.stderr) == (1, True)


def test_the_doctor_finds_everything_in_order_but_the_silent_crm(config_path: Path) -> None:
    config_path.write_text(SETTINGS.split("connections:")[0], encoding="utf-8")
    result = run(config_path, "doctor")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[1] for line in result.output.splitlines()] == [
        "настройки:",
        "ключ:",
        "таблица",
        "диск:",
        "база:",
        "журнал:",
        "тишина:",
        "очереди:",
        "сроки",
    ]


def test_the_doctor_sees_a_key_that_others_may_read(config_path: Path, tmp_path: Path) -> None:
    config_path.write_text(SETTINGS.split("connections:")[0], encoding="utf-8")
    (tmp_path / "data" / "secret.key").chmod(0o644)
    result = run(config_path, "doctor")
    assert result.exit_code == 1
    assert "внимание  ключ: его могут прочитать другие" in result.output


def test_the_doctor_stops_at_a_missing_key_with_advice(config_path: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "secret.key").unlink()
    result = run(config_path, "doctor")
    assert result.exit_code == 1
    assert "sverka init" in result.output
    assert "база" not in result.output

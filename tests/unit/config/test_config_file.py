"""`sverka.yaml`: what it means, what the environment overrides, and that every fault is named with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from hub.composition.upkeep import upkeep
from hub.config import (
    Bitrix24Connection,
    Config,
    ConfigError,
    InvoiceSource,
    Language,
    Mode,
    Plan,
    create_key_file,
    inspect_config,
    load_config,
    parse_config,
    rules_of,
    table_of,
)
from hub.domain.matching import SHIPPED
from hub.domain.matching.table import checked_table
from mappings import MappingError, Severity, errors_of
from tests.unit.matching.own_tables import LEAST

HOOK = "https://company.bitrix24.ru/rest/1/abcdef123456/"
COMPANY = "company:\n  name: Ромашка\n"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SVERKA_DATABASE", "SVERKA_SECRET_KEY", "SVERKA_SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


def parse(text: str, folder: Path = Path("/srv/sverka")) -> Config:
    return parse_config(text, folder / "sverka.yaml")


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, Path("sverka.yaml"))
    return [str(fault) for fault in caught.value.faults]


def connection(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{COMPANY}connections:\n  main:\n    system: bitrix24\n{lines}"


def test_the_least_file_names_the_company_and_takes_sensible_defaults() -> None:
    config = parse(COMPANY)
    assert config.database_url == "sqlite:////srv/sverka/data/sverka.sqlite3"
    assert config.sqlite_file == Path("/srv/sverka/data/sverka.sqlite3")
    assert config.secret_key_file == Path("/srv/sverka/data/secret.key")
    assert config.log_file == Path("/srv/sverka/data/sverka.log")
    assert (config.desk.host, config.desk.port, config.language) == ("127.0.0.1", 8350, Language.RU)
    assert (config.connections, config.timing_scale) == ({}, 1.0)


def portal(config: Config) -> Bitrix24Connection:
    """The one connection of a text, which is a portal."""
    found = config.connections["main"]
    assert isinstance(found, Bitrix24Connection)
    return found


def test_a_connection_takes_sensible_defaults() -> None:
    found = portal(parse(connection(f"webhook_url: {HOOK}")))
    assert found.webhook_url is not None
    assert found.webhook_url.get_secret_value() == HOOK
    assert (found.poll_every_s, found.moves_per_hour, found.plan) == (60.0, 100, Plan.STANDARD)
    assert (found.mode, found.act_from, found.acting_since) == (None, None, None)
    assert found.invoices.source is InvoiceSource.SMART_INVOICE


def test_the_decision_table_is_the_hubs_unless_a_file_is_named(tmp_path: Path) -> None:
    assert table_of(parse(COMPANY)) is SHIPPED
    config = parse(f"{COMPANY}matching: {{table: tables/own.toml}}\n", tmp_path)
    assert config.matching.table == tmp_path / "tables" / "own.toml"
    with pytest.raises(MappingError, match="файл не читается"):
        table_of(config)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "own.toml").write_text(LEAST, encoding="utf-8")
    assert table_of(config).version == checked_table(LEAST).version
    english = parse(f"{COMPANY}language: en\nmatching: {{table: none.toml}}\n", tmp_path)
    with pytest.raises(MappingError, match="cannot be read"):
        table_of(english)


def test_tax_ids_and_accounts_keep_their_leading_zeros() -> None:
    company = parse(f"{COMPANY}  tax_ids: [0274062111, '770 1234 567']\n  accounts: [40702810900000012345]\n").company
    assert company.tax_ids == ("0274062111", "7701234567")
    assert company.accounts == ("40702810900000012345",)


def test_acting_is_set_by_the_file_with_a_date() -> None:
    found = parse(connection("mode: act\nact_from: 2026-03-01")).connections["main"]
    assert found.mode is Mode.ACT
    assert found.acting_since == date(2026, 3, 1)


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_URL", f" {HOOK} ")
    (tmp_path / "token.txt").write_text("\ufeffabc\n", encoding="utf-8")
    found = parse(connection("webhook_url: env:HOOK_URL\napplication_token: file:token.txt"), tmp_path)
    main = portal(found)
    assert main.webhook_url is not None
    assert main.application_token is not None
    assert (main.webhook_url.get_secret_value(), main.application_token.get_secret_value()) == (HOOK, "abc")


def test_no_secret_shows_in_the_settings_or_their_faults() -> None:
    text = connection(f"webhook_url: {HOOK}\napplication_token: topsecret\nhook_secret: {'s' * 20}")
    shown = repr(parse(text)) + str(parse(text))
    assert "abcdef123456" not in shown
    assert "topsecret" not in shown
    broken = "\n".join(faults(connection("webhook_url: http://portal.ru/rest/1/abcdef123456/\nhook_secret: short!")))
    assert "abcdef123456" not in broken
    assert "short!" not in broken


@pytest.mark.parametrize("host", ["127.0.0.1:8400", "localhost", "[::1]:80", "127.9.9.9"])
def test_plain_http_is_allowed_for_this_computer(host: str) -> None:
    assert portal(parse(connection(f"webhook_url: http://{host}/rest/1/abc/"))).webhook_url is not None


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://company.bitrix24.ru/rest/1/abc/", "нужен https://"),
        ("http://10.0.0.1/rest/1/abc/", "нужен https://"),
        ("http://127.0.0.1.evil.ru/rest/1/abc/", "нужен https://"),
        ("http://localhost@evil.ru/rest/1/abc/", "имени и пароля"),
        ("company.bitrix24.ru/rest/1/abc/", "начиная с https://"),
        ("ftp://company.bitrix24.ru/rest/1/abc/", "начиная с https://"),
        ("https://company.bitrix24.ru/", "входящего вебхука целиком"),
        ("https://company.bitrix24.ru:x/rest/1/abc/", "написан неверно"),
        ("env:NO_SUCH_NAME", "переменная окружения NO_SUCH_NAME не задана"),
        ("'env:'", "нужно имя переменной"),
        ("file:no/such", "такого файла нет"),
        ("''", "пусто"),
    ],
)
def test_an_address_that_cannot_be_used_says_what_to_write(url: str, part: str) -> None:
    (fault,) = faults(connection(f"webhook_url: {url}"))
    assert fault.startswith("sverka.yaml:6: connections.main.webhook_url: ")
    assert part in fault


def test_the_address_may_be_copied_with_its_sample_method() -> None:
    assert parse(connection(f"webhook_url: {HOOK}profile.json")).connections


def test_every_fault_of_a_file_is_reported_at_once_with_its_line() -> None:
    text = """\
databse: x
company:
  tax_ids: 7701234567
  accounts: [123]
desk: {port: 99999}
language: de
connections:
  Main:
    system: bitrix
    mode: act
    plan: free
    poll_every: 3
    poll_every_s: 0
    moves_per_hour: много
    hook_secret: short
    invoices: {source: deal_fields}
    act_from: 01.02.2026
  empty:
timing_scale: nan
"""
    assert faults(text) == [
        "sverka.yaml:1: databse: такого поля нет: может быть, «database»?",
        "sverka.yaml:2: company.name: поля нет, а оно обязательно",
        "sverka.yaml:3: company.tax_ids: нужен список: [значение, значение] или строки, которые начинаются с «- »",
        "sverka.yaml:4: company.accounts[1]: счёт — 20 цифр или IBAN",
        "sverka.yaml:5: desk.port: нужно не больше 65535",
        "sverka.yaml:6: language: можно: 'ru', 'en'",
        "sverka.yaml:8: connections.Main: имя подключения: латинские строчные буквы, цифры, «-» и «_», до 32 знаков, "
        "первая — буква",
        "sverka.yaml:9: connections.Main.system: можно: 'accounting_1c', 'amocrm', 'bitrix24'",
        "sverka.yaml:11: connections.Main.plan: можно: 'standard', 'enterprise', 'off'",
        "sverka.yaml:12: connections.Main.poll_every: такого поля нет: может быть, «poll_every_s»?",
        "sverka.yaml:13: connections.Main.poll_every_s: нужно больше 0",
        "sverka.yaml:14: connections.Main.moves_per_hour: нужно целое число",
        "sverka.yaml:15: connections.Main.hook_secret: нужно не меньше 16 знаков: латинские буквы, цифры, «-» и «_» "
        "(это часть адреса)",
        "sverka.yaml:16: connections.Main.invoices: для source: deal_fields нужно number_field — поле сделки с номером "
        "счёта",
        "sverka.yaml:17: connections.Main.act_from: нужна дата вида 2026-03-01",
        "sverka.yaml:18: connections.empty: нужен блок полей с отступом, каждое вида «имя: значение»",
        "sverka.yaml:19: timing_scale: нужно обычное число",
    ]


@pytest.mark.parametrize(
    ("body", "line", "part"),
    [
        ("mode: act", 4, "нужно act_from"),
        ("invoices: {number_field: UF_CRM_1}", 6, "только для source: deal_fields"),
        ("pipelines: 0", 6, "нужен список"),
        ("act_from: 2026-02-30", 6, "нужна дата"),
        ("act_from: '1700000000'", 6, "нужна дата"),
    ],
)
def test_a_connection_that_contradicts_itself_is_refused(body: str, line: int, part: str) -> None:
    (fault,) = faults(connection(body))
    assert fault.startswith(f"sverka.yaml:{line}: connections.main")
    assert part in fault


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("sqlite:///x.db", "sqlite:////srv/sverka/x.db"),
        ("sqlite:////var/x.db", "sqlite:////var/x.db"),
        ("sqlite:///x.db?mode=rwc", "sqlite:////srv/sverka/x.db?mode=rwc"),
        ("postgresql://a:b@db/x", "postgresql+psycopg://a:b@db/x"),
        ("postgresql+psycopg://a@/x?host=/run", "postgresql+psycopg://a@/x?host=/run"),
    ],
)
def test_a_database_address_is_completed(address: str, url: str) -> None:
    assert parse(f"{COMPANY}database: {address}\n").database_url == url


@pytest.mark.parametrize("address", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "data.sqlite3", "postgresql://"])
def test_another_database_is_refused(address: str) -> None:
    (fault,) = faults(f"{COMPANY}database: '{address}'\n")
    assert "sqlite:///путь/к/файлу" in fault


def test_the_environment_overrides_database_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVERKA_DATABASE", "postgresql://u:p@db/x")
    monkeypatch.setenv("SVERKA_SECRET_KEY_FILE", "/run/key")
    monkeypatch.setenv("SVERKA_SECRET_KEY", "k" * 43 + "=")
    config = parse(f"{COMPANY}database: sqlite:///x.db\n")
    assert config.database_url == "postgresql+psycopg://u:p@db/x"
    assert config.secret_key_file == Path("/run/key")
    assert config.environment_key is not None


def test_a_fault_of_the_environment_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVERKA_DATABASE", "mysql://user:hidden@db/x")
    (fault,) = faults(COMPANY)
    assert fault.startswith("SVERKA_DATABASE: нужно sqlite")
    assert "hidden" not in fault


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="файла нет"):
        load_config(tmp_path / "sverka.yaml")


def test_rules_lie_beside_the_settings_unless_named(tmp_path: Path) -> None:
    config = parse(connection(""), tmp_path)
    assert config.rules_path("main") == tmp_path / "mappings" / "main.yaml"
    assert rules_of(config, "main").rules.pipelines == {}
    named = parse(connection("rules: other.yaml"), tmp_path)
    assert named.rules_path("main") == tmp_path / "other.yaml"
    with pytest.raises(MappingError, match="файла нет"):
        rules_of(named, "main")


def test_the_shipped_template_loads_and_only_asks_for_the_company(tmp_path: Path) -> None:
    path = tmp_path / "sverka.yaml"
    path.write_text(files("hub.config").joinpath("template.yaml").read_text("utf-8"), encoding="utf-8")
    create_key_file(tmp_path / "data" / "secret.key")
    config, found = inspect_config(path)
    assert config is not None
    assert errors_of(found) == []
    assert [fault.field for fault in found] == ["company.tax_ids", "company.accounts"]


def test_the_sample_connection_loads_once_uncommented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITRIX24_WEBHOOK", HOOK)
    monkeypatch.setenv("BITRIX24_TOKEN", "token")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hook.secret").write_text("s" * 32)
    template = files("hub.config").joinpath("template.yaml").read_text("utf-8")
    head, _, tail = template.partition("connections: {}\n")
    sample, _, rest = tail.partition("\n\n")
    block = "\n".join(line.removeprefix("#") for line in sample.splitlines())
    config = parse(f"{head}connections:\n{block}\n\n{rest}", tmp_path)
    assert config.connections["main"].rules == tmp_path / "mappings" / "main.yaml"


def advice(text: str, folder: Path) -> list[str]:
    path = folder / "sverka.yaml"
    path.write_text(text, encoding="utf-8")
    create_key_file(folder / "data" / "secret.key")
    _, found = inspect_config(path)
    assert {fault.severity for fault in found} <= {Severity.WARNING}
    return [f"{fault.line} {fault.field}" for fault in found]


def test_doubtful_settings_are_warned_of(tmp_path: Path) -> None:
    company = f"{COMPANY}  tax_ids: ['7701234567']\n  accounts: ['40702810900000012345']\n"
    assert advice(company, tmp_path) == ["3 company.tax_ids"]
    fine = company.replace("7701234567", "7707083893")
    assert advice(fine, tmp_path) == []
    assert advice(f"{fine}desk: {{host: 0.0.0.0}}\n", tmp_path) == ["5 desk.host"]
    assert advice(f"{fine}desk: {{public_url: http://sverka.local}}\n", tmp_path) == ["5 desk.public_url"]
    assert advice(f"{fine}connections:\n  main: {{system: bitrix24}}\n", tmp_path) == ["6 connections.main"]


def test_the_company_lives_by_its_own_clock() -> None:
    assert parse(COMPANY).company.zone is None
    config = parse(f"{COMPANY}  time_zone: Asia/Yekaterinburg\n")
    at = datetime(2026, 3, 10, 21, 30, tzinfo=UTC)
    assert at.astimezone(config.company.zone).isoformat() == "2026-03-11T02:30:00+05:00"
    assert upkeep(config).watch.zone is config.company.zone


@pytest.mark.parametrize("name", ["Москва", "Europe", "../../etc/passwd", "", "UTC+3"])
def test_a_time_zone_that_is_not_there_is_named(name: str) -> None:
    (fault,) = faults(f"{COMPANY}  time_zone: {name!r}\n")
    assert fault.startswith("sverka.yaml:3: company.time_zone: часового пояса")
    assert "Europe/Moscow" in fault


@pytest.mark.parametrize("token", ["яяяя", "abсdef", "ab cd", "ab\u200bcd"])
def test_a_token_that_no_header_can_carry_is_named_by_its_field(token: str) -> None:
    amo = f"connections:\n  a:\n    system: amocrm\n    address: https://x.amocrm.ru\n    token: {token}\n"
    bank = f"banks:\n  t:\n    bank: tbank\n    token: {token}\n"
    for text, field in ((amo, "connections.a.token"), (bank, "banks.t.token")):
        (fault,) = faults(f"company: {{name: X}}\n{text}")
        assert f"{field}: в токене только латинские буквы" in fault
        assert token not in fault


def test_a_bank_that_nobody_knows_names_the_possible_ones() -> None:
    (fault,) = faults("company: {name: X}\nbanks:\n  t1: {bank: sber}\n")
    assert fault.endswith("banks.t1.bank: можно: 'tbank', 'tochka', '1c'")
    (fault,) = faults("company: {name: X}\nbanks:\n  t1: {token: abc}\n")
    assert fault.endswith("banks.t1.bank: поля нет, а оно обязательно")


@pytest.mark.parametrize("address", ["https://1c company.ru/acc", "https://1c\u200bcompany.ru/acc"])
def test_a_space_in_the_name_of_a_server_is_told(address: str) -> None:
    block = f"connections:\n  buh: {{system: accounting_1c, address: '{address}', configuration: bp30, login: x}}\n"
    (fault,) = faults(f"company: {{name: X}}\n{block}")
    assert fault.endswith("connections.buh.address: адрес написан неверно: в имени сервера пробел")

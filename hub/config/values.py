"""Value types of the settings: secrets, addresses, paths, requisites. Each refusal says what to write instead."""

from __future__ import annotations

import os
import re
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from mappings.faults import why_unreadable

_ID: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")
_WEBHOOK_PATH: Final = re.compile(r"/+rest/+\d+/+[A-Za-z0-9]+/*(?:[a-z][a-z.]*/?)?\Z")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_ACCOUNT: Final = re.compile(r"(?:\d{20}|[A-Z]{2}\d{2}[A-Z0-9]{11,30})\Z")
_URL_SAFE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
#: As SQLAlchemy takes an address apart: the password goes up to the first «@»; the group is the port.
_SERVER: Final = re.compile(r"(?:[^:/@]*(?::[^@]*)?@)?(?:\[[^/?\]]+\]|[^/:?@]*)(?::([0-9]*))?(?:[/?]|\Z)")
_MAX_PORT: Final = 65_535
_SECRET_FILE_BYTES: Final = 16 * 1024
_WEBHOOK_EXAMPLE: Final = "https://company.bitrix24.ru/rest/1/код/"
_ACCOUNT_HOSTS: Final = (".amocrm.ru", ".amocrm.com", ".kommo.com")
#: Systems that a connection may name, the first comer last: a block without a name is read as one of it.
SYSTEMS: Final = ("accounting_1c", "amocrm", "bitrix24")
_TAX_ID_LENGTHS: Final = (9, 10, 12)
_NO_ZONE: Final = "часового пояса «{name}» нет: пишут, например, Europe/Moscow или Asia/Yekaterinburg"


def base_folder(info: ValidationInfo) -> Path:
    """The folder that relative paths are counted from: the config file's."""
    context = info.context or {}
    return Path(context.get("base", "."))


def resolve_path(value: Path, info: ValidationInfo) -> Path:
    """An absolute path; `~` is the home folder."""
    return (base_folder(info) / value.expanduser()).absolute()


def resolve_secret(value: object, info: ValidationInfo) -> object:
    """Take a secret from where the setting points: itself, `env:NAME` or `file:path`."""
    if not isinstance(value, str):
        return value
    kind, _, rest = value.partition(":")
    if kind == "env":
        return _from_environment(rest.strip())
    if kind == "file":
        return _from_file(base_folder(info) / Path(rest.strip()).expanduser())
    return _not_empty(value, "пусто: уберите поле или впишите значение")


def _from_environment(name: str) -> str:
    if not name:
        raise ValueError("после «env:» нужно имя переменной окружения")
    return _not_empty(os.environ.get(name, ""), f"переменная окружения {name} не задана")


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_SECRET_FILE_BYTES)
    except OSError as error:
        raise ValueError(f"файл {path} не читается: {why_unreadable(error)}") from None
    try:
        return _not_empty(raw.decode("utf-8-sig"), f"файл {path} пуст")
    except UnicodeDecodeError:
        raise ValueError(f"в файле {path} не текст") from None


def _not_empty(text: str, complaint: str) -> str:
    if not text.strip():
        raise ValueError(complaint)
    return text.strip()


def is_loopback(host: str) -> bool:
    """Whether the name means this very computer, without asking any name server."""
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_vendor_address(text: str) -> SplitResult:
    """Take an outside system's address apart: https, or http of this very computer.

    Raises:
        ValueError: anything else. The text never repeats the address: it may hold a secret.
    """
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        raise ValueError("адрес написан неверно") from None
    if any(sign.isspace() or not sign.isprintable() for sign in url.netloc):
        raise ValueError("адрес написан неверно: в имени сервера пробел")
    if url.scheme not in ("https", "http") or not host or port == 0:
        raise ValueError("нужен адрес целиком, начиная с https://")
    if url.username is not None or url.password is not None:
        raise ValueError("имени и пароля («имя:пароль@») в адресе быть не должно")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError("http:// разрешён только для этого компьютера (127.0.0.1, localhost): нужен https://")
    return url


def check_webhook_url(text: str) -> str:
    """The address of a Bitrix24 incoming webhook, as it was given.

    Raises:
        ValueError: it is none. The text never repeats the address.
    """
    url = check_vendor_address(text)
    if not _WEBHOOK_PATH.search(url.path):
        raise ValueError(f"нужен адрес входящего вебхука целиком, вида {_WEBHOOK_EXAMPLE}")
    return text


def check_account_address(text: str) -> str:
    """The address of an amoCRM or Kommo account, without a path.

    Raises:
        ValueError: it is none.
    """
    url = check_vendor_address(text.strip())
    host = (url.hostname or "").casefold()
    if not is_loopback(host) and (not host.endswith(_ACCOUNT_HOSTS) or host.startswith("www.")):
        raise ValueError("нужен адрес самого аккаунта, вида https://компания.amocrm.ru или https://компания.kommo.com")
    return f"{url.scheme}://{url.netloc}".casefold()


def check_base_address(text: str) -> str:
    """The address of a 1C base's OData interface or of its publication, as it was given.

    Raises:
        ValueError: it is none.
    """
    url = check_vendor_address(text.strip())
    if url.query or url.fragment:
        raise ValueError("нужен адрес публикации без «?» и «#», вида https://сервер/база/odata/standard.odata")
    return text.strip().rstrip("/")


def _check_node(value: str) -> str:
    if not _GUID.fullmatch(value.strip().lower()):
        raise ValueError("нужен GUID узла плана обмена, вида 1b7e0c52-0d4a-11f1-9a01-0050560000a1")
    return value.strip().lower()


def _check_plan(value: str) -> str:
    name = value.strip().removeprefix("ExchangePlan_")
    if not name.isidentifier():
        raise ValueError("нужно имя плана обмена, как в конфигураторе")
    return f"ExchangePlan_{name}"


def _check_webhook(value: SecretStr) -> SecretStr:
    check_webhook_url(value.get_secret_value())
    return value


def _check_system(value: object) -> object:
    if value not in SYSTEMS:
        raise ValueError(f"можно: {', '.join(map(repr, SYSTEMS))}")
    return value


def _check_pattern(value: str) -> str:
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise ValueError(f"выражение написано неверно: {error}") from None
    if groups < 1:
        raise ValueError("в выражении нужны скобки вокруг номера, например Счет № (\\d+)")
    return value


def _check_token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("в токене только латинские буквы, цифры и знаки, без пробелов: скопируйте его целиком ещё раз")
    return value


def _check_public_url(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in ("https", "http") or not url.hostname or url.query or url.fragment:
        raise ValueError("нужен адрес вида https://sverka.company.ru")
    return value.rstrip("/")


def _check_hook_secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if len(text) < 16 or not _URL_SAFE.match(text):
        raise ValueError("нужно не меньше 16 знаков: латинские буквы, цифры, «-» и «_» (это часть адреса)")
    return value


def check_id(value: str) -> str:
    """The name of a connection, as it was given.

    Raises:
        ValueError: the settings cannot hold it.
    """
    if not _ID.match(value):
        raise ValueError("имя подключения: латинские строчные буквы, цифры, «-» и «_», до 32 знаков, первая — буква")
    return value


def _check_endpoint(value: str) -> str:
    if not _ID.match(value):
        raise ValueError("имя получателя: латинские строчные буквы, цифры, «-» и «_», до 32 знаков, первая — буква")
    return value


def _check_date(value: object) -> object:
    if isinstance(value, str) and not _ISO_DATE.match(value):
        raise ValueError("нужна дата вида 2026-03-01")
    return value


def _check_tax_id(value: str) -> str:
    digits = value.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in _TAX_ID_LENGTHS):
        raise ValueError("ИНН — 10 или 12 цифр, БИН и ИИН — 12, УНП — 9")
    return digits


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone; a name with odd signs; the name of a folder of zones
        raise ValueError(_NO_ZONE.format(name=name)) from None
    return name


def _check_account(value: str) -> str:
    account = value.replace(" ", "").upper()
    if not _ACCOUNT.match(account):
        raise ValueError("счёт — 20 цифр или IBAN")
    return account


def _check_server(rest: str) -> None:
    found = _SERVER.match(rest)
    if found is None or not 1 <= int(found[1] or "5432") <= _MAX_PORT:
        raise ValueError(
            f"нужно postgresql://пользователь:пароль@узел:порт/база: порт — число от 1 до {_MAX_PORT}, "
            "знак «@» в пароле пишут %40"
        )


def _check_database(value: SecretStr, info: ValidationInfo) -> SecretStr:
    text = value.get_secret_value()
    scheme, separator, rest = text.partition("://")
    if scheme in ("postgresql", "postgresql+psycopg") and rest:
        _check_server(rest)
        return SecretStr(f"postgresql+psycopg://{rest}")
    file = rest.removeprefix("/")
    if scheme != "sqlite" or not separator or not rest.startswith("/") or not file or file == ":memory:":
        raise ValueError("нужно sqlite:///путь/к/файлу или postgresql://пользователь:пароль@узел/база")
    path, mark, options = file.partition("?")
    return SecretStr(f"sqlite:///{resolve_path(Path(path), info)}{mark}{options}")


AnyPath = Annotated[Path, AfterValidator(resolve_path)]
Secret = Annotated[SecretStr, BeforeValidator(resolve_secret)]
#: A secret that goes out in a header: anything but ASCII cannot be sent.
Token = Annotated[Secret, AfterValidator(_check_token)]
WebhookUrl = Annotated[Secret, AfterValidator(_check_webhook)]
KnownSystem: Final = BeforeValidator(_check_system)
Pattern = Annotated[str, AfterValidator(_check_pattern)]
AccountAddress = Annotated[str, AfterValidator(check_account_address)]
BaseAddress = Annotated[str, AfterValidator(check_base_address)]
NodeId = Annotated[str, AfterValidator(_check_node)]
PlanName = Annotated[str, AfterValidator(_check_plan)]
HookSecret = Annotated[Secret, AfterValidator(_check_hook_secret)]
DatabaseUrl = Annotated[Secret, AfterValidator(_check_database)]
PublicUrl = Annotated[str, AfterValidator(_check_public_url)]
ConnectionId = Annotated[str, AfterValidator(check_id)]
EndpointId = Annotated[str, AfterValidator(_check_endpoint)]
IsoDate = Annotated[date, BeforeValidator(_check_date)]
TaxIdText = Annotated[str, AfterValidator(_check_tax_id)]
ZoneName = Annotated[str, AfterValidator(_check_zone)]
AccountText = Annotated[str, AfterValidator(_check_account)]

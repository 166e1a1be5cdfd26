"""`events:` of the settings: who is told, with what secret; every fault in Russian, with its line and no secret."""

from __future__ import annotations

import base64
from importlib.resources import files
from pathlib import Path

import pytest

from hub.composition.events import open_endpoints
from hub.config import Config, ConfigError, parse_config
from hub.config.endpoints import is_signing_secret
from hub.ports.events import EventType

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()


def parse(body: str, folder: Path = Path("/srv/sverka")) -> Config:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return parse_config(f"company:\n  name: Ромашка\nevents:\n  books:\n{lines}", folder / "sverka.yaml")


def fault(body: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(body, Path())
    (found,) = caught.value.faults
    return str(found)


def test_without_the_section_nobody_is_told() -> None:
    assert parse_config("company: {name: Ромашка}", Path("sverka.yaml")).events == {}


def test_a_receiver_wants_everything_and_stands_outside_unless_it_says_otherwise() -> None:
    found = parse(f"url: https://books.example/hook\nsecret: {SECRET}").events["books"]
    assert found.types == tuple(EventType)
    assert found.allow_private is False
    assert [item.get_secret_value() for item in found.secret] == [SECRET]


def test_two_secrets_stand_side_by_side_while_one_is_replaced() -> None:
    found = parse(f"url: https://books.example/hook\nsecret: [{OTHER}, {SECRET}]").events["books"]
    assert [item.get_secret_value() for item in found.secret] == [OTHER, SECRET]


def test_address_and_secret_come_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_URL", "https://books.example/hook?key=topsecret")
    (tmp_path / "books.secret").write_text(f"{SECRET}\n")
    found = parse("url: env:BOOKS_URL\nsecret: file:books.secret", tmp_path).events["books"]
    assert found.url.get_secret_value().endswith("topsecret")
    assert found.secret[0].get_secret_value() == SECRET


def test_neither_address_nor_secret_is_shown() -> None:
    config = parse(f"url: https://books.example/topsecret\nsecret: {SECRET}")
    endpoint = open_endpoints(config)["books"]
    shown = repr(config) + str(config.events) + endpoint.sender.address
    assert "topsecret" not in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("body", "place", "part"),
    [
        (f"secret: {SECRET}", "sverka.yaml:4: events.books.url", "поля нет"),
        ("url: https://books.example/", "sverka.yaml:4: events.books.secret", "поля нет"),
        (f"url: books.example\nsecret: {SECRET}", "sverka.yaml:5: events.books.url", "начиная с https://"),
        (f"url: ftp://books.example\nsecret: {SECRET}", "sverka.yaml:5: events.books.url", "начиная с https://"),
        (f"url: https://почта.рф/\nsecret: {SECRET}", "sverka.yaml:5: events.books.url", "латинскими"),
        (f"url: https://u:p@books.example/\nsecret: {SECRET}", "sverka.yaml:5: events.books.url", "имени и пароля"),
        (f"url: https://books.example/#x\nsecret: {SECRET}", "sverka.yaml:5: events.books.url", "«#»"),
        (f"url: https://books.example:x/\nsecret: {SECRET}", "sverka.yaml:5: events.books.url", "написан неверно"),
        (f"url: http://books.example/\nsecret: {SECRET}", "sverka.yaml:4: events.books", "allow_private: true"),
        (f"url: https://127.0.0.1/\nsecret: {SECRET}", "sverka.yaml:4: events.books", "на этом же компьютере"),
        ("url: https://books.example/\nsecret: topsecret", "sverka.yaml:6: events.books.secret", "whsec_"),
        ("url: https://books.example/\nsecret: whsec_YQ==", "sverka.yaml:6: events.books.secret", "24–64"),
        ("url: https://books.example/\nsecret: env:NO_NAME", "sverka.yaml:6: events.books.secret", "NO_NAME не задана"),
        ("url: https://books.example/\nsecret: []", "sverka.yaml:6: events.books.secret", "один секрет или"),
        (f"url: https://books.example/\nsecret: {SECRET}\ntypes: []", "sverka.yaml:7: events.books.types", "пуст"),
        (
            f"url: https://books.example/\nsecret: {SECRET}\ntypes: [deal.lost]",
            "sverka.yaml:7: events.books.types[1]",
            "payment.matched",
        ),
        (
            f"url: https://books.example/\nsecret: {SECRET}\nprivate: true",
            "sverka.yaml:7: events.books.private",
            "поля",
        ),
    ],
)
def test_a_fault_says_where_it_is_and_what_to_write(body: str, place: str, part: str) -> None:
    found = fault(body)
    assert found.startswith(f"{place}: ")
    assert part in found
    assert "topsecret" not in found


def test_a_receivers_name_is_checked() -> None:
    with pytest.raises(ConfigError, match="имя получателя"):
        parse_config(
            f"company: {{name: Р}}\nevents:\n  Books: {{url: https://x.example/, secret: {SECRET}}}\n",
            Path("sverka.yaml"),
        )


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_key_of_24_to_64_bytes_is_a_secret(size: int) -> None:
    assert is_signing_secret("whsec_" + base64.b64encode(b"k" * size).decode())


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_!!!", "MDEyMzQ1", "whsec_" + "QQ" * 50])
def test_anything_else_is_no_secret(text: str) -> None:
    assert not is_signing_secret(text)


def test_the_receiver_in_the_template_loads_once_uncommented(tmp_path: Path) -> None:
    text = files("hub.config").joinpath("template.yaml").read_text("utf-8")
    head, _, tail = text.partition("events: {}\n")
    block, gap, rest = tail.partition("\n\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "buhgalteria.secret").write_text(SECRET)
    plain = "\n".join(line.removeprefix("#") for line in block.splitlines())
    config = parse_config(f"{head}events:\n{plain}{gap}{rest}", tmp_path / "sverka.yaml")
    assert config.events["buhgalteria"].types == (EventType.PAYMENT_MATCHED, EventType.DEAL_MOVED)

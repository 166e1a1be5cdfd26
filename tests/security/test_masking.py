"""What a log line may not say, and that it stays one line whatever it holds."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hub.logs import log_to
from hub.masking import HIDDEN, mask, mask_trace, mask_value, scrub

SECRETS = {
    "https://p.bitrix24.ru/rest/17/abcdef0123456789/crm.item.get.json": "abcdef0123456789",
    "https://p.bitrix24.ru/rest/api/17/abcdef0123456789/x": "abcdef0123456789",
    "POST /hooks/main/0f4c8a1d9e7b6352?x=1": "0f4c8a1d9e7b6352",
    "postgresql+psycopg://hub:pa55:w@rd@db.local/hub": "pa55",
    "redis://:pa55word@cache/0": "pa55word",
    "Authorization: Bearer abc.def-ghi_jkl": "abc.def-ghi_jkl",
    "header authorization=Basic dXNlcjpwYXNz": "dXNlcjpwYXNz",
    "secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "auth[application_token]=51856fefc120afa4b628cc82d3935cce&event=X": "51856fefc120afa4b628cc82d3935cce",
    "auth%5Bapplication_token%5D=51856fefc120afa4b628cc82d3935cce": "51856fefc120afa4b628cc82d3935cce",
    "{'application_token': '51856fefc120', 'event': 'X'}": "51856fefc120",
    '{"password": "correct horse"}': "correct",
    "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$aGFzaA": "c29tZXNhbHQ",
}
PEOPLE = [
    ("Плательщик ООО «Ромашка и Ко», счёт", "Ромашка"),
    ('ПАО "СБЕРБАНК РОССИИ" отказал', "СБЕРБАНК"),
    ("перевод от ИП Семёнов Пётр Ильич", "Семёнов"),
    ("оплатил Семёнов П. И. сегодня", "Семёнов"),
    ("Семёнова Анна Ильинична", "Анна"),
    ("Acme: LLC Northern Lights paid", "Northern"),
    ("счёт 40702810000000000777 закрыт", "40702810000000000777"),
    ("счёт 4070 2810 0000 0000 0777", "0777"),
    ("IBAN KZ86125KZT5004100100", "KZ86125KZT5004100100"),
    ("ИНН 7700000016", "7700000016"),
    ("ИНН500100732259", "500100732259"),
    ("пишите buh+1@firma.example.ru", "firma.example"),
    ("звоните +7 (912) 345-67-89", "345-67-89"),
    ("тел. 8-912-345-67-89", "345-67-89"),
    ("не закрыта кавычка «Ромашка и дальше", "Ромашка"),
]


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_outlives_scrubbing(text: str) -> None:
    assert SECRETS[text] not in scrub(text)
    assert SECRETS[text] not in mask(text)


@pytest.mark.parametrize(("text", "private"), PEOPLE)
def test_nobody_is_named(text: str, private: str) -> None:
    assert private not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "deal 9001 moved to C4:EXECUTING",
        "У подключения «portal» нет адреса вебхука: выполните sverka connect bitrix24",
        "http://127.0.0.1:8350: no whole reply within 75 s",
        "2026-03-10T09:00:00.123456Z",
        "1234567890 is a number that no tax office gave",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "key",
    [
        "payer",
        "payee_name",
        "purpose",
        "name",
        "tax_id",
        "own_account",
        "phone",
        "email",
        "raw",
        "body",
        "title",
        "login",
    ],
)
def test_a_value_is_hidden_by_its_key_whatever_it_holds(key: str) -> None:
    assert mask_value(key, "plain words") == HIDDEN
    assert mask_value("row", {"id": 7, key: ["plain words"]}) == {"id": 7, key: HIDDEN}


def test_values_deep_inside_and_bytes_are_masked() -> None:
    value = {"list": [{"text_of": ("ООО «Ромашка»", 7700000016)}], "blob": b"secret"}
    assert mask_value("data", value) == {"list": [{"text_of": HIDDEN}], "blob": HIDDEN}
    assert mask_value("seen", ["ИНН 7700000016", 7700000016, 42]) == [f"ИНН {HIDDEN}", HIDDEN, 42]


def test_a_trace_keeps_places_and_kinds_but_no_data() -> None:
    trace = (
        "Traceback (most recent call last):\n"
        '  File "hub/store/payments.py", line 7, in add\n'
        "psycopg.errors.UniqueViolation: duplicate key value violates unique constraint\n"
        "DETAIL:  Key (purpose)=(Оплата по счету 71 от Ромашки) already exists.\n"
        "ValueError: Оплата по счету 71\n"
        "pydantic: x [type=int_parsing, input_value='Acme pays', input_type=str]"
    )
    masked = mask_trace(trace)
    assert "hub/store/payments.py" in masked
    assert "UniqueViolation" in masked
    for private in ("Оплата", "Ромашки", "Acme"):
        assert private not in masked


def test_a_long_text_is_cut() -> None:
    assert len(mask("x" * 100_000)) < 4_100


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A log to write to, as the hub sets it up."""
    stream = io.StringIO()
    undo = log_to(stream)
    yield stream
    undo()


@pytest.mark.row(33)
@pytest.mark.parametrize(
    "text",
    [
        "one\ntwo\r\nthree",
        "nul\x00 bell\x07 esc\x1b[31m",
        "right\u202eto left\u2066",
        "line\u2028sep\u2029para\x85next",
        "half \ud800 sign",
    ],
)
def test_one_event_is_one_line_whatever_the_text_holds(lines: io.StringIO, text: str) -> None:
    structlog.get_logger("test").warning("hostile.text", why=text)
    logging.getLogger("other").warning("%s", text)
    written = lines.getvalue()
    assert len(written.splitlines()) == 2
    assert all(char.isprintable() for line in written.splitlines() for char in line)
    assert [json.loads(line)["level"] for line in written.splitlines()] == ["warning", "warning"]


def test_other_libraries_write_the_same_kind_of_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("Оплата от ООО «Ромашка»")
    except ValueError:
        logging.getLogger("library").exception("could not parse ИНН 7700000016")
    (line,) = lines.getvalue().splitlines()
    event = json.loads(line)
    assert event["event"] == f"could not parse ИНН {HIDDEN}"
    assert "ValueError" in event["exception"]
    assert "Ромашка" not in line
    assert "_record" not in event


def test_an_exception_of_ours_is_logged_without_its_data(lines: io.StringIO) -> None:
    try:
        raise RuntimeError("Клиент Ромашка, auth=abcdef")
    except RuntimeError:
        structlog.get_logger("test").exception("job.failed", job="match", args=["p1"])
    event = json.loads(lines.getvalue())
    assert event["args"] == ["p1"]
    assert "RuntimeError" in event["exception"]
    assert "Ромашка" not in lines.getvalue()
    assert "abcdef" not in lines.getvalue()

"""The portal's reply taken apart: what is a success, what proves nothing, and where rows and moments are."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.bitrix24.envelope import (
    BadReply,
    Envelope,
    Timing,
    as_map,
    error_in,
    object_in,
    read_envelope,
    rows_in,
    timing_in,
)
from connectors.shared.http import HttpReply
from connectors.shared.jsontypes import Json, parse_json
from connectors.shared.outcomes import Answer

START = 1_790_000_000
TIME = {"start": START, "operating": 1.5, "operating_reset_at": START + 600}


def reply(document: object, status: int = 200) -> HttpReply:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return HttpReply(status, {}, body)


def test_a_success_is_its_result_and_its_timing() -> None:
    found = read_envelope(reply({"result": {"item": 1}, "time": TIME}))
    moment = datetime.fromtimestamp(START, UTC)
    assert found == Envelope({"item": 1}, Timing(moment, 1.5, datetime.fromtimestamp(START + 600, UTC)))
    assert read_envelope(reply({"result": None})) == Envelope(None)


@pytest.mark.row(15)
@pytest.mark.parametrize(
    ("document", "status", "answer", "description"),
    [
        ({"error": "NOT_FOUND", "error_description": "Нет"}, 400, Answer(400, "NOT_FOUND"), "Нет"),
        ({"error": "X", "result": 1}, 200, Answer(200, "X"), ""),
        ({"error": 0}, 400, Answer(400, "0"), ""),
        ({"error": None}, 400, Answer(400, ""), ""),
        ({"error": {"code": "A", "message": "Б"}}, 200, Answer(200, "A"), "Б"),
        ({"error": {}}, 200, Answer(200, ""), ""),
        ({"error": "", "error_description": None}, 403, Answer(403, ""), ""),
        ({"result": 1}, 201, Answer(201), "neither result nor error"),
        ({"result": 1}, 502, Answer(502), "neither result nor error"),
        ({"time": TIME}, 200, Answer(200), "neither result nor error"),
        ([1], 200, Answer(200), "not a REST envelope"),
        ("text", 500, Answer(500), "not a REST envelope"),
        (b"<html><b>Gateway</b>", 502, Answer(502), "not a REST reply: Gateway"),
        (b"", 200, Answer(200), "not a REST reply: "),
        (b'{"result": ', 200, Answer(200), 'not a REST reply: {"result":'),
        (b"x" * 300, 200, Answer(200), "not a REST reply: " + "x" * 80),
        (b" " * 199 + b"yz", 200, Answer(200), "not a REST reply: y"),
        (b"\xff<", 200, Answer(200), "not a REST reply: \ufffd<"),
    ],
)
def test_anything_else_is_a_bad_reply_with_what_it_was(
    document: object, status: int, answer: Answer, description: str
) -> None:
    with pytest.raises(BadReply) as bad:
        read_envelope(reply(document, status))
    assert (bad.value.answer, bad.value.description) == (answer, description)


def test_a_bad_reply_says_its_status_code_and_text() -> None:
    assert str(BadReply(Answer(400, "NOT_FOUND"), "нет")) == "400 NOT_FOUND нет"
    assert str(BadReply(Answer(502), "")) == "502"


@pytest.mark.parametrize(
    ("status", "redirect"), [(299, False), (300, True), (302, True), (399, True), (400, False), (None, False)]
)
def test_a_redirect_is_known_by_its_status(status: int | None, redirect: bool) -> None:
    assert BadReply(Answer(status), "").is_redirect is redirect


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"error": "A", "error_description": "т"}, ("A", "т")),
        ({"error": 100}, ("100", "")),
        ({}, ("", "")),
        ({"error": {"message": "м"}}, ("", "м")),
    ],
)
def test_code_and_text_of_an_error(document: dict[str, Json], found: tuple[str, str]) -> None:
    assert error_in(document) == found


@pytest.mark.parametrize(
    ("value", "timing"),
    [
        (None, Timing()),
        ("soon", Timing()),
        ({}, Timing()),
        ({"start": "soon", "operating": "x", "operating_reset_at": None}, Timing()),
        ({"start": 0, "operating_reset_at": -5}, Timing()),
        ({"start": True}, Timing()),
        ({"start": 1}, Timing(started=datetime.fromtimestamp(1, UTC))),
        ({"operating": 0}, Timing(operating_s=0.0)),
        ({"operating": 2}, Timing(operating_s=2.0)),
    ],
)
def test_every_part_of_the_timing_may_be_absent_or_nonsense(value: Json, timing: Timing) -> None:
    assert timing_in(value) == timing


def test_a_moment_with_a_fraction_is_read() -> None:
    found = timing_in(parse_json(b'{"start": 1790000000.25, "operating": 0.125}'))
    assert found.started is not None
    assert found.started.microsecond == 250_000
    assert found.started.tzinfo is UTC
    assert found.operating_s == 0.125


def test_php_writes_a_map_in_three_ways() -> None:
    assert as_map({"a": 1}) == {"a": 1}
    assert as_map([]) == {}
    assert as_map(["x", "y"]) == {"0": "x", "1": "y"}
    assert as_map(None) == {}
    assert as_map("text") == {}


@pytest.mark.parametrize(
    ("result", "key", "rows"),
    [
        ({"items": [{"id": 1}, {"id": 2}]}, "items", [{"id": 1}, {"id": 2}]),
        ({"items": {"5": {"id": 1}}}, "items", [{"id": 1}]),
        ([{"id": 1}, "noise", None], None, [{"id": 1}]),
        ([{"id": 1}], "items", [{"id": 1}]),
        ({"5": {"id": 1}}, "items", [{"id": 1}]),
        ({"items": {"id": 1}}, None, [{"id": 1}]),
        ("text", "items", []),
        (None, None, []),
    ],
)
def test_rows_stand_under_a_key_or_bare(result: Json, key: str | None, rows: list[Json]) -> None:
    assert list(rows_in(result, key)) == rows


def test_one_record_or_nothing() -> None:
    assert object_in({"item": {"id": 1}}, "item") == {"id": 1}
    assert object_in({"item": [1]}, "item") == {}
    assert object_in({}, "item") == {}
    assert object_in([{"item": {}}], "item") == {}

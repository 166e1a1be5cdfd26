from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.shared.jsontypes import dump_json, parse_json


def test_numbers_with_a_point_are_exact_decimals() -> None:
    assert parse_json(b'{"sum":12345678901234567.89}') == {"sum": Decimal("12345678901234567.89")}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"a":',
        b"<html></html>",
        b"NaN",
        b'{"a":Infinity}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 5000,
    ],
)
def test_what_is_not_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(body)


def test_parameters_are_written_as_compact_utf8() -> None:
    assert dump_json({"fields": {"COMMENT": "Оплата", "n": 1}}).decode() == '{"fields":{"COMMENT":"Оплата","n":1}}'

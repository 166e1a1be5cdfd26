"""Values that YAML takes for its own marks: they are refused by their first sign and never repeated."""

from __future__ import annotations

import pytest

from mappings.yaml_reader import read_text

SECRET = "SECRETpw1"


@pytest.mark.parametrize(
    ("value", "sign"),
    [
        (f"!{SECRET}", "!"),
        (f"!{SECRET} more", "!"),
        (f"!!{SECRET}", "!"),
        (f"!a!{SECRET}", "!"),
        (f"!{SECRET},x", "!"),
        (f"!<{SECRET}", "!"),
        (f"!%{SECRET}", "!"),
        (f"&{SECRET}", "&"),
        (f"&{SECRET} more", "&"),
        (f"&{SECRET}%", ""),
        (f"&+{SECRET}", "&"),
        (f"*{SECRET}", "*"),
        (f"*{SECRET}%", "*"),
        (f"|{SECRET}", "|"),
        (f">{SECRET}", ">"),
        (f"@{SECRET}", ""),
        (f"`{SECRET}", ""),
        (f"%{SECRET}", ""),
        (f"'{SECRET}", ""),
        (f'"{SECRET}', ""),
        (f'"{SECRET}\\q"', ""),
    ],
)
def test_a_secret_that_looks_like_a_mark_is_named_by_its_sign_only(value: str, sign: str) -> None:
    document = read_text(f"name: x\npassword: {value}\nafter: y\n", "s.yaml")
    (fault,) = document.faults
    assert SECRET not in str(fault)
    assert sign in fault.message
    assert "кавычк" in fault.message


def test_the_field_of_such_a_value_is_named() -> None:
    (fault,) = read_text(f"banks:\n  t:\n    token: !{SECRET}\n", "s.yaml").faults
    assert str(fault) == "s.yaml:3: banks.t.token: значение начинается с «!»: возьмите его в кавычки"
    (fault,) = read_text(f"banks:\n  t:\n    token: &{SECRET}\n", "s.yaml").faults
    assert str(fault) == "s.yaml:3: banks.t.token: значение начинается с «&»: возьмите его в кавычки"


def test_an_anchor_that_is_used_stays_an_anchor() -> None:
    document = read_text("a: &text Оплачено\nb: *text\n", "s.yaml")
    assert (document.value, document.faults) == ({"a": "Оплачено", "b": "Оплачено"}, [])
    assert read_text("a: &list [x]\nb: [y]\n", "s.yaml").faults == [], "no value of one word is lost"
    assert read_text("a: |\n  x\nb: >-\n  y\n", "s.yaml").faults == []

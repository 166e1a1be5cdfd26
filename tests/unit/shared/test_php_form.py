from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.shared import php_form


def test_event_of_a_portal_is_read_into_nested_maps() -> None:
    form = php_form.decode(b"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D=9041&auth[application_token]=51f3&ts=1")
    assert php_form.dig(form, "event") == "ONCRMDEALUPDATE"
    assert php_form.dig(form, "data", "FIELDS", "ID") == "9041"
    assert php_form.dig(form, "auth", "application_token") == "51f3"


def test_what_is_not_there_reads_as_empty() -> None:
    form = php_form.decode(b"a[b]=1")
    assert php_form.dig(form, "a") == ""
    assert php_form.dig(form, "a", "c") == ""
    assert php_form.dig(form, "a", "b", "c") == ""


def test_empty_brackets_append_and_the_last_of_equal_keys_wins() -> None:
    assert php_form.decode(b"a[]=1&a[]=2&b=1&b=2&c=1&c[d]=2") == {"a": {"0": "1", "1": "2"}, "b": "2", "c": {"d": "2"}}


@pytest.mark.parametrize("key", ["a[b", "a]b", "[a]", "a[b]c"])
def test_odd_keys_are_taken_as_they_stand(key: str) -> None:
    assert php_form.decode(f"{key}=1".encode()) == {key: "1"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a=" + b"x" * 70_000, id="large"),
        pytest.param(b"&".join(b"a%d=1" % n for n in range(600)), id="many fields"),
        pytest.param(b"a" + b"[b]" * 20 + b"=1", id="deep"),
        pytest.param(b"\xff\xfe=1", id="not UTF-8"),
    ],
)
def test_forms_beyond_a_cap_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        php_form.decode(body)


def test_parameters_become_bracket_keys_with_flags_as_letters() -> None:
    params: dict[str, object] = {"id": 7, "fields": {"stageId": "C4:NEW & co", "opened": True}, "select": ["id"]}
    text = php_form.encode(params | {"none": None})  # type: ignore[arg-type]
    assert text == "id=7&fields[stageId]=C4%3ANEW%20%26%20co&fields[opened]=Y&select[0]=id"


def test_filter_prefixes_survive_the_round_trip() -> None:
    params = {"filter": {">=updatedTime": "2026-09-21T15:33:20+03:00", "@id": ["1", "2"]}}
    form = php_form.decode(php_form.encode(params).encode())
    assert form == {"filter": {">=updatedTime": "2026-09-21T15:33:20+03:00", "@id": {"0": "1", "1": "2"}}}


@given(st.dictionaries(st.text(min_size=1).filter(lambda key: not set(key) & set("[]")), st.text(), max_size=20))
def test_any_flat_map_of_texts_survives_the_round_trip(values: dict[str, str]) -> None:
    assert php_form.decode(php_form.encode(values).encode(errors="strict")) == values


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        form = php_form.decode(body)
    except ValueError:
        return
    assert isinstance(form, dict)

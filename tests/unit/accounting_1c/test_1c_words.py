"""Small things of the wire: values, literals, errors, names."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.accounting_1c import query
from connectors.accounting_1c.config import root_of
from connectors.accounting_1c.envelope import BadReply, read_reply
from connectors.accounting_1c.metadata import Metadata, read_metadata
from connectors.accounting_1c.names import TICK, Documents, Incomplete, Names, resolve, wanted
from connectors.accounting_1c.outcomes import classify, for_person
from connectors.accounting_1c.values import (
    day_of,
    moment_of,
    money,
    number_of,
    reference_of,
    text_of,
    type_of,
    whole_of,
)
from connectors.shared.http import Failure, HttpReply
from connectors.shared.outcomes import Action, Answer
from connectors.shared.safe_xml import NotXml
from hub.domain.money import MoneyError
from mappings.accounting import SHIPPED, read_map, shipped_map
from mappings.faults import MappingError
from tests.unit.accounting_1c.base import INVOICE, PAYMENT, STATUS, Base, World, guid, problem, settings


def names(configuration: str = "bp30", **values: Any) -> Names:
    return Names.model_validate(shipped_map(configuration).model_dump() | values)


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("0001-01-01T00:00:00", None),
        ("2026-03-02T00:00:00", date(2026, 3, 2)),
        ("2026-03-02T23:59:59", date(2026, 3, 2)),
        ("", None),
        (None, None),
        ("вчера", None),
    ],
)
def test_days_are_the_servers_own(wire: Any, value: date | None) -> None:
    assert day_of(wire) == value


def test_a_moment_has_no_zone_whatever_stands_there() -> None:
    assert moment_of("2026-03-02T23:59:59Z") == datetime(2026, 3, 2, 23, 59, 59)


def test_empty_values_are_nothing() -> None:
    assert reference_of("00000000-0000-0000-0000-000000000000") is None
    assert reference_of("") is None
    assert reference_of(5) is None
    assert reference_of(guid(1).upper()) == guid(1)
    assert type_of("StandardODATA.Undefined") is None
    assert type_of("UnavailableEntities.UnavailableEntity_1b7e0c52") is None
    assert type_of("Edm.String") is None
    assert type_of("") is None
    assert type_of("StandardODATA.Catalog_Контрагенты") == "Catalog_Контрагенты"


def test_int64_comes_as_text_and_doubles_without_noise() -> None:
    assert whole_of("42") == 42
    assert whole_of(None) == 0
    assert whole_of("x") == 0
    assert number_of("25000") == number_of(25000) == Decimal(25000)
    assert number_of(True) is None
    assert number_of("NaN") is None
    assert number_of("") is None
    assert str(money(Decimal("461.9"), "RUB").amount) == "461.90"
    assert str(money(Decimal("0.30000000000000004"), "RUB").amount) == "0.30"
    with pytest.raises(MoneyError):
        money(None, "RUB")


def test_stray_signs_of_pasted_text_are_cleaned() -> None:
    assert text_of("ООО\u00a0 \x01«Ель»\u200b\r\n плюс ") == "ООО «Ель» плюс"
    assert text_of(None) == ""


def test_literals_are_those_of_the_manual() -> None:
    assert query.guid("x") == "guid'x'"
    assert query.cast("x", "Document_Y") == "cast(guid'x','Document_Y')"
    assert query.text("д'Артаньян") == "'д''Артаньян'"
    assert query.moment(datetime(2026, 3, 1)) == "datetime'2026-03-01T00:00:00'"
    assert query.address("Каталог", {"$filter": "a eq b"}, "guid'x'").endswith("(guid'x')?$filter=a%20eq%20b")
    assert query.listed(["a", "b", "a"]) == "a,b"


def test_conditions_are_split_by_the_length_they_have_on_the_wire() -> None:
    conditions = [f"Документ eq {query.guid(guid(number))}" for number in range(30)]
    batches = list(query.any_of(conditions, 800))
    assert len(batches) > 4
    assert " or ".join(batches) == " or ".join(conditions)
    assert all(len(query.address("x", {"f": batch})) < 850 for batch in batches)
    assert list(query.any_of([], 800)) == []
    assert list(query.any_of(["x" * 900], 800)) == ["x" * 900], "one too long is still asked"


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("https://1c.example/acc", "https://1c.example/acc/odata/standard.odata"),
        ("https://1c.example/acc/odata/standard.odata/", "https://1c.example/acc/odata/standard.odata"),
        ("https://1c.example:8443/a/ea/12345/odata/x", "https://1c.example:8443/a/ea/12345/odata/x"),
        ("http://127.0.0.1:8080/acc", "http://127.0.0.1:8080/acc/odata/standard.odata"),
    ],
)
def test_the_address_is_taken_as_it_is(given: str, root: str) -> None:
    assert root_of(given) == root


@pytest.mark.parametrize(
    "given", ["http://1c.example/acc", "https://u:p@1c.example/acc", "https://1c.example/acc?a=1", ""]
)
def test_a_password_is_sent_only_over_https(given: str) -> None:
    with pytest.raises(ValueError):
        root_of(given)


def test_a_russian_login_is_sent_in_utf8_and_never_shown() -> None:
    base = Base()
    World(base).poll()
    # base64 of «Сверка:пароль» in UTF-8
    expected = "Basic 0KHQstC10YDQutCwOtC/0LDRgNC+0LvRjA=="
    assert {request.headers["authorization"] for request in base.requests} == {expected}
    assert "пароль" not in repr(settings())
    with pytest.raises(ValidationError) as caught:
        settings(page_rows=0)
    assert "пароль" not in str(caught.value)


# Errors


@pytest.mark.parametrize(
    ("status", "code", "action"),
    [
        (501, "0", Action.REFUSED),
        (400, "6", Action.REFUSED),
        (404, "8", Action.REFUSED),
        (404, "9", Action.GONE),
        (400, "14", Action.REFUSED),
        (405, "19", Action.REFUSED),
        (401, "20", Action.REFUSED),
        (400, "21", Action.REFUSED),
        (500, "-1", Action.REFUSED),
        (401, "page", Action.REAUTHORISE),
        (302, "page", Action.REAUTHORISE),
        (403, "page", Action.REFUSED),
        (404, "page", Action.REFUSED),
        (406, "page", Action.THROTTLED),
        (412, "page", Action.REFUSED),
        (500, "page", Action.UNCERTAIN),
        (500, "exception", Action.UNCERTAIN),
        (503, "page", Action.UNCERTAIN),
        (200, "page", Action.UNCERTAIN),
    ],
)
def test_answers_mean_what_the_table_says(status: int, code: str, action: Action) -> None:
    assert classify(Answer(status, code)) is action


def test_a_call_that_never_left_may_be_repeated() -> None:
    assert classify(Answer(failure=Failure.NO_NAME)) is Action.RETRY
    assert classify(Answer(failure=Failure.LOST_REPLY)) is Action.UNCERTAIN


@pytest.mark.parametrize(
    ("answer", "said", "words"),
    [
        (Answer(404, "8"), "Entity not found", "составе публикации"),
        (Answer(401, "20"), "Нарушение прав", "«Нарушение прав»"),
        (Answer(401, "page"), "", "логин или пароль"),
        (Answer(406, "page"), "", "лицензий"),
        (Answer(412, "page"), "", "изменили"),
        (Answer(500, "-1"), "Период закрыт", "1С отказала: «Период закрыт»"),
        (Answer(500, "-1"), "", "без объяснения"),
        (Answer(400, "14"), "Error parsing", "код 14"),
        (Answer(400, "14"), "", "код 14"),
        (Answer(200, "page"), "", "пришла страница"),
        (Answer(500, "exception"), "", "(500)"),
        (Answer(failure=Failure.NO_NAME), "", "DNS"),
        (Answer(failure=Failure.LOST_REPLY), "", "не ответила"),
    ],
)
def test_a_person_is_told_what_happened(answer: Answer, said: str, words: str) -> None:
    assert words in for_person(answer, said)


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (404, problem(404, "8", "нет").content, "8", "нет"),
        (200, problem(200, "9", "нет").content, "9", "нет"),
        (500, '{"exception":{"descr":"где","inner":{"descr":"что"}}}'.encode(), "exception", "что"),
        (500, '{"exception":{"descr":"где"}}'.encode(), "exception", "где"),
        (500, b'{"odata.error":{"message":"x"}}', "exception", "x"),
        (500, b"<html>", "page", "a page in place of an answer"),
        (200, b"<html>", "page", "not JSON"),
        (200, b"[]", "page", "not an object"),
        (500, b"{}", "page", ""),
    ],
)
def test_three_families_of_errors_are_read(status: int, body: bytes, code: str, said: str) -> None:
    with pytest.raises(BadReply) as caught:
        read_reply(HttpReply(status, {}, body))
    assert (caught.value.answer, caught.value.said) == (Answer(status, code), said)


def test_an_empty_answer_and_a_mark_of_order_are_no_errors() -> None:
    assert read_reply(HttpReply(200, {}, b"")) == {}
    assert read_reply(HttpReply(200, {}, b'\xef\xbb\xbf{"a": 1}')) == {"a": 1}


# Names against $metadata


def metadata(base: Base, configuration: str = "bp30") -> Metadata:
    return read_metadata(base.metadata(), wanted(names(configuration)))


def test_every_name_is_found_in_the_metadata() -> None:
    found = resolve(names(), Documents.INVOICES, metadata(Base()))
    assert found.invoices.set == INVOICE
    assert found.payment_table == "РасшифровкаПлатежа"
    assert found.organisations["name"] == "Description", "the first of the names that the base has"
    assert found.statuses is not None
    assert found.statuses.composite == {"Документ", "Статус"}
    assert not found.invoices.has("currency")
    assert {item.set for item in found.sets()} == set(Base().sets)


def test_everything_that_is_missing_is_told_at_once_with_what_to_tick() -> None:
    base = Base()
    for name in (INVOICE, PAYMENT, STATUS, "Catalog_ДоговорыКонтрагентов"):
        del base.sets[name]
    with pytest.raises(Incomplete) as caught:
        resolve(names(), Documents.INVOICES, metadata(base))
    first, second = caught.value.missing
    assert first == f"«Счет на оплату покупателю» ({INVOICE}) — {TICK}"
    assert second.startswith("«Поступление на расчетный счет»")


def test_a_missing_table_and_a_missing_field_are_named() -> None:
    base = Base()
    del base.sets[f"{PAYMENT}_РасшифровкаПлатежа"]
    base.fields[INVOICE].remove("СуммаДокумента")
    with pytest.raises(Incomplete) as caught:
        resolve(names(), Documents.INVOICES, metadata(base))
    assert any("нет реквизита СуммаДокумента" in item for item in caught.value.missing)
    assert any("таблица РасшифровкаПлатежа" in item for item in caught.value.missing)


def test_an_empty_composition_is_told_in_one_line() -> None:
    base = Base()
    base.sets.clear()
    with pytest.raises(Incomplete) as caught:
        resolve(names(), Documents.INVOICES, metadata(base))
    assert caught.value.missing == (f"в публикации нет ни одного объекта — {TICK}",)


def test_orders_are_taken_only_where_the_configuration_has_them() -> None:
    with pytest.raises(Incomplete, match="нет заказов"):
        resolve(names(), Documents.ORDERS, metadata(Base()))
    assert "Document_ЗаказКлиента" in wanted(names("ut11"))


@pytest.mark.parametrize("configuration", SHIPPED)
def test_the_shipped_maps_fit_the_connector(configuration: str) -> None:
    assert names(configuration).title


def test_a_map_of_ones_own_is_read_with_all_its_faults(tmp_path: Any) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("title: x\ninvoices: {object: [], title: x, fields: {}}\n", encoding="utf-8")
    with pytest.raises(MappingError):
        read_map(path)
    with pytest.raises(KeyError):
        shipped_map("unf")


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>login</body></html>",
        b"",
        b"<edmx:Edmx",
        b'<!DOCTYPE x [<!ENTITY a "b">]><edmx:Edmx xmlns:edmx="x"/>',
        gzip.compress(b"x", mtime=0),  # the time would be in the name of the test
    ],
)
def test_what_is_no_metadata_is_not_an_empty_base(body: bytes) -> None:
    with pytest.raises(NotXml):
        read_metadata(body, ())

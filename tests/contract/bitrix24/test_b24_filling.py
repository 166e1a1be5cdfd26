"""Fields of deals on a portal: read, written with what differs and nothing else, refused where they do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from hub.domain.errors import Gone, Refused, RetryLater
from hub.domain.filling import FieldValue
from hub.domain.money import Money
from hub.ports.crm import Capability, MoveOutcome

from .portal import PERSON, Portal, deal, seed, served

NUMBER, DAY, SUM, STATE = "UF_CRM_1C_NUMBER", "UF_CRM_1C_DATE", "UF_CRM_1C_SUM", "UF_CRM_1C_STATE"
NAMES = (NUMBER, DAY, SUM, STATE)
NAMED = {"invoice_number": NUMBER, "invoice_date": DAY, "invoice_sum": SUM, "invoice_status": STATE}
CHOICES = [{"id": 45, "value": "Не оплачен"}, {"id": 46, "value": "Частично"}, {"id": 47, "value": "Оплачен"}]
FIELDS: list[dict[str, Any]] = [
    {"name": NUMBER, "title": "Счёт 1С"},
    {"name": DAY, "type": "date", "title": "Дата счёта"},
    {"name": SUM, "type": "money", "title": "Сумма счёта"},
    {"name": STATE, "type": "enumeration", "title": "Оплата счёта", "items": CHOICES},
]
VALUES: dict[str, FieldValue] = {
    NUMBER: "АБ00-000117",
    DAY: (date(2026, 9, 18),),
    SUM: Money.of("125000.50", "RUB"),
    STATE: "частично",
}
STANDS = {NUMBER: "АБ00-000117", DAY: "2026-09-18", SUM: "125000.50|RUB", STATE: "46"}
EMPTY = dict.fromkeys(NAMES, "")


def with_fields(*changed: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A portal whose deals have the fields, some of them made otherwise."""
    made = {field["name"]: field for field in [*FIELDS, *changed]}
    return seed(user_fields=list(made.values()), **parts)


@pytest.fixture
def portal() -> Iterator[Portal]:
    with served(with_fields(), fill_fields=NAMED) as portal:
        yield portal


def fill(portal: Portal, values: dict[str, FieldValue] | None = None, stood: Mapping[str, str] = EMPTY) -> MoveOutcome:
    wanted = VALUES if values is None else values
    known = {name: text for name, text in stood.items() if name in wanted}
    return portal.crm.fill_fields("9041", known, wanted, "op").outcome


def updates(portal: Portal) -> list[dict[str, Any]]:
    return [dict(record.changed) for record in portal.sandbox.control.write_log.effects("deal")]


def test_the_ability_is_there_only_where_fields_are_named(portal: Portal) -> None:
    assert Capability.FILL_FIELDS in portal.crm.capabilities()
    with served() as plain:
        assert Capability.FILL_FIELDS not in plain.crm.capabilities()


def test_fields_of_every_type_are_filled_in_one_call_and_read_back(portal: Portal) -> None:
    assert portal.crm.fields("9041", NAMES) == EMPTY
    result = portal.crm.fill_fields("9041", EMPTY, VALUES, "op")
    assert (result.outcome, dict(result.stands), result.reason) == (MoveOutcome.MOVED, STANDS, "")
    assert portal.crm.fields("9041", NAMES) == STANDS
    assert {name: portal.crm.field_text(name, value) for name, value in VALUES.items()} == STANDS
    (changed,) = updates(portal)
    assert {name.removeprefix("ufCrm_") for name in changed} == {name.removeprefix("UF_CRM_") for name in NAMES}
    assert portal.requests("crm.item.update") == 1


def test_what_stands_there_already_is_not_sent(portal: Portal) -> None:
    fill(portal)
    assert fill(portal, stood=STANDS) is MoveOutcome.ALREADY_THERE
    more = VALUES | {SUM: Money.of("1.10", "RUB")}
    assert fill(portal, more, stood=STANDS) is MoveOutcome.MOVED
    assert updates(portal)[1:] == [{"ufCrm_1C_SUM": ("125000.50", "1.10")}]


def test_nothing_but_the_named_fields_changes(portal: Portal) -> None:
    before = portal.person("crm.item.get", {"entityTypeId": 2, "id": 9041})["item"]
    fill(portal)
    after = portal.person("crm.item.get", {"entityTypeId": 2, "id": 9041})["item"]
    changed = {name for name, value in after.items() if before[name] != value}
    assert {name for name in changed if not name.startswith("ufCrm_1C")} <= {
        *("updatedTime", "updatedBy", "lastActivityTime", "lastActivityBy"),
    }
    assert after["stageId"] == before["stageId"]


def test_fields_are_emptied(portal: Portal) -> None:
    fill(portal)
    assert fill(portal, dict.fromkeys(NAMES, ""), stood=STANDS) is MoveOutcome.MOVED
    assert portal.crm.fields("9041", NAMES) == EMPTY


@pytest.mark.parametrize(
    ("field", "value", "stands"),
    [
        ({"name": DAY, "type": "string"}, (date(2026, 9, 1), date(2026, 9, 18)), "01.09.2026, 18.09.2026"),
        ({"name": DAY, "type": "date"}, (date(2026, 9, 18), date(2026, 9, 1)), "2026-09-18"),
        ({"name": DAY, "type": "datetime"}, (date(2026, 9, 18),), "2026-09-18"),
        ({"name": SUM, "type": "double"}, Money.of("1000", "RUB"), "1000.00"),
        ({"name": SUM, "type": "double"}, Money.of("1000.5", "RUB"), "1000.50"),
        ({"name": SUM, "type": "string"}, Money.of("1000.5", "RUB"), "1 000,50 ₽"),
        ({"name": SUM, "type": "money"}, Money.of("10", "USD"), "10.00|USD"),
        ({"name": STATE, "type": "string"}, "оплачен", "оплачен"),
    ],
)
def test_each_type_takes_the_value_in_its_own_way(field: dict[str, Any], value: FieldValue, stands: str) -> None:
    name = field["name"]
    with served(with_fields(field), fill_fields=NAMED) as portal:
        assert portal.crm.field_text(name, value) == stands
        result = portal.crm.fill_fields("9041", {name: ""}, {name: value}, "op")
        assert (result.outcome, dict(result.stands)) == (MoveOutcome.MOVED, {name: stands})
        assert portal.crm.fill_fields("9041", {name: stands}, {name: value}, "op").outcome is MoveOutcome.ALREADY_THERE


FAULTS = [
    ({"name": SUM, "type": "boolean", "title": "С"}, "другого типа (boolean), подходят: строка, число, деньги"),
    ({"name": NUMBER, "type": "double", "title": "Счёт 1С"}, "другого типа (число), подходят: строка"),
    ({"name": NUMBER, "multiple": True, "title": "Счета"}, "поле «Счета» (UF_CRM_1C_NUMBER) множественное"),
    ({"name": NUMBER, "read_only": True, "title": "Счёт"}, "только для чтения"),
    ({"name": STATE, "type": "enumeration", "items": CHOICES[1:]}, "нет варианта «не оплачен»"),
]


@pytest.mark.parametrize(("field", "words"), FAULTS)
def test_a_field_that_does_not_fit_is_named_by_the_check_and_refused(field: dict[str, Any], words: str) -> None:
    with served(with_fields(field), fill_fields=NAMED) as portal:
        (line,) = portal.crm.probe().unfit_fields
        assert line.startswith("fill_from_accounting.invoice_")
        assert words in line
        with pytest.raises(Refused) as refused:
            portal.crm.fields("9041", NAMES)
        assert words in refused.value.for_person
        assert portal.sandbox.control.write_log.records() == []


def test_a_field_that_does_not_exist_is_named_and_found_once_it_is_made() -> None:
    with served(seed(user_fields=FIELDS[1:]), fill_fields=NAMED) as portal:
        assert portal.crm.probe().unfit_fields == (
            f"fill_from_accounting.invoice_number: у сделок Битрикс24 нет поля {NUMBER}: "
            "создайте его или поправьте имя",
        )
        with pytest.raises(Refused, match="does not fit"):
            portal.crm.fields("9041", [NUMBER])


def test_fields_that_fit_leave_the_check_clean(portal: Portal) -> None:
    assert portal.crm.probe().unfit_fields == ()


def test_a_deal_that_is_gone(portal: Portal) -> None:
    with pytest.raises(Gone):
        portal.crm.fields("404", NAMES)
    with pytest.raises(Gone):
        portal.crm.fill_fields("404", EMPTY, VALUES, "op")


def test_what_a_person_wrote_since_we_read_stays(portal: Portal) -> None:
    portal.person("crm.item.update", {"entityTypeId": 2, "id": 9041, "fields": {NUMBER: "12 (руками)"}})
    result = portal.crm.fill_fields("9041", EMPTY, VALUES, "op")
    assert result.outcome is MoveOutcome.CHANGED_BY_OTHER
    assert "«Счёт 1С»" in result.reason
    assert portal.crm.fields("9041", [NUMBER]) == {NUMBER: "12 (руками)"}
    assert portal.requests("crm.item.update") == 1


def test_what_a_person_writes_right_after_us_is_told(portal: Portal) -> None:
    deed = {"act": "edit", "fields": {NUMBER: "12 (руками)"}, "user_id": PERSON}
    portal.fault("crm.item.update", kind="human", timing="after", do=deed)
    result = portal.crm.fill_fields("9041", EMPTY, VALUES, "op")
    assert result.outcome is MoveOutcome.CHANGED_BY_OTHER
    assert result.stands[NUMBER] == "12 (руками)"


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_is_unknown_and_reading_tells(portal: Portal, applied: bool) -> None:
    portal.fault("crm.item.update", kind="lose_reply", applied=applied)
    assert fill(portal) is MoveOutcome.UNKNOWN
    assert portal.crm.fields("9041", NAMES) == (STANDS if applied else EMPTY)


def test_a_refusal_is_told_in_the_portals_words(portal: Portal) -> None:
    portal.fault("crm.item.update", kind="refuse", status=400, code="ACCESS_DENIED")
    result = portal.crm.fill_fields("9041", EMPTY, VALUES, "op")
    assert result.outcome is MoveOutcome.REFUSED
    assert result.reason


def test_a_reading_that_fails_after_the_write_only_makes_the_answer_poorer(portal: Portal) -> None:
    deed = {"act": "delete", "user_id": PERSON}
    portal.fault("crm.item.update", kind="human", timing="after", do=deed)
    result = portal.crm.fill_fields("9041", EMPTY, VALUES, "op")
    assert (result.outcome, dict(result.stands)) == (MoveOutcome.MOVED, STANDS)
    assert result.reason.startswith("Прочитать сделку после записи не удалось")


def test_a_portal_that_is_busy_proves_that_nothing_was_written(portal: Portal) -> None:
    portal.crm.fields("9041", NAMES)
    portal.fault("crm.item.update", kind="refuse", status=503, code="QUERY_LIMIT_EXCEEDED")
    with pytest.raises(RetryLater):
        fill(portal)
    assert updates(portal) == []


def test_required_fields_of_the_stage_do_not_stop_a_filling() -> None:
    extra = [*FIELDS, {"name": "UF_CRM_CONTRACT", "mandatory": True, "title": "Договор"}]
    with served(seed(user_fields=extra, deals=[deal(9041)]), fill_fields=NAMED) as portal:
        assert fill(portal) is MoveOutcome.MOVED

"""Companies, contacts and their fields: requisites of every shape, numbers as text, dates, choices."""

from typing import Any

import pytest

from .conftest import StartSandbox, seeded
from .rest import Rest, items, value_of


def field(field_id: int, *values: Any) -> dict[str, Any]:
    return {"custom_fields_values": [{"field_id": field_id, "values": [{"value": value} for value in values]}]}


def test_requisites_stand_in_an_object_or_in_plain_fields(rest: Rest) -> None:
    whole = rest.get("companies/40021")
    assert value_of(whole, "Юр. лицо")["value"]["vat_id"] == "7700112239"
    assert value_of(whole, "Юр. лицо")["value"]["entity_type"] == 2
    plain = rest.get("companies/40022")
    assert [value_of(plain, name)["value"] for name in ("ИНН", "КПП")] == ["7800223346", "780001001"]
    assert rest.get("companies/40023")["custom_fields_values"] is None


def test_a_company_is_found_by_its_tax_number_whatever_the_shape(rest: Rest) -> None:
    assert rest.ids("companies", query="7700112239") == [40021]
    assert rest.ids("companies", query="7800223346") == [40022]
    assert rest.ids("companies?filter[custom_fields_values][91010][]=7800223346") == [40022]


def test_companies_and_contacts_show_what_they_are_tied_to(rest: Rest) -> None:
    company = rest.get("companies/40021", **{"with": "leads,contacts"})
    assert [lead["id"] for lead in company["_embedded"]["leads"]] == [70001, 70003]
    assert [contact["id"] for contact in company["_embedded"]["contacts"]] == [30011]
    contact = rest.get("contacts/30011", **{"with": "leads"})
    assert (contact["first_name"], contact["last_name"], contact["name"]) == ("Анна", "Снабжение", "Анна Снабжение")
    assert [company["id"] for company in contact["_embedded"]["companies"]] == [40021]


def test_phones_are_multitext_with_enums(rest: Rest) -> None:
    phone = value_of(rest.get("contacts/30011"), "PHONE")
    assert (phone["value"], phone["enum_code"]) == ("+7 900 000-00-11", "WORK")
    many = [{"value": "+7 1", "enum_code": "MOB"}, {"value": "+7 2"}]
    rest.patch("contacts/30011", {"custom_fields_values": [{"field_code": "PHONE", "values": many}]})
    fields = rest.get("contacts/30011")["custom_fields_values"]
    assert [value["enum_code"] for value in fields[0]["values"]] == ["MOB", "WORK"]


def test_a_multi_value_field_that_is_mentioned_is_replaced_whole(rest: Rest) -> None:
    rest.patch("contacts/30011", {"custom_fields_values": [{"field_code": "PHONE", "values": [{"value": "+7 1"}]}]})
    fields = rest.get("contacts/30011")["custom_fields_values"]
    assert [value["value"] for value in fields[0]["values"]] == ["+7 1"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (field(91012, "ООО"), "InvalidType"),
        (field(91012, {"vat_id": "7700000016"}), "FieldMissing"),
        (field(91012, {"name": "ООО", "inn": "1"}), "FieldNotExpected"),
        (field(91012, {"name": "ООО", "vat_id": 7700000016}), "InvalidType"),
        (field(91012, {"name": "ООО", "entity_type": 9}), "NotSupportedChoice"),
        (field(91010, 7700000016), "InvalidType"),
        (field(91010, "1", "2"), "FieldNotExpected"),
        (
            {"custom_fields_values": [{"field_id": 91010, "values": [{"value": "1", "enum_code": "x"}]}]},
            "FieldNotExpected",
        ),
        (
            {"custom_fields_values": [{"field_code": "PHONE", "values": [{"value": "1", "enum_code": "NO"}]}]},
            "NotSupportedChoice",
        ),
    ],
)
def test_values_of_another_shape_are_refused(rest: Rest, body: dict[str, Any], code: str) -> None:
    assert rest.refused("PATCH", "companies/40022", body)[:2] == (400, code)


def test_a_legal_entity_is_written_as_an_object(rest: Rest) -> None:
    rest.patch("companies/40023", field(91012, {"name": "ИП", "entity_type": 1, "vat_id": "770012345678"}))
    assert value_of(rest.get("companies/40023"), "Юр. лицо")["value"]["vat_id"] == "770012345678"


def test_a_date_falls_on_local_midnight_and_a_date_time_does_not_shift(start: StartSandbox) -> None:
    seed = seeded()
    seed["custom_fields"].append({"id": 91050, "name": "Момент", "entity": "leads", "type": "date_time"})
    _, rest = start(seed)
    midnight_utc = 1768435200
    for field_id in (91002, 91050):
        rest.patch("leads/70001", field(field_id, midnight_utc))
    lead = rest.lead(70001)
    assert value_of(lead, "Дата оплаты")["value"] == midnight_utc - 3 * 3600
    assert value_of(lead, "Момент")["value"] == midnight_utc
    rest.patch("leads/70001", field(91050, "2026-01-15T09:00:00+03:00"))
    assert value_of(rest.lead(70001), "Момент")["value"] == 1768456800
    assert rest.refused("PATCH", "leads/70001", field(91002, -5))[1] == "InvalidType"
    assert rest.refused("PATCH", "leads/70001", field(91002, "2026-01-15T09:00:00"))[1] == "InvalidType"


def test_choices_are_written_by_id_or_text(rest: Rest) -> None:
    for value in ({"enum_id": 71002}, {"value": "Наличные"}):
        rest.patch("leads/70001", {"custom_fields_values": [{"field_id": 91003, "values": [value]}]})
        assert value_of(rest.lead(70001), "Способ оплаты") == {"value": "Наличные", "enum_id": 71002}
    unknown = {"custom_fields_values": [{"field_id": 91003, "values": [{"value": "Бартер"}]}]}
    assert rest.refused("PATCH", "leads/70001", unknown)[1] == "NotSupportedChoice"
    coded = {"custom_fields_values": [{"field_id": 91003, "values": [{"enum_code": "cash"}]}]}
    assert rest.refused("PATCH", "leads/70001", coded)[1] == "FieldNotExpected"


def test_field_models_tell_types_codes_and_enums(rest: Rest) -> None:
    fields = {item["name"]: item for item in items(rest.get("companies/custom_fields"))}
    assert {name: fields[name]["type"] for name in ("ИНН", "Юр. лицо", "Телефон")} == {
        "ИНН": "text",
        "Юр. лицо": "legal_entity",
        "Телефон": "multitext",
    }
    assert fields["Телефон"]["code"] == "PHONE"
    assert [enum["value"] for enum in fields["Телефон"]["enums"]] == ["WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER"]
    assert len(items(rest.get("companies/custom_fields", limit=2))) == 2


def test_companies_and_contacts_are_added_and_changed(rest: Rest) -> None:
    (company,) = items(rest.post("companies", [{"name": "ООО «Новое»", "request_id": "7"}]))
    assert company["request_id"] == "7"
    (contact,) = items(rest.post("contacts", [{"first_name": "Иван", "last_name": "Новый"}]))
    assert rest.get(f"contacts/{contact['id']}")["name"] == "Иван Новый"
    rest.patch("companies", [{"id": company["id"], "name": "ООО «Другое»"}])
    assert rest.get(f"companies/{company['id']}")["name"] == "ООО «Другое»"


def test_users_are_listed_with_their_rights(rest: Rest) -> None:
    users = {user["id"]: user["rights"] for user in items(rest.get("users"))}
    assert [users[n]["is_admin"] for n in (501, 517, 519)] == [True, False, False]
    assert [users[n]["is_active"] for n in (501, 517, 519)] == [True, True, False]
    assert rest.get("users/517")["name"] == "Менеджер"
    assert rest.get("users/1") is None


def test_the_account_tells_its_zone_and_its_invoices_list(rest: Rest) -> None:
    account = rest.get("account", **{"with": "datetime_settings,invoices_settings,task_types"})
    assert account["_embedded"]["datetime_settings"]["timezone"] == "Europe/Moscow"
    assert account["_embedded"]["datetime_settings"]["timezone_offset"] == "+03:00"
    assert account["invoices_settings"] == {"lang": "ru", "invoices_catalog_id": 7301}
    assert account["_embedded"]["task_types"][0]["id"] == 1
    assert "_embedded" not in rest.get("account")

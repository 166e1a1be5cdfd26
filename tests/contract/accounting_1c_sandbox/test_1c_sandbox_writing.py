"""Writes: objects created, changed, deleted, and what 1C refuses of it."""

from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest

from connectors.accounting_1c.sandbox.values import version_number

from .client import CLIENTS, INVOICES, PAYMENTS, STATUSES, OData, at
from .conftest import Start

ZERO = "00000000-0000-0000-0000-000000000000"


def seller(odata: OData) -> str:
    """The only organisation."""
    key: str = odata.rows("Catalog_Организации")[0]["Ref_Key"]
    return key


def invoice(odata: OData, **fields: Any) -> dict[str, Any]:
    """A new invoice of the organisation."""
    return odata.create(INVOICES, **{"Date": "2026-04-01T12:00:00", "Организация_Key": seller(odata), **fields})


def first(odata: OData) -> dict[str, Any]:
    """An invoice of the default base."""
    return odata.one(INVOICES, "Number eq 'АБ00-000117'")


def test_a_created_object_comes_back_whole_with_its_address(start: Start) -> None:
    odata = start().odata
    answer = odata.call("POST", CLIENTS, {"Description": "Новый", "ИНН": "7700000047", "Выдумка": 1})
    made = answer.json()
    assert answer.status_code == 201
    assert (made["Description"], made["КПП"], made["DeletionMark"]) == ("Новый", "", False)
    assert (made["Code"], "Выдумка" in made) == ("00-000006", False)
    assert odata.http.get(answer.headers["location"] + "?$format=json").json()["Ref_Key"] == made["Ref_Key"]


def test_documents_are_created_unposted_and_numbered_in_their_year_and_organisation(start: Start) -> None:
    odata = start().odata
    other = odata.create("Catalog_Организации", Description="Вторая", Префикс="ВТ")["Ref_Key"]
    bare = odata.create("Catalog_Организации", Description="Третья")["Ref_Key"]
    numbers = [
        invoice(odata)["Number"],
        invoice(odata)["Number"],
        invoice(odata, Date="2027-01-01T00:00:00")["Number"],
        invoice(odata, Организация_Key=other)["Number"],
        invoice(odata, Организация_Key=bare)["Number"],
    ]
    assert numbers == ["АБ00-000122", "АБ00-000123", "АБ00-000001", "ВТ00-000001", "0000-000001"]
    assert invoice(odata, Posted=True)["Posted"] is False


def test_a_number_given_twice_in_a_year_is_refused_in_words(start: Start) -> None:
    odata = start().odata
    body = {"Date": "2026-06-01T00:00:00", "Организация_Key": seller(odata), "Number": "АБ00-000117"}
    assert odata.refused("POST", INVOICES, body) == (500, "-1")
    words = odata.words("POST", INVOICES, body)
    assert words == (
        'Не удалось записать: "Счет на оплату покупателю АБ00-000117 от 01.06.2026 0:00:00"!\n'
        'Значение поля "Номер" не уникально'
    )
    assert invoice(odata, Number="АБ00-000117", Date="2027-06-01T00:00:00")["Number"] == "АБ00-000117"
    assert start(unique_numbers=False).odata.call("POST", INVOICES, body).status_code == 201


def test_a_document_without_a_date_and_a_key_that_exists_are_refused(start: Start) -> None:
    odata = start().odata
    assert odata.refused("POST", INVOICES, {"Организация_Key": seller(odata)}) == (500, "-1")
    key = first(odata)["Ref_Key"]
    assert odata.refused("POST", INVOICES, {"Ref_Key": key, "Date": "2026-04-01"}) == (400, "15")
    mine = "11111111-2222-4333-8444-555555555555"
    assert invoice(odata, Ref_Key=mine)["Ref_Key"] == mine


def test_a_change_touches_only_what_is_given_and_counts_the_version(start: Start) -> None:
    odata = start().odata
    before = first(odata)
    after = odata.patch(INVOICES, before["Ref_Key"], Комментарий="hub:pay_1")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"Комментарий", "DataVersion"}
    assert version_number(after["DataVersion"]) == version_number(before["DataVersion"]) + 1


def test_versions_belong_to_objects_and_repeat_among_them(start: Start) -> None:
    assert {row["DataVersion"] for row in start().odata.rows(INVOICES)} == {"AAAAAAAAAAE="}


def test_tabular_parts_are_replaced_as_a_whole(start: Start) -> None:
    odata = start().odata
    key = first(odata)["Ref_Key"]
    rows = [{"LineNumber": "2", "Сумма": 5, "Содержание": "Б"}, {"LineNumber": "1", "Сумма": "7.25", "Содержание": "А"}]
    after = odata.patch(INVOICES, key, Товары=rows)
    assert [(row["LineNumber"], row["Содержание"], row["Сумма"]) for row in after["Товары"]] == [
        ("1", "А", 7.25),
        ("2", "Б", 5),
    ]
    assert odata.refused("PATCH", at(INVOICES, key), {"Товары": [{"Сумма": 5}]}) == (500, "-1")
    assert odata.patch(INVOICES, key, Товары=[])["Товары"] == []


def test_rows_of_tabular_parts_are_not_written_by_themselves(start: Start) -> None:
    odata = start().odata
    key = first(odata)["Ref_Key"]
    assert odata.refused("POST", f"{INVOICES}_Товары", {"Ref_Key": key, "LineNumber": 2}) == (400, "13")
    assert odata.refused("PATCH", f"{INVOICES}_Товары(Ref_Key=guid'{key}',LineNumber=1)", {"Сумма": 1}) == (405, "19")
    assert odata.refused("DELETE", f"{INVOICES}_Товары(Ref_Key=guid'{key}',LineNumber=1)") == (405, "19")


@pytest.mark.parametrize(
    "fields",
    [
        {"Комментарий": 5},
        {"СуммаДокумента": "много"},
        {"СуммаДокумента": True},
        {"Date": "вчера"},
        {"Date": "2026-02-30T00:00:00"},
        {"Организация_Key": "c3f2"},
        {"СуммаВключаетНДС": "да"},
        {"Товары": {}},
        {"Контрагент@odata.bind": "Catalog_Контрагенты(1)"},
    ],
)
def test_values_of_a_wrong_kind_are_refused_and_change_nothing(start: Start, fields: dict[str, Any]) -> None:
    odata = start().odata
    before = first(odata)
    assert odata.refused("PATCH", at(INVOICES, before["Ref_Key"]), fields) == (400, "4")
    assert first(odata) == before


def test_a_body_that_cannot_be_read_is_refused(start: Start) -> None:
    odata = start().odata
    for text in ("{", "[]", "<entry", "<!DOCTYPE x><entry/>"):
        answer = odata.http.post(f"{odata.root}/{CLIENTS}?$format=json", content=text.encode())
        assert (answer.status_code, answer.json()["odata.error"]["code"]) == (400, "1")


def test_a_null_empties_a_value(start: Start) -> None:
    odata = start().odata
    client = odata.one(CLIENTS, "ИНН eq '7700000030'")
    after = odata.patch(CLIENTS, client["Ref_Key"], КПП=None, Parent_Key=None)
    assert (after["КПП"], after["Parent_Key"]) == ("", ZERO)


def test_put_wants_every_property_and_takes_references_by_address(start: Start) -> None:
    odata = start().odata
    before = first(odata)
    assert odata.refused("PUT", at(INVOICES, before["Ref_Key"]), {"Date": "2026-03-02T11:40:05"}) == (400, "5")
    body = {name: value for name, value in before.items() if "@" not in name and name != "Контрагент_Key"}
    other = odata.one(CLIENTS, "ИНН eq '7700000030'")["Ref_Key"]
    body["Контрагент@odata.bind"] = f"Catalog_Контрагенты(guid'{other}')"
    answer = odata.call("PUT", at(INVOICES, before["Ref_Key"]), body)
    assert (answer.status_code, answer.json()["Контрагент_Key"]) == (200, other)


def test_delete_is_physical_and_leaves_references_behind(start: Start) -> None:
    odata = start().odata
    key = first(odata)["Ref_Key"]
    answer = odata.call("DELETE", at(INVOICES, key))
    assert (answer.status_code, answer.content) == (204, b"")
    assert odata.refused("GET", at(INVOICES, key)) == (404, "9")
    assert odata.rows(f"{PAYMENTS}_РасшифровкаПлатежа", filter=f"СчетНаОплату_Key eq guid'{key}'") != []
    assert odata.refused("DELETE", INVOICES) == (405, "19")
    assert odata.refused("POST", at(INVOICES, key), {}) == (405, "19")


def test_a_mark_for_deletion_unposts_or_is_refused(start: Start) -> None:
    odata = start().odata
    after = odata.patch(INVOICES, first(odata)["Ref_Key"], DeletionMark=True)
    assert (after["DeletionMark"], after["Posted"]) == (True, False)
    strict = start(mark_posted="refused").odata
    assert strict.refused("PATCH", at(INVOICES, first(strict)["Ref_Key"]), {"DeletionMark": True}) == (500, "-1")


def test_if_match_is_ignored_unless_the_base_is_strict(start: Start) -> None:
    for mode, status in (("ignore", 200), ("strict", 412)):
        odata = start(if_match=mode).odata
        row = first(odata)
        path = at(INVOICES, row["Ref_Key"])
        assert odata.call("PATCH", path, {"Комментарий": "a"}, {"If-Match": row["DataVersion"]}).status_code == 200
        stale = odata.call("PATCH", path, {"Комментарий": "b"}, {"If-Match": row["DataVersion"]})
        assert stale.status_code == status
        assert odata.call("DELETE", path, None, {"If-Match": "*"}).status_code == 204


def test_a_closed_period_is_refused_in_words_unless_data_is_loaded(start: Start) -> None:
    served = start(closed_until="2026-03-31")
    odata = served.odata
    row = first(odata)
    path = at(INVOICES, row["Ref_Key"])
    assert odata.refused("PATCH", path, {"Комментарий": "x"}) == (500, "-1")
    words = odata.words("POST", f"{path}/Unpost")
    assert words.startswith('Не удалось отменить проведение: "Счет на оплату покупателю АБ00-000117 от 02.03.2026')
    assert "Дата запрета изменения данных: 31.03.2026" in words
    assert odata.refused("DELETE", path) == (500, "-1")
    assert invoice(odata)["Date"] == "2026-04-01T12:00:00"
    late = invoice(odata)
    assert odata.refused("PATCH", at(INVOICES, late["Ref_Key"]), {"Date": "2026-03-31T23:59:59"}) == (500, "-1")
    loading = {"1C_OData-DataLoadMode": "true"}
    assert odata.call("PATCH", path, {"Комментарий": "x"}, loading).status_code == 200
    served.control.close_period(None)
    assert odata.call("PATCH", path, {"Комментарий": "y"}).status_code == 200
    served.control.close_period(date(2026, 3, 31))
    assert odata.refused("PATCH", path, {"Комментарий": "z"}) == (500, "-1")


def test_some_objects_know_no_load_mode(start: Start) -> None:
    odata = start(data_load_mode="refused").odata
    answer = odata.call("POST", CLIENTS, {"Description": "x"}, {"1C_OData-DataLoadMode": "true"})
    assert (answer.status_code, answer.json()["odata.error"]["code"]) == (400, "17")


def test_statuses_are_set_by_patch_where_there_is_a_record_else_by_post(start: Start) -> None:
    odata = start().odata
    row = odata.one(INVOICES, "Number eq 'АБ00-000119'")
    organisation, kind = row["Организация_Key"], f"StandardODATA.{INVOICES}"
    key = f"Организация_Key=guid'{organisation}',Документ='{row['Ref_Key']}',Документ_Type='{kind}'"
    status = {"Статус": "Оплачен", "Статус_Type": "UnavailableEnums.СтатусОплатыСчета"}
    assert odata.refused("PATCH", f"{STATUSES}({key})", status) == (404, "9")
    whole = {
        "Организация_Key": row["Организация_Key"],
        "Документ": row["Ref_Key"],
        "Документ_Type": f"StandardODATA.{INVOICES}",
    }
    assert odata.call("POST", STATUSES, whole | status).status_code == 201
    assert odata.refused("POST", STATUSES, whole | status) == (400, "15")
    answer = odata.call("PATCH", f"{STATUSES}({key})", status | {"Статус": "Отменен"})
    assert (answer.status_code, answer.json()["Статус"]) == (200, "Отменен")


def test_atom_bodies_are_written_and_answered(start: Start) -> None:
    odata = start().odata
    body = (
        '<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml">'
        '<m:properties xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
        'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
        '<d:Description>Из Atom</d:Description><d:IsFolder>false</d:IsFolder><d:ИНН m:null="true"/>'
        "</m:properties></content></entry>"
    )
    answer = odata.http.post(
        f"{odata.root}/{CLIENTS}", content=body.encode(), headers={"Content-Type": "application/atom+xml"}
    )
    assert (answer.status_code, ElementTree.fromstring(answer.content).tag) == (
        201,
        "{http://www.w3.org/2005/Atom}entry",
    )
    assert odata.one(CLIENTS, "Description eq 'Из Atom'")["ИНН"] == ""


def test_a_constant_is_changed_by_its_empty_key(start: Start) -> None:
    odata = start().odata
    name = "Constant_ВалютаРегламентированногоУчета"
    dollar = odata.one("Catalog_Валюты", "Code eq '840'")["Ref_Key"]
    assert odata.patch(name, ZERO, Value_Key=dollar)["Value_Key"] == dollar
    assert odata.refused("POST", name, {}) == (405, "19")


def test_every_write_leaves_its_lines_in_the_log(start: Start) -> None:
    served = start()
    odata = served.odata
    key = first(odata)["Ref_Key"]
    odata.patch(INVOICES, key, Комментарий="x")
    odata.patch(INVOICES, key, Комментарий="x")
    odata.refused("PATCH", at(INVOICES, key), {"Date": "x"})
    odata.call("DELETE", at(INVOICES, key))
    lines = [(line.kind, line.method, line.applied, line.no_op, line.error) for line in served.control.write_log]
    assert lines == [
        ("effect", "patch", True, False, None),
        ("call", "patch", True, False, None),
        ("call", "patch", True, True, None),
        ("call", "patch", False, False, "4"),
        ("effect", "delete", True, False, None),
        ("call", "delete", True, False, None),
    ]
    change = served.control.write_log.effects(INVOICES)[0]
    assert (change.changed["Комментарий"], change.model_dump()["entity_key"]) == ((None, "x"), at(INVOICES, key))

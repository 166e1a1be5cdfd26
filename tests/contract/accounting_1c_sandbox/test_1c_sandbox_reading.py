"""Reading: descriptions, formats, single entities, $select, $expand, counts, addresses."""

import json
import socket
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest

from .client import BREAKDOWN, CLIENTS, INVOICES, PAYMENTS, STATUSES, at
from .conftest import Start

EDM = "{http://schemas.microsoft.com/ado/2009/11/edm}"
DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
META = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_root_lists_the_published_sets_in_both_representations(start: Start) -> None:
    odata = start().odata
    names = [each["name"] for each in odata.rows("")]
    assert {INVOICES, f"{INVOICES}_Товары", PAYMENTS, BREAKDOWN, CLIENTS, STATUSES} <= set(names)
    plain = ElementTree.fromstring(odata.http.get(odata.root).content)
    assert plain.tag == "{http://www.w3.org/2007/app}service"
    assert [each.get("href") for each in plain.iter("{http://www.w3.org/2007/app}collection")] == names
    assert odata.http.get(f"{odata.root}/").content == odata.http.get(odata.root).content


def test_an_empty_composition_publishes_nothing(start: Start) -> None:
    odata = start(composition=[]).odata
    assert odata.rows("") == []
    assert odata.refused("GET", CLIENTS) == (404, "8")


def test_what_is_not_in_the_composition_is_unknown_and_leaves_a_name_that_says_nothing(start: Start) -> None:
    odata = start(composition=[PAYMENTS]).odata
    assert odata.refused("GET", INVOICES) == (404, "8")
    payment = odata.rows(PAYMENTS, top=1)[0]
    assert payment["Контрагент_Type"].startswith("UnavailableEntities.UnavailableEntity_")
    assert not [name for name in payment if name.endswith("@navigationLinkUrl")]


def test_the_metadata_has_the_namespaces_and_parts_of_the_vendors_own(start: Start) -> None:
    odata = start().odata
    answer = odata.http.get(f"{odata.root}/$metadata")
    assert (answer.headers["content-type"], answer.headers["dataserviceversion"]) == (
        "application/xml;charset=utf-8",
        "3.0",
    )
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "{http://schemas.microsoft.com/ado/2007/06/edmx}Edmx"
    types = {each.get("Name"): each for each in root.iter(f"{EDM}EntityType")}
    payment = {each.get("Name"): each.get("Type") for each in types[PAYMENTS].iter(f"{EDM}Property")}
    assert (payment["Контрагент"], payment["Контрагент_Type"]) == ("Edm.String", "Edm.String")
    assert payment["РасшифровкаПлатежа"] == f"Collection(StandardODATA.{BREAKDOWN}_RowType)"
    assert payment["СуммаДокумента"] == "Edm.Double"
    assert "Контрагент_Key" not in payment
    keys = [each.get("Name") for each in types[BREAKDOWN].iter(f"{EDM}PropertyRef")]
    assert keys == ["Ref_Key", "LineNumber"]
    posts = [each for each in root.iter(f"{EDM}FunctionImport") if each.get("Name") == "Post"]
    bound = {each.get("Type") for post in posts for each in post if each.get("Name") == "bindingParameter"}
    assert f"StandardODATA.{PAYMENTS}" in bound
    assert odata.refused("GET", "$metadata") == (400, "3")


def test_atom_comes_unless_json_is_asked_for(start: Start) -> None:
    odata = start().odata
    address = f"{odata.root}/{quote(INVOICES)}?$top=1"
    plain = odata.http.get(address)
    assert plain.headers["content-type"].startswith("application/atom+xml")
    (entry,) = ElementTree.fromstring(plain.content).iter(f"{ATOM}entry")
    (rows,) = entry.iter(f"{DATA}Товары")
    assert rows.get(f"{META}type") == f"Collection(StandardODATA.{INVOICES}_Товары_RowType)"
    assert rows[0].tag == f"{DATA}element"
    for headers in ({"Accept": "application/json"}, {"Accept": "application/json;odata=nometadata"}):
        assert odata.http.get(address, headers=headers).json()["value"][0]["Number"] == "АБ00-000117"
    assert odata.http.get(f"{address}&$format=atom", headers={"Accept": "application/json"}).text.startswith("<?xml")


def test_levels_of_metadata_differ_as_the_manual_says(start: Start) -> None:
    odata = start().odata
    full = odata.get(INVOICES, top=1, format="application/json;odata=fullmetadata")
    minimal = odata.get(INVOICES, top=1)
    none = odata.get(INVOICES, top=1, format="application/json;odata=nometadata")
    assert full["value"][0]["odata.type"] == f"StandardODATA.{INVOICES}"
    assert minimal["odata.metadata"].endswith(f"$metadata#{INVOICES}")
    assert "Контрагент@navigationLinkUrl" in minimal["value"][0]
    assert not [name for name in (*none, *none["value"][0]) if "odata" in name or "@" in name]
    assert odata.refused("GET", INVOICES, format="xlsx") == (400, "3")
    assert odata.refused("GET", INVOICES, format="application/json;odata=verbose") == (400, "3")


def test_values_have_the_forms_of_the_wire(start: Start) -> None:
    odata = start().odata
    row = odata.one(INVOICES, "Number eq 'АБ00-000119'")
    assert (row["СуммаДокумента"], row["Date"], row["Posted"]) == (30500.5, "2026-03-03T09:15:00", True)
    assert row["Товары"][0]["LineNumber"] == "1"
    text = odata.call("GET", INVOICES, top=1).text
    assert '"СуммаДокумента": 48800,' in text
    advance = odata.one(PAYMENTS, "Number eq 'АБ00-000390'")
    assert advance["РасшифровкаПлатежа"][0]["СчетНаОплату_Key"] == "00000000-0000-0000-0000-000000000000"
    assert (advance["ДокументОснование"], advance["ДокументОснование_Type"]) == ("", "StandardODATA.Undefined")
    assert odata.rows(CLIENTS, top=1)[0]["ГоловнойКонтрагент_Key"] == "00000000-0000-0000-0000-000000000000"


def test_a_single_entity_is_the_object_itself(start: Start) -> None:
    odata = start().odata
    key = odata.one(INVOICES, "Number eq 'АБ00-000117'")["Ref_Key"]
    single = odata.get(at(INVOICES, key))
    assert single["odata.metadata"].endswith(f"$metadata#{INVOICES}/@Element")
    assert (single["Ref_Key"], "value" in single) == (key, False)
    assert odata.get(f"{at(INVOICES, key)}/Контрагент/ИНН")["value"] == "7700000016"
    assert odata.get(f"{at(INVOICES, key)}/Контрагент")["Description"] == "Фиалка ООО"
    assert odata.refused("GET", f"{at(INVOICES, key)}/Склад") == (400, "10")


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        (at(INVOICES, "00000000-0000-0000-0000-00000000dead"), (404, "9")),
        (f"{INVOICES}(guid'nonsense')", (400, "4")),
        (f"{INVOICES}('АБ00-000117')", (400, "4")),
        (f"{BREAKDOWN}(Ref_Key=guid'00000000-0000-0000-0000-00000000dead')", (400, "7")),
        (f"{STATUSES}(Организация_Key=guid'00000000-0000-0000-0000-00000000dead')", (400, "7")),
        ("Catalog_Неизвестный", (404, "8")),
        ("catalog_контрагенты", (404, "8")),
        (f"{CLIENTS}/Balance", (404, "11")),
        (f"{CLIENTS}/Чтоугодно", (404, "6")),
    ],
)
def test_wrong_addresses_get_their_codes(start: Start, path: str, refusal: tuple[int, str]) -> None:
    assert start().odata.refused("GET", path) == refusal


def test_rows_of_registers_and_parts_are_read_by_their_whole_key(start: Start) -> None:
    odata = start().odata
    status = odata.one(
        STATUSES,
        "Статус_Type eq 'UnavailableEnums.СтатусОплатыСчета' and Документ_Type ne ''"
        " and Документ eq cast(guid'" + odata.one(INVOICES, "Number eq 'АБ00-000117'")["Ref_Key"] + f"','{INVOICES}')",
    )
    address = (
        f"{STATUSES}(Организация_Key=guid'{status['Организация_Key']}',Документ='{status['Документ']}',"
        f"Документ_Type='{status['Документ_Type']}')"
    )
    assert odata.get(address)["Статус"] == "Оплачен"
    row = odata.rows(BREAKDOWN, top=1)[0]
    read = odata.get(f"{BREAKDOWN}(Ref_Key=guid'{row['Ref_Key']}',LineNumber={row['LineNumber']})")
    assert read["СуммаПлатежа"] == row["СуммаПлатежа"]


def test_select_takes_fields_all_parts_and_presentations(start: Start) -> None:
    odata = start().odata
    none = "application/json;odata=nometadata"
    one = odata.rows(
        INVOICES, top=1, format=none, select="Number, Товары/Сумма , Контрагент____Presentation,Presentation"
    )
    assert one == [
        {
            "Number": "АБ00-000117",
            "Товары": [{"Сумма": 48800}],
            "Контрагент____Presentation": "Фиалка ООО",
            "Presentation": "Счет на оплату покупателю АБ00-000117 от 02.03.2026 11:40:05",
        }
    ]
    every = odata.rows(INVOICES, top=1, format=none)[0]
    assert odata.rows(INVOICES, top=1, format=none, select="*")[0] == every
    assert set(every) - set(odata.rows(INVOICES, top=1, format=none, select="**")[0]) == {"Товары"}
    assert odata.refused("GET", INVOICES, select="Нумбер") == (400, "10")
    assert odata.refused("GET", INVOICES, select="Контрагент/ИНН") == (400, "10")


def test_expand_puts_objects_in_place_of_references(start: Start) -> None:
    odata = start().odata
    (row,) = odata.rows(INVOICES, top=1, expand="Контрагент/ГоловнойКонтрагент", select="Number,Контрагент/ИНН")
    assert row["Контрагент"]["ИНН"] == "7700000016"
    (row,) = odata.rows(INVOICES, top=1, expand="*")
    assert row["ДоговорКонтрагента"]["ВидДоговора"] == "СПокупателем"
    (row,) = odata.rows(PAYMENTS, top=1, expand=f"Контрагент/{CLIENTS}")
    assert row["Контрагент_Expanded"]["ИНН"] == "7700000016"


@pytest.mark.parametrize(
    ("expand", "refusal"),
    [("Контрагент", (400, "14")), ("РасшифровкаПлатежа", (501, "0")), ("Склад", (400, "10")), ("*/x", (400, "14"))],
)
def test_expand_refuses_what_1c_does_not_expand(start: Start, expand: str, refusal: tuple[int, str]) -> None:
    assert start().odata.refused("GET", PAYMENTS, expand=expand) == refusal


def test_a_single_entity_is_not_expanded(start: Start) -> None:
    odata = start().odata
    key = odata.rows(INVOICES, top=1)[0]["Ref_Key"]
    assert odata.refused("GET", at(INVOICES, key), expand="Контрагент") == (501, "0")


def test_counts_come_bare_with_a_mark_or_not_at_all(start: Start) -> None:
    assert start().odata.call("GET", f"{INVOICES}/$count").content.decode() == "\ufeff5"
    odata = start(count="plain").odata
    assert odata.call("GET", f"{INVOICES}/$count", filter="Posted eq true").text == "3"
    assert start(count="absent").odata.refused("GET", f"{INVOICES}/$count") == (404, "6")


def test_inlinecount_is_a_text_and_may_switch_paging_off(start: Start) -> None:
    page = start().odata.get(INVOICES, top=0, inlinecount="allpages")
    assert (page["odata.count"], page["value"]) == ("5", [])
    page = start(inlinecount_disables_paging=True).odata.get(INVOICES, top=1, skip=1, inlinecount="allpages")
    assert (page["odata.count"], len(page["value"])) == ("5", 5)
    atom = start().odata.call("GET", INVOICES, inlinecount="allpages", format="atom")
    assert ElementTree.fromstring(atom.content).find(f"{META}count") is not None


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"search": "x"}, (501, "0")),
        ({"apply": "x"}, (501, "0")),
        ({"count": "true"}, (501, "0")),
        ({"top": "-1"}, (400, "14")),
        ({"skip": "x"}, (400, "14")),
        ({"inlinecount": "all"}, (400, "14")),
        ({"orderby": "Date down"}, (400, "14")),
    ],
)
def test_unknown_and_wrong_options_are_refused(start: Start, options: dict[str, str], refusal: tuple[int, str]) -> None:
    assert start().odata.refused("GET", INVOICES, **options) == refusal


def test_a_plus_in_a_query_is_no_space(start: Start) -> None:
    query = "?$format=json&$filter=Posted+eq+true"
    served = start()
    answer = served.odata.http.get(f"{served.odata.root}/{quote(INVOICES)}{query}")
    assert (answer.status_code, answer.json()["odata.error"]["code"]) == (400, "14")
    other = start(plus_is_space=True)
    assert len(other.odata.http.get(f"{other.odata.root}/{quote(INVOICES)}{query}").json()["value"]) == 3


def test_cyrillic_addresses_are_taken_raw_too(start: Start) -> None:
    served = start()
    parts = urlsplit(served.odata.root)
    request = served.odata.http.build_request("GET", served.odata.root)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as wire:
        lines = [
            f"GET {parts.path}/{CLIENTS}?$format=json&$filter=ИНН%20eq%20'7700000030' HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Authorization: {next(iter(served.odata.http.auth.auth_flow(request))).headers['authorization']}",  # type: ignore[union-attr]
            "Connection: close",
            "",
            "",
        ]
        wire.sendall("\r\n".join(lines).encode())
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), answer
    assert json.loads(body)["value"][0]["Description"] == "Ромашка ООО"


def test_outside_the_publication_the_web_server_answers(start: Start) -> None:
    served = start(publication="a/ea/17")
    assert served.odata.root.endswith("/a/ea/17/odata/standard.odata")
    assert len(served.odata.rows(INVOICES)) == 5
    for path in ("/odata/standard.odata/", "/a/ea/17/hs/print", "/a/ea/17/odata/standard.odatax"):
        answer = served.odata.http.get(f"{served.sandbox.url}{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_constants_and_rates_are_read(start: Start) -> None:
    odata = start().odata
    currency = odata.rows("Constant_ВалютаРегламентированногоУчета")[0]["Value_Key"]
    assert odata.get(at("Catalog_Валюты", currency))["Code"] == "643"
    zero = "00000000-0000-0000-0000-000000000000"
    assert odata.get(at("Constant_ВалютаРегламентированногоУчета", zero))["Value_Key"] == currency

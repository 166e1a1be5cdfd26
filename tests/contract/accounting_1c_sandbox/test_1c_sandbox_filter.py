"""$filter and $orderby: what is understood, what is refused, what silently finds nothing."""

import pytest

from .client import BREAKDOWN, CLIENTS, INVOICES, PAYMENTS, at
from .conftest import Start

FIRST, SECOND, THIRD, FOURTH, FIFTH = (f"АБ00-000{number}" for number in range(117, 122))


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("Number eq 'АБ00-000117'", [FIRST]),
        ("Number eq 'аб00-000117'", [FIRST]),
        ("not (Number ne 'АБ00-000117')", [FIRST]),
        ("Posted eq false", [FOURTH, FIFTH]),
        ("not Posted", [FOURTH, FIFTH]),
        ("not Posted and not DeletionMark", [FOURTH]),
        ("Date ge datetime'2026-03-03T00:00:00' and Date lt datetime'2026-03-03T10:00:00'", [THIRD]),
        ("Date gt datetime'2026-03-03T10:00:00' or СуммаДокумента eq 48800", [FIRST, FIFTH]),
        ("СуммаДокумента eq 30500.5", [THIRD]),
        ("СуммаДокумента add 1 gt 30500.5 and СуммаДокумента sub 1 lt 30500.5", [THIRD]),
        ("СуммаДокумента mul 2 eq 24400", [SECOND]),
        ("СуммаДокумента div 2 eq 24400", [FIRST]),
        ("СуммаДокумента gt -1 and СуммаДокумента lt 2441", [FIFTH]),
        ("substringof('117',Number)", [FIRST]),
        ("substringof('117',Number) eq true", [FIRST]),
        ("startswith(Number,'АБ00-00012')", [FOURTH, FIFTH]),
        ("endswith(Number, '9')", [THIRD]),
        ("like(Number,'%[89]')", [SECOND, THIRD]),
        ("like(Number,'%[^0-8]')", [THIRD]),
        ("like(Number,'____-00012_')", [FOURTH, FIFTH]),
        ("substring(Number,6,6) eq '000118'", [SECOND]),
        ("concat(Number,'!') eq 'АБ00-000118!'", [SECOND]),
        ("day(Date) eq 2 and hour(Date) eq 15", [SECOND]),
        ("year(Date) eq 2026 and quarter(Date) eq 1 and dayofweek(Date) eq 1", [FIRST, SECOND]),
        ("datedifference(Date,datetime'2026-03-05T00:00:00','day') eq 3", [FIRST, SECOND]),
        ("dateadd(Date,'month',1) ge datetime'2026-04-03T10:30:00'", [FIFTH]),
        ("round(СуммаДокумента) eq 30501", [THIRD]),
        ("Контрагент/ИНН eq '7700000016'", [FIRST, THIRD, FIFTH]),
        ("Контрагент/ГоловнойКонтрагент/Description eq 'Фиалка ООО' and Контрагент/КПП eq '710043001'", [THIRD]),
        ("Товары/any(d: d/Сумма gt 40000)", [FIRST]),
        ("Товары/all(d: d/Сумма lt 10000)", [FOURTH, FIFTH]),
        ("Товары/any() and Posted", [FIRST, SECOND, THIRD]),
        ("(Posted)", [FIRST, SECOND, THIRD]),
        ("true", [FIRST, SECOND, THIRD, FOURTH, FIFTH]),
    ],
)
def test_expressions_find_what_they_say(start: Start, expression: str, found: list[str]) -> None:
    rows = start().odata.rows(INVOICES, filter=expression, orderby="Number", select="Number")
    assert [row["Number"] for row in rows] == found


@pytest.mark.parametrize(
    ("expression", "refusal"),
    [
        ("", (400, "14")),
        ("Number eq", (400, "14")),
        ("Number == 'x'", (400, "14")),
        ('Number eq "x"', (400, "14")),
        ("Number eq 'x", (400, "14")),
        ("(Number eq 'x'", (400, "14")),
        ("Number", (400, "14")),
        ("Date ge '2026-03-03'", (400, "14")),
        ("Date ge datetime'вчера'", (400, "14")),
        ("Контрагент_Key eq 'c3f2'", (400, "14")),
        ("Number in ('a','b')", (400, "14")),
        ("Posted and СуммаДокумента", (400, "14")),
        ("Нумбер eq 'x'", (400, "10")),
        ("Контрагент/Ничего eq 'x'", (400, "10")),
        ("Склады/any(d: d/Сумма gt 1)", (400, "10")),
        ("contains(Number,'117')", (400, "21")),
        ("tolower(Number) eq 'x'", (400, "21")),
        ("length(Number) eq 1", (400, "21")),
        ("trim(Number) eq 'x'", (400, "21")),
        ("startswith(Number)", (400, "21")),
        ("startswith(Number,1)", (400, "21")),
        ("Товары/all()", (400, "21")),
        ("Ref_Key gt guid'00000000-0000-0000-0000-000000000000'", (500, "-1")),
        ("СуммаДокумента div 0 eq 1", (500, "-1")),
    ],
)
def test_expressions_that_1c_does_not_take_are_refused(start: Start, expression: str, refusal: tuple[int, str]) -> None:
    assert start().odata.refused("GET", INVOICES, filter=expression) == refusal


def test_the_text_of_a_refusal_follows_the_session(start: Start) -> None:
    assert "Ошибка разбора опции запроса $filter" in start().odata.words("GET", INVOICES, filter="x y")
    assert "Error parsing $filter query option" in start(language="en").odata.words("GET", INVOICES, filter="x y")
    assert start(language="en").odata.words("GET", "Catalog_Нет") == '"Catalog_Нет" entity is not found'


def test_a_bare_reference_never_equals_a_composite_field(start: Start) -> None:
    odata = start().odata
    client = odata.one(CLIENTS, "Description eq 'Фиалка ООО'")["Ref_Key"]
    assert odata.rows(PAYMENTS, filter=f"Контрагент eq guid'{client}'") == []
    (row,) = odata.rows(PAYMENTS, filter=f"Контрагент eq cast(guid'{client}','{CLIENTS}')")
    assert row["Number"] == "АБ00-000388"
    assert len(odata.rows(PAYMENTS, filter=f"Контрагент ne cast(guid'{client}','{CLIENTS}')")) == 2
    assert odata.refused("GET", PAYMENTS, filter=f"Контрагент_Key eq guid'{client}'") == (400, "10")


def test_composite_fields_are_told_by_their_type(start: Start) -> None:
    odata = start().odata
    assert len(odata.rows(PAYMENTS, filter=f"isof(Контрагент,'{CLIENTS}')")) == 3
    assert odata.rows(PAYMENTS, filter="isof(Контрагент,'Catalog_Организации')") == []
    assert len(odata.rows(PAYMENTS, filter=f"Контрагент_Type eq 'StandardODATA.{CLIENTS}'")) == 3
    (row,) = odata.rows(PAYMENTS, filter=f"cast(Контрагент,'{CLIENTS}')/КПП eq '710043001'")
    assert row["Number"] == "АБ00-000389"
    assert odata.refused(
        "GET", PAYMENTS, filter="Контрагент eq cast(guid'00000000-0000-0000-0000-000000000000','X')"
    ) == (400, "14")


@pytest.mark.parametrize(("switch", "refusal"), [("error500", (500, "-1")), ("error400", (400, "21"))])
def test_functions_on_composite_fields_fail(start: Start, switch: str, refusal: tuple[int, str]) -> None:
    odata = start(composite_functions=switch).odata
    assert odata.refused("GET", PAYMENTS, filter="substringof('Ф',Контрагент)") == refusal
    assert odata.refused("GET", PAYMENTS, filter="startswith(Контрагент_Type,'Standard')") == refusal


def test_bases_differ_in_what_they_make_of_casts_names_and_types(start: Start) -> None:
    cast = f"Контрагент eq cast(guid'00000000-0000-0000-0000-000000000000','{CLIENTS}')"
    assert start(composite_cast="error").odata.refused("GET", PAYMENTS, filter=cast) == (500, "-1")
    empty = start(composite_cast="empty", composite_functions="empty", unknown_field="empty").odata
    for expression in (f"not ({cast}) and not Posted", "substringof('Ф',Контрагент)", "Нумбер eq 'x'"):
        assert empty.rows(PAYMENTS, filter=expression) == []
    assert start(unknown_field_status=404).odata.refused("GET", INVOICES, filter="Нумбер eq 'x'") == (404, "10")
    assert start(type_mismatch=500).odata.refused("GET", INVOICES, filter="Number eq 1") == (500, "-1")
    assert start(case_sensitive=True).odata.rows(INVOICES, filter="Number eq 'аб00-000117'") == []


def test_rows_of_a_tabular_part_are_found_by_the_invoice(start: Start) -> None:
    odata = start().odata
    invoice = odata.one(INVOICES, "Number eq 'АБ00-000119'")["Ref_Key"]
    (row,) = odata.rows(BREAKDOWN, filter=f"СчетНаОплату_Key eq guid'{invoice}'")
    assert (row["СуммаПлатежа"], odata.get(at(PAYMENTS, row["Ref_Key"]))["Number"]) == (10000, "АБ00-000389")
    assert len(odata.rows(BREAKDOWN, filter="СчетНаОплату/Posted")) == 2


def test_objects_are_found_by_many_keys_at_once(start: Start) -> None:
    odata = start().odata
    keys = [row["Ref_Key"] for row in odata.rows(INVOICES)]
    asked = " or ".join(
        f"Ref_Key eq guid'{key}'" for key in (*keys[:3], keys[0], "00000000-0000-0000-0000-00000000dead")
    )
    assert [row["Ref_Key"] for row in odata.rows(INVOICES, filter=asked)] == keys[:3]


def test_quotes_inside_a_text_are_doubled(start: Start) -> None:
    name = 'ООО "О\'Бразец" & Ко'
    odata = start().odata
    odata.create(CLIENTS, Description=name, ИНН="7700000047")
    doubled = name.replace("'", "''")
    assert odata.one(CLIENTS, f"Description eq '{doubled}'")["ИНН"] == "7700000047"
    assert odata.rows(CLIENTS, filter="substringof('О''Бразец', Description)")[0]["Description"] == name


def test_orders_go_down_and_through_references(start: Start) -> None:
    odata = start().odata
    rows = odata.rows(INVOICES, orderby="Контрагент/ИНН desc, Date", select="Number")
    assert [row["Number"] for row in rows] == [SECOND, FOURTH, FIRST, THIRD, FIFTH]
    assert odata.refused("GET", INVOICES, orderby="Нумбер") == (400, "10")

"""Post and Unpost: what the configurations check, what registers get, what balances say."""

from typing import Any

import pytest

from .client import (
    BREAKDOWN,
    CLIENTS,
    INVOICES,
    ORDERS,
    PAYMENTS,
    RATES,
    SETTLEMENTS,
    STATUSES,
    UT_PAYMENTS,
    OData,
    at,
)
from .conftest import Start

PAID = "AccumulationRegister_ОплатаСчетов"


def draft(odata: OData, **fields: Any) -> str:
    """A payment for the invoice 118, complete but not posted."""
    model = odata.one(PAYMENTS, "Number eq 'АБ00-000388'")
    invoice = odata.one(INVOICES, "Number eq 'АБ00-000118'")
    row = {**model["РасшифровкаПлатежа"][0], "СуммаПлатежа": 12200, "СчетНаОплату_Key": invoice["Ref_Key"]}
    body = {
        name: model[name]
        for name in (
            "Организация_Key",
            "СчетОрганизации_Key",
            "ДоговорКонтрагента_Key",
            "Контрагент",
            "Контрагент_Type",
        )
    }
    body |= {"Date": "2026-03-06T00:00:00", "СуммаДокумента": 12200, "РасшифровкаПлатежа": [row]}
    key: str = odata.create(PAYMENTS, **{**body, **fields})["Ref_Key"]
    return key


def post(odata: OData, key: str, action: str = "Post", entity: str = PAYMENTS) -> int:
    """The status of an action."""
    return odata.call("POST", f"{at(entity, key)}/{action}", PostingModeOperational="false").status_code


def test_posting_moves_registers_and_unposting_takes_the_records_back(start: Start) -> None:
    odata = start().odata
    key = draft(odata)
    assert post(odata, key) == 200
    row = odata.get(at(PAYMENTS, key))
    assert (row["Posted"], row["DataVersion"]) == (True, "AAAAAAAAAAI=")
    (record,) = odata.rows(f"{PAID}_RecordType", filter=f"Recorder eq cast(guid'{key}','{PAYMENTS}')")
    assert (record["Сумма"], record["Period"], record["LineNumber"]) == (12200, "2026-03-06T00:00:00", "1")
    recordset = f"{PAID}(Recorder='{key}',Recorder_Type='StandardODATA.{PAYMENTS}')"
    assert len(odata.get(recordset)["RecordSet"]) == 1
    assert post(odata, key, "Unpost()") == 200
    assert odata.refused("GET", recordset) == (404, "9")
    assert odata.get(at(PAYMENTS, key))["Posted"] is False


def test_the_reply_to_posting_is_empty_or_the_document(start: Start) -> None:
    odata = start().odata
    answer = odata.call("POST", f"{at(PAYMENTS, draft(odata))}/Post()", PostingModeOperational="true")
    assert (answer.status_code, answer.content) == (200, b"")
    odata = start(post_reply="object").odata
    assert odata.call("POST", f"{at(PAYMENTS, draft(odata))}/Post").json()["Posted"] is True


def test_a_breakdown_that_does_not_add_up_is_refused_in_words(start: Start) -> None:
    odata = start().odata
    key = draft(odata, СуммаДокумента=12200.01)
    assert odata.refused("POST", f"{at(PAYMENTS, key)}/Post") == (500, "-1")
    words = odata.words("POST", f"{at(PAYMENTS, key)}/Post")
    assert words.startswith('Не удалось провести: "Поступление на расчетный счет АБ00-')
    assert words.endswith("не совпадает с суммой документа!")
    assert odata.get(at(PAYMENTS, key))["Posted"] is False


@pytest.mark.parametrize("missing", ["СчетУчетаРасчетовСКонтрагентом_Key", "ДоговорКонтрагента_Key"])
def test_an_incomplete_payment_posts_nothing_or_is_refused(start: Start, missing: str) -> None:
    for switch, status in (("no_entries", 200), ("fails", 500)):
        odata = start(incomplete_payment=switch).odata
        row = odata.rows(BREAKDOWN, top=1)[0] | {missing: None, "СуммаПлатежа": 12200}
        key = draft(odata, РасшифровкаПлатежа=[row])
        assert post(odata, key) == status
        assert odata.rows(f"{PAID}_RecordType", filter=f"Recorder eq cast(guid'{key}','{PAYMENTS}')") == []


def test_marked_documents_and_other_objects_are_not_posted(start: Start) -> None:
    odata = start().odata
    marked = odata.one(INVOICES, "Number eq 'АБ00-000121'")["Ref_Key"]
    assert "Помеченный на удаление документ" in odata.words("POST", f"{at(INVOICES, marked)}/Post")
    client = odata.rows(CLIENTS, top=1)[0]["Ref_Key"]
    assert odata.refused("POST", f"{at(CLIENTS, client)}/Post") == (404, "11")
    assert odata.refused("GET", f"{at(INVOICES, marked)}/Post") == (405, "19")
    assert odata.refused("POST", f"{at(INVOICES, marked)}/Post", PostingModeOperational="maybe") == (400, "4")
    assert odata.refused("POST", f"{INVOICES}/Post") == (404, "11")


def test_statuses_follow_payments_only_where_the_base_does_so(start: Start) -> None:
    quiet = start().odata
    post(quiet, draft(quiet))
    assert [row["Статус"] for row in quiet.rows(STATUSES)] == ["Оплачен", "НеОплачен"]
    odata = start(statuses_follow_payments=True).odata
    key = draft(odata, СуммаДокумента=12000, РасшифровкаПлатежа=[half(odata, 12000)])
    post(odata, key)
    assert [row["Статус"] for row in odata.rows(STATUSES)] == ["Оплачен", "ОплаченЧастично"]
    post(odata, draft(odata, СуммаДокумента=200, РасшифровкаПлатежа=[half(odata, 200)]))
    assert [row["Статус"] for row in odata.rows(STATUSES)] == ["Оплачен", "Оплачен"]
    post(odata, key, "Unpost")
    assert [row["Статус"] for row in odata.rows(STATUSES)] == ["Оплачен", "ОплаченЧастично"]


def half(odata: OData, amount: int) -> dict[str, Any]:
    """A row that pays a part of the invoice 118."""
    invoice = odata.one(INVOICES, "Number eq 'АБ00-000118'")["Ref_Key"]
    row = odata.one(BREAKDOWN, "СуммаПлатежа eq 48800")
    return row | {"СуммаПлатежа": amount, "СчетНаОплату_Key": invoice}


def test_turnovers_are_counted_between_two_moments(start: Start) -> None:
    odata = start().odata
    march4 = odata.rows(
        f"{PAID}/Turnovers(StartPeriod=datetime'2026-03-04T00:00:00',EndPeriod=datetime'2026-03-04T23:59:59')"
    )
    assert sorted(row["СуммаTurnover"] for row in march4) == [10000, 48800]
    assert odata.rows(f"{PAID}/Turnovers(StartPeriod=datetime'2026-03-05T00:00:00')") == []
    (total,) = odata.rows(f"{PAID}/Turnovers(Dimensions='Организация')")
    assert total["СуммаTurnover"] == 58800
    assert odata.refused("GET", f"{PAID}/Balance()") == (404, "11")
    assert odata.refused("GET", f"{PAID}/Turnovers(StartPeriod='вчера')") == (400, "4")


def test_orders_of_ut_are_debts_until_the_bank_confirms_the_money(start: Start) -> None:
    odata = start(config="ut11").odata

    def debts() -> dict[str, float]:
        rows = odata.rows(f"{SETTLEMENTS}/Balance", expand=None)
        return {row["ОбъектРасчетов_Key"]: row["СуммаBalance"] for row in rows}

    order = odata.one(ORDERS, "Number eq 'ТД00-000118'")
    assert debts()[order["ОбъектРасчетов_Key"]] == 12200
    payment = odata.one(UT_PAYMENTS, "ПроведеноБанком eq false")
    odata.patch(UT_PAYMENTS, payment["Ref_Key"], ПроведеноБанком=True)
    assert debts()[order["ОбъектРасчетов_Key"]] == 12200
    assert post(odata, payment["Ref_Key"], entity=UT_PAYMENTS) == 200
    assert debts()[order["ОбъектРасчетов_Key"]] == 6200
    key = order["ОбъектРасчетов_Key"]
    (one,) = odata.rows(f"{SETTLEMENTS}/Balance(Condition='ОбъектРасчетов_Key eq guid''{key}''')")
    (same,) = odata.rows(f"{SETTLEMENTS}/Balance(Condition='ОбъектРасчетов_Key eq guid'{key}'')")
    (asked,) = odata.rows(f"{SETTLEMENTS}/Balance", Condition=f"ОбъектРасчетов_Key eq guid'{key}'")
    assert one == same == asked
    (past,) = odata.rows(
        f"{SETTLEMENTS}/Balance(Period=datetime'2026-03-03T00:00:00',Condition='ОбъектРасчетов_Key eq guid''{key}''')"
    )
    assert past["СуммаBalance"] == 12200
    (span,) = odata.rows(
        f"{SETTLEMENTS}/BalanceAndTurnovers(StartPeriod=datetime'2026-03-04T00:00:00',"
        f"Condition='ОбъектРасчетов_Key eq guid''{key}''')"
    )
    assert (span["СуммаOpeningBalance"], span["СуммаExpense"], span["СуммаClosingBalance"]) == (12200, 6000, 6200)


def test_ut_has_no_codes_of_counterparties_and_keys_of_vat(start: Start) -> None:
    odata = start(config="ut11").odata
    client = odata.rows(CLIENTS, top=1)[0]
    assert not {"Code", "IsFolder"} & set(client)
    order = odata.rows(ORDERS, top=1)[0]
    assert order["Товары"][0]["СтавкаНДС_Key"] != ""
    assert odata.rows(ORDERS, filter="substringof('ЗК2603ТД000117',ИдентификаторПлатежа)") == [order]
    basis = f"isof(ДокументОснование,'{ORDERS}') and not Аннулирован"
    assert len(odata.rows("Document_СчетНаОплатуКлиенту", filter=basis)) == 1


def test_slices_give_the_last_and_the_first_record(start: Start) -> None:
    odata = start().odata
    assert [row["Курс"] for row in odata.rows(f"{RATES}/SliceLast()")] == [79.25]
    assert [row["Курс"] for row in odata.rows(f"{RATES}/SliceLast(Period=datetime'2026-03-03T00:00:00')")] == [78.5]
    assert [row["Курс"] for row in odata.rows(f"{RATES}/SliceFirst")] == [78.5]
    assert odata.rows(f"{RATES}/SliceLast(Condition='Валюта/Code eq ''643''')") == []
    assert odata.rows(f"{RATES}/SliceLast", Condition="Валюта/Code eq '840'", select="Курс")[0]["Курс"] == 79.25

"""Faults, the hand on the base, the control API, and the base that is made up."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.accounting_1c.sandbox.errors import ODataError
from connectors.accounting_1c.sandbox.generator.names import tax_id
from connectors.accounting_1c.sandbox.seed import QUIRKS, ConfigName, Generate, Seed
from connectors.accounting_1c.sandbox.testing import running_sandbox

from .client import CLIENTS, INVOICES, ORDERS, PAYMENTS, STATUSES, OData, at
from .conftest import Start


def key_of(odata: OData, number: str = "АБ00-000117") -> str:
    key: str = odata.one(INVOICES, f"Number eq '{number}'")["Ref_Key"]
    return key


def test_rules_name_verb_set_and_key(start: Start) -> None:
    served = start()
    odata = served.odata
    first, second = key_of(odata), key_of(odata, "АБ00-000118")
    served.control.add_faults(
        {
            "match": {"method": f"patch.{INVOICES}(*{first}*)"},
            "action": {"kind": "refuse", "status": 500, "code": "-1", "description": "Конфликт блокировок"},
        }
    )
    assert odata.call("PATCH", at(INVOICES, second), {"Комментарий": "x"}).status_code == 200
    assert odata.words("PATCH", at(INVOICES, first), {"Комментарий": "x"}) == "Конфликт блокировок"
    assert odata.call("PATCH", at(INVOICES, first), {"Комментарий": "x"}).status_code == 200


def test_a_reply_is_lost_after_the_write_took_effect(start: Start) -> None:
    served = start(faults=[{"match": {"method": "create.*"}, "action": {"kind": "lose_reply", "applied": True}}])
    with pytest.raises(httpx.RemoteProtocolError):
        served.odata.call("POST", CLIENTS, {"Description": "Потерян"})
    assert served.odata.one(CLIENTS, "Description eq 'Потерян'")["ИНН"] == ""


@pytest.mark.parametrize("kind", ["exception", "refuse"])
def test_a_failure_may_come_after_the_work_is_done(start: Start, kind: str) -> None:
    served = start(faults=[{"match": {"method": "create.*"}, "action": {"kind": kind, "applied": True}}])
    answer = served.odata.call("POST", CLIENTS, {"Description": "Сделан"})
    assert (answer.status_code, list(answer.json())) == (500, ["exception" if kind == "exception" else "odata.error"])
    assert len(served.odata.rows(CLIENTS, filter="Description eq 'Сделан'")) == 1


def test_a_late_write_runs_when_the_clock_comes_to_it(start: Start) -> None:
    late = {"kind": "late_apply", "after_s": 60, "reply": "504"}
    served = start(faults=[{"match": {"method": "patch.*"}, "action": late}])
    key = key_of(served.odata)
    assert served.odata.call("PATCH", at(INVOICES, key), {"Комментарий": "поздно"}).status_code == 504
    assert served.odata.get(at(INVOICES, key))["Комментарий"] == ""
    served.control.advance(61)
    assert served.odata.get(at(INVOICES, key))["Комментарий"] == "поздно"


def test_people_work_in_the_base_between_two_calls(start: Start) -> None:
    served = start()
    key = key_of(served.odata)
    act = {"act": "edit", "entity": INVOICES, "key": key, "fields": {"СуммаДокумента": 1}}
    served.control.add_faults({"match": {"method": "get.*"}, "action": {"kind": "act", "timing": "after", "do": act}})
    assert served.odata.get(at(INVOICES, key))["СуммаДокумента"] == 48800
    assert served.odata.get(at(INVOICES, key))["СуммаДокумента"] == 1


def test_broken_json_and_pages_come_in_place_of_data(start: Start) -> None:
    served = start(
        faults=[
            {"match": {"method": "list.*"}, "action": {"kind": "broken_json"}},
            {"match": {"method": "list.*", "nth": 2}, "action": {"kind": "html", "status": 200}},
        ]
    )
    with pytest.raises(ValueError):
        served.odata.call("GET", CLIENTS).json()
    assert served.odata.call("GET", CLIENTS).text.startswith("<html>")


def test_the_hand_works_like_a_person_and_is_refused_like_one(start: Start) -> None:
    control = start().control
    key = control.create(INVOICES, {"Date": "2026-05-01T00:00:00", "СуммаДокумента": 5}, post=True)
    assert control.row(INVOICES, key)["Posted"] is True
    control.unpost(INVOICES, key)
    control.post(INVOICES, key)
    control.edit(INVOICES, key, СуммаДокумента=6)
    control.mark(INVOICES, key)
    with pytest.raises(ODataError, match="Помеченный"):
        control.post(INVOICES, key)
    control.act({"act": "unmark", "entity": INVOICES, "key": key})
    control.delete(INVOICES, key)
    with pytest.raises(KeyError):
        control.row(INVOICES, key)
    methods = [line.method for line in control.write_log if line.kind == "effect"]
    assert methods == ["create", "create", "unpost", "post", "edit", "mark", "unmark", "delete"]


def test_the_control_api_does_the_same_over_http(start: Start) -> None:
    served = start()
    url, odata = served.sandbox.control_url, served.odata

    def order(name: str, body: Any) -> httpx.Response:
        return odata.http.post(f"{url}{name}", json=body)

    made = order("act", {"act": "create", "entity": CLIENTS, "fields": {"Description": "Рукой"}}).json()
    assert made["row"]["Description"] == "Рукой"
    assert order("act", {"act": "delete", "entity": "Catalog_Нет", "key": made["row"]["Ref_Key"]}).status_code == 400
    assert order("act", {"act": "burn"}).status_code == 422
    assert order("period", {"closed_until": "2026-03-31"}).json() == {"ok": True}
    assert odata.http.get(f"{url}state").json()["closed_until"] == "2026-03-31"
    assert len(odata.http.get(f"{url}rows", params={"set": CLIENTS}).json()) == 6
    assert odata.http.get(f"{url}rows", params={"set": "Нет"}).status_code == 400
    assert order("user", {"name": "Обмен", "alive": False}).json() == {"ok": True}
    assert odata.call("GET", CLIENTS).status_code == 401
    assert odata.http.get(f"{url}requests").json()[-1] == {
        "method": f"list.{CLIENTS}",
        "status": 401,
        "at": odata.http.get(f"{url}requests").json()[-1]["at"],
    }
    assert order("reset", {}).json() == {"ok": True}
    assert (len(odata.rows(CLIENTS)), served.control.write_log.records()) == (5, [])


def test_switches_are_turned_while_the_base_is_served(start: Start) -> None:
    served = start()
    odata, url = served.odata, served.sandbox.control_url
    served.control.change_settings(composition=[], session_pool=5)
    assert odata.refused("GET", INVOICES) == (404, "8")
    answer = odata.http.post(f"{url}settings", json={"composition": None, "max_reply_bytes": 2000})
    assert answer.json() == {"ok": True}
    assert odata.refused("GET", INVOICES) == (500, "-1")
    assert len(odata.rows(INVOICES, select="Number")) == 5
    assert odata.http.post(f"{url}settings", json={"if_match": "sometimes"}).status_code == 422
    assert odata.http.post(f"{url}settings", json={"publication": "x"}).status_code == 400
    served.control.reset()
    assert len(odata.rows(INVOICES)) == 5


def made_up(config: ConfigName, **order: Any) -> Any:
    return running_sandbox(Seed(config=config, generate=Generate(**{"invoices": 800, "counterparties": 120, **order})))


@pytest.mark.parametrize("config", ["bp30", "ut11"])
def test_a_made_up_base_is_the_same_for_the_same_seed(config: ConfigName) -> None:
    entity = INVOICES if config == "bp30" else ORDERS
    with made_up(config) as one, made_up(config) as other, made_up(config, seed=2) as third:
        assert one.control.rows(entity) == other.control.rows(entity)
        assert one.control.rows(entity) != third.control.rows(entity)
        assert len(one.control.rows(entity)) == 800


def test_a_made_up_base_without_oddities_is_straight() -> None:
    with made_up("bp30", quirks=[]) as sandbox:
        invoices, payments = sandbox.control.rows(INVOICES), sandbox.control.rows(PAYMENTS)
        numbers = {(row["Number"], str(row["Date"])[:4], row["Организация_Key"]) for row in invoices}
        assert (len(numbers), all(row["Posted"] for row in invoices)) == (800, True)
        for row in (*invoices, *payments):
            rows: Any = row.get("Товары") or row["РасшифровкаПлатежа"]
            total = sum(Decimal(each.get("Сумма") or each["СуммаПлатежа"]) for each in rows)
            assert Decimal(str(row["СуммаДокумента"])) == total
        assert 400 < len(payments) < 700


def test_every_kind_of_oddity_is_in_a_made_up_base() -> None:
    with made_up("bp30", invoices=2000, quirk_share=0.5) as sandbox:
        control = sandbox.control
        clients, invoices = control.rows(CLIENTS), control.rows(INVOICES)
        payments, statuses = control.rows(PAYMENTS), control.rows(STATUSES)
    assert len(QUIRKS) >= 30
    inns = [str(row.get("ИНН", "")) for row in clients]
    assert any(inns.count(inn) > 1 for inn in inns if inn)
    assert any(row.get("КПП") == "710043001" for row in clients)
    assert any(inn == "" for inn in inns)
    assert any(inn != inn.strip() for inn in inns)
    assert any("\u00a0" in str(row["Description"]) for row in clients)
    assert any("'" in str(row["Description"]) for row in clients)
    assert any(len(str(row.get("НаименованиеПолное", ""))) > 200 for row in clients)
    assert any("\x0b" in str(row["Комментарий"]) for row in invoices)
    numbers = [str(row["Number"]) for row in invoices]
    assert any("/" in number for number in numbers)
    assert any(number != number.strip() for number in numbers)
    assert any(number.startswith("AБ") for number in numbers)
    assert any(numbers.count(number) > 1 for number in numbers)
    assert {row["Posted"] for row in invoices} == {row["DeletionMark"] for row in invoices} == {True, False}
    assert any(str(row["Date"]).endswith("T23:59:59") for row in invoices)
    assert any(row["СуммаДокумента"] == "0" for row in invoices)
    assert any(len(row["Товары"]) > 100 for row in invoices)
    paid = [each["СчетНаОплату_Key"] for row in payments for each in row["РасшифровкаПлатежа"]]
    assert any(paid.count(key) == 2 for key in paid[:300])
    assert any(len(row["РасшифровкаПлатежа"]) == 2 for row in payments)
    assert {row["Статус"] for row in statuses} == {"Оплачен", "НеОплачен"}


def test_made_up_tax_ids_have_right_check_digits() -> None:
    assert [tax_id(number) for number in (1, 2, 3)] == ["7700000016", "7700000023", "7700000030"]


@pytest.mark.parametrize("kind", ["exception", "refuse"])
def test_a_call_that_the_script_refuses_stands_in_the_log_as_not_applied(start: Start, kind: str) -> None:
    served = start(faults=[{"match": {"method": "create.*"}, "action": {"kind": kind}}])
    served.odata.call("POST", CLIENTS, {"Description": "Отказано"})
    (call,) = served.control.write_log.calls()
    assert (call.applied, call.error) == (False, "exception" if kind == "exception" else "-1")

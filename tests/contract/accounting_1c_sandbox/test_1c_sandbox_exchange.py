"""The exchange plan: messages, confirmations, deletions, what cannot be sent."""

from typing import Any
from xml.etree import ElementTree

import httpx

from .client import CLIENTS, INVOICES, PAYMENTS, PLAN, OData, at
from .conftest import Served, Start

ATOM = "{http://www.w3.org/2005/Atom}"
TOMB = "{http://purl.org/atompub/tombstones/1.0}"
DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
PAID = "AccumulationRegister_ОплатаСчетов"


def call(served: Served, function: str, message: object, **options: Any) -> httpx.Response:
    node = f"'{served.odata.root}/{PLAN}(guid'{served.sandbox.node}')'"
    return served.odata.call("POST", function, DataExchangePoint=node, MessageNo=message, format=None, **options)


def changes(served: Served, message: int) -> ElementTree.Element:
    """The feed of a message."""
    answer = call(served, "SelectChanges", message)
    assert (answer.status_code, "atom+xml" in answer.headers["content-type"]) == (200, True), answer.text
    return ElementTree.fromstring(answer.content)


def sent(feed: ElementTree.Element) -> list[str]:
    """Types of entries in a feed."""
    return [str(each.get("term")).removeprefix("StandardODATA.") for each in feed.iter(f"{ATOM}category")]


def numbers(odata: OData) -> tuple[str, str]:
    node = odata.one(PLAN, "Code eq 'ХАБ'")
    return node["SentNo"], node["ReceivedNo"]


def test_a_message_goes_until_it_is_confirmed(start: Start) -> None:
    served = start()
    odata = served.odata
    assert (numbers(odata), sent(changes(served, 1))) == (("0", "0"), [])
    client = odata.create(CLIENTS, Description="Новый")["Ref_Key"]
    assert sent(changes(served, 1)) == [CLIENTS]
    odata.patch(CLIENTS, client, КПП="770001001")
    odata.create(CLIENTS, Description="Еще")
    assert sent(changes(served, 1)) == [CLIENTS, CLIENTS]
    assert (call(served, "NotifyChangesReceived", 1).status_code, numbers(odata)) == (200, ("1", "1"))
    assert sent(changes(served, 2)) == []


def test_what_changed_after_it_was_sent_goes_again(start: Start) -> None:
    served = start()
    client = served.odata.create(CLIENTS, Description="Новый")["Ref_Key"]
    changes(served, 1)
    served.odata.patch(CLIENTS, client, Description="Новее")
    call(served, "NotifyChangesReceived", 1)
    (entry,) = changes(served, 2).iter(f"{ATOM}entry")
    assert [each.text for each in entry.iter(f"{DATA}Description")] == ["Новее"]


def test_deletions_are_tombstones_and_registers_come_as_whole_sets(start: Start) -> None:
    served = start()
    odata = served.odata
    invoice = odata.one(INVOICES, "Number eq 'АБ00-000118'")["Ref_Key"]
    payment = odata.one(PAYMENTS, "Number eq 'АБ00-000388'")["Ref_Key"]
    odata.call("DELETE", at(INVOICES, invoice))
    odata.call("POST", f"{at(PAYMENTS, payment)}/Unpost")
    feed = changes(served, 1)
    (tomb,) = feed.iter(f"{TOMB}deleted-entry")
    assert tomb.get("ref") == f"{odata.root}/{at(INVOICES, invoice)}"
    assert tomb.get("when") is not None
    assert sorted(sent(feed)) == sorted([PAID, PAYMENTS])
    record = next(each for each in feed.iter(f"{ATOM}entry") if PAID in str(each.findtext(f"{ATOM}id")))
    assert [len(each) for each in record.iter(f"{DATA}RecordSet")] == [0]
    bare = start(tombstones="ref")
    bare.odata.call("DELETE", at(INVOICES, invoice))
    (tomb,) = changes(bare, 1).iter(f"{TOMB}deleted-entry")
    assert set(tomb.keys()) == {"ref"}


def test_options_of_lists_mean_nothing_and_unpublished_sets_are_left_out(start: Start) -> None:
    served = start(composition=[CLIENTS, PLAN])
    for name in ("А", "Б"):
        served.odata.create(CLIENTS, Description=name)
    served.control.create(INVOICES, {"Date": "2026-04-01T00:00:00"})
    answer = call(served, "SelectChanges", 1, top=1, select="Code", filter="Description eq 'А'")
    assert sent(ElementTree.fromstring(answer.content)) == [CLIENTS, CLIENTS]


def test_a_control_sign_in_a_text_spoils_the_whole_message(start: Start) -> None:
    served = start()
    served.odata.create(CLIENTS, Description="хорошо")
    served.control.create(CLIENTS, {"Description": "плохо\x0b"})
    assert call(served, "SelectChanges", 1).status_code == 400
    assert len(served.odata.rows(CLIENTS, filter="startswith(Description,'плохо')")) == 1
    plain = served.odata.call("GET", CLIENTS, format="atom")
    try:
        ElementTree.fromstring(plain.content)
    except ElementTree.ParseError:
        return
    raise AssertionError("a control sign was sent in good XML")


def test_wrong_calls_of_the_plan_are_refused(start: Start) -> None:
    served = start()
    odata = served.odata

    def code(**options: Any) -> tuple[int, str]:
        return odata.refused("POST", "SelectChanges", **options)

    node = f"{PLAN}(guid'{served.sandbox.node}')"
    assert code(MessageNo=1) == (400, "12")
    assert code(DataExchangePoint=node) == (400, "12")
    assert code(DataExchangePoint=node, MessageNo="x") == (400, "4")
    assert code(DataExchangePoint="ExchangePlan_Чужой(guid'" + served.sandbox.node + "')", MessageNo=1) == (400, "4")
    assert code(DataExchangePoint=at(PLAN, "00000000-0000-0000-0000-00000000dead"), MessageNo=1) == (404, "9")
    assert odata.refused("GET", "SelectChanges", DataExchangePoint=node, MessageNo=1) == (405, "19")
    assert odata.refused("POST", "NotifyChangesReceived", DataExchangePoint=node, MessageNo=7) == (500, "-1")
    changes(served, 3)
    call(served, "NotifyChangesReceived", 3)
    assert code(DataExchangePoint=node, MessageNo=3) == (500, "-1")


def test_a_base_may_have_no_plan_or_show_its_own_node(start: Start) -> None:
    odata = start(exchange_plan=False).odata
    assert odata.refused("GET", PLAN) == (404, "8")
    served = start(this_node_field=True)
    assert [row["ThisNode"] for row in served.odata.rows(PLAN)] == [True, False]
    own = served.odata.one(PLAN, "ThisNode")["Ref_Key"]
    assert served.odata.refused("POST", "SelectChanges", DataExchangePoint=at(PLAN, own), MessageNo=1) == (404, "9")

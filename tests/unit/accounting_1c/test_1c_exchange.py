"""The plan of exchange: a message is acknowledged after it is stored, and asked for again until then."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from connectors.accounting_1c.exchange import Entry, read_feed
from connectors.shared.safe_xml import NotXml
from hub.domain.errors import Refused
from tests.unit.accounting_1c.base import CLIENT, INVOICE, PAYMENT, STATUS, Base, World, guid, invoice, payment

NODE = guid(1, "8")
PLAN = "ExchangePlan_Сверка"
_ENTRY = """<entry><id>x</id><category term="StandardODATA.{set}" scheme="s"/><content type="application/xml">
<m:properties>{properties}</m:properties></content></entry>"""
_FEED = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" xmlns:at="http://purl.org/atompub/tombstones/1.0"
 xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">{entries}</feed>"""


def entry(name: str, **properties: str) -> str:
    inner = "".join(f"<d:{key}>{value}</d:{key}>" for key, value in properties.items())
    return _ENTRY.format(set=name, properties=inner)


def deleted(name: str, reference: str) -> str:
    return f'<at:deleted-entry ref="https://h/acc/{name}(guid\'{reference}\')" when="2026-03-05T10:00:00"/>'


def feed(*entries: str) -> bytes:
    return _FEED.format(entries="".join(entries)).encode()


class Plan:
    """A node with its messages."""

    def __init__(self, base: Base) -> None:
        self.received = 41
        self.waiting: list[str] = []
        self.sent: list[int] = []
        base.sets[PLAN] = [{}]
        base.before = self.answer

    def answer(self, request: httpx.Request) -> httpx.Response | None:
        path, number = unquote(request.url.path), int(request.url.params.get("MessageNo", 0))
        if path.endswith("SelectChanges"):
            assert request.method == "POST"
            point = f"'https://1c.example/acc/odata/standard.odata/{PLAN}(guid'{NODE}')'"
            assert request.url.params["DataExchangePoint"] == point
            assert number == self.received + 1
            self.sent.append(number)
            return httpx.Response(200, content=feed(*self.waiting))
        if path.endswith("NotifyChangesReceived"):
            self.received, self.waiting = number, []
            return httpx.Response(200)
        if PLAN in path:
            node: dict[str, Any] = {"Ref_Key": NODE, "ReceivedNo": str(self.received), "SentNo": "41"}
            return httpx.Response(200, content=json.dumps(node).encode())
        return None


def world() -> tuple[World, Plan]:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2025-11-10T10:00:00"))
    plan = Plan(base)
    return World(base, read_from="2025-01-01", exchange_plan={"plan": PLAN, "node": NODE}), plan


def test_an_edit_of_any_age_is_told_and_acknowledged_after_the_commit() -> None:
    here, plan = world()
    here.poll()
    here.base.edit(INVOICE, guid(1), СуммаДокумента=77)
    plan.waiting = [entry(INVOICE, Ref_Key=guid(1), СуммаДокумента="1")]
    page = here.port.changes(here.mark)
    assert page.more, "the acknowledgement waits"
    assert plan.received == 41, "nothing is acknowledged before the rows are committed"
    here.take(page)
    assert str(here.invoices[guid(1)].amount.amount) == "77.00", "the document is read anew, the message is a hint"
    here.poll()
    assert plan.received == 42


def test_a_death_before_the_commit_has_the_same_message_told_again() -> None:
    here, plan = world()
    here.poll()
    here.base.edit(INVOICE, guid(1), СуммаДокумента=77)
    plan.waiting = [entry(INVOICE, Ref_Key=guid(1))]
    here.port.changes(here.mark)  # never committed
    here.restart()
    here.poll()
    assert str(here.invoices[guid(1)].amount.amount) == "77.00"
    assert plan.sent[-3:-1] == [42, 42]
    assert plan.received == 42


def test_a_death_after_the_commit_acknowledges_once_more() -> None:
    here, plan = world()
    here.poll()
    plan.waiting = [entry(INVOICE, Ref_Key=guid(1))]
    here.take(here.port.changes(here.mark))
    here.restart()
    here.poll()
    assert plan.received == 42
    assert plan.waiting == []


def test_deletions_payments_clients_and_states_are_told() -> None:
    here, plan = world()
    here.base.add(INVOICE, invoice(2, Date="2025-11-10T10:00:00"), invoice(3, Date="2025-11-10T10:00:00"))
    here.base.add(PAYMENT, payment(1, [(guid(2), 48800)], Date="2025-11-12T00:00:00"))
    here.poll()
    here.base.drop(INVOICE, guid(1))
    here.base.sets["Catalog_Контрагенты"][0]["ИНН"] = "7728168971"
    here.base.edit(INVOICE, guid(2), СуммаДокумента=5)
    here.base.edit(INVOICE, guid(3), СуммаДокумента=6)
    plan.waiting = [
        deleted(INVOICE, guid(1)),
        entry("Catalog_Контрагенты", Ref_Key=CLIENT),
        entry(PAYMENT, Ref_Key=guid(1, "9")),
        entry(STATUS, Организация_Key=guid(1, "b"), Документ=guid(3), Документ_Type=f"StandardODATA.{INVOICE}"),
        entry("Document_Прочее", Ref_Key=guid(9)),
    ]
    here.poll()
    assert {key: str(item.amount.amount) for key, item in here.invoices.items()} == {guid(2): "5.00", guid(3): "6.00"}
    assert here.clients[CLIENT].main_tax_id == "7728168971"


def test_an_idle_poll_keeps_within_six_requests() -> None:
    here, plan = world()
    here.poll()
    here.poll()
    here.later(minutes=1)
    assert here.poll() <= 6
    assert plan.received == 41, "an empty message is not acknowledged"


def test_the_bases_own_node_is_refused() -> None:
    here, _ = world()
    here.base.before = lambda request: (
        httpx.Response(200, content=json.dumps({"Ref_Key": NODE, "ThisNode": True, "ReceivedNo": "0"}).encode())
        if PLAN in unquote(request.url.path)
        else None
    )
    here.poll()
    with pytest.raises(Refused, match="own"):
        here.poll()


def test_a_property_of_a_table_is_not_taken_for_the_documents_own() -> None:
    table = f'<d:Товары m:type="Collection"><d:element><d:Ref_Key>{guid(8)}</d:Ref_Key></d:element></d:Товары>'
    body = _ENTRY.format(set=INVOICE, properties=f"<d:Ref_Key>{guid(1)}</d:Ref_Key>{table}")
    (found,) = read_feed(feed(body))
    assert found.reference() == guid(1)


@pytest.mark.parametrize(
    "body",
    [
        b"<html></html>",
        b"",
        b"<feed",
        feed(entry(INVOICE, Ref_Key="\x01")),
        b'<!DOCTYPE feed [<!ENTITY a "b">]><feed/>',
    ],
)
def test_what_is_no_feed_is_not_an_empty_one(body: bytes) -> None:
    with pytest.raises(NotXml):
        read_feed(body)


def test_an_error_of_an_xml_call_is_read_in_xml() -> None:
    here, _ = world()
    here.poll()
    said = '<m:error xmlns:m="x"><m:code>20</m:code><m:message>Нет</m:message></m:error>'.encode()
    answer = here.base.before
    here.base.before = lambda request: (
        httpx.Response(401, content=said) if "SelectChanges" in str(request.url) else answer(request)
    )
    with pytest.raises(Refused) as caught:
        here.poll()
    assert (caught.value.code, "Нет" in caught.value.for_person) == ("20", True)


def test_an_empty_feed_holds_nothing() -> None:
    assert read_feed(feed()) == []
    assert Entry("x", {}).reference() is None

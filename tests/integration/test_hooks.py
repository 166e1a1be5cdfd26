"""Outgoing webhooks of the portal at the hub's real door: they hurry the hub, and decide nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox
from hub.ports.records import PaymentState
from hub.services import follow_hooks as services
from hub.services.poll_source import poll_source
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from hub.store.users import SqlUsers
from hub.web.context import WebContext
from tests.integration.office import CONNECTION, Office, lines, seed, served
from tests.support.doors import served_site
from tests.support.matrix import Figures
from tests.support.statements import Received

SECRET = "hooksecret0123456789"
EVENTS = [
    *("ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALDELETE", "ONCRMCOMPANYUPDATE"),
    *("ONCRMDYNAMICITEMADD_31", "ONCRMDYNAMICITEMUPDATE_31", "ONCRMDYNAMICITEMDELETE_31"),
]
#: What may become of hooks on their way, as rules of the portal's fault script.
WAYS: dict[str, dict[str, Any] | None] = {
    "delivered": None,
    "dropped": {"kind": "drop_hook"},
    "doubled": {"kind": "double_hook", "copies": 3},
    "shuffled": {"kind": "shuffle_hooks", "window": 3},
}


@contextmanager
def opened_door(office: Office, database: Database) -> Iterator[str]:
    """The hub's web part on a socket; gives the address of its hook door."""
    context = WebContext(
        rt=office.rt,
        queries=Queries(database),
        users=SqlUsers(database),
        session_key=b"0" * 32,
        hook_secrets={CONNECTION: SECRET},
        deal_url=lambda connection, deal: None,
        secure_cookies=False,
        title="Наша фирма",
        version="test",
    )
    with served_site(database, context) as site:
        yield f"{site.address}/hooks/{CONNECTION}/{SECRET}"


@pytest.fixture
def door(office: Office, sqlite_database: Database) -> Iterator[str]:
    """The door of the common office."""
    with opened_door(office, sqlite_database) as address:
        yield address


def listen_at(office: Office, address: str, token: str) -> None:
    office.control.add_outgoing_webhook({"url": address, "events": EVENTS, "application_token": token})


def follow_hooks(office: Office) -> int:
    """Wait for what is on its way and work on what came in; returns how many hooks were followed."""
    office.control.wait_hooks()
    return services.follow_hooks(office.rt, CONNECTION)


def people_work(office: Office) -> None:
    """Changes of one afternoon."""
    office.human("move", 9001, stage_id="PREPARATION")
    office.clock.sleep(2)
    office.human("edit", 702, entity_type_id=31, fields={"opportunity": "2100.00"})
    office.clock.sleep(2)
    office.human("edit", 9002, fields={"opportunity": "2100.00"})


@pytest.mark.parametrize("way", WAYS)
def test_whatever_becomes_of_hooks_the_end_is_the_same_after_one_poll(
    office: Office, door: str, shared_sandbox: RunningSandbox, way: str
) -> None:
    listen_at(office, door, shared_sandbox.application_token)
    action = WAYS[way]
    if action is not None:
        office.control.add_faults({"match": {"method": "ONCRM*"}, "times": None, "action": action})
    office.poll()
    office.bring(*lines((701, "1000.00")), Received("61", "2100.00", "Оплата по счету № 702 от 10.03.2026"))
    people_work(office)
    follow_hooks(office)
    office.sync()
    office.settle()
    follow_hooks(office)
    office.settle()
    assert {row.status for row in office.control.deliveries} == (set() if way == "dropped" else {204})
    assert {row.state for row in office.payments()} == {PaymentState.MATCHED}
    assert (office.moves(9001), office.moves(9002)) == (["EXECUTING"], ["EXECUTING"])
    assert (office.invoice_stage(701), office.invoice_stage(702)) == ("DT31_3:P", "DT31_3:P")
    assert sorted(int(str(row["entityId"])) for row in office.control.comments()) == [9001, 9002]
    assert len(office.control.tasks()) == 2
    assert len(office.sent()) == len(office.ours()) == 8


def test_a_hook_is_followed_by_a_reading_and_the_change_is_there_before_any_poll(
    office: Office, door: str, shared_sandbox: RunningSandbox
) -> None:
    office.poll()
    listen_at(office, door, shared_sandbox.application_token)
    people_work(office)
    assert follow_hooks(office) == 3
    with office.store.read() as uow:
        deal, invoice = uow.deals.get("portal/9001"), uow.invoices.get("portal/702")
    assert deal is not None
    assert deal.deal.stage_id == "PREPARATION"
    assert invoice is not None
    assert str(invoice.invoice.amount.amount) == "2100.00"


def test_a_deletion_that_a_hook_tells_is_seen_by_reading(
    office: Office, door: str, shared_sandbox: RunningSandbox
) -> None:
    office.poll()
    listen_at(office, door, shared_sandbox.application_token)
    office.human("delete", 701, entity_type_id=31)
    assert follow_hooks(office) == 1
    office.pay(*lines((701, "1000.00")))
    office.settle()
    assert not office.sent()


@pytest.mark.row(26)
def test_the_echo_of_our_own_writes_comes_back_as_hooks_and_moves_nothing(
    office: Office, door: str, shared_sandbox: RunningSandbox, figures: Figures
) -> None:
    listen_at(office, door, shared_sandbox.application_token)
    office.pay(*lines((701, "1000.00")))
    office.settle()
    sent = len(office.sent())
    echoes = follow_hooks(office)
    figures.total("hooks of our own writes", echoes)
    assert echoes > 0
    office.settle()
    assert follow_hooks(office) == 0
    figures.most("writes that an echo caused", len(office.sent()) - sent)
    assert len(office.sent()) == sent


def test_a_forged_token_is_refused_and_nothing_is_stored(office: Office, door: str) -> None:
    office.poll()
    listen_at(office, door, "someoneelsestoken000000000000001")
    people_work(office)
    assert follow_hooks(office) == 0
    assert {row.status for row in office.control.deliveries} == {401}
    with office.store.read() as uow:
        assert uow.inbox.get(1) is None


def test_another_door_does_not_exist(office: Office, door: str, shared_sandbox: RunningSandbox) -> None:
    body = {"event": "ONCRMDEALUPDATE", "auth[application_token]": shared_sandbox.application_token}
    wrong = door.replace(SECRET, "guess")
    with httpx.Client(trust_env=False) as http:
        assert http.post(wrong, data=body).status_code == 404
        assert http.post(door, data=body).status_code == 204


def test_a_hook_during_an_outage_of_reading_is_followed_when_the_portal_is_back(
    office: Office, door: str, shared_sandbox: RunningSandbox
) -> None:
    office.poll()
    listen_at(office, door, shared_sandbox.application_token)
    office.fault("crm.item.get", times=4, kind="refuse", status=500, code="INTERNAL_SERVER_ERROR")
    office.human("move", 9001, stage_id="PREPARATION")
    follow_hooks(office)
    office.clock.sleep(60)
    assert follow_hooks(office) == 1
    with office.store.read() as uow:
        deal = uow.deals.get("portal/9001")
    assert deal is not None
    assert deal.deal.stage_id == "PREPARATION"


def test_a_change_of_pipeline_sends_no_event_and_is_found_by_polling(
    sqlite_database: Database, store: SqlStore
) -> None:
    categories = [
        {"entity_type_id": 2, "id": 0, "name": "Продажи"},
        {"entity_type_id": 2, "id": 4, "name": "Опт", "sort": 200},
        {"entity_type_id": 31, "id": 3, "name": "Счета"},
    ]
    with served(seed(categories=categories), store) as office, opened_door(office, sqlite_database) as address:
        office.act().poll()
        listen_at(office, address, office.sandbox.application_token)
        office.human("move", 9001, stage_id="C4:PREPARATION", category_id=4)
        assert follow_hooks(office) == 0
        assert office.poll() == 1
        with store.read() as uow:
            deal = uow.deals.get("portal/9001")
        assert deal is not None
        assert (deal.deal.pipeline_id, deal.deal.stage_id) == ("4", "C4:PREPARATION")


@pytest.mark.row(12)
def test_hooks_of_a_portal_that_refuses_our_access_wait_and_have_nothing_asked(
    office: Office, door: str, shared_sandbox: RunningSandbox
) -> None:
    office.poll()
    listen_at(office, door, shared_sandbox.application_token)
    office.fault("*", times=None, kind="refuse", status=401, code="NO_AUTH_FOUND")
    assert not poll_source(office.rt, CONNECTION).complete
    asked = len(office.control.requests)
    for number in range(5):
        office.human("edit", 9001, fields={"title": f"Поставка {number}"})
        assert follow_hooks(office) == 0
        office.clock.sleep(60)
    assert len(office.control.requests) == asked
    assert {row.status for row in office.control.deliveries} == {204}
    office.control.clear_faults()
    office.poll()
    assert follow_hooks(office) == 5

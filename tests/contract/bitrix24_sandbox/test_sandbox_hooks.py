"""Outgoing webhooks and robots."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .conftest import StartSandbox
from .receiver import Receiver, receiving
from .rest import Rest

EVENTS = ["ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALDELETE", "ONCRMDEALMOVETOCATEGORY", "ONCRMDYNAMICITEMUPDATE"]


@pytest.fixture
def receiver(sandbox: RunningSandbox) -> Iterator[Receiver]:
    with receiving() as listening:
        hook = {"id": 185, "url": listening.url, "events": EVENTS, "application_token": "51f3"}
        sandbox.control.add_outgoing_webhook(hook)
        yield listening


def rename(rest: Rest, deal_id: int, text: str) -> None:
    rest.result("crm.item.update", entityTypeId=2, id=deal_id, fields={"title": text})


def test_one_form_post_per_change_in_the_vendor_form(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    rest.move(9041, "C4:EXECUTING")
    rest.move(9041, "C4:EXECUTING")
    sandbox.control.wait_hooks()
    assert receiver.content_types == ["application/x-www-form-urlencoded"]
    form = receiver.forms[0]
    assert form.pop("ts").isdigit()
    assert form == {
        "event": "ONCRMDEALUPDATE",
        "event_handler_id": "185",
        "data[FIELDS][ID]": "9041",
        "auth[domain]": "sandbox.bitrix24.ru",
        "auth[client_endpoint]": "https://sandbox.bitrix24.ru/rest/",
        "auth[server_endpoint]": "https://oauth.bitrix.info/rest/",
        "auth[member_id]": sandbox.control.portal.settings.member_id,
        "auth[application_token]": "51f3",
    }


def test_a_funnel_change_is_invisible_to_outgoing_webhooks(
    rest: Rest, sandbox: RunningSandbox, receiver: Receiver
) -> None:
    fields = {"categoryId": 0, "stageId": "EXECUTING"}
    rest.result("crm.item.update", entityTypeId=2, id=9041, fields=fields)
    sandbox.control.wait_hooks()
    assert receiver.forms == []


def test_invoices_come_as_dynamic_items_with_their_type(
    rest: Rest, sandbox: RunningSandbox, receiver: Receiver
) -> None:
    rest.result("crm.item.update", entityTypeId=31, id=771, fields={"stageId": "DT31_3:P"})
    sandbox.control.wait_hooks()
    form = receiver.forms[0]
    assert (form["event"], form["data[FIELDS][ENTITY_TYPE_ID]"]) == ("ONCRMDYNAMICITEMUPDATE", "31")


def test_creation_and_deletion_are_told(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    number = rest.result("crm.item.add", entityTypeId=2, fields={"title": "x"})["item"]["id"]
    rest.result("crm.item.delete", entityTypeId=2, id=number)
    sandbox.control.wait_hooks()
    assert [form["event"] for form in receiver.forms] == ["ONCRMDEALADD", "ONCRMDEALDELETE"]


def test_a_failed_delivery_is_never_repeated(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    receiver.status = 500
    rename(rest, 9041, "x")
    sandbox.control.wait_hooks()
    sandbox.control.advance(3600)
    sandbox.control.wait_hooks()
    assert len(receiver.forms) == 1
    assert [delivery.status for delivery in sandbox.control.deliveries] == [500]


def test_nobody_listening_is_only_a_record(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.add_outgoing_webhook({"url": "http://127.0.0.1:9/", "events": ["ONCRMDEALUPDATE"]})
    rename(rest, 9041, "x")
    sandbox.control.wait_hooks()
    assert [delivery.status for delivery in sandbox.control.deliveries] == [None]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"kind": "drop_hook"}, ["9042", "9043"]),
        ({"kind": "double_hook", "copies": 3}, ["9041", "9041", "9041", "9042", "9043"]),
    ],
)
def test_hooks_are_dropped_and_doubled(
    rest: Rest, sandbox: RunningSandbox, receiver: Receiver, action: dict[str, Any], expected: list[str]
) -> None:
    sandbox.control.add_faults({"match": {"method": "ONCRMDEAL*"}, "action": action})
    for number in (9041, 9042, 9043):
        rename(rest, number, "x")
    sandbox.control.wait_hooks()
    assert receiver.ids() == expected


def test_hooks_are_shuffled(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.control.add_faults({"action": {"kind": "shuffle_hooks", "window": 3}})
    for number in (9041, 9042, 9043):
        rename(rest, number, "x")
    sandbox.control.wait_hooks()
    assert sorted(receiver.ids()) == ["9041", "9042", "9043"]
    assert receiver.ids() != ["9041", "9042", "9043"]


def test_a_reset_forgets_the_hooks_that_were_held_back(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.control.add_faults({"action": {"kind": "shuffle_hooks", "window": 3}})
    rename(rest, 9041, "x")
    sandbox.control.reset()
    hook = {"id": 186, "url": receiver.url, "events": EVENTS, "application_token": "51f4"}
    sandbox.control.add_outgoing_webhook(hook)
    rename(rest, 9042, "x")
    sandbox.control.wait_hooks()
    assert receiver.ids() == ["9042"]
    assert [row.status for row in sandbox.control.deliveries] == [200]


def test_hooks_are_delayed_on_the_sandbox_clock(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.control.add_faults({"action": {"kind": "delay_hook", "seconds": 600}})
    rename(rest, 9041, "x")
    sandbox.control.wait_hooks()
    assert receiver.forms == []
    sandbox.control.advance(601)
    sandbox.control.wait_hooks()
    assert receiver.ids() == ["9041"]


def robots(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"deals": [{"id": 1, "title": "Первая"}], "robots": list(listed)}


def test_a_robot_moves_the_deal_again_within_the_call(start: StartSandbox) -> None:
    sandbox, rest = start(robots({"stage_id": "EXECUTING", "set_stage_id": "FINAL_INVOICE", "cost_s": 2}))
    response = rest.call("crm.item.update", entityTypeId=2, id=1, fields={"stageId": "EXECUTING"})
    assert (response["result"]["item"]["stageId"], response["result"]["item"]["movedBy"]) == ("FINAL_INVOICE", 0)
    assert response["time"]["duration"] == 2.53
    effects = sandbox.control.write_log.effects()
    assert [(e.source, e.user_id) for e in effects] == [("rest", 1), ("robot", 0)]
    assert [row["stageId"] for row in sandbox.control.stage_history()] == ["NEW", "EXECUTING", "FINAL_INVOICE"]


def test_a_delayed_robot_waits_and_is_cancelled_when_the_deal_left(start: StartSandbox) -> None:
    sandbox, rest = start(robots({"stage_id": "EXECUTING", "set_stage_id": "FINAL_INVOICE", "after_s": 60}))
    rest.move(1, "EXECUTING")
    assert rest.deal(1)["stageId"] == "EXECUTING"
    sandbox.control.advance(61)
    assert rest.deal(1)["stageId"] == "FINAL_INVOICE"
    rest.move(1, "EXECUTING")
    rest.move(1, "PREPARATION")
    sandbox.control.advance(61)
    assert rest.deal(1)["stageId"] == "PREPARATION"


def test_robots_that_chase_each_other_come_to_an_end(start: StartSandbox) -> None:
    pair = ({"stage_id": "NEW", "set_stage_id": "PREPARATION"}, {"stage_id": "PREPARATION", "set_stage_id": "NEW"})
    sandbox, rest = start(robots(*pair))
    rest.move(1, "PREPARATION")
    assert len(sandbox.control.write_log.effects()) == 11

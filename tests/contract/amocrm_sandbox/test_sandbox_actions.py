"""Notes, tasks, tags, talks and a run of a sales bot."""

from typing import Any

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox, seeded
from .rest import Rest, items

NOTE = {"note_type": "extended_service_message", "params": {"service": "Сверка", "text": "Оплата 125 000,50"}}


def test_a_note_is_added_found_and_changed(rest: Rest, sandbox: RunningSandbox) -> None:
    (made,) = items(rest.post("leads/notes", [{"entity_id": 70001, **NOTE, "request_id": "n1"}]))
    assert (made["entity_id"], made["request_id"]) == (70001, "n1")
    (found,) = items(rest.get("leads/70001/notes"))
    assert (found["id"], found["params"], found["created_by"]) == (made["id"], NOTE["params"], 501)
    rest.patch(f"leads/notes/{made['id']}", {"params": {"service": "Сверка", "text": "Другое"}})
    assert rest.get(f"leads/notes/{made['id']}")["params"]["text"] == "Другое"
    assert rest.send("POST", f"leads/notes/{made['id']}/pin").status_code == 204
    assert sandbox.control.notes()[0]["is_pinned"] is True


def test_notes_are_filtered_and_of_a_card(rest: Rest) -> None:
    rest.post("leads/70001/notes", [NOTE, {"note_type": "common", "params": {"text": "а"}}])
    rest.post("leads/70002/notes", [NOTE])
    rest.post("companies/40021/notes", [NOTE])
    assert len(items(rest.get("leads/notes"))) == 3
    assert len(items(rest.get("leads/notes?filter[note_type]=common"))) == 1
    assert len(items(rest.get("leads/notes?filter[entity_id][]=70002"))) == 1
    assert len(items(rest.get("leads/70001/notes"))) == 2
    assert rest.get("contacts/notes") is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"entity_id": 5, **NOTE}, "entity_id"),
        (NOTE, "entity_id"),
        ({"entity_id": 70001, "note_type": "nonsense", "params": {}}, "note_type"),
        ({"entity_id": 70001, "note_type": "common"}, "params"),
        ({"entity_id": 70001, "note_type": "service_message", "params": {"text": "а"}}, "params.service"),
        ({"entity_id": 70001, "note_type": "message_cashier", "params": {"status": "x", "text": "а"}}, "params.status"),
    ],
)
def test_notes_that_are_refused(rest: Rest, body: dict[str, Any], path: str) -> None:
    assert rest.refused("POST", "leads/notes", [body])[::2] == (400, path)


def test_a_note_of_payment_fires_the_pipelines_trigger_once(start: StartSandbox) -> None:
    seed = seeded()
    seed["paid_triggers"] = [{"pipeline_id": 9001, "status_id": 61004}]
    sandbox, rest = start(seed)
    paid = {"note_type": "invoice_paid", "params": {"service": "Сверка", "text": "Оплачен", "icon_url": "http://x/i"}}
    rest.post("leads/70002/notes", [{**paid, "is_need_to_trigger_digital_pipeline": False}])
    assert rest.lead(70002)["status_id"] == 61002
    rest.post("leads/70002/notes", [paid])
    lead = rest.lead(70002)
    assert (lead["status_id"], lead["updated_by"]) == (61004, 0)
    moved = sandbox.control.write_log.effects("lead")
    assert [(effect.source, effect.user_id) for effect in moved] == [("robot", 0)]


def test_a_task_is_made_listed_and_completed(rest: Rest, sandbox: RunningSandbox) -> None:
    body = {"text": "Проверить", "complete_till": 1900000000, "entity_type": "leads", "entity_id": 70001}
    (made,) = items(rest.post("tasks", [body]))
    assert rest.lead(70001)["closest_task_at"] == 1900000000
    assert rest.ids("tasks?filter[is_completed]=0&filter[entity_type]=leads&filter[entity_id][]=70001") == [made["id"]]
    rest.patch(f"tasks/{made['id']}", {"is_completed": True, "result": {"text": "Сделано"}})
    task = rest.get(f"tasks/{made['id']}")
    assert (task["is_completed"], task["result"]) == (True, {"text": "Сделано"})
    assert rest.lead(70001)["closest_task_at"] is None
    kinds = [event["type"] for event in sandbox.control.events()]
    assert kinds == ["task_added", "task_completed"]
    (effect, _) = sandbox.control.write_log.effects("task")
    assert effect.owner == "lead:70001"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"complete_till": 1900000000}, "text"),
        ({"text": "а"}, "complete_till"),
        ({"text": "а", "complete_till": "завтра"}, "complete_till"),
        ({"text": "а", "complete_till": 1, "entity_type": "leads", "entity_id": 5}, "entity_id"),
        ({"text": "а", "complete_till": 1, "entity_type": "lead", "entity_id": 70001}, "entity_type"),
        ({"text": "а", "complete_till": 1, "responsible_user_id": 519}, "responsible_user_id"),
    ],
)
def test_tasks_that_are_refused(rest: Rest, body: dict[str, Any], path: str) -> None:
    assert rest.refused("POST", "tasks", [body])[::2] == (400, path)


def test_people_complete_tasks(rest: Rest, sandbox: RunningSandbox) -> None:
    (made,) = items(rest.post("tasks", [{"text": "а", "complete_till": 1900000000}]))
    sandbox.control.human({"act": "complete_task", "id": made["id"], "user_id": 517})
    assert sandbox.control.tasks()[0]["is_completed"] is True


def test_tags_are_listed_and_made(rest: Rest) -> None:
    assert [tag["name"] for tag in items(rest.get("leads/tags"))] == ["насосы"]
    (made,) = rest.post("leads/tags", [{"name": "оплачен"}])["_embedded"]["tags"]
    assert rest.get("leads/tags?filter[name]=оплачен")["_embedded"]["tags"][0]["id"] == made["id"]


def test_a_talk_is_closed_with_or_without_a_body(start: StartSandbox) -> None:
    seed = seeded()
    seed["talks"] = [{"id": 9, "contact_id": 30011, "lead_id": 70001}]
    _, rest = start(seed)
    assert rest.get("talks/9")["is_in_work"] is True
    closed = rest.send("POST", "talks/9/close", {"force_close": True})
    assert (closed.status_code, closed.content) == (202, b"")
    assert rest.get("talks/9")["is_in_work"] is False


def test_a_sales_bot_runs_for_at_most_a_hundred(rest: Rest, sandbox: RunningSandbox) -> None:
    run = {"bot_id": 5, "entity_id": 70001, "entity_type": 2}
    assert rest.send("POST", "/api/v2/salesbot/run", [run]).json() == {"success": True}
    assert rest.send("POST", "/api/v2/salesbot/run", [run] * 101).status_code == 422
    assert sandbox.control.state()["salesbot_runs"] == [run]

"""Comments, to-dos, log lines, tasks, notices: what rules leave behind."""

from typing import Any

import httpx

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .rest import Rest


def test_a_comment_hangs_on_its_card(rest: Rest, sandbox: RunningSandbox) -> None:
    fields = {"ENTITY_ID": 9041, "ENTITY_TYPE": "deal", "COMMENT": "Оплачено"}
    number = rest.result("crm.timeline.comment.add", fields=fields)
    listed = rest.result("crm.timeline.comment.list", filter={"ENTITY_ID": 9041, "ENTITY_TYPE": "deal"})
    assert [(row["ID"], row["COMMENT"], row["AUTHOR_ID"]) for row in listed] == [(str(number), "Оплачено", "1")]
    effect = sandbox.control.write_log.effects("comment")[0]
    assert (effect.owner, effect.entity_id) == ("deal:9041", number)
    rest.result("crm.timeline.comment.update", id=number, fields={"COMMENT": "Оплачено полностью"})
    assert rest.result("crm.timeline.comment.get", id=number)["COMMENT"] == "Оплачено полностью"
    assert rest.result("crm.timeline.comment.delete", id=number) is True
    assert sandbox.control.comments() == []


def test_comments_take_an_invoice_as_dynamic_31(rest: Rest) -> None:
    fields = {"ENTITY_ID": 771, "ENTITY_TYPE": "dynamic_31", "COMMENT": "x"}
    assert rest.result("crm.timeline.comment.add", fields=fields) == 1


def test_comment_errors(rest: Rest) -> None:
    add = "crm.timeline.comment.add"
    assert rest.error(add, FIELDS={}) == (400, 100)
    nobody = {"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": "x"}
    assert rest.error(add, fields=nobody) == (400, "OWNER_NOT_FOUND")
    empty = {"ENTITY_ID": 9041, "ENTITY_TYPE": "deal", "COMMENT": ""}
    assert rest.error(add, fields=empty) == (400, "INVALID_ARG_VALUE")
    assert rest.error("crm.timeline.comment.list", filter={"ENTITY_ID": 1}) == (400, 100)


def test_todo_and_log_line(rest: Rest) -> None:
    todo = {"ownerTypeId": 2, "ownerId": 9041, "deadline": "2026-12-01T10:00:00+03:00", "title": "Позвонить"}
    assert rest.result("crm.activity.todo.add", **todo) == {"id": 1}
    bad = rest.error("crm.activity.todo.add", **{**todo, "deadline": "завтра"})
    assert bad == (400, "WRONG_DATETIME_FORMAT")
    fields = {"entityTypeId": 2, "entityId": 9041, "title": "Сверка", "text": "Платёж", "iconCode": "info"}
    message = rest.result("crm.timeline.logmessage.add", fields=fields)["logMessage"]
    assert (message["id"], message["authorId"]) == (1, 1)
    del fields["iconCode"]
    assert rest.error("crm.timeline.logmessage.add", fields=fields) == (400, 100)


def task_fields(**more: Any) -> dict[str, Any]:
    return {"TITLE": "Заполнить договор", "RESPONSIBLE_ID": 17, "UF_CRM_TASK": ["D_9041"], **more}


def test_tasks_have_string_ids_and_lists_filter_in_upper_case(rest: Rest, sandbox: RunningSandbox) -> None:
    task = rest.result("tasks.task.add", fields=task_fields())["task"]
    assert (task["id"], task["status"], task["responsibleId"]) == ("1", "2", "17")
    listed = rest.result("tasks.task.list", filter={"UF_CRM_TASK": "D_9041"}, select=["ID", "TITLE"])
    assert listed == {"tasks": [{"id": "1", "title": "Заполнить договор"}]}
    assert sandbox.control.write_log.effects("task")[0].owner == "deal:9041"


def test_a_task_is_changed_and_completed_once(rest: Rest) -> None:
    rest.result("tasks.task.add", fields=task_fields())
    rest.result("tasks.task.update", taskId=1, fields={"DESCRIPTION": "Номер и дата"})
    assert rest.result("tasks.task.complete", taskId=1)["task"]["status"] == "5"
    assert rest.error("tasks.task.complete", taskId=1) == (400, "ERROR_CORE")
    assert rest.result("tasks.task.get", taskId=1)["task"]["description"] == "Номер и дата"


def test_task_errors_are_html_in_the_text(rest: Rest) -> None:
    reply = rest.send("tasks.task.add", {"fields": {"RESPONSIBLE_ID": 17}})
    assert (reply.status_code, reply.json()["error"]) == (400, "ERROR_CORE")
    assert "<br>" in reply.json()["error_description"]


def test_a_tag_replaces_the_earlier_notice_only_with_a_client_id(rest: Rest, sandbox: RunningSandbox) -> None:
    notice = {"USER_ID": 17, "MESSAGE": "Оплата", "TAG": "payment-1"}
    for _ in range(2):
        assert isinstance(rest.result("im.notify.system.add", **notice), int)
    assert len(sandbox.control.notices()) == 2
    for text in ("Первая", "Вторая"):
        rest.result("im.notify.system.add", **{**notice, "CLIENT_ID": "hub", "MESSAGE": text})
    assert [row["message"] for row in sandbox.control.notices()] == ["Оплата", "Оплата", "Вторая"]
    assert rest.error("im.notify.system.add", MESSAGE="x") == (400, "USER_ID_EMPTY")
    assert rest.error("im.notify.system.add", USER_ID=17) == (400, "MESSAGE_EMPTY")


def v3(sandbox: RunningSandbox, method: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    url = sandbox.webhook_url.replace("/rest/", "/rest/api/") + method
    headers = {"idempotency-key": key} if key else {}
    return httpx.post(url, json=body, headers=headers, trust_env=False, verify=False)


def test_v3_replays_a_task_made_with_the_same_key(sandbox: RunningSandbox) -> None:
    body = {"fields": {"title": "Задача", "creatorId": 1, "responsibleId": 17, "crmItemIds": ["D_9041"]}}
    first = v3(sandbox, "tasks.task.add", body, "key-1")
    again = v3(sandbox, "tasks.task.add", body, "key-1")
    assert first.json()["result"] == again.json()["result"]
    assert first.json()["result"]["item"]["id"] == 1
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(sandbox.control.tasks()) == 1


def test_v3_refuses_a_key_used_with_another_body(sandbox: RunningSandbox) -> None:
    v3(sandbox, "tasks.task.add", {"fields": {"title": "Одна", "responsibleId": 17}}, "key-1")
    other = v3(sandbox, "tasks.task.add", {"fields": {"title": "Другая", "responsibleId": 17}}, "key-1")
    assert other.status_code == 422
    assert other.json()["error"]["code"].endswith("IDEMPOTENCYKEYREUSEDEXCEPTION")


def test_v3_forgets_a_key_after_a_day_and_v2_ignores_it(sandbox: RunningSandbox) -> None:
    body = {"fields": {"title": "Задача", "responsibleId": 17}}
    v3(sandbox, "tasks.task.add", body, "key-1")
    sandbox.control.advance(25 * 3600)
    assert "idempotent-replayed" not in v3(sandbox, "tasks.task.add", body, "key-1").headers
    url = sandbox.webhook_url + "tasks.task.add"
    old = {"fields": {"TITLE": "Задача", "RESPONSIBLE_ID": 17}}
    for _ in range(2):
        httpx.post(url, json=old, headers={"idempotency-key": "key-2"}, trust_env=False, verify=False)
    assert len(sandbox.control.tasks()) == 4


def test_v3_knows_no_crm(sandbox: RunningSandbox) -> None:
    reply = v3(sandbox, "crm.item.get", {"entityTypeId": 2, "id": 9041})
    assert reply.json()["error"]["code"] == "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION"

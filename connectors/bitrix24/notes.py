"""Comments and tasks that can be found again: a short tag made of the operation key stands in the text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from connectors.bitrix24.client import ListCall, RestClient
from connectors.bitrix24.envelope import object_in
from connectors.bitrix24.schemas import CommentRow, TaskRow, rows_of
from connectors.shared.jsontypes import Param
from hub.domain.errors import ConnectorError, Refused, UnknownOutcome
from hub.ports.crm import TaskDraft

_COMPLETED: Final = "5"
_NO_MARKUP: Final = str.maketrans("[]<>", "()‹›")
_UNREADABLE: Final = "Битрикс24 ответил без номера записи: найдём её по метке."


def tag(operation_key: str) -> str:
    """The mark of an operation: short enough for a reader, long enough to be unique."""
    return f"sverka-{hashlib.sha256(operation_key.encode()).hexdigest()[:16]}"


def tagged(text: str, operation_key: str) -> str:
    """A text with its tag on a line of its own at the end; a payer's words must not become mark-up or a link."""
    return f"{text.translate(_NO_MARKUP).rstrip()}\n\n({tag(operation_key)})"


class Notes:
    """Timeline comments and tasks of deals."""

    def __init__(self, client: RestClient) -> None:
        self._client = client

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:
        """Leave a comment in the deal's timeline; returns its id."""
        fields: dict[str, Param] = {
            "ENTITY_ID": int(deal_id),
            "ENTITY_TYPE": "deal",
            "COMMENT": tagged(text, operation_key),
        }
        result = self._client.write("crm.timeline.comment.add", {"fields": fields}).result
        if isinstance(result, bool) or not isinstance(result, int | str) or not str(result).isdigit():
            raise UnknownOutcome("crm.timeline.comment.add: no id in the reply", _UNREADABLE)
        return str(result)

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:
        """Id of the comment with that tag."""
        call = ListCall(
            "crm.timeline.comment.list",
            {"filter": {"ENTITY_ID": int(deal_id), "ENTITY_TYPE": "deal"}, "select": ["ID", "COMMENT"]},
        )
        wanted = tag(operation_key)
        rows = rows_of(CommentRow, self._client.walk(call))
        return next((str(row.id) for row in rows if wanted in row.comment), None)

    def task(self, deal_id: str, draft: TaskDraft, operation_key: str) -> str:
        """Set a task bound to the deal; without a responsible person it is the webhook owner's."""
        fields: dict[str, Param] = {
            "TITLE": draft.title.translate(_NO_MARKUP),
            "DESCRIPTION": tagged(draft.text, operation_key),
            "RESPONSIBLE_ID": int(draft.responsible_id or self._client.webhook.user_id),
            "UF_CRM_TASK": [f"D_{deal_id}"],
        }
        if draft.due_on is not None:
            fields["DEADLINE"] = f"{draft.due_on.isoformat()}T19:00:00"
        result = self._client.write("tasks.task.add", {"fields": fields}).result
        rows = rows_of(TaskRow, [object_in(result, "task")])
        if not rows:
            raise UnknownOutcome("tasks.task.add: no task in the reply", _UNREADABLE)
        return str(rows[0].id)

    def find_task(self, deal_id: str, operation_key: str) -> str | None:
        """Id of the task with that tag, open or closed."""
        wanted = tag(operation_key)
        return next((str(row.id) for row in self._tasks_of(deal_id) if wanted in row.description), None)

    def complete_task(self, task_id: str) -> None:
        """Close a task. A refusal or a lost answer is no error when the task turns out closed."""
        try:
            self._client.write("tasks.task.complete", {"taskId": int(task_id)})
        except (Refused, UnknownOutcome):
            # What became of the call is as this says, whatever a reading afterwards fails on.
            if not self._turns_out_completed(task_id):
                raise

    def _turns_out_completed(self, task_id: str) -> bool:
        try:
            return self._is_completed(task_id)
        except ConnectorError:
            return False

    def _tasks_of(self, deal_id: str) -> Iterator[TaskRow]:
        # tasks.task.list filters and sorts by ID but returns id.
        call = ListCall(
            "tasks.task.list",
            {"filter": {"UF_CRM_TASK": f"D_{deal_id}"}, "select": ["ID", "DESCRIPTION", "STATUS"]},
            rows_key="tasks",
            id_row="id",
        )
        return iter(rows_of(TaskRow, self._client.walk(call)))

    def _is_completed(self, task_id: str) -> bool:
        result = self._client.read("tasks.task.get", {"taskId": int(task_id), "select": ["ID", "STATUS"]}).result
        rows = rows_of(TaskRow, [object_in(result, "task")])
        return any(row.status == _COMPLETED for row in rows)

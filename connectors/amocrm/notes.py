"""Notes and tasks that can be found again: a short tag made of the operation key stands in the text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from connectors.amocrm.client import PAGE, ApiClient, RefusedFields
from connectors.amocrm.directory import Directory
from connectors.amocrm.envelope import embedded, has_next
from connectors.amocrm.schemas import NoteRow, TaskRow, rows_of
from connectors.shared.jsontypes import Json, JsonObject, Param
from hub.domain.errors import ConnectorError, Refused, UnknownOutcome
from hub.ports.crm import TaskDraft
from hub.ports.state import Clock

_SERVICE: Final = "Сверка"
_NOTE: Final = "extended_service_message"
_FOLLOW_UP: Final = 1
_EVENING: Final = time(19)
_DONE: Final = "Сделано."
_PAGES_MOST: Final = 40
_UNREADABLE: Final = "amoCRM ответила без номера записи: найдём её по метке."


def tag(operation_key: str) -> str:
    """The mark of an operation: short enough for a reader, long enough to be unique."""
    return f"sverka-{hashlib.sha256(operation_key.encode()).hexdigest()[:16]}"


def tagged(text: str, operation_key: str) -> str:
    """A text with its tag on a line of its own at the end."""
    return f"{text.rstrip()}\n\n({tag(operation_key)})"


class Notes:
    """Notes in the feed of deals, and tasks of deals."""

    def __init__(self, client: ApiClient, directory: Directory, clock: Clock) -> None:
        self._client = client
        self._directory = directory
        self._clock = clock

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:
        """Leave a note in the deal's feed; returns its id. It sets off nothing: moving the deal is the hub's."""
        note: dict[str, Param] = {
            "entity_id": int(deal_id),
            "note_type": _NOTE,
            "params": {"service": _SERVICE, "text": tagged(text, operation_key)},
            "is_need_to_trigger_digital_pipeline": False,
        }
        return _new_id(self._client.write("POST", "/leads/notes", [note]), "notes")

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:
        """Id of the note with that tag."""
        wanted, deal = tag(operation_key), int(deal_id)
        condition: dict[str, Param] = {"filter": {"note_type": [_NOTE]}, "order": {"id": "desc"}}
        rows = rows_of(NoteRow, self._all(f"/leads/{deal}/notes", "notes", condition))
        ours = (row for row in rows if row.entity_id == deal and wanted in str(row.params.get("text") or ""))
        return next((str(row.id) for row in ours), None)

    def task(self, deal_id: str, draft: TaskDraft, operation_key: str) -> str:
        """Set a task of the deal; one whose person has left the account falls to the user of our access."""
        task: dict[str, Param] = {
            "text": tagged(f"{draft.title}\n{draft.text}".strip(), operation_key),
            "task_type_id": _FOLLOW_UP,
            "complete_till": self._due(draft),
            "entity_id": int(deal_id),
            "entity_type": "leads",
        }
        if draft.responsible_id:
            task["responsible_user_id"] = int(draft.responsible_id)
        try:
            return _new_id(self._client.write("POST", "/tasks", [task]), "tasks")
        except RefusedFields as error:
            if not any(fault.path.endswith("responsible_user_id") for fault in error.faults):
                raise
        # The refusal proves that no task was set.
        del task["responsible_user_id"]
        return _new_id(self._client.write("POST", "/tasks", [task]), "tasks")

    def find_task(self, deal_id: str, operation_key: str) -> str | None:
        """Id of the task with that tag, open or closed."""
        wanted, deal = tag(operation_key), int(deal_id)
        condition: dict[str, Param] = {"filter": {"entity_type": "leads", "entity_id": [deal]}, "order": {"id": "desc"}}
        rows = rows_of(TaskRow, self._all("/tasks", "tasks", condition))
        ours = (row for row in rows if row.entity_id == deal and row.entity_type == "leads" and wanted in row.text)
        return next((str(row.id) for row in ours), None)

    def complete_task(self, task_id: str) -> None:
        """Close a task. A refusal or a lost answer is no error when the task turns out closed."""
        try:
            self._client.write("PATCH", f"/tasks/{int(task_id)}", {"is_completed": True, "result": {"text": _DONE}})
        except (Refused, UnknownOutcome):
            # What became of the call is as this says, whatever a reading afterwards fails on.
            if not self._turns_out_completed(task_id):
                raise

    def _turns_out_completed(self, task_id: str) -> bool:
        try:
            document = self._client.get(f"/tasks/{int(task_id)}")
        except ConnectorError:
            return False
        return any(row.is_completed for row in rows_of(TaskRow, [document] if isinstance(document, dict) else []))

    def _due(self, draft: TaskDraft) -> int:
        """Evening of the day in the account's zone; tomorrow's where no day is named."""
        zone = self._directory.account().zone
        day = draft.due_on or (self._clock.now().astimezone(zone) + timedelta(days=1)).date()
        return int(datetime.combine(day, _EVENING, zone).timestamp())

    def _all(self, path: str, key: str, params: dict[str, Param]) -> Iterator[JsonObject]:
        """Every page, newest first, one after another as far as they are wanted."""
        for page in range(1, _PAGES_MOST):
            document = self._client.get(path, {**params, "page": page, "limit": PAGE})
            rows = embedded(document, key)
            yield from rows
            if not rows or not has_next(document):
                return


def _new_id(answer: Json, key: str) -> str:
    """Id of the one record that was made."""
    for row in embedded(answer, key):
        made = row.get("id")
        if isinstance(made, int) and not isinstance(made, bool):
            return str(made)
    raise UnknownOutcome(f"no id of the new one among {key}", _UNREADABLE)

"""Notes, tasks and webhook subscriptions: how they are kept, and told to the feed and the hooks."""

from connectors.amocrm.sandbox.account import Account, Record
from connectors.amocrm.sandbox.cards import BY_PLURAL, Card, Kind, number
from connectors.amocrm.sandbox.changes import Actor, log_effect, save_card
from connectors.amocrm.sandbox.drafts import read_draft
from connectors.amocrm.sandbox.errors import not_found
from connectors.amocrm.sandbox.events import append_event, record_event
from connectors.amocrm.sandbox.v2 import note_v2, task_v2
from connectors.sandbox_kit.jsontypes import Json, as_map, as_text

_PAID_NOTES = frozenset({"invoice_paid", "bill_paid"})


def add_note(account: Account, actor: Actor, card: Card, note_type: str, params: dict[str, Json]) -> Record:
    """Put a note on a card."""
    now = account.now()
    note = account.notes[card.kind].insert(
        {
            "entity_id": card.id,
            "created_by": actor.user_id,
            "updated_by": actor.user_id,
            "created_at": now,
            "updated_at": now,
            "responsible_user_id": actor.user_id,
            "group_id": 0,
            "note_type": note_type,
            "params": params,
            "account_id": account.account_id,
            "is_pinned": False,
        }
    )
    shown: dict[str, tuple[Json, Json]] = {"note_type": (None, note_type), "params": (None, params)}
    log_effect(account, actor, "note", number(note["id"]), shown, f"{card.kind.single}:{card.id}")
    what = "common_note_added" if note_type == "common" else "service_note_added"
    record_event(account, actor.user_id, card, what, after=[{"note": {"id": note["id"]}}])
    # A note with a file is told twice.
    actor.hooks += [note_v2(account, note, card.kind)] * (2 if note_type == "attachment" else 1)
    return note


def change_note(account: Account, actor: Actor, note: Record, params: dict[str, Json]) -> None:
    """Change what a note says; nothing happens when it says so already."""
    merged = {**as_map(note["params"]), **params}
    if merged == note["params"]:
        return
    old, note["params"] = note["params"], merged
    note |= {"updated_at": account.now(), "updated_by": actor.user_id}
    log_effect(account, actor, "note", number(note["id"]), {"params": (old, merged)})


def pay_trigger(account: Account, actor: Actor, card: Card, note_type: str) -> None:
    """A note of payment fires the pipeline's trigger «счёт оплачен»: a robot moves the lead."""
    if card.kind is not Kind.LEAD or note_type not in _PAID_NOTES:
        return
    for trigger in account.seed.paid_triggers:
        if trigger.pipeline_id == card.columns["pipeline_id"]:
            body: dict[str, Json] = {"status_id": trigger.status_id, "pipeline_id": trigger.pipeline_id}
            robot = Actor(0, "robot", "paid_trigger", actor.request_id)
            save_card(account, robot, card, read_draft(account, Kind.LEAD, body, card, card.owner))
            actor.hooks += robot.hooks
            actor.touched += robot.touched


def add_task(account: Account, actor: Actor, fields: Record) -> Record:
    """Make a task."""
    now = account.now()
    task = account.tasks.insert(
        {
            "created_by": actor.user_id,
            "updated_by": actor.user_id,
            "created_at": now,
            "updated_at": now,
            "responsible_user_id": actor.user_id,
            "group_id": 0,
            "entity_id": None,
            "entity_type": None,
            "duration": 0,
            "is_completed": False,
            "task_type_id": 1,
            "text": "",
            "result": [],
            "complete_till": 0,
            "account_id": account.account_id,
            **fields,
        }
    )
    created: dict[str, tuple[Json, Json]] = {name: (None, task[name]) for name in ("text", "complete_till")}
    log_effect(account, actor, "task", number(task["id"]), created, _owner(task))
    append_event(account, actor.user_id, "task_added", "task", number(task["id"]))
    _closest(account, task)
    actor.hooks.append(task_v2(account, task, "add"))
    return task


def change_task(account: Account, actor: Actor, task: Record, fields: Record) -> bool:
    """Change a task; False when nothing differed."""
    changed = {name: (task.get(name), value) for name, value in fields.items() if task.get(name) != value}
    if not changed:
        return False
    task.update(fields)
    task |= {"updated_at": account.now(), "updated_by": actor.user_id}
    log_effect(account, actor, "task", number(task["id"]), changed, _owner(task))
    _closest(account, task)
    if changed.get("is_completed", (None, None))[1] is True:
        append_event(account, actor.user_id, "task_completed", "task", number(task["id"]))
    actor.hooks.append(task_v2(account, task, "update"))
    if "responsible_user_id" in changed:
        old = number(changed["responsible_user_id"][0])
        actor.hooks.append(task_v2(account, task, "responsible", old))
    return True


def complete_task(account: Account, actor: Actor, task_id: int, text: str) -> None:
    """Close a task. Raises ApiError 404."""
    task = account.tasks.rows.get(task_id)
    if task is None:
        raise not_found(f"No task {task_id}")
    change_task(account, actor, task, {"is_completed": True, "result": {"text": text} if text else []})


def add_webhook(account: Account, destination: str, settings: list[Json], sort: Json, user_id: int) -> Record:
    """Make a webhook subscription."""
    now = account.now()
    return account.webhooks.insert(
        {
            "destination": destination,
            "created_at": now,
            "updated_at": now,
            "account_id": account.account_id,
            "created_by": user_id,
            "sort": sort,
            "disabled": False,
            "settings": settings,
        }
    )


def _closest(account: Account, task: Record) -> None:
    """Keep the card's moment of its next open task."""
    kind = BY_PLURAL.get(as_text(task["entity_type"]))
    card = account.live((kind, number(task["entity_id"]))) if kind else None
    if card is None or "closest_task_at" not in card.columns:
        return
    same = [
        t
        for t in account.tasks.rows.values()
        if t["entity_type"] == task["entity_type"] and t["entity_id"] == card.id and not t["is_completed"]
    ]
    card.columns["closest_task_at"] = min((number(t["complete_till"]) for t in same), default=None)


def _owner(task: Record) -> str | None:
    plural = {kind.value: kind.single for kind in Kind}
    single = plural.get(as_text(task["entity_type"]))
    return f"{single}:{task['entity_id']}" if single else None

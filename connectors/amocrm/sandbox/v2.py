"""Records in the old v2 form that webhooks carry, with that form's oddities."""

import json
from collections.abc import Mapping
from datetime import datetime

from connectors.amocrm.sandbox.account import Account, HookEvent, Record
from connectors.amocrm.sandbox.cards import Card, Kind, number
from connectors.amocrm.sandbox.fields import FieldDef
from connectors.amocrm.sandbox.values import Stored
from connectors.sandbox_kit.jsontypes import Json, as_map, as_text

_DATES = frozenset({"date", "date_time", "birthday"})
Changes = Mapping[str, tuple[Json, Json]]


def card_hooks(account: Account, card: Card, action: str, changed: Changes, user_id: int) -> list[HookEvent]:
    """The hooks of one change. A change of stage yields both the status hook and the update hook."""
    if card.kind is Kind.ELEMENT:
        return [_element_hook(account, card, action)]
    record = card_v2(account, card, user_id) if action != "delete" else _deleted(card)
    for name in ("status_id", "pipeline_id", "responsible_user_id"):
        if name in changed:
            record[f"old_{name}"] = changed[name][0]
    entity = "leads" if card.kind is Kind.LEAD else "contacts"
    single = card.kind.single
    hooks = [HookEvent(f"{action}_{single}", entity, action, record, card.id)]
    if "responsible_user_id" in changed:
        # Of clients the vendor tells it as an update that carries the old person.
        what = "responsible" if card.kind is Kind.LEAD else "update"
        hooks.insert(0, HookEvent(f"responsible_{single}", entity, what, record, card.id))
    if "status_id" in changed or "pipeline_id" in changed:
        hooks.insert(0, HookEvent("status_lead", "leads", "status", record, card.id))
    return hooks


def card_v2(account: Account, card: Card, user_id: int) -> Record:
    """A lead, contact or company as hooks show it."""
    columns = card.columns
    record: Record = {
        "id": card.id,
        "name": columns["name"],
        "responsible_user_id": columns["responsible_user_id"],
        "last_modified": columns["updated_at"],
        "modified_user_id": user_id,
        "created_user_id": columns["created_by"],
        "date_create": columns["created_at"],
        "account_id": account.account_id,
        "created_at": columns["created_at"],
        "updated_at": columns["updated_at"],
    }
    if card.kind is Kind.LEAD:
        record |= {name: columns[name] for name in ("status_id", "price", "pipeline_id")}
    else:
        record |= {"type": card.kind.single, "company_name": ""}
    if card.tags:
        record["tags"] = [{"id": tag, "name": account.tags[card.kind][tag]} for tag in card.tags]
    listed = _fields_v2(account, card)
    if listed:
        record["custom_fields"] = listed
    return record


def _deleted(card: Card) -> Record:
    if card.kind is Kind.LEAD:
        return {"id": card.id, "status_id": card.columns["status_id"], "pipeline_id": card.columns["pipeline_id"]}
    return {"id": card.id, "type": card.kind.single}


def _element_hook(account: Account, card: Card, action: str) -> HookEvent:
    record: Record = {"id": card.id, "catalog_id": card.catalog_id, "type": "catalog"}
    if action != "delete":
        columns = card.columns
        record |= {
            "date_create": columns["created_at"],
            "date_modify": columns["updated_at"],
            "created_by": columns["created_by"],
            "modified_by": columns["updated_by"],
            "name": columns["name"],
            "deleted": "1" if card.deleted else "0",
            "custom_fields": _fields_v2(account, card),
            "created_at": columns["created_at"],
            "updated_at": columns["updated_at"],
        }
    return HookEvent(f"{action}_catalog", "catalogs", action, record, card.id, card.catalog_id)


def _fields_v2(account: Account, card: Card) -> list[Json]:
    return [_field_v2(spec, card.values[spec.id]) for spec in account.field_set(card) if card.values.get(spec.id)]


def _field_v2(spec: FieldDef, stored: Stored) -> Json:
    shown: Record = {"id": spec.id, "name": spec.name}
    if spec.code:
        shown["code"] = spec.code
    if spec.type in _DATES:
        shown["values"] = [value.get("value") for value in stored]
        return shown
    values: list[Json] = [_value_v2(value) for value in stored]
    # A radiobutton's only value is an object where every other field has a list.
    shown["values"] = values[0] if spec.type == "radiobutton" else values
    return shown


def _value_v2(value: Mapping[str, Json]) -> Record:
    shown: Record = {"value": value.get("value")}
    if "enum_id" in value:
        shown["enum"] = value["enum_id"]
    return shown


def note_v2(account: Account, note: Record, kind: Kind) -> HookEvent:
    """A note as hooks show it: its params are JSON text under `metadata`."""
    single, params = kind.single, as_map(note["params"])
    entity = "leads" if kind is Kind.LEAD else "contacts"
    shown: Record = {
        "note": {
            "id": note["id"],
            "note_type": _NOTE_TYPES.get(str(note["note_type"]), 25),
            "element_type": {Kind.LEAD: 2, Kind.CONTACT: 1, Kind.COMPANY: 3}.get(kind, 0),
            "element_id": note["entity_id"],
            "text": as_text(params.get("text")),
            "metadata": json.dumps(params, ensure_ascii=False),
            "date_create": _stamp(account, number(note["created_at"])),
            "created_by": note["created_by"],
            "main_user_id": note["responsible_user_id"],
            "group_id": 0,
            "timestamp_x": _stamp(account, number(note["updated_at"])),
            "account_id": account.account_id,
        },
        "type": single,
    }
    return HookEvent(f"note_{single}", entity, "note", shown, number(note["entity_id"]))


_NOTE_TYPES = {"common": 4, "attachment": 5, "call_in": 10, "call_out": 11, "service_message": 25}
_ELEMENT_TYPES: Mapping[Json, int] = {"contacts": 1, "leads": 2, "companies": 3}


def task_v2(account: Account, task: Record, action: str, old_responsible: int | None = None) -> HookEvent:
    """A task as hooks show it: written-out moments beside the stamps."""
    shown: Record = {
        "id": task["id"],
        "element_id": task["entity_id"],
        "element_type": _ELEMENT_TYPES.get(task["entity_type"], 0),
        "task_type": task["task_type_id"],
        "date_create": _stamp(account, number(task["created_at"])),
        "text": task["text"],
        "status": "1" if task["is_completed"] else "0",
        "account_id": account.account_id,
        "created_user_id": task["created_by"],
        "last_modified": _stamp(account, number(task["updated_at"])),
        "responsible_user_id": task["responsible_user_id"],
        "complete_till": _stamp(account, number(task["complete_till"])),
        "action_close": "1" if task["is_completed"] else "0",
        "created_at": task["created_at"],
        "updated_at": task["updated_at"],
    }
    if old_responsible is not None:
        shown["old_responsible_user_id"] = old_responsible
    return HookEvent(f"{action}_task", "task", action, shown, number(task["id"]))


def _stamp(account: Account, moment: int) -> str:
    return datetime.fromtimestamp(moment, account.zone).strftime("%Y-%m-%d %H:%M:%S")

"""The one way items and records change: save rules, history, write log, events, robots."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from connectors.bitrix24.sandbox.errors import RestError, not_found
from connectors.bitrix24.sandbox.fields import COMPANY, CONTACT, DEAL, ENTITY_NAMES, INVOICE
from connectors.bitrix24.sandbox.history import record_stage
from connectors.bitrix24.sandbox.portal import Portal, PortalEvent
from connectors.bitrix24.sandbox.seed import Robot
from connectors.bitrix24.sandbox.stages import StageRow
from connectors.bitrix24.sandbox.tables import Table
from connectors.bitrix24.sandbox.values import FieldSpec, Item, Value, coerce, log_value
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import Source

_ROBOT_DEPTH = 10
_INVOICE_TERM = timedelta(days=7)
_EVENT_STEMS = {DEAL: "ONCRMDEAL", COMPANY: "ONCRMCOMPANY", CONTACT: "ONCRMCONTACT", INVOICE: "ONCRMDYNAMICITEM"}


def _free(_seconds: float) -> None:
    """Costs nothing: people and timers are not cut."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes and by what; `spend` bills run time to the request and may cut it."""

    user_id: int
    source: Source
    method: str
    request_id: str | None = None
    spend: Callable[[float], None] = _free
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Saved:
    """The item after a save and what the save changed (empty for a no-op)."""

    item: Item
    changed: Mapping[str, tuple[Value, Value]]


def log_effect(
    portal: Portal,
    actor: Actor,
    entity_type: str,
    entity_id: int,
    changed: Mapping[str, tuple[Value, Value]],
    owner: str | None = None,
) -> None:
    """Write the effect line of a change that took place."""
    portal.write_log.append(
        {
            "kind": "effect",
            "source": actor.source,
            "user_id": actor.user_id,
            "method": actor.method,
            "entity_type": entity_type,
            "entity_id": entity_id,
            "owner": owner,
            "changed": {name: (log_value(old), log_value(new)) for name, (old, new) in changed.items()},
            "request_id": actor.request_id,
        }
    )


def read_fields(portal: Portal, entity_type: int, fields: Mapping[str, Json]) -> Item:
    """Writable known fields as typed values; unknown and read-only names are ignored as the vendor does."""
    values: Item = {}
    for name, value in fields.items():
        spec = portal.items(entity_type).fields.find(name)
        if spec is not None and not spec.read_only:
            values[spec.name] = coerce(value, spec, portal.zone)
    return values


def update_item(
    portal: Portal,
    actor: Actor,
    entity_type: int,
    item_id: int,
    values: Item,
    *,
    foreign_stage_ignored: bool = False,
    from_rows: bool = False,
) -> Saved:
    """Save new values by the vendor's steps. A save that changes nothing is skipped.

    `foreign_stage_ignored` is crm.deal.update's habit of dropping a stage of another pipeline without a word;
    `from_rows` lets the product rows set a calculated amount.
    """
    item = portal.items(entity_type).rows.get(item_id)
    if item is None:
        raise not_found()
    wanted = dict(values)
    if entity_type in portal.tables.history:
        _settle_stage(portal, entity_type, item, wanted, ignore_foreign=foreign_stage_ignored)
    if not from_rows:
        _settle_amount(portal, entity_type, item, wanted)
    if "contactId" in wanted and "contactIds" not in wanted:
        wanted["contactIds"] = (wanted["contactId"],) if wanted["contactId"] else ()
    changed = {name: (item[name], new) for name, new in wanted.items() if item[name] != new}
    if not changed:
        return Saved(item, {})
    moved = "stageId" in changed
    if moved and actor.source in {"rest", "late"} and "categoryId" not in changed:
        _check_required(portal, entity_type, {**item, **wanted})
    _apply(portal, actor, entity_type, item, changed)
    if moved:
        _run_robots(portal, actor, entity_type, item)
    return Saved(item, changed)


def add_item(portal: Portal, actor: Actor, entity_type: int, values: Item) -> Item:
    """Create an item with the vendor's defaults."""
    now = portal.now()
    row: Item = {"createdTime": now, "updatedTime": now, "lastActivityTime": now, **values}
    row |= {"createdBy": actor.user_id, "updatedBy": actor.user_id, "lastActivityBy": actor.user_id}
    row.setdefault("assignedById", actor.user_id)
    if entity_type in portal.tables.history:
        _fill_card(portal, actor, entity_type, row)
    item = portal.items(entity_type).insert(row)
    if entity_type == INVOICE:
        item["accountNumber"] = str(item["id"])
        item["title"] = item["title"] or f"Invoice #{item['id']}"
    if entity_type in portal.tables.history:
        record_stage(portal, entity_type, item, created=True)
    created = {name: (None, item[name]) for name in values}
    log_effect(portal, actor, ENTITY_NAMES[entity_type], _id(item), {"id": (None, item["id"]), **created})
    _emit(portal, actor, entity_type, _id(item), "ADD")
    return item


def delete_item(portal: Portal, actor: Actor, entity_type: int, item_id: int) -> None:
    """Delete an item for good."""
    if portal.items(entity_type).rows.pop(item_id, None) is None:
        raise not_found()
    log_effect(portal, actor, ENTITY_NAMES[entity_type], item_id, {"id": (item_id, None)})
    _emit(portal, actor, entity_type, item_id, "DELETE")


def insert_record(
    portal: Portal, actor: Actor, target: Table, entity_type: str, row: Item, owner: str | None = None
) -> Item:
    """Add a record (comment, task, requisite...) and log it."""
    record = target.insert(row)
    created = {name: (None, record[name]) for name in row}
    log_effect(portal, actor, entity_type, _id(record), created, owner)
    return record


def update_record(
    portal: Portal, actor: Actor, record: Item, entity_type: str, values: Item, owner: str | None = None
) -> bool:
    """Change a record and log it; False when nothing differed."""
    changed = {name: (record.get(name), new) for name, new in values.items() if record.get(name) != new}
    if not changed:
        return False
    record.update(values)
    log_effect(portal, actor, entity_type, _id(record), changed, owner)
    return True


def delete_record(portal: Portal, actor: Actor, target: Table, entity_type: str, record_id: int) -> None:
    """Remove a record and log it."""
    if target.rows.pop(record_id, None) is None:
        raise not_found()
    log_effect(portal, actor, entity_type, record_id, {"id": (record_id, None)})


def _id(item: Item) -> int:
    number = item["id"]
    assert isinstance(number, int)
    return number


def _invalid_stage(stage_id: Value) -> RestError:
    return RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Stage {stage_id} does not belong to the pipeline")


def _settle_stage(portal: Portal, kind: int, item: Item, wanted: Item, *, ignore_foreign: bool) -> None:
    category = wanted.get("categoryId", item["categoryId"])
    if not isinstance(category, int) or (kind, category) not in portal.stages.categories:
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Pipeline {category} does not exist")
    if category != item["categoryId"] and "stageId" not in wanted:
        wanted["stageId"] = portal.stages.of_category(kind, category)[0].stage_id
    if "stageId" not in wanted or wanted["stageId"] == item["stageId"]:
        return
    row = portal.stages.find(kind, str(wanted["stageId"]))
    if row is not None and row.category_id == category:
        return
    if not ignore_foreign:
        raise _invalid_stage(wanted["stageId"])
    del wanted["stageId"]


def _settle_amount(portal: Portal, kind: int, item: Item, wanted: Item) -> None:
    """With a calculated amount the product rows decide, so a sum from outside is dropped."""
    code = {DEAL: "D", INVOICE: "SI"}.get(kind)
    manual = wanted.get("isManualOpportunity", item.get("isManualOpportunity"))
    if "opportunity" in wanted and manual == "N":
        rows = [r for r in portal.tables.product_rows if r["ownerType"] == code and r["ownerId"] == item["id"]]
        if rows:
            del wanted["opportunity"]


def _is_empty(spec: FieldSpec, value: Value) -> bool:
    return value in (None, "", ()) or (value == 0 and not spec.user_field)


def _check_required(portal: Portal, kind: int, item: Item) -> None:
    row = portal.stages.find(kind, str(item["stageId"]))
    if row is None or not portal.settings.required_fields_enforced:
        return
    fields = portal.items(kind).fields
    listed = [spec for name in row.required_fields if (spec := fields.find(name))]
    always = [spec for spec in fields if spec.user_field and spec.required and spec not in listed]
    absent = [spec for spec in (*listed, *always) if _is_empty(spec, item.get(spec.name))]
    if absent:
        titles = ", ".join(f"«{spec.title or spec.upper}»" for spec in absent)
        raise RestError(portal.settings.required_field_error, f"Не заполнено обязательное поле {titles}")


def _apply(portal: Portal, actor: Actor, kind: int, item: Item, changed: Mapping[str, tuple[Value, Value]]) -> None:
    now = portal.now()
    funnel_changed = "categoryId" in changed
    if "stageId" in changed:
        _mark_move(portal, actor, kind, item, str(changed["stageId"][1]))
    item.update({name: new for name, (_, new) in changed.items()})
    item |= {"updatedTime": now, "updatedBy": actor.user_id, "lastActivityTime": now}
    if "stageId" in changed:
        record_stage(portal, kind, item, funnel_changed=funnel_changed)
    log_effect(portal, actor, ENTITY_NAMES[kind], _id(item), changed)
    if kind == DEAL and funnel_changed:
        fields: dict[str, int | str] = {
            "ID": _id(item),
            "CATEGORY_ID": str(item["categoryId"]),
            "STAGE_ID": str(item["stageId"]),
        }
        portal.emit(PortalEvent("ONCRMDEALMOVETOCATEGORY", fields, actor.user_id, app_only=True))
    else:
        _emit(portal, actor, kind, _id(item), "UPDATE")


def _mark_move(portal: Portal, actor: Actor, kind: int, item: Item, stage_id: str) -> None:
    semantic = portal.stages.semantic(kind, stage_id)
    item |= {"movedBy": actor.user_id, "movedTime": portal.now()}
    if kind == DEAL:
        item |= {"stageSemanticId": semantic, "closed": "N" if semantic == "P" else "Y"}
    else:
        item["previousStageId"] = item["stageId"]


def _emit(portal: Portal, actor: Actor, kind: int, item_id: int, verb: str) -> None:
    fields: dict[str, int | str] = {"ID": item_id}
    if kind == INVOICE:
        fields["ENTITY_TYPE_ID"] = kind
    portal.emit(PortalEvent(_EVENT_STEMS[kind] + verb, fields, actor.user_id))


def _fill_card(portal: Portal, actor: Actor, kind: int, row: Item) -> None:
    category = row.get("categoryId")
    if category is None:
        category = portal.stages.default_category(kind)
    if not isinstance(category, int) or (kind, category) not in portal.stages.categories:
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Pipeline {category} does not exist")
    stages = portal.stages.of_category(kind, category)
    stage: StageRow | None = stages[0]
    if row.get("stageId"):
        stage = next((s for s in stages if s.stage_id == row["stageId"]), None)
    if stage is None:
        raise _invalid_stage(row["stageId"])
    now = portal.now()
    row |= {"categoryId": category, "stageId": stage.stage_id, "movedBy": actor.user_id, "movedTime": now}
    row.setdefault("currencyId", portal.settings.currency)
    row.setdefault("begindate", now.date())
    if kind == DEAL:
        semantic = stage.semantics or "P"
        row |= {"stageSemanticId": semantic, "closed": "N" if semantic == "P" else "Y"}
    else:
        row.setdefault("closedate", now.date() + _INVOICE_TERM)
        row.setdefault("mycompanyId", _own_company(portal))
    if row.get("contactId"):
        row.setdefault("contactIds", (row["contactId"],))


def _own_company(portal: Portal) -> int:
    own = [_id(company) for company in portal.items(COMPANY) if company["isMyCompany"] == "Y"]
    return min(own, default=0)


def _run_robots(portal: Portal, actor: Actor, kind: int, item: Item) -> None:
    if actor.depth >= _ROBOT_DEPTH:
        return
    entered = item["stageId"]
    for robot in portal.seed.robots:
        if (robot.entity_type_id, robot.stage_id) == (kind, entered):
            actor.spend(robot.cost_s)
            _start_robot(portal, actor, robot, _id(item))


def _start_robot(portal: Portal, actor: Actor, robot: Robot, item_id: int) -> None:
    hand = Actor(0, "robot", "robot", actor.request_id, actor.spend if not robot.after_s else _free, actor.depth + 1)

    def act() -> None:
        with portal.lock:
            item = portal.items(robot.entity_type_id).rows.get(item_id)
            # A robot waits for its stage: it is cancelled when the card has left it.
            if item is None or item["stageId"] != robot.stage_id:
                return
            fields = dict(robot.set_fields)
            if robot.set_stage_id:
                fields["stageId"] = robot.set_stage_id
            values = read_fields(portal, robot.entity_type_id, fields)
            update_item(portal, hand, robot.entity_type_id, item_id, values)

    if robot.after_s:
        portal.timers.after(robot.after_s, act)
    else:
        act()

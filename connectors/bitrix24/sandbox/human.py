"""What people do in the portal's interface: move, lose, edit, delete cards, change stages."""

from connectors.bitrix24.sandbox.changes import Actor, delete_item, log_effect, read_fields, update_item
from connectors.bitrix24.sandbox.errors import RestError, not_found
from connectors.bitrix24.sandbox.faults import HumanAct
from connectors.bitrix24.sandbox.portal import Portal
from connectors.sandbox_kit.jsontypes import Json


def act(portal: Portal, deed: HumanAct, default_id: int | None = None) -> None:
    """Do it as the person `deed.user_id`. Raises RestError when the card or stage does not exist."""
    with portal.lock:
        actor = Actor(deed.user_id, "control", f"human.{deed.act}")
        if deed.act in {"rename_stage", "remove_stage", "sort_stage"}:
            _change_stage(portal, actor, deed)
            return
        item_id = deed.id if deed.id is not None else default_id
        if item_id is None:
            raise not_found("No card is named")
        _change_card(portal, actor, deed, item_id)


def _change_card(portal: Portal, actor: Actor, deed: HumanAct, item_id: int) -> None:
    if deed.act == "delete":
        delete_item(portal, actor, deed.entity_type_id, item_id)
        return
    fields: dict[str, Json] = dict(deed.fields)
    if deed.act == "lose":
        fields["stageId"] = _lost_stage(portal, deed.entity_type_id, item_id)
    elif deed.act == "move":
        fields |= _target(portal, deed)
    values = read_fields(portal, deed.entity_type_id, fields)
    update_item(portal, actor, deed.entity_type_id, item_id, values)


def _target(portal: Portal, deed: HumanAct) -> dict[str, Json]:
    stage = portal.stages.find(deed.entity_type_id, deed.stage_id or "")
    if stage is None:
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f"No stage {deed.stage_id}")
    category = deed.category_id if deed.category_id is not None else stage.category_id
    return {"stageId": stage.stage_id, "categoryId": category}


def _lost_stage(portal: Portal, entity_type: int, item_id: int) -> str:
    item = portal.items(entity_type).rows.get(item_id)
    if item is None:
        raise not_found()
    category = item["categoryId"]
    assert isinstance(category, int)
    return next(s.stage_id for s in portal.stages.of_category(entity_type, category) if s.semantics == "F")


def _change_stage(portal: Portal, actor: Actor, deed: HumanAct) -> None:
    stage = portal.stages.find(deed.entity_type_id, deed.stage_id or "")
    if stage is None:
        raise not_found(f"No stage {deed.stage_id}")
    if deed.act == "rename_stage":
        portal.stages.rename(stage.stage_id, deed.name or stage.name)
        log_effect(portal, actor, "stage", stage.row_id, {"NAME": (stage.name, deed.name)})
    elif deed.act == "sort_stage":
        sort = stage.sort if deed.sort is None else deed.sort
        portal.stages.sort(stage.stage_id, sort)
        log_effect(portal, actor, "stage", stage.row_id, {"SORT": (stage.sort, sort)})
    else:
        portal.stages.remove(stage.stage_id)
        log_effect(portal, actor, "stage", stage.row_id, {"STATUS_ID": (stage.stage_id, None)})

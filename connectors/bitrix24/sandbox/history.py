"""Stage history rows, as crm.stagehistory.list shows them."""

from connectors.bitrix24.sandbox.portal import Portal
from connectors.bitrix24.sandbox.values import Item

CREATED, MOVED, FINISHED, FUNNEL_CHANGED = 1, 2, 3, 5


def record_stage(
    portal: Portal, entity_type: int, item: Item, *, created: bool = False, funnel_changed: bool = False
) -> None:
    """Append the row for the stage the item has now."""
    stage_id = str(item["stageId"])
    semantic = portal.stages.semantic(entity_type, stage_id)
    row_type = FINISHED if semantic != "P" else MOVED
    if funnel_changed:
        row_type = FUNNEL_CHANGED
    if created:
        row_type = CREATED
    portal.tables.history[entity_type].insert(
        {
            "typeId": row_type,
            "ownerId": item["id"],
            "createdTime": item["createdTime"] if created else item["movedTime"],
            "categoryId": item["categoryId"],
            "stageSemanticId": semantic,
            "stageId": stage_id,
        }
    )

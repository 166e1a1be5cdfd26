"""How date filters are written for a portal. ISO 8601 is documented; some portals find nothing by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from connectors.bitrix24.batching import Command
from connectors.bitrix24.client import RestClient
from connectors.bitrix24.envelope import rows_in
from connectors.bitrix24.mapper import COMPANY, DEAL
from connectors.bitrix24.mark import DateFormat
from connectors.bitrix24.schemas import ItemRow, rows_of
from connectors.shared.jsontypes import Json, Param

_TRIED: Final = (DateFormat.ISO, DateFormat.SQL)


def written(moment: datetime, portal_now: datetime, style: DateFormat) -> str:
    """A moment for a filter, in the portal's own zone so that a dropped offset changes nothing."""
    local = moment.astimezone(portal_now.tzinfo).replace(microsecond=0)
    return local.strftime("%Y-%m-%d %H:%M:%S") if style is DateFormat.SQL else local.isoformat()


def portal_time(result: Json, fallback: datetime) -> datetime:
    """The portal's clock with its zone out of a `server.time` reply."""
    if isinstance(result, str):
        try:
            moment = datetime.fromisoformat(result)
        except ValueError:
            return fallback
        return moment if moment.tzinfo is not None else fallback
    return fallback


def edited_since(entity_type_id: int, moment: str, record_id: int) -> Command:
    """Does one record count as edited since then?"""
    params: dict[str, Param] = {
        "entityTypeId": entity_type_id,
        "select": ["id"],
        "filter": {">=updatedTime": moment, "@id": [record_id]},
        "order": {"id": "ASC"},
        "start": -1,
    }
    return Command("crm.item.list", params)


def calibrate(client: RestClient, portal_now: datetime) -> DateFormat | None:
    """Try both ways on a record whose time of edit is known; None when the portal is still empty."""
    sample = _sample(client)
    if sample is None or sample[1].updated_time is None:
        return None
    entity_type_id, row = sample
    edited = row.updated_time
    assert edited is not None
    commands: dict[str, Command] = {}
    for style in _TRIED:
        for name, moment in (("found", edited - timedelta(seconds=1)), ("spared", edited + timedelta(days=1))):
            commands[f"{style}_{name}"] = edited_since(entity_type_id, written(moment, portal_now, style), row.id)
    parts = client.batch_outcomes(commands)
    counts = {key: _count(part) for key, part in parts.items()}
    works = (style for style in _TRIED if counts[f"{style}_found"] == 1 and counts[f"{style}_spared"] == 0)
    return next(works, DateFormat.NONE)


def _count(part: object) -> int:
    """Rows of a list reply; -1 where the portal refused the filter."""
    return sum(1 for _ in rows_in(part, "items")) if isinstance(part, dict | list) else -1


def _sample(client: RestClient) -> tuple[int, ItemRow] | None:
    commands = {
        f"t{type_id}": Command(
            "crm.item.list",
            {"entityTypeId": type_id, "select": ["id", "updatedTime"], "order": {"id": "DESC"}, "start": -1},
        )
        for type_id in (DEAL, COMPANY)
    }
    parts = client.batch(commands)
    for type_id in (DEAL, COMPANY):
        rows = rows_of(ItemRow, rows_in(parts[f"t{type_id}"], "items"))
        if rows:
            return type_id, rows[0]
    return None

"""The event feed: a row for each change of a card, a note or a task, as GET /api/v4/events shows it."""

from collections.abc import Mapping, Sequence

from connectors.amocrm.sandbox.account import Account, Record
from connectors.amocrm.sandbox.cards import Card, Kind
from connectors.amocrm.sandbox.fields import FieldDef
from connectors.amocrm.sandbox.values import Stored
from connectors.sandbox_kit.jsontypes import Json

_OF_CARD = frozenset({"added", "deleted", "restored"})


def entity_name(card: Card) -> str:
    """The card's kind as events call it; elements carry the number of their list."""
    return f"catalog_{card.catalog_id}" if card.kind is Kind.ELEMENT else card.kind.single


def record_event(
    account: Account,
    user_id: int,
    card: Card,
    what: str,
    before: Sequence[Json] | None = None,
    after: Sequence[Json] | None = None,
) -> None:
    """Append an event of a card. `what` is added, deleted, restored or a whole event type."""
    if card.kind is Kind.ELEMENT and not account.settings.catalog_events:
        return
    kind = f"{card.kind.single}_{what}" if what in _OF_CARD else what
    append_event(account, user_id, kind, entity_name(card), card.id, before, after)


def append_event(
    account: Account,
    user_id: int,
    kind: str,
    entity: str,
    entity_id: int,
    before: Sequence[Json] | None = None,
    after: Sequence[Json] | None = None,
) -> None:
    """Append an event of any entity."""
    event: Record = {
        "id": account.next_event_id(),
        "type": kind,
        "entity_id": entity_id,
        "entity_type": entity,
        "created_by": user_id,
        "created_at": account.now(),
        "value_after": list(after or []),
        "value_before": list(before or []),
        "account_id": account.account_id,
    }
    account.events.append(event)


def record_changes(
    account: Account,
    user_id: int,
    card: Card,
    columns: Mapping[str, tuple[Json, Json]],
    values: Mapping[int, tuple[Stored, Stored]],
) -> None:
    """Append the events of one save."""
    if "status_id" in columns or "pipeline_id" in columns:
        _record_stage(account, user_id, card, columns)
    if "responsible_user_id" in columns:
        before, after = ([{"responsible_user": {"id": value}}] for value in columns["responsible_user_id"])
        record_event(account, user_id, card, "entity_responsible_changed", before, after)
    if "price" in columns:
        before, after = ([{"sale_field_value": {"sale": value}}] for value in columns["price"])
        record_event(account, user_id, card, "sale_field_changed", before, after)
    if "name" in columns:
        before, after = ([{"name_field_value": {"name": value}}] for value in columns["name"])
        record_event(account, user_id, card, "name_field_changed", before, after)
    fields = account.field_set(card).by_id
    for field_id, (old, new) in values.items():
        spec = fields[field_id]
        what = f"custom_field_{field_id}_value_changed"
        record_event(account, user_id, card, what, _field_value(spec, old), _field_value(spec, new))


def _record_stage(account: Account, user_id: int, card: Card, columns: Mapping[str, tuple[Json, Json]]) -> None:
    same = (card.columns["status_id"], card.columns["status_id"])
    pipe = (card.columns["pipeline_id"], card.columns["pipeline_id"])
    statuses, pipelines = columns.get("status_id", same), columns.get("pipeline_id", pipe)
    before, after = (
        [{"lead_status": {"id": status, "pipeline_id": pipeline}}]
        for status, pipeline in zip(statuses, pipelines, strict=True)
    )
    record_event(account, user_id, card, "lead_status_changed", before, after)


def _field_value(spec: FieldDef, stored: Stored) -> list[Json]:
    return [
        {
            "custom_field_value": {
                "field_id": spec.id,
                "field_type": spec.type,
                "enum_id": value.get("enum_id"),
                "text": _text(value.get("value")),
            }
        }
        for value in stored
    ]


def _text(value: Json) -> str:
    if isinstance(value, Mapping):
        return str(value.get("name") or "")
    return "" if value is None else str(value)

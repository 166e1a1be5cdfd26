"""The event feed, newest first."""

from collections.abc import Callable, Mapping

from connectors.amocrm.sandbox.account import Record
from connectors.amocrm.sandbox.api.cards import absent
from connectors.amocrm.sandbox.cards import BY_SINGLE, number
from connectors.amocrm.sandbox.context import Answer, Context, Route
from connectors.amocrm.sandbox.errors import bad_request
from connectors.amocrm.sandbox.filters import ids_of, many
from connectors.amocrm.sandbox.listing import in_order, paged, whole
from connectors.amocrm.sandbox.render import href
from connectors.sandbox_kit.jsontypes import Json, as_int, as_list, as_map, as_text

MOST_IDS = 10
TYPES = (
    "lead_added",
    "lead_deleted",
    "lead_restored",
    "lead_status_changed",
    "contact_added",
    "contact_deleted",
    "company_added",
    "company_deleted",
    "entity_linked",
    "entity_unlinked",
    "entity_responsible_changed",
    "sale_field_changed",
    "name_field_changed",
    "custom_field_value_changed",
    "common_note_added",
    "service_note_added",
    "task_added",
    "task_completed",
)
Test = Callable[[Record], bool]


def list_events(ctx: Context) -> Answer:
    """GET /api/v4/events."""
    account = ctx.account
    tests = _tests(as_map(ctx.query.get("filter"))) if account.api_filter_enabled else []
    if account.settings.list_lag_s and tests:
        seen_until = account.clock.timestamp() - account.settings.list_lag_s
        tests.append(lambda event: number(event["created_at"]) <= seen_until)
    numbered = [(place, event) for place, event in enumerate(account.events) if all(test(event) for test in tests)]

    def key(item: tuple[int, Record], name: str) -> int:
        return item[0] if name == "id" else number(item[1]["created_at"])

    ordered = in_order(ctx, numbered, key, ("created_at", "id"), ("created_at", True))
    most = account.settings.events_page_max
    return paged(ctx, ordered, "events", lambda item: _event_json(ctx, item[1]), most=most, default=min(100, most))


def get_event(ctx: Context, event_id: str) -> Answer:
    """GET /api/v4/events/{id}."""
    found = next((event for event in ctx.account.events if event["id"] == event_id), None)
    return absent(ctx) if found is None else Answer(_event_json(ctx, found))


def list_types(ctx: Context) -> Answer:
    """GET /api/v4/events/types."""
    return whole(ctx, "events_types", [{"key": name, "type": 1, "lang": name} for name in TYPES])


def _event_json(ctx: Context, event: Record) -> Record:
    embedded = {"entity": _entity(ctx, event)}
    return {**event, "_links": href(ctx.base, f"events/{event['id']}"), "_embedded": embedded}


def _entity(ctx: Context, event: Record) -> Record:
    name, number_ = str(event["entity_type"]), event["entity_id"]
    catalog = name.partition("catalog_")[2]
    if catalog:
        path = f"catalogs/{catalog}/elements/{number_}"
    else:
        path = f"{BY_SINGLE[name].value if name in BY_SINGLE else 'tasks'}/{number_}"
    shown: Record = {"id": number_, "_links": href(ctx.base, path)}
    kind = BY_SINGLE.get("element" if catalog else name)
    asked = {"catalog_element_name"} if catalog else {f"{name}_name"}
    card = ctx.account.table(kind).rows.get(number(number_)) if kind else None
    if card is not None and asked & ctx.wanted:
        shown["name"] = card.name
    return shown


def _tests(raw: Mapping[str, Json]) -> list[Test]:
    tests: list[Test] = []
    if "id" in raw:
        names = set(many(raw["id"]))
        tests.append(lambda event: event["id"] in names)
    if "created_at" in raw:
        tests.append(_time_test(raw["created_at"]))
    if "created_by" in raw:
        authors = ids_of(raw["created_by"])
        tests.append(lambda event: event["created_by"] in authors)
    if "type" in raw:
        types = set(many(raw["type"]))
        tests.append(lambda event: _of_type(str(event["type"]), types))
    tests += _entity_tests(raw)
    for name in ("value_before", "value_after"):
        tests += [_value_test(name, key, value) for key, value in as_map(raw.get(name)).items()]
    return tests


def _entity_tests(raw: Mapping[str, Json]) -> list[Test]:
    tests: list[Test] = []
    if "entity" in raw:
        entities = set(many(raw["entity"]))
        tests.append(lambda event: event["entity_type"] in entities)
    if "entity_id" in raw:
        wanted = ids_of(raw["entity_id"])
        if "entity" not in raw or len(wanted) > MOST_IDS:
            raise bad_request("filter[entity_id] needs filter[entity] and takes at most 10 ids")
        tests.append(lambda event: event["entity_id"] in wanted)
    return tests


def _time_test(value: Json) -> Test:
    if isinstance(value, Mapping):
        low, high = as_int(value.get("from")), as_int(value.get("to"))
    else:
        low, high = as_int(value), None

    def test(event: Record) -> bool:
        at = number(event["created_at"])
        return (low is None or at >= low) and (high is None or at <= high)

    return test


def _of_type(kind: str, wanted: set[str]) -> bool:
    changed = kind.startswith("custom_field_") and kind.endswith("_value_changed")
    return kind in wanted or (changed and "custom_field_value_changed" in wanted)


def _value_test(name: str, key: str, value: Json) -> Test:
    if key == "leads_statuses":
        pairs = {
            (as_int(as_map(pair).get("pipeline_id")), as_int(as_map(pair).get("status_id"))) for pair in as_list(value)
        }
        return lambda event: bool(pairs & {_stage_of(item) for item in as_list(event[name])})
    wanted = set(many(value))
    if key in ("custom_field_values", "responsible_user_id"):
        inner, part = ("custom_field_value", "enum_id") if key == "custom_field_values" else ("responsible_user", "id")
        return lambda event: any(
            as_text(as_map(as_map(item).get(inner)).get(part)) in wanted for item in as_list(event[name])
        )
    return lambda event: any(wanted & _texts(item) for item in as_list(event[name]))


def _stage_of(item: Json) -> tuple[int | None, int | None]:
    stage = as_map(as_map(item).get("lead_status"))
    return as_int(stage.get("pipeline_id")), as_int(stage.get("id"))


def _texts(item: Json) -> set[str]:
    return {as_text(part) for value in as_map(item).values() for part in as_map(value).values()}


ROUTES = [
    Route("GET", "events/types", list_types),
    Route("GET", "events", list_events),
    Route("GET", "events/{text}", get_event),
]

"""Notes on cards: add, list, change, pin."""

from collections.abc import Mapping

from connectors.amocrm.sandbox.account import Record
from connectors.amocrm.sandbox.api.cards import CARD_KINDS, absent
from connectors.amocrm.sandbox.cards import Card, Kind, number
from connectors.amocrm.sandbox.context import NOTHING, Answer, Context, Handler, Route
from connectors.amocrm.sandbox.errors import missing, no_choice, not_found, unexpected, wrong_type
from connectors.amocrm.sandbox.filters import ids_of, many, range_test
from connectors.amocrm.sandbox.listing import in_order, paged
from connectors.amocrm.sandbox.records import add_note, change_note, pay_trigger
from connectors.amocrm.sandbox.render import href
from connectors.amocrm.sandbox.writing import Item, body_items, checked, one
from connectors.sandbox_kit.jsontypes import Json, as_map, as_text

# Which params a note of each type must bring; types beside these are written by the vendor's own services.
PARAMS: Mapping[str, tuple[str, ...]] = {
    "common": ("text",),
    "service_message": ("service", "text"),
    "extended_service_message": ("service", "text"),
    "invoice_paid": ("service", "text", "icon_url"),
    "bill_paid": ("service", "text", "icon_url"),
    "message_cashier": ("status", "text"),
    "attachment": ("file_uuid", "file_name"),
    "call_in": ("phone", "duration"),
    "call_out": ("phone", "duration"),
    "sms_in": ("text", "phone"),
    "sms_out": ("text", "phone"),
    "geolocation": ("text", "address", "longitude", "latitude"),
}
_CASHIER = ("created", "shown", "canceled")
_NAMES = frozenset(
    {
        "entity_id",
        "note_type",
        "params",
        "request_id",
        "created_by",
        "updated_by",
        "created_at",
        "updated_at",
        "responsible_user_id",
        "is_need_to_trigger_digital_pipeline",
        "id",
    }
)
Wanted = tuple[Card, str, dict[str, Json], bool]


def list_notes(ctx: Context, kind: Kind, card_id: int | None = None) -> Answer:
    """GET /api/v4/leads/notes and /api/v4/leads/{id}/notes."""
    notes = ctx.account.notes[kind].listed()
    if card_id is not None:
        notes = [note for note in notes if note["entity_id"] == card_id]
    if ctx.account.api_filter_enabled:
        notes = [note for note in notes if _fits(note, as_map(ctx.query.get("filter")))]

    def key(note: Record, name: str) -> int:
        return number(note[name])

    ordered = in_order(ctx, notes, key, ("updated_at", "id"))
    return paged(ctx, ordered, "notes", lambda note: _note_json(ctx, kind, note))


def _fits(note: Record, raw: Mapping[str, Json]) -> bool:
    for name in ("id", "entity_id"):
        if name in raw and note[name] not in ids_of(raw[name]):
            return False
    if "note_type" in raw and note["note_type"] not in many(raw["note_type"]):
        return False
    return "updated_at" not in raw or range_test(number(note["updated_at"]), raw["updated_at"])


def get_note(ctx: Context, kind: Kind, *ids: int) -> Answer:
    """GET /api/v4/leads/notes/{id} and /api/v4/leads/{id}/notes/{id}."""
    note = ctx.account.notes[kind].rows.get(ids[-1])
    if note is None or (len(ids) > 1 and note["entity_id"] != ids[0]):
        return absent(ctx)
    return Answer(_note_json(ctx, kind, note))


def _note_json(ctx: Context, kind: Kind, note: Record) -> Record:
    return {**note, "_links": href(ctx.base, f"{kind.value}/{note['entity_id']}/notes/{note['id']}")}


def add_notes(ctx: Context, kind: Kind, card_id: int | None = None) -> Answer:
    """POST /api/v4/leads/notes with `entity_id` in each item, or /api/v4/leads/{id}/notes."""

    def apply(wanted: Wanted, name: str) -> Json:
        card, note_type, params, triggers = wanted
        note = add_note(ctx.account, ctx.actor, card, note_type, params)
        if triggers:
            pay_trigger(ctx.account, ctx.actor, card, note_type)
        return {"id": note["id"], "entity_id": card.id, "request_id": name, "_links": _links(ctx, kind, note)}

    answers = checked(ctx, body_items(ctx), lambda item: _read(ctx, kind, card_id, item), apply)
    return _listed(ctx, answers, ctx.account.settings.add_status)


def _links(ctx: Context, kind: Kind, note: Record) -> Json:
    return href(ctx.base, f"{kind.value}/{note['entity_id']}/notes/{note['id']}")


def _read(ctx: Context, kind: Kind, card_id: int | None, item: Item) -> Wanted:
    for name in item:
        if name not in _NAMES and ctx.account.settings.unknown_columns == "refuse":
            raise unexpected(name)
    if card_id is None and item.get("entity_id") is None:
        raise missing("entity_id")
    card = ctx.account.table(kind).live(card_id if card_id is not None else number(item["entity_id"]))
    if card is None:
        raise no_choice("entity_id")
    note_type = as_text(item.get("note_type"))
    params = _params(note_type, item.get("params"))
    return card, note_type, params, item.get("is_need_to_trigger_digital_pipeline", True) is not False


def _params(note_type: str, raw: Json) -> dict[str, Json]:
    if note_type not in PARAMS:
        raise no_choice("note_type")
    if not isinstance(raw, Mapping):
        raise missing("params")
    for name in PARAMS[note_type]:
        if raw.get(name) in (None, ""):
            raise missing(f"params.{name}")
    if "text" in raw and not isinstance(raw["text"], str):
        raise wrong_type("params.text", "string")
    if note_type == "message_cashier" and raw["status"] not in _CASHIER:
        raise no_choice("params.status")
    return dict(raw)


def change_notes(ctx: Context, kind: Kind) -> Answer:
    """PATCH /api/v4/leads/notes."""

    def read(item: Item) -> tuple[Record, dict[str, Json]]:
        note = ctx.account.notes[kind].rows.get(number(item.get("id")))
        if note is None:
            raise no_choice("id")
        return note, _params(as_text(note["note_type"]), item.get("params"))

    def apply(made: tuple[Record, dict[str, Json]], name: str) -> Json:
        note, params = made
        change_note(ctx.account, ctx.actor, note, params)
        return {"id": note["id"], "entity_id": note["entity_id"], "updated_at": note["updated_at"], "request_id": name}

    return _listed(ctx, checked(ctx, body_items(ctx), read, apply))


def change_one_note(ctx: Context, kind: Kind, *ids: int) -> Answer:
    """PATCH /api/v4/leads/notes/{id} and /api/v4/leads/{id}/notes/{id}."""
    note = ctx.account.notes[kind].rows.get(ids[-1])
    if note is None:
        raise not_found()
    params = one(ctx.object(), lambda body: _params(as_text(note["note_type"]), body.get("params")))
    change_note(ctx.account, ctx.actor, note, params)
    return Answer({"id": note["id"], "entity_id": note["entity_id"], "updated_at": note["updated_at"]})


def pin(ctx: Context, kind: Kind, note_id: int, *, pinned: bool = True) -> Answer:
    """POST /api/v4/leads/notes/{id}/pin: 204."""
    note = ctx.account.notes[kind].rows.get(note_id)
    if note is None:
        raise not_found()
    note["is_pinned"] = pinned
    return NOTHING


def _listed(ctx: Context, answers: list[Json], status: int = 200) -> Answer:
    links: Json = {"self": {"href": f"{ctx.base}{ctx.path}"}}
    return Answer({"_links": links, "_embedded": {"notes": answers}}, status)


def _routes(kind: Kind) -> list[Route]:
    def bound(handler: Handler) -> Handler:
        return lambda ctx, *ids: handler(ctx, kind, *ids)

    name = kind.value
    return [
        Route("GET", f"{name}/notes", bound(list_notes)),
        Route("POST", f"{name}/notes", bound(add_notes), writes=True),
        Route("PATCH", f"{name}/notes", bound(change_notes), writes=True, per_card=True),
        Route("GET", f"{name}/notes/{{id}}", bound(get_note)),
        Route("PATCH", f"{name}/notes/{{id}}", bound(change_one_note), writes=True, per_card=True),
        Route("POST", f"{name}/notes/{{id}}/pin", bound(pin)),
        Route("POST", f"{name}/notes/{{id}}/unpin", lambda ctx, note_id: pin(ctx, kind, note_id, pinned=False)),
        Route("GET", f"{name}/{{id}}/notes", bound(list_notes)),
        Route("POST", f"{name}/{{id}}/notes", bound(add_notes), writes=True),
        Route("GET", f"{name}/{{id}}/notes/{{id}}", bound(get_note)),
        Route("PATCH", f"{name}/{{id}}/notes/{{id}}", bound(change_one_note), writes=True, per_card=True),
    ]


ROUTES = [route for kind in CARD_KINDS for route in _routes(kind)]

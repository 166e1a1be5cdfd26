"""Reads the body of a write of one card: every value checked before anything changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.amocrm.sandbox.account import Account
from connectors.amocrm.sandbox.cards import Card, Columns, Kind, number
from connectors.amocrm.sandbox.errors import FieldError, missing, no_choice, unexpected, wrong_type
from connectors.amocrm.sandbox.pipelines import LOST, WON
from connectors.amocrm.sandbox.values import Values, read_values
from connectors.sandbox_kit.jsontypes import Json, as_map

_SHARED = {"name": str, "responsible_user_id": int, "group_id": int, "created_by": int, "updated_by": int}
_TIMES = {"created_at": int, "updated_at": int}
COLUMNS: Mapping[Kind, Mapping[str, type]] = {
    Kind.LEAD: {
        **_SHARED,
        **_TIMES,
        "price": int,
        "status_id": int,
        "pipeline_id": int,
        "loss_reason_id": int,
        "source_id": int,
        "closed_at": int,
        "score": int,
    },
    Kind.CONTACT: {**_SHARED, **_TIMES, "first_name": str, "last_name": str},
    Kind.COMPANY: {**_SHARED, **_TIMES},
    Kind.ELEMENT: {"name": str, "currency_id": int},
}
_BESIDE = frozenset({"id", "request_id", "custom_fields_values", "tags_to_add", "tags_to_delete", "_embedded"})
# Sent by clients that write a whole model back; read-only, so the server passes them over.
_PASSED_OVER = frozenset(
    {
        "_links",
        "account_id",
        "closest_task_at",
        "is_deleted",
        "labor_cost",
        "visitor_uid",
        "price_with_minor_units",
        "catalog_id",
        "is_unsorted",
        "is_main",
    }
)
_NULLABLE = frozenset({"loss_reason_id", "closed_at", "source_id", "score", "currency_id", "group_id"})


@dataclass(slots=True)
class Draft:
    """A checked write. `tags` replaces the set when not None; `linked` are ids under `_embedded`."""

    columns: Columns = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    tags: list[str] | None = None
    tags_to_add: list[str] = field(default_factory=list)
    tags_to_delete: list[str] = field(default_factory=list)
    linked: dict[Kind, list[Mapping[str, Json]]] = field(default_factory=dict)


def read_draft(account: Account, kind: Kind, body: Mapping[str, Json], card: Card | None, owner: str) -> Draft:
    """Check a body against the card it changes (None for a new one). Raises FieldError."""
    draft = Draft(columns=_columns(account, kind, body))
    draft.values = read_values(body.get("custom_fields_values"), account.fields.of(owner), account.reader)
    _tags(account, kind, body, draft)
    _embedded(account, as_map(body.get("_embedded")), draft)
    for name in ("responsible_user_id", "created_by", "updated_by"):
        if name in draft.columns:
            _check_user(account, draft.columns[name], name)
    if kind is Kind.LEAD:
        _settle_stage(account, draft, card)
        _check_required(account, draft, card)
    if account.settings.v2_lock and card is not None and "updated_at" in draft.columns:
        _check_lock(card, draft)
    return draft


def _columns(account: Account, kind: Kind, body: Mapping[str, Json]) -> Columns:
    columns: Columns = {}
    for name, value in body.items():
        wanted = COLUMNS[kind].get(name)
        if wanted is not None:
            columns[name] = _column(account, name, value, wanted)
        elif name not in _BESIDE | _PASSED_OVER and account.settings.unknown_columns == "refuse":
            raise unexpected(name)
    return columns


def _column(account: Account, name: str, value: Json, wanted: type) -> Json:
    if value is None:
        if name in _NULLABLE:
            return None
        raise wrong_type(name, "string" if wanted is str else "int")
    if name == "price" and account.settings.brand == "kommo" and isinstance(value, float):
        return value
    if isinstance(value, bool) or not isinstance(value, wanted):
        raise wrong_type(name, "string" if wanted is str else "int")
    return value


def _check_user(account: Account, user_id: Json, path: str) -> None:
    """A deactivated or unknown user is refused; 0 is the robot, who owns nothing."""
    if user_id == 0 and path != "responsible_user_id":
        return
    user = account.users.get(number(user_id))
    if user is None or not user.active:
        raise no_choice(path)


def _names(account: Account, kind: Kind, raw: Json, path: str) -> list[str]:
    if raw is None:
        return []
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise wrong_type(path, "array")
    names = []
    for place, item in enumerate(raw):
        tag = as_map(item)
        name = tag.get("name") or account.tags[kind].get(number(tag.get("id")))
        if not isinstance(name, str):
            raise no_choice(f"{path}.{place}.id")
        names.append(name)
    return names


def _tags(account: Account, kind: Kind, body: Mapping[str, Json], draft: Draft) -> None:
    draft.tags_to_add = _names(account, kind, body.get("tags_to_add"), "tags_to_add")
    draft.tags_to_delete = _names(account, kind, body.get("tags_to_delete"), "tags_to_delete")
    embedded = as_map(body.get("_embedded"))
    if "tags" in embedded:
        draft.tags = _names(account, kind, embedded["tags"], "_embedded.tags")


def _embedded(account: Account, embedded: Mapping[str, Json], draft: Draft) -> None:
    for kind in (Kind.CONTACT, Kind.COMPANY, Kind.ELEMENT):
        listed = embedded.get(kind.value)
        if not isinstance(listed, Sequence) or isinstance(listed, str):
            continue
        for place, item in enumerate(listed):
            card = account.live((kind, number(as_map(item).get("id"))))
            if card is None:
                raise no_choice(f"_embedded.{kind.value}.{place}.id")
            draft.linked.setdefault(kind, []).append(as_map(item))


def _settle_stage(account: Account, draft: Draft, card: Card | None) -> None:
    """Fill in pipeline and stage from what was sent: each may come alone."""
    wanted = draft.columns
    held = card.columns if card else {"pipeline_id": account.pipelines.main.id, "status_id": None}
    if "status_id" not in wanted and "pipeline_id" not in wanted:
        _leave_incoming(account, draft, card)
        return
    pipeline_id = number(wanted.get("pipeline_id", held["pipeline_id"]))
    if "status_id" in wanted and "pipeline_id" not in wanted and wanted["status_id"] not in (WON, LOST):
        stage = account.pipelines.find_stage(number(wanted["status_id"]))
        pipeline_id = stage.pipeline_id if stage else pipeline_id
    pipeline = account.pipelines.by_id.get(pipeline_id)
    if pipeline is None or (pipeline.is_archive and pipeline_id != held["pipeline_id"]):
        raise no_choice("pipeline_id")
    target = _target_stage(account, draft, card, pipeline_id)
    draft.columns |= {"pipeline_id": pipeline_id, "status_id": target}


def _target_stage(account: Account, draft: Draft, card: Card | None, pipeline_id: int) -> int:
    pipeline = account.pipelines.by_id[pipeline_id]
    if "status_id" not in draft.columns:
        same = card is not None and card.columns["pipeline_id"] == pipeline_id
        kept = pipeline.stage(number(card.columns["status_id"])) if same and card else None
        return kept.id if kept and kept.type == 0 else pipeline.first.id
    stage = pipeline.stage(number(draft.columns["status_id"]))
    if stage is None or stage.type == 1:
        raise no_choice("status_id")
    return stage.id


def _leave_incoming(account: Account, draft: Draft, card: Card | None) -> None:
    """Any update takes a lead out of Incoming."""
    if card is None:
        draft.columns |= {"pipeline_id": account.pipelines.main.id, "status_id": account.pipelines.main.first.id}
        return
    pipeline = account.pipelines.by_id.get(number(card.columns["pipeline_id"]))
    stage = pipeline.stage(number(card.columns["status_id"])) if pipeline else None
    if pipeline and stage and stage.type == 1:
        draft.columns |= {"status_id": pipeline.first.id, "pipeline_id": pipeline.id}


def _check_required(account: Account, draft: Draft, card: Card | None) -> None:
    if not account.settings.enforce_required_statuses or "status_id" not in draft.columns:
        return
    place = (number(draft.columns["pipeline_id"]), number(draft.columns["status_id"]))
    if card is not None and place == (card.columns["pipeline_id"], card.columns["status_id"]):
        return
    held = {**(card.values if card else {}), **draft.values}
    for spec in account.fields.of(Kind.LEAD.value):
        if place in spec.required_statuses and not held.get(spec.id):
            raise FieldError("FieldMissing", f"custom_fields_values.{spec.id}", "This field is required at the stage.")


def _check_lock(card: Card, draft: Draft) -> None:
    if number(draft.columns["updated_at"]) <= card.updated_at:
        raise FieldError("NotSupportedChoice", "updated_at", "Last modified date is older than in database")


def check_new_element(account: Account, draft: Draft, catalog_id: int) -> None:
    """What a new list element must bring: a name, and for an invoice its status. Raises FieldError."""
    if not draft.columns.get("name"):
        raise missing("name")
    if account.catalogs[catalog_id]["type"] != "invoices":
        return
    status = account.fields.of(f"catalogs:{catalog_id}").by_code.get("BILL_STATUS")
    if status is not None and not draft.values.get(status.id):
        raise missing("custom_fields_values.BILL_STATUS")

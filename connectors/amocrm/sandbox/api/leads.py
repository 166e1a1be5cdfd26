"""What only leads have: pipelines and stages, reasons of loss, leads added together with their clients."""

from collections.abc import Mapping

from connectors.amocrm.sandbox.account import Record
from connectors.amocrm.sandbox.api.cards import absent
from connectors.amocrm.sandbox.cards import Card, Kind
from connectors.amocrm.sandbox.changes import add_card, link_cards, save_card
from connectors.amocrm.sandbox.context import Answer, Context, Route
from connectors.amocrm.sandbox.drafts import Draft, read_draft
from connectors.amocrm.sandbox.errors import FieldError
from connectors.amocrm.sandbox.listing import paged, whole
from connectors.amocrm.sandbox.pipelines import pipeline_json, stage_json
from connectors.amocrm.sandbox.render import href
from connectors.amocrm.sandbox.writing import Item, body_items, checked
from connectors.sandbox_kit.jsontypes import Json, as_list, as_map

COMPLEX_LIMIT = 50
COMPLEX_FIELDS = 40


def list_pipelines(ctx: Context) -> Answer:
    """GET /api/v4/leads/pipelines."""
    account = ctx.account
    shown = [pipeline_json(pipeline, account.account_id, ctx.base) for pipeline in account.pipelines.ordered()]
    return whole(ctx, "pipelines", shown)


def get_pipeline(ctx: Context, pipeline_id: int) -> Answer:
    """GET /api/v4/leads/pipelines/{id}."""
    pipeline = ctx.account.pipelines.by_id.get(pipeline_id)
    if pipeline is None:
        return absent(ctx)
    return Answer(pipeline_json(pipeline, ctx.account.account_id, ctx.base))


def list_statuses(ctx: Context, pipeline_id: int) -> Answer:
    """GET /api/v4/leads/pipelines/{id}/statuses."""
    pipeline = ctx.account.pipelines.by_id.get(pipeline_id)
    if pipeline is None:
        return absent(ctx)
    account_id = ctx.account.account_id
    return whole(ctx, "statuses", [stage_json(stage, account_id, ctx.base) for stage in pipeline.stages])


def get_status(ctx: Context, pipeline_id: int, status_id: int) -> Answer:
    """GET /api/v4/leads/pipelines/{id}/statuses/{id}."""
    pipeline = ctx.account.pipelines.by_id.get(pipeline_id)
    stage = pipeline.stage(status_id) if pipeline else None
    return absent(ctx) if stage is None else Answer(stage_json(stage, ctx.account.account_id, ctx.base))


def list_loss_reasons(ctx: Context) -> Answer:
    """GET /api/v4/leads/loss_reasons."""

    def show(reason: Record) -> Json:
        return {**reason, "_links": href(ctx.base, f"leads/loss_reasons/{reason['id']}")}

    return paged(ctx, ctx.account.loss_reasons.listed(), "loss_reasons", show)


def add_complex(ctx: Context) -> Answer:
    """POST /api/v4/leads/complex: leads with one contact and one company each; answered with a bare array."""

    def read(item: Item) -> tuple[Draft, dict[Kind, Draft]]:
        return _read_complex(ctx, item)

    def apply(made: tuple[Draft, dict[Kind, Draft]], name: str) -> Json:
        return _add_complex(ctx, *made, name)

    return Answer(checked(ctx, body_items(ctx, COMPLEX_LIMIT), read, apply))


def _read_complex(ctx: Context, item: Item) -> tuple[Draft, dict[Kind, Draft]]:
    embedded = as_map(item.get("_embedded"))
    clients: dict[Kind, Draft] = {}
    rest: dict[str, Json] = {name: value for name, value in embedded.items() if name not in ("contacts", "companies")}
    for kind in (Kind.CONTACT, Kind.COMPANY):
        listed = as_list(embedded.get(kind.value))
        if len(listed) > 1:
            raise FieldError("TooManyElements", f"_embedded.{kind.value}", "Only one is allowed.")
        if not listed:
            continue
        body = as_map(listed[0])
        if body.get("id") is not None:
            rest[kind.value] = listed
        else:
            _check_size(body, f"_embedded.{kind.value}.0")
            clients[kind] = read_draft(ctx.account, kind, body, None, kind.value)
    _check_size(item, "")
    return read_draft(ctx.account, Kind.LEAD, {**item, "_embedded": rest}, None, Kind.LEAD.value), clients


def _check_size(body: Mapping[str, Json], where: str) -> None:
    if len(as_list(body.get("custom_fields_values"))) > COMPLEX_FIELDS:
        raise FieldError("TooManyElements", f"{where}.custom_fields_values".lstrip("."), "At most 40 values.")


def _add_complex(ctx: Context, draft: Draft, clients: dict[Kind, Draft], name: str) -> Json:
    account = ctx.account
    twin = _twin(ctx, draft)
    if twin is not None:
        save_card(account, ctx.actor, twin, draft)
    lead = twin or add_card(account, ctx.actor, Kind.LEAD, draft)
    if twin is None and account.settings.complex_lands_in_unsorted:
        pipeline = account.pipelines.by_id[int(str(lead.columns["pipeline_id"]))]
        lead.columns["status_id"] = pipeline.incoming.id
    for kind, client in clients.items():
        card = add_card(account, ctx.actor, kind, client)
        link_cards(account, ctx.actor, lead, card, {"is_main": True} if kind is Kind.CONTACT else {})
    key = (Kind.LEAD, lead.id)
    contacts, companies = account.links.ids(key, Kind.CONTACT), account.links.ids(key, Kind.COMPANY)
    return {
        "id": lead.id,
        "contact_id": contacts[-1] if contacts else None,
        "company_id": companies[-1] if companies else None,
        "request_id": [name],
        "merged": twin is not None,
    }


def _twin(ctx: Context, draft: Draft) -> Card | None:
    """With duplicate control, the stored lead of the same name; never one of the same request."""
    if not ctx.account.settings.duplicate_control or not draft.columns.get("name"):
        return None
    fresh = set(ctx.actor.touched)
    leads = [card for card in ctx.account.table(Kind.LEAD) if not card.deleted and card.id not in fresh]
    return next((card for card in leads if card.name == draft.columns["name"]), None)


ROUTES = [
    Route("POST", "leads/complex", add_complex, writes=True),
    Route("GET", "leads/pipelines", list_pipelines),
    Route("GET", "leads/pipelines/{id}", get_pipeline),
    Route("GET", "leads/pipelines/{id}/statuses", list_statuses),
    Route("GET", "leads/pipelines/{id}/statuses/{id}", get_status),
    Route("GET", "leads/loss_reasons", list_loss_reasons),
]

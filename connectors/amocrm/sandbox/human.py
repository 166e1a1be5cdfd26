"""What people do in the account's interface: move, lose, edit, delete cards, tie them, change stages."""

from collections.abc import Callable

from connectors.amocrm.sandbox.account import Account
from connectors.amocrm.sandbox.cards import BY_SINGLE, Card, Kind
from connectors.amocrm.sandbox.changes import (
    Actor,
    add_card,
    delete_card,
    link_cards,
    log_effect,
    merge_cards,
    restore_card,
    save_card,
    unlink_cards,
)
from connectors.amocrm.sandbox.drafts import check_new_element, read_draft
from connectors.amocrm.sandbox.errors import ApiError, FieldError, bad_request, not_found, validation
from connectors.amocrm.sandbox.faults import HumanAct
from connectors.amocrm.sandbox.fields import owner_of
from connectors.amocrm.sandbox.pipelines import LOST, Pipeline, Stage
from connectors.amocrm.sandbox.records import complete_task
from connectors.sandbox_kit.jsontypes import Json

_STAGE_ACTS = frozenset({"rename_stage", "remove_stage", "sort_stage"})


def act(account: Account, deed: HumanAct, default_id: int | None = None) -> int | None:
    """Do it as the person `deed.user_id`; the id of the card. Raises ApiError when it cannot be done."""
    with account.lock:
        user_id = deed.user_id if deed.user_id is not None else next(iter(account.users))
        actor = Actor(user_id, "control", f"human.{deed.act}")
        try:
            return _act(account, actor, deed, default_id)
        except FieldError as error:
            raise validation([("0", error)]) from error
        finally:
            actor.flush(account)


def _act(account: Account, actor: Actor, deed: HumanAct, default_id: int | None) -> int | None:
    if deed.act in _STAGE_ACTS:
        _change_stage(account, actor, deed)
        return None
    if deed.act == "add":
        return _add(account, actor, deed).id
    record_id = deed.id if deed.id is not None else default_id
    if record_id is None:
        raise not_found("No record is named")
    if deed.act == "complete_task":
        complete_task(account, actor, record_id, str(deed.fields.get("text", "")))
    elif deed.act == "deactivate_user":
        _deactivate(account, record_id)
    else:
        _CARD_ACTS[deed.act](account, actor, _card(account, deed, record_id), deed)
    return record_id


def _card(account: Account, deed: HumanAct, card_id: int) -> Card:
    card = account.table(BY_SINGLE[deed.entity]).rows.get(card_id)
    if card is None or card.deleted is not (deed.act == "restore"):
        raise not_found(f"No {deed.entity} {card_id}")
    return card


def _add(account: Account, actor: Actor, deed: HumanAct) -> Card:
    kind = BY_SINGLE[deed.entity]
    catalog_id = (deed.catalog_id or account.invoices_catalog_id) if kind is Kind.ELEMENT else None
    owner = kind.value if catalog_id is None else owner_of("catalogs", catalog_id)
    draft = read_draft(account, kind, deed.fields, None, owner)
    if catalog_id is not None:
        check_new_element(account, draft, catalog_id)
    return add_card(account, actor, kind, draft, catalog_id)


def _edit(account: Account, actor: Actor, card: Card, deed: HumanAct) -> None:
    _save(account, actor, card, dict(deed.fields))


def _move(account: Account, actor: Actor, card: Card, deed: HumanAct) -> None:
    target: dict[str, Json] = {"status_id": LOST if deed.act == "lose" else deed.status_id}
    if target["status_id"] is None:
        raise bad_request("status_id is not named")
    if deed.pipeline_id is not None:
        target["pipeline_id"] = deed.pipeline_id
    if deed.loss_reason_id is not None:
        target["loss_reason_id"] = deed.loss_reason_id
    _save(account, actor, card, {**target, **deed.fields})


def _save(account: Account, actor: Actor, card: Card, body: dict[str, Json]) -> None:
    save_card(account, actor, card, read_draft(account, card.kind, body, card, card.owner))


def _delete(account: Account, actor: Actor, card: Card, deed: HumanAct) -> None:
    del deed
    delete_card(account, actor, card)


def _restore(account: Account, actor: Actor, card: Card, deed: HumanAct) -> None:
    del deed
    restore_card(account, actor, card)


def _target(account: Account, deed: HumanAct) -> Card:
    card = account.table(BY_SINGLE[deed.to]).live(deed.to_id or 0)
    if card is None:
        raise not_found(f"No {deed.to} {deed.to_id}")
    return card


def _merge(account: Account, actor: Actor, card: Card, deed: HumanAct) -> None:
    kept = account.table(card.kind).live(deed.to_id or 0)
    if kept is None or kept is card:
        raise not_found(f"No {deed.entity} {deed.to_id} to merge into")
    merge_cards(account, actor, card, kept)


def _link(account: Account, actor: Actor, card: Card, deed: HumanAct) -> None:
    target = _target(account, deed)
    metadata: dict[str, Json] = {}
    if target.kind is Kind.ELEMENT:
        metadata = {"catalog_id": target.catalog_id, "quantity": 1}
    link_cards(account, actor, card, target, metadata)


def _unlink(account: Account, actor: Actor, card: Card, deed: HumanAct) -> None:
    target = _target(account, deed)
    unlink_cards(account, actor, card, (target.kind, target.id))


_CARD_ACTS: dict[str, Callable[[Account, Actor, Card, HumanAct], None]] = {
    "move": _move,
    "lose": _move,
    "edit": _edit,
    "delete": _delete,
    "restore": _restore,
    "merge": _merge,
    "link": _link,
    "unlink": _unlink,
}


def _deactivate(account: Account, user_id: int) -> None:
    user = account.users.get(user_id)
    if user is None:
        raise not_found(f"No user {user_id}")
    account.users[user_id] = user.model_copy(update={"active": False})


def _stage(account: Account, deed: HumanAct) -> tuple[Pipeline, Stage]:
    found = account.pipelines.find_stage(deed.status_id or 0)
    pipeline = account.pipelines.by_id.get(deed.pipeline_id or (found.pipeline_id if found else 0))
    stage = pipeline.stage(deed.status_id or 0) if pipeline else None
    if pipeline is None or stage is None:
        raise not_found(f"No stage {deed.status_id}")
    if not stage.editable and deed.act != "rename_stage":
        raise ApiError(400, "Bad Request", f"Stage {stage.id} is kept by the server")
    return pipeline, stage


def _change_stage(account: Account, actor: Actor, deed: HumanAct) -> None:
    pipeline, stage = _stage(account, deed)
    if deed.act == "rename_stage":
        old, stage.name = stage.name, deed.name or stage.name
        log_effect(account, actor, "stage", stage.id, {"name": (old, stage.name)})
    elif deed.act == "sort_stage":
        before, stage.sort = stage.sort, stage.sort if deed.sort is None else deed.sort
        pipeline.order()
        log_effect(account, actor, "stage", stage.id, {"sort": (before, stage.sort)})
    else:
        pipeline.stages.remove(stage)
        log_effect(account, actor, "stage", stage.id, {"id": (stage.id, None)})
        if account.settings.removed_stage_leads == "first_stage":
            _rehouse(account, actor, pipeline, stage)


def _rehouse(account: Account, actor: Actor, pipeline: Pipeline, stage: Stage) -> None:
    """Leads of a deleted stage go to the first one."""
    for card in account.table(Kind.LEAD):
        if not card.deleted and card.columns["status_id"] == stage.id:
            _save(account, actor, card, {"status_id": pipeline.first.id, "pipeline_id": pipeline.id})

"""The one way cards change: columns, values, tags and links; then the write log, the events and the hooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.amocrm.sandbox.account import Account, HookEvent
from connectors.amocrm.sandbox.cards import Card, Columns, Key, Kind, number
from connectors.amocrm.sandbox.drafts import Draft
from connectors.amocrm.sandbox.events import record_changes, record_event
from connectors.amocrm.sandbox.pipelines import LOST, WON
from connectors.amocrm.sandbox.v2 import card_hooks
from connectors.amocrm.sandbox.values import plain
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import Source

Changed = Mapping[str, tuple[Json, Json]]
_FINAL = (WON, LOST)


@dataclass(slots=True)
class Actor:
    """Who writes and by what. Hooks of one call are gathered in `hooks` and told together by `flush`.

    `touched` lists the records the call changed.
    """

    user_id: int
    source: Source
    method: str
    request_id: str | None = None
    hooks: list[HookEvent] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)

    def flush(self, account: Account) -> None:
        """Tell the gathered hooks."""
        gathered, self.hooks = self.hooks, []
        if gathered:
            account.tell(gathered)


def log_effect(
    account: Account, actor: Actor, entity_type: str, entity_id: int, changed: Changed, owner: str | None = None
) -> None:
    """Write the effect line of a change that took place."""
    actor.touched.append(entity_id)
    account.write_log.append(
        {
            "kind": "effect",
            "source": actor.source,
            "user_id": actor.user_id,
            "method": actor.method,
            "entity_type": entity_type,
            "entity_id": entity_id,
            "owner": owner,
            "changed": dict(changed),
            "request_id": actor.request_id,
        }
    )


def log_name(account: Account, card: Card) -> str:
    """How the write log calls a card's kind; elements of the invoices list are invoices."""
    if card.kind is Kind.ELEMENT:
        return "invoice" if card.catalog_id == account.invoices_catalog_id else "element"
    return card.kind.single


def add_card(account: Account, actor: Actor, kind: Kind, draft: Draft, catalog_id: int | None = None) -> Card:
    """Create a card with the vendor's defaults."""
    now, table = account.now(), account.table(kind)
    columns: Columns = {"name": "", **_defaults(kind, actor, now), **draft.columns}
    card = Card(kind, table.next_id(), columns, catalog_id=catalog_id)
    if kind is Kind.LEAD and not columns["name"]:
        columns["name"] = f"Сделка #{card.id}"
    if kind is Kind.CONTACT and not columns["name"]:
        columns["name"] = f"{columns['first_name']} {columns['last_name']}".strip()
    if kind is Kind.LEAD and columns["status_id"] in _FINAL and columns["closed_at"] is None:
        columns["closed_at"] = now
    card.values = {field_id: stored for field_id, stored in draft.values.items() if stored}
    _settle_payment_date(account, card, draft)
    table.add(card)
    _apply_tags(account, card, draft)
    created: dict[str, tuple[Json, Json]] = {"id": (None, card.id)}
    created |= {name: (None, columns[name]) for name in draft.columns}
    created |= {_label(account, card, field_id): (None, plain(stored)) for field_id, stored in card.values.items()}
    log_effect(account, actor, log_name(account, card), card.id, created)
    record_event(account, actor.user_id, card, "added")
    _apply_linked(account, actor, card, draft)
    actor.hooks += card_hooks(account, card, "add", {}, actor.user_id)
    return card


def save_card(account: Account, actor: Actor, card: Card, draft: Draft) -> Changed:
    """Save a checked draft. A save that changes nothing leaves no trace."""
    wanted = dict(draft.columns)
    _settle_closing(account, card, wanted)
    columns = {
        name: (card.columns[name], new)
        for name, new in wanted.items()
        if name not in ("updated_at", "updated_by") and card.columns.get(name) != new
    }
    values = _changed_values(card, draft)
    values |= _settle_payment_date(account, card, draft)
    tags = _apply_tags(account, card, draft)
    linked = _apply_linked(account, actor, card, draft)
    if not (columns or values or tags or linked):
        return {}
    shown: dict[str, tuple[Json, Json]] = dict(columns)
    for field_id, (old, new) in values.items():
        shown[_label(account, card, field_id)] = (plain(old), plain(new))
    if tags:
        shown["tags"] = tags
    card.columns.update({name: new for name, (_, new) in columns.items()})
    for field_id, (_, new) in values.items():
        card.values[field_id] = new
    card.columns["updated_at"] = wanted.get("updated_at", account.now())
    card.columns["updated_by"] = wanted.get("updated_by", actor.user_id)
    if shown:
        log_effect(account, actor, log_name(account, card), card.id, shown)
        record_changes(account, actor.user_id, card, columns, values)
        actor.hooks += card_hooks(account, card, "update", columns, actor.user_id)
    return shown or {"links": (None, None)}


def delete_card(account: Account, actor: Actor, card: Card) -> None:
    """Put a card into the bin: lists no longer show it."""
    card.deleted = True
    card.columns["updated_at"] = account.now()
    log_effect(account, actor, log_name(account, card), card.id, {"is_deleted": (False, True)})
    record_event(account, actor.user_id, card, "deleted")
    actor.hooks += card_hooks(account, card, "delete", {}, actor.user_id)


def restore_card(account: Account, actor: Actor, card: Card) -> None:
    """Take a card out of the bin."""
    card.deleted = False
    card.columns["updated_at"] = account.now()
    log_effect(account, actor, log_name(account, card), card.id, {"is_deleted": (True, False)})
    record_event(account, actor.user_id, card, "restored")
    actor.hooks += card_hooks(account, card, "restore", {}, actor.user_id)


def merge_cards(account: Account, actor: Actor, gone: Card, kept: Card) -> None:
    """Let one card go up in another: its links move over, empty fields are filled from it, it is deleted."""
    here, there = (gone.kind, gone.id), (kept.kind, kept.id)
    for link in account.links.of(here):
        far = link.other(here)
        if far[0] is not Kind.COMPANY or not account.links.of(there, Kind.COMPANY):
            account.links.tie(there, far, link.metadata)
    account.links.drop(here)
    kept.values = {**gone.values, **kept.values}
    kept.columns["updated_at"] = account.now()
    log_effect(account, actor, log_name(account, kept), kept.id, {"merged": (None, gone.id)})
    record_event(account, actor.user_id, kept, "entity_merged", after=_merged_value(here))
    delete_card(account, actor, gone)
    actor.hooks += card_hooks(account, kept, "update", {}, actor.user_id)


def _merged_value(gone: Key) -> list[Json]:
    return [{"merged_entity": {"type": gone[0].single, "id": gone[1]}}]


def link_cards(account: Account, actor: Actor, source: Card, target: Card, metadata: dict[str, Json]) -> None:
    """Tie two cards. A lead has one company, so another one takes its place."""
    here, there = (source.kind, source.id), (target.kind, target.id)
    old = account.links.find(here, there)
    if old is not None and all(old.metadata.get(name) == value for name, value in metadata.items()):
        return
    if target.kind is Kind.COMPANY:
        for link in account.links.of(here, Kind.COMPANY):
            if link.other(here) != there:
                account.links.untie(here, link.other(here))
    if metadata.get("is_main"):
        for link in account.links.of(here, target.kind):
            link.metadata["is_main"] = False
    account.links.tie(here, there, metadata)
    changed: dict[str, tuple[Json, Json]] = {"link": (None, f"{target.kind.single}:{target.id}")}
    log_effect(account, actor, log_name(account, source), source.id, changed)
    record_event(account, actor.user_id, source, "entity_linked", after=_link_value(there))


def unlink_cards(account: Account, actor: Actor, source: Card, there: Key) -> None:
    """Untie two cards; nothing happens when they were not tied."""
    if not account.links.untie((source.kind, source.id), there):
        return
    changed: dict[str, tuple[Json, Json]] = {"link": (f"{there[0].single}:{there[1]}", None)}
    log_effect(account, actor, log_name(account, source), source.id, changed)
    record_event(account, actor.user_id, source, "entity_unlinked", before=_link_value(there))


def _link_value(there: Key) -> list[Json]:
    return [{"link": {"entity": {"type": there[0].single, "id": there[1]}}}]


def _defaults(kind: Kind, actor: Actor, now: int) -> Columns:
    shared: Columns = {
        "created_by": actor.user_id,
        "updated_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
    }
    if kind is Kind.ELEMENT:
        return {**shared, "currency_id": None}
    shared |= {"responsible_user_id": actor.user_id, "group_id": 0, "closest_task_at": None}
    if kind is Kind.LEAD:
        own: Columns = {"price": 0, "loss_reason_id": None, "source_id": None, "closed_at": None, "score": None}
        return {**shared, **own, "labor_cost": None}
    return {**shared, "first_name": "", "last_name": ""} if kind is Kind.CONTACT else shared


def _label(account: Account, card: Card, field_id: int) -> str:
    return account.field_set(card).by_id[field_id].label


def _changed_values(card: Card, draft: Draft) -> dict[int, tuple[list[dict[str, Json]], list[dict[str, Json]]]]:
    return {
        field_id: (card.values.get(field_id, []), new)
        for field_id, new in draft.values.items()
        if card.values.get(field_id, []) != new
    }


def _settle_closing(account: Account, card: Card, wanted: Columns) -> None:
    """The server stamps the closing; a reason of loss belongs to lost leads only."""
    if card.kind is not Kind.LEAD:
        return
    status = wanted.get("status_id", card.columns["status_id"])
    if "status_id" in wanted and status != card.columns["status_id"] and "closed_at" not in wanted:
        wanted["closed_at"] = account.now() if status in _FINAL else None
    if status != LOST and (card.columns["loss_reason_id"] is not None or wanted.get("loss_reason_id") is not None):
        wanted["loss_reason_id"] = None


def _settle_payment_date(
    account: Account, card: Card, draft: Draft
) -> dict[int, tuple[list[dict[str, Json]], list[dict[str, Json]]]]:
    """With the switch `server`, becoming paid stamps BILL_PAYMENT_DATE whatever was sent."""
    fields = account.field_set(card).by_code
    status, date = fields.get("BILL_STATUS"), fields.get("BILL_PAYMENT_DATE")
    if account.settings.payment_date != "server" or status is None or date is None:
        return {}
    if not draft.values.get(status.id) or plain(draft.values[status.id]) != "paid":
        return {}
    old = card.values.get(date.id, [])
    if status.id in card.values and plain(card.values[status.id]) == "paid" and old:
        return {date.id: (old, old)} if date.id in draft.values else {}
    new: list[dict[str, Json]] = [{"value": account.now()}]
    card.values[date.id] = new
    return {date.id: (old, new)}


def _apply_tags(account: Account, card: Card, draft: Draft) -> tuple[Json, Json] | None:
    held = [account.tags[card.kind][tag_id] for tag_id in card.tags]
    names = list(held) if draft.tags is None else list(draft.tags)
    names += [name for name in draft.tags_to_add if name not in names]
    names = [name for name in dict.fromkeys(names) if name not in draft.tags_to_delete]
    if names == held:
        return None
    card.tags = [account.tag_id(card.kind, name) for name in names]
    return (list(held), list(names))


def _apply_linked(account: Account, actor: Actor, card: Card, draft: Draft) -> bool:
    tied = False
    for kind, listed in draft.linked.items():
        for item in listed:
            target = account.live((kind, number(item.get("id"))))
            if target is None or account.links.find((card.kind, card.id), (kind, target.id)):
                continue
            metadata: dict[str, Json] = {}
            if kind is Kind.CONTACT:
                first = not account.links.of((card.kind, card.id), kind)
                metadata = {"is_main": bool(item.get("is_main", first))}
            elif kind is Kind.ELEMENT:
                metadata = {"catalog_id": target.catalog_id, "quantity": 1}
            link_cards(account, actor, card, target, metadata)
            tied = True
    return tied

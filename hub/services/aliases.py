"""Who pays for whom: a person records, changes and ends an alias. What was said stays on record, whoever ends it."""

from __future__ import annotations

from typing import Final

from hub.domain.matching.aliases import AliasFault, alias_fault, alias_key, alias_target, waiting_key
from hub.domain.matching.keys import identities
from hub.domain.models import Client, Party
from hub.ports.aliases import AliasRow, NewAlias
from hub.ports.records import AuditEntry
from hub.ports.store import UnitOfWork
from hub.services.runtime import Runtime, Work

_FAULTS: Final = {
    AliasFault.NOBODY: "Назовите плательщика: ИНН, счёт или название точно как в выписке.",
    AliasFault.SHARED: "Банк, казначейство, эквайринг, маркетплейс платят за многих: клиента по ним не узнать.",
    AliasFault.OURS: "Это наше собственное юрлицо или наш счёт: за клиента оно не платит.",
    AliasFault.ITSELF: "Плательщик и клиент — одно и то же лицо: правило не нужно.",
}
_UNKNOWN: Final = "Такого клиента хаб не знает: найдите его по ИНН или названию."
_DOUBLE: Final = "Такое правило уже действует."
_ENDED: Final = "Это правило уже прекращено: обновите страницу."
_UNCHANGED: Final = "Правило осталось таким же: менять нечего."


class CannotAlias(ValueError):
    """The alias cannot be recorded, changed or ended; the message says why (Russian)."""


def add_alias(rt: Runtime, payer: Party, target: str, actor: str, note: str = "") -> AliasRow:
    """Record that a payer pays for a client.

    Args:
        payer: tax id, account or name; the surest of them is what it will be known by.
        target: the client's tax id or the hub's id of it.

    Raises:
        CannotAlias: the payer pays for many, is ours or the client itself; nobody knows the client; it is said already.
    """
    payer = _as_seen(rt, payer)
    with rt.store.write() as uow:
        uow.aliases.take_turn()
        row = record_alias(rt, uow, payer, _client(uow, target), actor, note)
    rt.wake(Work.MATCH, "")
    return row


def change_alias(rt: Runtime, alias_id: int, payer: Party, target: str, actor: str, note: str = "") -> AliasRow:
    """End an alias and record another in its place; the history shows both.

    Raises:
        CannotAlias: as `add_alias`; or it is ended, unknown, or would be the same again.
    """
    payer = _as_seen(rt, payer)
    with rt.store.write() as uow:
        uow.aliases.take_turn()
        before = _end(rt, uow, alias_id, actor).said
        row = record_alias(rt, uow, payer, _client(uow, target), actor, note)
        if (before.payer, before.target, before.note) == (row.said.payer, row.said.target, row.said.note):
            raise CannotAlias(_UNCHANGED)
    rt.wake(Work.MATCH, "")
    return row


def end_alias(rt: Runtime, alias_id: int, actor: str) -> None:
    """From now on it decides nothing; what was matched by it stays.

    Raises:
        CannotAlias: it is ended already, or there is none.
    """
    with rt.store.write() as uow:
        uow.aliases.take_turn()
        _end(rt, uow, alias_id, actor)
    rt.wake(Work.MATCH, "")


def record_alias(
    rt: Runtime,
    uow: UnitOfWork,
    payer: Party,
    client: Client,
    actor: str,
    note: str = "",
    payment_id: str | None = None,
) -> AliasRow:
    """Record an alias in the caller's transaction, which has taken the turn of aliases.

    Args:
        payment_id: the payment that it was said of.

    Raises:
        CannotAlias: as `add_alias`.
    """
    fault = alias_fault(payer, client, rt.match_context(uow.clients.own_tax_ids()))
    key, target = alias_key(payer), alias_target(client)
    if fault is not None or key is None or target is None:
        raise CannotAlias(_FAULTS[fault or AliasFault.NOBODY])
    if is_recorded(uow, payer, client):
        raise CannotAlias(_DOUBLE)
    said = NewAlias(key, payer, target, next(iter(client.names), ""), actor, note, payment_id)
    now = rt.clock.now()
    row = uow.aliases.add(said, now)
    about = {} if payment_id is None else {"payment": payment_id}
    uow.audit.append(AuditEntry("alias.added", actor, row.subject, _told(said) | about), now)
    _look_again(uow, payer)
    return row


def is_recorded(uow: UnitOfWork, payer: Party, client: Client) -> bool:
    """The payer has an alias in force for this client, under its tax id or under its id."""
    key = alias_key(payer)
    rows = uow.aliases.active([key]) if key is not None else []
    return any(row.said.target in identities(client) for row in rows)


def find_clients(uow: UnitOfWork, text: str, limit: int) -> list[Client]:
    """Clients for a person's search; also those whom only their open invoices name."""
    named = (invoice.client for invoice in uow.invoices.search(text, limit))
    found: dict[str, Client] = {}
    for client in (*uow.clients.search(text, limit), *named):
        target = alias_target(client) if client is not None else None
        if client is not None and target is not None:
            found.setdefault(target, client)
    return list(found.values())[:limit]


def _as_seen(rt: Runtime, payer: Party) -> Party:
    """The payer as it is written, under the name that statements show where the person gave none.

    Read beforehand: looking for it may take a moment, which nobody who writes should wait for.

    Raises:
        CannotAlias: statements show a payer who pays for many.
    """
    with rt.store.read() as uow:
        seen = uow.payments.last_payer(payer.tax_id, payer.account)
        context = rt.match_context(uow.clients.own_tax_ids())
    if seen is None:
        return payer
    named = Party(name=seen.name, tax_id=payer.tax_id, account=payer.account)
    if context.is_shared(named):
        raise CannotAlias(_FAULTS[AliasFault.SHARED])
    return payer if payer.name else named


def _client(uow: UnitOfWork, target: str) -> Client:
    known = uow.clients.known(target)
    if known is None:
        named = (invoice.client for invoice in uow.invoices.by_keys({f"c:{target}"}))
        known = next((client for client in named if client is not None), None)
    if known is None:
        raise CannotAlias(_UNKNOWN)
    return known


def _end(rt: Runtime, uow: UnitOfWork, alias_id: int, actor: str) -> AliasRow:
    row, now = uow.aliases.get(alias_id), rt.clock.now()
    if row is None or not uow.aliases.end(alias_id, actor, now):
        raise CannotAlias(_ENDED)
    uow.audit.append(AuditEntry("alias.removed", actor, row.subject, _told(row.said)), now)
    _look_again(uow, row.said.payer)
    return row


def _look_again(uow: UnitOfWork, payer: Party) -> None:
    """Payments of this payer that wait for a person are decided anew by what is known now."""
    key = alias_key(payer)
    if key is not None:
        uow.payments.reopen_by_keys({waiting_key(key)})


def _told(said: NewAlias) -> dict[str, object]:
    """For the journal: who pays for whom, as it is compared and in words."""
    words = f"{said.payer.name or said.payer_key} платит за {said.client_name or said.target}"
    return {"payer": said.payer_key, "client": said.target, "note": said.note, "reason": words}

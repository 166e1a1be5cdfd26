"""Aliases: «this payer pays for that client», said by a person. Who may have one, what it rests on, what it reopens."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from hub.domain.matching.context import AliasWord, MatchContext, Payer, alias_keys
from hub.domain.matching.keys import identities
from hub.domain.matching.names import normal_name
from hub.domain.matching.shared import plain_account
from hub.domain.models import Client, Party

#: Kind of an alias key → kind of the key (see `keys`) that a waiting payment has of its payer.
_WAITS_UNDER: Final = {"t": "c", "a": "a", "n": "nm"}


class AliasFault(StrEnum):
    """Why a payer cannot be said to pay for a client.

    `nobody`: it has neither tax id nor account nor name. `shared`: it pays for many. `ours`: it is one of our own legal
    entities. `itself`: it is that client.
    """

    NOBODY = "nobody"
    SHARED = "shared"
    OURS = "ours"
    ITSELF = "itself"


def alias_fault(payer: Party, client: Client, context: MatchContext) -> AliasFault | None:
    """What speaks against an alias whatever a person says; None when nothing does."""
    key = alias_key(payer)
    if key is None or alias_target(client) is None:
        return AliasFault.NOBODY
    if context.is_shared(payer):
        return AliasFault.SHARED
    if context.is_ours(payer):
        return AliasFault.OURS
    return AliasFault.ITSELF if _is_itself(key, client) else None


def _is_itself(key: str, client: Client) -> bool:
    kind, _, value = key.partition(":")
    if kind == "t":
        return value in identities(client)
    return value in (map(plain_account, client.accounts) if kind == "a" else map(normal_name, client.names))


def alias_key(payer: Party) -> str | None:
    """The surest key under which an alias of this payer is kept; None for one that nothing tells."""
    return next(iter(alias_keys(payer)), None)


def alias_target(client: Client) -> str | None:
    """By what an alias names a client: its tax id, which every system knows it by, else its id in the hub."""
    known = identities(client)
    return next((item.value for item in client.tax_ids if item.value in known), client.id or None)


def alias_word(payer: Payer, client: Client | None, context: MatchContext) -> AliasWord | None:
    """Whose word ties a payer to a client; None where no alias does, or where nothing is known of it."""
    if client is None or payer.alias_key is None:
        return None
    targets = sorted(payer.aliases & identities(client))
    words = (context.alias_words.get((payer.alias_key, target)) for target in targets)
    return next((word for word in words if word is not None), None)


def waiting_key(key: str) -> str:
    """The key under which payments of an alias' payer wait for a person, whatever invoices are open."""
    kind, _, value = key.partition(":")
    return f"{_WAITS_UNDER[kind]}:{value}"

"""Aliases: who pays for whom by the word of a person, as the store keeps them. A line is ended, never deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.domain.models import Party


@dataclass(frozen=True, slots=True)
class NewAlias:
    """What a person said.

    Attributes:
        payer_key: what the payer is known by (see `hub.domain.matching.alias_keys`).
        payer: how it was written: name, tax id and account.
        target: the client's identity: its tax id, or the hub's id of it.
        client_name: how the client was written.
        payment_id: the payment that it was said of, where it was.
    """

    payer_key: str
    payer: Party
    target: str
    client_name: str
    author: str
    note: str = ""
    payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class AliasRow:
    """An alias as stored; `removed_at` is None while it is in force. A forgotten one has an empty payer and target."""

    id: int
    said: NewAlias
    made_at: datetime
    removed_at: datetime | None = None
    removed_by: str | None = None

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"alias/{self.id}"


class Aliases(Protocol):
    """Aliases and the payments that were decided by them."""

    def hold(self) -> None:
        """Until the end of the transaction no alias is added or ended: what is decided by them stays decided by them.

        Asked for before anything is locked, and so is `take_turn`.
        """

    def take_turn(self) -> None:
        """Until the end of the transaction nobody decides and nobody else changes aliases."""

    def add(self, alias: NewAlias, now: datetime) -> AliasRow:
        """Store one. The caller has seen to it that the payer has no other for this client."""

    def get(self, alias_id: int) -> AliasRow | None:
        """Read one, ended ones too."""

    def end(self, alias_id: int, by: str, now: datetime) -> bool:
        """From now on it decides nothing; False when it was ended before."""

    def active(self, payer_keys: Collection[str]) -> list[AliasRow]:
        """Those in force of these payers, in the order they were made."""

    def used(self, alias_id: int, payment_id: str) -> None:
        """A payment was decided by it; noted once."""

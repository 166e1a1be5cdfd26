"""Aliases: who pays for whom by the word of a person. A line is ended, never deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, select, update

from hub.domain.models import Party
from hub.ports.aliases import AliasRow, NewAlias
from hub.store import tables as t
from hub.store.ids import known_payment, payment_id, short_key
from hub.store.lists import among
from hub.store.sql import Repository, bites, insert
from hub.store.standing import standing, stirred

_TABLE: Final = t.aliases
# A number of ours for the turn of those who change aliases; any other would do.
_LOCK: Final = 7_203_117_554
# Asked for with every few payments that are decided: made once.
_ACTIVE: Final = (
    select(_TABLE).where(among(_TABLE.c.payer_key, "keys"), _TABLE.c.removed_at.is_(None)).order_by(_TABLE.c.id)
)


class SqlAliases(Repository):
    """`hub.ports.aliases.Aliases` over SQL."""

    def hold(self) -> None:
        """No alias is added or ended meanwhile; SQLite's writer is alone anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))
            stirred(self._connection)

    def take_turn(self) -> None:
        """Nobody decides and nobody else changes aliases meanwhile; SQLite's writer is alone anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            stirred(self._connection)

    def add(self, alias: NewAlias, now: datetime) -> AliasRow:
        """Store one."""
        values = {
            "payer_key": short_key(alias.payer_key),
            "payer_name": alias.payer.name,
            "payer_tax_id": alias.payer.tax_id,
            "payer_account": alias.payer.account,
            "target": alias.target,
            "client_name": alias.client_name,
            "note": alias.note,
            "payment_id": known_payment(alias.payment_id) if alias.payment_id is not None else None,
            "made_by": alias.author,
            "made_at": now,
        }
        stirred(self._connection)
        adding = insert(self._connection, _TABLE).values(values).returning(_TABLE)
        return alias_row(self._connection.execute(adding).one())

    def get(self, alias_id: int) -> AliasRow | None:
        """Read one, ended ones too."""
        row = self._connection.execute(select(_TABLE).where(_TABLE.c.id == alias_id)).one_or_none()
        return alias_row(row) if row is not None else None

    def end(self, alias_id: int, by: str, now: datetime) -> bool:
        """From now on it decides nothing; False when it was ended before."""
        in_force = (_TABLE.c.id == alias_id, _TABLE.c.removed_at.is_(None))
        ending = update(_TABLE).where(*in_force).values(removed_by=by, removed_at=now)
        return self._connection.execute(ending).rowcount == 1

    def active(self, payer_keys: Collection[str]) -> list[AliasRow]:
        """Those in force of these payers; each names the key that was asked for, however long it is."""
        if not standing(self._connection).aliases:
            return []
        asked = {short_key(key): key for key in payer_keys}
        rows = [row for bite in bites(sorted(asked)) for row in self._connection.execute(_ACTIVE, {"keys": bite})]
        found = (alias_row(row) for row in rows)
        return [replace(row, said=replace(row.said, payer_key=asked[row.said.payer_key])) for row in found]

    def used(self, alias_id: int, payment_id: str) -> None:
        """A payment was decided by it; noted once."""
        noting = insert(self._connection, t.alias_uses).values(alias_id=alias_id, payment_id=known_payment(payment_id))
        self._connection.execute(noting.on_conflict_do_nothing())


def alias_row(row: Row[Any]) -> AliasRow:
    """A row of `aliases`."""
    said = NewAlias(
        payer_key=row.payer_key,
        payer=Party(name=row.payer_name, tax_id=row.payer_tax_id, account=row.payer_account),
        target=row.target,
        client_name=row.client_name,
        author=row.made_by,
        note=row.note,
        payment_id=payment_id(row.payment_id) if row.payment_id is not None else None,
    )
    return AliasRow(row.id, said, row.made_at, row.removed_at, row.removed_by)

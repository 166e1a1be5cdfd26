"""Secrets of connections, encrypted at rest and bound to their place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import ColumnElement, and_, or_, select, update

from hub import failpoints
from hub.ports.state import Clock, KeptSecret
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.sql import insert, lock_rows

_KEY_ID_SIGNS: Final = 12


class SecretUnreadable(RuntimeError):
    """A stored secret does not open; the message (Russian) names the connection and says what to do."""


class BadKey(ValueError):
    """A key is not one that `new_key` makes; the message (Russian) does not contain it."""


def new_key() -> str:
    """A fresh key: 32 random bytes, URL-safe base64 (https://cryptography.io/en/latest/fernet/)."""
    return Fernet.generate_key().decode()


class SqlTokens:
    """`hub.ports.state.TokenStore`: the first key encrypts, every key opens, so that keys can be changed in turn.

    Connection and name are encrypted together with the secret: a row moved to another place does not open there.
    """

    def __init__(self, database: Database, keys: Sequence[str], clock: Clock) -> None:
        if not keys:
            raise BadKey("Не задан ни один ключ шифрования.")
        self._database = database
        self._clock = clock
        self._key_id: Final = _key_id(keys[0])
        self._known: Final = frozenset(map(_key_id, keys))
        self._cipher: Final = MultiFernet([_fernet(key) for key in keys])

    def get(self, connection: str, name: str) -> str | None:
        """The secret, decrypted.

        Raises:
            SecretUnreadable: no key opens it, or it was made for another place.
        """
        kept = self.read(connection, name)
        return kept.value if kept is not None else None

    def read(self, connection: str, name: str) -> KeptSecret | None:
        """The secret with its version.

        Raises:
            SecretUnreadable: no key opens it, or it was made for another place.
        """
        with self._database.read() as transaction:
            row = transaction.execute(select(t.tokens).where(_place(connection, name))).one_or_none()
        return KeptSecret(self._open(connection, name, row.key_id, row.secret), row.version) if row else None

    def put(self, connection: str, name: str, value: str) -> None:
        """Store or replace a secret; whoever was renewing the old one has lost the turn."""
        values = self._sealed(connection, name, value)
        key = [t.tokens.c.connection, t.tokens.c.name]
        with self._database.write() as transaction:
            adding = insert(transaction, t.tokens).values(connection=connection, name=name, **values)
            transaction.execute(adding.on_conflict_do_update(index_elements=key, set_={**values, **_NEXT}))

    def take_turn(self, connection: str, name: str, version: int, owner: str, seconds: float) -> bool:
        """Take the turn to renew that very version: one conditional update, so that one process gets it."""
        now = self._clock.now()
        free = or_(t.tokens.c.turn_until.is_(None), t.tokens.c.turn_until <= now, t.tokens.c.turn_owner == owner)
        taking = update(t.tokens).where(_place(connection, name), t.tokens.c.version == version, free)
        with self._database.write() as transaction:
            taken = transaction.execute(taking.values(turn_owner=owner, turn_until=now + timedelta(seconds=seconds)))
        return taken.rowcount == 1

    def replace(self, connection: str, name: str, version: int, owner: str, value: str) -> bool:
        """Store what the holder of the turn got and end the turn; False when the turn or the version was lost."""
        failpoints.reach("token_reply")
        mine = and_(_place(connection, name), t.tokens.c.version == version, t.tokens.c.turn_owner == owner)
        with self._database.write() as transaction:
            lock_rows(transaction, t.tokens, mine)
            values = {**self._sealed(connection, name, value), **_NEXT}
            return transaction.execute(update(t.tokens).where(mine).values(**values)).rowcount == 1

    def end_turn(self, connection: str, name: str, owner: str) -> None:
        """Give the turn back without a new secret."""
        mine = and_(_place(connection, name), t.tokens.c.turn_owner == owner)
        with self._database.write() as transaction:
            transaction.execute(update(t.tokens).where(mine).values(turn_owner=None, turn_until=None))

    def _sealed(self, connection: str, name: str, value: str) -> dict[str, object]:
        sealed = self._cipher.encrypt(json.dumps([connection, name, value]).encode()).decode()
        return {"key_id": self._key_id, "secret": sealed, "updated_at": self._clock.now()}

    def _open(self, connection: str, name: str, key_id: str, secret: str) -> str:
        try:
            place, label, value = json.loads(self._cipher.decrypt(secret))
        except InvalidToken:
            known = "запись повреждена" if key_id in self._known else "она зашифрована другим ключом"
            raise _unreadable(connection, name, known) from None
        if (place, label) != (connection, name):
            raise _unreadable(connection, name, "запись перенесена с другого места")
        return str(value)

    def drop(self, connection: str) -> int:
        """Forget every secret of a connection; returns how many there were."""
        with self._database.write() as transaction:
            return transaction.execute(t.tokens.delete().where(t.tokens.c.connection == connection)).rowcount

    def rotate(self) -> int:
        """Encrypt anew, with the first key, what an older key still holds; returns how many secrets that were.

        Raises:
            SecretUnreadable: one of them does not open; none is changed then.
        """
        with self._database.write() as transaction:
            older = t.tokens.c.key_id != self._key_id
            lock_rows(transaction, t.tokens, older)
            rows = transaction.execute(select(t.tokens).where(older)).all()
            for row in rows:
                value = self._open(row.connection, row.name, row.key_id, row.secret)
                sealed = self._sealed(row.connection, row.name, value)
                # The secret stays what it was: whoever renews it just now must not lose the turn by this.
                transaction.execute(update(t.tokens).where(_place(row.connection, row.name)).values(**sealed))
        return len(rows)


#: What every replacement does besides.
_NEXT: Final = {"version": t.tokens.c.version + 1, "turn_owner": None, "turn_until": None}


def _place(connection: str, name: str) -> ColumnElement[bool]:
    return and_(t.tokens.c.connection == connection, t.tokens.c.name == name)


def _key_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_KEY_ID_SIGNS]


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise BadKey("Ключ шифрования не подходит: нужны 32 байта в base64, как их делает sverka init.") from None


def _unreadable(connection: str, name: str, why: str) -> SecretUnreadable:
    return SecretUnreadable(
        f"Секрет «{name}» подключения «{connection}» не открывается: {why}. Верните прежний ключ или подключите заново."
    )

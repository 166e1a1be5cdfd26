"""Who may sign in to the desk, who is signed in, who tried. Passwords come hashed; the store never sees one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from hub.store import tables as t
from hub.store.engine import Database
from hub.store.sql import insert

#: A session is marked as seen at most this often: a page's requests are no writes.
_TOUCH: Final = timedelta(minutes=1)
_KEEP_ATTEMPTS: Final = timedelta(days=1)
_HASH_PREFIX: Final = "$argon2"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in; `password_hash` is Argon2's own text."""

    id: int
    login: str
    name: str
    password_hash: str
    disabled: bool
    created_at: datetime


class SqlUsers:
    """People, sessions and failed sign-ins. Logins do not tell letter case apart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, login: str, name: str, password_hash: str, now: datetime) -> int | None:
        """Add a person; None when the login is taken."""
        values = {
            "login": login.casefold(),
            "name": name,
            "password_hash": _checked(password_hash),
            "disabled": False,
            "created_at": now,
        }
        with self._database.write() as connection:
            adding = insert(connection, t.users).values(values).on_conflict_do_nothing()
            number: int | None = connection.scalar(adding.returning(t.users.c.id))
        return number

    def set_password(self, login: str, password_hash: str) -> bool:
        """Change the password and end the person's sessions; False when there is no such login."""
        return self._change(login, password_hash=_checked(password_hash))

    def set_disabled(self, login: str, disabled: bool) -> bool:
        """Close or open the door for a person; closing ends the sessions. False when there is no such login."""
        return self._change(login, disabled=disabled)

    def _change(self, login: str, **values: object) -> bool:
        with self._database.write() as connection:
            changing = update(t.users).where(t.users.c.login == login.casefold()).values(**values)
            number = connection.scalar(changing.returning(t.users.c.id))
            if number is not None:
                connection.execute(delete(t.sessions).where(t.sessions.c.user_id == number))
        return number is not None

    def find(self, login: str) -> Account | None:
        """The person who may sign in under this login."""
        found = select(t.users).where(t.users.c.login == login.casefold(), t.users.c.disabled.is_(False))
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
        return _read(row) if row else None

    def all(self) -> list[Account]:
        """Everybody, in the order of logins."""
        with self._database.read() as connection:
            return [_read(row) for row in connection.execute(select(t.users).order_by(t.users.c.login))]

    def open_session(self, token_hash: str, user_id: int, now: datetime, expires_at: datetime) -> None:
        """Start a session known by the SHA-256 of its token; sessions that are over are swept away."""
        values = {
            "token_hash": token_hash,
            "user_id": user_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": expires_at,
        }
        with self._database.write() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.expires_at <= now))
            connection.execute(insert(connection, t.sessions).values(values))

    def session(self, token_hash: str, now: datetime, idle: timedelta) -> Account | None:
        """Whose live session this is: neither past its end, nor silent for `idle`, nor of a disabled person."""
        joined = t.sessions.join(t.users, t.users.c.id == t.sessions.c.user_id)
        found = select(t.users, t.sessions.c.seen_at).select_from(joined)
        live = (
            t.sessions.c.token_hash == token_hash,
            t.sessions.c.expires_at > now,
            t.sessions.c.seen_at > now - idle,
            t.users.c.disabled.is_(False),
        )
        with self._database.read() as connection:
            row = connection.execute(found.where(*live)).one_or_none()
        if row is None:
            return None
        if now - row.seen_at >= _TOUCH:
            self._touch(token_hash, now)
        return _read(row)

    def _touch(self, token_hash: str, now: datetime) -> None:
        older = (t.sessions.c.token_hash == token_hash, t.sessions.c.seen_at < now)
        with self._database.write() as connection:
            connection.execute(update(t.sessions).where(*older).values(seen_at=now))

    def close_session(self, token_hash: str) -> None:
        """End a session; ending one that is over is no error."""
        with self._database.write() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.token_hash == token_hash))

    def record_failure(self, key: str, now: datetime) -> None:
        """Count a failed sign-in under a key (a login, an address)."""
        with self._database.write() as connection:
            connection.execute(delete(t.login_attempts).where(t.login_attempts.c.at < now - _KEEP_ATTEMPTS))
            connection.execute(insert(connection, t.login_attempts).values(key=key, at=now))

    def failures(self, key: str, since: datetime) -> int:
        """Failed sign-ins under a key since then."""
        table = t.login_attempts
        counting = select(func.count()).select_from(table).where(table.c.key == key, table.c.at >= since)
        with self._database.read() as connection:
            return connection.execute(counting).scalar_one()

    def forget_failures(self, key: str) -> None:
        """A sign-in succeeded."""
        with self._database.write() as connection:
            connection.execute(delete(t.login_attempts).where(t.login_attempts.c.key == key))


def _read(row: Row[Any]) -> Account:
    return Account(row.id, row.login, row.name, row.password_hash, row.disabled, row.created_at)


def _checked(password_hash: str) -> str:
    if not password_hash.startswith(_HASH_PREFIX):
        raise ValueError("a password is stored only as an Argon2 hash")
    return password_hash

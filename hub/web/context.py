"""What the web part is given: services' runtime, lists to read, accounts, keys and names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final, Protocol

from hub.ports.calls import CallTotals
from hub.services.runtime import Runtime
from hub.store.queries import Queries

UPLOAD_LIMIT: Final = 64 * 1024 * 1024


class SignedIn(Protocol):
    """A person who may sign in."""

    @property
    def id(self) -> int:
        """The store's number."""

    @property
    def login(self) -> str:
        """What the person signs in with; what the journal keeps."""

    @property
    def name(self) -> str:
        """What the page calls the person."""

    @property
    def password_hash(self) -> str:
        """Argon2's own text."""


class Accounts(Protocol):
    """People, sessions by the hash of their token, failed sign-ins by a key."""

    def find(self, login: str) -> SignedIn | None:
        """The person who may sign in under this login."""

    def open_session(self, token_hash: str, user_id: int, now: datetime, expires_at: datetime) -> None:
        """Start a session."""

    def session(self, token_hash: str, now: datetime, idle: timedelta) -> SignedIn | None:
        """Whose live session this is; asking keeps it alive."""

    def close_session(self, token_hash: str) -> None:
        """End a session."""

    def record_failure(self, key: str, now: datetime) -> None:
        """Count a failed sign-in."""

    def failures(self, key: str, since: datetime) -> int:
        """Failed sign-ins since then."""

    def forget_failures(self, key: str) -> None:
        """A sign-in succeeded."""


@dataclass(frozen=True, slots=True)
class WebContext:
    """The web part's world.

    Attributes:
        queries: lists of the store, read-only.
        users: who may sign in, and who is signed in.
        session_key: secret of CSRF tokens.
        hook_secrets: connection id to the secret part of its hook address; absent or empty closes the door.
        deal_url: connection and the CRM's deal id to the deal's card, where it can be told.
        secure_cookies: the desk is reached by HTTPS.
        title: the company's name.
        upload_limit: bytes of one upload.
        zone: time zone of shown times; None is the machine's own.
        metrics_token: who shows it may read `/metrics`; empty closes it.
        api_token: who shows it may ask `/api/v1/…`; empty closes it.
        calls: calls of connectors by connection and outcome since the start.
        hooks: hook requests by connection and HTTP status since the start.
        hook_answers: connection id to the status that its sender takes for «received», where it is not 204.
    """

    rt: Runtime
    queries: Queries
    users: Accounts
    session_key: bytes
    hook_secrets: Mapping[str, str]
    deal_url: Callable[[str, str], str | None]
    secure_cookies: bool
    title: str
    version: str
    language: str = "ru"
    upload_limit: int = UPLOAD_LIMIT
    zone: tzinfo | None = None
    metrics_token: str = ""
    api_token: str = ""
    calls: Callable[[], Mapping[tuple[str, str], CallTotals]] = dict
    hooks: Callable[[], Mapping[tuple[str, int], int]] = dict
    hook_answers: Mapping[str, int] = field(default_factory=dict)

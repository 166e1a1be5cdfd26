"""Access to an amoCRM account while it is being connected: exchanged, tried out, stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import connectors
from connectors.amocrm.access import ask_for_pair
from connectors.amocrm.credential import LONG_LIVED, PAIR, Pair, load_pair
from connectors.shared.http import HttpClient, Origin
from connectors.shared.memory import MemoryTokens, SystemClock
from connectors.shared.runtime import Runtime as ConnectorRuntime
from connectors.shared.runtime import installed_version
from hub.composition.connections import filled_fields
from hub.config import Connection
from hub.ports.crm import CrmPort
from hub.ports.state import QuotaStore, TokenStore

_CODE_REFUSED = (
    "amoCRM не приняла код авторизации: он действует 20 минут и годится один раз, а ID, секретный ключ и ссылка "
    "должны быть той же интеграции. Возьмите новый код и повторите команду."
)


@dataclass(frozen=True, slots=True)
class Integration:
    """An integration of the account, as its page shows it."""

    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class NewAccess:
    """An access that is not stored yet. `text` is secret.

    Attributes:
        name: under which the token store keeps it.
    """

    name: str
    text: str


def long_lived(token: str) -> NewAccess:
    """A long-lived token as an access."""
    return NewAccess(LONG_LIVED, token)


def exchange(address: str, integration: Integration, code: str) -> NewAccess:
    """A pair of tokens for a code of authorisation, which lives 20 minutes and is good for once.

    Raises:
        hub.domain.errors.ConnectorError: the account does not give one.
    """
    pair = Pair.model_validate(
        {
            "client_id": integration.client_id,
            "client_secret": integration.client_secret,
            "redirect_uri": integration.redirect_uri,
            "access": "",
            "refresh": "",
            "expires_at": datetime.fromtimestamp(0, UTC),
        }
    )
    http = HttpClient(Origin.of(address), user_agent=f"sverka/{installed_version()}", private=False)
    try:
        fresh = ask_for_pair(
            http, pair, {"grant_type": "authorization_code", "code": code}, SystemClock(), _CODE_REFUSED
        )
    finally:
        http.close()
    return NewAccess(PAIR, fresh.dump())


def known_integration(tokens: TokenStore, connection: str) -> Integration | None:
    """The integration that a connection was made with: connecting it anew takes a new code and nothing else."""
    pair = load_pair(tokens.get(connection, PAIR) or "")
    return Integration(pair.client_id, pair.client_secret.get_secret_value(), pair.redirect_uri) if pair else None


def probe_amocrm(
    address: str, access: NewAccess, quota: QuotaStore, connection: str, settings: Connection | None = None
) -> CrmPort:
    """A port for trying an access out before it is saved: kept in memory only, but under the account's common limit.

    Args:
        settings: of the connection where there is one already: the fields that it names are tried out too.
    """
    clock = SystemClock()
    tokens = MemoryTokens(clock)
    tokens.put(connection, access.name, access.text)
    runtime = ConnectorRuntime(connection=connection, clock=clock, quota=quota, tokens=tokens)
    own = {"address": address, "invoices": {"source": "deal"}, "fill_fields": filled_fields(settings)}
    return connectors.plugin("amocrm").open(own, runtime)


def store_access(tokens: TokenStore, connection: str, access: NewAccess) -> None:
    """Keep the access, encrypted; a running hub takes it from the next call on."""
    tokens.put(connection, access.name, access.text)
    other = PAIR if access.name == LONG_LIVED else LONG_LIVED
    if tokens.get(connection, other):
        tokens.put(connection, other, "")

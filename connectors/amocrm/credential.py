"""The pair of tokens of an account as the token store keeps it: one secret with everything that renewing it takes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_serializer

from connectors.shared.jsontypes import Json, parse_json

#: Names of an account's secrets in the token store.
LONG_LIVED = "token"
PAIR = "oauth"
#: The name that the command takes where none is given.
_USUAL = "main"


def connect_command(connection: str, *, oauth: bool) -> str:
    """The one command that connects it anew, whole: what an alarm tells a person to run."""
    name = "" if connection == _USUAL else f" --name {connection}"
    return f"sverka connect amocrm{name}{' --oauth' if oauth else ''}"


class Pair(BaseModel):
    """An integration's access to one account.

    Attributes:
        redirect_uri: as the integration has it; the vendor compares it at every renewal.
        expires_at: of the access token.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    access: SecretStr
    refresh: SecretStr
    expires_at: datetime

    @field_serializer("client_secret", "access", "refresh", when_used="json")
    def _plain(self, value: SecretStr) -> str:
        return value.get_secret_value()

    def dump(self) -> str:
        """As text for the token store. Secret."""
        return self.model_dump_json()


def load_pair(text: str) -> Pair | None:
    """A pair out of its text; None for anything else."""
    try:
        return Pair.model_validate_json(text)
    except ValidationError:
        return None


def claims_of(token: str) -> Mapping[str, Json]:
    """What a token says of itself (RFC 7519), unproved: the account alone can check it. {} where it says nothing."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        body = parse_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def account_in(token: str) -> str:
    """The number of the account that a token is of, "" where it does not say."""
    return str(claims_of(token).get("account_id") or "")

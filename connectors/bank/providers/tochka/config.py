"""Settings of one token of Tochka."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

from connectors.bank.providers.rest import Timeouts
from connectors.shared.http import Origin

API_URL: Final = "https://enter.tochka.com/uapi"
KEYS_URL: Final = "https://enter.tochka.com/doc/openapi/static/keys/public"


class TochkaConfig(BaseModel):
    """One token.

    Attributes:
        token: None for the one that the token store keeps for the connection.
        client_id: issued together with the token; needed to subscribe to hooks.
        customer_code: of the one company to read, where the token sees several.
        keys_url: where the bank publishes the key of its hooks; empty means that no hook is believed.
        keys_keep_s: how long that key is used before it is fetched anew.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretStr | None = None
    client_id: str = ""
    customer_code: str = ""
    api_url: str = API_URL
    keys_url: str = KEYS_URL
    keys_keep_s: float = 600.0
    timeouts: Timeouts = Timeouts()

    @field_validator("api_url", "keys_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        if value:
            Origin.of(value)
        return value.rstrip("/")

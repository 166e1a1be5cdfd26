"""Settings of one T-API token."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

from connectors.bank.providers.rest import Timeouts
from connectors.shared.http import Origin

API_URL: Final = "https://business.tbank.ru/openapi"


class TbankConfig(BaseModel):
    """One token.

    Attributes:
        token: None for the one that the token store keeps for the connection.
        hook_token: our own secret that the bank shows with its hooks; empty means that no hook is believed.
        page_rows: how many rows a page of a statement holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretStr | None = None
    hook_token: SecretStr = SecretStr("")
    api_url: str = API_URL
    page_rows: int = 1000
    timeouts: Timeouts = Timeouts()

    @field_validator("api_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        Origin.of(value)
        return value.rstrip("/")

"""Settings of banks that are read over their own APIs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from hub.config.section import Section
from hub.config.values import (
    AccountText,
    ConnectionId,
    HookSecret,
    IsoDate,
    Secret,
    TaxIdText,
    Token,
    check_vendor_address,
)


def _check_api(value: str) -> str:
    check_vendor_address(value)
    return value.rstrip("/")


def _check_customer(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 20):
        raise ValueError("код компании — до 20 цифр, как его показывает банк")
    return value


ApiUrl = Annotated[str, AfterValidator(_check_api)]


class _Bank(Section):
    """What connections to every bank have.

    Attributes:
        token: read-only; None when `sverka connect bank` stored it encrypted in the database.
        hook_secret: unguessable part of the address that the bank calls.
        accounts: only these accounts; empty means all that the token shows.
        tax_ids: our legal entities that own them.
        read_from: the first day to be read; None begins thirty days before the first poll.
        mode: None leaves the choice to `sverka act` and `sverka observe`; a new connection observes.
        act_from: money booked before this date moves nothing.
        api_url: another address of the API (a local stand-in).
    """

    token: Token | None = None
    hook_secret: HookSecret | None = None
    accounts: tuple[AccountText, ...] = ()
    tax_ids: tuple[TaxIdText, ...] = ()
    read_from: IsoDate | None = None
    poll_every_s: Annotated[float, Field(ge=30, le=86_400, allow_inf_nan=False)] = 300.0
    mode: Literal["observe", "act"] | None = None
    act_from: IsoDate | None = None
    api_url: ApiUrl | None = None

    @model_validator(mode="after")
    def _acting_names_a_date(self) -> _Bank:
        if self.mode == "act" and self.act_from is None:
            raise ValueError("для mode: act нужно act_from — дата, раньше которой деньги ничего не двигают")
        return self

    @property
    def acting_since(self) -> date | None:
        """The date from the file when the file switches acting on."""
        return self.act_from if self.mode == "act" else None


class TbankBank(_Bank):
    """T-Bank by a token of T-API.

    Attributes:
        hook_token: our own secret that the bank shows with its hooks; without it no hook is believed.
    """

    bank: Literal["tbank"]
    hook_token: Secret | None = None


class TochkaBank(_Bank):
    """Tochka by a JWT token.

    Attributes:
        client_id: shown by the bank together with the token; needed to subscribe to hooks.
        customer_code: of the one company to read, where the token sees several.
        keys_url: another address of the bank's public key (a local stand-in).
    """

    bank: Literal["tochka"]
    client_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    customer_code: Annotated[str, AfterValidator(_check_customer)] | None = None
    keys_url: ApiUrl | None = None


class OneCBank(_Bank):
    """Incoming payments that the accountant posts in 1C.

    Attributes:
        connection: the connection to the base, from `connections`.
    """

    bank: Literal["1c"]
    connection: ConnectionId

    @model_validator(mode="after")
    def _nothing_of_a_bank(self) -> OneCBank:
        if self.token is not None or self.hook_secret is not None or self.api_url is not None:
            raise ValueError("token, hook_secret и api_url не нужны: доступ берётся из подключения к 1С (connection)")
        return self


Bank = Annotated[TbankBank | TochkaBank | OneCBank, Field(discriminator="bank")]

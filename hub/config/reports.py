"""Settings of outside systems that report payments by signed webhooks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from hub.config.endpoints import SigningSecrets
from hub.config.section import Section
from hub.config.values import AccountText, HookSecret


class PaymentReports(Section):
    """One system that reports payments.

    Attributes:
        hook_secret: unguessable part of the address that the system calls.
        signing_secret: what it signs with.
        act: its word counts as money before a statement shows the line.
        account: our account that reported money counts on.
        patience_days: how long a line of a statement may be on its way before a person is asked.
    """

    hook_secret: HookSecret
    signing_secret: SigningSecrets
    act: bool = False
    account: AccountText | None = None
    patience_days: Annotated[int, Field(ge=1, le=90)] = 7

    @model_validator(mode="after")
    def _acting_names_an_account(self) -> PaymentReports:
        if self.act and self.account is None:
            raise ValueError("для act: true нужно account — наш счёт, на который приходят эти деньги")
        return self

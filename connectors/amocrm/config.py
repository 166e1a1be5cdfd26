"""Settings of one amoCRM or Kommo account."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.shared.http import Origin
from hub.domain.filling import FillRole

#: Won and lost have the same numbers in every pipeline of every account.
WON: Final = "142"
LOST: Final = "143"


class InvoiceSource(StrEnum):
    """Where the company keeps its invoices."""

    LIST = "list"
    DEAL_FIELDS = "deal_fields"
    DEAL = "deal"


class Strict(BaseModel):
    """Unknown keys are faults, and a fault never repeats what was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


#: A field of a card: its number, its code, or its name as people see it. The first that is filled counts.
Selectors = tuple[Annotated[str, Field(min_length=1)], ...]


class DealFields(Strict):
    """Fields of a deal that hold its invoice."""

    number: Selectors = Field(min_length=1)
    date: Selectors = ()
    amount: Selectors = ()


class Invoices(Strict):
    """Where invoices come from; `fields` belongs to `deal_fields` only.

    Attributes:
        number_pattern: a regular expression whose first group is the number in an element's name; None for our own way.
        payment_date: the day of the money goes into the invoice together with the mark.
    """

    source: InvoiceSource = InvoiceSource.LIST
    fields: DealFields | None = None
    number_pattern: str | None = None
    payment_date: bool = True

    @model_validator(mode="after")
    def _fields_fit(self) -> Invoices:
        if (self.source is InvoiceSource.DEAL_FIELDS) != (self.fields is not None):
            raise ValueError("fields нужны для source: deal_fields и только для него")
        return self

    @field_validator("number_pattern")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        if value is not None and re.compile(value).groups < 1:
            raise ValueError("в выражении нужна группа в скобках — номер счёта")
        return value


class Requisites(Strict):
    """Plain fields of companies and contacts that hold requisites, besides the vendor's own requisites field.

    Attributes:
        inn_kpp: fields that hold both, written through a slash.
    """

    inn: Selectors = ()
    kpp: Selectors = ()
    inn_kpp: Selectors = ()
    account: Selectors = ()


class Timeouts(Strict):
    """Seconds.

    Attributes:
        deadline_s: of one request, in all.
        patience_s: the longest wait for a turn under the rate limit, or for another process's new access.
        read_within_s: repeats of a read begin within this.
        renew_s: of one request for a new pair of tokens; while it lasts every other call of the account waits.
        blocked_s: an account that closed its interface to us is asked again after so long, never sooner.
        rest_s: after five failures in a row nothing is sent for so long; it doubles up to `rest_max_s`.
    """

    deadline_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    patience_s: Annotated[float, Field(ge=0, le=120)] = 15.0
    read_within_s: Annotated[float, Field(ge=0, le=600)] = 30.0
    renew_s: Annotated[float, Field(gt=0, le=600)] = 15.0
    blocked_s: Annotated[float, Field(gt=0, le=86400)] = 600.0
    rest_s: Annotated[float, Field(gt=0, le=600)] = 5.0
    rest_max_s: Annotated[float, Field(gt=0, le=600)] = 120.0


class AmoConfig(Strict):
    """One account.

    Attributes:
        address: `https://company.amocrm.ru` or `https://company.kommo.com`.
        token: a long-lived token; None for the access that the token store keeps for the connection.
        hooks: the account may call us at a secret address.
        hook_url: that address, where we are to see ourselves that the account calls it.
        pipelines: ids of the pipelines to watch; empty means all.
        fill_fields: fields of deals that accounting fills, what goes in -> number, code or name of the field.
        rate_per_s: requests per second; the vendor allows 7 and all programs of an account share them.
        reconcile_every_h: how often every invoice is read again, so that nothing missed stays missed.
    """

    address: str
    token: SecretStr | None = None
    hooks: bool = False
    hook_url: SecretStr | None = None
    pipelines: tuple[str, ...] = ()
    invoices: Invoices = Invoices()
    requisites: Requisites = Requisites()
    deal_fields: dict[str, str] = Field(default_factory=dict)
    fill_fields: dict[FillRole, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    default_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "RUB"
    timeouts: Timeouts = Timeouts()
    rate_per_s: Annotated[float, Field(gt=0, le=7)] = 5.0
    reconcile_every_h: Annotated[float, Field(gt=0)] = 24.0

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        origin = Origin.of(value)
        if origin.host.startswith("www."):
            raise ValueError("нужен адрес самого аккаунта, вида https://компания.amocrm.ru, без www")
        return str(origin)

    @field_validator("pipelines", mode="before")
    @classmethod
    def _ids_as_text(cls, value: object) -> object:
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else value

    @property
    def origin(self) -> Origin:
        """The only place that is called."""
        return Origin.of(self.address)

    def watches(self, pipeline_id: str) -> bool:
        """Whether deals of that pipeline are read."""
        return not self.pipelines or pipeline_id in self.pipelines

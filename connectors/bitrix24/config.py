"""Settings of one Bitrix24 portal reached by an incoming webhook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.shared.http import Origin
from hub.domain.filling import FillRole

_PATH: Final = re.compile(r"/+rest/+(\d+)/+([A-Za-z0-9_-]+)/*\Z")
_METHOD_TAIL: Final = re.compile(r"/[a-z][a-z.]*(?:\.json)?/?\Z")


class Plan(StrEnum):
    """The portal's tariff as its request limits see it; `off` is for portals without limits (on-premise)."""

    NON_ENTERPRISE = "non_enterprise"
    ENTERPRISE = "enterprise"
    OFF = "off"


class InvoiceSource(StrEnum):
    """Where the company keeps its invoices."""

    SMART_INVOICE = "smart_invoice"
    DEAL_FIELDS = "deal_fields"
    DEAL = "deal"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An incoming webhook taken apart; the code never shows in `repr`."""

    origin: Origin
    user_id: str
    code: SecretStr

    def path(self, method: str) -> str:
        """Path of a method on the portal. Secret: not for logs."""
        return f"/rest/{self.user_id}/{self.code.get_secret_value()}/{method}"


def split_webhook(url: str) -> Webhook:
    """Take a webhook's URL apart, also when it was copied with the sample method at its end.

    Raises:
        ValueError: not an incoming webhook's address. The text never repeats the address.
    """
    text = url.strip()
    origin = Origin.of(text)
    path = text.split("://", 1)[1].partition("/")[2].partition("?")[0]
    for candidate in ("/" + path, _METHOD_TAIL.sub("/", "/" + path)):
        if (match := _PATH.match(candidate)) is not None:
            return Webhook(origin, match.group(1), SecretStr(match.group(2)))
    raise ValueError("нужен адрес входящего вебхука целиком: https://портал/rest/номер/код/")


class Strict(BaseModel):
    """Unknown keys are faults, and a fault never repeats what was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DealFields(Strict):
    """User fields of a deal that hold its invoice, as the CRM names them (`UF_CRM_1790000001`)."""

    number: Annotated[str, Field(min_length=1)]
    date: Annotated[str, Field(min_length=1)] | None = None
    amount: Annotated[str, Field(min_length=1)] | None = None


class Invoices(Strict):
    """Where invoices come from; `fields` belongs to `deal_fields` only."""

    source: InvoiceSource = InvoiceSource.SMART_INVOICE
    fields: DealFields | None = None

    @model_validator(mode="after")
    def _fields_fit(self) -> Invoices:
        if (self.source is InvoiceSource.DEAL_FIELDS) != (self.fields is not None):
            raise ValueError("fields нужны для source: deal_fields и только для него")
        return self

    @property
    def field_names(self) -> tuple[str, ...]:
        """The user fields that are named."""
        if self.fields is None:
            return ()
        return tuple(name for name in (self.fields.number, self.fields.date, self.fields.amount) if name is not None)


class Timeouts(Strict):
    """Seconds. The portal cuts a request at 60 s, so the total deadline lies beyond it.

    Attributes:
        deadline_s: of one request, in all.
        patience_s: the longest wait for a turn under the rate limit.
        read_within_s: repeats of a read begin within this; a read that timed out is not repeated here.
        slow_batch_s: a batch slower than this makes the next ones smaller.
        rest_s: after five failures in a row nothing is sent for so long; it doubles up to `rest_max_s`.
    """

    deadline_s: Annotated[float, Field(gt=0, le=600)] = 75.0
    patience_s: Annotated[float, Field(ge=0, le=120)] = 15.0
    read_within_s: Annotated[float, Field(ge=0, le=600)] = 30.0
    slow_batch_s: Annotated[float, Field(gt=0)] = 20.0
    rest_s: Annotated[float, Field(gt=0, le=600)] = 5.0
    rest_max_s: Annotated[float, Field(gt=0, le=600)] = 120.0


class Bitrix24Config(Strict):
    """One portal.

    Attributes:
        webhook_url: the incoming webhook, secret as a whole.
        application_token: of the outgoing webhook; empty means that no hook is believed.
        pipelines: ids of the deal pipelines to watch; empty means all.
        deal_fields: user fields of deals to carry along, our name -> the CRM's name.
        fill_fields: user fields of deals that accounting fills, what goes in -> the CRM's name.
        operating_limit_s: run time per method and ten minutes that the portal grants; we stop a little before it.
        reconcile_every_h: how often every record is walked again, so that nothing missed stays missed.
    """

    webhook_url: SecretStr
    application_token: SecretStr = SecretStr("")
    plan: Plan = Plan.NON_ENTERPRISE
    pipelines: tuple[str, ...] = ()
    invoices: Invoices = Invoices()
    deal_fields: dict[str, str] = Field(default_factory=dict)
    fill_fields: dict[FillRole, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    default_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "RUB"
    timeouts: Timeouts = Timeouts()
    operating_limit_s: Annotated[float, Field(gt=0)] = 480.0
    reconcile_every_h: Annotated[float, Field(gt=0)] = 24.0

    @field_validator("webhook_url")
    @classmethod
    def _is_webhook(cls, value: SecretStr) -> SecretStr:
        split_webhook(value.get_secret_value())
        return value

    @field_validator("pipelines", mode="before")
    @classmethod
    def _ids_as_text(cls, value: object) -> object:
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else value

    @property
    def webhook(self) -> Webhook:
        """The webhook taken apart."""
        return split_webhook(self.webhook_url.get_secret_value())

    def watches(self, pipeline_id: str) -> bool:
        """Whether deals of that pipeline are read."""
        return not self.pipelines or pipeline_id in self.pipelines

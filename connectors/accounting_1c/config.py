"""Settings of one 1C base."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.accounting_1c.names import Documents, Names
from connectors.accounting_1c.values import NO_REFERENCE, reference_of
from connectors.shared.http import Origin

_ROOT: Final = "/odata/standard.odata"


class Strict(BaseModel):
    """Unknown keys are faults, and a fault never repeats what was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ExchangePlan(Strict):
    """A plan of exchange with a node of our own in it: 1C tells every change, deletions too.

    Attributes:
        plan: name of its set (`ExchangePlan_Сверка`).
        node: guid of our node; never the base's own.
    """

    plan: Annotated[str, Field(pattern=r"^ExchangePlan_\w+$")]
    node: str

    @field_validator("node")
    @classmethod
    def _is_reference(cls, value: str) -> str:
        found = reference_of(value)
        if found is None or found == NO_REFERENCE:
            raise ValueError("нужен GUID узла плана обмена")
        return found


class Timeouts(Strict):
    """Seconds.

    Attributes:
        deadline_s: of one request, in all; `$metadata` alone is fifteen megabytes.
        patience_s: the longest wait for a turn under our own rate.
        read_within_s: repeats of a read begin within this.
        busy_s: a publication whose sessions are all taken is asked again after so long.
        rest_s: after five failures in a row nothing is sent for so long; it doubles up to `rest_max_s`.
    """

    deadline_s: Annotated[float, Field(gt=0, le=600)] = 60.0
    patience_s: Annotated[float, Field(ge=0, le=120)] = 15.0
    read_within_s: Annotated[float, Field(ge=0, le=600)] = 30.0
    busy_s: Annotated[float, Field(gt=0, le=600)] = 5.0
    rest_s: Annotated[float, Field(gt=0, le=600)] = 5.0
    rest_max_s: Annotated[float, Field(gt=0, le=600)] = 120.0


class OneCConfig(Strict):
    """One base.

    Attributes:
        address: root of the OData interface, as the publication has it.
        names: how the configuration calls things.
        documents: what the company asks money by.
        time_zone: of the 1C server, whose clock every date of the base is by.
        read_from: older documents are not read; None takes `first_days` back.
        organisations: ИНН of our legal entities whose invoices are read; empty means all of the base.
        mark_paid: the state «paid» is written to the base.
        link_payments: drafts of payments are told which invoice they pay.
        cash: orders of cash are read as money.
        money_first_days: so long after its payment an invoice that 1C calls paid stays open for the money itself.
        query_bytes: the longest query string that is sent.
        recent_days: documents of so many days are looked at by every poll; of `wide_days` each night.
    """

    address: str
    login: Annotated[str, Field(min_length=1, max_length=200)]
    password: SecretStr
    names: Names
    documents: Documents = Documents.INVOICES
    time_zone: str = "Europe/Moscow"
    read_from: date | None = None
    organisations: tuple[str, ...] = ()
    mark_paid: bool = False
    link_payments: bool = False
    cash: bool = False
    exchange_plan: ExchangePlan | None = None
    money_first_days: Annotated[int, Field(ge=0, le=60)] = 5
    default_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "RUB"
    page_rows: Annotated[int, Field(ge=1, le=1000)] = 200
    query_bytes: Annotated[int, Field(ge=400, le=7000)] = 1900
    first_days: Annotated[int, Field(ge=1, le=3650)] = 365
    recent_days: Annotated[int, Field(ge=1, le=30)] = 3
    wide_days: Annotated[int, Field(ge=1, le=400)] = 45
    wide_at_hour: Annotated[int, Field(ge=0, le=23)] = 3
    timeouts: Timeouts = Timeouts()
    rate_per_s: Annotated[float, Field(gt=0, le=100)] = 20.0

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return root_of(value)

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def read_names(self) -> Names:
        """Names of what is read. Cash that is asked for is not to be done without."""
        cash = self.names.cash if self.cash else None
        return self.names.model_copy(
            update={"cash": cash.model_copy(update={"optional": False}) if cash is not None else None}
        )

    @property
    def origin(self) -> Origin:
        """The only place that is called."""
        return Origin.of(self.address)

    @property
    def root(self) -> str:
        """Path of the interface on that place."""
        return urlsplit(self.address).path

    @property
    def zone(self) -> tzinfo:
        """Whose clock the base's dates are by."""
        return ZoneInfo(self.time_zone)


def root_of(address: str) -> str:
    """The root of the interface, from its own address or from the publication's; hosters lay them out as they like.

    Raises:
        ValueError: no address, or one that the password must not be sent to.
    """
    origin = Origin.of(address.strip())
    parts = urlsplit(address.strip())
    if parts.query or parts.fragment:
        raise ValueError("нужен адрес публикации без «?» и «#»")
    path = parts.path.rstrip("/")
    return f"{origin}{path if '/odata/' in f'{path}/' else path + _ROOT}"

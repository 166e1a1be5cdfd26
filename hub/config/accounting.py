"""Settings of a connection to an accounting system."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.config.connection import ConnectionSection
from hub.config.section import Section
from hub.config.values import AnyPath, BaseAddress, IsoDate, KnownSystem, NodeId, PlanName, Secret, TaxIdText, ZoneName


class Configuration(StrEnum):
    """Configurations of 1C whose names ship with the hub."""

    BP30 = "bp30"
    UT11 = "ut11"


class OneCDocuments(StrEnum):
    """What the company asks money by."""

    INVOICES = "invoices"
    ORDERS = "orders"


class ExchangePlan(Section):
    """A plan of exchange with a node of the hub's own."""

    name: PlanName
    node: NodeId


class OneCConnection(ConnectionSection):
    """One 1C base reached by its standard OData interface.

    Attributes:
        address: of the interface or of the publication.
        map: the company's own names of objects and fields; None for those of the configuration.
        password: None when `sverka connect` stored it encrypted in the database.
        time_zone: of the 1C server.
        read_from: older documents are not read.
        organisations: ИНН of our legal entities whose invoices are read; empty means all.
        mark_paid: invoices get the state «Оплачен» in 1C once the connection acts.
        link_payments: drafts of payments in 1C are told which invoice they pay, once the connection acts.
        cash: customers' cash is read as well, where payments of the base are (`bank: 1c`).
        money_first_days: so long after its payment an invoice that 1C calls paid waits for the money itself.
    """

    system: Annotated[Literal["accounting_1c"], KnownSystem]
    address: BaseAddress
    configuration: Configuration
    map: AnyPath | None = None
    login: Annotated[str, Field(min_length=1, max_length=200)]
    password: Secret | None = None
    time_zone: ZoneName = "Europe/Moscow"
    documents: OneCDocuments = OneCDocuments.INVOICES
    read_from: IsoDate | None = None
    organisations: tuple[TaxIdText, ...] = ()
    mark_paid: bool = False
    link_payments: bool = False
    cash: bool = False
    money_first_days: Annotated[int, Field(ge=0, le=60)] = 5
    exchange_plan: ExchangePlan | None = None
    page_rows: Annotated[int, Field(ge=1, le=1000)] = 200

    @model_validator(mode="after")
    def _nothing_of_deals(self) -> Self:
        if self.pipelines or self.hook_secret is not None:
            raise ValueError("pipelines и hook_secret — для CRM: в 1С нет сделок, и вызовов она не шлёт")
        if self.mark_paid and self.configuration is not Configuration.BP30 and self.map is None:
            raise ValueError("mark_paid есть только у bp30: в других конфигурациях нет регистра с отметкой «Оплачен»")
        return self

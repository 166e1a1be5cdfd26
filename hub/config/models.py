"""Typed settings, as `sverka.yaml` holds them."""

from __future__ import annotations

from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Discriminator, Field, PrivateAttr, SecretStr, Tag, ValidationInfo, field_validator, model_validator

from hub.config.accounting import OneCConnection
from hub.config.banks import Bank, OneCBank
from hub.config.connection import ConnectionSection
from hub.config.endpoints import EventEndpoint
from hub.config.filling import CardField, CustomFieldFilling, UserFieldFilling, refuse_what_is_read
from hub.config.reports import PaymentReports
from hub.config.section import Section as _Section
from hub.config.upkeep import Api, Metrics, Ready, Retention, Watch
from hub.config.values import (
    SYSTEMS,
    AccountAddress,
    AccountText,
    AnyPath,
    ConnectionId,
    DatabaseUrl,
    EndpointId,
    KnownSystem,
    Pattern,
    PublicUrl,
    Secret,
    TaxIdText,
    Token,
    WebhookUrl,
    ZoneName,
)


class Language(StrEnum):
    """Language of pages and messages."""

    RU = "ru"
    EN = "en"


class Plan(StrEnum):
    """Tariff of a Bitrix24 portal as its request limits see it; `off` for a portal without limits (on-premise)."""

    STANDARD = "standard"
    ENTERPRISE = "enterprise"
    OFF = "off"


class InvoiceSource(StrEnum):
    """Where the company keeps its invoices."""

    SMART_INVOICE = "smart_invoice"
    DEAL_FIELDS = "deal_fields"
    DEAL = "deal"


class LogLevel(StrEnum):
    """From what weight on events are written to the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Company(_Section):
    """Our own legal entities: what says that money came to us and not past us; and by what clock the company lives."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    tax_ids: tuple[TaxIdText, ...] = ()
    accounts: tuple[AccountText, ...] = ()
    time_zone: ZoneName | None = None

    @property
    def zone(self) -> tzinfo | None:
        """Where the company's days begin and end; None is the machine's own zone."""
        return None if self.time_zone is None else ZoneInfo(self.time_zone)


class Desk(_Section):
    """The accountant's page. Port 0 takes any free one."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8350
    public_url: PublicUrl | None = None


class Invoices(_Section):
    """Where invoices are read from; the fields of a deal as the CRM names them (`UF_CRM_1790000001`)."""

    source: InvoiceSource = InvoiceSource.SMART_INVOICE
    number_field: Annotated[str, Field(min_length=1)] | None = None
    date_field: Annotated[str, Field(min_length=1)] | None = None
    sum_field: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _fields_fit_source(self) -> Invoices:
        named = (self.number_field, self.date_field, self.sum_field)
        if self.source is InvoiceSource.DEAL_FIELDS and self.number_field is None:
            raise ValueError("для source: deal_fields нужно number_field — поле сделки с номером счёта")
        if self.source is not InvoiceSource.DEAL_FIELDS and any(named):
            raise ValueError("number_field, date_field и sum_field нужны только для source: deal_fields")
        return self

    @property
    def read_fields(self) -> dict[str, str | None]:
        """Fields of deals that hold their invoices, by their settings."""
        return {"number_field": self.number_field, "date_field": self.date_field, "sum_field": self.sum_field}


class Bitrix24Connection(ConnectionSection):
    """One Bitrix24 portal reached by an incoming webhook.

    Attributes:
        webhook_url: None when `sverka connect` stored it encrypted in the database.
        application_token: of the outgoing webhook; without it no hook is believed and changes come by polling.
        fill_from_accounting: fields of deals that take what accounting says of their invoices.
    """

    system: Annotated[Literal["bitrix24"], KnownSystem]
    webhook_url: WebhookUrl | None = None
    application_token: Secret | None = None
    invoices: Invoices = Invoices()
    plan: Plan = Plan.STANDARD
    fill_from_accounting: UserFieldFilling = UserFieldFilling()

    @model_validator(mode="after")
    def _reads_not_what_it_writes(self) -> Self:
        refuse_what_is_read(self.fill_from_accounting.fields, self.invoices.read_fields)
        return self


class AmoInvoiceSource(StrEnum):
    """Where the company keeps its invoices in amoCRM."""

    LIST = "list"
    DEAL_FIELDS = "deal_fields"
    DEAL = "deal"


class AmoInvoices(_Section):
    """Where invoices are read from.

    Attributes:
        number_pattern: a regular expression; its first group is the number in an invoice's name.
        payment_date: the day of the money is written into an invoice that is marked paid.
    """

    source: AmoInvoiceSource = AmoInvoiceSource.LIST
    number_pattern: Pattern | None = None
    payment_date: bool = True
    number_field: CardField | None = None
    date_field: CardField | None = None
    sum_field: CardField | None = None

    @model_validator(mode="after")
    def _fields_fit_source(self) -> Self:
        named = (self.number_field, self.date_field, self.sum_field)
        if self.source is not AmoInvoiceSource.DEAL_FIELDS and any(named):
            raise ValueError("number_field, date_field и sum_field нужны только для source: deal_fields")
        if self.source is not AmoInvoiceSource.LIST and self.number_pattern is not None:
            raise ValueError("number_pattern нужен только для source: list")
        return self

    @property
    def read_fields(self) -> dict[str, str | None]:
        """Fields of deals that hold their invoices, by their settings."""
        return {"number_field": self.number_field, "date_field": self.date_field, "sum_field": self.sum_field}


class AmoRequisites(_Section):
    """Text fields of companies with requisites; those that the hub knows by their names need not be listed."""

    inn_field: CardField | None = None
    kpp_field: CardField | None = None
    account_field: CardField | None = None


class AmoConnection(ConnectionSection):
    """One amoCRM or Kommo account.

    Attributes:
        address: of the account.
        token: a long-lived token; None when `sverka connect` stored the access encrypted in the database.
        fill_from_accounting: fields of deals that take what accounting says of their invoices.
    """

    system: Annotated[Literal["amocrm"], KnownSystem]
    address: AccountAddress
    token: Token | None = None
    invoices: AmoInvoices = AmoInvoices()
    requisites: AmoRequisites = AmoRequisites()
    fill_from_accounting: CustomFieldFilling = CustomFieldFilling()

    @model_validator(mode="after")
    def _reads_not_what_it_writes(self) -> Self:
        refuse_what_is_read(self.fill_from_accounting.fields, self.invoices.read_fields)
        return self


Connection = Bitrix24Connection | AmoConnection | OneCConnection


def _system_of(value: object) -> str:
    """Which of them a block is of; an unknown name is left to one of them, so that its other faults are told too."""
    system = value.get("system") if isinstance(value, dict) else getattr(value, "system", None)
    return system if isinstance(system, str) and system in SYSTEMS else SYSTEMS[-1]


_AnyConnection = Annotated[
    Annotated[Bitrix24Connection, Tag("bitrix24")]
    | Annotated[AmoConnection, Tag("amocrm")]
    | Annotated[OneCConnection, Tag("accounting_1c")],
    Discriminator(_system_of),
]


class Matching(_Section):
    """How payments are matched.

    Attributes:
        shared_tax_ids: of payers that pay for many: never a sign of who paid.
        shared_accounts: the same for accounts.
        table: the company's own decision table; None for the hub's.
    """

    shared_tax_ids: tuple[TaxIdText, ...] = ()
    shared_accounts: tuple[AccountText, ...] = ()
    table: AnyPath | None = None


class Limits(_Section):
    """Bounds of what comes from outside."""

    statement_mb: Annotated[int, Field(ge=1, le=1024)] = 64


class Log(_Section):
    """Where the hub writes what it does; secrets never get there."""

    level: LogLevel = LogLevel.INFO
    file: AnyPath | None = None


class Config(_Section):
    """The whole settings file. Paths are absolute once loaded.

    Attributes:
        database: SQLAlchemy address (it may hold a password).
        secret_key: given by the environment instead of the key file.
        timing_scale: one factor on every deadline, lease and interval, for tests.
    """

    company: Company
    database: DatabaseUrl = SecretStr("sqlite:///data/sverka.sqlite3")
    secret_key_file: AnyPath = Path("data/secret.key")
    desk: Desk = Desk()
    language: Language = Language.RU
    connections: dict[ConnectionId, _AnyConnection] = Field(default_factory=dict)
    banks: dict[ConnectionId, Bank] = Field(default_factory=dict)
    payment_reports: dict[ConnectionId, PaymentReports] = Field(default_factory=dict)
    events: dict[EndpointId, EventEndpoint] = Field(default_factory=dict)
    matching: Matching = Matching()
    limits: Limits = Limits()
    log: Log = Log()
    ready: Ready = Ready()
    watch: Watch = Watch()
    retention: Retention = Retention()
    metrics: Metrics = Metrics()
    api: Api = Api()
    timing_scale: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 1.0

    _file: Path = PrivateAttr(default=Path("sverka.yaml"))
    _environment_key: SecretStr | None = PrivateAttr(default=None)

    @field_validator("banks")
    @classmethod
    def _banks_fit(cls, value: dict[str, Bank], info: ValidationInfo) -> dict[str, Bank]:
        for name in value.keys() & info.data.get("connections", {}).keys():
            raise ValueError(f"имя «{name}» занято подключением connections.{name}: имена у подключений свои")
        for name, bank in value.items():
            base = info.data.get("connections", {}).get(bank.connection) if isinstance(bank, OneCBank) else None
            if isinstance(bank, OneCBank) and not isinstance(base, OneCConnection):
                raise ValueError(f"{name}.connection: подключения к 1С «{bank.connection}» в connections нет")
        return value

    @field_validator("payment_reports")
    @classmethod
    def _reports_fit(cls, value: dict[str, PaymentReports], info: ValidationInfo) -> dict[str, PaymentReports]:
        connections, company = info.data.get("connections", {}), info.data.get("company")
        for name, system in value.items():
            if name in info.data.get("banks", {}):
                raise ValueError(f"имя «{name}» занято банком banks.{name}: адрес для вызовов у них один")
            if name in connections:
                raise ValueError(f"имя «{name}» занято подключением connections.{name}: адрес для вызовов у них один")
            if system.act and company is not None and system.account not in company.accounts:
                raise ValueError(f"{name}.account: такого счёта нет в company.accounts")
        return value

    def model_post_init(self, context: Any) -> None:
        """Remember the file and what the environment gave."""
        if context:
            self._file = Path(context.get("file", self._file))
            self._environment_key = context.get("secret_key")

    @property
    def file(self) -> Path:
        """The file that the settings came from."""
        return self._file

    @property
    def environment_key(self) -> SecretStr | None:
        """`SVERKA_SECRET_KEY`, which stands in for the key file."""
        return self._environment_key

    @property
    def database_url(self) -> str:
        """The database's address with its password: for the engine, not for people."""
        return self.database.get_secret_value()

    @property
    def sqlite_file(self) -> Path | None:
        """The database file; None for PostgreSQL."""
        scheme, _, rest = self.database_url.partition(":///")
        return Path(rest.partition("?")[0]) if scheme == "sqlite" else None

    @property
    def log_file(self) -> Path:
        """The log: as set, else `data/sverka.log` beside the settings."""
        return self.log.file or self._file.absolute().parent / "data" / "sverka.log"

    def rules_path(self, connection_id: str) -> Path:
        """The rule file of a connection: as set, else `mappings/<connection>.yaml` beside the settings."""
        connection = self.connections.get(connection_id)
        default = self._file.absolute().parent / "mappings" / f"{connection_id}.yaml"
        return connection.rules if connection is not None and connection.rules is not None else default

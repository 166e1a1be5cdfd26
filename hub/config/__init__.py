"""The company's settings: `sverka.yaml`, its secrets and the environment. Nothing else reads them."""

from hub.config.accounting import OneCConnection
from hub.config.connection import Mode
from hub.config.endpoints import EventEndpoint
from hub.config.loading import (
    ConfigError,
    database_fault,
    inspect_config,
    load_config,
    parse_config,
    rules_of,
    table_of,
)
from hub.config.models import (
    AmoConnection,
    AmoInvoiceSource,
    Bitrix24Connection,
    Company,
    Config,
    Connection,
    Desk,
    Invoices,
    InvoiceSource,
    Language,
    Limits,
    Log,
    LogLevel,
    Matching,
    Plan,
)
from hub.config.reports import PaymentReports
from hub.config.secret_key import SecretKeyError, create_key_file, key_file_is_private, secret_keys

__all__ = [
    "AmoConnection",
    "AmoInvoiceSource",
    "Bitrix24Connection",
    "Company",
    "Config",
    "ConfigError",
    "Connection",
    "Desk",
    "EventEndpoint",
    "InvoiceSource",
    "Invoices",
    "Language",
    "Limits",
    "Log",
    "LogLevel",
    "Matching",
    "Mode",
    "OneCConnection",
    "PaymentReports",
    "Plan",
    "SecretKeyError",
    "create_key_file",
    "database_fault",
    "inspect_config",
    "key_file_is_private",
    "load_config",
    "parse_config",
    "rules_of",
    "secret_keys",
    "table_of",
]

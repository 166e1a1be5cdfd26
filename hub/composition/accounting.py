"""Accounting systems: from settings to an open port, and a base while it is being connected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import connectors
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.config import OneCConnection
from hub.ports.crm import CrmPort
from hub.ports.state import TokenStore
from mappings.accounting import AccountingMap, read_map, shipped_map

SYSTEM: Final = "accounting_1c"
#: Name of the password in the token store.
PASSWORD: Final = "odata_password"  # noqa: S105
# A night's page of a loaded server; together with the repeats within a claim.
_DEADLINE_S: Final = 60.0
_PATIENCE_S: Final = 15.0
_READ_WITHIN_S: Final = 30.0
_BUSY_S: Final = 5.0
_REST_S: Final = 5.0
_REST_MAX_S: Final = 120.0


def names_of(settings: OneCConnection) -> AccountingMap:
    """How the base calls things: by the company's own map, else by its configuration's.

    Raises:
        mappings.MappingError: with every fault of the company's map.
    """
    return read_map(settings.map) if settings.map is not None else shipped_map(settings.configuration.value)


def one_c(settings: OneCConnection, password: str, scale: float) -> dict[str, object]:
    """Settings of the connector."""
    plan = settings.exchange_plan
    return {
        "address": settings.address,
        "login": settings.login,
        "password": password,
        "names": names_of(settings).model_dump(),
        "documents": settings.documents.value,
        "time_zone": settings.time_zone,
        "read_from": settings.read_from,
        "organisations": settings.organisations,
        "mark_paid": settings.mark_paid,
        "link_payments": settings.link_payments,
        "cash": settings.cash,
        "money_first_days": settings.money_first_days,
        "exchange_plan": {"plan": plan.name, "node": plan.node} if plan is not None else None,
        "page_rows": settings.page_rows,
        "timeouts": {
            "deadline_s": _DEADLINE_S * scale,
            "patience_s": _PATIENCE_S * scale,
            "read_within_s": _READ_WITHIN_S * scale,
            "busy_s": _BUSY_S * scale,
            "rest_s": _REST_S * scale,
            "rest_max_s": _REST_MAX_S * scale,
        },
    }


def password_of(settings: OneCConnection, connection: str, tokens: TokenStore | None) -> str | None:
    """The password, in the file or in the token store; None where there is none."""
    if settings.password is not None:
        return settings.password.get_secret_value()
    return tokens.get(connection, PASSWORD) if tokens is not None else None


def probe_one_c(given: Mapping[str, object], password: str) -> CrmPort:
    """A port for trying a base out before anything is saved: its rate is counted in memory only."""
    clock = SystemClock()
    runtime = ConnectorRuntime(connection="probe", clock=clock, quota=MemoryQuota(clock))
    settings = OneCConnection.model_validate({"system": SYSTEM, **given})
    return connectors.plugin(SYSTEM).open(one_c(settings, password, 1.0), runtime)

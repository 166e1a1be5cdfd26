"""From settings to open CRM ports and to what the services know of each connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

import connectors
from connectors.amocrm.credential import LONG_LIVED, PAIR
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.composition.accounting import one_c, password_of
from hub.config import (
    AmoConnection,
    AmoInvoiceSource,
    Bitrix24Connection,
    Config,
    Connection,
    InvoiceSource,
    OneCConnection,
    Plan,
    rules_of,
)
from hub.domain.errors import ConnectorError
from hub.domain.rules import RuleSet
from hub.ports.calls import CallCounters, CallObserver
from hub.ports.crm import Capability, CrmPort
from hub.ports.hooks import HookDoor
from hub.ports.state import Clock, QuotaStore, TokenStore
from hub.services.runtime import ConnectionSettings, Timing
from mappings.faults import MappingError
from mappings.shipped import card_fields

_log = structlog.get_logger(__name__)
WEBHOOK_URL: Final = "webhook_url"
# The portal cuts a request at 60 s; our call waits 75 s; a claim outlives both and a late apply.
_DEADLINE_S: Final = 75.0
# Waiting and repeating inside one call of ours: together with the deadline still within the claim.
_PATIENCE_S: Final = 15.0
_READ_WITHIN_S: Final = 30.0
# The account answers within 20 s or cuts off.
_AMO_DEADLINE_S: Final = 45.0
_AMO_RENEW_S: Final = 15.0
_UNKNOWN_S: Final = 65.0
_LEASE_S: Final = 140.0
# What a process that died in a poll leaves behind; see `kept_turn`.
_POLL_LEASE_S: Final = 30.0
# A portal that fails call after call is left alone for so long, then longer.
_REST_S: Final = 5.0
_REST_MAX_S: Final = 120.0
_PLANS: Final[Mapping[Plan, str]] = {
    Plan.STANDARD: "non_enterprise",
    Plan.ENTERPRISE: "enterprise",
    Plan.OFF: "off",
}


class NotConnected(ValueError):
    """The connection has no credential yet; the message says what to run (Russian)."""


def open_crm(
    config: Config,
    connection: str,
    tokens: TokenStore | None,
    quota: QuotaStore,
    clock: Clock,
    webhook: str | None = None,
    observe: CallObserver | None = None,
) -> CrmPort:
    """The port of one connection; `webhook` stands in for a stored one while it is being connected.

    Raises:
        NotConnected: neither the settings nor the token table holds its webhook.
    """
    settings = config.connections[connection]
    runtime = ConnectorRuntime(connection=connection, clock=clock, quota=quota, observe=observe, tokens=tokens)
    if isinstance(settings, AmoConnection):
        _require_amo_access(settings, connection, tokens)
        own = _amocrm(settings, config.timing_scale)
        own["hook_url"] = _hook_url(config, connection)
    elif isinstance(settings, OneCConnection):
        own = one_c(settings, _password(settings, connection, tokens), config.timing_scale)
    else:
        own = _bitrix24(settings, webhook or _webhook(settings, connection, tokens), config.timing_scale)
    return connectors.plugin(settings.system).open(own, runtime)


def probe_crm(webhook: str, settings: Connection | None = None) -> CrmPort:
    """A port for trying a webhook out before anything is saved: its quota is counted in memory only.

    Args:
        settings: of the connection where there is one already: the fields that it names are tried out too.
    """
    clock = SystemClock()
    runtime = ConnectorRuntime(connection="probe", clock=clock, quota=MemoryQuota(clock))
    return connectors.plugin("bitrix24").open({"webhook_url": webhook, "fill_fields": filled_fields(settings)}, runtime)


def deal_address(settings: Connection, connection: str, tokens: TokenStore) -> str | None:
    """What the address of a deal's card begins with, without any secret; None while unconnected, or without deals."""
    if isinstance(settings, AmoConnection):
        return f"{settings.address}/leads/detail/"
    if isinstance(settings, OneCConnection):
        return None
    try:
        portal = _webhook(settings, connection, tokens).split("/rest/", 1)[0].rstrip("/")
    except NotConnected:
        return None
    return f"{portal}/crm/deal/details/"


def _webhook(settings: Bitrix24Connection, connection: str, tokens: TokenStore | None) -> str:
    if settings.webhook_url is not None:
        return settings.webhook_url.get_secret_value()
    stored = tokens.get(connection, WEBHOOK_URL) if tokens is not None else None
    if stored is None:
        raise NotConnected(
            f"У подключения «{connection}» нет адреса вебхука: выполните sverka connect bitrix24 --name {connection}"
        )
    return stored


def _bitrix24(settings: Bitrix24Connection, webhook: str, scale: float) -> dict[str, object]:
    invoices: dict[str, object] = {"source": settings.invoices.source.value}
    if settings.invoices.source is InvoiceSource.DEAL_FIELDS:
        invoices["fields"] = {
            "number": settings.invoices.number_field,
            "date": settings.invoices.date_field,
            "amount": settings.invoices.sum_field,
        }
    token = settings.application_token
    return {
        "webhook_url": webhook,
        "application_token": token.get_secret_value() if token is not None else "",
        "plan": _PLANS[settings.plan],
        "pipelines": settings.pipelines,
        "invoices": invoices,
        "fill_fields": filled_fields(settings),
        "timeouts": {
            "deadline_s": _DEADLINE_S * scale,
            "patience_s": _PATIENCE_S * scale,
            "read_within_s": _READ_WITHIN_S * scale,
            "rest_s": _REST_S * scale,
            "rest_max_s": _REST_MAX_S * scale,
        },
    }


def _amocrm(settings: AmoConnection, scale: float) -> dict[str, object]:
    """Settings of the connector; without a token in the file it takes the access that the token store keeps."""
    names, invoices, requisites = card_fields("amocrm"), settings.invoices, settings.requisites
    own: dict[str, object] = {
        "source": invoices.source.value,
        "number_pattern": invoices.number_pattern,
        "payment_date": invoices.payment_date,
    }
    if invoices.source is AmoInvoiceSource.DEAL_FIELDS:
        own["fields"] = {
            "number": _selectors(invoices.number_field, names.deal.number),
            "date": _selectors(invoices.date_field, names.deal.date),
            "amount": _selectors(invoices.sum_field, names.deal.sum),
        }
    return {
        "address": settings.address,
        "token": settings.token.get_secret_value() if settings.token is not None else None,
        "hooks": settings.hook_secret is not None,
        "pipelines": settings.pipelines,
        "invoices": own,
        "fill_fields": filled_fields(settings),
        "requisites": {
            "inn": _selectors(requisites.inn_field, names.requisites.inn),
            "kpp": _selectors(requisites.kpp_field, names.requisites.kpp),
            "inn_kpp": names.requisites.inn_kpp,
            "account": _selectors(requisites.account_field, names.requisites.account),
        },
        "timeouts": {
            "deadline_s": _AMO_DEADLINE_S * scale,
            "renew_s": _AMO_RENEW_S * scale,
            "patience_s": _PATIENCE_S * scale,
            "read_within_s": _READ_WITHIN_S * scale,
            "rest_s": _REST_S * scale,
            "rest_max_s": _REST_MAX_S * scale,
        },
    }


def filled_fields(settings: Connection | None) -> dict[str, str]:
    """Fields that accounting fills, by what goes into them."""
    if settings is None or isinstance(settings, OneCConnection):
        return {}
    return {role.value: item.field for role, item in settings.fill_from_accounting.fields.items()}


def _selectors(named: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """A field that the settings name is the field; else it is known by its name."""
    return (named,) if named is not None else known


def _require_amo_access(settings: AmoConnection, connection: str, tokens: TokenStore | None) -> None:
    """See that there is an access, in the file or in the token store.

    Raises:
        NotConnected: there is none.
    """
    kept = tokens is not None and any(tokens.get(connection, name) for name in (LONG_LIVED, PAIR))
    if settings.token is None and not kept:
        raise NotConnected(
            f"У подключения «{connection}» нет доступа к amoCRM: выполните sverka connect amocrm --name {connection}"
        )


def _password(settings: OneCConnection, connection: str, tokens: TokenStore | None) -> str:
    password = password_of(settings, connection, tokens)
    if password is None:
        raise NotConnected(
            f"У подключения «{connection}» нет пароля 1С: выполните sverka connect 1c --name {connection}"
        )
    return password


def _hook_url(config: Config, connection: str) -> str | None:
    """The address that the account is to call, where the hub is seen from outside."""
    secret, public = config.connections[connection].hook_secret, config.desk.public_url
    if secret is None or public is None:
        return None
    return f"{public}/hooks/{connection}/{secret.get_secret_value()}"


def connection_settings(config: Config) -> dict[str, ConnectionSettings]:
    """What services know of each connection; every deadline is scaled by one factor.

    Raises:
        mappings.faults.FaultsError: a rule file has faults.
    """
    scale = config.timing_scale
    timing = Timing(
        lease_s=_LEASE_S * scale,
        poll_lease_s=_POLL_LEASE_S * scale,
        unknown_s=_UNKNOWN_S * scale,
        retry_s=2 * scale,
        retry_max_s=600 * scale,
    )
    return {
        name: ConnectionSettings(
            id=name,
            rules=_rules(config, name),
            poll_every_s=settings.poll_every_s * scale,
            moves_per_hour=settings.moves_per_hour,
            mode_in_file=settings.mode is not None,
            timing=timing,
            fills=settings.fill_from_accounting.fields if not isinstance(settings, OneCConnection) else {},
            system=settings.system,
        )
        for name, settings in config.connections.items()
    }


def _rules(config: Config, name: str) -> RuleSet:
    """The rules of a connection; without deals there is nothing to set but the paid mark, which is off by default."""
    settings = config.connections[name]
    if isinstance(settings, OneCConnection):
        return RuleSet(mark_invoices_paid=settings.mark_paid)
    return rules_of(config, name).rules


def hook_doors(crms: Mapping[str, CrmPort]) -> dict[str, HookDoor]:
    """What admits hooks, by connection: every open CRM that takes hooks and knows their sender by a secret."""
    return {
        name: port
        for name, port in crms.items()
        if isinstance(port, HookDoor) and Capability.HOOKS in port.capabilities()
    }


def open_all(
    config: Config, tokens: TokenStore, quota: QuotaStore, clock: Clock, calls: CallCounters
) -> dict[str, CrmPort]:
    """Every port that can be opened; one that cannot never stops the others."""
    ports: dict[str, CrmPort] = {}
    for name in config.connections:
        try:
            ports[name] = open_crm(config, name, tokens, quota, clock, observe=calls.of(name))
        except (NotConnected, ConnectorError, MappingError) as error:
            _log.warning("connection.not_opened", connection=name, error=str(error))
    return ports

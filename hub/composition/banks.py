"""From settings to open ports of banks and to what the services know of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from pydantic import SecretStr

from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.money import OneCMoney
from connectors.bank.providers.rest import TOKEN
from connectors.bank.providers.tbank.config import TbankConfig
from connectors.bank.providers.tbank.connector import Tbank
from connectors.bank.providers.tochka.config import TochkaConfig
from connectors.bank.providers.tochka.connector import Tochka
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.composition.accounting import one_c, password_of
from hub.composition.connections import NotConnected
from hub.config import Config, OneCConnection
from hub.config.banks import OneCBank, TbankBank, TochkaBank
from hub.domain.errors import ConnectorError
from hub.ports.calls import CallCounters, CallObserver
from hub.ports.state import Clock, QuotaStore, TokenStore
from hub.services.bank_source import BankSource
from mappings.faults import MappingError

__all__ = ["TITLES", "TOKEN", "OpenBank", "bank_hook_answers", "bank_hook_secrets", "bank_sources", "open_bank"]
__all__ += ["open_banks", "probe_bank"]
_log = structlog.get_logger(__name__)
TITLES: Final[Mapping[str, str]] = {"1c": "1С", "tbank": "Т-Банк", "tochka": "Точка"}
#: What Tochka takes for «received»; anything else is sent again thirty times.
_TOCHKA_WANTS: Final = 200
_LEASE_S: Final = 300.0
_LOOK_EVERY_S: Final = 60.0
OpenBank = Tbank | Tochka | OneCMoney


def bank_sources(config: Config) -> dict[str, BankSource]:
    """What services know of each bank, open or not."""
    scale = config.timing_scale
    return {
        name: BankSource(
            id=name,
            title=TITLES[settings.bank],
            accounts=frozenset(settings.accounts),
            tax_ids=frozenset(settings.tax_ids),
            read_from=settings.read_from,
            is_books=settings.bank == "1c",
            poll_every_s=settings.poll_every_s * scale,
            look_every_s=_LOOK_EVERY_S * scale,
            mode_in_file=settings.mode is not None,
            lease_s=_LEASE_S * scale,
            retry_s=10.0 * scale,
            retry_max_s=600.0 * scale,
        )
        for name, settings in config.banks.items()
    }


def open_banks(
    config: Config, tokens: TokenStore, quota: QuotaStore, clock: Clock, calls: CallCounters
) -> dict[str, OpenBank]:
    """Every bank that can be opened; one that cannot never stops the others."""
    banks: dict[str, OpenBank] = {}
    for name in config.banks:
        try:
            banks[name] = open_bank(config, name, tokens, quota, clock, observe=calls.of(name))
        except (NotConnected, ConnectorError, MappingError, ValueError) as error:
            _log.warning("connection.not_opened", connection=name, error=str(error))
    return banks


def open_bank(
    config: Config,
    name: str,
    tokens: TokenStore | None,
    quota: QuotaStore,
    clock: Clock,
    observe: CallObserver | None = None,
) -> OpenBank:
    """The port of one bank.

    Raises:
        NotConnected: neither the settings nor the token table holds its token.
    """
    settings = config.banks[name]
    runtime = ConnectorRuntime(connection=name, clock=clock, quota=quota, observe=observe, tokens=tokens)
    if isinstance(settings, OneCBank):
        return _open_one_c(config, settings.connection, tokens, runtime)
    _require_token(settings, name, tokens)
    return _build(settings, settings.token, runtime, config.timing_scale)


def _open_one_c(config: Config, name: str, tokens: TokenStore | None, runtime: ConnectorRuntime) -> OneCMoney:
    """Payments of a base, by the access of its connection."""
    settings = config.connections[name]
    password = password_of(settings, name, tokens) if isinstance(settings, OneCConnection) else None
    if not isinstance(settings, OneCConnection) or password is None:
        raise NotConnected(f"У подключения «{name}» нет пароля 1С: выполните sverka connect 1c --name {name}")
    return OneCMoney(OneCConfig.model_validate(one_c(settings, password, config.timing_scale)), runtime)


def probe_bank(settings: TbankBank | TochkaBank, token: str, name: str) -> OpenBank:
    """A port for trying a token out before anything is saved: its quota is counted in memory only."""
    clock = SystemClock()
    runtime = ConnectorRuntime(connection=name, clock=clock, quota=MemoryQuota(clock))
    return _build(settings, SecretStr(token), runtime, 1.0)


def _build(
    settings: TbankBank | TochkaBank, token: SecretStr | None, runtime: ConnectorRuntime, scale: float
) -> OpenBank:
    given: dict[str, object] = {
        "token": token,
        "timeouts": {
            "deadline_s": 30.0 * scale,
            "patience_s": 15.0 * scale,
            "read_within_s": 30.0 * scale,
            "prepare_s": 45.0 * scale,
            "rest_s": 5.0 * scale,
            "rest_max_s": 120.0 * scale,
        },
    }
    if settings.api_url is not None:
        given["api_url"] = settings.api_url
    if isinstance(settings, TbankBank):
        given["hook_token"] = settings.hook_token or SecretStr("")
        return Tbank(TbankConfig.model_validate(given), runtime)
    given |= {"client_id": settings.client_id or "", "customer_code": settings.customer_code or ""}
    if settings.keys_url is not None:
        given["keys_url"] = settings.keys_url
    return Tochka(TochkaConfig.model_validate(given), runtime)


def _require_token(settings: TbankBank | TochkaBank, name: str, tokens: TokenStore | None) -> None:
    if settings.token is None and (tokens is None or tokens.get(name, TOKEN) is None):
        raise NotConnected(f"У банка «{name}» нет токена: выполните sverka connect bank {settings.bank} --name {name}")


def bank_hook_secrets(config: Config) -> dict[str, str]:
    """The unguessable part of each bank's address."""
    return {
        name: item.hook_secret.get_secret_value() if item.hook_secret is not None else ""
        for name, item in config.banks.items()
    }


def bank_hook_answers(config: Config) -> dict[str, int]:
    """Statuses that banks take for «received», where it is not 204."""
    return {name: _TOCHKA_WANTS for name, item in config.banks.items() if item.bank == "tochka"}

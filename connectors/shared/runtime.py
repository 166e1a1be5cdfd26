"""What the composition hands to a connector, and how a connector presents itself to the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Generic, TypeVar

from pydantic import BaseModel

from hub.ports.calls import CallObserver
from hub.ports.crm import CrmPort
from hub.ports.state import Clock, QuotaStore, TokenStore


def installed_version() -> str:
    """Version of the installed package; `dev` in a bare checkout."""
    try:
        return version("sverka")
    except PackageNotFoundError:
        return "dev"


@dataclass(frozen=True, slots=True)
class Runtime:
    """Shared services of one connection.

    Attributes:
        connection: names it in quota budgets and among the tokens.
        observe: told of its calls.
        tokens: holds secrets that renew themselves; None where the connection has none.
    """

    connection: str
    clock: Clock
    quota: QuotaStore
    version: str = field(default_factory=installed_version)
    observe: CallObserver | None = None
    tokens: TokenStore | None = None


class SystemKind(StrEnum):
    """Which port a connector offers."""

    CRM = "crm"
    ACCOUNTING = "accounting"


ConfigT = TypeVar("ConfigT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Plugin(Generic[ConfigT]):
    """A connector as the registry knows it: its settings model and how to build it from valid settings."""

    name: str
    kind: SystemKind
    config: type[ConfigT]
    build: Callable[[ConfigT, Runtime], CrmPort]

    def open(self, settings: object, runtime: Runtime) -> CrmPort:
        """Validate raw settings and build.

        Raises:
            pydantic.ValidationError: the settings are wrong; its errors never carry the secret itself.
        """
        return self.build(self.config.model_validate(settings), runtime)

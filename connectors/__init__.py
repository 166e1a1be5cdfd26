"""Registry of connectors: built-ins in a table, third parties by the entry points group `sverka.connectors`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from connectors.shared.runtime import Plugin

GROUP: Final = "sverka.connectors"

#: name -> "module:attribute" of its Plugin; imported when asked for.
BUILT_IN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounting_1c": "connectors.accounting_1c.plugin:PLUGIN",
        "amocrm": "connectors.amocrm.plugin:PLUGIN",
        "bitrix24": "connectors.bitrix24.plugin:PLUGIN",
    }
)


class UnknownConnector(LookupError):
    """No connector of that name is built in or installed."""


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def names() -> tuple[str, ...]:
    """Names that `plugin` knows, sorted."""
    return tuple(sorted({*BUILT_IN, *_installed()}))


def plugin(name: str) -> Plugin[Any]:
    """The connector of that name, imported on first use. A built-in wins over an installed one of the same name.

    Raises:
        UnknownConnector: with the names that are known.
        TypeError: the entry point does not lead to a Plugin.
    """
    from connectors.shared.runtime import Plugin

    found: object
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found = getattr(import_module(module), attribute)
    elif (point := _installed().get(name)) is not None:
        found = point.load()
    else:
        raise UnknownConnector(f"Нет коннектора {name!r}. Есть: {', '.join(names())}.")
    if not isinstance(found, Plugin):
        raise TypeError(f"{name}: {GROUP} must lead to a connectors.shared.runtime.Plugin")
    return found

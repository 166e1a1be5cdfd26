"""Stand-ins for outside systems, by name; only the one that is called is imported."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import click

#: name -> ("module:attribute" of its click command, purpose in one line)
_SANDBOXES: Final = {
    "amocrm": ("connectors.amocrm.sandbox.cli:command", "Местный аккаунт amoCRM с журналом записей и отказами."),
    "bitrix24": ("connectors.bitrix24.sandbox.cli:command", "Местный Битрикс24 с журналом записей и отказами."),
    "bank": ("connectors.bank.sandbox.cli:command", "Местные Точка и Т-Банк: выписки, вебхуки и отказы."),
    "1c": ("connectors.accounting_1c.sandbox.cli:command", "Местная база 1С (БП 3.0 или УТ 11) с публикацией OData."),
}


def sandboxes() -> dict[str, str]:
    """Names with their purpose, in the order of the help page."""
    return {name: purpose for name, (_, purpose) in _SANDBOXES.items()}


def sandbox_command(name: str) -> click.Command | None:
    """The command of a stand-in, imported now; None when there is no such stand-in."""
    import click

    if name not in _SANDBOXES:
        return None
    module, _, attribute = _SANDBOXES[name][0].partition(":")
    command = getattr(import_module(module), attribute)
    return command if isinstance(command, click.Command) else None

"""The configurations that the stand-in knows, by name."""

from collections.abc import Callable

from connectors.accounting_1c.sandbox.configurations import bp30, ut11
from connectors.accounting_1c.sandbox.model import Configuration
from connectors.accounting_1c.sandbox.seed import ConfigName
from connectors.accounting_1c.sandbox.settings import Settings

CONFIGURATIONS: dict[ConfigName, Callable[[Settings], Configuration]] = {"bp30": bp30.build, "ut11": ut11.build}

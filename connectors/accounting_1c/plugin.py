"""What the registry of connectors loads."""

from __future__ import annotations

from typing import Final

from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.connector import build
from connectors.shared.runtime import Plugin, SystemKind

PLUGIN: Final = Plugin("accounting_1c", SystemKind.ACCOUNTING, OneCConfig, build)

"""What the registry of connectors loads."""

from __future__ import annotations

from typing import Final

from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.connector import build
from connectors.shared.runtime import Plugin, SystemKind

PLUGIN: Final = Plugin("bitrix24", SystemKind.CRM, Bitrix24Config, build)

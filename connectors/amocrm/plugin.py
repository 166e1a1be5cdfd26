"""What the registry of connectors loads."""

from __future__ import annotations

from typing import Final

from connectors.amocrm.config import AmoConfig
from connectors.amocrm.connector import build
from connectors.shared.runtime import Plugin, SystemKind

PLUGIN: Final = Plugin("amocrm", SystemKind.CRM, AmoConfig, build)

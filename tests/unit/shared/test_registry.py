from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

import connectors
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Plugin, Runtime, SystemKind
from hub.ports.crm import CrmPort


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, connectors.GROUP)


def test_built_in_connector_is_found_by_name_and_built_from_plain_settings() -> None:
    plugin = connectors.plugin("bitrix24")
    clock = SystemClock()
    port: CrmPort = plugin.open(
        {"webhook_url": "https://portal.example/rest/1/abc/"}, Runtime("main", clock, MemoryQuota(clock))
    )
    port.close()
    assert (plugin.name, plugin.kind) == ("bitrix24", SystemKind.CRM)


def test_unknown_name_tells_the_known_ones() -> None:
    with pytest.raises(connectors.UnknownConnector, match="bitrix24"):
        connectors.plugin("nothing")


def test_installed_connector_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    points = (entry("acme", "connectors.bitrix24.plugin:PLUGIN"),)
    monkeypatch.setattr(connectors, "entry_points", lambda group: points if group == connectors.GROUP else ())
    assert connectors.names() == ("accounting_1c", "acme", "amocrm", "bitrix24")
    assert isinstance(connectors.plugin("acme"), Plugin)


def test_entry_point_that_is_no_plugin_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    points = (entry("broken", "connectors:GROUP"),)
    monkeypatch.setattr(connectors, "entry_points", lambda group: points)
    with pytest.raises(TypeError, match="broken"):
        connectors.plugin("broken")


def test_looking_at_the_names_imports_no_connector() -> None:
    import subprocess
    import sys

    code = "import connectors, sys; connectors.names(); sys.exit('connectors.bitrix24' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

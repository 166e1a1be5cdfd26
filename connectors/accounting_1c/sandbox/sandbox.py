"""Puts the base together: clock, log, faults, seed, application, and the line that announces it."""

from pathlib import Path

from connectors.accounting_1c.sandbox.app import SandboxApp
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.control import Control
from connectors.accounting_1c.sandbox.faults import Faults, FaultScript
from connectors.accounting_1c.sandbox.filling import fill_base
from connectors.accounting_1c.sandbox.log import OneCRecord
from connectors.accounting_1c.sandbox.requests import DOOR, publication
from connectors.accounting_1c.sandbox.seed import Seed
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import WriteLog


class Sandbox:
    """The base with everything around it. Start before serving, stop afterwards."""

    def __init__(self, seed: Seed, faults: FaultScript | None = None, write_log: Path | None = None) -> None:
        script = faults or FaultScript()
        clock = SandboxClock()
        clock.reset(seed.settings.started_at)
        log = WriteLog(clock, write_log, OneCRecord)
        self.base = Base(seed, clock, log, Faults(script.rules, script.seed))
        fill_base(self.base)
        self.control = Control(self.base)
        self.app = SandboxApp(self.base, self.control)

    def start(self) -> None:
        """Start the timers."""
        self.base.timers.start()

    def stop(self) -> None:
        """Stop them and close the write log."""
        self.base.timers.stop()
        self.base.write_log.close()

    def base_url(self, url: str) -> str:
        """The root of the interface under the address of the server."""
        return f"{url}{publication(self.base)}{DOOR}"

    def announcement(self, url: str) -> dict[str, Json]:
        """Addresses and credentials."""
        user = self.base.seed.users[0]
        plan = self.base.exchange.table
        return {
            "system": "1c",
            "config": self.base.configuration.name,
            "url": url,
            "base_url": self.base_url(url),
            "user": user.name,
            "password": user.password,
            "exchange_plan": plan.name if plan else None,
            "node": self.base.seed.node.key if plan else None,
            "control_url": f"{url}/__control__/",
        }

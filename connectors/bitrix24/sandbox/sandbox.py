"""Puts a portal together: clock, log, faults, seed, hooks, application, and the line that announces it."""

from pathlib import Path

from connectors.bitrix24.sandbox.app import SandboxApp
from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.defaults import default_seed
from connectors.bitrix24.sandbox.faults import Faults, FaultScript
from connectors.bitrix24.sandbox.formats import FORMATS, published_schema
from connectors.bitrix24.sandbox.hooks import HookSender
from connectors.bitrix24.sandbox.loading import load_seed
from connectors.bitrix24.sandbox.portal import Portal
from connectors.bitrix24.sandbox.seed import DEFAULT_TOKEN, Seed
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.documents import DocumentError
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.standin import StandIn
from connectors.sandbox_kit.write_log import WriteLog


class Sandbox:
    """One portal with everything around it. Start before serving, stop afterwards."""

    def __init__(self, seed: Seed, faults: FaultScript | None = None, write_log: Path | None = None) -> None:
        script = faults or FaultScript()
        clock = SandboxClock()
        clock.reset(seed.settings.started_at)
        log = WriteLog(clock, write_log)
        self.portal = Portal(seed, clock, log, Faults(script.rules, script.seed))
        try:
            load_seed(self.portal)
        except DocumentError:
            log.close()
            raise
        self._hooks = HookSender(self.portal)
        self.control = Control(self.portal, self._hooks)
        self.app = SandboxApp(self.portal, self.control)

    @property
    def host_names(self) -> tuple[str, ...]:
        """None besides the address of the machine."""
        return ()

    def start(self) -> None:
        """Start the timers and the hook sender."""
        self.portal.timers.start()
        self._hooks.start()

    def stop(self) -> None:
        """Stop them and close the write log."""
        self.portal.timers.stop()
        self._hooks.stop()
        self.portal.write_log.close()

    def announcement(self, url: str) -> dict[str, Json]:
        """Addresses and credentials: the first webhook of the seed and the first outgoing one's token."""
        hook = self.portal.seed.webhooks[0]
        outgoing = self.portal.seed.outgoing_webhooks
        return {
            "system": "bitrix24",
            "url": url,
            "webhook_url": f"{url}/rest/{hook.user_id}/{hook.code}/",
            "application_token": outgoing[0].application_token if outgoing else DEFAULT_TOKEN,
            "member_id": self.portal.settings.member_id,
            "control_url": f"{url}/__control__/",
        }


STAND_IN = StandIn("bitrix24", Seed, default_seed, FaultScript, tuple(FORMATS), published_schema, Sandbox)

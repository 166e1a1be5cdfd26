"""Puts an account together: clock, log, faults, seed, tokens, hooks, application, and the line that announces it."""

from pathlib import Path

from connectors.amocrm.sandbox.account import Account
from connectors.amocrm.sandbox.app import SandboxApp
from connectors.amocrm.sandbox.control import Control
from connectors.amocrm.sandbox.defaults import default_seed
from connectors.amocrm.sandbox.faults import Faults, FaultScript
from connectors.amocrm.sandbox.formats import FORMATS, published_schema
from connectors.amocrm.sandbox.hooks import HookSender
from connectors.amocrm.sandbox.loading import load_seed
from connectors.amocrm.sandbox.seed import Seed
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.documents import DocumentError
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.standin import StandIn
from connectors.sandbox_kit.write_log import WriteLog


class Sandbox:
    """One account with everything around it. Start before serving, stop afterwards."""

    def __init__(self, seed: Seed, faults: FaultScript | None = None, write_log: Path | None = None) -> None:
        script = faults or FaultScript()
        clock = SandboxClock()
        clock.reset(seed.settings.started_at)
        log = WriteLog(clock, write_log)
        self.account = Account(seed, clock, log, Faults(script.rules, script.seed))
        try:
            load_seed(self.account)
        except DocumentError:
            log.close()
            raise
        self._hooks = HookSender(self.account)
        self._tokens: list[str] = []
        self.control = Control(self.account, self._hooks)
        self.app = SandboxApp(self.account, self.control)

    @property
    def host_names(self) -> tuple[str, ...]:
        """The account's own name, and the one that leads to this machine."""
        return self.account.host, f"{self.account.subdomain}.localhost"

    def start(self) -> None:
        """Start the timers and the hook sender."""
        self.account.timers.start()
        self._hooks.start()

    def stop(self) -> None:
        """Stop them and close the write log."""
        self.account.timers.stop()
        self._hooks.stop()
        self.account.write_log.close()

    def announcement(self, url: str) -> dict[str, Json]:
        """Addresses and credentials: a long-lived token and what the OAuth flow needs.

        Tokens are minted at the first call, since they carry the address in a claim.
        """
        seed = self.account.seed
        if not self._tokens:
            self.account.tokens.api_domain = url.partition("://")[2]
            self.account.tokens.reset()
            self._tokens = [self.account.tokens.mint_long_lived(token) for token in seed.long_lived_tokens]
        codes = seed.integration.codes
        return {
            "system": "amocrm",
            "url": url,
            "account_id": self.account.account_id,
            "subdomain": self.account.subdomain,
            "access_token": self._tokens[0],
            "client_id": seed.integration.client_id,
            "client_secret": seed.integration.client_secret,
            "redirect_uri": seed.integration.redirect_uri,
            "code": codes[0].code if codes else "",
            "control_url": f"{url}/__control__/",
        }

    @property
    def tokens(self) -> list[str]:
        """The long-lived tokens in the order of the seed, once announced."""
        return list(self._tokens)


STAND_IN = StandIn("amocrm", Seed, default_seed, FaultScript, tuple(FORMATS), published_schema, Sandbox)

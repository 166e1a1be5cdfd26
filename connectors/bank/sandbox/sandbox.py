"""Puts the two banks together: clock, log, faults, seed, hooks, application, and the line that announces them."""

from pathlib import Path

from connectors.bank.sandbox.app import SandboxApp
from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.calls import BankApi
from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.defaults import default_seed
from connectors.bank.sandbox.faults import Faults, FaultScript
from connectors.bank.sandbox.formats import FORMATS, published_schema
from connectors.bank.sandbox.hooks import HookSender
from connectors.bank.sandbox.loading import check_seed
from connectors.bank.sandbox.seed import Account, Bank, Seed
from connectors.bank.sandbox.tbank.api import tbank_api
from connectors.bank.sandbox.tbank.webhooks import TBankTeller
from connectors.bank.sandbox.tochka.access import account_id_of
from connectors.bank.sandbox.tochka.api import tochka_api
from connectors.bank.sandbox.tochka.telling import TochkaTeller
from connectors.bank.sandbox.tochka.webhooks import Webhooks
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.standin import StandIn
from connectors.sandbox_kit.write_log import WriteLog


class Sandbox:
    """Both banks with everything around them. Start before serving, stop afterwards."""

    def __init__(self, seed: Seed, faults: FaultScript | None = None, write_log: Path | None = None) -> None:
        check_seed(seed)
        script = faults or FaultScript()
        clock = SandboxClock()
        clock.reset(seed.settings.started_at)
        self.banks = Banks(seed, clock, WriteLog(clock, write_log), Faults(script.rules, script.seed))
        self._hooks = HookSender(self.banks)
        teller = TochkaTeller(self.banks, self._hooks)
        self.banks.listeners += [teller.on_change, TBankTeller(self.banks, self._hooks).on_change]
        self.control = Control(self.banks, self._hooks)
        apis: dict[Bank, BankApi] = {"tochka": tochka_api(Webhooks(teller)), "tbank": tbank_api()}
        self.app = SandboxApp(self.banks, apis, self.control)

    @property
    def host_names(self) -> tuple[str, ...]:
        """None besides the address of the machine."""
        return ()

    def start(self) -> None:
        """Start the timers and the hook sender."""
        self.banks.timers.start()
        self._hooks.start()

    def stop(self) -> None:
        """Stop them and close the write log."""
        self.banks.timers.stop()
        self._hooks.stop()
        self.banks.write_log.close()

    def announcement(self, url: str) -> dict[str, Json]:
        """Addresses, credentials and accounts of both banks."""
        return {
            "system": "bank",
            "url": url,
            "tochka": self._tochka(f"{url}/tochka"),
            "tbank": self._tbank(f"{url}/tbank"),
            "control_url": f"{url}/__control__/",
        }

    def _tochka(self, url: str) -> dict[str, Json]:
        access = self.banks.seed.tochka
        return {
            "base_url": f"{url}/uapi",
            "sandbox_url": f"{url}/sandbox/v2",
            "token_url": f"{url}/connect/token",
            "public_key_url": f"{url}/doc/openapi/static/keys/public",
            "token": access.token,
            "refresh_token": access.refresh_token,
            "client_id": access.client_id,
            "client_secret": access.client_secret,
            "accounts": [_account(a, account_id_of(a)) for a in self.banks.book.accounts("tochka")],
        }

    def _tbank(self, url: str) -> dict[str, Json]:
        return {
            "base_url": f"{url}/openapi",
            "token": self.banks.seed.tbank.token,
            "accounts": [_account(a, a.number) for a in self.banks.book.accounts("tbank")],
        }


def _account(listed: Account, name: str) -> dict[str, Json]:
    return {
        "id": name,
        "number": listed.number,
        "currency": listed.currency,
        "customer_code": listed.owner.customer_code,
    }


STAND_IN = StandIn("bank", Seed, default_seed, FaultScript, tuple(FORMATS), published_schema, Sandbox)

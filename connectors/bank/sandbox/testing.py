"""Running banks for tests: `with running_sandbox() as sandbox: sandbox.tochka.base_url ...`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.faults import FaultRule, FaultScript
from connectors.bank.sandbox.sandbox import STAND_IN, Sandbox
from connectors.bank.sandbox.seed import Seed
from connectors.sandbox_kit.standin import serving

SeedSource = Seed | Mapping[str, object] | None
FaultSource = FaultScript | Sequence[FaultRule | Mapping[str, object]] | None


@dataclass(frozen=True, slots=True)
class RunningTochka:
    """Addresses and credentials of the local Tochka."""

    base_url: str
    sandbox_url: str
    token_url: str
    public_key_url: str
    token: str
    refresh_token: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class RunningTBank:
    """Address and credential of the local T-Bank."""

    base_url: str
    token: str


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """Both banks as they are served, and the hand on their state."""

    url: str
    tochka: RunningTochka
    tbank: RunningTBank
    control_url: str
    control: Control


@contextmanager
def running_sandbox(
    seed: SeedSource = None, faults: FaultSource = None, write_log: Path | None = None
) -> Iterator[RunningSandbox]:
    """Serve both banks on a free loopback port from a thread of this process.

    `seed` is a model or a mapping in the seed format (the small default one when omitted); `faults` is a
    script or a list of rules; `write_log` is a file to append to.
    """
    with serving(STAND_IN, seed, faults, write_log) as served:
        yield _running(served.url, served.sandbox)


def _running(url: str, sandbox: Sandbox) -> RunningSandbox:
    access = sandbox.banks.seed.tochka
    tochka = RunningTochka(
        base_url=f"{url}/tochka/uapi",
        sandbox_url=f"{url}/tochka/sandbox/v2",
        token_url=f"{url}/tochka/connect/token",
        public_key_url=f"{url}/tochka/doc/openapi/static/keys/public",
        token=access.token,
        refresh_token=access.refresh_token,
        client_id=access.client_id,
        client_secret=access.client_secret,
    )
    tbank = RunningTBank(f"{url}/tbank/openapi", sandbox.banks.seed.tbank.token)
    return RunningSandbox(url, tochka, tbank, f"{url}/__control__/", sandbox.control)

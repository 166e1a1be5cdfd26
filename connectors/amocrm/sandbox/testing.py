"""A running stand-in for tests: `with running_sandbox() as sandbox: sandbox.url, sandbox.access_token ...`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.amocrm.sandbox.control import Control
from connectors.amocrm.sandbox.faults import FaultRule, FaultScript
from connectors.amocrm.sandbox.sandbox import STAND_IN, Sandbox
from connectors.amocrm.sandbox.seed import Seed
from connectors.sandbox_kit.standin import serving

SeedSource = Seed | Mapping[str, object] | None
FaultSource = FaultScript | Sequence[FaultRule | Mapping[str, object]] | None


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """Addresses and credentials of a served account and the hand on its state."""

    url: str
    account_id: int
    access_token: str
    tokens: tuple[str, ...]
    client_id: str
    client_secret: str
    redirect_uri: str
    code: str
    control_url: str
    control: Control
    certificate: Path | None = None


@contextmanager
def running_sandbox(
    seed: SeedSource = None, faults: FaultSource = None, write_log: Path | None = None, *, tls: bool = False
) -> Iterator[RunningSandbox]:
    """Serve an account on a free loopback port from a thread of this process.

    `seed` is a model or a mapping in the seed format (the small default one when omitted); `faults` is a
    script or a list of rules; `write_log` is a file to append to; `tls` serves https with a fresh certificate.
    """
    with serving(STAND_IN, seed, faults, write_log, tls=tls) as served:
        yield _running(served.sandbox, served.url, served.certificate)


def _running(sandbox: Sandbox, url: str, certificate: Path | None) -> RunningSandbox:
    lines = {key: str(value) for key, value in sandbox.announcement(url).items()}
    return RunningSandbox(
        url=url,
        account_id=sandbox.account.account_id,
        access_token=lines["access_token"],
        tokens=tuple(sandbox.tokens),
        client_id=lines["client_id"],
        client_secret=lines["client_secret"],
        redirect_uri=lines["redirect_uri"],
        code=lines["code"],
        control_url=lines["control_url"],
        control=sandbox.control,
        certificate=certificate,
    )

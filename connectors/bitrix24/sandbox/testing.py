"""A running stand-in for tests: `with running_sandbox() as sandbox: sandbox.webhook_url ...`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.faults import FaultRule, FaultScript
from connectors.bitrix24.sandbox.sandbox import STAND_IN
from connectors.bitrix24.sandbox.seed import Seed
from connectors.sandbox_kit.standin import serving

SeedSource = Seed | Mapping[str, object] | None
FaultSource = FaultScript | Sequence[FaultRule | Mapping[str, object]] | None


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """Addresses of a served portal and the hand on its state."""

    url: str
    webhook_url: str
    application_token: str
    control_url: str
    control: Control
    certificate: Path | None = None


@contextmanager
def running_sandbox(
    seed: SeedSource = None, faults: FaultSource = None, write_log: Path | None = None, *, tls: bool = False
) -> Iterator[RunningSandbox]:
    """Serve a portal on a free loopback port from a thread of this process.

    `seed` is a model or a mapping in the seed format (the small default one when omitted); `faults` is a
    script or a list of rules; `write_log` is a file to append to; `tls` serves https with a fresh certificate.
    """
    with serving(STAND_IN, seed, faults, write_log, tls=tls) as served:
        lines = {key: str(value) for key, value in served.sandbox.announcement(served.url).items()}
        yield RunningSandbox(
            lines["url"],
            lines["webhook_url"],
            lines["application_token"],
            lines["control_url"],
            served.sandbox.control,
            served.certificate,
        )

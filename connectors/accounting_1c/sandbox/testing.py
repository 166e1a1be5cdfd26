"""A running base for tests: `with running_sandbox() as sandbox: sandbox.base_url ...`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.accounting_1c.sandbox.control import Control
from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.faults import FaultRule, FaultScript
from connectors.accounting_1c.sandbox.sandbox import STAND_IN
from connectors.accounting_1c.sandbox.seed import ConfigName, Seed
from connectors.sandbox_kit.standin import serving

SeedSource = Seed | Mapping[str, object] | None
FaultSource = FaultScript | Sequence[FaultRule | Mapping[str, object]] | None


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """The base as it is served, and the hand on its state."""

    url: str
    base_url: str
    user: str
    password: str
    node: str
    control_url: str
    control: Control
    certificate: Path | None


@contextmanager
def running_sandbox(
    seed: SeedSource = None,
    faults: FaultSource = None,
    write_log: Path | None = None,
    *,
    config: ConfigName = "bp30",
    tls: bool = False,
) -> Iterator[RunningSandbox]:
    """Serve a base on a free loopback port from a thread of this process.

    `seed` is a model or a mapping in the seed format (the small default one of `config` when omitted); `faults`
    is a script or a list of rules; `write_log` is a file to append to; `tls` serves it over https.
    """
    with serving(STAND_IN, default_seed(config) if seed is None else seed, faults, write_log, tls=tls) as served:
        base = served.sandbox.base
        user = base.seed.users[0]
        yield RunningSandbox(
            served.url,
            served.sandbox.base_url(served.url),
            user.name,
            user.password,
            base.seed.node.key,
            f"{served.url}/__control__/",
            served.sandbox.control,
            served.certificate,
        )

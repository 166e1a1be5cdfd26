"""A running base for tests: `with running_sandbox() as sandbox: sandbox.base_url ...`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.accounting_1c.sandbox.control import Control
from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.faults import FaultRule, FaultScript
from connectors.accounting_1c.sandbox.sandbox import Sandbox
from connectors.accounting_1c.sandbox.seed import ConfigName, Seed
from connectors.sandbox_kit.server import ThreadServer, listen

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


@contextmanager
def running_sandbox(
    seed: SeedSource = None,
    faults: FaultSource = None,
    write_log: Path | None = None,
    *,
    config: ConfigName = "bp30",
) -> Iterator[RunningSandbox]:
    """Serve a base on a free loopback port from a thread of this process.

    `seed` is a model or a mapping in the seed format (the small default one of `config` when omitted); `faults`
    is a script or a list of rules; `write_log` is a file to append to.
    """
    sandbox = Sandbox(_seed(seed, config), _script(faults), write_log)
    sandbox.start()
    user = sandbox.base.seed.users[0]
    try:
        with ThreadServer(sandbox.app, listen(0)) as server:
            yield RunningSandbox(
                server.url,
                sandbox.base_url(server.url),
                user.name,
                user.password,
                sandbox.base.seed.node.key,
                f"{server.url}/__control__/",
                sandbox.control,
            )
    finally:
        sandbox.stop()


def _seed(source: SeedSource, config: ConfigName) -> Seed:
    if source is None:
        return default_seed(config)
    return source if isinstance(source, Seed) else Seed.model_validate(source)


def _script(source: FaultSource) -> FaultScript:
    if source is None or isinstance(source, FaultScript):
        return source or FaultScript()
    return FaultScript(
        rules=[rule if isinstance(rule, FaultRule) else FaultRule.model_validate(rule) for rule in source]
    )

"""A running stand-in for tests: `with running_sandbox() as sandbox: sandbox.webhook_url ...`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.defaults import default_seed
from connectors.bitrix24.sandbox.faults import FaultRule, FaultScript
from connectors.bitrix24.sandbox.sandbox import Sandbox
from connectors.bitrix24.sandbox.seed import Seed
from connectors.sandbox_kit.server import ThreadServer, listen

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


@contextmanager
def running_sandbox(
    seed: SeedSource = None, faults: FaultSource = None, write_log: Path | None = None
) -> Iterator[RunningSandbox]:
    """Serve a portal on a free loopback port from a thread of this process.

    `seed` is a model or a mapping in the seed format (the small default one when omitted); `faults` is a
    script or a list of rules; `write_log` is a file to append to.
    """
    sandbox = Sandbox(_seed(seed), _script(faults), write_log)
    sandbox.start()
    try:
        with ThreadServer(sandbox.app, listen(0)) as server:
            lines = {key: str(value) for key, value in sandbox.announcement(server.url).items()}
            yield RunningSandbox(
                lines["url"],
                lines["webhook_url"],
                lines["application_token"],
                lines["control_url"],
                sandbox.control,
            )
    finally:
        sandbox.stop()


def _seed(source: SeedSource) -> Seed:
    if source is None:
        return default_seed()
    return source if isinstance(source, Seed) else Seed.model_validate(source)


def _script(source: FaultSource) -> FaultScript:
    if source is None or isinstance(source, FaultScript):
        return source or FaultScript()
    return FaultScript(
        rules=[rule if isinstance(rule, FaultRule) else FaultRule.model_validate(rule) for rule in source]
    )

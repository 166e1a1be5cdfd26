"""A stand-in as a whole: made from a seed and a fault script, served from a thread of this process for tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel
from starlette.types import ASGIApp

from connectors.sandbox_kit.control import Controlled
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.server import ThreadServer, TlsFiles, listen
from connectors.sandbox_kit.tls import self_signed

SeedT = TypeVar("SeedT", bound=BaseModel)
ScriptT = TypeVar("ScriptT", bound=BaseModel)


class Sandbox(Protocol):
    """One vendor with everything around it. Started before it is served, stopped afterwards."""

    @property
    def app(self) -> ASGIApp:
        """Answers requests."""

    @property
    def control(self) -> Controlled:
        """The hand on its state."""

    @property
    def host_names(self) -> Sequence[str]:
        """Names that it answers under besides the address of the machine."""

    def start(self) -> None:
        """Start what works by itself."""

    def stop(self) -> None:
        """Stop that and close the write log."""

    def announcement(self, url: str) -> dict[str, Json]:
        """Addresses and credentials, once it is known where it is served."""


SandboxT = TypeVar("SandboxT", bound=Sandbox)
#: A seed as a model, or as its file has it; None for the small default one.
SeedSource = BaseModel | Mapping[str, object] | None
#: A fault script, or a list of its rules.
FaultSource = BaseModel | Sequence[BaseModel | Mapping[str, object]] | None


@dataclass(frozen=True, slots=True)
class StandIn(Generic[SeedT, ScriptT, SandboxT]):
    """How a stand-in of one system is made.

    Attributes:
        system: as the command line calls it.
        schema: the published schema of one of its `formats`.
        sandbox: makes it; raises DocumentError for a seed that contradicts itself, OSError for a write log that cannot
            be opened.
    """

    system: str
    seed: type[SeedT]
    default_seed: Callable[[], SeedT]
    script: type[ScriptT]
    formats: Sequence[str]
    schema: Callable[[str], str]
    sandbox: Callable[[SeedT, ScriptT | None, Path | None], SandboxT]


@dataclass(frozen=True, slots=True)
class Served(Generic[SandboxT]):
    """A stand-in that answers: its address, and its certificate where it is served over https."""

    sandbox: SandboxT
    url: str
    certificate: Path | None


@contextmanager
def serving(
    kind: StandIn[SeedT, ScriptT, SandboxT],
    seed: SeedSource = None,
    faults: FaultSource = None,
    write_log: Path | None = None,
    *,
    tls: bool = False,
) -> Iterator[Served[SandboxT]]:
    """Serve a stand-in on a free loopback port from a thread of this process.

    Args:
        write_log: a file to append to.
        tls: over https, with a fresh certificate.
    """
    model = kind.default_seed() if seed is None else kind.seed.model_validate(seed)
    rules = faults if isinstance(faults, BaseModel) else {"rules": list(faults or ())}
    sandbox = kind.sandbox(model, kind.script.model_validate(rules), write_log)
    with certificate_of(sandbox, tls=tls) as files:
        sandbox.start()
        try:
            with ThreadServer(sandbox.app, listen(0), files) as server:
                yield Served(sandbox, server.url, files.certificate if files else None)
        finally:
            sandbox.stop()


def certificate_of(sandbox: Sandbox, *, tls: bool) -> AbstractContextManager[TlsFiles | None]:
    """A certificate for its names, as long as the context lasts; None where it is not wanted."""
    return self_signed(sandbox.host_names) if tls else nullcontext()

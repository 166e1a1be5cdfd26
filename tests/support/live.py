"""A sandbox and a hub as real processes, for tests that kill them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from hub.config import create_key_file
from hub.store.engine import Database, open_database
from tests.support.portal import RULES
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID
from tests.support.zygote import Spawned, zygote

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


def fetch(port: int, path: str, timeout_s: float = 5) -> tuple[int, bytes]:
    """Status and body of one GET on this machine; raises OSError or HTTPException when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _start(
    arguments: list[str], settings: Mapping[str, str], output: Path, *, warm: bool
) -> subprocess.Popen[bytes] | Spawned:
    """`python -m hub …` as a process of its own, cold or (`warm`) with the modules in memory already."""
    if warm:
        return zygote().spawn(arguments, settings, output)
    with output.open("ab") as log:
        command = [sys.executable, "-m", "hub", *arguments]
        return subprocess.Popen(command, stdout=log, stderr=log, env=dict(settings), cwd=ROOT)


@dataclass
class Portal:
    """A sandbox process with its write log; `faults` is a fault script's rules, `fault_seed` its random draws."""

    folder: Path
    seed: Mapping[str, object]
    faults: Sequence[Mapping[str, object]] = ()
    fault_seed: int = 0
    warm: bool = False

    def __enter__(self) -> Portal:
        path = self.folder / "seed.json"
        path.write_text(json.dumps(self.seed))
        self.log = self.folder / "writes.jsonl"
        script = self.folder / "faults.json"
        script.write_text(json.dumps({"version": 1, "seed": self.fault_seed, "rules": list(self.faults)}))
        arguments = ["--port", "0", "--seed", str(path), "--faults", str(script), "--write-log", str(self.log)]
        output = self.folder / "portal.log"
        output.unlink(missing_ok=True)
        self.process = _start(["sandbox", "bitrix24", *arguments], environment(), output, warm=self.warm)
        wait_for(lambda: output.exists() and "\n" in output.read_text(), 30, "the sandbox tells its address")
        self.address: dict[str, Any] = json.loads(output.read_text().splitlines()[0])
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.process.wait(10)

    def write_log(self) -> list[dict[str, Any]]:
        """Every line: write calls received and effects that took place."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def writes(self) -> list[dict[str, Any]]:
        """Effects in the order they took place."""
        return [row for row in self.write_log() if row["kind"] == "effect"]

    def received(self) -> int:
        """How many write calls the portal got at all."""
        return sum(row["kind"] == "call" for row in self.write_log())

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may stand in no log: the code of the webhook and the token of hooks."""
        return self.address["webhook_url"].rstrip("/").rsplit("/", 1)[1], self.address["application_token"]

    def control(self, path: str, order: Mapping[str, object] | None = None, method: str = "") -> Any:
        """Ask or move the portal beside its limits (`state`, `faults`, `clock`, `human`, `hooks`, `reset`)."""
        method = method or ("GET" if order is None else "POST")
        url = f"{self.address['control_url']}{path}"
        answer = httpx.request(method, url, json=order, timeout=30, trust_env=False)
        answer.raise_for_status()
        return answer.json()


@dataclass
class LiveHub:
    """`sverka up` as a process; `start` may arm a fail point."""

    folder: Path
    webhook_url: str
    database: str = "sqlite:///data/hub.sqlite3"
    mode: str = "act"
    scale: float = 0.05
    port: int = field(default_factory=free_port)
    connection: Mapping[str, object] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)
    rules: str = RULES
    warm: bool = False
    process: subprocess.Popen[bytes] | Spawned | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        create_key_file(self.folder / "data" / "secret.key")
        (self.folder / "rules.yaml").write_text(self.rules)
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
                    **self.connection,
                }
            },
            **self.more,
        }
        self.config = self.folder / "sverka.yaml"
        self.config.write_text(yaml.safe_dump(settings, allow_unicode=True))

    @property
    def address(self) -> str:
        """The desk."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, failpoints: str = "", *, wait: bool = True) -> None:
        """Start the process; with `wait` until it answers."""
        settings = environment(SVERKA_FAILPOINTS=failpoints)
        self.process = _start(["up", "--config", str(self.config)], settings, self.folder / "up.log", warm=self.warm)
        if wait:
            wait_for(lambda: self.ended or self.answers(), 30, "hub answers")
            assert not self.ended, f"the hub ended at its start:\n{self.output()}"

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process is not None and self.process.poll() is not None

    @property
    def pid(self) -> int:
        """Number of the live process."""
        assert self.process is not None
        return self.process.pid

    def output(self) -> str:
        """The last of what it printed and logged."""
        logs = (self.folder / "up.log", self.folder / "data" / "sverka.log")
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in logs if path.exists())

    def answers(self) -> bool:
        """Whether `/health` says 200."""
        try:
            return fetch(self.port, "/health", 2)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def health(self) -> dict[str, Any]:
        """What `/health` says."""
        answer: dict[str, Any] = httpx.get(f"{self.address}/health", timeout=5, trust_env=False).json()
        return answer

    def kill(self) -> None:
        """SIGKILL, wherever it is just now."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def wait_until_killed(self, timeout_s: float = 60) -> None:
        """The armed point was reached: the process is gone by SIGKILL."""
        assert self.process is not None
        assert self.process.wait(timeout_s) == -signal.SIGKILL, self.output()

    def stop(self) -> None:
        """SIGTERM, and a clean end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """Its database, looked at from outside."""
        file = self.folder / self.database.removeprefix("sqlite:///")
        database = open_database(f"sqlite:///{file}" if self.database.startswith("sqlite") else self.database)
        try:
            yield database
        finally:
            database.close()

    def run(self, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """A command of the command line on this hub's settings, with these variables in its environment."""
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments, "--config", str(self.config)],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment(**variables),
            cwd=ROOT,
            timeout=120,
            check=False,
        )

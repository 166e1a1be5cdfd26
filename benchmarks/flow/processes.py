"""The portal and the hub of the benchmark as processes of their own."""

from __future__ import annotations

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from benchmarks.flow.world import OUR_ACCOUNT, OUR_TAX_ID
from hub.config import create_key_file

ROOT: Final = Path(__file__).resolve().parents[2]
CONNECTION: Final = "portal"
SYSTEM: Final = "bank"
HOOK_SECRET: Final = "benchhooksecret0123456789"
SIGNING_SECRET: Final = "whsec_" + base64.b64encode(bytes(range(32))).decode()
_RULES: Final = {
    "pipelines": {
        "0": {
            "deal_paid": {
                "stage": "EXECUTING",
                "comment": "Оплачено: {invoices}",
                "task": {"title": "Отгрузить: {invoices}", "due_days": 1},
            }
        }
    },
    "mark_invoices_paid": True,
}


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SVERKA_")}
    return kept | {"PYTHONPATH": str(ROOT)}


class Portal(AbstractContextManager["Portal"]):
    """The Bitrix24 sandbox with a seed."""

    def __init__(self, folder: Path, seed: dict[str, object]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "seed.json"
        path.write_text(json.dumps(seed, ensure_ascii=False))
        arguments = ["--port", "0", "--seed", str(path), "--write-log", str(folder / "writes.jsonl")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hub", "sandbox", "bitrix24", *arguments],
            stdout=subprocess.PIPE,
            env=_environment(),
            cwd=ROOT,
        )
        assert self._process.stdout is not None
        self.address: dict[str, Any] = json.loads(self._process.stdout.readline())

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def webhook_url(self) -> str:
        """The incoming webhook's address."""
        return str(self.address["webhook_url"])

    def requests(self) -> list[dict[str, Any]]:
        """Requests that the portal answered, with their statuses and times."""
        address = f"{self.address['control_url']}requests"
        answer: list[dict[str, Any]] = httpx.get(address, timeout=60, trust_env=False).json()
        return answer


class Hub(AbstractContextManager["Hub"]):
    """`sverka up` over settings of its own; `fill` may work on the store before `start`."""

    def __init__(self, folder: Path, webhook_url: str, plan: str) -> None:
        self.folder = folder
        self.settings = folder / "sverka.yaml"
        create_key_file(folder / "data" / "secret.key")
        (folder / "rules.yaml").write_text(yaml.safe_dump(_RULES, allow_unicode=True))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._webhook_url = webhook_url
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (folder / "up.log").open("ab")

    def write_settings(self, mode: str) -> None:
        """Settings in observe or in act mode."""
        acting = {"mode": mode} | ({"act_from": "2020-01-01"} if mode == "act" else {})
        connection = {
            "system": "bitrix24",
            "webhook_url": self._webhook_url,
            "rules": "rules.yaml",
            "plan": self._plan,
            "moves_per_hour": 100_000,
            **acting,
        }
        reports = {
            "hook_secret": HOOK_SECRET,
            "signing_secret": SIGNING_SECRET,
            "act": True,
            "account": OUR_ACCOUNT,
        }
        settings = {
            "company": {"name": "Наша фирма", "tax_ids": [OUR_TAX_ID], "accounts": [OUR_ACCOUNT]},
            "database": "sqlite:///data/hub.sqlite3",
            "desk": {"port": self.port},
            "log": {"level": "warning"},
            "connections": {CONNECTION: connection},
            "payment_reports": {SYSTEM: reports},
        }
        self.settings.write_text(yaml.safe_dump(settings, allow_unicode=True))

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hub", "up", "--config", str(self.settings)],
            stdout=self._log,
            stderr=self._log,
            env=_environment(),
            cwd=ROOT,
        )
        ends_at = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > ends_at or self._process.poll() is not None:
                raise RuntimeError(f"the hub does not answer, see {self.folder / 'up.log'}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_until_polled(self, timeout_s: float = 900) -> None:
        """Until every record of the portal was read."""
        ends_at = time.monotonic() + timeout_s
        while not self._polled():
            if time.monotonic() > ends_at:
                raise RuntimeError(f"the portal was not read within {timeout_s} s")
            time.sleep(0.5)

    def _polled(self) -> bool:
        query = "SELECT polled_at FROM connections WHERE id = ?"
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            row = connection.execute(query, (CONNECTION,)).fetchone()
        return row is not None and row[0] is not None

    @property
    def door(self) -> str:
        """Where reports go."""
        return f"http://127.0.0.1:{self.port}/hooks/{SYSTEM}/{HOOK_SECRET}"

    @property
    def database(self) -> Path:
        """The hub's file."""
        return self.folder / "data" / "hub.sqlite3"

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        assert self._process is not None
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def cpu_s(self) -> float:
        """Processor time spent so far."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        self._log.close()

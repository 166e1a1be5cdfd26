"""The demo's processes: started as a user would start them, and stopped whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

_STOP_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.1
_ASK_S: Final = 10.0
#: Loopback only: no proxy of the environment may stand in between.
_OPENER: Final = build_opener(ProxyHandler({}))


class DemoError(Exception):
    """The demo cannot go on; the text is Russian and says where to look."""


class Child:
    """One running process. Its messages go to a file; leaving the `with` block stops it."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path, *, announces: bool = False) -> None:
        self.name = name
        self._log = log
        self._errors = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if announces else self._errors,
            stderr=self._errors,
            env=child_environment(),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def announcement(self, timeout_s: float) -> Mapping[str, Any]:
        """The one JSON line that the process prints when it is ready."""
        lines: list[bytes] = []
        reader = threading.Thread(target=self._read_line, args=(lines,), daemon=True)
        reader.start()
        reader.join(timeout_s)
        try:
            found: dict[str, Any] = json.loads(lines[0])
        except (IndexError, ValueError):
            raise self.failed(f"не запустился за {timeout_s:.0f} с") from None
        return found

    def _read_line(self, lines: list[bytes]) -> None:
        if self._process.stdout is not None:
            lines.append(self._process.stdout.readline())

    def wait_until_answers(self, url: str, timeout_s: float) -> None:
        """Wait until an address answers 200; a process that ends before that is a failure."""
        ends_at = time.monotonic() + timeout_s
        while not answers(url):
            if self.ended_within(_LOOK_EVERY_S):
                raise self.failed(f"остановился сам с кодом {self._process.returncode}")
            if time.monotonic() > ends_at:
                raise self.failed(f"не отвечает на {url} за {timeout_s:.0f} с")

    def ended_within(self, seconds: float) -> bool:
        """Wait for the process's end, that long at most."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def failed(self, what: str) -> DemoError:
        """The failure with the last lines of the process's messages."""
        self._errors.flush()
        tail = self._log.read_text("utf-8", "replace").splitlines()[-5:]
        said = "\n  ".join(["", *tail]) if tail else ""
        return DemoError(f"{self.name} {what}.{said}")

    def stop(self) -> None:
        """Ask the process to end, then end it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            if not self.ended_within(_STOP_S):
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def call(arguments: Sequence[str], timeout_s: float, stdin: str = "", allowed: Sequence[int] = (0,)) -> str:
    """Run a command of the hub to its end; returns what it printed.

    Args:
        allowed: exit codes that are no failure.

    Raises:
        DemoError: it ended with a failure or not at all; the text holds what it said.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout_s,
            env=child_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DemoError(f"Команда {' '.join(arguments)} не закончилась за {timeout_s:.0f} с.") from None
    if done.returncode not in allowed:
        raise DemoError(f"Команда {' '.join(arguments)} ответила: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def answers(url: str) -> bool:
    """Whether an address answers 200 just now."""
    try:
        with _OPENER.open(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except (URLError, OSError):
        return False


def ask(url: str, order: Mapping[str, Any] | None = None) -> Any:
    """Ask the control interface of a stand-in, with an order where something is to be done there.

    Raises:
        DemoError: it did not answer, or refused.
    """
    body = None if order is None else json.dumps(order).encode()
    request = Request(url, body, {"content-type": "application/json"})  # noqa: S310 - our own loopback
    try:
        with _OPENER.open(request, timeout=_ASK_S) as reply:
            return json.load(reply)
    except (URLError, OSError, ValueError) as error:
        raise DemoError(f"{url} не ответил: {error}") from None


def child_environment() -> dict[str, str]:
    """The caller's environment without the hub's own settings, which would reach into the demo."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SVERKA_")}
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (root, kept.get("PYTHONPATH", "")) if part)
    return kept | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}

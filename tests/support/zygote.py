"""Starts hubs and sandboxes without paying for the imports each time: one process imports all, its forks run.

What runs is `python -m hub …` from its first line of work on; only the modules are in memory already. Tests that are
about a cold start use `subprocess`. As a programme (`python -m tests.support.zygote`) it takes orders, a JSON line
each, from standard input and tells of children that began and ended on standard output.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).resolve().parents[2]


class Spawned:
    """A child of the zygote; the part of `subprocess.Popen` that tests need."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = threading.Event()

    def settle(self, returncode: int) -> None:
        """The zygote saw it end."""
        self.returncode = returncode
        self._ended.set()

    def poll(self) -> int | None:
        """Its return code, negative for a signal; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises subprocess.TimeoutExpired."""
        if not self._ended.wait(timeout) or self.returncode is None:
            raise subprocess.TimeoutExpired(f"pid {self.pid}", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Zygote:
    """The test's side: one process for the whole session."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self._turn = threading.Lock()
        self._began = threading.Condition()
        self._born: list[Spawned] = []
        self._children: dict[int, Spawned] = {}
        threading.Thread(target=self._listen, name="zygote", daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            with self._began:
                if "returncode" in told:
                    self._children.pop(told["pid"]).settle(told["returncode"])
                else:
                    self._children[told["pid"]] = Spawned(told["pid"])
                    self._born.append(self._children[told["pid"]])
                    self._began.notify_all()

    def spawn(self, arguments: Sequence[str], environment: Mapping[str, str], output: Path) -> Spawned:
        """Run `python -m hub` with these arguments; what it prints is added to `output`."""
        order = {"arguments": list(arguments), "environment": dict(environment), "output": str(output)}
        assert self._process.stdin is not None
        with self._turn, self._began:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            assert self._began.wait_for(lambda: bool(self._born), 30), "the zygote does not answer"
            return self._born.pop()

    def close(self) -> None:
        """End it and whatever it still runs."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


_zygote: Zygote | None = None
_guard: Final = threading.Lock()


def zygote() -> Zygote:
    """The session's zygote, started at first need."""
    global _zygote
    with _guard:
        if _zygote is None:
            _zygote = Zygote()
            atexit.register(_zygote.close)
        return _zygote


class _Nursery:
    """The programme's side."""

    def __init__(self) -> None:
        self._woken, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        self._running: set[int] = set()

    def run(self) -> None:
        """Take orders until standard input ends; then end whatever still runs."""
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        orders = b""
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._woken.fileno() in ready:
                    self._woken.recv(4096)
                    self._reap()
                if 0 in ready:
                    chunk = os.read(0, 65536)
                    if not chunk:
                        break
                    *whole, orders = (orders + chunk).split(b"\n")
                    for order in whole:
                        self._fork(order)
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        for pid in list(self._running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._running.discard(pid)
                _tell({"pid": pid, "returncode": os.waitstatus_to_exitcode(status)})

    def _fork(self, order: bytes) -> None:
        pid = os.fork()
        if pid == 0:
            self._woken.close()
            self._wake.close()
            _live(json.loads(order))
        self._running.add(pid)
        _tell({"pid": pid})


def _live(order: Mapping[str, object]) -> NoReturn:
    """Be `python -m hub` in the forked child."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 70
    try:
        output = os.open(str(order["output"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        environment = order["environment"]
        arguments = order["arguments"]
        assert isinstance(environment, dict)
        assert isinstance(arguments, list)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["hub", *arguments]
        code = _main()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _main() -> int:
    from hub.__main__ import main

    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _tell(what: Mapping[str, int]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _import_all() -> None:
    """What `up` and `sandbox` import when they run."""
    import alembic.command
    import uvicorn.lifespan.on
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto

    import connectors.accounting_1c.connector
    import connectors.bitrix24.connector
    import connectors.bitrix24.sandbox.cli
    import hub.cli.up
    import hub.composition.serve
    import hub.web.app

    del alembic, uvicorn, connectors, hub


if __name__ == "__main__":
    _import_all()
    gc.freeze()
    _Nursery().run()

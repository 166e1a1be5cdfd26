"""Everything in one process: the desk and hooks, the worker threads and the sweeper."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import hmac
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog
import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from connectors.shared.runtime import installed_version
from hub import failpoints
from hub.composition.banks import bank_hook_answers, bank_hook_secrets
from hub.composition.connections import deal_address
from hub.composition.hub import Hub, open_hub
from hub.composition.reports import report_hook_secrets
from hub.config import Config, secret_keys
from hub.jobs.broker import Jobs
from hub.jobs.schedule import Sweeper
from hub.logs import set_up_logs
from hub.services.adopt_table import adopt_table
from hub.services.receive_event import hint_events
from hub.services.runtime import Work
from hub.store.intake_writer import GroupWriter
from hub.web.app import create_site
from hub.web.context import WebContext
from hub.web.intake.counters import UNKNOWN, IntakeCounters
from hub.web.security.wire import guarded

_log = structlog.get_logger(__name__)
_SWEEP_S = 1.0
_STOP_S = 10.0
#: Objects made and not freed before the youngest are searched; one request makes about thirty.
_GARBAGE_AFTER = 10_000
#: How long a working thread may keep the loop, which acknowledges hooks, from running; Python's own is five times that.
_SWITCH_S = 0.001


class PortTaken(ValueError):
    """The desk's address is in use; the message says what to change (Russian)."""


def serve(config: Config, ready: Callable[[str], None]) -> None:
    """Run until SIGTERM or Ctrl-C; `ready` gets the desk's address once it answers.

    Raises:
        PortTaken: another programme listens at the desk's address.
    """
    set_up_logs(config.log.level.value, config.log_file)
    failpoints.arm(os.environ.get("SVERKA_FAILPOINTS", ""))
    listener = _listen(config.desk.host, config.desk.port)
    with listener, _Engine(config) as engine:
        address = f"http://{_host(config.desk.host)}:{listener.getsockname()[1]}"
        settle_memory()
        sys.setswitchinterval(_SWITCH_S)
        _run_web(web_settings(engine.app, engine.protocol), listener, lambda: ready(config.desk.public_url or address))


class _Engine:
    """Hub, jobs and sweeper, started together and stopped in the opposite order."""

    def __init__(self, config: Config) -> None:
        self._jobs: Jobs | None = None
        self._opening = open_hub(config, wake=self._wake)
        self._hub: Hub | None = None
        self._sweeper: Sweeper | None = None
        self._writer: GroupWriter | None = None

    def __enter__(self) -> _Engine:
        hub = self._hub = self._opening.__enter__()
        adopt_table(hub.rt)
        self._sweeper = Sweeper(hub.rt, _SWEEP_S * hub.config.timing_scale)
        outside = [*hub.rt.connections, *hub.rt.bank_sources]
        self._jobs = Jobs(lambda: hub.rt, self._sweeper.hurry, outside, hub.rt.endpoints)
        counters = IntakeCounters()
        self.protocol = guarded(partial(counters.count, UNKNOWN))
        self._writer = GroupWriter(hub.database, partial(hint_events, hub.rt))
        self.app: ASGIApp = create_site(web_context(hub, counters), self._writer, counters)
        self._writer.start()
        self._jobs.start()
        self._sweeper.start()
        for name in outside:
            # A start is when a credential was just mended: nobody waits for the next turn of the schedule.
            self._jobs.wake(Work.POLL, name)
        return self

    def _wake(self, work: Work, key: str) -> None:
        if self._jobs is not None:
            self._jobs.wake(work, key)

    def __exit__(self, *error: object) -> None:
        if self._writer is not None:
            self._writer.stop(_STOP_S)
        if self._sweeper is not None:
            self._sweeper.stop(_STOP_S)
        if self._jobs is not None:
            self._jobs.stop(_STOP_S)
        self._opening.__exit__(None, None, None)


def web_context(hub: Hub, counters: IntakeCounters) -> WebContext:
    """What the desk works with; `counters` are those of the hooks' door."""
    config = hub.config
    public = config.desk.public_url or ""
    secrets = {
        name: item.hook_secret.get_secret_value() if item.hook_secret is not None else ""
        for name, item in config.connections.items()
    }
    return WebContext(
        rt=hub.rt,
        queries=hub.queries,
        users=hub.users,
        session_key=_session_key(config),
        hook_secrets=secrets | report_hook_secrets(config) | bank_hook_secrets(config),
        hook_answers=bank_hook_answers(config),
        deal_url=_deal_urls(hub),
        secure_cookies=public.startswith("https://"),
        title=config.company.name,
        version=installed_version(),
        language=config.language.value,
        upload_limit=config.limits.statement_mb << 20,
        zone=config.company.zone,
        metrics_token=_plain(config.metrics.token),
        api_token=_plain(config.api.token),
        calls=hub.calls.snapshot,
        hooks=counters.snapshot,
    )


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


def _session_key(config: Config) -> bytes:
    # Derived, so that one key file is all there is to keep and the two uses never share a key.
    key = secret_keys(config)[0].get_secret_value().encode()
    return hmac.new(key, b"desk sessions", hashlib.sha256).digest()


def _deal_urls(hub: Hub) -> Callable[[str, str], str | None]:
    starts = {name: deal_address(settings, name, hub.tokens) for name, settings in hub.config.connections.items()}

    def deal_url(connection: str, deal_id: str) -> str | None:
        start = starts.get(connection)
        return f"{start}{deal_id}/" if start else None

    return deal_url


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Адрес {host}:{port} занят или недоступен ({error.strerror}): поменяйте desk.port в sverka.yaml "
            "или остановите программу, которая его заняла."
        ) from error
    listener.listen(2048)
    return listener


class _Server(uvicorn.Server):
    """Stops on a signal and returns, so that jobs and database are closed too; uvicorn would raise the signal again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen to Ctrl-C and SIGTERM while serving."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def web_settings(app: ASGIApp, protocol: type[asyncio.Protocol]) -> uvicorn.Config:
    """How the site is served; `protocol` guards its connections (`hub.web.security.wire`)."""
    return uvicorn.Config(
        app,
        http=protocol,
        interface="asgi3",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(_STOP_S),
        timeout_keep_alive=15,
    )


def settle_memory() -> None:
    """What lives to the end is not searched for garbage again, and young objects are searched less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER, 20, 20)


def _run_web(settings: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
    server = _Server(settings)
    announcer = threading.Thread(target=_announce, args=(server, ready), name="announcer", daemon=True)
    announcer.start()
    with asyncio.Runner(loop_factory=settings.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))
    _log.info("hub.stopped")


def _announce(server: uvicorn.Server, ready: Callable[[], None]) -> None:
    pause = threading.Event()
    while not server.started:
        if server.should_exit:
            return
        pause.wait(0.02)
    ready()

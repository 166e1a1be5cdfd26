"""Hooks' doors for tests: what stores arrivals without a thread, and the real site on a socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

import uvicorn

from hub.composition.serve import web_settings
from hub.ports.hooks import Arrival, Told
from hub.ports.store import StoreUnavailable
from hub.services.receive_event import hint_events
from hub.services.runtime import Runtime
from hub.store.arrivals import shelf_of
from hub.store.engine import Database
from hub.store.intake_writer import GroupWriter
from hub.web.app import create_site
from hub.web.context import WebContext
from hub.web.intake.counters import UNKNOWN, IntakeCounters
from hub.web.intake.limits import IntakeLimits
from hub.web.security.wire import WireLimits, guarded


class InlineWriter:
    """`hub.ports.hooks.HookWriter` that stores in the caller's thread."""

    def __init__(self, database: Database, rt: Runtime) -> None:
        self._database = database
        self._rt = rt

    def put(self, arrivals: Sequence[Arrival], told: Told) -> None:
        try:
            with closing(shelf_of(self._database)) as shelf:
                fresh = shelf.add(arrivals)
        except StoreUnavailable:
            told([False] * len(arrivals))
            return
        told([True] * len(arrivals))
        hint_events(self._rt, fresh)


@contextmanager
def running_writer(database: Database, rt: Runtime) -> Iterator[GroupWriter]:
    """The real writer with its thread."""
    writer = GroupWriter(database, lambda fresh: hint_events(rt, fresh))
    writer.start()
    try:
        yield writer
    finally:
        writer.stop(10)


@dataclass(frozen=True, slots=True)
class Site:
    """The site on a socket.

    Attributes:
        counters: what its door and its guards answered.
    """

    port: int
    counters: IntakeCounters

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served_site(
    database: Database, context: WebContext, limits: IntakeLimits | None = None, wire: WireLimits | None = None
) -> Iterator[Site]:
    """The whole site as the hub serves it: guards, door, real writer, desk. In a thread of this process."""
    counters = IntakeCounters()
    protocol = guarded(partial(counters.count, UNKNOWN), wire)
    with (
        running_writer(database, context.rt) as writer,
        socket.create_server(("127.0.0.1", 0), backlog=512) as listener,
    ):
        server = uvicorn.Server(web_settings(create_site(context, writer, counters, limits), protocol))
        server.config.timeout_graceful_shutdown = 1
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="site")
        thread.start()
        try:
            yield Site(listener.getsockname()[1], counters)
        finally:
            server.should_exit = True
            thread.join(10)

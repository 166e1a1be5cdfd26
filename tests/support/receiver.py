"""Receivers of events for tests: one of a few lines for services, one over a real socket that checks signatures itself.

The signature is checked by the standard's own words (id.timestamp.body, HMAC-SHA256, base64), not by our code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hub.ports.events import EventAnswer, EventNotTaken

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


@dataclass(frozen=True)
class Sent:
    """A message as it was handed to the sender."""

    event_id: str
    at: datetime
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, read."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class FakeSender:
    """Implements `hub.ports.events.EventSender`: keeps what it got and answers as told, 200 when told nothing.

    Attributes:
        on_send: runs once, after the receiver has the next message and before its answer.
    """

    answers: deque[EventAnswer | Exception | int] = field(default_factory=deque)
    always: EventAnswer | Exception | int = 200
    sent: list[Sent] = field(default_factory=list)
    on_send: Callable[[], None] | None = None
    address: str = "https://receiver.example"

    def send(self, event_id: str, at: datetime, body: bytes) -> EventAnswer:
        self.sent.append(Sent(event_id, at, body))
        meanwhile, self.on_send = self.on_send, None
        if meanwhile is not None:
            meanwhile()
        answer = self.answers.popleft() if self.answers else self.always
        if isinstance(answer, Exception):
            raise answer
        return EventAnswer(answer) if isinstance(answer, int) else answer

    def close(self) -> None:
        pass

    @property
    def types(self) -> list[str]:
        """Types of the events in the order they came."""
        return [item.json["type"] for item in self.sent]


NO_ANSWER = EventNotTaken("Получатель не ответил за 15 с.")


@dataclass(frozen=True)
class Received:
    """A message whose signature held."""

    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        """What a receiver deduplicates by."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict[str, Any]:
        """The body, read."""
        found: dict[str, Any] = json.loads(self.body)
        return found


def signature(key: bytes, headers: dict[str, str], body: bytes) -> str:
    """What the standard asks a sender to write, made by hand."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass
class HttpReceiver:
    """A receiver at a real address; a message with a wrong signature is answered 401 and kept apart."""

    url: str = ""
    keys: tuple[bytes, ...] = (KEY,)
    statuses: deque[int] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    forged: list[Received] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)
    close: Callable[[], None] = lambda: None

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Judge one message; the status to answer."""
        message = Received(headers, body)
        given = headers.get("webhook-signature", "").split(" ")
        fits = any(signature(key, headers, body) in given for key in self.keys)
        status = self.statuses.popleft() if self.statuses else 204
        with self.came:
            (self.received if fits else self.forged).append(message)
            self.came.notify_all()
        return status if fits else 401

    def wait_for(self, count: int, timeout_s: float = 30) -> list[Received]:
        """The first messages, once there are so many."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.received) >= count, timeout_s), [
                item.json["type"] for item in self.received
            ]
            return list(self.received)


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    """Serve on a free loopback port."""
    receiver = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(receiver.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/events"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join(5)

    receiver.close = close
    try:
        yield receiver
    finally:
        close()

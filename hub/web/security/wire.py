"""Guards of the HTTP connection itself, in front of any page: head size, time, pace, framing, number of connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import ClassVar, Final

from hub.web.security.express import ExpressProtocol


@dataclass(frozen=True, slots=True)
class WireLimits:
    """Bounds of one process's connections. All of them are named in `docs/hooks.md`.

    Attributes:
        connections: open at once; one more is answered 503.
        head_bytes: of the request line and headers together.
        head_fields: how many headers.
        head_s: from the connection, or from the first byte of a further request, to the end of the headers.
        body_grace_s: a body may take so long whatever its pace,
        body_pace: and one second more for every so many bytes that came: a slow line passes, a stalled one does not.
        unread_s: how long a client may leave an answer unread.
        linger_s: how long the rest of a refused body is thrown away, so that the sender reads the answer.
        linger_bytes: how much of it.
        pipelined: requests that may wait behind the one in work.
        framing_bytes: chunk headers and trailers beyond eight times the body.
    """

    connections: int = 512
    head_bytes: int = 32 * 1024
    head_fields: int = 100
    head_s: float = 10.0
    body_grace_s: float = 20.0
    body_pace: int = 1024
    unread_s: float = 30.0
    linger_s: float = 2.0
    linger_bytes: int = 1024 * 1024
    pipelined: int = 16
    framing_bytes: int = 16 * 1024


class _Phase(Enum):
    """What is expected from the client."""

    HEAD = auto()
    BODY = auto()
    NOTHING = auto()


class _Broken(Exception):
    """Stops the parser; the status to answer is kept by the connection."""


_HEAD, _BODY, _NOTHING = _Phase
_FRAMING_SHARE: Final = 8
_TICK_S: Final = 1.0


class GuardedProtocol(ExpressProtocol):
    """uvicorn's connection with bounds. Refusals: 400 framing, 408 too slow, 431 head too large, 503 too many."""

    limits: ClassVar[WireLimits] = WireLimits()
    refused: ClassVar[Callable[[int], None]]

    _phase = _HEAD
    _watch: asyncio.TimerHandle | None = None
    _refusal = 400
    _head = 0
    _arriving = 0
    _received = 0
    _body = 0
    _since: float | None = None
    _looked = 0.0
    _stuck_s = 0.0
    _answered_at: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it when there are too many."""
        super().connection_made(transport)
        self._looked = self.loop.time()
        if len(self.connections) > self.limits.connections:
            self._refuse(503)
            return
        self._watch = self.loop.call_later(self._tick, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came and see whether it stays within bounds."""
        if self._phase is _NOTHING and self.took_again(data):
            return
        before = self._messages
        self._arriving = len(data)
        super().data_received(data)
        if self._phase is not _NOTHING:
            self._measure(len(data), fresh=before != self._messages)
        elif before == self._messages and (self.cycle is None or self.cycle.response_complete):
            # Bytes, but no request: line ends only. The next request is late from now on.
            self._phase, self._since, self._head = _HEAD, None, 0

    def _measure(self, size: int, *, fresh: bool) -> None:
        """Bound what is not whole yet; `fresh` when the message began in this very piece."""
        if self._phase is _HEAD:
            self._head += size
            if self._head > self.limits.head_bytes:
                self._refuse(431)
            return
        self._received += 0 if fresh else size
        if self._answered_at is not None and self._received > self.limits.linger_bytes:
            self.transport.close()
        elif self._received - self._body > self.limits.framing_bytes + _FRAMING_SHARE * self._body:
            self._refuse(400)

    # What the parser tells

    def on_message_begin(self) -> None:
        """A request starts."""
        super().on_message_begin()
        self._phase = _HEAD
        self._since = None
        self._head = self._received = self._body = 0
        self._answered_at = None

    def on_headers_complete(self) -> None:
        """The head is whole: measure it, then start the application."""
        limits = self.limits
        if len(self.headers) > limits.head_fields or len(self.pipeline) >= limits.pipelined:
            self._break(431)
        if self._head + self._arriving > limits.head_bytes:
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > limits.head_bytes:
                self._break(431)
        self._phase = _BODY
        super().on_headers_complete()
        # Trailers are told as headers: they must not join those that were already looked at.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._phase = _NOTHING
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written; what is left of the body is thrown away for a moment only."""
        # Not when the body belongs to the request behind the answered one.
        if self._phase is _BODY and self.cycle.response_complete:
            self._answered_at = self.loop.time()
            self._received = 0
        super().on_response_complete()

    def _break(self, status: int) -> None:
        self._refusal = status
        raise _Broken

    # Time

    @property
    def _tick(self) -> float:
        return min(_TICK_S, self.limits.head_s / 4)

    def _look(self) -> None:
        """Once a tick: is the client still within its time?"""
        now = self.loop.time()
        passed, self._looked = now - self._looked, now
        self._watch = self.loop.call_later(self._tick, self._look)
        if self._left_unread(passed):
            self.transport.abort()
        elif self.transport.is_closing():
            return
        elif self._since is None:
            # Counted from the first look: no clock is read for a request that is quick.
            self._since = now
        elif self._phase is _HEAD:
            if now - self._since > self.limits.head_s:
                self._give_up_head()
        elif self._phase is _BODY:
            self._look_at_body(now, now - self._since, passed)

    def _give_up_head(self) -> None:
        if self._head:
            self._refuse(408)
        else:
            # Browsers open connections ahead of need: not a word, or the next page would begin with it.
            self.transport.close()

    def _left_unread(self, passed: float) -> bool:
        stuck = self.flow.write_paused or self.transport.is_closing()
        self._stuck_s = self._stuck_s + passed if stuck else 0.0
        return self._stuck_s > self.limits.unread_s

    def _look_at_body(self, now: float, taken: float, passed: float) -> None:
        if self._answered_at is not None:
            if now - self._answered_at > self.limits.linger_s:
                self.transport.close()
        elif self.flow.read_paused:
            # We are the slow ones.
            self._since = now - taken + passed
        elif taken > self.limits.body_grace_s + self._body / self.limits.body_pace:
            self._refuse(408)

    # Refusing

    def send_400_response(self, msg: str) -> None:
        """The parser stopped: answer what the guard found, or 400 for what the parser itself did."""
        del msg
        self._refuse(self._refusal)

    def _refuse(self, status: int) -> None:
        """Say why, where the words would be taken for this request's answer, and hang up."""
        if self.transport.is_closing():
            return
        type(self).refused(status)
        if self._may_speak():
            self.transport.write(_answer(status))
        self.transport.close()

    def _may_speak(self) -> bool:
        """Not while an earlier request waits for its answer, nor in the middle of one."""
        if self.cycle is None or self.cycle.response_complete:
            return True
        return self._phase is _BODY and not self.cycle.response_started and not self.pipeline


def _answer(status: int) -> bytes:
    body = f"{status}\n"
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(body)}",
        "connection: close",
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        lines.append("retry-after: 5")
    return "\r\n".join([*lines, "", body]).encode()


def guarded(refused: Callable[[int], None], limits: WireLimits | None = None) -> type[asyncio.Protocol]:
    """The protocol class for uvicorn's `http=`, with these bounds; `refused` gets the status of every refusal."""
    fields = {"limits": limits or WireLimits(), "refused": staticmethod(refused)}
    return type("BoundProtocol", (GuardedProtocol,), fields)

"""The short way of a whole request: no task and no application, the answer comes by a call."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

Field = tuple[bytes, bytes]
#: Addresses that mean the same before and after they are parsed: no query, no escapes.
_PLAIN: Final = re.compile(rb"/[\w./~-]*")
#: Headers that make a request anything but a length and so many bytes.
_UNUSUAL: Final = frozenset({"transfer-encoding", "content-encoding", "expect", "upgrade"})
_LENGTH: Final = "content-length"
_HEAD_END: Final = b"\r\n\r\n"


class Reply(NamedTuple):
    """An answer; `headers` besides those that every answer has."""

    status: int
    headers: Sequence[Field] = ()
    body: bytes = b""


#: Takes a body and answers it once, now or later, in the event loop; False: nothing was done, it has to go through the
#: application.
Taker = Callable[[bytes, Callable[[Reply], None]], bool]


class Shortcut(Protocol):
    """A part of the site that answers whole requests by a call."""

    @property
    def prefix(self) -> bytes:
        """How its addresses begin."""

    def enter(self, path: str, headers: Mapping[str, str]) -> Taker | None:
        """What takes the bodies of POSTs with this head; None: they have to go through the application."""


@runtime_checkable
class ShortcutSite(Protocol):
    """An application that has a shortcut."""

    @property
    def shortcut(self) -> Shortcut:
        """What takes its whole requests."""


class _Known(NamedTuple):
    """A head as it came, the length of its whole request in bytes, and what took that."""

    head: bytes
    size: int
    taker: Taker


class ExpressProtocol(HttpToolsProtocol):
    """uvicorn's connection that asks the site's shortcut first, for plain requests that came whole in one piece.

    Plain: POST of HTTP/1.1 with a length, kept alive, nothing before it in work. Any other, and any that the shortcut
    does not take, goes to the application as if it was never asked.
    """

    _messages = 0
    _held: Mapping[str, str] | None = None
    _whole = b""
    _took: Taker | None = None
    _length = 0
    _known: _Known | None = None

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # These three are the work of uvicorn's own way.
        by_itself = config.access_log or self.root_path or self.limit_concurrency is not None
        site: object = config.app
        self._shortcut = site.shortcut if isinstance(site, ShortcutSite) and not by_itself else None

    def data_received(self, data: bytes) -> None:
        """Parse what came; a request that it only began goes the long way."""
        before = self._messages
        super().data_received(data)
        took, self._took = self._took, None
        if self._held is not None:
            self._go_the_long_way()
        elif took is not None and self._messages == before + 1:
            self._remember(data, took)

    def took_again(self, data: bytes) -> bool:
        """Take a request whose head is, byte for byte, that of one before; only while none is half parsed.

        Returns:
            False: it has to be parsed.
        """
        known = self._known
        if known is None or len(data) != known.size or not data.startswith(known.head) or not self._is_free():
            return False
        self._unset_keepalive_if_required()
        return self._was_taken(known.taker, data[len(known.head) :])

    def _remember(self, data: bytes, took: Taker) -> None:
        """One request was taken out of this piece: where it is the whole piece, its head is what its length leaves."""
        end = data.find(_HEAD_END) + len(_HEAD_END)
        self._known = _Known(data[:end], len(data), took) if end + self._length == len(data) else None

    # What the parser tells

    def on_message_begin(self) -> None:
        """A request starts."""
        self._messages += 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the application, unless the request may be taken whole."""
        self._held = self._plain_headers()
        if self._held is None:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._whole += body

    def on_message_complete(self) -> None:
        """The request is whole: the shortcut takes it or the application does."""
        held, shortcut = self._held, self._shortcut
        if held is not None and shortcut is not None:
            taker = shortcut.enter(self.url.decode("ascii"), held)
            if taker is not None and self._was_taken(taker, self._whole):
                self._took, self._length = taker, len(self._whole)
                self._held, self._whole = None, b""
                return
            self._go_the_long_way()
        super().on_message_complete()

    def _was_taken(self, taker: Taker, body: bytes) -> bool:
        cycle = self.cycle = _Express(self)
        if taker(body, cycle.answer):
            return True
        cycle.response_complete = True
        return False

    def _go_the_long_way(self) -> None:
        body, self._held, self._whole = self._whole, None, b""
        super().on_headers_complete()
        if body:
            super().on_body(body)

    def _is_free(self) -> bool:
        """Whether a request that comes now may be answered before all others, and its answer will be read."""
        in_work = self.cycle is not None and not self.cycle.response_complete
        return not (in_work or self.flow.write_paused or self.transport.is_closing())

    def _plain_headers(self) -> Mapping[str, str] | None:
        parser, url = self.parser, self.url
        if self._shortcut is None or not url.startswith(self._shortcut.prefix) or _PLAIN.fullmatch(url) is None:
            return None
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1":
            return None
        if not parser.should_keep_alive() or parser.should_upgrade() or not self._is_free():
            return None
        headers = headers_by_name(self.headers)
        return headers if _LENGTH in headers and _UNUSUAL.isdisjoint(headers) else None


class _Express(RequestResponseCycle):
    """A request on the short way as its connection sees it: in work until it is answered."""

    message_event = asyncio.Event()  # set by the connection, awaited by nobody
    disconnected = False
    keep_alive = True
    response_started = False
    response_complete = False

    def __init__(self, connection: ExpressProtocol) -> None:
        self._connection = connection

    def answer(self, reply: Reply) -> None:
        """Write the answer, unless the client is gone."""
        self.response_complete = True
        connection = self._connection
        transport = connection.transport
        if self.disconnected or transport.is_closing():
            return
        transport.write(_rendered(reply, connection.server_state.default_headers, keep_alive=self.keep_alive))
        if not self.keep_alive:
            transport.close()
        connection.on_response_complete()


def headers_by_name(fields: Sequence[Field]) -> dict[str, str]:
    """Headers by lower-case name; of equal names the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in fields}


def _rendered(reply: Reply, everywhere: Sequence[Field], *, keep_alive: bool) -> bytes:
    parts = [STATUS_LINE[reply.status]]
    for name, value in (*everywhere, *reply.headers):
        parts += (name, b": ", value, b"\r\n")
    if not keep_alive:
        parts.append(b"connection: close\r\n")
    return b"".join([*parts, b"\r\n", reply.body])

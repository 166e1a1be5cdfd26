"""Runs a stand-in's ASGI application on loopback: in a thread for tests, in the process for the command line."""

import asyncio
import json
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from connectors.sandbox_kit.jsontypes import Json

TRANSPORT_KEY = "sandbox_kit.transport"
_METHODS = (b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the certificate and its key lie; a client trusts the certificate file as its authority."""

    certificate: Path
    key: Path


class _TransportInScope(asyncio.Protocol):
    """Hands the socket's transport to the application, which alone lets it drop a connection without a reply.

    Takes addresses with plain UTF-8 in them too, as the servers of most vendors do.
    """

    app: ASGIApp

    def data_received(self, data: bytes) -> None:
        super().data_received(_escaped(data))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        inner = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT_KEY] = transport
            await inner(scope, receive, send)

        self.app = with_transport


def _escaped(data: bytes) -> bytes:
    """The data with a request line in ASCII: only the first line of a request that begins here is looked at."""
    line, mark, rest = data.partition(b"\r\n")
    if not mark or line.isascii() or not line.startswith(_METHODS):
        return data
    return b"".join(bytes([sign]) if sign < 0x80 else b"%%%02X" % sign for sign in line) + mark + rest


_protocol = cast(type[asyncio.Protocol], type("SandboxProtocol", (_TransportInScope, AutoHTTPProtocol), {}))


async def drop_connection(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    """Cut the client's connection; with `flush` the bytes already written still leave first."""
    transport = cast(asyncio.Transport, scope[TRANSPORT_KEY])
    if flush:
        transport.close()
    else:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def listen(port: int) -> socket.socket:
    """A bound loopback socket; port 0 takes a free one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
        sock.listen(512)
    except OSError:
        sock.close()
        raise
    return sock


def port_of(sock: socket.socket) -> int:
    """The port a bound socket has."""
    return int(sock.getsockname()[1])


def _server(app: ASGIApp, tls: TlsFiles | None) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=_protocol,
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
        ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )
    return uvicorn.Server(config)


class ThreadServer:
    """Serves an application from a thread of this process, over https when it is given a certificate.

    `start` returns once the socket accepts.
    """

    def __init__(self, app: ASGIApp, sock: socket.socket, tls: TlsFiles | None = None) -> None:
        self._sock = sock
        self._scheme = "https" if tls else "http"
        self._server = _server(app, tls)
        self._thread = threading.Thread(target=self._run, name="sandbox-server", daemon=True)

    @property
    def url(self) -> str:
        """Base address without a trailing slash."""
        return f"{self._scheme}://127.0.0.1:{port_of(self._sock)}"

    def start(self) -> None:
        """Start serving. The listening socket already queues connections, so nothing needs to be waited for."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._sock.close()

    def __enter__(self) -> "ThreadServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._sock])


def announce(fields: Mapping[str, Json]) -> None:
    """Print the stand-in's one line: addresses and credentials as JSON."""
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def serve_until_signal(
    app: ASGIApp, sock: socket.socket, fields: Mapping[str, Json], tls: TlsFiles | None = None
) -> None:
    """Announce, then serve in this process until SIGTERM or SIGINT."""
    server = _server(app, tls)

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    announce(fields)
    server.run(sockets=[sock])
    sock.close()

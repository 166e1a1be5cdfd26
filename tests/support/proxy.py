"""A TCP proxy before a PostgreSQL server that cuts connections in the middle of a COMMIT."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Final

from sqlalchemy import URL

#: A simple query as the protocol frames it: 'Q', its length, the text, a zero byte.
_COMMIT: Final = b"Q" + (4 + len("COMMIT") + 1).to_bytes(4, "big") + b"COMMIT\x00"
_ANSWER_S: Final = 5.0


class CuttingProxy:
    """Forwards bytes both ways; every `nth` COMMIT is cut, in turns before it reaches the server and after.

    Cut after: the server has committed and nobody hears of it.
    """

    def __init__(self, server: URL, nth: int) -> None:
        self.server = server
        self._nth = nth
        self._guard = threading.Lock()
        self._commits = 0
        self.cut_before = 0
        self.cut_after = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    @property
    def url(self) -> URL:
        """The server's address with the proxy in between."""
        port = int(self._listener.getsockname()[1])
        query = {name: value for name, value in self.server.query.items() if name != "host"}
        return self.server.set(host="127.0.0.1", port=port, query=query)

    def __enter__(self) -> CuttingProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            _Pair(self, client, _dial(self.server)).start()

    def fate(self, data: bytes) -> str:
        """What becomes of these bytes of a client: `before` and `after` are cuts, empty is none."""
        if _COMMIT not in data:
            return ""
        with self._guard:
            self._commits += 1
            if self._commits % self._nth:
                return ""
            if self._commits // self._nth % 2:
                self.cut_before += 1
                return "before"
            self.cut_after += 1
            return "after"


def _dial(server: URL) -> socket.socket:
    folder = server.query.get("host")
    if isinstance(folder, str):
        dialled = socket.socket(socket.AF_UNIX)
        dialled.connect(f"{folder}/.s.PGSQL.{server.port or 5432}")
        return dialled
    return socket.create_connection((server.host or "127.0.0.1", server.port or 5432))


class _Pair:
    """One client and its own connection to the server."""

    def __init__(self, proxy: CuttingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._muted = threading.Event()
        self._answered = threading.Event()

    def start(self) -> None:
        """Forward in two threads until either side ends or the proxy cuts."""
        threading.Thread(target=self._to_server, daemon=True).start()
        threading.Thread(target=self._to_client, daemon=True).start()

    def _to_server(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._client.recv(65536):
                fate = self._proxy.fate(data)
                if fate == "after":
                    self._muted.set()
                if fate != "before":
                    self._server.sendall(data)
                if fate == "after":
                    self._answered.wait(_ANSWER_S)
                if fate:
                    break
        self._end()

    def _to_client(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(65536):
                if self._muted.is_set():
                    self._answered.set()
                    break
                self._client.sendall(data)
        self._end()

    def _end(self) -> None:
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

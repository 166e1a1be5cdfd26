"""A total deadline for a call: httpx's own time-outs are per read, so a dripping peer could hold a call for ever."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from connectors.shared.addresses import Addresses, ForbiddenAddress, NameNotFound

_SEND_PIECE = 65536
# A resolver that is silent for so long is taken for one that does not answer.
_RESOLVE_S = 10.0
_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Every socket operation of this thread inside the block ends within `seconds` of now, all together."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def _left(timeout: float | None, expired: type[httpcore.TimeoutException]) -> float | None:
    ends_at = _ends_at.get()
    if ends_at is None:
        return timeout
    left = ends_at - time.monotonic()
    if left <= 0:
        raise expired("total deadline")
    return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SEND_PIECE):
            self._inner.write(buffer[start : start + _SEND_PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects to judged addresses only, whatever host the caller names."""

    def __init__(self, addresses: Addresses, resolve_s: float) -> None:
        self._inner = httpcore.SyncBackend()
        self._addresses = addresses
        self._resolve_s = resolve_s

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._find(timeout):
            left = _left(timeout, httpcore.ConnectTimeout)
            try:
                return _Stream(self._inner.connect_tcp(address, port, left, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def _find(self, timeout: float | None) -> Sequence[str]:
        left = _left(timeout, httpcore.ConnectTimeout)
        try:
            return self._addresses.find(self._resolve_s if left is None else min(left, self._resolve_s))
        except (NameNotFound, ForbiddenAddress) as error:
            raise httpcore.ConnectError(str(error)) from error


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's transport over sockets that obey `deadline`. Certificates are always verified, proxies are not used.

    Args:
        addresses: of the one host that is called.
        tls: False for plain http on loopback: no certificate is trusted then, and none is read from the disk.
    """

    def __init__(self, max_connections: int, keepalive_s: float, addresses: Addresses, *, tls: bool) -> None:
        context = httpx.create_ssl_context() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(verify=context)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=max_connections,
            keepalive_expiry=keepalive_s,
            network_backend=_Backend(addresses, _RESOLVE_S),
        )

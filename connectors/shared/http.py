"""The one HTTP client: total deadline, cap on decompressed bytes, one fixed host, no redirects, no proxies."""

from __future__ import annotations

import logging
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import httpx

from connectors.shared.addresses import (
    Addresses,
    ForbiddenAddress,
    NameNotFound,
    Resolve,
    is_loopback,
    system_resolver,
)
from connectors.shared.deadline import DeadlineTransport, deadline
from hub import failpoints
from hub.ports.calls import CallObserver

MIB: Final = 1024 * 1024
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
# Servers drop idle connections after 5 s and more; ours go first, so that no write meets a dead one.
_KEEPALIVE_S: Final = 4.0


class Failure(StrEnum):
    """How a call broke before a whole reply was read; `UNSENT` are those before anything was sent."""

    NOT_SENT = "not_sent"
    NO_NAME = "no_name"
    FORBIDDEN_ADDRESS = "forbidden_address"
    UNTRUSTED = "untrusted"
    LOST_REPLY = "lost_reply"
    DEADLINE = "deadline"
    OVERSIZED = "oversized"
    BAD_BODY = "bad_body"


#: How a call broke without a byte of it having left.
UNSENT: Final = frozenset({Failure.NOT_SENT, Failure.NO_NAME, Failure.FORBIDDEN_ADDRESS, Failure.UNTRUSTED})


class HttpFailure(Exception):
    """No whole reply. Only `UNSENT` failures prove that the other side did nothing."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(text)
        self.failure = failure
        self.text = text


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A whole reply, decompressed; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """The only place a client may call: scheme, host and port from the settings."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Origin of a URL.

        Raises:
            ValueError: not https (plain http is for loopback only), no host, or a user name inside.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if not host or parts.username is not None:
            raise ValueError("нужен адрес вида https://портал/…, без имени пользователя")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise ValueError("адрес должен начинаться с https:// (http:// разрешён только для этого компьютера)")
        return cls(parts.scheme, host, parts.port or _DEFAULT_PORTS[parts.scheme])

    @property
    def netloc(self) -> str:
        """Host, with the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


def _hide_urls(record: logging.LogRecord) -> bool:
    """Secrets travel in paths, and httpx logs each URL."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            f"{item.scheme}://{item.host}/…" if isinstance(item, httpx.URL) else item for item in record.args
        )
    return True


logging.getLogger("httpx").addFilter(_hide_urls)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call: seconds in all, decompressed bytes of the reply, sockets at once."""

    deadline_s: float = 30.0
    body_bytes: int = 10 * MIB
    connections: int = 8


class HttpClient:
    """Calls one origin. Thread-safe.

    Args:
        private: the origin may stand in a private network (see `Addresses`).
        observe: told the status or the failure of every call.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        user_agent: str,
        limits: Limits | None = None,
        transport: httpx.BaseTransport | None = None,
        private: bool = True,
        resolve: Resolve = system_resolver,
        observe: CallObserver | None = None,
    ) -> None:
        self.origin = origin
        self._observe = observe
        self._limits = limits or Limits()
        tls = origin.scheme == "https"
        addresses = Addresses(origin.host, private=private, resolve=resolve)
        self._client = httpx.Client(
            transport=transport or DeadlineTransport(self._limits.connections, _KEEPALIVE_S, addresses, tls=tls),
            headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=self._limits.deadline_s,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    def post(
        self, path: str, body: bytes, *, content_type: str, write: bool, deadline_s: float | None = None
    ) -> HttpReply:
        """POST to a path of the origin; see `request`."""
        headers = {"Content-Type": content_type}
        return self.request("POST", path, body, headers=headers, write=write, deadline_s=deadline_s)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        write: bool = False,
        deadline_s: float | None = None,
    ) -> HttpReply:
        """One call to a path of the origin, its query included. `write` names it as one with an effect.

        Args:
            deadline_s: of this call, where it is another than that of the client.

        Raises:
            HttpFailure: no whole reply within the limits.
        """
        request = self._client.build_request(
            method,
            f"{self.origin}{path}",
            content=body,
            headers=headers,
            extensions=_sent_point() if write else None,
        )
        if _origin_of(request.url) != self.origin:
            raise ValueError("the path leads to another host")
        reply = self._observed(request, deadline_s or self._limits.deadline_s)
        if write:
            failpoints.reach("reply_read")
        return reply

    def _observed(self, request: httpx.Request, deadline_s: float) -> HttpReply:
        began, outcome = time.monotonic(), "error"
        try:
            reply = self._send(request, deadline_s)
            outcome = str(reply.status)
            return reply
        except HttpFailure as failure:
            outcome = failure.failure.value
            raise
        finally:
            if self._observe is not None:
                self._observe(outcome, time.monotonic() - began)

    def _send(self, request: httpx.Request, deadline_s: float) -> HttpReply:
        try:
            with deadline(deadline_s):
                response = self._client.send(request, stream=True)
                try:
                    body = _read_capped(response, self._limits.body_bytes)
                finally:
                    response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise HttpFailure(_unsent(error), f"{self.origin}: {_text(error)}") from error
        except httpx.TimeoutException as error:
            text = f"{self.origin}: no whole reply within {deadline_s:g} s"
            raise HttpFailure(Failure.DEADLINE, text) from error
        except httpx.HTTPError as error:
            raise HttpFailure(Failure.LOST_REPLY, f"{self.origin}: {_text(error)}") from error
        return HttpReply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    def close(self) -> None:
        """Release sockets."""
        self._client.close()


def _origin_of(url: httpx.URL) -> Origin:
    return Origin(url.scheme, url.host.lower(), url.port or _DEFAULT_PORTS[url.scheme])


def _unsent(error: BaseException) -> Failure:
    """Why no connection came about, by what lies beneath httpx's error."""
    reasons = {
        ForbiddenAddress: Failure.FORBIDDEN_ADDRESS,
        NameNotFound: Failure.NO_NAME,
        ssl.SSLError: Failure.UNTRUSTED,
    }
    cause: BaseException | None = error
    while cause is not None:
        for kind, failure in reasons.items():
            if isinstance(cause, kind):
                return failure
        cause = cause.__cause__ or cause.__context__
    return Failure.NOT_SENT


def _text(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}"


def _sent_point() -> dict[str, Callable[[str, object], None]] | None:
    if not failpoints.is_armed("request_sent"):
        return None

    def trace(event: str, _info: object) -> None:
        if event == "http11.send_request_body.complete":
            failpoints.reach("request_sent")

    return {"trace": trace}


def _read_capped(response: httpx.Response, cap: int) -> bytes:
    """The body, inflated by hand: httpx would inflate a 1000:1 bomb before anybody could count."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise HttpFailure(Failure.BAD_BODY, f"content-encoding {encoding!r} was not asked for")
    inflate = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body = bytearray()
    try:
        for chunk in response.iter_raw():
            room = cap + 1 - len(body)
            body += chunk[:room] if inflate is None else inflate.decompress(chunk, room)
            if len(body) > cap:
                raise HttpFailure(Failure.OVERSIZED, f"the reply is larger than {cap} bytes")
    except zlib.error as error:
        raise HttpFailure(Failure.BAD_BODY, f"broken gzip: {error}") from error
    if inflate is not None and not inflate.eof:
        raise HttpFailure(Failure.LOST_REPLY, "the gzip body is cut off")
    return bytes(body)

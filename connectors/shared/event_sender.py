"""Carries signed events to one receiver: judged address, no redirect, total deadline; only the status is believed."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

import httpx

from connectors.shared import standard_webhooks
from connectors.shared.addresses import ForbiddenAddress, NameNotFound, Resolve, system_resolver
from connectors.shared.deadline import DeadlineTransport, deadline
from connectors.shared.http import Origin
from connectors.shared.reach import ReceiverAddresses
from hub.ports.events import EventAnswer, EventNotTaken

DEADLINE_S: Final = 15.0
#: How much of an answer is read; beyond that the receiver may say what it likes.
BODY_BYTES: Final = 64 * 1024
_KEEPALIVE_S: Final = 4.0
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_FORBIDDEN: Final = (
    "Адрес получателя ведёт туда, куда хабу ходить нельзя (внутренняя или служебная сеть). "
    "Если получатель свой, впишите allow_private: true."
)
_NO_NAME: Final = "Имя получателя не находится в DNS."
_UNTRUSTED: Final = "Сертификату получателя нет веры: имя или подпись не подходят."
_NO_CONNECTION: Final = "Получатель не принимает соединение."
_CUT: Final = "Получатель оборвал ответ."
#: Answers of `connect` and `look-up` layers below httpx, and what they mean for a person.
_CAUSES: Final[Sequence[tuple[type[BaseException], str]]] = (
    (ForbiddenAddress, _FORBIDDEN),
    (NameNotFound, _NO_NAME),
    (ssl.SSLError, _UNTRUSTED),
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where events go.

    Attributes:
        url: may hold a secret in its path or query: never shown.
        secrets: `whsec_…`, one or, while one is being replaced, two.
        allow_private: it stands on this computer or in a private network; only then may it be plain http.
    """

    url: str
    secrets: tuple[str, ...]
    allow_private: bool = False


class HttpEventSender:
    """`hub.ports.events.EventSender` over HTTP, signed as Standard Webhooks. Thread-safe; sockets open on first use."""

    def __init__(
        self,
        receiver: Receiver,
        *,
        user_agent: str,
        deadline_s: float = DEADLINE_S,
        resolve: Resolve = system_resolver,
    ) -> None:
        self._receiver = receiver
        self._user_agent = user_agent
        self._deadline_s = deadline_s
        self._resolve = resolve
        self._opening = Lock()
        self._client: httpx.Client | None = None
        parts = urlsplit(receiver.url)
        self._origin = Origin(parts.scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS[parts.scheme])

    @property
    def address(self) -> str:
        """Scheme and host of the receiver."""
        return str(self._origin)

    def send(self, event_id: str, at: datetime, body: bytes) -> EventAnswer:
        """POST a body, signed for this moment.

        Raises:
            EventNotTaken: refused before sending, or no whole answer in time.
        """
        headers = standard_webhooks.sign(self._receiver.secrets, event_id, at, body)
        client = self._open()
        request = client.build_request("POST", self._receiver.url, content=body, headers=headers)
        try:
            with deadline(self._deadline_s):
                response = client.send(request, stream=True)
                try:
                    _drain(response)
                finally:
                    response.close()
        except httpx.TimeoutException as error:
            raise EventNotTaken(f"Получатель не ответил за {self._deadline_s:g} с.") from error
        except httpx.ConnectError as error:
            raise EventNotTaken(_cause(error)) from error
        except httpx.HTTPError as error:
            raise EventNotTaken(_CUT) from error
        return EventAnswer(response.status_code, _retry_after(response, at))

    def _open(self) -> httpx.Client:
        with self._opening:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> httpx.Client:
        tls = self._origin.scheme == "https"
        addresses = ReceiverAddresses(
            self._origin.host, own=self._receiver.allow_private, public=tls, resolve=self._resolve
        )
        return httpx.Client(
            transport=DeadlineTransport(1, _KEEPALIVE_S, addresses, tls=tls),
            headers={
                "User-Agent": self._user_agent,
                "Content-Type": "application/json",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            timeout=self._deadline_s,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    def close(self) -> None:
        """Release sockets."""
        with self._opening:
            if self._client is not None:
                self._client.close()
                self._client = None


def _drain(response: httpx.Response) -> None:
    """Read an answer to its end or to the cap; a whole one proves that it was not cut off, its text says nothing."""
    size = 0
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > BODY_BYTES:
            return


def _cause(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        for kind, text in _CAUSES:
            if isinstance(cause, kind):
                return text
        cause = cause.__cause__ or cause.__context__
    return _NO_CONNECTION


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    """Seconds that the receiver asks us to wait (RFC 9110, 10.2.3: seconds or a date); None when it says nothing."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    moment = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())

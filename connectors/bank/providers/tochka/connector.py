"""Tochka behind the bank port."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from connectors.bank.day import days_between, dump_day, load_day, moscow_day
from connectors.bank.providers.rest import BankRest
from connectors.bank.providers.statement_day import read_day
from connectors.bank.providers.tochka import webhook
from connectors.bank.providers.tochka.client import TochkaClient
from connectors.bank.providers.tochka.config import TochkaConfig
from connectors.bank.providers.tochka.keys import KeyRing
from connectors.bank.providers.tochka.mapper import is_booked, read_row
from connectors.bank.providers.tochka.outcomes import service
from connectors.shared.http import HttpClient, Limits, Origin
from connectors.shared.runtime import Runtime
from hub.domain.errors import Refused
from hub.ports.bank import BankAccount, BankDay, BankPort, DayAnswer, DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission

_KEY_BYTES: Final = 65_536
_KEY_DEADLINE_S: Final = 10.0
#: An id that may be given anew with every prepared statement.
_PASSING: Final = ("transactionId",)
#: So many days are prepared at a time: the bank makes them side by side.
_AT_ONCE: Final = 4


class Tochka(BankPort):
    """Accounts that one token may read. Thread-safe."""

    def __init__(self, config: TochkaConfig, runtime: Runtime, http: HttpClient | None = None) -> None:
        headers = {"CustomerCode": config.customer_code} if config.customer_code else {}
        rest = BankRest(service(config.api_url), config.token, config.timeouts, runtime, headers, http)
        self._clock = runtime.clock
        self._client_id = config.client_id
        self._client = TochkaClient(rest, runtime.clock, config.timeouts.prepare_s)
        self._keys = _KeyServer(config, runtime) if config.keys_url else None
        self._ring = KeyRing(self._keys.fetch, runtime.clock, config.keys_keep_s) if self._keys is not None else None
        self._known: tuple[str, ...] = ()

    def accounts(self) -> tuple[BankAccount, ...]:
        """Accounts of the token."""
        found = self._client.accounts()
        self._known = tuple(account.number for account in found if account.is_open)
        return found

    def days(self, account: str, first: date, last: date) -> Iterator[DayAnswer]:
        """Day by day, a few prepared at a time: each has balances of its own."""
        wanted = list(days_between(first, last))
        for start in range(0, len(wanted), _AT_ONCE):
            bite = wanted[start : start + _AT_ONCE]
            for day in bite:
                self._client.order(account, day)
            for day in bite:
                yield dump_day(self._client.fetch(account, day), _PASSING)

    def read(self, body: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> BankDay:
        """Read a stored day."""
        return read_day(load_day(body), is_booked, read_row, own_accounts, own_tax_ids)

    def admit(self, request: HookRequest) -> Admission | None:
        """What the inbox keeps of an authentic hook (`hub.ports.hooks.HookDoor`)."""
        return webhook.admit(request, self._ring)

    def hints(self, request: HookRequest) -> tuple[DayHint, ...]:
        """Hints of a hook that was admitted before."""
        return webhook.hints(request.body, moscow_day(self._clock.now()), self._known)

    def refresh(self) -> None:
        """Fetch the key of hooks when it is time."""
        if self._ring is not None:
            self._ring.refresh()

    def subscribe(self, url: str) -> None:
        """Ask the bank to send hooks of payments."""
        if not self._client_id:
            raise Refused("no client_id", "Для вебхука нужен client_id: банк показывает его вместе с токеном.")
        self.refresh()
        self._client.subscribe(self._client_id, url)

    def close(self) -> None:
        """Release sockets."""
        self._client.close()
        if self._keys is not None:
            self._keys.close()


class _KeyServer:
    """Where the bank publishes the key of its hooks; the token is never shown there."""

    def __init__(self, config: TochkaConfig, runtime: Runtime) -> None:
        self._path = urlsplit(config.keys_url).path or "/"
        self._http = HttpClient(
            Origin.of(config.keys_url),
            user_agent=f"sverka/{runtime.version}",
            limits=Limits(min(config.timeouts.deadline_s, _KEY_DEADLINE_S), _KEY_BYTES, 1),
            private=False,
        )

    def fetch(self) -> bytes:
        """The document of keys."""
        reply = self._http.request("GET", self._path)
        if reply.status != 200:
            raise ValueError(f"HTTP {reply.status}")
        return reply.body

    def close(self) -> None:
        """Release sockets."""
        self._http.close()


def build(config: TochkaConfig, runtime: Runtime) -> Tochka:
    """A connector from valid settings."""
    return Tochka(config, runtime)

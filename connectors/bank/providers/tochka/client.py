"""Calls of Tochka: a statement is ordered, prepared by the bank, then fetched (developers.tochka.com, «Выписки»)."""

from __future__ import annotations

import threading
from datetime import date
from typing import Final
from urllib.parse import quote

from connectors.bank.day import DayDocument
from connectors.bank.providers.rest import BankRest
from connectors.bank.providers.tochka.schemas import FAILED, READY, Statement, read_accounts, read_statement
from hub.domain.errors import Gone, RetryLater
from hub.ports.bank import BankAccount
from hub.ports.state import Clock

NAME: Final = "tochka"
_FIRST_PAUSE_S: Final = 0.3
_LONGEST_PAUSE_S: Final = 5.0
_SLOW: Final = "Точка ещё готовит выписку. Заберём её при следующем опросе."


class TochkaClient:
    """Reads of one token. Thread-safe."""

    def __init__(self, rest: BankRest, clock: Clock, prepare_s: float) -> None:
        self._rest = rest
        self._clock = clock
        self._prepare_s = prepare_s
        self._lock = threading.Lock()
        self._keys: dict[str, str] = {}
        self._ordered: dict[tuple[str, date], str] = {}

    def accounts(self) -> tuple[BankAccount, ...]:
        """Accounts of the token."""
        found = read_accounts(self._rest.get("/open-banking/v1.0/accounts"))
        with self._lock:
            self._keys = {account.number: key for key, account in found.items()}
        return tuple(found.values())

    def order(self, account: str, day: date) -> None:
        """Ask the bank to prepare a day, unless one that was asked for is still in the making."""
        with self._lock:
            waits = (account, day) in self._ordered
        if waits:
            return
        # Plain dates, whatever the fields are called.
        body = {
            "Data": {
                "Statement": {
                    "accountId": self._key(account),
                    "startDateTime": day.isoformat(),
                    "endDateTime": day.isoformat(),
                }
            }
        }
        made = read_statement(self._rest.ask("/open-banking/v1.0/statements", body))
        with self._lock:
            self._ordered[account, day] = made.id

    def fetch(self, account: str, day: date) -> DayDocument:
        """The prepared day, waited for.

        Raises:
            RetryLater: it is not ready within the wait; the next call goes on waiting for the same one.
        """
        give_up_at = self._clock.monotonic() + self._prepare_s
        pause_s = _FIRST_PAUSE_S
        while (found := self._look(account, day)) is None:
            if self._clock.monotonic() + pause_s > give_up_at:
                raise RetryLater(f"statement of {day} is not ready", _SLOW)
            self._clock.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 1.5)
        return DayDocument(NAME, account, day, found.opening, found.closing, found.rows)

    def _look(self, account: str, day: date) -> Statement | None:
        with self._lock:
            number = self._ordered[account, day]
        path = f"/open-banking/v1.0/accounts/{quote(self._key(account), safe='')}/statements/{quote(number, safe='')}"
        try:
            found = read_statement(self._rest.get(path))
        except Gone:
            self._forget(account, day)
            raise RetryLater(f"statement of {day} is gone", _SLOW) from None
        if found.status == FAILED:
            self._forget(account, day)
            raise RetryLater(f"statement of {day} could not be made", "Точка не смогла подготовить выписку. Повторим.")
        if found.status != READY:
            return None
        self._forget(account, day)
        return found

    def _forget(self, account: str, day: date) -> None:
        with self._lock:
            self._ordered.pop((account, day), None)

    def _key(self, account: str) -> str:
        with self._lock:
            known = self._keys.get(account)
        if known is not None:
            return known
        self.accounts()
        with self._lock:
            known = self._keys.get(account)
        if known is None:
            raise Gone(f"no such account: …{account[-4:]}", f"Точка не показывает счёт …{account[-4:]}.")
        return known

    def subscribe(self, client_id: str, url: str) -> None:
        """Ask for hooks of incoming and outgoing payments; the bank tries the address at once."""
        body = {"webhooksList": ["incomingPayment", "outgoingPayment"], "url": url}
        self._rest.send("PUT", f"/webhook/v1.0/{quote(client_id, safe='')}", body)

    def close(self) -> None:
        """Release sockets."""
        self._rest.close()

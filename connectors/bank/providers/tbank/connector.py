"""T-Bank behind the bank port."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from connectors.bank.day import days_between, dump_day, load_day
from connectors.bank.providers.rest import BankRest
from connectors.bank.providers.statement_day import read_day
from connectors.bank.providers.tbank import webhook
from connectors.bank.providers.tbank.client import TbankClient
from connectors.bank.providers.tbank.config import TbankConfig
from connectors.bank.providers.tbank.mapper import is_booked, read_row
from connectors.bank.providers.tbank.outcomes import service
from connectors.shared.http import HttpClient
from connectors.shared.runtime import Runtime
from hub.domain.errors import Refused
from hub.ports.bank import BankAccount, BankDay, BankPort, DayAnswer, DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission


class Tbank(BankPort):
    """Accounts that one token may read. Thread-safe."""

    def __init__(self, config: TbankConfig, runtime: Runtime, http: HttpClient | None = None) -> None:
        rest = BankRest(service(config.api_url), config.token, config.timeouts, runtime, http=http)
        self._hook_token = config.hook_token
        self._client = TbankClient(rest, runtime.clock, config.page_rows)

    def accounts(self) -> tuple[BankAccount, ...]:
        """Accounts of the token."""
        return self._client.accounts()

    def days(self, account: str, first: date, last: date) -> Iterator[DayAnswer]:
        """Day by day: each has balances of its own."""
        for day in days_between(first, last):
            yield dump_day(self._client.day(account, day))

    def read(self, body: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> BankDay:
        """Read a stored day."""
        return read_day(load_day(body), is_booked, read_row, own_accounts, own_tax_ids)

    def admit(self, request: HookRequest) -> Admission | None:
        """What the inbox keeps of an authentic hook (`hub.ports.hooks.HookDoor`)."""
        return webhook.admit(request, self._hook_token)

    def hints(self, request: HookRequest) -> tuple[DayHint, ...]:
        """Hints of a hook that was admitted before."""
        return webhook.hints(request.body)

    def refresh(self) -> None:
        """Our own secret admits hooks: there is nothing to fetch."""

    def subscribe(self, url: str) -> None:
        """Ask the bank to send hooks of operations."""
        secret = self._hook_token.get_secret_value()
        if not secret:
            raise Refused("no hook_token", "Для вебхука нужен hook_token: тайное слово, которое банк будет показывать.")
        self._client.subscribe(url, secret)

    def close(self) -> None:
        """Release sockets."""
        self._client.close()


def build(config: TbankConfig, runtime: Runtime) -> Tbank:
    """A connector from valid settings."""
    return Tbank(config, runtime)

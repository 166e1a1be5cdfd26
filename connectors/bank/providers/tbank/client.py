"""Calls of T-API: accounts and the statement by a cursor (developer.tbank.ru/docs/api/get-api-v-1-statement)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from connectors.bank.day import DayDocument, day_bounds
from connectors.bank.operation import map_of, party_of, text_of
from connectors.bank.providers.rest import BankRest
from connectors.bank.providers.tbank.schemas import StatementPage, read_accounts, read_page
from connectors.shared.jsontypes import JsonObject, Params
from hub.domain.errors import RetryLater
from hub.ports.bank import BankAccount
from hub.ports.state import Clock

NAME: Final = "tbank"
_MOVEMENT: Final = (
    *("operationId", "operationStatus", "typeOfOperation", "documentNumber"),
    *("accountAmount", "operationAmount", "rubleAmount"),
)
_SIDES: Final = ("payer", "receiver", "counterParty")
_MOST_PAGES: Final = 10_000
_ENDLESS: Final = "Т-Банк не отдаёт выписку до конца. Повторим сами."


class TbankClient:
    """Reads of one token."""

    def __init__(self, rest: BankRest, clock: Clock, page_rows: int) -> None:
        self._rest = rest
        self._clock = clock
        self._page_rows = page_rows

    def accounts(self) -> tuple[BankAccount, ...]:
        """Accounts of the token."""
        return read_accounts(self._rest.get("/api/v4/bank-accounts"))

    def day(self, account: str, day: date) -> DayDocument:
        """A whole Moscow day; rows that slipped onto two pages, while new ones came in, count once."""
        rows: dict[tuple[str, ...], JsonObject] = {}
        first: StatementPage | None = None
        for page in self._pages(account, day):
            first = first or page
            for row in page.rows:
                rows[_movement(row) if text_of(row.get("operationId")) else (f"#{len(rows)}",)] = row
        opening, closing = (first.opening, first.closing) if first is not None else (None, None)
        return DayDocument(NAME, account, day, opening, closing, tuple(rows.values()))

    def subscribe(self, url: str, secret: str) -> None:
        """Ask for hooks of operations; the bank will show `secret` with each."""
        body: Params = {"url": url, "hasSignature": False, "authType": "Bearer", "authSecret": secret}
        self._rest.send("POST", "/api/v1/webhook?eventType=oper-feed-operation", body)

    def close(self) -> None:
        """Release sockets."""
        self._rest.close()

    def _pages(self, account: str, day: date) -> Iterator[StatementPage]:
        start, end = day_bounds(day)
        query = {
            "accountNumber": account,
            "from": _utc(start),
            "to": _utc(min(end, max(start, self._clock.now()))),
            "operationStatus": "Transaction",
            "withBalances": "true",
            "limit": str(self._page_rows),
        }
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            page = read_page(self._rest.get("/api/v1/statement", query))
            yield page
            if page.cursor is None:
                return
            if page.cursor in seen:
                raise RetryLater("statement: the cursor goes in circles", _ENDLESS)
            seen.add(page.cursor)
            query = {**query, "cursor": page.cursor}
        raise RetryLater("statement: pages without end", _ENDLESS)


def _movement(row: JsonObject) -> tuple[str, ...]:
    """What makes a row the same movement: never less than reading a day tells movements of one id apart by."""
    sides = (party_of([map_of(row.get(side))]).account or "" for side in _SIDES)
    return (*(text_of(row.get(name)) for name in _MOVEMENT), *sides)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

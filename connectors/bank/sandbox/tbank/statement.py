"""T-Bank's statement: pages by cursor over a half-open period in UTC."""

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from connectors.bank.sandbox.book import Row
from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.seed import Account
from connectors.bank.sandbox.settings import TBankSettings
from connectors.bank.sandbox.tbank.access import bearer, is_sandbox_token
from connectors.bank.sandbox.tbank.envelope import invalid
from connectors.bank.sandbox.tbank.fixed import FIXED_STATEMENT
from connectors.bank.sandbox.tbank.queries import account, moment, page_limit, yes
from connectors.bank.sandbox.tbank.rows import category, money, operation, statement_form
from connectors.bank.sandbox.wire import Wire, kopecks

_STATUSES = ("All", "Authorization", "Transaction")
_DATA_SINCE = datetime(2023, 6, 1, tzinfo=UTC)
_MOST_CATEGORIES = 50


def statement(ask: Ask) -> Answer:
    """GET api/v1/statement."""
    if is_sandbox_token(bearer(ask.incoming)):
        _check_form(ask)
        return Answer(FIXED_STATEMENT)
    settings, listed = ask.banks.settings.tbank, account(ask)
    start, end = _period(ask)
    rows = _wanted(ask, listed, start, end)
    if settings.row_order == "newest_first":
        rows.reverse()
    cursor, limit = ask.query("cursor"), page_limit(ask)
    first = _position(settings, rows, cursor) if cursor else 0
    page, rest = rows[first : first + limit], rows[first + limit :]
    form = statement_form(settings)
    body: dict[str, Wire] = {"operations": [operation(settings, form, listed, row) for row in page]}
    if yes(ask, "withBalances") and not cursor:
        body |= _balances(ask, settings, listed, start, end)
    return Answer(body | _next(settings, _written(settings, page, first + limit) if rest else None))


def _check_form(ask: Ask) -> None:
    number = ask.query("accountNumber") or ""
    if len(number) != 20:
        raise invalid("Номер счёта должен состоять из 20 цифр")
    _period(ask)


def _period(ask: Ask) -> tuple[datetime, datetime]:
    start = moment(ask, "from")
    # `to` is not included; without it everything up to this second is.
    end = moment(ask, "to", default=ask.banks.clock.now() + timedelta(seconds=1))
    if end < start:
        raise invalid("to раньше from")
    return max(start, _DATA_SINCE), end


def _wanted(ask: Ask, listed: Account, start: datetime, end: datetime) -> list[Row]:
    status = ask.query("operationStatus") or "All"
    if status not in _STATUSES:
        raise invalid(f"operationStatus: {', '.join(_STATUSES)}")
    categories, inns = ask.queries("categories"), ask.queries("inns")
    if len(categories) > _MOST_CATEGORIES:
        raise invalid(f"categories: не больше {_MOST_CATEGORIES}")
    return [
        row
        for row in ask.banks.book.rows(listed.number, start, end)
        if status in ("All", "Transaction" if row.operation.status == "booked" else "Authorization")
        and (not categories or category(row.operation) in categories)
        and (not inns or row.operation.counterparty.inn in inns)
    ]


def _position(settings: TBankSettings, rows: list[Row], cursor: str) -> int:
    held = _read_cursor(cursor)
    if settings.cursor == "offset":
        return int(held[0])
    last = (datetime.fromisoformat(str(held[0])), int(held[1]), int(held[2]))
    if settings.row_order == "newest_first":
        return next((place for place, row in enumerate(rows) if row.key < last), len(rows))
    return next((place for place, row in enumerate(rows) if row.key > last), len(rows))


def _written(settings: TBankSettings, page: list[Row], following: int) -> str:
    last = page[-1]
    held = [following, 0, 0] if settings.cursor == "offset" else [last.at.isoformat(), last.number, last.copy]
    return base64.urlsafe_b64encode(json.dumps(held).encode()).decode()


def _read_cursor(cursor: str) -> list[str | int]:
    try:
        held = json.loads(base64.urlsafe_b64decode(cursor))
        first, number, copy = held
        int(number), int(copy)
        return [first, number, copy]
    except (ValueError, TypeError):
        raise invalid("cursor: такой страницы нет") from None


def _next(settings: TBankSettings, cursor: str | None) -> dict[str, Wire]:
    if cursor is not None:
        return {"nextCursor": cursor}
    ends: dict[str, dict[str, Wire]] = {"absent": {}, "null": {"nextCursor": None}, "empty": {"nextCursor": ""}}
    return ends[settings.last_cursor]


def _balances(ask: Ask, settings: TBankSettings, listed: Account, start: datetime, end: datetime) -> dict[str, Wire]:
    if settings.balances_form == "absent":
        return {}
    book = ask.banks.book
    begin, finish = book.balance(listed.number, start), book.balance(listed.number, end)
    income, outcome = book.turnovers(listed.number, start, end)
    sums = {"balanceBegin": begin, "balanceEnd": finish, "income": income, "outcome": outcome}
    return {"balances": {name: _balance(settings, listed, amount) for name, amount in sums.items()}}


def _balance(settings: TBankSettings, listed: Account, amount: Decimal) -> Wire:
    if settings.balances_form == "objects":
        return {"amount": kopecks(amount), "currency": listed.currency}
    return money(amount, "text" if settings.balances_form == "texts" else "number")

"""One day of an account as the inbox keeps it: the bank's rows and balances; the same rows make the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from connectors.shared.jsontypes import Json, JsonObject, parse_json
from hub.ports.bank import DayAnswer

#: Banks count days by Moscow time, which has had no summer time since 2014.
MOSCOW: Final = timezone(timedelta(hours=3))


@dataclass(frozen=True, slots=True)
class DayDocument:
    """What `dump_day` wrote; balances as the bank printed them, None where it did not."""

    provider: str
    account: str
    day: date
    opening: str | None
    closing: str | None
    rows: tuple[JsonObject, ...]


def dump_day(document: DayDocument, passing: Collection[str] = ()) -> DayAnswer:
    """Write a day. Numbers become text, so that no amount ever passes through a float; rows are put in order.

    Args:
        passing: fields of a row that may differ between two answers although nothing happened.
    """
    body = _written(document, document.rows)
    lasting = [{key: value for key, value in row.items() if key not in passing} for row in document.rows]
    told = _written(document, lasting) if passing else body
    return DayAnswer(document.account, document.day, body, hashlib.sha256(told).hexdigest())


def _written(document: DayDocument, given: Iterable[JsonObject]) -> bytes:
    rows = sorted(_dumps(_plain(row)) for row in given)
    head = {
        "provider": document.provider,
        "account": document.account,
        "day": document.day.isoformat(),
        "opening": document.opening,
        "closing": document.closing,
    }
    return f'{_dumps(head)[:-1]},"rows":[{",".join(rows)}]}}'.encode()


def load_day(body: bytes) -> DayDocument:
    """Read what `dump_day` wrote.

    Raises:
        ValueError: it is something else.
    """
    found = parse_json(body)
    if not isinstance(found, dict) or not isinstance(found.get("rows"), list):
        raise ValueError("not a day of a bank")
    rows = found["rows"]
    assert isinstance(rows, list)
    return DayDocument(
        provider=str(found.get("provider")),
        account=str(found.get("account")),
        day=date.fromisoformat(str(found.get("day"))),
        opening=_text(found.get("opening")),
        closing=_text(found.get("closing")),
        rows=tuple(row for row in rows if isinstance(row, dict)),
    )


def raw_of(row: JsonObject) -> str:
    """A row as the page of its payment shows it."""
    return json.dumps(_plain(row), ensure_ascii=False, indent=1)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Start of the Moscow day and of the next one."""
    start = datetime(day.year, day.month, day.day, tzinfo=MOSCOW)
    return start, start + timedelta(days=1)


def moscow_day(moment: datetime) -> date:
    """The Moscow day of a moment; without a zone it is taken for UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(MOSCOW).date()


def days_between(first: date, last: date) -> Sequence[date]:
    """Every day, both ends included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _plain(value: Json) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _text(value: Json) -> str | None:
    return str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None

"""The seed of the local banks, and the movements that they tell by hook while the hub is at work."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from hub.demo.story.book import Book
from hub.demo.story.calendar import OPENING, TBANK, TOCHKA
from hub.demo.story.days import TODAY, ago
from hub.demo.story.ledger import Line, OwnAccount
from hub.demo.story.portal import JsonObject

_MOSCOW: Final = timezone(timedelta(hours=3))
_BANKS: Final = ((TOCHKA, "tochka"), (TBANK, "tbank"))


def banks(book: Book) -> JsonObject:
    """The whole seed, in the sandbox's published format: what was there before the hub started."""
    told = [_operation(line) for line in _lines(book) if not line.hooked]
    return {
        "version": 1,
        "settings": {"tochka": {"created_polls": 1}},
        "accounts": [_account(own, bank) for own, bank in _BANKS],
        "operations": [*told, _hold()],
    }


def hooked(book: Book) -> JsonObject:
    """What the control API of the sandbox is told to do, one after another."""
    return {"acts": [_act(line) for line in _lines(book) if line.hooked]}


def later(book: Book) -> JsonObject:
    """The one that comes only when somebody lets it."""
    (line,) = book.later
    return _act(line)


def _act(line: Line) -> JsonObject:
    return {"act": "add", "operation": _operation(line)}


def _lines(book: Book) -> list[Line]:
    read = {own.number for own, _ in _BANKS}
    return sorted((line for line in book.lines if line.account.number in read), key=lambda line: line.booked)


def _account(own: OwnAccount, bank: str) -> JsonObject:
    owner = own.owner
    return {
        "bank": bank,
        "number": own.number,
        "opening_balance": f"{OPENING:.2f}",
        "owner": {"name": owner.name, "inn": owner.inn, "kpp": owner.kpp},
    }


def _operation(line: Line) -> JsonObject:
    other = line.other
    return {
        "account": line.account.number,
        "direction": "in" if line.way == "in" else "out",
        "amount": f"{line.amount:.2f}",
        "booked_at": _moment(line.booked),
        "kind": "bank_order" if line.kind == "Банковский ордер" else "payment_order",
        "document_number": line.number,
        "document_date": (line.document_date or line.booked).isoformat(),
        "purpose": line.purpose,
        "counterparty": {
            "name": other.name,
            "inn": other.inn,
            "kpp": other.kpp,
            "account": other.account,
            "bic": other.bank.bic,
            "bank_name": other.bank.name,
            "correspondent_account": other.bank.correspondent,
        },
    }


def _moment(day: date) -> str:
    """At noon; today's at the day's beginning, which is past whenever the demo runs."""
    hour = time(0, 0, 1) if day == TODAY else time(12)
    return datetime.combine(day, hour, _MOSCOW).isoformat()


def _hold() -> JsonObject:
    """A card was held for a sum and not debited yet: no money moved."""
    return {
        "account": TBANK.number,
        "direction": "out",
        "amount": "990.00",
        "booked_at": _moment(ago(1)),
        "kind": "card",
        "status": "hold",
        "purpose": "Оплата картой, магазин канцтоваров",
    }

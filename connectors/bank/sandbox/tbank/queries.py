"""Reads T-Bank's query parameters and refuses what does not fit."""

import re
from datetime import UTC, datetime

from connectors.bank.sandbox.calls import Ask
from connectors.bank.sandbox.errors import ApiError
from connectors.bank.sandbox.seed import Account
from connectors.bank.sandbox.tbank.envelope import invalid

_NUMBER = re.compile(r"[0-9]{20}")


def account(ask: Ask) -> Account:
    """The account asked for. Raises ApiError: 400 for a malformed number, 403 for one the token cannot see."""
    number = ask.query("accountNumber") or ""
    if not _NUMBER.fullmatch(number):
        raise invalid("Номер счёта должен состоять из 20 цифр")
    listed = ask.banks.book.account("tbank", number)
    if listed is None:
        raise ApiError(403, "FORBIDDEN", "Нет доступа к этому счёту")
    return listed


def moment(ask: Ask, name: str, *, default: datetime | None = None) -> datetime:
    """An ISO 8601 moment with its zone."""
    text = ask.query(name)
    if text is None and default is not None:
        return default
    try:
        parsed = datetime.fromisoformat(text or "")
    except ValueError:
        raise invalid(f"{name}: нужен момент ISO 8601 в UTC") from None
    if "T" not in (text or "") or parsed.tzinfo is None:
        raise invalid(f"{name}: нужен момент ISO 8601 в UTC")
    return parsed.astimezone(UTC)


def page_limit(ask: Ask) -> int:
    """The page size."""
    settings = ask.banks.settings.tbank
    text = ask.query("limit")
    if text is None:
        return settings.default_limit
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= settings.max_limit:
        raise invalid(f"limit: от 1 до {settings.max_limit}")
    return int(text)


def yes(ask: Ask, name: str) -> bool:
    """A boolean parameter; absent is false."""
    text = (ask.query(name) or "false").lower()
    if text not in ("true", "false"):
        raise invalid(f"{name}: true или false")
    return text == "true"

"""Templates: autoescaped Jinja, Russian money and dates, words of the chosen language."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from hub.domain.money import Money
from hub.domain.wording import date_text, money_text
from hub.web.locale import Words

_NBSP: Final = "\u00a0"


def make_environment(words: Words, zone: tzinfo | None) -> Environment:
    """The template environment; times are shown in `zone`, None being the machine's own."""
    environment = Environment(
        loader=PackageLoader("hub.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"_": words, "plural": words.plural, "language": words.language, "static": static_url}
    environment.filters |= {
        "money": money_text,
        "day": date_text,
        "moment": lambda at: moment_text(at, zone),
        "count": count_text,
        "account": account_text,
        "sums": sums_text,
    }
    return environment


def moment_text(at: datetime, zone: tzinfo | None) -> str:
    """`05.03.2026 14:07` in the desk's own time."""
    return at.astimezone(zone).strftime("%d.%m.%Y %H:%M")


def count_text(count: int) -> str:
    """`12 500` with non-breaking spaces."""
    return f"{count:,}".replace(",", _NBSP)


def account_text(account: str | None) -> str:
    """An account in full, in groups of four that may break across lines; the name of a cash desk as it is."""
    text = account or ""
    if not text.isascii():
        return text
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def sums_text(sums: Mapping[str, Money]) -> str:
    """Sums of several currencies in one line, the rouble first."""
    ordered = sorted(sums.values(), key=lambda money: (money.currency != "RUB", money.currency))
    return " · ".join(money_text(money) for money in ordered)


@lru_cache(maxsize=32)
def static_url(name: str) -> str:
    """Address of a static file with its digest, so that browsers may keep it for ever."""
    content = (files("hub.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def age_text(since: datetime, now: datetime, words: Words) -> str:
    """How long ago, in the largest unit that fits: `3 мин`, `2 ч`, `5 дн.`."""
    seconds = max(0.0, (now.astimezone(UTC) - since.astimezone(UTC)).total_seconds())
    for size, unit in ((86_400, "дн."), (3_600, "ч"), (60, "мин")):
        if seconds >= size:
            return f"{int(seconds // size)}{_NBSP}{words(unit)}"
    return words("меньше минуты")


def parse_day(text: str) -> date | None:
    """A date of a form field (`2026-03-05`, what browsers send, or `05.03.2026`); None for anything else."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None

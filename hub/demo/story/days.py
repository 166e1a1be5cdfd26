"""The days of the story that count back from the day of the run: banks' APIs show what is new, not the past month."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

#: Stands for the day of the run. No other date of the story lies in this year, so all of its dates can be moved.
TODAY: Final = date(2099, 6, 30)
_ISO: Final = re.compile(rb"2099-(\d\d)-(\d\d)")
_RUSSIAN: Final = re.compile(rb"(\d\d)\.(\d\d)\.2099")


def ago(days: int) -> date:
    """So many days before the day of the run."""
    return TODAY - timedelta(days=days)


def moved(raw: bytes, today: date) -> bytes:
    """The bytes with those days moved so that the last of them is `today`. Digits are the same in every encoding."""
    by = today - TODAY
    raw = _ISO.sub(lambda found: (date(2099, int(found[1]), int(found[2])) + by).isoformat().encode(), raw)
    return _RUSSIAN.sub(lambda found: f"{date(2099, int(found[2]), int(found[1])) + by:%d.%m.%Y}".encode(), raw)

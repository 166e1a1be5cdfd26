"""Settings of the hub's care of itself: readiness, silence alarms, what is forgotten when, metrics."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from hub.config.section import Section
from hub.config.values import Secret

_HOUR: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z")
_TOKEN_SIGNS: Final = 16


def _check_token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if len(text) < _TOKEN_SIGNS or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"нужно не меньше {_TOKEN_SIGNS} печатных латинских знаков без пробелов")
    return value


def _check_hour(value: object) -> object:
    # YAML 1.1 reads 15:00 without quotes as the number 900.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    if isinstance(value, time):
        return value
    found = _HOUR.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("нужно время вида 15:00")
    return time(int(found[1]), int(found[2]))


Token = Annotated[Secret, AfterValidator(_check_token)]
Hour = Annotated[time, BeforeValidator(_check_hour)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Hours = Annotated[float, Field(ge=0, le=2_000, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=1, le=36_500)]


class Ready(Section):
    """How old waiting work may be before `/ready` says 503, seconds."""

    inbox_s: Seconds = 300.0
    payments_s: Seconds = 300.0
    outbox_s: Seconds = 300.0
    timer_s: Seconds = 60.0


class Watch(Section):
    """After what silence there is an alarm; hours count on working days only, 0 switches an alarm off.

    Attributes:
        polls: intervals of a connection without a whole poll, never less than 15 minutes.
        statement_by: the hour of a working day by which a statement has to be there.
    """

    polls: Annotated[int, Field(ge=2, le=10_000)] = 5
    statement_h: Hours = 48.0
    statement_by: Hour | None = None
    credit_h: Hours = 120.0
    hooks_h: Annotated[float, Field(gt=0, le=2_000, allow_inf_nan=False)] = 1.0
    events_h: Annotated[float, Field(gt=0, le=2_000, allow_inf_nan=False)] = 1.0


class Retention(Section):
    """After how many days what is forgotten; null keeps it for ever."""

    hooks_days: Days | None = 30
    raw_days: Days | None = None
    payments_days: Days | None = None
    events_days: Days | None = 90


class Metrics(Section):
    """`/metrics` answers only to whoever shows the token; without a token it is closed."""

    token: Token | None = None


class Api(Section):
    """`/api/v1/…` answers only to whoever shows the token; without a token it is closed."""

    token: Token | None = None

"""From settings to the hub's care of itself; every interval is scaled by one factor, hours and days are not."""

from __future__ import annotations

from typing import Final

from hub.config import Config
from hub.services.upkeep import ReadyLimits, RetentionSettings, Upkeep, WatchSettings

_HOUR_S: Final = 3600.0
#: The timer's lease is not scaled: a restarted hub waits for it at most so long.
_LEAST_TIMER_S: Final = 15.0


def upkeep(config: Config) -> Upkeep:
    """What services and pages know of it."""
    scale, ready, watch, kept = config.timing_scale, config.ready, config.watch, config.retention
    usual = WatchSettings()
    timer_s = max(_LEAST_TIMER_S, ready.timer_s * scale)
    return Upkeep(
        ready=ReadyLimits(ready.inbox_s * scale, ready.payments_s * scale, ready.outbox_s * scale, timer_s),
        watch=WatchSettings(
            every_s=usual.every_s * scale,
            polls=watch.polls,
            poll_s=usual.poll_s * scale,
            statement_h=watch.statement_h,
            statement_by=watch.statement_by,
            credit_h=watch.credit_h,
            hooks_s=watch.hooks_h * _HOUR_S * scale,
            events_s=watch.events_h * _HOUR_S * scale,
            timer_s=timer_s,
            zone=config.company.zone,
        ),
        retention=RetentionSettings(
            hooks_days=kept.hooks_days,
            raw_days=kept.raw_days,
            payments_days=kept.payments_days,
            events_days=kept.events_days,
            every_s=RetentionSettings().every_s * scale,
        ),
    )

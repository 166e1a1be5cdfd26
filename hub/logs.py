"""The log: one JSON object a line, secrets scrubbed before anything is written."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_SECRETS: Final = (
    (re.compile(r"(/rest/+(?:api/+)?\d+/+)[^/\s'\"]+"), r"\1***"),
    (re.compile(r"(/hooks/+[^/\s'\"]+/+)[^/\s'\"?]+"), r"\1***"),
    (re.compile(r"(://[^/\s:@'\"]+:)[^@\s'\"]+@"), r"\1***@"),
    (re.compile(r"((?:token|secret|password|auth)[\w-]*['\"]?\s*[=:]\s*['\"]?)[^\s'\"&,)}]+", re.IGNORECASE), r"\1***"),
)


def scrub(text: str) -> str:
    """The text without webhook codes, hook secrets, passwords and tokens."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def scrub_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """structlog processor: no value of an event keeps a secret."""
    return {key: scrub(value) if isinstance(value, str) else value for key, value in event.items()}


def processors() -> list[Processor]:
    """What every event passes: time, level, trace as text, scrubbing, JSON."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        scrub_event,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def set_up_logs(level: str, file: Path | None) -> None:
    """Send structlog and the libraries' warnings to `file`, or to stderr when there is none."""
    number = logging.getLevelNamesMapping()[level.upper()]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    stream = file.open("a", encoding="utf-8", buffering=1) if file is not None else sys.stderr
    structlog.configure(
        processors=processors(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=processors()[1:]))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)

"""The log: one JSON object a line; secrets, names and requisites are masked before anything is written."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import structlog

from hub.masking import mask, mask_trace, mask_value, one_line, scrub

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["log_to", "mask_event", "processors", "scrub", "set_up_logs"]

_TRACES: Final = frozenset({"exception", "stack"})
_render: Final = structlog.processors.JSONRenderer(ensure_ascii=False)


def mask_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """structlog processor: no value of an event keeps a secret or says who paid for what."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: object) -> object:
    if key in _TRACES:
        return mask_trace(str(value))
    return mask(value) if key == "event" and isinstance(value, str) else mask_value(key, value)


def _line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """structlog's last processor: JSON that stays one line whatever the texts hold."""
    text = _render(logger, method, event)
    return one_line(text if isinstance(text, str) else text.decode())


def processors() -> list[Processor]:
    """What every event passes: time, level, trace as text, masking, JSON."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        mask_event,
        _line,
    ]


def set_up_logs(level: str, file: Path | None) -> None:
    """Send structlog and the libraries' warnings to `file`, or to stderr when there is none."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    stream = file.open("a", encoding="utf-8", buffering=1) if file is not None else sys.stderr
    log_to(stream, logging.getLevelNamesMapping()[level.upper()], for_good=True)
    threading.excepthook = _log_thread


class _Unfailing(io.TextIOBase):
    """A full or broken disk costs lines of the log, never the work that writes them; how many is told afterwards."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
            self._stream.flush()
            if self._lost:
                self._stream.write(f'{{"event": "log.disk_failed", "level": "error", "lines": {self._lost}}}\n')
                self._lost = 0
        except OSError:
            self._lost += 1
        return len(text)


def log_to(stream: TextIO, level: int = logging.INFO, *, for_good: bool = False) -> Callable[[], None]:
    """Send everything to a stream; the answer takes it back, unless it was for good."""
    unfailing = cast("TextIO", _Unfailing(stream))
    structlog.configure(
        processors=processors(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(unfailing),
        cache_logger_on_first_use=for_good,
    )
    handler = logging.StreamHandler(unfailing)
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[meta, *processors()[1:]]))
    root = logging.getLogger()
    before = root.handlers[:]
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)

    def undo() -> None:
        structlog.reset_defaults()
        root.removeHandler(handler)
        for old in before:
            root.addHandler(old)

    return undo


def _log_thread(failed: threading.ExceptHookArgs) -> Any:
    """A thread that dies is a line of the log, not a raw trace on stderr."""
    name = failed.thread.name if failed.thread is not None else ""
    error = failed.exc_value
    structlog.get_logger(__name__).error("thread.failed", thread=name, exc_info=error if error is not None else True)

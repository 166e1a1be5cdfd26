"""Named points where a test may kill the process; one dict look-up when none is armed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Final

_armed: dict[str, int] = {}
#: A test's own way to fail at a point, where killing the process would end the test too; None outside tests.
listener: Callable[[str], None] | None = None

#: Every point that the code reaches, in the order of a delivery.
POINTS: Final = (
    "token_reply",
    "after_verify",
    "after_inbox_commit",
    "after_lines_stored",
    "after_match_commit",
    "after_claim",
    "after_read",
    "after_intent",
    "request_sent",
    "reply_read",
    "before_settle",
    "after_settle",
    "comment_intent",
    "comment_sent",
    "task_sent",
    "mark_paid_sent",
    "page_read",
    "before_cursor_commit",
    "after_cursor_commit",
    "message_acknowledged",
    "event_sent",
)


def arm(spec: str) -> None:
    """Arm points from `name` or `name:nth` separated by commas: the process dies when one is reached the nth time.

    Raises:
        ValueError: the name is not one of `POINTS`.
    """
    for item in filter(None, spec.split(",")):
        name, _, nth = item.partition(":")
        if name not in POINTS:
            raise ValueError(f"unknown fail point {name!r}; known: {', '.join(POINTS)}")
        _armed[name] = int(nth or 1)


def is_armed(name: str) -> bool:
    """Whether somebody wants the process dead at this point."""
    return name in _armed


def reach(name: str) -> None:
    """Pass a named point; the process dies here, unflushed, when it is armed and due."""
    if listener is not None:
        listener(name)
    if not _armed or name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)

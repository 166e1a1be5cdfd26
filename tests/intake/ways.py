"""Which way hooks went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from starlette.types import Receive, Scope, Send

from hub.web.intake.asgi import Intake as Door
from hub.web.security.express import Reply


@dataclass
class Ways:
    """How many requests went each way."""

    short: int = 0
    long: int = 0


def watched_ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Watch the door: asked by a call, or as an application."""
    ways, take, call = Ways(), Door._take_whole, Door.__call__

    def watched_take(
        self: Door, connection: str, headers: Mapping[str, str], body: bytes, answer: Callable[[Reply], None]
    ) -> bool:
        taken = take(self, connection, headers, body, answer)
        ways.short += taken
        return taken

    async def watched_call(self: Door, scope: Scope, receive: Receive, send: Send) -> None:
        ways.long += 1
        await call(self, scope, receive, send)

    monkeypatch.setattr(Door, "_take_whole", watched_take)
    monkeypatch.setattr(Door, "__call__", watched_call)
    return ways

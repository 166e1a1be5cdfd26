"""How much one request to the hooks' door may take: bytes, seconds, tries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Bounds of the door. All of them are named in `docs/hooks.md`.

    Attributes:
        body_bytes: of one body.
        body_s: seconds for the whole body to arrive.
        commit_s: seconds to become durable; then the sender is told to come again.
        retry_after_s: when the sender is asked to come again.
        waiting: hooks that may wait for their commit at once.
        waiting_bytes: of their bodies together.
        refusals: refused requests of one peer in `refusals_s` seconds, before its wrong secrets get 429.
    """

    body_bytes: int = 1024 * 1024
    body_s: float = 10.0
    commit_s: float = 5.0
    retry_after_s: int = 30
    waiting: int = 4096
    waiting_bytes: int = 64 * 1024 * 1024
    refusals: int = 100
    refusals_s: float = 60.0

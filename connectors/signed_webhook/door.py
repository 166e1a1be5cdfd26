"""The hooks' door of a reporting system: lets in what its secret signed, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.shared.standard_webhooks import MAX_SECRETS, signing_key, verify
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind
from hub.ports.state import Clock


@dataclass(frozen=True, slots=True, repr=False)
class SignedDoor:
    """`hub.ports.hooks.HookDoor` for messages signed by one of the secrets (two while one replaces the other).

    Raises:
        ValueError: no secret, or more than two.
        connectors.shared.standard_webhooks.BadSecret: a secret is not of the standard's shape.
    """

    secrets: Sequence[str]
    clock: Clock

    def __post_init__(self) -> None:
        """Refuse secrets that could never verify anything."""
        if not 1 <= len(self.secrets) <= MAX_SECRETS:
            raise ValueError(f"one signing secret is needed, or {MAX_SECRETS} while one replaces the other")
        for secret in self.secrets:
            signing_key(secret)

    def admit(self, request: HookRequest) -> Admission | None:
        """An authentic and fresh message; sent again under a new time it is the same message."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        message_id = verify(self.secrets, headers, request.body, self.clock.now())
        if message_id is None:
            return None
        # With the body: another one under an id that was used already is kept for a person to see, not dropped.
        told = message_id.encode() + b"\n" + request.body
        return Admission(InboxKind.CLAIM, message_id, hashlib.sha256(told).hexdigest())

"""The state of both banks: everything their methods, hooks and the control API read and change."""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.bank.sandbox.book import Book, Change, Entry
from connectors.bank.sandbox.faults import Faults
from connectors.bank.sandbox.jose import SigningKey
from connectors.bank.sandbox.limits import Windows
from connectors.bank.sandbox.seed import Bank, Seed, TBankWebhook, TochkaWebhook
from connectors.bank.sandbox.tochka.prepared import Prepared
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.timers import Timers
from connectors.sandbox_kit.write_log import Source, WriteLog

REFRESH_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request as it was answered; status 0 means that the connection was dropped."""

    method: str
    status: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token of OAuth; without a customer's consent it opens nothing."""

    until: datetime
    consented: bool


@dataclass(slots=True)
class TochkaState:
    """What Tochka keeps beside the book."""

    webhook: TochkaWebhook | None
    statements: dict[str, Prepared] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(23_489))
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    refresh_tokens: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class TBankState:
    """What T-Bank keeps beside the book."""

    webhooks: list[TBankWebhook]


class Banks:
    """Both banks. Hold `lock` while reading or changing more than one thing."""

    def __init__(self, seed: Seed, clock: SandboxClock, write_log: WriteLog, faults: Faults) -> None:
        self.lock = threading.RLock()
        self.seed = seed
        self.settings = seed.settings
        self.clock = clock
        self.timers = Timers(clock)
        self.write_log = write_log
        self.faults = faults
        self.windows = Windows()
        self.requests: deque[RequestRecord] = deque(maxlen=20_000)
        self.statuses: Counter[int] = Counter()
        self.listeners: list[Callable[[Change], None]] = []
        self._request_ids = itertools.count(1)
        self.reset_state()

    def reset_state(self) -> None:
        """Start from the seed: book, statements, subscriptions, keys, tokens."""
        self.book = Book(list(self.seed.accounts), self._on_change)
        self.tochka = TochkaState(self.seed.tochka.webhook)
        self.tochka.refresh_tokens[self.seed.tochka.refresh_token] = self.clock.now() + REFRESH_LIFE
        self.tbank = TBankState(list(self.seed.tbank.webhooks))
        self.key = SigningKey()
        self.stranger = SigningKey()
        self.dead: set[Bank] = set()
        self.windows.clear()
        # Numbers given in the seed first: the others take what is free.
        for operation in sorted(self.seed.operations, key=lambda each: each.id is None):
            self.book.add(operation, self.clock.now(), hooks=False)
        for entry in self.book:
            entry.told = entry.booked

    def next_request_id(self) -> str:
        """A name for the next request, used in the write log."""
        return f"r{next(self._request_ids)}"

    def log_effect(
        self, source: Source, method: str, entity_type: str, entity_id: int | None, **changed: object
    ) -> None:
        """Write down a change of state; `changed` maps a field to its old and new value."""
        fields = {name: value for name, value in changed.items() if isinstance(value, tuple)}
        self.write_log.append(
            {
                "kind": "effect",
                "source": source,
                "user_id": 0,
                "method": method,
                "entity_type": entity_type,
                "entity_id": entity_id,
                "changed": fields,
            }
        )

    def settle_later(self, entry: Entry) -> None:
        """Settle a payment or a hold when its time comes, if nobody cancelled or settled it before."""
        after = entry.operation.settles_after_s
        if entry.booked or after is None:
            return

        def settle() -> None:
            with self.lock:
                if not entry.booked and not entry.cancelled:
                    self.log_effect(
                        "robot", "settle", "operation", entry.number, status=(entry.operation.status, "booked")
                    )
                    # A hold reaches the books when it settles; a payment keeps the moment it was given.
                    moved = {"booked_at": self.clock.now()} if entry.operation.status == "hold" else {}
                    self.book.correct(entry.number, {"status": "booked", **moved}, what="settled")

        self.timers.after(after, settle)

    def _on_change(self, change: Change) -> None:
        if change.what == "added":
            self.settle_later(change.entry)
        if change.hooks:
            for listener in list(self.listeners):
                listener(change)

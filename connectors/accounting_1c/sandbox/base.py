"""The infobase: its rows and everything that requests, people and the control API read and change."""

import itertools
import threading
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.accounting_1c.sandbox.configurations import CONFIGURATIONS
from connectors.accounting_1c.sandbox.exchange import Exchange
from connectors.accounting_1c.sandbox.faults import Faults
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.numbering import Numbering
from connectors.accounting_1c.sandbox.seed import Seed
from connectors.accounting_1c.sandbox.sessions import Sessions
from connectors.accounting_1c.sandbox.store import Store
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.timers import Timers
from connectors.sandbox_kit.write_log import Source, WriteLog

_NAMESPACE = uuid.UUID("5b0f6a34-6c2a-4f0e-9a63-1c0da7a00001")


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request as it was answered; status 0 means that the connection was dropped."""

    method: str
    status: int
    at: datetime


class Base:
    """One infobase. Hold `lock` while reading or changing more than one thing."""

    def __init__(self, seed: Seed, clock: SandboxClock, write_log: WriteLog, faults: Faults) -> None:
        self.lock = threading.RLock()
        self.seed = seed
        self.settings = seed.settings
        self.configuration = CONFIGURATIONS[seed.config](seed.settings)
        self.clock = clock
        self.zone = ZoneInfo(seed.settings.clock_zone)
        self.timers = Timers(clock)
        self.write_log = write_log
        self.faults = faults
        self.requests: deque[RequestRecord] = deque(maxlen=20_000)
        self.statuses: Counter[int] = Counter()
        self.sessions = Sessions(seed.settings, clock.now)
        self.turn = itertools.count()
        self._request_ids = itertools.count(1)
        self.clear()

    def clear(self) -> None:
        """Nothing in it: whoever calls this fills it from the seed."""
        self.store = Store(self.configuration)
        self.numbering = Numbering(self.store)
        self.exchange = Exchange(self.store, self.seed.node)
        self.closed_until: date | None = self.settings.closed_until
        self.dead_users: set[str] = set()
        self.sessions.clear()
        self._guids = itertools.count(1)

    def published(self, name: str) -> bool:
        """True when a set of the configuration is in the composition; tabular parts come with their object."""
        table = self.configuration.tables.get(name)
        if table is None:
            return False
        composition = self.settings.composition
        return composition is None or self.configuration.owner(table).name in composition

    def published_tables(self) -> list[Table]:
        """The composition in the order of the configuration."""
        return [table for table in self.configuration.tables.values() if self.published(table.name)]

    def shown_type(self, name: str) -> str:
        """A `_Type` value as it leaves: types outside the composition have a name that says nothing."""
        target = name.removeprefix("StandardODATA.")
        if target == name or target == "Undefined" or self.published(target):
            return name
        return f"UnavailableEntities.UnavailableEntity_{uuid.uuid5(_NAMESPACE, target)}"

    def local_now(self) -> str:
        """The server's wall clock, without an offset."""
        return self.clock.now().astimezone(self.zone).replace(tzinfo=None).isoformat(timespec="seconds")

    def new_guid(self) -> str:
        """A reference for a new object, the same in every run."""
        return str(uuid.uuid5(_NAMESPACE, f"{next(self._guids)}"))

    def next_request_id(self) -> str:
        """A name for the next request, used in the write log."""
        return f"r{next(self._request_ids)}"

    def log(self, source: Source, method: str, key: str, changed: Mapping[str, object], entity: str) -> None:
        """Write down a change of state; `changed` maps a field to its old and new value."""
        self.write_log.append(
            {
                "kind": "effect",
                "source": source,
                "user_id": 0,
                "method": method,
                "entity_type": entity,
                "entity_key": key,
                "changed": changed,
            }
        )

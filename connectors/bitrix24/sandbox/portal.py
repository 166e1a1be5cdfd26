"""The portal's state: everything the REST methods, people and robots read and change."""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.bitrix24.sandbox import tables
from connectors.bitrix24.sandbox.faults import Faults
from connectors.bitrix24.sandbox.fields import COMPANY, CONTACT, DEAL, INVOICE, field_set
from connectors.bitrix24.sandbox.filters import FilterRules
from connectors.bitrix24.sandbox.limits import LeakyBuckets, OperatingMeter
from connectors.bitrix24.sandbox.seed import OutgoingWebhook, Seed, User, Webhook
from connectors.bitrix24.sandbox.stages import StageBook
from connectors.bitrix24.sandbox.tables import Table, table, task_table
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.timers import Timers
from connectors.sandbox_kit.write_log import WriteLog


@dataclass(frozen=True, slots=True)
class PortalEvent:
    """Something changed: the vendor's event name, its FIELDS, and who acted (0 for robots)."""

    name: str
    fields: Mapping[str, int | str]
    user_id: int
    app_only: bool = False


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request as it was answered; status 0 means that the connection was dropped."""

    method: str
    commands: tuple[str, ...]
    status: int
    at: datetime


@dataclass(slots=True)
class Communication:
    """A phone or a mail of a client."""

    id: int
    kind: str
    value: str


@dataclass(slots=True)
class Tables:
    """All record tables."""

    items: dict[int, Table]
    history: dict[int, Table]
    requisites: Table = field(default_factory=lambda: table(tables.REQUISITE))
    bank_details: Table = field(default_factory=lambda: table(tables.BANK_DETAIL))
    links: Table = field(default_factory=lambda: table(tables.LINK))
    comments: Table = field(default_factory=lambda: table(tables.COMMENT))
    tasks: Table = field(default_factory=task_table)
    activities: Table = field(default_factory=lambda: table(tables.ACTIVITY))
    log_messages: Table = field(default_factory=lambda: table(tables.LOG_MESSAGE))
    notices: Table = field(default_factory=lambda: table(tables.NOTICE))
    payments: Table = field(default_factory=lambda: table(tables.PAYMENT))
    product_rows: Table = field(default_factory=lambda: table(tables.PRODUCT_ROW))
    users: Table = field(default_factory=lambda: table(tables.USER))


class Portal:
    """One portal. Hold `lock` while reading or changing more than one thing."""

    def __init__(self, seed: Seed, clock: SandboxClock, write_log: WriteLog, faults: Faults) -> None:
        self.lock = threading.RLock()
        self.seed = seed
        self.settings = seed.settings
        self.clock = clock
        self.timers = Timers(clock)
        self.write_log = write_log
        self.faults = faults
        self.zone = ZoneInfo(seed.settings.time_zone)
        self.buckets = LeakyBuckets(seed.settings)
        self.operating = OperatingMeter(seed.settings.operating)
        self.listeners: list[Callable[[PortalEvent], None]] = []
        self.requests: deque[RequestRecord] = deque(maxlen=20_000)
        self.statuses: Counter[int] = Counter()
        self.idempotent: dict[str, tuple[datetime, str, Json]] = {}
        self._request_ids = itertools.count(1)
        self.reset_state()

    def reset_state(self) -> None:
        """Empty every table and forget limits; the loader fills them from the seed again."""
        kinds = (DEAL, CONTACT, COMPANY, INVOICE)
        items = {kind: Table(field_set(kind, self.seed.user_fields)) for kind in kinds}
        self.tables = Tables(items, {DEAL: table(tables.HISTORY), INVOICE: table(tables.HISTORY)})
        self.stages = StageBook.load(self.seed.categories)
        self.communications: dict[tuple[int, int], list[Communication]] = {}
        self.users: dict[int, User] = {user.id: user for user in self.seed.users}
        self.webhooks: dict[tuple[int, str], Webhook] = {(w.user_id, w.code): w for w in self.seed.webhooks}
        self.outgoing: list[OutgoingWebhook] = list(self.seed.outgoing_webhooks)
        self.buckets.clear()
        self.operating.clear()
        self.idempotent.clear()

    @property
    def filter_rules(self) -> FilterRules:
        """How lists read filters here."""
        return FilterRules(self.zone, self.settings.iso_date_filters)

    def now(self) -> datetime:
        """The present moment at the portal's resolution of one second, in UTC."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    def items(self, entity_type: int) -> Table:
        """The items of one entity type (2, 3, 4 or 31)."""
        return self.tables.items[entity_type]

    def next_request_id(self) -> str:
        """A name for the next request, used in the write log."""
        return f"r{next(self._request_ids)}"

    def emit(self, event: PortalEvent) -> None:
        """Tell the listeners (outgoing webhooks, robots' observers) about a change."""
        for listener in list(self.listeners):
            listener(event)

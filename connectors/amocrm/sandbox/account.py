"""The account's state: everything the API, people and hooks read and change."""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.amocrm.sandbox import seed as s
from connectors.amocrm.sandbox.cards import Card, Key, Kind, LinkBook, Table
from connectors.amocrm.sandbox.faults import Faults
from connectors.amocrm.sandbox.fields import FieldBook, FieldSet
from connectors.amocrm.sandbox.limits import Limiter
from connectors.amocrm.sandbox.pipelines import PipelineBook
from connectors.amocrm.sandbox.tokens import TokenBook
from connectors.amocrm.sandbox.values import Reader
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.timers import Timers
from connectors.sandbox_kit.write_log import WriteLog

Record = dict[str, Json]
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class HookEvent:
    """A change as webhooks tell it: subscription name, top entity, action, and the record in the v2 form."""

    setting: str
    entity: str
    action: str
    record: Mapping[str, Json]
    record_id: int
    catalog_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request as it was answered; status 0 means that the connection was dropped."""

    method: str
    status: int
    at: datetime


@dataclass(slots=True)
class Records:
    """Plain records by id: notes, tasks, webhooks and the like."""

    rows: dict[int, Record] = field(default_factory=dict)
    last_id: int = 0

    def insert(self, record: Record) -> Record:
        """Add a record under its id or the next one."""
        given = record.get("id")
        number = given if isinstance(given, int) else self.last_id + 1
        self.last_id = max(self.last_id, number)
        kept: Record = {"id": number, **record}
        kept["id"] = number
        self.rows[number] = kept
        return kept

    def listed(self) -> list[Record]:
        """All records, oldest first."""
        return list(self.rows.values())


def _base32(value: int, length: int) -> str:
    digits = (_BASE32[value >> 5 * place & 31] for place in reversed(range(length)))
    return "".join(digits)


class Account:
    """One account. Hold `lock` while reading or changing more than one thing."""

    def __init__(self, seed: s.Seed, clock: SandboxClock, write_log: WriteLog, faults: Faults) -> None:
        self.lock = threading.RLock()
        self.seed = seed
        self.settings = seed.settings
        self.clock = clock
        self.timers = Timers(clock)
        self.write_log = write_log
        self.faults = faults
        self.zone = ZoneInfo(seed.settings.time_zone)
        self.limiter = Limiter(seed.settings.rate_limit)
        self.tokens = TokenBook(seed.settings, seed.integration, clock)
        self.listeners: list[Callable[[list[HookEvent]], None]] = []
        self.requests: deque[RequestRecord] = deque(maxlen=20_000)
        self.statuses: Counter[int] = Counter()
        self._request_ids = itertools.count(1)
        self.reset_state()

    def reset_state(self) -> None:
        """Empty every table and forget limits; the loader fills them from the seed again."""
        self.cards: dict[Kind, Table] = {kind: Table() for kind in Kind}
        self.links = LinkBook()
        self.pipelines = PipelineBook.load(self.seed.pipelines)
        self.fields = FieldBook()
        self.users: dict[int, s.User] = {user.id: user for user in self.seed.users}
        self.catalogs: dict[int, Record] = {}
        self.tags: dict[Kind, dict[int, str]] = {kind: {} for kind in Kind}
        self.notes: dict[Kind, Records] = {kind: Records(last_id=100_000 * n) for n, kind in enumerate(Kind, 3)}
        self.tasks = Records(last_id=50_000)
        self.webhooks = Records(last_id=800)
        self.events: list[Record] = []
        self.loss_reasons = Records()
        self.talks = Records()
        self.salesbot_runs: list[Record] = []
        self.subdomain = self.settings.subdomain
        self.domain: str | None = None
        self.paid = self.settings.paid
        self.api_filter_enabled = self.settings.api_filter_enabled
        self._tag_ids = itertools.count(2001)
        self._event_ids = itertools.count(1)
        self.limiter.clear()

    @property
    def reader(self) -> Reader:
        """How values are read here."""
        return Reader(self.zone)

    @property
    def account_id(self) -> int:
        """The account's number."""
        return self.settings.account_id

    @property
    def host(self) -> str:
        """The account's public host name."""
        return f"{self.subdomain}.{'kommo.com' if self.settings.brand == 'kommo' else 'amocrm.ru'}"

    def now(self) -> int:
        """The present moment in Unix seconds, the resolution of every stamp."""
        return int(self.clock.timestamp())

    def table(self, kind: Kind) -> Table:
        """The cards of one kind."""
        return self.cards[kind]

    def field_set(self, card: Card) -> FieldSet:
        """The custom fields a card may have."""
        return self.fields.of(card.owner)

    def live(self, key: Key) -> Card | None:
        """A card that is there."""
        return self.cards[key[0]].live(key[1])

    def tag_id(self, kind: Kind, name: str) -> int:
        """The id of a tag, made when it is new."""
        for tag_id, known in self.tags[kind].items():
            if known == name:
                return tag_id
        made = next(self._tag_ids)
        self.tags[kind][made] = name
        return made

    @property
    def invoices_catalog_id(self) -> int | None:
        """The list of type invoices."""
        return next((cid for cid, catalog in self.catalogs.items() if catalog["type"] == "invoices"), None)

    def next_event_id(self) -> str:
        """A ULID-like id that grows with each event."""
        return _base32(int(self.clock.timestamp() * 1000), 10) + _base32(next(self._event_ids), 16)

    def next_request_id(self) -> str:
        """A name for the next request, used in the write log and in X-Request-Id."""
        return f"r{next(self._request_ids)}"

    def tell(self, events: list[HookEvent]) -> None:
        """Hand changes to the hook sender."""
        for listener in list(self.listeners):
            listener(events)

"""A small company that tells its events to receivers of a few lines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hub.domain.decision import Candidate
from hub.ports.events import DeliveryRow, EndpointRow, EventFilter, EventRow, EventType
from hub.ports.store import Store
from hub.services.endpoints import Endpoint, EventTiming
from hub.services.send_events import send_events
from tests.support.receiver import FakeSender
from tests.support.world import World, client, deal, incoming, invoice

BOOKS, CHAT = "books", "chat"


@dataclass
class Telling:
    """`World` with two receivers: `books` wants everything, `chat` only what needs a person."""

    store: Store
    books: FakeSender = field(default_factory=FakeSender)
    chat: FakeSender = field(default_factory=FakeSender)

    def __post_init__(self) -> None:
        self.world = World(self.store).act()
        timing = EventTiming(jitter=lambda: 0.0)
        self.use(
            {
                BOOKS: Endpoint(self.books, timing=timing),
                CHAT: Endpoint(self.chat, frozenset({EventType.ITEM_NEEDS_YOU}), timing),
            }
        )

    def use(self, endpoints: dict[str, Endpoint]) -> None:
        """Set the receivers."""
        self.world.rt = replace(self.world.rt, endpoints=endpoints)

    def sell_and_pay(self, number: str = "71", amount: str = "1000") -> str:
        """A deal with an invoice, and money that pays it; the payment's id."""
        self.world.crm.add(client(), deal(number, amount), invoice(number, number, amount, number))
        return self.world.pay(incoming(f"Оплата по счету {number}", amount, number=f"9{number}"))[0]

    def tell(self) -> int:
        """One round of whatever is due now; how many events were taken."""
        with self.store.read() as uow:
            due = uow.events.due(self.world.clock.now(), self.world.rt.endpoints)
        return sum(send_events(self.world.rt, name) for name in due)

    def events(self) -> list[EventRow]:
        """Everything recorded, oldest first."""
        with self.store.read() as uow:
            return list(reversed(uow.events.find(EventFilter(), 1000)))

    def told(self) -> list[str]:
        """Types of everything recorded, oldest first."""
        return [event.type for event in self.events()]

    def deliveries(self, endpoint: str = BOOKS) -> list[DeliveryRow]:
        """Deliveries to an endpoint, oldest first."""
        with self.store.read() as uow:
            found = uow.events.deliveries([event.number for event in uow.events.find(EventFilter(), 1000)])
        rows = [row for number in sorted(found) for row in found[number]]
        return [row for row in rows if row.endpoint == endpoint]

    def endpoint(self, name: str = BOOKS) -> EndpointRow:
        """How an endpoint stands."""
        with self.store.read() as uow:
            return uow.events.endpoint(name)

    def candidate(self, payment_id: str) -> Candidate:
        """The best candidate of a payment."""
        decision = self.world.payment(payment_id).decision
        assert decision is not None
        return decision.candidates[0]

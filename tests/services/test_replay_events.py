"""Sending again: by id, by range, to a receiver that was added later; and forgetting what is old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.ports.events import DeliveryState, EventFilter, EventType
from hub.ports.store import Store
from hub.services.endpoints import Endpoint
from hub.services.replay_events import CannotReplay, enable_endpoint, plan_replay, replay_events
from tests.services.telling import BOOKS, CHAT, Telling
from tests.support.receiver import FakeSender
from tests.support.world import incoming

LATE = "late"


@pytest.fixture
def telling(store: Store) -> Telling:
    """Three events, a day apart: matched, moved, in need of a person; all delivered."""
    made = Telling(store)
    made.sell_and_pay()
    made.world.clock.sleep(86_400)
    made.world.settle(1)
    made.world.clock.sleep(86_400)
    made.world.pay(incoming("Оплата по счету 99", "500.00", number="5", tax_id="7800000017"))
    made.tell()
    assert made.told() == ["payment.matched", "deal.moved", "item.needs_you"]
    assert made.books.types == made.told()
    return made


def replay(telling: Telling, wanted: EventFilter) -> dict[str, int]:
    planned = plan_replay(telling.world.rt, wanted)
    assert replay_events(telling.world.rt, wanted, "Ольга") == planned
    return planned


def test_one_event_is_sent_again_under_its_id_with_a_new_moment(telling: Telling) -> None:
    event = telling.events()[0]
    telling.world.clock.sleep(3600)
    assert replay(telling, EventFilter(event_id=event.event_id)) == {BOOKS: 1}
    assert telling.tell() == 1
    first, again = telling.books.sent[0], telling.books.sent[-1]
    assert (again.event_id, again.body) == (first.event_id, first.body)
    assert again.at > first.at
    assert [row.attempts for row in telling.deliveries()] == [1, 1, 1], "attempts are counted anew"


def test_a_range_is_closed_at_its_beginning_and_open_at_its_end(telling: Telling) -> None:
    first, second, third = (event.occurred_at for event in telling.events())
    assert plan_replay(telling.world.rt, EventFilter(since=second)) == {BOOKS: 2, CHAT: 1}
    assert plan_replay(telling.world.rt, EventFilter(since=first, until=third)) == {BOOKS: 2}
    assert plan_replay(telling.world.rt, EventFilter(since=third + timedelta(seconds=1))) == {}


def test_type_and_receiver_narrow_a_replay(telling: Telling) -> None:
    assert replay(telling, EventFilter(type=EventType.DEAL_MOVED)) == {BOOKS: 1}
    assert replay(telling, EventFilter(endpoint=CHAT)) == {CHAT: 1}
    assert replay(telling, EventFilter(type=EventType.DEAL_MOVED, endpoint=CHAT)) == {}, "chat does not want those"
    telling.tell()
    assert telling.books.types[3:] == ["deal.moved"]
    assert telling.chat.types == ["item.needs_you"] * 2


def test_a_receiver_that_was_added_later_gets_what_was_recorded_before(telling: Telling) -> None:
    late = FakeSender()
    telling.use({**telling.world.rt.endpoints, LATE: Endpoint(late)})
    assert telling.tell() == 0
    assert replay(telling, EventFilter(endpoint=LATE)) == {LATE: 3}
    assert telling.tell() == 3
    assert late.types == telling.told()
    assert [item.event_id for item in late.sent] == [item.event_id for item in telling.books.sent]


def test_only_failed_deliveries_are_sent_again_when_asked_so(telling: Telling) -> None:
    telling.books.always = 500
    telling.sell_and_pay("72")
    for _ in range(12):
        telling.world.clock.sleep(90_000)
        telling.tell()
    assert telling.deliveries()[-1].state is DeliveryState.FAILED
    telling.books.always = 200
    assert replay(telling, EventFilter(state=DeliveryState.FAILED)) == {BOOKS: 1}
    assert telling.tell() == 1
    assert telling.deliveries()[-1].state is DeliveryState.DONE


def test_what_is_queued_anyway_is_tried_at_once_and_from_the_first_attempt(telling: Telling) -> None:
    telling.books.answers.extend([500, 500])
    telling.sell_and_pay("72")
    telling.tell()
    telling.world.clock.sleep(6)
    telling.tell()
    assert telling.deliveries()[-1].attempts == 2
    newest = telling.events()[-1]
    replay(telling, EventFilter(event_id=newest.event_id))
    assert telling.tell() == 1
    assert telling.deliveries()[-1].attempts == 1


def test_an_unknown_receiver_is_refused_with_those_there_are(telling: Telling) -> None:
    with pytest.raises(CannotReplay, match=r"«nobody».*books, chat"):
        plan_replay(telling.world.rt, EventFilter(endpoint="nobody"))
    with pytest.raises(CannotReplay):
        enable_endpoint(telling.world.rt, "nobody", "Ольга")


def test_old_events_are_forgotten_with_their_deliveries_and_one_under_way_is_not(telling: Telling) -> None:
    telling.books.always = 500
    telling.sell_and_pay("72")
    telling.tell()
    cut = telling.deliveries()[-1].next_attempt_at
    with telling.store.write() as uow:
        assert uow.events.prune(cut) == 3
        assert uow.events.prune(cut) == 0
    assert [event.subject for event in telling.events()] == ["p3"]
    assert len(telling.deliveries()) == 1


def test_what_waits_for_a_receiver_that_is_off_is_forgotten_in_time_too(telling: Telling) -> None:
    telling.books.always = 410
    telling.sell_and_pay("72")
    telling.tell()
    telling.world.clock.sleep(40 * 86_400)
    with telling.store.write() as uow:
        assert uow.events.prune(telling.world.clock.now() - timedelta(days=30)) == 4
    assert telling.deliveries() == []

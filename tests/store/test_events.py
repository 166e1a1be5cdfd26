"""Events in the store: one sender at a time for each receiver, whoever asks and however many do."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from hub.ports.events import DeliveryState, EventFilter, EventType, NewEvent
from hub.ports.store import Store
from tests.store.builders import NOW, later

LEASE_S = 60.0


@pytest.fixture
def event_id(store: Store) -> str:
    with store.write() as uow:
        return uow.events.add(NewEvent(EventType.DEAL_MOVED, "b24/1", {"ё": "1.00"}), ["books", "chat"], NOW)


def test_an_event_is_read_as_it_was_recorded(store: Store, event_id: str) -> None:
    with store.read() as uow:
        event = uow.events.get(event_id)
        assert event is not None
        assert (event.event_id, event.type, event.subject) == (event_id, "deal.moved", "b24/1")
        assert (event.data, event.occurred_at) == ({"ё": "1.00"}, NOW)
        assert uow.events.last("b24/1") == event
        assert uow.events.last("b24/2") is None
        assert uow.events.get("evt_no") is None
        assert [row.endpoint for row in uow.events.deliveries([event.number])[event.number]] == ["books", "chat"]


def test_ids_are_never_the_same(store: Store) -> None:
    with store.write() as uow:
        ids = {uow.events.add(NewEvent(EventType.DEAL_MOVED, "b24/1", {}), [], NOW) for _ in range(200)}
    assert len(ids) == 200


def test_of_many_claims_at_once_one_gets_the_turn(store: Store, event_id: str) -> None:
    start = threading.Barrier(6)
    got: list[str] = []

    def claim(owner: str) -> None:
        start.wait(10)
        with store.write() as uow:
            if uow.events.claim("books", owner, NOW, LEASE_S) is not None:
                got.append(owner)

    threads = [threading.Thread(target=claim, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_a_turn_holds_until_its_lease_runs_out_or_it_is_given_back(store: Store, event_id: str) -> None:
    with store.write() as uow:
        assert uow.events.claim("books", "a", NOW, LEASE_S) is not None
        assert uow.events.claim("books", "b", later(LEASE_S - 1), LEASE_S) is None
        assert uow.events.due(later(LEASE_S - 1), ["books", "chat"]) == ["chat"]
        assert uow.events.claim("chat", "b", NOW, LEASE_S) is not None
        uow.events.release("books", "b")
        assert uow.events.due(NOW, ["books"]) == [], "only the holder gives a turn back"
        uow.events.release("books", "a")
        assert uow.events.due(NOW, ["books"]) == ["books"]
        assert uow.events.claim("books", "b", NOW, LEASE_S) is not None
        assert uow.events.claim("books", "c", later(LEASE_S), LEASE_S) is not None


def test_a_result_without_the_turn_is_ignored(store: Store, event_id: str) -> None:
    with store.write() as uow:
        row = uow.events.claim("books", "a", NOW, LEASE_S)
        assert row is not None
        assert uow.events.claim("books", "b", later(LEASE_S), LEASE_S) is not None
        assert not uow.events.done(row.id, "a", 200, later(61))
        assert not uow.events.postpone(row.id, "a", "нет", None, later(61))
        assert not uow.events.fail(row.id, "a", "нет", 500, later(61))
        assert uow.events.done(row.id, "b", 204, later(62))
        assert not uow.events.fail(row.id, "b", "нет", 500, later(63)), "what is settled stays settled"
        stand = uow.events.endpoint("books")
    assert (stand.count(DeliveryState.DONE), stand.succeeded_at) == (1, later(62))


def test_a_turn_without_a_delivery_is_given_back(store: Store) -> None:
    with store.write() as uow:
        assert uow.events.claim("books", "a", NOW, LEASE_S) is None
        uow.events.add(NewEvent(EventType.DEAL_MOVED, "b24/1", {}), ["books"], NOW)
        assert uow.events.claim("books", "b", NOW, LEASE_S) is not None


def test_what_waits_for_its_next_attempt_does_not_stop_the_others(store: Store, event_id: str) -> None:
    with store.write() as uow:
        row = uow.events.claim("books", "a", NOW, LEASE_S)
        assert row is not None
        uow.events.postpone(row.id, "a", "нет", 500, later(300))
        uow.events.add(NewEvent(EventType.DEAL_MOVED, "b24/2", {}), ["books"], later(1))
        second = uow.events.claim("books", "a", later(1), LEASE_S)
        assert second is not None
        assert second.event.subject == "b24/2"
        uow.events.done(second.id, "a", 200, later(1))
        assert uow.events.claim("books", "a", later(299), LEASE_S) is None
        assert uow.events.claim("books", "a", later(300), LEASE_S) is not None


def test_events_are_found_by_type_time_and_state(store: Store, event_id: str) -> None:
    with store.write() as uow:
        other = uow.events.add(NewEvent(EventType.ITEM_NEEDS_YOU, "p1", {}), ["chat"], later(60))

        def found(wanted: EventFilter) -> list[str]:
            return [event.event_id for event in uow.events.find(wanted, 10)]

        assert found(EventFilter()) == [other, event_id]
        assert found(EventFilter(type=EventType.ITEM_NEEDS_YOU)) == [other]
        assert found(EventFilter(since=NOW + timedelta(seconds=60))) == [other]
        assert found(EventFilter(until=NOW + timedelta(seconds=60))) == [event_id]
        assert found(EventFilter(endpoint="books", state=DeliveryState.QUEUED)) == [event_id]
        assert found(EventFilter(state=DeliveryState.QUEUED)) == [other, event_id]
        assert found(EventFilter(state=DeliveryState.DONE)) == []
        assert [event.event_id for event in uow.events.find(EventFilter(), 1, 1)] == [event_id]


def test_an_unknown_endpoint_stands_as_new(store: Store) -> None:
    with store.read() as uow:
        stand = uow.events.endpoint("nobody")
    assert (stand.disabled_because, stand.succeeded_at, stand.count(DeliveryState.QUEUED)) == (None, None, 0)

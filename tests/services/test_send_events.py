"""Events reach their receivers in spite of everything: crashes, lost leases, refusals for three days, 410, pauses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.ports.events import DeliveryState, EventAnswer, EventFilter
from hub.ports.store import Store
from hub.services.control import pause
from hub.services.endpoints import PAUSES_S
from hub.services.replay_events import enable_endpoint
from hub.services.runtime import Work
from hub.services.send_events import payload, ping, send_events
from hub.services.sweep import sweep
from tests.services.telling import BOOKS, CHAT, Telling
from tests.support.matrix import Figures
from tests.support.receiver import NO_ANSWER
from tests.support.world import incoming

_DAY_S = 86_400.0


class Crash(BaseException):
    """The process dies here."""


def die() -> None:
    """End the process."""
    raise Crash


@pytest.fixture
def telling(store: Store) -> Telling:
    return Telling(store)


def live_until_settled(telling: Telling) -> float:
    """Tell whatever becomes due until nothing is queued; seconds that passed."""
    began = telling.world.clock.now()
    while queued := [row for row in telling.deliveries() if row.state is DeliveryState.QUEUED]:
        wait_s = (min(row.next_attempt_at for row in queued) - telling.world.clock.now()).total_seconds()
        telling.world.clock.sleep(max(0.0, wait_s))
        telling.tell()
    return (telling.world.clock.now() - began).total_seconds()


def test_an_event_is_sent_once_and_settled(telling: Telling) -> None:
    telling.sell_and_pay()
    assert telling.tell() == 1
    assert telling.tell() == 0
    (sent,), (event,), (row,) = telling.books.sent, telling.events(), telling.deliveries()
    assert (sent.event_id, sent.json["type"]) == (event.event_id, "payment.matched")
    assert (row.state, row.attempts, row.status) == (DeliveryState.DONE, 1, 200)
    assert telling.endpoint().succeeded_at == telling.world.clock.now()


def test_the_body_is_the_same_at_every_attempt_and_only_the_signed_moment_is_new(telling: Telling) -> None:
    telling.sell_and_pay()
    (event,) = telling.events()
    telling.books.answers.append(500)
    telling.tell()
    telling.world.clock.sleep(6)
    telling.tell()
    first, second = telling.books.sent
    assert first.body == second.body == payload(event)
    assert first.json["id"] == first.event_id == event.event_id
    assert (first.json["version"], first.json["timestamp"]) == (1, "2026-03-10T09:00:00.000Z")
    assert second.at - first.at == timedelta(seconds=6)
    assert '"amount":"1000.00"' in first.body.decode(), "money is text, never a float"


def test_all_that_waits_goes_out_in_order_in_one_turn(telling: Telling) -> None:
    for number in ("71", "72", "73"):
        telling.sell_and_pay(number)
    assert telling.tell() == 3
    assert [item.event_id for item in telling.books.sent] == [event.event_id for event in telling.events()]


@pytest.mark.row(1)
def test_a_crash_between_send_and_settle_sends_the_same_id_again(telling: Telling, figures: Figures) -> None:
    telling.sell_and_pay()
    telling.books.on_send = die
    with pytest.raises(Crash):
        telling.tell()
    assert telling.tell() == 0, "the turn of the dead sender still holds"
    telling.world.clock.sleep(61)
    assert telling.tell() == 1
    ids = [item.event_id for item in telling.books.sent]
    assert (len(ids), len(set(ids))) == (2, 1)
    figures.most("ids of an event", len(set(ids)))


def test_a_late_answer_of_a_lost_lease_is_ignored(telling: Telling) -> None:
    telling.sell_and_pay()

    def somebody_else_sends() -> None:
        telling.world.clock.sleep(61)
        assert telling.tell() == 1

    telling.books.on_send = somebody_else_sends
    telling.books.answers.extend([200, 500])
    assert telling.tell() == 0, "the slow sender's 500 changes nothing"
    (row,) = telling.deliveries()
    assert (row.state, row.attempts, row.status) == (DeliveryState.DONE, 2, 200)


def test_one_sender_at_a_time_serves_a_receiver(telling: Telling) -> None:
    telling.sell_and_pay("71")
    telling.sell_and_pay("72")
    meanwhile: list[int] = []
    telling.books.on_send = lambda: meanwhile.append(send_events(telling.world.rt, BOOKS))
    assert telling.tell() == 2
    assert meanwhile == [0]


def test_three_days_of_refusals_end_in_failed_and_are_shown(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.books.always = 500
    took_s = live_until_settled(telling)
    (row,) = telling.deliveries()
    assert (row.state, row.status, row.error) == (DeliveryState.FAILED, 500, "Получатель ответил 500.")
    assert row.attempts == len(telling.books.sent) == len(PAUSES_S)
    assert 3 * _DAY_S < took_s < 3.5 * _DAY_S
    assert telling.endpoint().count(DeliveryState.FAILED) == 1
    with telling.store.read() as uow:
        failed = uow.events.find(EventFilter(state=DeliveryState.FAILED), 10)
    assert [event.event_id for event in failed] == [event.event_id for event in telling.events()]


def test_a_receiver_that_comes_back_on_the_third_day_gets_everything(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.books.answers.extend([NO_ANSWER] * (len(PAUSES_S) - 1))
    live_until_settled(telling)
    (row,) = telling.deliveries()
    assert (row.state, row.attempts, row.error) == (DeliveryState.DONE, len(PAUSES_S), None)


def test_no_answer_is_kept_with_its_reason(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.books.answers.append(NO_ANSWER)
    telling.tell()
    (row,) = telling.deliveries()
    assert (row.state, row.status, row.error) == (DeliveryState.QUEUED, None, str(NO_ANSWER))
    assert row.next_attempt_at == telling.world.clock.now() + timedelta(seconds=5)


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_the_receiver_asks_for_is_kept_for_all_its_events(telling: Telling, status: int) -> None:
    telling.sell_and_pay("71")
    telling.books.answers.append(EventAnswer(status, 3600.0))
    telling.tell()
    telling.sell_and_pay("72")
    telling.world.clock.sleep(3599)
    assert telling.tell() == 0
    assert len(telling.books.sent) == 1
    assert telling.endpoint().held_until is not None
    telling.world.clock.sleep(1)
    assert telling.tell() == 2


def test_another_refusal_with_retry_after_is_repeated_by_our_schedule(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.books.answers.append(EventAnswer(500, 3600.0))
    telling.tell()
    telling.world.clock.sleep(5)
    assert telling.tell() == 1


def test_a_receiver_that_is_gone_is_left_alone_until_a_person_enables_it(telling: Telling) -> None:
    telling.sell_and_pay("71")
    telling.books.answers.append(410)
    telling.tell()
    stand = telling.endpoint()
    assert stand.disabled_because is not None
    assert "410" in stand.disabled_because
    telling.sell_and_pay("72")
    telling.world.clock.sleep(5 * _DAY_S)
    assert telling.tell() == 0
    assert len(telling.books.sent) == 1
    assert enable_endpoint(telling.world.rt, BOOKS, "Ольга")
    assert telling.tell() == 2, "what waited meanwhile goes out"
    assert telling.endpoint().disabled_because is None
    assert not enable_endpoint(telling.world.rt, BOOKS, "Ольга")


def test_a_redirect_is_a_refusal(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.books.answers.append(302)
    telling.tell()
    (row,) = telling.deliveries()
    assert row.state is DeliveryState.QUEUED
    assert row.error is not None
    assert "перенаправления" in row.error


def test_a_dead_receiver_costs_one_attempt_a_turn_and_never_holds_up_the_other(telling: Telling) -> None:
    telling.chat.always = NO_ANSWER
    for day in (3, 4, 5):
        telling.world.pay(incoming("Оплата по счету 99", "500.00", day=day))
    assert telling.tell() == 3
    assert (len(telling.books.sent), len(telling.chat.sent)) == (3, 1)
    assert [row.attempts for row in telling.deliveries(CHAT)] == [1, 0, 0]


def test_events_go_on_while_the_hub_is_paused(telling: Telling) -> None:
    pause(telling.world.rt, "Ольга")
    telling.sell_and_pay()
    assert telling.tell() == 1
    telling.world.settle(3)
    assert telling.world.crm.writes == []


def test_the_sweep_hints_receivers_that_have_something_due(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.world.hints.clear()
    sweep(telling.world.rt, timed=False)
    assert [hint for hint in telling.world.hints if hint[0] is Work.EVENT] == [(Work.EVENT, BOOKS)]
    telling.tell()
    telling.world.hints.clear()
    sweep(telling.world.rt, timed=False)
    assert [hint for hint in telling.world.hints if hint[0] is Work.EVENT] == []


def test_a_hint_for_a_receiver_that_was_taken_out_of_the_settings_does_nothing(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.use({})
    assert send_events(telling.world.rt, BOOKS) == 0


def test_a_ping_goes_past_the_queue_and_leaves_no_trace(telling: Telling) -> None:
    telling.sell_and_pay()
    assert ping(telling.world.rt, BOOKS, "evt_ping").status == 200
    (sent,) = telling.books.sent
    assert (sent.json["type"], sent.json["id"]) == ("ping", "evt_ping")
    assert len(telling.events()) == 1
    assert telling.deliveries()[0].attempts == 0

"""Outbox: once for ever by key, one after another for each subject, only while everything allows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from hub.ports.records import EffectKind, EffectRow, EffectState, Health
from hub.ports.store import UnitOfWork
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, add_payment, effect, later


@contextmanager
def acting(store: SqlStore) -> Iterator[tuple[UnitOfWork, str]]:
    """A writing unit with an acting connection and a payment."""
    with store.write() as uow:
        uow.connections.set_acting(CRM, True, date(2026, 1, 1))
        yield uow, add_payment(uow)


def read(uow: UnitOfWork, number: int) -> EffectRow:
    row = uow.outbox.get(number)
    assert row is not None
    return row


def settle(uow: UnitOfWork, number: int, state: EffectState = EffectState.DONE) -> None:
    assert uow.outbox.claim(number, "w", NOW, 60) is not None
    assert uow.outbox.settle(number, "w", state, {"outcome": "moved"}, None, NOW)


def test_an_operation_key_is_used_once_for_ever(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        first = uow.outbox.add([effect("a", payment), effect("b", payment), effect("a", payment)], NOW)
        assert len(first) == 2
        settle(uow, first[0])
        assert uow.outbox.add([effect("a", payment), effect("b", payment)], NOW) == []


def test_an_effect_comes_back_as_it_was_written(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        [number] = uow.outbox.add([effect("a", payment, after=("z", "y"))], NOW)
        row = read(uow, number)
        assert uow.outbox.of_payment(payment) == [row]
        assert uow.outbox.get(404) is None
    assert (row.operation_key, row.connection, row.kind, row.subject) == ("a", CRM, EffectKind.MOVE_DEAL, "b24/1")
    assert (row.payment_id, row.payload, row.after) == (payment, {"deal": "1", "text": "Оплачено"}, ("z", "y"))
    assert (row.state, row.attempts, row.next_attempt_at, row.created_at) == (EffectState.QUEUED, 0, NOW, NOW)
    assert (row.intent_at, row.intent, row.result, row.reason, row.settled_at) == (None, None, None, None, None)


def test_a_planned_effect_is_never_taken(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        [number] = uow.outbox.add([effect("a", payment, observed_because="наблюдение")], NOW)
        assert uow.outbox.due(later(9999), 10) == []
        assert uow.outbox.claim(number, "w", later(9999), 60) is None
        assert (read(uow, number).state, read(uow, number).reason) == (EffectState.PLANNED, "наблюдение")


def test_effects_of_one_subject_go_one_after_another(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        first, second, other = uow.outbox.add(
            [effect("a", payment), effect("b", payment), effect("c", payment, subject="b24/2")], NOW
        )
        assert uow.outbox.due(NOW, 10) == [first, other]
        assert uow.outbox.claim(second, "w", NOW, 60) is None
        settle(uow, first)
        assert uow.outbox.due(NOW, 10) == [second, other]


@pytest.mark.parametrize("state", [EffectState.PARKED, EffectState.CANCELLED, EffectState.DONE])
def test_a_settled_older_effect_blocks_no_younger(store: SqlStore, state: EffectState) -> None:
    with acting(store) as (uow, payment):
        first, second = uow.outbox.add([effect("a", payment), effect("b", payment)], NOW)
        settle(uow, first, state)
        assert uow.outbox.due(NOW, 10) == [second]


def test_an_older_effect_in_postponement_still_blocks(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        first, second = uow.outbox.add([effect("a", payment), effect("b", payment)], NOW)
        uow.outbox.claim(first, "w", NOW, 60)
        assert uow.outbox.postpone(first, "w", "лимит", later(100))
        assert uow.outbox.due(later(50), 10) == []
        assert uow.outbox.claim(second, "w", later(50), 60) is None
        assert uow.outbox.due(later(100), 10) == [first]


def test_an_effect_waits_until_all_it_follows_is_done(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        first, second, third = uow.outbox.add(
            [
                effect("a", payment, subject="b24/1"),
                effect("b", payment, subject="b24/2"),
                effect("c", payment, subject="b24/3", after=("a", "b")),
            ],
            NOW,
        )
        [orphan] = uow.outbox.add([effect("d", payment, subject="b24/4", after=("nothing",))], NOW)
        assert uow.outbox.due(NOW, 10) == [first, second]
        settle(uow, first)
        assert uow.outbox.due(NOW, 10) == [second]
        settle(uow, second)
        assert uow.outbox.due(NOW, 10) == [third]
        assert uow.outbox.claim(orphan, "w", NOW, 60) is None


def test_a_capped_connection_stops_new_moves_only(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        move, note, announced = uow.outbox.add(
            [
                effect("a", payment),
                effect("b", payment, subject="b24/2", kind=EffectKind.COMMENT),
                effect("c", payment, subject="b24/3"),
            ],
            NOW,
        )
        uow.outbox.claim(announced, "w", NOW, 60)
        uow.outbox.intend(announced, "w", {"to": "WON"}, NOW)
        uow.outbox.postpone(announced, "w", "ответ потерян", NOW)
        uow.connections.set_capped(CRM, True)
        assert uow.outbox.due(NOW, 10) == [note, announced]
        assert uow.outbox.claim(move, "w", NOW, 60) is None
        uow.connections.set_capped(CRM, False)
        assert uow.outbox.due(NOW, 10) == [move, note, announced]


def test_a_dead_an_observing_and_an_unknown_connection_get_nothing(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        number, stranger = uow.outbox.add(
            [effect("a", payment, kind=EffectKind.TASK), effect("b", payment, subject="x/1", connection="x")], NOW
        )
        uow.connections.report(CRM, Health.DEAD, "токен отозван", NOW)
        assert uow.outbox.due(NOW, 10) == []
        uow.connections.report(CRM, Health.TROUBLE, "503", NOW)
        assert uow.outbox.due(NOW, 10) == [number]
        uow.connections.set_acting(CRM, False, None)
        assert uow.outbox.due(NOW, 10) == []
        assert uow.outbox.claim(number, "w", NOW, 60) is None
        assert uow.outbox.claim(stranger, "w", NOW, 60) is None


def test_a_paused_hub_sends_nothing_and_keeps_the_queue(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        [number] = uow.outbox.add([effect("a", payment)], NOW)
        uow.switches.pause("anna", NOW)
        assert uow.outbox.due(NOW, 10) == []
        assert uow.outbox.claim(number, "w", NOW, 60) is None
        uow.switches.resume()
        assert uow.outbox.due(NOW, 10) == [number]


def test_an_announced_effect_is_taken_again_after_its_lease(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        [number] = uow.outbox.add([effect("a", payment)], NOW)
        uow.outbox.claim(number, "one", NOW, 60)
        assert uow.outbox.intend(number, "one", {"to": "WON"}, later(1))
        assert uow.outbox.claim(number, "two", later(59), 60) is None
        row = uow.outbox.claim(number, "two", later(60), 60)
        assert row is not None
        assert (row.state, row.intent, row.intent_at, row.attempts) == (EffectState.INTENT, {"to": "WON"}, later(1), 2)
        assert not uow.outbox.settle(number, "one", EffectState.DONE, {}, None, later(61))
        assert not uow.outbox.postpone(number, "one", "late", later(61))
        assert uow.outbox.settle(number, "two", EffectState.DONE, {"outcome": "already_there"}, None, later(62))
        assert not uow.outbox.settle(number, "two", EffectState.PARKED, {}, None, later(63))
        settled = read(uow, number)
    assert (settled.state, settled.result, settled.settled_at) == (
        EffectState.DONE,
        {"outcome": "already_there"},
        later(62),
    )


def test_nothing_may_be_announced_after_the_lease_ran_out_but_its_result_still_counts(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        [number] = uow.outbox.add([effect("a", payment)], NOW)
        uow.outbox.claim(number, "w", NOW, 60)
        assert not uow.outbox.intend(number, "other", {}, later(1))
        assert not uow.outbox.intend(number, "w", {}, later(60))
        assert uow.outbox.settle(number, "w", EffectState.PARKED, {}, "обязательное поле", later(61))
        assert read(uow, number).reason == "обязательное поле"


def test_a_postponed_effect_keeps_its_intent(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        [number] = uow.outbox.add([effect("a", payment)], NOW)
        uow.outbox.claim(number, "w", NOW, 60)
        uow.outbox.intend(number, "w", {"to": "WON"}, NOW)
        assert uow.outbox.postpone(number, "w", "ответ потерян", later(10))
        row = read(uow, number)
        assert (row.state, row.intent, row.reason) == (EffectState.INTENT, {"to": "WON"}, "ответ потерян")
        assert uow.outbox.due(later(9), 10) == []
        assert uow.outbox.due(later(10), 10) == [number]


def test_an_effect_cannot_be_settled_into_a_queue(store: SqlStore) -> None:
    with acting(store) as (uow, payment), pytest.raises(ValueError, match="queued"):
        uow.outbox.settle(1, "w", EffectState.QUEUED, {}, None, NOW)
    assert payment == "p1"


def test_what_was_not_sent_is_withdrawn_even_from_under_a_worker(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        planned, queued, held, announced = uow.outbox.add(
            [
                effect("a", payment, observed_because="наблюдение"),
                effect("b", payment, subject="b24/2"),
                effect("c", payment, subject="b24/3"),
                effect("d", payment, subject="b24/4"),
            ],
            NOW,
        )
        other = add_payment(uow, "другой")
        uow.outbox.add([effect("e", other, subject="b24/5")], NOW)
        uow.outbox.claim(held, "w", NOW, 60)
        uow.outbox.claim(announced, "w", NOW, 60)
        uow.outbox.intend(announced, "w", {}, NOW)
        assert uow.outbox.cancel_unsent(payment, later(5)) == 3
        assert not uow.outbox.intend(held, "w", {}, later(6))
        states = [read(uow, number).state for number in (planned, queued, held, announced)]
        assert states == [EffectState.CANCELLED] * 3 + [EffectState.INTENT]
        assert [row.state for row in uow.outbox.of_payment(other)] == [EffectState.QUEUED]


def test_a_parked_effect_is_sent_again_by_a_person_and_its_followers_come_back(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        move, note, task = uow.outbox.add(
            [
                effect("a", payment),
                effect("b", payment, kind=EffectKind.COMMENT, after=("a",)),
                effect("c", payment, kind=EffectKind.TASK, after=("b",)),
            ],
            NOW,
        )
        settle(uow, move, EffectState.PARKED)
        assert uow.outbox.cancel_orphans(NOW) == 2
        assert uow.outbox.cancel_orphans(NOW) == 0
        assert {read(uow, number).state for number in (note, task)} == {EffectState.CANCELLED}
        assert uow.outbox.requeue(move, later(5))
        assert not uow.outbox.requeue(move, later(5))
        rows = [read(uow, number) for number in (move, note, task)]
        assert [(row.state, row.attempts, row.result) for row in rows] == [(EffectState.QUEUED, 0, None)] * 3
        assert uow.outbox.due(later(5), 10) == [move]


def test_followers_withdrawn_with_their_payment_do_not_come_back(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        move, note = uow.outbox.add([effect("a", payment), effect("b", payment, after=("a",))], NOW)
        settle(uow, move, EffectState.PARKED)
        uow.outbox.cancel_orphans(NOW)
        uow.outbox.cancel_unsent(payment, NOW)
        uow.outbox.requeue(move, NOW)
        assert read(uow, note).state is EffectState.CANCELLED


def test_an_announced_effect_that_was_parked_comes_back_as_announced(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        [number] = uow.outbox.add([effect("a", payment)], NOW)
        uow.outbox.claim(number, "w", NOW, 60)
        uow.outbox.intend(number, "w", {"to": "WON"}, NOW)
        uow.outbox.settle(number, "w", EffectState.PARKED, {}, "исход неизвестен", NOW)
        assert uow.outbox.requeue(number, later(5))
        row = read(uow, number)
    assert (row.state, row.intent, row.reason, row.settled_at) == (EffectState.INTENT, {"to": "WON"}, None, None)


def test_the_last_move_is_the_newest_that_took_place(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        numbers = uow.outbox.add(
            [
                effect("a", payment),
                effect("b", payment, kind=EffectKind.STEP_BACK),
                effect("c", payment),
                effect("d", payment, kind=EffectKind.COMMENT),
            ],
            NOW,
        )
        assert uow.outbox.last_move("b24/1") is None
        for number, outcome in zip(numbers, ("moved", "moved", "already_there", "moved"), strict=True):
            uow.outbox.claim(number, "w", NOW, 60)
            uow.outbox.settle(number, "w", EffectState.DONE, {"outcome": outcome}, None, later(number))
        last = uow.outbox.last_move("b24/1")
    assert last is not None
    assert last.id == numbers[1]


def test_moves_of_the_last_hour_are_counted_by_their_intent(store: SqlStore) -> None:
    with acting(store) as (uow, payment):
        kinds = (EffectKind.MOVE_DEAL, EffectKind.MOVE_DEAL, EffectKind.COMMENT, EffectKind.MOVE_DEAL)
        effects = [effect(str(at), payment, subject=f"b24/{at}", kind=kind) for at, kind in enumerate(kinds)]
        for at, number in enumerate(uow.outbox.add(effects, NOW)[:3]):
            uow.outbox.claim(number, "w", later(at), 60)
            uow.outbox.intend(number, "w", {}, later(at))
        assert uow.outbox.moves_since(CRM, NOW) == 2
        assert uow.outbox.moves_since(CRM, later(1)) == 1
        assert uow.outbox.moves_since("other", NOW) == 0

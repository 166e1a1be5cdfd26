"""Moving a deal, answer by answer: what is settled, in which words, and when a move is sent once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from hub import failpoints
from hub.domain.errors import ConnectorError, RetryLater, UnknownOutcome
from hub.domain.models import Pipeline
from hub.domain.money import Money
from hub.ports.crm import MoveOutcome, MoveResult, Position, StageChange
from hub.ports.records import EffectKind, EffectRow, EffectState, NewEffect
from hub.services.after_restore import note_restore
from hub.services.control import send_again
from hub.services.deliver import deliver
from hub.services.delivery import IN_FLIGHT, MAX_REPEATS
from hub.services.runtime import PIPELINES, dump_pipelines
from hub.services.settle_payment import choose_invoices, undo_match
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.fake_crm import SALES, FakeCrm
from tests.support.world import CRM, World, client, deal, incoming, invoice

READ_BACK = "Ответ CRM потерялся, чтение показало: переход состоялся."
WAS_OURS = "Ответ CRM потерялся, но переход состоялся; потом сделку переставили."


class PlainCrm(FakeCrm):
    """Writes history by the clock of the test, and may answer a move in a way of its own."""

    world: World
    told: MoveResult | ConnectorError | None = None
    lands: bool = True
    asked: tuple[str, Position, Position, str] | None = None
    history_fails: bool = False

    def history(self, deal_id: str) -> tuple[StageChange, ...]:
        if self.history_fails:
            raise RetryLater("busy", "CRM занята.")
        return super().history(deal_id)

    def move(self, deal_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        self.asked = (deal_id, expected, target, operation_key)
        if self.told is None:
            return super().move(deal_id, expected, target, operation_key)
        if self.lands:
            self._our_move(deal_id, target)
        if isinstance(self.told, ConnectorError):
            raise self.told
        return self.told

    def _record(self, deal_id: str, position: Position) -> None:
        rows = self.rows.setdefault(deal_id, [])
        rows.append(StageChange(f"{deal_id}.{len(rows) + 1}", position, self.world.clock.now()))


@pytest.fixture
def world(sqlite_database: Database) -> World:
    crm = PlainCrm()
    world = World(SqlStore(sqlite_database), crm)
    crm.world = world
    world.act()
    crm.invoice_stage["71"] = "P"
    crm.add(client(), deal(), invoice())
    world.sync()
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    return world


def plain(world: World) -> PlainCrm:
    assert isinstance(world.crm, PlainCrm)
    return world.crm


def moves_of(world: World, payment_id: str) -> list[EffectRow]:
    return [row for row in world.effects(payment_id) if row.kind is EffectKind.MOVE_DEAL]


def move_row(world: World) -> EffectRow:
    return moves_of(world, "p1")[0]


def try_once(world: World, after_s: float = 0) -> EffectRow:
    """One attempt of the move, so many seconds from now; returns the row as it is then."""
    world.clock.sleep(after_s)
    deliver(world.rt, move_row(world).id)
    return move_row(world)


def lose(world: World, *, lands: bool) -> EffectRow:
    """One attempt whose answer is lost."""
    plain(world).faults.append("lost" if lands else "dropped")
    row = try_once(world)
    assert row.state is EffectState.INTENT
    return row


def test_a_move_is_settled_with_where_it_came_from_and_its_row_of_history(world: World) -> None:
    row = try_once(world)
    assert row.state is EffectState.DONE
    assert row.reason is None
    assert row.result == {
        "outcome": "moved",
        "from": ["0", "NEW"],
        "to": ["0", "SHIP"],
        "touched": None,
        "missing": [],
        "mark": "1.2",
    }
    assert row.intent is not None
    assert row.intent["from"] == ["0", "NEW"]
    assert row.intent["writes"] == 1


def test_the_crms_own_mark_is_kept(world: World) -> None:
    plain(world).told = MoveResult(MoveOutcome.MOVED, Position("0", "SHIP"), touched="10:00", mark="m7")
    result = try_once(world).result
    assert result is not None
    assert (result["mark"], result["touched"]) == ("m7", "10:00")
    assert "overlapped" not in result


def test_without_history_the_move_stands_and_only_lacks_the_mark(world: World) -> None:
    plain(world).history_fails = True
    row = try_once(world)
    assert row.state is EffectState.DONE
    assert row.result is not None
    assert row.result["mark"] is None


def test_a_history_that_does_not_end_at_our_stage_gives_no_mark(world: World) -> None:
    plain(world).told = MoveResult(MoveOutcome.MOVED, Position("0", "SHIP"))
    plain(world).lands = False
    result = try_once(world).result
    assert result is not None
    assert result["mark"] is None


def test_an_empty_history_gives_no_mark(world: World) -> None:
    plain(world).told = MoveResult(MoveOutcome.MOVED, Position("0", "SHIP"))
    plain(world).lands = False
    plain(world).rows.clear()
    result = try_once(world).result
    assert result is not None
    assert result["mark"] is None


def test_a_history_of_our_row_alone_gives_the_mark(world: World) -> None:
    plain(world).rows.clear()
    result = try_once(world).result
    assert result is not None
    assert result["mark"] == "1.1"
    assert "overlapped" not in result


def test_a_hand_between_read_and_write_is_named(world: World) -> None:
    plain(world).faults.append(lambda: plain(world).human_moves("1", "PREPAID"))
    row = try_once(world)
    assert row.state is EffectState.DONE
    assert row.reason == "Пока хаб записывал переход, сделку двигал кто-то ещё: проверьте стадию."
    assert row.result is not None
    assert row.result["overlapped"] == "PREPAID"
    assert row.result["mark"] is None, "which row is ours nobody can tell"


@pytest.mark.parametrize("outcome", [MoveOutcome.CHANGED_BY_OTHER, MoveOutcome.REFUSED])
def test_a_no_is_parked_and_gets_no_mark(world: World, outcome: MoveOutcome) -> None:
    plain(world).told = MoveResult(outcome, Position("0", "NEW"), reason="Так нельзя.", missing=("Договор",))
    plain(world).lands = False
    row = try_once(world)
    assert (row.state, row.reason) == (EffectState.PARKED, "Так нельзя.")
    assert row.result is not None
    assert (row.result["outcome"], row.result["mark"], row.result["missing"]) == (outcome.value, None, ["Договор"])


@pytest.mark.parametrize(
    ("stage", "state", "outcome"),
    [
        ("SHIP", EffectState.DONE, "there"),
        ("WON", EffectState.DONE, "ahead"),
        ("LOSE", EffectState.PARKED, "blocked"),
    ],
)
def test_what_the_guard_forbids_is_told_with_where_the_deal_stands(
    world: World, stage: str, state: EffectState, outcome: str
) -> None:
    plain(world).human_moves("1", stage)
    row = try_once(world)
    assert (row.state, row.result) == (state, {"outcome": outcome, "to": ["0", stage]})
    assert row.reason
    assert world.crm.moves_of("1") == []


def test_a_deal_in_another_pipeline_is_parked_without_asking_for_its_stage_there(world: World) -> None:
    world.sync()
    plain(world).deals["1"] = replace(plain(world).deals["1"], pipeline_id="9", stage_id="ELSEWHERE")
    asked: list[Pipeline] = []
    funnels = plain(world).pipelines
    plain(world).pipelines = lambda: asked.append(SALES) or funnels()  # type: ignore[method-assign,func-returns-value]
    row = try_once(world)
    assert (row.state, row.result) == (EffectState.PARKED, {"outcome": "blocked", "to": ["9", "ELSEWHERE"]})
    assert asked == []


def test_our_own_last_move_tells_a_persons_step_back(world: World) -> None:
    while world.deliver_due():
        pass
    plain(world).human_moves("1", "PREPAID")
    again = NewEffect("move_deal:again", CRM, EffectKind.MOVE_DEAL, "crm/1", "p1", dict(move_row(world).payload))
    with world.store.write() as uow:
        (number,) = uow.outbox.add([again], world.clock.now())
    deliver(world.rt, number)
    with world.store.read() as uow:
        row = uow.outbox.get(number)
    assert row is not None
    assert row.state is EffectState.PARKED
    assert row.reason == "После нашего перехода на «Отгрузка» сделку вернули на «Предоплата»: решает человек."


def test_a_lost_answer_is_read_back_with_its_mark(world: World) -> None:
    lose(world, lands=True)
    row = try_once(world, 3)
    assert (row.state, row.reason) == (EffectState.DONE, READ_BACK)
    assert row.result == {
        "outcome": "moved",
        "from": ["0", "NEW"],
        "to": ["0", "SHIP"],
        "read_back": True,
        "mark": "1.2",
    }
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_landed_move_that_somebody_moved_on_is_still_ours_and_is_left(world: World) -> None:
    lose(world, lands=True)
    plain(world).human_moves("1", "PREPAID")
    row = try_once(world, 3)
    assert (row.state, row.reason) == (EffectState.DONE, WAS_OURS)
    assert row.result == {
        "outcome": "moved",
        "from": ["0", "NEW"],
        "to": ["0", "SHIP"],
        "mark": "1.2",
        "read_back": True,
    }
    assert world.crm.deals["1"].stage_id == "PREPAID"


def test_the_newest_visit_to_our_stage_is_taken_for_ours(world: World) -> None:
    lose(world, lands=True)
    for stage in ("NEW", "SHIP", "NEW"):
        plain(world).human_moves("1", stage)
    result = try_once(world, 3).result
    assert result is not None
    assert result["mark"] == "1.4"


@pytest.mark.parametrize(("minutes", "ours"), [(6, False), (5, True), (4, True)])
def test_only_a_visit_about_the_time_of_our_call_can_be_ours(world: World, minutes: int, ours: bool) -> None:
    old = StageChange("old", Position("0", "SHIP"), world.clock.now() - timedelta(minutes=minutes))
    plain(world).rows["1"].insert(0, old)
    lose(world, lands=False)
    row = try_once(world, 3)
    assert (row.reason == WAS_OURS) is ours


def test_a_dropped_move_waits_for_its_window_then_goes_once(world: World) -> None:
    lose(world, lands=False)
    for _ in range(12):
        row = try_once(world, 5)
        assert (row.state, row.reason) == (EffectState.INTENT, IN_FLIGHT)
    assert world.crm.moves_of("1") == []
    row = try_once(world, 6)
    assert row.state is EffectState.DONE
    assert row.intent is not None
    assert row.intent["writes"] == 2
    assert world.crm.moves_of("1") == ["SHIP"]


@pytest.mark.row(44)
def test_a_persons_hand_does_not_shorten_the_window_of_an_unanswered_move(world: World) -> None:
    lose(world, lands=False)
    plain(world).human_moves("1", "PREPAID")
    row = try_once(world, 5)
    assert (row.state, row.reason) == (EffectState.INTENT, IN_FLIGHT)
    row = try_once(world, 61)
    assert row.state is EffectState.DONE
    assert world.crm.moves_of("1") == ["SHIP"]


def test_after_the_window_a_deal_that_somebody_closed_is_put_before_a_person(world: World) -> None:
    lose(world, lands=False)
    plain(world).human_moves("1", "LOSE")
    row = try_once(world, 66)
    assert (row.state, row.result) == (EffectState.PARKED, {"outcome": "blocked", "to": ["0", "LOSE"]})


def test_a_move_that_is_never_confirmed_ends_before_a_person(world: World) -> None:
    plain(world).faults.extend(["dropped"] * (MAX_REPEATS + 5))
    for _ in range(10 * MAX_REPEATS):
        row = try_once(world, 200)
        if row.state is EffectState.PARKED:
            break
    assert row.state is EffectState.PARKED
    assert row.result == {"outcome": "unknown"}
    assert row.reason == "CRM не подтверждает переход: проверьте сделку вручную."
    assert row.intent is not None
    assert row.intent["writes"] == MAX_REPEATS + 1
    assert world.crm.moves_of("1") == []


def test_an_unknown_outcome_by_exception_is_read_back_too(world: World) -> None:
    plain(world).told = UnknownOutcome("reply lost", "Ответ CRM потерялся.")
    assert try_once(world).state is EffectState.INTENT
    plain(world).told = None
    row = try_once(world, 3)
    assert (row.state, row.reason) == (EffectState.DONE, READ_BACK)


def test_after_a_restore_a_deal_that_was_there_meanwhile_is_put_before_a_person(world: World) -> None:
    now = world.clock.now()
    visit = StageChange("v", Position("0", "SHIP"), now + timedelta(hours=1))
    back = StageChange("b", Position("0", "NEW"), now + timedelta(hours=2))
    plain(world).rows["1"] += [visit, back]
    world.clock.sleep(3 * 3600)
    with world.store.write() as uow:
        note_restore(uow, now, world.clock.now())
    row = try_once(world)
    assert row.state is EffectState.PARKED
    assert row.result == {"outcome": "was_there"}
    assert (
        row.reason
        == "База восстановлена из копии: после копии сделка уже была на этой стадии и ушла с неё. Решает человек."
    )
    assert world.crm.moves_of("1") == []


def test_a_deal_that_asks_for_more_than_it_did_is_left_to_a_person(world: World) -> None:
    world.crm.deals["1"] = replace(world.crm.deals["1"], amount=Money.of("1500", "RUB"))
    row = try_once(world)
    assert (row.state, row.result) == (EffectState.PARKED, {"outcome": "no_longer_paid"})
    assert plain(world).asked is None


@pytest.mark.parametrize(("key", "told"), [("81", "А-7"), ("82", "82")])
def test_a_deleted_invoice_that_a_person_chose_is_asked_about_once(world: World, key: str, told: str) -> None:
    world.crm.add(deal("8", "500"), invoice("81", "А-7", "1000", "8"), invoice("82", "", "500", "8"))
    world.sync()
    undo_match(world.rt, "p1", "Ольга")
    world.pay(incoming("За работы", "1500.00", number="246"))
    choose_invoices(world.rt, "p2", [f"{CRM}/81", f"{CRM}/82"], "Ольга")
    del world.crm.invoices[key], world.crm.invoice_stage[key]
    deliver(world.rt, moves_of(world, "p2")[-1].id)
    (asked,) = moves_of(world, "p2")
    assert (asked.state, asked.result) == (EffectState.PARKED, {"outcome": "invoice_gone"})
    assert asked.reason == (
        f"Счёта № {told}, к которому отнесены деньги, в CRM больше нет: его удалили. Сделка не двигалась. "
        "Отмените сопоставление, а если всё верно, передвиньте сделку в CRM сами."
    )
    send_again(world.rt, asked.id, "Ольга")
    deliver(world.rt, asked.id)
    assert world.crm.moves_of("8") == ["SHIP"], "what is left of the deal's invoices is paid, and a person said so"


def test_the_crm_is_told_where_we_saw_the_deal_and_under_which_key(world: World) -> None:
    row = try_once(world)
    assert plain(world).asked == ("1", Position("0", "NEW"), Position("0", "SHIP"), row.operation_key)


def test_a_hand_is_named_also_where_history_begins_with_it(world: World) -> None:
    plain(world).rows.clear()
    plain(world).faults.append(lambda: plain(world).human_moves("1", "PREPAID"))
    result = try_once(world).result
    assert result is not None
    assert (result["mark"], result["overlapped"]) == (None, "PREPAID")


def test_an_unread_history_is_logged_with_its_effect(world: World) -> None:
    plain(world).history_fails = True
    with capture_logs() as logs:
        row = try_once(world)
    (line,) = [line for line in logs if line["event"] == "move.history_unread"]
    assert (line["effect"], line["error"], line["log_level"]) == (row.id, "busy", "info")


def test_the_point_after_the_read_is_passed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    monkeypatch.setattr(failpoints, "listener", passed.append)
    try_once(world)
    assert passed[:3] == ["after_claim", "after_read", "after_intent"]


@pytest.mark.parametrize("missing", ["NEW", "SHIP"])
def test_stages_that_the_snapshot_lacks_are_read_anew(world: World, missing: str) -> None:
    known = replace(SALES, stages=tuple(stage for stage in SALES.stages if stage.id != missing))
    with world.store.write() as uow:
        uow.cursors.put(CRM, PIPELINES, dump_pipelines((known,)))
    assert try_once(world).state is EffectState.DONE
    assert world.crm.moves_of("1") == ["SHIP"]


def test_the_window_is_waited_for_to_its_end(world: World) -> None:
    lose(world, lands=False)
    assert try_once(world, 64.5).state is EffectState.INTENT
    assert world.crm.moves_of("1") == []
    assert try_once(world, 0.5).state is EffectState.DONE

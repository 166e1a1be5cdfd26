"""The guard: never twice, never backwards, never over a human."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.guard import Ruling, Verdict, guard_move, guard_step_back
from hub.domain.models import Deal, Pipeline, Stage, StageKind

PIPELINE = Pipeline(
    "0",
    "Продажи",
    (
        Stage("NEW", "Новая", 10),
        Stage("BILL", "Счёт", 20),
        Stage("PREPAID", "Предоплата", 30),
        Stage("SHIP", "Отгрузка", 40),
        Stage("WON", "Успех", 50, StageKind.WON),
        Stage("LOSE", "Провал", 60, StageKind.LOST),
    ),
)


def deal(stage: str, pipeline: str = "0") -> Deal:
    found = PIPELINE.stage(stage)
    return Deal("1", "Сделка", pipeline, stage, found.kind if found else StageKind.OPEN, None)


def test_a_deal_before_the_target_moves() -> None:
    assert guard_move(deal("BILL"), PIPELINE, "PREPAID").verdict is Verdict.GO


def test_a_deal_at_the_target_is_left() -> None:
    assert guard_move(deal("PREPAID"), PIPELINE, "PREPAID").verdict is Verdict.THERE


@pytest.mark.parametrize("stage", ["SHIP", "WON"])
def test_a_deal_beyond_the_target_is_never_pulled_back(stage: str) -> None:
    assert guard_move(deal(stage), PIPELINE, "PREPAID").verdict is Verdict.AHEAD


def test_a_won_deal_stays_won_even_where_the_target_lies_behind_it() -> None:
    odd = Pipeline("0", "x", (Stage("WON", "Успех", 10, StageKind.WON), Stage("SHIP", "Отгрузка", 20)))
    assert guard_move(deal("WON"), odd, "SHIP").verdict is Verdict.AHEAD


@pytest.mark.parametrize(
    ("stage", "pipeline", "target"),
    [
        ("LOSE", "0", "PREPAID"),
        ("BILL", "7", "PREPAID"),
        ("BILL", "0", "GONE"),
        ("BILL", "0", "LOSE"),
        ("??", "0", "SHIP"),
    ],
)
def test_what_needs_a_person_is_blocked_with_a_sentence(stage: str, pipeline: str, target: str) -> None:
    ruling = guard_move(deal(stage, pipeline), PIPELINE, target)
    assert ruling.verdict is Verdict.BLOCKED
    assert ruling.reason.endswith(".")


def test_a_pipeline_that_is_gone_blocks() -> None:
    assert guard_move(deal("BILL"), None, "PREPAID").verdict is Verdict.BLOCKED


def test_a_human_step_back_after_our_move_is_respected() -> None:
    assert guard_move(deal("BILL"), PIPELINE, "SHIP", our_last_stage="PREPAID").verdict is Verdict.BLOCKED
    assert guard_move(deal("PREPAID"), PIPELINE, "SHIP", our_last_stage="PREPAID").verdict is Verdict.GO
    assert guard_move(deal("PREPAID"), PIPELINE, "SHIP", our_last_stage="GONE").verdict is Verdict.GO


@given(st.sampled_from(PIPELINE.stages), st.sampled_from(PIPELINE.stages))
def test_no_permitted_move_ever_lowers_the_stage(current: Stage, target: Stage) -> None:
    if guard_move(deal(current.id), PIPELINE, target.id).verdict is Verdict.GO:
        assert target.position > current.position
        assert current.kind is StageKind.OPEN
        assert target.kind is not StageKind.LOST


def test_an_untouched_move_may_step_back() -> None:
    assert guard_step_back(deal("PREPAID"), "PREPAID", (), "BILL").verdict is Verdict.GO


def test_a_move_that_somebody_touched_may_not() -> None:
    assert guard_step_back(deal("SHIP"), "PREPAID", ("SHIP",), "BILL").verdict is Verdict.BLOCKED
    assert guard_step_back(deal("PREPAID"), "PREPAID", ("SHIP", "PREPAID"), "BILL").verdict is Verdict.BLOCKED


def test_a_move_that_cannot_be_proved_ours_may_not() -> None:
    assert guard_step_back(deal("PREPAID"), "PREPAID", None, "BILL").verdict is Verdict.BLOCKED


def test_a_deal_already_back_is_left() -> None:
    assert guard_step_back(deal("BILL"), "PREPAID", None, "BILL").verdict is Verdict.THERE


def test_a_stage_beside_the_target_is_not_before_it() -> None:
    level = Pipeline("0", "x", (Stage("A", "А", 10), Stage("B", "Б", 10)))
    assert guard_move(deal("A"), level, "B").verdict is Verdict.AHEAD


@pytest.mark.parametrize(
    ("ruling", "reason"),
    [
        (lambda: guard_move(deal("BILL"), None, "SHIP"), "Воронки, для которой написано правило, в CRM больше нет."),
        (
            lambda: guard_move(deal("BILL", "7"), PIPELINE, "SHIP"),
            "Сделку перевели в другую воронку, правило написано для «Продажи».",
        ),
        (
            lambda: guard_move(deal("BILL"), PIPELINE, "GONE"),
            "Стадии из правила (GONE) в воронке «Продажи» больше нет.",
        ),
        (
            lambda: guard_move(deal("BILL"), PIPELINE, "LOSE"),
            "Стадия «Провал» означает проигрыш: деньги туда не двигают.",
        ),
        (lambda: guard_move(deal("SHIP"), PIPELINE, "SHIP"), "Сделка уже на стадии «Отгрузка»."),
        (lambda: guard_move(deal("??"), PIPELINE, "SHIP"), "Сделка стоит на неизвестной стадии (??)."),
        (
            lambda: guard_move(deal("LOSE"), PIPELINE, "SHIP"),
            "Сделка закрыта как проигранная («Провал»), а деньги пришли.",
        ),
        (lambda: guard_move(deal("WON"), PIPELINE, "SHIP"), "Сделка уже дальше: «Успех»."),
        (
            lambda: guard_move(deal("BILL"), PIPELINE, "SHIP", "PREPAID"),
            "После нашего перехода на «Предоплата» сделку вернули на «Счёт»: решает человек.",
        ),
        (lambda: guard_move(deal("BILL"), PIPELINE, "SHIP"), "«Счёт» → «Отгрузка»"),
        (lambda: guard_step_back(deal("NEW"), "BILL", (), "NEW"), "Сделка уже на прежней стадии."),
        (
            lambda: guard_step_back(deal("SHIP"), "BILL", (), "NEW"),
            "После нашего перехода сделку двигал человек или робот: верните её вручную.",
        ),
        (
            lambda: guard_step_back(deal("BILL"), "BILL", None, "NEW"),
            "Нельзя убедиться, что последний переход был нашим: верните сделку вручную.",
        ),
        (
            lambda: guard_step_back(deal("BILL"), "BILL", ("SHIP", "BILL"), "NEW"),
            "После нашего перехода сделка уходила со стадии и вернулась: решает человек.",
        ),
        (lambda: guard_step_back(deal("BILL"), "BILL", (), "NEW"), "Стадия не менялась после нашего перехода."),
    ],
)
def test_every_ruling_says_why_in_one_sentence(ruling: Callable[[], Ruling], reason: str) -> None:
    assert ruling().reason == reason

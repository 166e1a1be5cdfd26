"""The guard: may a machine write this stage now? Never twice, never backwards, never over a human."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.domain.models import Deal, Pipeline, Stage, StageKind


class Verdict(StrEnum):
    """`go`: write. `there`: nothing to write. `ahead`: the deal is further already. `blocked`: a person must look."""

    GO = "go"
    THERE = "there"
    AHEAD = "ahead"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The guard's word with one Russian sentence for the page."""

    verdict: Verdict
    reason: str


def guard_move(deal: Deal, pipeline: Pipeline | None, target_stage: str, our_last_stage: str | None = None) -> Ruling:
    """Judge a forward move of a deal that was just read.

    Args:
        deal: the deal as it stands now.
        pipeline: the pipeline the rule speaks of, as the CRM has it now; None when it is gone.
        target_stage: the stage the rule wants.
        our_last_stage: the stage of our own last settled move of this deal, to see a human's step back.
    """
    if pipeline is None:
        return Ruling(Verdict.BLOCKED, "Воронки, для которой написано правило, в CRM больше нет.")
    if deal.pipeline_id != pipeline.id:
        return Ruling(Verdict.BLOCKED, f"Сделку перевели в другую воронку, правило написано для «{pipeline.name}».")
    target = pipeline.stage(target_stage)
    if target is None:
        return Ruling(Verdict.BLOCKED, f"Стадии из правила ({target_stage}) в воронке «{pipeline.name}» больше нет.")
    if target.kind is StageKind.LOST:
        return Ruling(Verdict.BLOCKED, f"Стадия «{target.name}» означает проигрыш: деньги туда не двигают.")
    return _judge_position(deal, pipeline, target, our_last_stage)


def _judge_position(deal: Deal, pipeline: Pipeline, target: Stage, our_last_stage: str | None) -> Ruling:
    if deal.stage_id == target.id:
        return Ruling(Verdict.THERE, f"Сделка уже на стадии «{target.name}».")
    current = pipeline.stage(deal.stage_id)
    if current is None:
        return Ruling(Verdict.BLOCKED, f"Сделка стоит на неизвестной стадии ({deal.stage_id}).")
    if current.kind is StageKind.LOST:
        return Ruling(Verdict.BLOCKED, f"Сделка закрыта как проигранная («{current.name}»), а деньги пришли.")
    if current.kind is StageKind.WON or current.position >= target.position:
        return Ruling(Verdict.AHEAD, f"Сделка уже дальше: «{current.name}».")
    ours = pipeline.stage(our_last_stage) if our_last_stage else None
    if ours is not None and current.position < ours.position:
        return Ruling(
            Verdict.BLOCKED,
            f"После нашего перехода на «{ours.name}» сделку вернули на «{current.name}»: решает человек.",
        )
    return Ruling(Verdict.GO, f"«{current.name}» → «{target.name}»")


def guard_step_back(deal: Deal, our_stage: str, stages_since: Sequence[str] | None, back_to: str) -> Ruling:
    """Judge taking our own move back: only while the stage is untouched since our move.

    Args:
        deal: the deal as it stands now.
        our_stage: where our move had put it.
        stages_since: stage ids that the deal took after our move; None when that cannot be known.
        back_to: the stage before our move.
    """
    if deal.stage_id == back_to:
        return Ruling(Verdict.THERE, "Сделка уже на прежней стадии.")
    if deal.stage_id != our_stage:
        return Ruling(Verdict.BLOCKED, "После нашего перехода сделку двигал человек или робот: верните её вручную.")
    if stages_since is None:
        return Ruling(Verdict.BLOCKED, "Нельзя убедиться, что последний переход был нашим: верните сделку вручную.")
    if stages_since:
        return Ruling(Verdict.BLOCKED, "После нашего перехода сделка уходила со стадии и вернулась: решает человек.")
    return Ruling(Verdict.GO, "Стадия не менялась после нашего перехода.")

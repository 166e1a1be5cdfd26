"""Checks rules against the pipelines that the CRM really has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from hub.domain.models import Pipeline, StageKind
from hub.domain.rules import PaidEvent, PipelineRules, RuleSet
from mappings.faults import Fault, Severity, in_file_order, unknown_name
from mappings.rules_file import RuleFile


def check_against(rules: RuleFile | RuleSet, pipelines: Iterable[Pipeline]) -> list[Fault]:
    """Faults that only the CRM can show: a stage or pipeline that is not there, of another pipeline, lost …

    A `RuleFile` gives faults with lines, a bare `RuleSet` without.
    """
    file = rules if isinstance(rules, RuleFile) else RuleFile(rules)
    live = {pipeline.id: pipeline for pipeline in pipelines}
    faults: list[Fault] = []
    for pipeline_id, wanted in file.rules.pipelines.items():
        pipeline = live.get(pipeline_id)
        if pipeline is None:
            faults.append(file.fault(("pipelines", pipeline_id), _no_pipeline(pipeline_id, list(live.values()))))
            continue
        faults.extend(_name_differs(file, pipeline))
        faults.extend(_stage_faults(file, wanted, pipeline, list(live.values())))
        faults.extend(_order_faults(file, wanted, pipeline))
    return in_file_order(faults)


def _no_pipeline(pipeline_id: str, live: Sequence[Pipeline]) -> str:
    known = ", ".join(f"{pipeline.id} («{pipeline.name}»)" for pipeline in live) or "ни одной"
    return f"воронки {pipeline_id} в CRM нет; есть: {known}"


def _name_differs(file: RuleFile, pipeline: Pipeline) -> Iterator[Fault]:
    name = file.names.get(pipeline.id)
    if name is not None and name.strip().casefold() != pipeline.name.strip().casefold():
        message = f"в CRM воронка {pipeline.id} называется «{pipeline.name}»: проверьте, что номер тот"
        yield _warning(file.fault(("pipelines", pipeline.id, "name"), message))


def _stage_faults(
    file: RuleFile, wanted: PipelineRules, pipeline: Pipeline, live: Sequence[Pipeline]
) -> Iterator[Fault]:
    for event, action in wanted.actions.items():
        if action.stage_id is None:
            continue
        path = ("pipelines", pipeline.id, event.value, "stage")
        stage = pipeline.stage(action.stage_id)
        if stage is None:
            yield file.fault(path, _no_stage(action.stage_id, pipeline, live))
        elif stage.kind is StageKind.LOST:
            yield file.fault(path, f"стадия «{stage.name}» означает проигрыш: деньги туда сделку не ведут")
        elif stage.kind is StageKind.WON and event is PaidEvent.DEAL_PARTLY_PAID:
            message = f"«{stage.name}» закрывает сделку как успешную, а оплачена она будет только частью"
            yield _warning(file.fault(path, message))


def _no_stage(stage_id: str, pipeline: Pipeline, live: Sequence[Pipeline]) -> str:
    owner = next((other for other in live if other.stage(stage_id) is not None), None)
    if owner is not None:
        return f"стадия {stage_id} принадлежит другой воронке: «{owner.name}» ({owner.id})"
    clue = unknown_name(stage_id, [stage.id for stage in pipeline.stages])
    return f"стадии {stage_id} в воронке «{pipeline.name}» нет: {clue}"


def _order_faults(file: RuleFile, wanted: PipelineRules, pipeline: Pipeline) -> Iterator[Fault]:
    partly = _position(wanted, pipeline, PaidEvent.DEAL_PARTLY_PAID)
    paid = _position(wanted, pipeline, PaidEvent.DEAL_PAID)
    if partly is not None and paid is not None and partly > paid:
        path = ("pipelines", pipeline.id, PaidEvent.DEAL_PARTLY_PAID.value, "stage")
        message = "стадия частичной оплаты стоит позже стадии полной: после доплаты сделка не двинется"
        yield _warning(file.fault(path, message))


def _position(wanted: PipelineRules, pipeline: Pipeline, event: PaidEvent) -> int | None:
    action = wanted.actions.get(event)
    stage = pipeline.stage(action.stage_id) if action is not None and action.stage_id is not None else None
    return stage.position if stage is not None else None


def _warning(fault: Fault) -> Fault:
    return replace(fault, severity=Severity.WARNING)

"""Rules against the pipelines that the CRM has."""

from __future__ import annotations

from hub.domain.models import Pipeline, Stage, StageKind
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet
from mappings import Severity, check_against, parse_rules

SALES = Pipeline(
    "0",
    "Продажи",
    (
        Stage("NEW", "Новая", 10),
        Stage("PREPAID", "Аванс", 20),
        Stage("WORK", "В работе", 30),
        Stage("WON", "Успех", 40, StageKind.WON),
        Stage("LOSE", "Отказ", 50, StageKind.LOST),
    ),
)
TRADE = Pipeline("1", "Опт", (Stage("C1:NEW", "Новая", 10), Stage("C1:WON", "Успех", 20, StageKind.WON)))


def found(body: str) -> list[str]:
    file = parse_rules("pipelines:\n" + body, "rules.yaml")
    return [str(fault) for fault in check_against(file, (SALES, TRADE))]


def test_rules_that_fit_have_no_faults() -> None:
    assert (
        found("  0:\n    name: продажи\n    deal_partly_paid: {stage: PREPAID}\n    deal_paid: {stage: WORK}\n") == []
    )
    assert found("  0:\n    deal_paid: {stage: WON}\n    invoice_paid: {comment: x}\n") == []


def test_a_missing_stage_is_named_with_the_nearest() -> None:
    assert found("  0:\n    deal_paid: {stage: PREPAYD}\n") == [
        "rules.yaml:3: pipelines.0.deal_paid.stage: стадии PREPAYD в воронке «Продажи» нет: можно: NEW, PREPAID, WORK, "
        "WON, LOSE"
    ]


def test_a_stage_of_another_pipeline_is_told_apart() -> None:
    assert found("  0:\n    deal_paid: {stage: 'C1:WON'}\n") == [
        "rules.yaml:3: pipelines.0.deal_paid.stage: стадия C1:WON принадлежит другой воронке: «Опт» (1)"
    ]


def test_money_never_leads_to_a_lost_stage() -> None:
    (fault,) = found("  0:\n    deal_paid: {stage: LOSE}\n")
    assert "означает проигрыш" in fault


def test_a_pipeline_that_is_gone_is_named_with_those_that_are() -> None:
    assert found("  7:\n    deal_paid: {stage: X}\n") == [
        "rules.yaml:2: pipelines.7: воронки 7 в CRM нет; есть: 0 («Продажи»), 1 («Опт»)"
    ]


def test_doubtful_rules_are_only_warned_of() -> None:
    file = parse_rules(
        "pipelines:\n  0:\n    name: Розница\n    deal_partly_paid: {stage: WON}\n    deal_paid: {stage: WORK}\n"
    )
    faults = check_against(file, (SALES,))
    assert {fault.severity for fault in faults} == {Severity.WARNING}
    assert [fault.line for fault in faults] == [3, 4, 4]
    assert any("позже стадии полной" in fault.message for fault in faults)


def test_bare_rules_are_checked_without_lines() -> None:
    rules = RuleSet({"0": PipelineRules("0", {PaidEvent.DEAL_PAID: Action("NOPE")})})
    (fault,) = check_against(rules, (SALES,))
    assert (fault.line, fault.field) == (0, "pipelines.0.deal_paid.stage")

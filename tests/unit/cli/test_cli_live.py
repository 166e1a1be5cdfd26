"""What a live check says of a connection, against a small CRM made by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from hub.cli.live import live_faults
from hub.domain.errors import ConnectorError, Reauthorise
from hub.domain.models import Pipeline, Stage, StageKind
from hub.ports.crm import CrmPort, Probe
from mappings import Fault, RuleFile, parse_rules

SALES = Pipeline("0", "Продажи", (Stage("NEW", "Новая", 10), Stage("WON", "Успех", 20, StageKind.WON)))


@dataclass
class Portal:
    """Answers what a live check asks."""

    missing: tuple[str, ...] = ()
    skew_s: float = 0.0
    unfit: tuple[str, ...] = ()
    error: ConnectorError | None = None
    pipelines_: tuple[Pipeline, ...] = field(default=(SALES,))

    def probe(self) -> Probe:
        if self.error is not None:
            raise self.error
        return Probe("company.bitrix24.ru", "Хаб", "1", self.missing, self.skew_s, self.unfit)

    def pipelines(self) -> tuple[Pipeline, ...]:
        return self.pipelines_


def found(portal: Portal, rules: RuleFile | None = None, watched: tuple[str, ...] = ()) -> list[str]:
    def fault_at(name: str, message: str) -> Fault:
        return Fault("sverka.yaml", 7, f"connections.main.{name}".rstrip("."), message)

    faults = live_faults(cast(CrmPort, portal), rules or parse_rules(""), watched, fault_at)
    return [str(fault) for fault in faults]


def test_a_connection_in_order_has_no_faults() -> None:
    rules = parse_rules("pipelines:\n  0:\n    deal_paid: {stage: WON}\n")
    assert found(Portal(), rules, ("0",)) == []


def test_a_refused_access_is_said_in_the_connectors_words() -> None:
    assert found(Portal(error=Reauthorise("401 NO_AUTH_FOUND", "Вебхук удалён."))) == [
        "sverka.yaml:7: connections.main: Вебхук удалён."
    ]


def test_missing_rights_and_a_wrong_clock_are_named() -> None:
    assert found(Portal(missing=("task", "crm"), skew_s=-300.0)) == [
        "sverka.yaml:7: connections.main.access: не хватает прав: task, crm",
        "sverka.yaml:7: предупреждение: connections.main: часы CRM и этого компьютера расходятся на -300 с: проверьте "
        "время здесь",
    ]


def test_a_field_that_cannot_be_filled_is_named_where_the_settings_name_it() -> None:
    assert found(Portal(unfit=("fill_from_accounting.invoice_sum: поля нет",))) == [
        "sverka.yaml:7: connections.main.fill_from_accounting.invoice_sum: поля нет"
    ]


def test_a_watched_pipeline_and_a_stage_that_are_gone_are_named() -> None:
    rules = parse_rules("pipelines:\n  0:\n    deal_paid: {stage: GONE}\n", "main.yaml")
    assert found(Portal(), rules, ("5",)) == [
        "sverka.yaml:7: connections.main.pipelines: воронки 5 в CRM нет: можно: 0",
        "main.yaml:3: pipelines.0.deal_paid.stage: стадии GONE в воронке «Продажи» нет: можно: NEW, WON",
    ]

"""The proposed rule file: what stage names say, and that whatever the CRM holds the file loads."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.models import Pipeline, Stage, StageKind
from hub.domain.rules import PaidEvent
from mappings import check_against, errors_of, parse_rules, propose


def pipeline(*names: str, pipeline_id: str = "0") -> Pipeline:
    """Stages by name; «+» marks the won one, «-» a lost one. A stage's id is its name."""
    kinds = {"+": StageKind.WON, "-": StageKind.LOST}
    stages = [
        Stage(name.lstrip("+-"), name.lstrip("+-"), at * 10, kinds.get(name[0], StageKind.OPEN))
        for at, name in enumerate(names)
    ]
    return Pipeline(pipeline_id, "Продажи", tuple(stages))


def proposed(*names: str) -> tuple[str | None, str | None]:
    """Stages for a partly and a fully paid deal."""
    rules = parse_rules(propose([pipeline(*names)], "bitrix24")).rules.pipelines["0"].actions
    return rules[PaidEvent.DEAL_PARTLY_PAID].stage_id, rules[PaidEvent.DEAL_PAID].stage_id


@pytest.mark.parametrize(
    ("names", "partly", "paid"),
    [
        (("Новая", "Счёт выставлен", "Аванс получен", "Оплачен", "+Успех", "-Отказ"), "Аванс получен", "Оплачен"),
        (("Новая", "Предоплата", "Отгрузка", "+Успех"), "Предоплата", "Отгрузка"),
        (("Новая", "Частично оплачен", "Полностью оплачен", "+Успех"), "Частично оплачен", "Полностью оплачен"),
        (
            # Bitrix24's own names; the first letter of its «Cчёт» is Latin.
            ("Новая", "Подготовка документов", "Cчёт на предоплату", "В работе", "Финальный счёт", "+Сделка успешна"),
            None,
            "В работе",
        ),
        (("Новая", "Ожидаем оплату", "Монтаж", "Акт", "+Успех"), None, "Монтаж"),
        (("Новая", "Ждём предоплату", "Производство", "+Успех"), None, "Производство"),
        (("Новая", "Не оплачен", "+Оплачен и закрыт"), None, "Оплачен и закрыт"),
        (("Новая", "КП", "Договор", "+Успех"), None, None),
        (("Новая", "+Успех", "-Оплачен чужому"), None, None),
        (("Оплачен", "Аванс", "+Успех"), None, "Оплачен"),
        (("Новая", "Предоплата 100%", "Отгрузка", "+Успех"), None, "Предоплата 100%"),
        (("New", "Invoice sent", "Prepaid", "Paid", "+Won"), "Prepaid", "Paid"),
    ],
)
def test_stage_names_are_understood(names: tuple[str, ...], partly: str | None, paid: str | None) -> None:
    assert proposed(*names) == (partly, paid)


def test_the_file_explains_itself_and_lists_the_stages() -> None:
    text = propose([pipeline("Новая", "Оплачен", "-Отказ")], "bitrix24")
    assert "#   {payer} — плательщик" in text
    assert "#   Отказ — Отказ (проигрыш)" in text
    assert 'stage: "Оплачен"  # «Оплачен», по названию: деньги пришли' in text


def test_a_crm_without_pipelines_gives_a_file_without_rules() -> None:
    assert parse_rules(propose([])).rules.pipelines == {}


texts = st.text(max_size=40)
ids = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
kinds = st.sampled_from(list(StageKind))
telling = st.sampled_from(["Аванс", "Оплачен", "В работе", "Ждём оплату"])
stages = st.builds(Stage, ids, texts | telling, st.integers(0, 99), kinds)
stage_rows = st.lists(stages, max_size=6, unique_by=lambda stage: stage.id).map(tuple)
pipelines = st.builds(Pipeline, ids, texts, stage_rows)


@settings(max_examples=40)
@given(st.lists(pipelines, max_size=3, unique_by=lambda item: item.id))
def test_whatever_the_crm_holds_the_proposed_file_loads_and_fits_it(crm: list[Pipeline]) -> None:
    file = parse_rules(propose(crm, "bitrix24"))
    assert list(file.rules.pipelines) == [item.id for item in crm]
    assert errors_of(check_against(file, crm)) == []


@settings(max_examples=40)
@given(pipelines)
def test_the_proposal_never_closes_a_deal_that_is_paid_in_part(crm: Pipeline) -> None:
    actions = parse_rules(propose([crm])).rules.pipelines[crm.id].actions
    stage_id = actions[PaidEvent.DEAL_PARTLY_PAID].stage_id
    stage = crm.stage(stage_id) if stage_id is not None else None
    assert stage is None or stage.kind is StageKind.OPEN

"""What errors of the banks mean, and how fast each bank is asked."""

from __future__ import annotations

from types import ModuleType

import pytest

from connectors.bank.providers.rest import Service
from connectors.bank.providers.tbank import outcomes as tbank
from connectors.bank.providers.tochka import outcomes as tochka
from connectors.shared.http import UNSENT, Failure
from connectors.shared.outcomes import Action, Answer, OutcomeTable
from tests.support.outcome_tables import Case, unnoticed

MOVED = (301, 302, 303, 307, 308)
COMMON: list[Case] = [
    *((Answer(failure=failure), Action.RETRY) for failure in UNSENT),
    *((Answer(status, "x"), Action.REAUTHORISE) for status in (401, 403, *MOVED)),
    *((Answer(status, "x"), Action.REFUSED) for status in (400, 405, 415, 422)),
    *((Answer(status), Action.UNCERTAIN) for status in (200, 304, 408, 418, 500, 502, 503, 504)),
    (Answer(429, "x"), Action.THROTTLED),
]
TOCHKA: list[Case] = [
    *COMMON,
    (Answer(400, "OPERATION_RATE_LIMIT"), Action.THROTTLED),
    (Answer(400, "invalid_token"), Action.REAUTHORISE),
    (Answer(404, "x"), Action.GONE),
    (Answer(409, "x"), Action.UNCERTAIN),
    (Answer(424, "x"), Action.RETRY),
]
TBANK: list[Case] = [
    *COMMON,
    (Answer(404, "x"), Action.REFUSED),
    (Answer(409, "x"), Action.REFUSED),
    (Answer(424, "x"), Action.UNCERTAIN),
]
BOTH = [pytest.param(tochka.TABLE, TOCHKA, id="tochka"), pytest.param(tbank.TABLE, TBANK, id="tbank")]


@pytest.mark.parametrize(("table", "cases"), BOTH)
def test_every_answer_has_its_action(table: OutcomeTable, cases: list[Case]) -> None:
    assert [(answer, table.classify(answer)) for answer, _ in cases] == cases


@pytest.mark.parametrize(("table", "cases"), BOTH)
def test_no_row_can_be_taken_out_or_mean_anything_else(table: OutcomeTable, cases: list[Case]) -> None:
    assert unnoticed(table, cases) == []


@pytest.mark.parametrize(("table", "cases"), BOTH)
def test_only_what_never_left_is_tried_again_as_it_was(table: OutcomeTable, cases: list[Case]) -> None:
    del cases
    assert {failure for failure in Failure if table.classify(Answer(failure=failure)) is Action.RETRY} == UNSENT


@pytest.mark.parametrize(
    ("module", "system", "bank", "rate"),
    [(tochka, "tochka", "Точка", (10.0, 5.0)), (tbank, "tbank", "Т-Банк", (8.0, 10.0))],
)
def test_a_service_is_a_banks_table_its_words_and_its_pace(
    module: ModuleType, system: str, bank: str, rate: tuple[float, float]
) -> None:
    service: Service = module.service("https://bank.example/uapi")
    assert service.system == system, "what the command line calls it"
    assert (service.api_url, service.table, service.rate) == ("https://bank.example/uapi", module.TABLE, rate)
    assert service.words.bank == bank
    assert bank in service.words.denied
    assert "errorCode" in service.code_keys

"""Cases of payments against open invoices: what a machine may settle, what a person is shown, and why."""

from __future__ import annotations

import pytest

from tests.unit.matching.case_table import (
    AUTO,
    Case,
)
from tests.unit.matching.cases import (
    IVANOV,
    decide,
    first_candidate,
    given,
)
from tests.unit.matching.cases_doubtful import DOUBT, NO_ANSWER
from tests.unit.matching.cases_settled import NUMBER_ROAD, SUM_ROAD

CASES = [*NUMBER_ROAD, *SUM_ROAD, *DOUBT, *NO_ANSWER]


def test_the_table_of_cases_is_not_thin() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_decides(case: Case) -> None:
    decision = decide(case.payment, *case.invoices, context=case.context)
    assert decision.kind is case.kind, decision.reason
    if case.kind is AUTO:
        assert given(decision) == case.gives
    if case.code is not None:
        assert decision.code == case.code
    if case.first is not None:
        assert first_candidate(decision) == (case.first,)
    assert decision.pile is case.pile


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_decision_says_why_in_one_finished_sentence(case: Case) -> None:
    decision = decide(case.payment, *case.invoices, context=case.context)
    assert decision.reason[0].isupper()
    assert decision.reason.endswith((".", "!", "?"))
    assert "{" not in decision.reason
    for candidate in decision.candidates:
        assert len({item.aspect for item in candidate.evidence}) == len(candidate.evidence) >= 8
        assert all(item.text and "{" not in item.text for item in candidate.evidence)
    assert IVANOV not in decision.reason

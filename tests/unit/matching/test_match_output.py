"""Decisions are written one way, however fast."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.allocation import Allocation
from hub.domain.decision import Aspect, Candidate, Decision, DecisionKind, Evidence, Stand
from hub.domain.money import Money
from hub.match_output import decision_line, decision_text, written

_TEXTS = st.text(max_size=20)
_SUMS = st.decimals(min_value=0, max_value=10**9, places=2).map(lambda value: Money(Decimal(value), "RUB"))
_ALLOCATIONS = st.lists(st.builds(Allocation, _TEXTS, _SUMS), max_size=3).map(tuple)
_EVIDENCE = st.builds(Evidence, st.sampled_from(Aspect), _TEXTS, st.sampled_from(Stand), _TEXTS)
_CANDIDATES = st.builds(Candidate, _ALLOCATIONS, st.lists(_EVIDENCE, max_size=4).map(tuple), _TEXTS)
_DECISIONS = st.builds(
    Decision,
    payment_id=_TEXTS,
    kind=st.sampled_from(DecisionKind),
    allocations=_ALLOCATIONS,
    candidates=st.lists(_CANDIDATES, max_size=3).map(tuple),
    code=_TEXTS,
    reason=_TEXTS,
    unapplied=_SUMS,
)


@given(_DECISIONS)
def test_a_decision_is_written_fast_as_it_is_written_by_the_encoder(decision: Decision) -> None:
    text = decision_text(decision)
    assert text == written(decision_line(decision))
    assert json.loads(text)["reason"] == decision.reason

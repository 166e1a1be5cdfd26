"""Every decision case of this folder, through the same path as `sverka match --bundles`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from hub.domain.decision import Pile
from hub.domain.matching import InMemoryBook, decide_all
from hub.match_lines import invoice_from, payment_from
from tests.corpus.decisions.loader import (
    CaseFault,
    DecisionCase,
    Expected,
    load_cases,
    read_cases,
)
from tests.corpus.judge import Verdict, context_of, decisions_of, judge_case, told

CASES: Final = load_cases()
#: Fewer would mean that files were lost.
LEAST_CASES: Final = 524
LEAST_OF_A_TRAP: Final = 5


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_decides_as_an_accountant_would(case: DecisionCase, tmp_path: Path) -> None:
    decisions = decisions_of(case, tmp_path)
    assert judge_case(case, decisions) is Verdict.RIGHT, (told(decisions), case.why)


NOT_OURS: Final = [case for case in CASES if any(item.kind == "not_ours" for item in case.expected.values())]


@pytest.mark.parametrize("case", NOT_OURS, ids=[case.name for case in NOT_OURS])
def test_what_no_customer_paid_stays_out_of_the_accountants_queue(case: DecisionCase) -> None:
    payments = [payment_from(item) for item in _objects(case, "payments")]
    invoices = [invoice_from(item) for item in _objects(case, "invoices")]
    for decision in decide_all(payments, InMemoryBook(invoices), context_of(case)):
        kept_out = case.expected[decision.payment_id].kind == "not_ours"
        assert (decision.pile is Pile.NOT_OURS) == kept_out, decision.reason


def _objects(case: DecisionCase, name: str) -> Sequence[dict[str, Any]]:
    members = case.bundle[name]
    assert isinstance(members, list)
    return [member for member in members if isinstance(member, dict)]


def test_the_corpus_is_not_thin() -> None:
    assert len(CASES) >= LEAST_CASES
    thin = {trap: count for trap, count in Counter(case.trap for case in CASES).items() if count < LEAST_OF_A_TRAP}
    assert thin == {}


GOOD: Final = """
- case: a case
  trap: a_trap
  payments:
    p: {sum: "1.00", from: "ООО «Пион» 7700000016", on: 2026-03-01, text: "сч 45"}
  invoices:
    A: {number: "45", on: 2026-02-03, sum: "1.00", to: "ООО «Пион» 7700000016"}
  expect:
    p: {is: auto, gives: {A: "1.00"}}
  why: so
"""


def test_a_case_is_read_as_written() -> None:
    (case,) = read_cases(GOOD, "f.yaml")
    assert case.expected["p"] == Expected("auto", {"A": "1.00"})
    payment = payment_from(_objects(case, "payments")[0])
    assert (payment.payer.name, payment.payer.tax_id) == ("ООО «Пион»", "7700000016")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("text:", "txt:", "«text» is missing"),
        ('text: "сч 45"', 'text: "сч 45", colour: red', "unknown fields"),
        ("  why: so", "  because: so", "«why» is missing"),
        ("7700000016", "7700000017", "check digit"),
        ('sum: "1.00", from', "sum: 1, from", "a sum is written"),
        ("is: auto", "is: maybe", "may be one of"),
        ('is: auto, gives: {A: "1.00"}', "is: auto", "«gives» belongs to «auto»"),
        ('{A: "1.00"}}', '{B: "1.00"}}', "which is no invoice"),
        ("    p: {is", "    q: {is", "needs its «expect»"),
        ("  why: so", "  why: so: so", "no YAML"),
    ],
)
def test_a_slip_in_a_case_is_a_fault_with_its_place(old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(CaseFault, match=told) as fault:
        list(read_cases(GOOD.replace(old, new), "f.yaml"))
    assert "f.yaml" in str(fault.value)

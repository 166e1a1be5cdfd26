"""Every decision case of this folder, through the same path as `sverka match --bundles`."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from hub.domain.decision import Pile
from hub.domain.matching import InMemoryBook, MatchContext, decide_all
from hub.match_files import run_bundles
from hub.match_lines import invoice_from, payment_from
from tests.corpus.decisions.loader import (
    NO_CLEAR_FIRST,
    OUR_OTHER_COMPANY,
    OURS,
    CaseFault,
    DecisionCase,
    Expected,
    load_cases,
    read_cases,
)

CASES: Final = load_cases()
#: Fewer would mean that files were lost.
LEAST_CASES: Final = 524
LEAST_OF_A_TRAP: Final = 5
_KINDS: Final = {"not_ours": {"none"}, "not_auto": {"suggest", "none"}}


def _decisions(case: DecisionCase, folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / "case.jsonl"
    path.write_text(json.dumps(case.bundle, ensure_ascii=False) + "\n", encoding="utf-8")
    out, faults = io.StringIO(), list[str]()
    run_bundles(path, out, report=faults.append, context=_context(case))
    assert faults == []
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return {line["payment"]: line for line in lines}


def _context(case: DecisionCase) -> MatchContext:
    aliases = {f"t:{payer}": clients for payer, clients in case.aliases.items()}
    return MatchContext(own_tax_ids=frozenset({OURS, OUR_OTHER_COMPANY}), aliases=aliases)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_decides_as_an_accountant_would(case: DecisionCase, tmp_path: Path) -> None:
    decisions = _decisions(case, tmp_path)
    for payment, expected in case.expected.items():
        line = decisions[payment]
        assert line["decision"] in _KINDS.get(expected.kind, {expected.kind}), (payment, line["reason"], case.why)
        if expected.kind == "auto":
            gives = {item["invoice"]: item["amount"] for item in line["allocations"]}
            assert gives == expected.gives, (payment, line["reason"], case.why)
        _check_first(expected, line)


def _check_first(expected: Expected, line: dict[str, Any]) -> None:
    if expected.first == (NO_CLEAR_FIRST,):
        assert line["allocations"] == [], line["reason"]
    elif expected.first:
        assert line["candidates"], line["reason"]
        assert sorted(line["candidates"][0]["invoices"]) == sorted(expected.first), line["reason"]


NOT_OURS: Final = [case for case in CASES if any(item.kind == "not_ours" for item in case.expected.values())]


@pytest.mark.parametrize("case", NOT_OURS, ids=[case.name for case in NOT_OURS])
def test_what_no_customer_paid_stays_out_of_the_accountants_queue(case: DecisionCase) -> None:
    payments = [payment_from(item) for item in _objects(case, "payments")]
    invoices = [invoice_from(item) for item in _objects(case, "invoices")]
    for decision in decide_all(payments, InMemoryBook(invoices), _context(case)):
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

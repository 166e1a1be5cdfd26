"""Runs a decision case by the path of `sverka match --bundles` and judges what came out."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from hub.domain.matching import MatchContext
from hub.match_files import run_bundles
from tests.corpus.decisions.loader import NO_CLEAR_FIRST, OUR_OTHER_COMPANY, OURS, DecisionCase, Expected

_KINDS: Final = {"not_ours": {"none"}, "not_auto": {"suggest", "none"}}

#: A line that `sverka match` writes for one payment.
DecisionLine = dict[str, Any]


class Verdict(Enum):
    """What a decision is worth against what was expected of it."""

    RIGHT = "right"
    #: Money given by machine to another invoice, in another sum, or where a person should have been asked.
    WRONG_AUTO = "wrong auto"
    #: Not dangerous and not right: asked where it could have decided, silent, or the wrong candidate shown first.
    MISSED = "missed"


def context_of(case: DecisionCase) -> MatchContext:
    """Our two companies and what an accountant confirmed in the case."""
    aliases = {f"t:{payer}": clients for payer, clients in case.aliases.items()}
    return MatchContext(own_tax_ids=frozenset({OURS, OUR_OTHER_COMPANY}), aliases=aliases)


def decisions_of(case: DecisionCase, folder: Path) -> dict[str, DecisionLine]:
    """The decision for every payment of a case; the case is written as a file in the folder."""
    path = folder / "case.jsonl"
    path.write_text(json.dumps(case.bundle, ensure_ascii=False) + "\n", encoding="utf-8")
    out, faults = io.StringIO(), list[str]()
    run_bundles(path, out, report=faults.append, context=context_of(case))
    assert faults == []
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return {line["payment"]: line for line in lines}


def judge(expected: Expected, line: DecisionLine) -> Verdict:
    """One decision against what was expected of it."""
    if line["decision"] == "auto":
        gives = {item["invoice"]: item["amount"] for item in line["allocations"]}
        if expected.kind != "auto" or gives != expected.gives:
            return Verdict.WRONG_AUTO
    elif line["decision"] not in _KINDS.get(expected.kind, {expected.kind}):
        return Verdict.MISSED
    return Verdict.RIGHT if _first_fits(expected, line) else Verdict.MISSED


def judge_case(case: DecisionCase, decisions: Mapping[str, DecisionLine]) -> Verdict:
    """The worst verdict among the payments of a case."""
    found = {judge(expected, decisions[payment]) for payment, expected in case.expected.items()}
    return next(verdict for verdict in (Verdict.WRONG_AUTO, Verdict.MISSED, Verdict.RIGHT) if verdict in found)


def told(decisions: Mapping[str, DecisionLine]) -> str:
    """Every decision of a case in words, for the message of a failed test."""
    return "; ".join(f"{payment}: {line['decision']}, {line['reason']}" for payment, line in decisions.items())


def _first_fits(expected: Expected, line: DecisionLine) -> bool:
    if expected.first == (NO_CLEAR_FIRST,):
        return not line["allocations"]
    if not expected.first:
        return True
    return bool(line["candidates"]) and sorted(line["candidates"][0]["invoices"]) == sorted(expected.first)

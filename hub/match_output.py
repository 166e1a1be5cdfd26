"""A decision as one line of output of `sverka match`."""

from __future__ import annotations

import json
from typing import Final

from hub.domain.decision import Candidate, Decision
from hub.match_lines import Json, JsonObject

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)


def decision_line(decision: Decision) -> JsonObject:
    """A decision as the object that is written."""
    return {
        "payment": decision.payment_id,
        "decision": decision.kind.value,
        "allocations": [
            {"invoice": item.invoice_id, "amount": str(item.amount.amount)} for item in decision.allocations
        ],
        "candidates": [_candidate(candidate) for candidate in decision.candidates],
        "reason": decision.reason,
    }


def written(line: JsonObject) -> str:
    """One line of output with its end."""
    return _ENCODER.encode(line) + "\n"


def _candidate(candidate: Candidate) -> JsonObject:
    evidence: list[Json] = [
        {"aspect": item.aspect, "verdict": item.verdict, "stand": item.stand, "text": item.text}
        for item in candidate.evidence
    ]
    return {"invoices": list(candidate.invoices), "evidence": evidence}

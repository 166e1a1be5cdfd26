"""A decision as one line of output of `sverka match`."""

from __future__ import annotations

import json
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final

from hub.domain.decision import Aspect, Candidate, Decision, Stand
from hub.match_lines import Json, JsonObject

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_quoted: Final = encode_basestring


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


def decision_text(decision: Decision) -> str:
    """What `written` makes of a `decision_line`, in a third of the time: a run over many decisions is half evidence."""
    allocations = ", ".join(
        [
            f'{{"invoice": {_quoted(item.invoice_id)}, "amount": "{item.amount.amount}"}}'
            for item in decision.allocations
        ]
    )
    candidates = ", ".join([_candidate_text(candidate) for candidate in decision.candidates])
    return (
        f'{{"payment": {_quoted(decision.payment_id)}, "decision": "{decision.kind.value}", '
        f'"allocations": [{allocations}], "candidates": [{candidates}], "reason": {_quoted(decision.reason)}}}\n'
    )


def _candidate_text(candidate: Candidate) -> str:
    invoices = ", ".join(map(_quoted, candidate.invoices))
    evidence = ", ".join(
        [
            f"{_beginning(aspect, verdict, stand)}{_quoted(text)}}}"
            for aspect, verdict, stand, text in candidate.evidence
        ]
    )
    return f'{{"invoices": [{invoices}], "evidence": [{evidence}]}}'


@lru_cache(maxsize=1024)
def _beginning(aspect: Aspect, verdict: str, stand: Stand) -> str:
    return f'{{"aspect": "{aspect.value}", "verdict": {_quoted(verdict)}, "stand": "{stand.value}", "text": '


def _candidate(candidate: Candidate) -> JsonObject:
    evidence: list[Json] = [
        {"aspect": item.aspect, "verdict": item.verdict, "stand": item.stand, "text": item.text}
        for item in candidate.evidence
    ]
    return {"invoices": list(candidate.invoices), "evidence": evidence}

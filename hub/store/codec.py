"""Domain values to JSON documents and back, without loss: amounts travel as decimal text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hub.domain.allocation import Allocation
from hub.domain.decision import Aspect, Candidate, Decision, DecisionKind, Evidence, Pile, Stand
from hub.domain.models import Client, Reference, ReferenceKind, TaxId, TaxIdKind
from hub.domain.money import Money
from hub.store.types import JsonValue

Document = Mapping[str, Any]


def dump_money(money: Money) -> JsonValue:
    """`["1200.00", "RUB"]`."""
    return [str(money.amount), money.currency]


def load_money(value: list[str]) -> Money:
    """Back from `dump_money`."""
    return Money(Decimal(value[0]), value[1])


def dump_client(client: Client) -> dict[str, JsonValue]:
    """Names, tax ids and accounts; the id is the row's business."""
    return {
        "names": list(client.names),
        "tax_ids": [[item.kind.value, item.value] for item in client.tax_ids],
        "accounts": list(client.accounts),
    }


def load_client(identity: str, document: Document) -> Client:
    """Back from `dump_client`."""
    return Client(
        id=identity,
        names=tuple(document["names"]),
        tax_ids=tuple(TaxId(TaxIdKind(kind), value) for kind, value in document["tax_ids"]),
        accounts=tuple(document["accounts"]),
    )


def merge_clients(kept: Client, named: Client) -> Client:
    """What the client list keeps, then what the invoice itself names besides."""
    return Client(
        id=kept.id,
        names=tuple(dict.fromkeys(kept.names + named.names)),
        tax_ids=tuple(dict.fromkeys(kept.tax_ids + named.tax_ids)),
        accounts=tuple(dict.fromkeys(kept.accounts + named.accounts)),
    )


def dump_references(references: tuple[Reference, ...]) -> JsonValue:
    """Documents of the same sale."""
    return [[item.kind.value, item.number, item.date.isoformat() if item.date else None] for item in references]


def load_references(document: list[tuple[str, str | None, str | None]]) -> tuple[Reference, ...]:
    """Back from `dump_references`."""
    return tuple(
        Reference(ReferenceKind(kind), number, date.fromisoformat(day) if day else None)
        for kind, number, day in document
    )


def dump_decision(decision: Decision) -> dict[str, JsonValue]:
    """The whole decision but the payment's id, which is the row's business."""
    return {
        "kind": decision.kind.value,
        "allocations": _dump_allocations(decision.allocations),
        "candidates": [
            {
                "allocations": _dump_allocations(item.allocations),
                "evidence": [_dump_evidence(e) for e in item.evidence],
                "row": item.row,
            }
            for item in decision.candidates
        ],
        "code": decision.code,
        "reason": decision.reason,
        "unapplied": dump_money(decision.unapplied),
        "pile": decision.pile.value,
        "version": decision.version,
    }


def load_decision(identity: str, document: Document) -> Decision:
    """Back from `dump_decision`."""
    return Decision(
        payment_id=identity,
        kind=DecisionKind(document["kind"]),
        allocations=_load_allocations(document["allocations"]),
        candidates=tuple(
            Candidate(
                _load_allocations(item["allocations"]),
                tuple(_load_evidence(e) for e in item["evidence"]),
                item.get("row", ""),
            )
            for item in document["candidates"]
        ),
        code=document["code"],
        reason=document["reason"],
        unapplied=load_money(document["unapplied"]),
        pile=Pile(document["pile"]),
        version=document["version"],
    )


def _dump_allocations(allocations: tuple[Allocation, ...]) -> JsonValue:
    return [[item.invoice_id, dump_money(item.amount)] for item in allocations]


def _load_allocations(document: list[tuple[str, list[str]]]) -> tuple[Allocation, ...]:
    return tuple(Allocation(invoice, load_money(amount)) for invoice, amount in document)


def _dump_evidence(evidence: Evidence) -> JsonValue:
    return [evidence.aspect.value, evidence.verdict, evidence.stand.value, evidence.text]


def _load_evidence(document: list[str]) -> Evidence:
    aspect, verdict, stand, text = document
    return Evidence(Aspect(aspect), verdict, Stand(stand), text)

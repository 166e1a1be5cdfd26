"""A world as files: payments and invoices as `sverka match` reads them, and the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.worlds.records import Bill, Organisation, Side, Transfer, Truth
from tests.worlds.world import World

PAYMENTS: Final = "payments.jsonl"
INVOICES: Final = "invoices.jsonl"
TRUTH: Final = "truth.jsonl"


def write_world(world: World, folder: Path) -> None:
    """Write the three files into the folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / PAYMENTS, map(payment_line, world.payments))
    _write(folder / INVOICES, map(invoice_line, world.invoices))
    _write(folder / TRUTH, map(truth_line, world.truths))


def payment_line(transfer: Transfer) -> dict[str, object]:
    theirs, ours = _side(transfer.payer), _ours(transfer.organisation)
    payer, payee = (ours, theirs) if transfer.outgoing else (theirs, ours)
    return {
        "id": transfer.id,
        "direction": "out" if transfer.outgoing else "in",
        "amount": str(transfer.amount),
        "currency": transfer.currency,
        "booked_on": transfer.booked_on.isoformat(),
        "purpose": transfer.purpose,
        "payer": payer,
        "payee": payee,
    }


def invoice_line(bill: Bill) -> dict[str, object]:
    client = bill.client
    return {
        "id": bill.id,
        "number": bill.number.text,
        "issued_on": bill.issued_on.isoformat(),
        "due_on": None,
        "amount": str(bill.amount),
        "paid": str(bill.paid),
        "currency": bill.currency,
        "status": bill.status,
        "client": {
            "name": client.spellings[0],
            "tax_id": bill.tax_id,
            "kpp": client.kpp if bill.requisites else None,
            "account": client.account if bill.with_account else None,
        },
        "organisation_tax_id": bill.organisation.tax_id,
        "references": [{"kind": kind, "number": number} for kind, number in bill.references],
    }


def truth_line(truth: Truth) -> dict[str, object]:
    return {
        "payment": truth.payment,
        "kind": truth.kind,
        "answer": truth.answer.value,
        "allocations": {invoice: str(amount) for invoice, amount in truth.allocations.items()},
        "first": list(truth.first),
    }


def _side(side: Side) -> dict[str, str | None]:
    return {"name": side.name, "tax_id": side.tax_id, "kpp": side.kpp, "account": side.account}


def _ours(organisation: Organisation) -> dict[str, str | None]:
    return _side(Side(organisation.name, organisation.tax_id, organisation.kpp, organisation.account))


def _write(path: Path, lines: Iterable[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

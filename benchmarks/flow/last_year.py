"""Fill the store with last year's business: paid, matched, moved, nothing left to do.

Rows are written straight into the tables, with the hub's own keys and documents in them: the services would need
minutes for what nobody measures here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table

from benchmarks.flow.world import CLIENTS, OLD, Sale, client_of, deal_of, invoice_of, payment_of, sales
from hub.composition.hub import open_hub
from hub.config import load_config
from hub.domain.allocation import Allocation
from hub.domain.decision import Decision, DecisionKind, Pile
from hub.domain.matching import invoice_keys
from hub.domain.money import Money
from hub.ports.records import EffectKind, EffectState, InboxKind, NewEffect, PaymentState
from hub.ports.statement import ReceivedPayment
from hub.services.apply_changes import apply_in
from hub.store import tables as t
from hub.store.codec import dump_decision
from hub.store.ids import hub_id, short_key
from hub.store.invoice_rows import invoice_values
from hub.store.outbox_rows import effect_values
from hub.store.payment_rows import payment_values

_BITE: Final = 2_000
_KINDS: Final = (EffectKind.MARK_PAID, EffectKind.MOVE_DEAL, EffectKind.COMMENT, EffectKind.TASK)
Rows = Iterator[tuple[Table, dict[str, Any]]]


def fill(settings: Path, connection: str, payments: int) -> None:
    """Add so many paid sales of a connection."""
    with open_hub(load_config(settings), connect=False) as hub:
        now = hub.clock.now()
        with hub.rt.store.write() as uow:
            apply_in(hub.rt, uow, connection, [client_of(n) for n in range(1, CLIENTS + 1)])
            uow.inbox.add("files", InboxKind.STATEMENT_FILE, "year.txt", b"", "year", now)
        for first in range(OLD, OLD + payments, _BITE):
            count = min(_BITE, OLD + payments - first)
            with hub.database.write() as db:
                _write(db, _rows(connection, sales(first, count), now))
        with hub.database.write() as db:
            # The year's file was read long ago.
            db.execute(t.inbox.update().values(state="done", settled_at=now, summary={}))


def _write(db: Connection, rows: Rows) -> None:
    by_table: dict[Table, list[dict[str, Any]]] = {}
    for table, values in rows:
        by_table.setdefault(table, []).append(values)
    for table in t.metadata.sorted_tables:
        if table in by_table:
            db.execute(table.insert(), by_table[table])


def _rows(connection: str, bite: Iterable[Sale], now: datetime) -> Rows:
    for sale in bite:
        yield from _sale(connection, sale)
        yield from _money(connection, sale, now)


def _sale(connection: str, sale: Sale) -> Rows:
    invoice, deal = invoice_of(sale), deal_of(sale)
    identity, deal_id = hub_id(connection, invoice.id), hub_id(connection, deal.id)
    source = {"id": identity, "connection": connection, "external_id": invoice.id}
    yield t.invoices, source | invoice_values(connection, invoice)
    known = replace(invoice, id=identity, client=client_of(sale.client), paid=invoice.amount)
    for key in {short_key(key) for key in invoice_keys(known)}:
        yield t.invoice_keys, {"key": key, "invoice_id": identity, "of_client": False}
    yield t.invoice_deals, {"invoice_id": identity, "deal_id": deal_id, "position": 0}
    values: dict[str, Any] = {
        "title": deal.title,
        "pipeline_id": deal.pipeline_id,
        "stage_id": "EXECUTING",
        "stage_kind": deal.stage_kind.value,
        "amount_minor": sale.amount.minor,
        "currency": "RUB",
        "client_id": hub_id(connection, str(sale.client)),
        "fields": {},
    }
    yield t.deals, {"id": deal_id, "connection": connection, "external_id": deal.id} | values


def _money(connection: str, sale: Sale, now: datetime) -> Rows:
    number = sale.number - OLD + 1
    invoice_id, deal_id = hub_id(connection, str(sale.number)), hub_id(connection, str(sale.deal_id))
    received = ReceivedPayment(payment_of(sale), hashlib.sha256(str(sale.number).encode()).hexdigest(), 1)
    values = payment_values(received, now) | {"id": number, "state": PaymentState.MATCHED, "decision_id": number}
    yield t.payments, values
    yield t.payment_sources, {"payment_id": number, "inbox_id": 1}
    yield t.decisions, _decision(number, invoice_id, sale, now)
    money = {"amount_minor": sale.amount.minor, "currency": "RUB"}
    match = {"payment_id": number, "invoice_id": invoice_id, "decided_by": "auto", "decided_at": now}
    yield t.matches, match | money
    # Not of this hour: what moved in it counts against the hourly limit of moves.
    long_ago = now - timedelta(days=1)
    for kind in _KINDS:
        effect = NewEffect(f"{kind}:{deal_id}:{number}", connection, kind, deal_id, f"p{number}", {"deal": deal_id})
        done = {
            "state": EffectState.DONE,
            "result": {"outcome": "moved"},
            "intent_at": long_ago,
            "settled_at": long_ago,
        }
        yield t.outbox, effect_values(effect, now) | {"payment_id": number, "intent_at": long_ago} | done


def _decision(number: int, invoice_id: str, sale: Sale, now: datetime) -> dict[str, Any]:
    decision = Decision(
        payment_id=f"p{number}",
        kind=DecisionKind.AUTO,
        allocations=(Allocation(invoice_id, sale.amount),),
        candidates=(),
        code="number_amount_client",
        reason=f"Счёт № {sale.number}: сошлись номер, сумма и клиент.",
        unapplied=Money.zero("RUB"),
        pile=Pile.NEEDS_YOU,
        version="1",
    )
    told = {"kind": decision.kind, "code": decision.code, "reason": decision.reason, "version": decision.version}
    return told | {"id": number, "payment_id": number, "decided_at": now, "body": dump_decision(decision)}

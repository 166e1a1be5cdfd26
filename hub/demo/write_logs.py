"""The write logs of the stand-ins: what the demo knows is told from whatever else was written or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, Final

from hub.demo.expectations import Effect, Expectations
from hub.demo.seen import Writes
from hub.demo.world import World

Row = Mapping[str, Any]
#: Reads one line of what took effect; None is a write that the demo does not know.
Read = Callable[[Row], Effect | None]
_ORDER_NUMBER: Final = re.compile(r"п/п № ([^)]+)\)")
_PAID: Final = "paid"
#: A record of the register of 1C where accountants see what is paid: whose document, and which.
_RECORD: Final = re.compile(
    r"InformationRegister_СтатусыДокументов\(Организация_Key=guid'([0-9a-f-]{36})',"
    r"Документ='([0-9a-f-]{36})',Документ_Type='(StandardODATA\.Document_СчетНаОплатуПокупателю)'\)"
)
_PAID_IN_1C: Final = "Оплачен"
_STATUS: Final = {"Статус": _PAID_IN_1C, "Статус_Type": "UnavailableEnums.СтатусОплатыСчета"}
#: The account's zone.
_MOSCOW: Final = timezone(timedelta(hours=3))
#: Tochka makes a statement because it is asked to; no money and no setting changes.
_ORDERED: Final = "tochka.statements.create"


def read_write_logs(world: World, expected: Expectations) -> Writes:
    """All four of them, one after another."""
    bitrix24 = partial(bitrix24_effect, invoices=expected.invoices, paid_stage=expected.paid_stage)
    amocrm = partial(amocrm_effect, invoices=expected.invoices, paid_on=_paid_on(expected))
    papers = {(item.organisation, item.key): item.number for item in expected.papers}
    accounting = partial(accounting_effect, papers=papers)
    systems = [
        classify(_rows(world.writes_of("portal")), "Битрикс24", bitrix24),
        classify(_rows(world.writes_of("amo")), "amoCRM", amocrm),
        classify(_rows(world.writes_of("books")), "1С", accounting),
    ]
    banks = classify((row for row in _rows(world.writes_of("banks")) if not _is_usual(row)), "банки", _nothing)
    return Writes(
        tuple(effect for log in systems for effect in log.effects),
        tuple(text for log in (*systems, banks) for text in log.strange),
    )


def _paid_on(expected: Expectations) -> dict[str, date]:
    """The day of the money that pays an invoice, by its number."""
    effects = ((payment, effect) for payment in expected.payments for effect in payment.effects)
    return {effect.subject: payment.booked_on for payment, effect in effects if effect.kind == "paid"}


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _is_usual(row: Row) -> bool:
    """A statement that was ordered, or money that the demo itself put on an account: nothing the hub wrote."""
    return row["source"] == "control" or (row["method"] == _ORDERED and not row.get("error"))


def _nothing(row: Row) -> Effect | None:
    """Nothing is ever written to a bank."""
    del row
    return None


def classify(rows: Iterable[Row], system: str, read: Read) -> Writes:
    """Tell the demo's own kinds of write from everything else."""
    effects: list[Effect] = []
    strange: list[str] = []
    for row in rows:
        if row["kind"] == "call":
            if row.get("error"):
                strange.append(f"{system}: отказ на {row['method']}: {row['error']} (строка {row['seq']})")
            continue
        effect = read(row) if row["source"] == "rest" else None
        if effect is None:
            what = f"{row.get('entity_type')} {row.get('entity_id')}"
            strange.append(f"{system}: лишняя запись {row['method']} ({what}, строка {row['seq']})")
        else:
            effects.append(effect)
    return Writes(tuple(effects), tuple(strange))


def bitrix24_effect(row: Row, invoices: Mapping[str, str], paid_stage: str) -> Effect | None:
    """A line of the portal's log.

    Args:
        invoices: number of every invoice by its id.
        paid_stage: the stage that marks an invoice paid.
    """
    changed, kind, number = row.get("changed", {}), row.get("entity_type"), str(row.get("entity_id"))
    stage_only = set(changed) == {"stageId"}
    if kind == "deal" and stage_only:
        return Effect("move", number, _step(changed["stageId"]))
    if kind == "invoice" and stage_only and changed["stageId"][1] == paid_stage:
        return Effect("paid", invoices.get(number, number))
    return _words(row, {"comment": "comment", "task": "task"}, "deal:", "bitrix24")


def amocrm_effect(row: Row, invoices: Mapping[str, str], paid_on: Mapping[str, date]) -> Effect | None:
    """A line of the account's log; numbers of invoices by their ids, days of the money by the numbers."""
    changed, kind, number = row.get("changed", {}), row.get("entity_type"), str(row.get("entity_id"))
    if kind == "lead" and set(changed) == {"status_id"}:
        return Effect("move", number, _step(changed["status_id"]), "amocrm")
    if (
        kind == "invoice"
        and set(changed) == {"BILL_STATUS", "BILL_PAYMENT_DATE"}
        and changed["BILL_STATUS"][1] == _PAID
    ):
        invoice, seconds = invoices.get(number, number), changed["BILL_PAYMENT_DATE"][1]
        day = datetime.fromtimestamp(seconds, _MOSCOW).date() if isinstance(seconds, int) else None
        return Effect("paid", invoice, "", "amocrm") if day is not None and day == paid_on.get(invoice) else None
    return _words(row, {"note": "comment", "task": "task"}, "lead:", "amocrm")


def accounting_effect(row: Row, papers: Mapping[tuple[str, str], str]) -> Effect | None:
    """A line of the base's log: one record of the register of states, of a document and the company that made it.

    Args:
        papers: numbers of documents by the references of the company and the document.
    """
    changed, found = row.get("changed", {}), _RECORD.fullmatch(str(row.get("entity_key")))
    if found is None or "Статус" not in changed or changed["Статус"][1] != _PAID_IN_1C:
        return None
    of_record = {"Организация_Key": found[1], "Документ": found[2], "Документ_Type": found[3]} | _STATUS
    if any(of_record.get(name) != new for name, (_, new) in changed.items()):
        return None
    return Effect("paid", papers.get((found[1], found[2]), found[2]), "", "accounting_1c")


def _step(stages: Iterable[object]) -> str:
    return " → ".join(str(stage) for stage in stages)


def _words(row: Row, kinds: Mapping[str, str], card: str, crm: str) -> Effect | None:
    """A comment or a task on a deal, by the payment order that it speaks of."""
    kind, owner = kinds.get(str(row.get("entity_type"))), str(row.get("owner") or "").removeprefix(card)
    if kind is None or not owner.isdigit():
        return None
    texts = " ".join(str(new) for _, new in row.get("changed", {}).values())
    found = _ORDER_NUMBER.search(texts)
    return Effect(kind, owner, found[1] if found else "", crm)

"""A CRM of a few lines for service tests: keeps deals in memory, fails when told to, counts every write."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from hub.domain.errors import ConnectorError, Gone, Refused, UnknownOutcome
from hub.domain.filling import FieldValue, value_text
from hub.domain.models import Client, Deal, Invoice, Pipeline, Stage, StageKind
from hub.ports.crm import (
    Capability,
    Change,
    ChangePage,
    Hint,
    HookRequest,
    InvoiceNow,
    ItemKind,
    MoveOutcome,
    MoveResult,
    Position,
    Probe,
    Removed,
    StageChange,
    TaskDraft,
)
from hub.ports.fields import FillResult
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind

SALES = Pipeline(
    "0",
    "Продажи",
    (
        Stage("NEW", "Новая", 10),
        Stage("PREPAID", "Предоплата", 20),
        Stage("SHIP", "Отгрузка", 30),
        Stage("WON", "Успех", 40, StageKind.WON),
        Stage("LOSE", "Провал", 50, StageKind.LOST),
    ),
)
BILLS = Pipeline("3", "Счета", (Stage("N", "Новый", 10), Stage("P", "Оплачен", 20, StageKind.WON)))
START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@dataclass
class FakeCrm:
    """Implements `hub.ports.crm.CrmPort`.

    Attributes:
        writes: every write that took effect, in order.
        faults: what happens to the next writes: an error, or a callable run in the middle (a human's hand); a
            `lost` fault applies the write and loses the answer, `dropped` does neither.
        on_read: runs once in the middle of the next read.
        values: fields of deals as text.
        no_field: a field that the deals do not have.
    """

    deals: dict[str, Deal] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    invoice_stage: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    feed: list[Change] = field(default_factory=list)
    comments: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    tasks: dict[str, tuple[str, TaskDraft, str]] = field(default_factory=dict)
    writes: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    faults: deque[str | ConnectorError | Callable[[], None]] = field(default_factory=deque)
    read_faults: deque[ConnectorError] = field(default_factory=deque)
    rows: dict[str, list[StageChange]] = field(default_factory=dict)
    on_read: Callable[[], None] | None = None
    paid_on: dict[str, date | None] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    no_field: str = ""
    page_size: int = 50
    funnel: Pipeline = SALES

    def add(self, *items: Change) -> None:
        """Put items into the CRM and into its change feed."""
        for item in items:
            match item:
                case Deal():
                    self.deals[item.id] = item
                    self._record(item.id, Position(item.pipeline_id, item.stage_id))
                case Invoice():
                    self.invoices[item.id] = item
                    self.invoice_stage.setdefault(item.id, "N")
                case Client():
                    self.clients[item.id] = item
                case Removed(ItemKind.INVOICE):
                    self.invoices.pop(item.id, None)
                    self.invoice_stage.pop(item.id, None)
                case Removed():
                    self.deals.pop(item.id, None)
            self.feed.append(item)

    def human_moves(self, deal_id: str, stage_id: str) -> None:
        """A person drags the deal to another stage."""
        self._place(deal_id, stage_id)
        self.feed.append(self.deals[deal_id])

    def moves_of(self, deal_id: str) -> list[str]:
        """Stages that our writes moved a deal to."""
        return [value for kind, key, value in self.writes if kind == "move" and key == deal_id]

    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability) - {Capability.LINK_PAYMENTS}

    def probe(self) -> Probe:
        return Probe("fake", "Интегратор", "1", (), 0.0)

    def pipelines(self) -> tuple[Pipeline, ...]:
        return (self.funnel,)

    def invoice_pipelines(self) -> tuple[Pipeline, ...]:
        return (BILLS,)

    def changes(self, mark: str | None) -> ChangePage:
        self._read("changes")
        start = int(mark or 0)
        end = min(start + self.page_size, len(self.feed))
        return ChangePage(tuple(self.feed[start:end]), str(end), end < len(self.feed))

    def deal(self, deal_id: str) -> Deal:
        self._read("deal")
        if deal_id not in self.deals:
            raise Gone(f"deal {deal_id} is gone", "Сделку удалили в CRM.")
        return self.deals[deal_id]

    def reread(self, kind: ItemKind, item_id: str) -> tuple[Change, ...]:
        self._read("reread")
        kept: dict[ItemKind, dict[str, Change]] = {
            ItemKind.DEAL: dict(self.deals),
            ItemKind.INVOICE: dict(self.invoices),
            ItemKind.CLIENT: dict(self.clients),
        }
        return (kept[kind].get(item_id, Removed(kind, item_id)),)

    def move(self, deal_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        del expected, operation_key
        try:
            self._write(lambda: self._our_move(deal_id, target))
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        deal = self.deals[deal_id]
        if deal.stage_id != target.stage_id:
            stand = Position(deal.pipeline_id, deal.stage_id)
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, stand, reason="Сделку сразу передвинул кто-то ещё.")
        return MoveResult(MoveOutcome.MOVED, target)

    def fields(self, deal_id: str, names: Collection[str]) -> Mapping[str, str]:
        self._read("fields")
        if deal_id not in self.deals:
            raise Gone(f"deal {deal_id} is gone", "Сделку удалили в CRM.")
        if self.no_field in names:
            raise Refused("no field", f"У сделок нет поля «{self.no_field}».")
        return {name: self.values.get(deal_id, {}).get(name, "") for name in names}

    def field_text(self, name: str, value: FieldValue) -> str:
        del name
        return value_text(value)

    def fill_fields(
        self, deal_id: str, expected: Mapping[str, str], values: Mapping[str, FieldValue], operation_key: str
    ) -> FillResult:
        del operation_key
        held = self.values.setdefault(deal_id, {})
        meant = {name: value_text(value) for name, value in values.items()}
        if any(held.get(name, "") != text for name, text in expected.items()):
            return FillResult(MoveOutcome.CHANGED_BY_OTHER, dict(held), "Поле сразу изменил кто-то ещё.")

        def put() -> None:
            held.update(meant)
            self.writes.extend(("field", deal_id, f"{name}={text}") for name, text in meant.items())

        try:
            self._write(put)
        except UnknownOutcome as error:
            return FillResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        if any(held[name] != text for name, text in meant.items()):
            return FillResult(MoveOutcome.CHANGED_BY_OTHER, dict(held), "Поле сразу изменил кто-то ещё.")
        return FillResult(MoveOutcome.MOVED, {name: held[name] for name in meant})

    def history(self, deal_id: str) -> tuple[StageChange, ...]:
        return tuple(self.rows.get(deal_id, ()))

    def invoice_now(self, invoice_id: str) -> InvoiceNow:
        self._read("invoice_now")
        if invoice_id not in self.invoice_stage:
            raise Gone(f"invoice {invoice_id}")
        known = self.invoices.get(invoice_id)
        return InvoiceNow(Position("3", self.invoice_stage[invoice_id]), known.amount.amount if known else None)

    def invoice_history(self, invoice_id: str) -> tuple[StageChange, ...]:
        return tuple(self.rows.get(f"invoice:{invoice_id}", ()))

    def mark_paid(self, invoice_id: str, operation_key: str, paid_on: date | None = None) -> MoveResult:
        del operation_key
        self.paid_on[invoice_id] = paid_on
        if self.invoice_stage[invoice_id] == "P":
            return MoveResult(MoveOutcome.ALREADY_THERE, Position("3", "P"))
        return self._stage_invoice(invoice_id, Position("3", "P"))

    def restore_invoice(self, invoice_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        del expected, operation_key
        return self._stage_invoice(invoice_id, target)

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:
        key = f"c{len(self.comments) + 1}"

        def leave() -> None:
            self.comments[key] = (deal_id, text, operation_key)
            self.writes.append(("comment", deal_id, text))

        self._write(leave)
        return key

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:
        return next((k for k, (deal, _, op) in self.comments.items() if (deal, op) == (deal_id, operation_key)), None)

    def task(self, deal_id: str, draft: TaskDraft, operation_key: str) -> str:
        key = f"t{len(self.tasks) + 1}"

        def leave() -> None:
            self.tasks[key] = (deal_id, draft, operation_key)
            self.writes.append(("task", deal_id, draft.title))

        self._write(leave)
        return key

    def find_task(self, deal_id: str, operation_key: str) -> str | None:
        return next((k for k, (deal, _, op) in self.tasks.items() if (deal, op) == (deal_id, operation_key)), None)

    def complete_task(self, task_id: str) -> None:
        del task_id

    def verify(self, request: HookRequest) -> tuple[Hint, ...] | None:
        kind, _, key = request.body.decode().partition(":")
        return (Hint(ItemKind(kind), key),) if key else None

    def hints(self, request: HookRequest) -> tuple[Hint, ...]:
        return self.verify(request) or ()

    def admit(self, request: HookRequest) -> Admission | None:
        if self.verify(request) is None:
            return None
        kind = request.headers.get("content-type", "")
        return Admission(InboxKind.HOOK, kind, hashlib.sha256(request.body).hexdigest())

    def close(self) -> None:
        self.calls.append("close")

    def _read(self, name: str) -> None:
        self.calls.append(name)
        if self.on_read is not None:
            hook, self.on_read = self.on_read, None
            hook()
        if self.read_faults:
            raise self.read_faults.popleft()

    def _write(self, apply: Callable[[], None]) -> None:
        fault = self.faults.popleft() if self.faults else None
        match fault:
            case None:
                apply()
            case "lost":
                apply()
                raise UnknownOutcome("reply lost", "Ответ CRM потерялся.")
            case "dropped":
                raise UnknownOutcome("reply lost", "Ответ CRM потерялся.")
            case ConnectorError():
                raise fault
            case _ if callable(fault):
                fault()
                apply()

    def _our_move(self, deal_id: str, target: Position) -> None:
        self._place(deal_id, target.stage_id)
        self.writes.append(("move", deal_id, target.stage_id))

    def _stage_invoice(self, invoice_id: str, target: Position) -> MoveResult:
        def put() -> None:
            self.invoice_stage[invoice_id] = target.stage_id
            self.writes.append(("invoice", invoice_id, target.stage_id))
            self._record(f"invoice:{invoice_id}", target)

        try:
            self._write(put)
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        return MoveResult(MoveOutcome.MOVED, target)

    def _place(self, deal_id: str, stage_id: str) -> None:
        stage = self.funnel.stage(stage_id)
        kind = stage.kind if stage else StageKind.OPEN
        self.deals[deal_id] = replace(self.deals[deal_id], stage_id=stage_id, stage_kind=kind)
        self._record(deal_id, Position(self.deals[deal_id].pipeline_id, stage_id))

    def _record(self, deal_id: str, position: Position) -> None:
        rows = self.rows.setdefault(deal_id, [])
        count = sum(map(len, self.rows.values()))
        rows.append(StageChange(str(count + 1), position, START + timedelta(seconds=count)))

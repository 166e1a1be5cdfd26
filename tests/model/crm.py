"""A CRM for the model test: remembers every request that reached it, fails in every way, has people and robots."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NoReturn

from hub.domain.errors import Gone, Reauthorise, Refused, RetryLater, UnknownOutcome
from hub.domain.models import Client, Deal, Invoice
from hub.ports.crm import (
    Change,
    ChangePage,
    Hint,
    HookRequest,
    ItemKind,
    MoveOutcome,
    MoveResult,
    Position,
    Removed,
    StageChange,
    TaskDraft,
)
from tests.model.outside import TwoClocks
from tests.support.fake_crm import SALES, FakeCrm

HUB, HUMAN = "hub", "human"
RANK = {stage.id: stage.position for stage in SALES.stages}


class Fault(StrEnum):
    """What becomes of the next write."""

    LOST = "lost"
    DROPPED = "dropped"
    LATE = "late"
    MUCH_LATER = "much_later"
    RETRY = "retry"
    REFUSED = "refused"
    SAID_NO = "said_no"
    GONE = "gone"
    REAUTHORISE = "reauthorise"
    DIES_BEFORE = "dies_before"
    DIES_AFTER = "dies_after"


_LATE_S = {Fault.LATE: 20.0, Fault.MUCH_LATER: 300.0}


@dataclass
class Sent:
    """A write as it reached the CRM, by both clocks; `open` while nobody at the hub knows whether it took effect."""

    key: str
    kind: str
    subject: str
    expected: str
    target: str
    at: datetime
    true: datetime
    seen: str | None = None
    seen_author: str | None = None
    open: bool = True


@dataclass
class Changed:
    """A write of ours that changed something; `beyond` when it came later than the hub must reckon with."""

    sent: Sent
    before: str
    beyond: bool


@dataclass
class ModelCrm(FakeCrm):
    """`hub.ports.crm.CrmPort` with a memory of who did what.

    Attributes:
        told_gone: deals of which it said, truly or not, that they are deleted.
    """

    clock: TwoClocks = field(default_factory=TwoClocks)
    window_s: float = 65.0
    plan: deque[Fault] = field(default_factory=deque)
    read_plan: deque[type[RetryLater | Refused | Gone | Reauthorise]] = field(default_factory=deque)
    middle: deque[Callable[[], None]] = field(default_factory=deque)
    sent: list[Sent] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    flying: list[tuple[datetime, Callable[[bool], None], Sent]] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    authors: dict[str, list[str]] = field(default_factory=dict)
    reads: dict[str, tuple[str, str]] = field(default_factory=dict)
    on_send: Callable[[Sent], None] = field(default=lambda sent: None)
    die: Callable[[], None] = field(default=lambda: None)
    hands: Counter[str] = field(default_factory=Counter)
    told_gone: set[str] = field(default_factory=set)
    dead: bool = False
    robot: str | None = None
    author: str = HUMAN
    _serial: int = 0

    def put(self, *items: Deal | Invoice | Client | Removed) -> None:
        """Somebody makes or deletes items: the feed shows them, a hook tells of each."""
        self.add(*items)
        for item in items:
            self._hook(_kind(item), item.id)

    def change(self, deal: Deal) -> None:
        """Somebody changes a deal but not its stage."""
        self.deals[deal.id] = deal
        self.feed.append(deal)
        self._hook(ItemKind.DEAL, deal.id)

    def mark(self, invoice_id: str, stage_id: str) -> None:
        """A person sets or takes off an invoice's paid mark."""
        self.invoice_stage[invoice_id] = stage_id
        self.hands[invoice_id] += 1

    def heal(self) -> None:
        """Whatever was wrong with the CRM is over; what is on its way still arrives."""
        self.dead = False
        self.robot = None
        self.funnel = SALES
        for planned in (self.plan, self.read_plan, self.middle):
            planned.clear()

    def drag(self, deal_id: str, stage_id: str, *, author: str = HUMAN) -> None:
        """A person or a robot moves a deal."""
        self.author = author
        self.human_moves(deal_id, stage_id)
        self._hook(ItemKind.DEAL, deal_id)

    def tick(self) -> None:
        """What was on its way arrives."""
        due = [item for item in self.flying if item[0] <= self.clock.true]
        self.flying = [item for item in self.flying if item[0] > self.clock.true]
        for _, land, sent in due:
            # Once the hub has asked again, whether by its clock or in truth the time was over, this one is beyond it.
            repeated = any(item.key == sent.key for item in self.sent[self.sent.index(sent) + 1 :])
            land(repeated or self.age_s(sent) > self.window_s)

    def age_s(self, sent: Sent) -> float:
        """Seconds since a write was sent, by whichever clock says more."""
        return max((self.clock.at - sent.at).total_seconds(), (self.clock.true - sent.true).total_seconds())

    def verify(self, request: HookRequest) -> tuple[Hint, ...] | None:
        kind, key, _serial = request.body.decode().split(":")
        return (Hint(ItemKind(kind), key),)

    def changes(self, mark: str | None) -> ChangePage:
        self._refuse_or_fail()
        start = int(mark or 0)
        end = min(start + self.page_size, len(self.feed))
        return ChangePage(tuple(self.feed[start:end]), str(end), end < len(self.feed))

    def deal(self, deal_id: str) -> Deal:
        self._refuse_or_fail(deal_id)
        if deal_id not in self.deals:
            raise Gone("gone", "Сделку удалили в CRM.")
        found = self.deals[deal_id]
        self.reads[deal_id] = (found.stage_id, self.authors[deal_id][-1])
        self._meanwhile()
        return found

    def reread(self, kind: ItemKind, item_id: str) -> tuple[Change, ...]:
        self._refuse_or_fail()
        kept: dict[str, Change] = {
            **{f"{ItemKind.DEAL}:{key}": item for key, item in self.deals.items()},
            **{f"{ItemKind.INVOICE}:{key}": item for key, item in self.invoices.items()},
            **{f"{ItemKind.CLIENT}:{key}": item for key, item in self.clients.items()},
        }
        answer = (kept.get(f"{kind}:{item_id}", Removed(kind, item_id)),)
        self._meanwhile()
        return answer

    def history(self, deal_id: str) -> tuple[StageChange, ...]:
        self._read("history")
        return super().history(deal_id)

    def move(self, deal_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        stage, author = self.reads.get(deal_id, (None, None))
        sent = Sent(
            operation_key,
            "move",
            deal_id,
            expected.stage_id,
            target.stage_id,
            self.clock.at,
            self.clock.true,
            stage,
            author,
        )
        try:
            self._send(sent, lambda beyond: self._arrive(sent, beyond))
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except _SaidNo as error:
            return MoveResult(MoveOutcome.REFUSED, expected, reason=error.for_person)
        stage_now = self.deals[deal_id].stage_id if deal_id in self.deals else None
        if stage_now != target.stage_id:
            stand = Position("0", stage_now) if stage_now else None
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, stand, reason="Сделку сразу передвинул кто-то ещё.")
        return MoveResult(MoveOutcome.MOVED, target)

    def mark_paid(self, invoice_id: str, operation_key: str, paid_on: date | None = None) -> MoveResult:
        del paid_on
        if self.invoice_stage[invoice_id] == "P":
            return MoveResult(MoveOutcome.ALREADY_THERE, Position("3", "P"))
        return self._stage(invoice_id, self.invoice_stage[invoice_id], "P", operation_key)

    def restore_invoice(self, invoice_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        return self._stage(invoice_id, expected.stage_id, target.stage_id, operation_key)

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:
        return self._leave(
            "comment", deal_id, operation_key, lambda key: self._comment(key, deal_id, text, operation_key)
        )

    def task(self, deal_id: str, draft: TaskDraft, operation_key: str) -> str:
        return self._leave("task", deal_id, operation_key, lambda key: self._task(key, deal_id, draft, operation_key))

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:
        self._read("find_comment")
        return super().find_comment(deal_id, operation_key)

    def find_task(self, deal_id: str, operation_key: str) -> str | None:
        self._read("find_task")
        return super().find_task(deal_id, operation_key)

    def _comment(self, key: str, deal_id: str, text: str, operation_key: str) -> None:
        self.comments[key] = (deal_id, text, operation_key)

    def _task(self, key: str, deal_id: str, draft: TaskDraft, operation_key: str) -> None:
        self.tasks[key] = (deal_id, draft, operation_key)

    def _leave(self, kind: str, deal_id: str, operation_key: str, leave: Callable[[str], None]) -> str:
        self._serial += 1
        key = f"{kind[0]}{self._serial}"
        sent = Sent(operation_key, kind, deal_id, "", key, self.clock.at, self.clock.true)

        def land(beyond: bool) -> None:
            leave(key)
            self.changed.append(Changed(sent, "", beyond))

        try:
            self._send(sent, land)
        except _SaidNo as error:
            raise Refused(error.text, error.for_person) from None
        return key

    def _stage(self, invoice_id: str, before: str, target: str, operation_key: str) -> MoveResult:
        sent = Sent(operation_key, "invoice", invoice_id, before, target, self.clock.at, self.clock.true)

        def land(beyond: bool) -> None:
            stood = self.invoice_stage[invoice_id]
            self.invoice_stage[invoice_id] = target
            if stood != target:
                self.changed.append(Changed(sent, stood, beyond))

        try:
            self._send(sent, land)
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except _SaidNo as error:
            return MoveResult(MoveOutcome.REFUSED, reason=error.for_person)
        return MoveResult(MoveOutcome.MOVED, Position("3", target))

    def _arrive(self, sent: Sent, beyond: bool) -> None:
        deal = self.deals.get(sent.subject)
        if deal is None or deal.stage_id == sent.target:
            return
        self.author = HUB
        self._place(sent.subject, sent.target)
        self.feed.append(self.deals[sent.subject])
        self._hook(ItemKind.DEAL, sent.subject)
        self.changed.append(Changed(sent, deal.stage_id, beyond))
        if self.robot is not None:
            stage, self.robot = self.robot, None
            self.drag(sent.subject, stage)

    def _send(self, sent: Sent, land: Callable[[bool], None]) -> None:
        self._must_live()
        self.on_send(sent)
        self.sent.append(sent)
        self._meanwhile()
        fault = self.plan.popleft() if self.plan else None
        if fault in _LATE_S:
            self.flying.append((self.clock.true + timedelta(seconds=_LATE_S[fault]), land, sent))
        elif fault in (None, Fault.LOST, Fault.DIES_AFTER):
            if sent.kind == "move" and sent.subject not in self.deals:
                sent.open = False
                raise Gone("gone", "Сделку удалили в CRM.")
            land(False)
        if fault is None:
            sent.open = False
        else:
            self._fail(fault, sent)

    def _fail(self, fault: Fault, sent: Sent) -> NoReturn:
        if fault in (Fault.DIES_BEFORE, Fault.DIES_AFTER):
            self.die()
        if fault in (Fault.LOST, Fault.DROPPED, *_LATE_S):
            raise UnknownOutcome("reply lost", "Ответ CRM потерялся.")
        sent.open = False
        match fault:
            case Fault.RETRY:
                raise RetryLater("busy", "CRM занята.")
            case Fault.REFUSED:
                raise Refused("no", "CRM отказала.")
            case Fault.SAID_NO:
                raise _SaidNo("no", "CRM отказала.")
            case Fault.GONE:
                self.told_gone.add(sent.subject)
                raise Gone("gone", "В CRM этого больше нет.")
            case _:
                self.dead = True
                raise Reauthorise("expired", "Подключитесь заново.")

    def _must_live(self) -> None:
        if self.dead:
            raise Reauthorise("expired", "Подключитесь заново.")

    def _refuse_or_fail(self, deal_id: str | None = None) -> None:
        self._must_live()
        if self.read_plan:
            failure = self.read_plan.popleft()
            if failure is Gone and deal_id is not None:
                self.told_gone.add(deal_id)
            raise failure("read failed", "CRM не прочиталась.")

    def _meanwhile(self) -> None:
        if self.middle:
            self.middle.popleft()()

    def _read(self, name: str) -> None:
        del name
        self._refuse_or_fail()
        self._meanwhile()

    def _hook(self, kind: ItemKind, key: str) -> None:
        self._serial += 1
        self.hooks.append(f"{kind}:{key}:{self._serial}")

    def _record(self, deal_id: str, position: Position) -> None:
        rows = self.rows.setdefault(deal_id, [])
        self._serial += 1
        rows.append(StageChange(str(self._serial), position, self.clock.true))
        self.authors.setdefault(deal_id, []).append(self.author)
        self.author = HUMAN


class _SaidNo(Refused):
    """The system answered the move itself with a no."""


def _kind(item: Change) -> ItemKind:
    match item:
        case Deal():
            return ItemKind.DEAL
        case Invoice():
            return ItemKind.INVOICE
    return getattr(item, "kind", ItemKind.CLIENT)

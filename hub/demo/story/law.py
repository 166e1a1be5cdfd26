"""What must follow in the CRM from money that came: the story's own reading of the rules, apart from the hub's code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hub.demo.story.calendar import ACT_FROM
from hub.demo.story.ledger import RETAIL, WHOLESALE, Deal, Event, Invoice, Line

INVOICE_CATEGORY: Final = 3
STAGES: Final = (
    ("NEW", "Новая", None),
    ("PREPARATION", "Счёт выставлен", None),
    ("PREPAYMENT_INVOICE", "Предоплата получена", None),
    ("EXECUTING", "К отгрузке", None),
    ("FINAL_INVOICE", "Отгружено", None),
    ("WON", "Сделка успешна", "S"),
    ("LOSE", "Сделка провалена", "F"),
)
#: Numbers of the same stages in amoCRM, by pipeline; won and lost have one number everywhere.
AMO_PIPELINES: Final = {RETAIL: 9101, WHOLESALE: 9104}
_AMO_FIRST: Final = {RETAIL: 61001, WHOLESALE: 64001}
_AMO_CLOSED: Final = {"WON": 142, "LOSE": 143}
_ORDER: Final = [code for code, _, _ in STAGES]
_LOST: Final = "LOSE"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule of the demo does: the stage (None leaves it), a comment, a task."""

    stage: str | None
    comment: bool
    task: bool


#: The same as data/rules.yaml and data/rules-amocrm.yaml say.
RULES: Final[dict[tuple[int, Event], Outcome]] = {
    (RETAIL, "partly"): Outcome("PREPAYMENT_INVOICE", comment=True, task=False),
    (RETAIL, "paid"): Outcome("EXECUTING", comment=False, task=False),
    (RETAIL, "unknown_sum"): Outcome(None, comment=True, task=False),
    (WHOLESALE, "partly"): Outcome("PREPAYMENT_INVOICE", comment=True, task=False),
    (WHOLESALE, "paid"): Outcome("EXECUTING", comment=True, task=True),
}


def stage_id(category: int, code: str) -> str:
    """Bitrix24's id of a deal stage: bare in the first pipeline, `C4:` in front elsewhere."""
    return f"C{category}:{code}" if category else code


def amo_stage(category: int, code: str) -> int:
    """amoCRM's number of the same stage."""
    return _AMO_CLOSED.get(code) or _AMO_FIRST[category] + _ORDER.index(code)


def stage_of(deal: Deal, code: str) -> str:
    """A stage as the deal's CRM names it."""
    return str(amo_stage(deal.category, code)) if deal.crm == "amocrm" else stage_id(deal.category, code)


def follow(line: Line) -> None:
    """Write down what the allocations of an automatic line must lead to."""
    acting = line.booked >= ACT_FROM
    for invoice, part in line.allocations:
        invoice.covered += part
        if acting and invoice.covered == invoice.amount:
            line.follows.paid.append(invoice)
    if not acting:
        return
    deals = {invoice.deal.id: invoice.deal for invoice, _ in line.allocations if invoice.deal_is_known}
    for deal in deals.values():
        _follow_in_deal(line, deal)


def _follow_in_deal(line: Line, deal: Deal) -> None:
    event = _event(deal, [invoice for invoice, _ in line.allocations if invoice.deal is deal])
    outcome = RULES.get((deal.category, event)) if event else None
    if outcome is None:
        return
    if outcome.comment:
        line.follows.comments.append(deal)
    # A deal that was lost stops its move, and the task that waits for the move goes with it.
    if outcome.task and deal.now != _LOST:
        line.follows.tasks.append(deal)
    if outcome.stage is not None and _may_go(deal, outcome.stage):
        line.follows.moves.append((deal, deal.now, outcome.stage))
        deal.now = outcome.stage


def _may_go(deal: Deal, target: str) -> bool:
    return deal.now != _LOST and _ORDER.index(deal.now) < _ORDER.index(target)


def _event(deal: Deal, touched: list[Invoice]) -> Event | None:
    if not deal.amount:
        return "unknown_sum" if any(invoice.covered == invoice.amount for invoice in touched) else None
    covered = sum((_covered_as_billed(invoice) for invoice in deal.invoices), Decimal(0))
    return "paid" if covered >= deal.amount else "partly"


def _covered_as_billed(invoice: Invoice) -> Decimal:
    """A sale that is paid in full counts as much as its CRM asks for: that may be kopecks off the document in 1C."""
    return invoice.as_in_crm.amount if invoice.covered == invoice.amount else invoice.covered

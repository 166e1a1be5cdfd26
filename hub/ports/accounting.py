"""Accounting systems: they hold invoices and know what was paid, and have no deals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from hub.domain.errors import Gone, Refused
from hub.domain.models import Deal, Pipeline
from hub.domain.money import Money
from hub.ports.crm import (
    CrmPort,
    Hint,
    HookRequest,
    InvoiceNow,
    MoveOutcome,
    MoveResult,
    Position,
    StageChange,
    TaskDraft,
)

_NO_DEALS = "В учётной системе нет сделок."


@dataclass(frozen=True, slots=True)
class PaymentPaper:
    """What tells a payment among the documents of an accounting system: the papers of the bank.

    Attributes:
        account: ours, that the money came to.
    """

    number: str
    amount: Money
    booked_on: date
    dated: date | None = None
    account: str | None = None
    payer_tax_id: str | None = None


@runtime_checkable
class PaymentLinker(Protocol):
    """An accounting system in which the draft of a payment can be told what invoice it pays."""

    def link_payment(self, paper: PaymentPaper, invoice_id: str, operation_key: str) -> MoveResult:
        """Put the draft of that payment to the invoice. Raises Gone while there is no document of that payment.

        A document that is posted is never changed: `already_there` where it names the invoice, else `refused`.
        """


class AccountingPort(CrmPort):
    """A port whose system has no deals: everything that speaks of them is answered here, once.

    What is left to a connector: `capabilities`, `probe`, `changes`, `reread`, `close`, and the paid mark of invoices
    where the system has one. No deal ever comes from it, so that nothing below is called in earnest.
    """

    def pipelines(self) -> tuple[Pipeline, ...]:
        """None."""
        return ()

    def invoice_pipelines(self) -> tuple[Pipeline, ...]:
        """None, unless the system keeps states of invoices."""
        return ()

    def deal(self, deal_id: str) -> Deal:
        """There is none."""
        raise Gone(f"no deals: {deal_id}", _NO_DEALS)

    def move(self, deal_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:  # noqa: ARG002
        """Nothing to move."""
        return MoveResult(MoveOutcome.REFUSED, reason=_NO_DEALS)

    def history(self, deal_id: str) -> tuple[StageChange, ...]:  # noqa: ARG002
        """None is kept."""
        return ()

    def invoice_now(self, invoice_id: str) -> InvoiceNow:  # noqa: ARG002
        """Nothing, unless the system keeps states of invoices."""
        return InvoiceNow()

    def invoice_history(self, invoice_id: str) -> tuple[StageChange, ...]:  # noqa: ARG002
        """None is kept."""
        return ()

    def mark_paid(self, invoice_id: str, operation_key: str, paid_on: date | None = None) -> MoveResult:  # noqa: ARG002
        """Refused, unless the system keeps states of invoices."""
        return MoveResult(MoveOutcome.REFUSED, reason="Учётная система не хранит отметки об оплате счёта.")

    def restore_invoice(
        self,
        invoice_id: str,
        expected: Position,  # noqa: ARG002
        target: Position,  # noqa: ARG002
        operation_key: str,
    ) -> MoveResult:
        """Refused, unless the system keeps states of invoices."""
        return self.mark_paid(invoice_id, operation_key)

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:  # noqa: ARG002
        """Nowhere to leave one."""
        raise Refused(f"no deals: {deal_id}", _NO_DEALS)

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:  # noqa: ARG002
        """There is none."""
        return None

    def task(self, deal_id: str, draft: TaskDraft, operation_key: str) -> str:  # noqa: ARG002
        """Nowhere to leave one."""
        raise Refused(f"no deals: {deal_id}", _NO_DEALS)

    def find_task(self, deal_id: str, operation_key: str) -> str | None:  # noqa: ARG002
        """There is none."""
        return None

    def complete_task(self, task_id: str) -> None:
        """There is none to close."""
        raise Refused(f"no tasks: {task_id}", _NO_DEALS)

    def verify(self, request: HookRequest) -> tuple[Hint, ...] | None:  # noqa: ARG002
        """No hooks are believed."""
        return None

    def hints(self, request: HookRequest) -> tuple[Hint, ...]:  # noqa: ARG002
        """No hooks come."""
        return ()

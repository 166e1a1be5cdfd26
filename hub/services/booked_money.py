"""Money that an accountant wrote down: where a bank shows it too, the bank's word stands and the document is beside it.

What the books alone show is theirs to correct and to delete. Where a bank's API reads the account as well, money that
only the books show waits for the bank: a document entered twice, or with a slip in its sum, must move no deal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from hub.domain.models import Direction
from hub.domain.wording import date_text, money_text
from hub.ports.bank import Books
from hub.ports.records import PaymentRow, PaymentState
from hub.ports.statement import ReceivedPayment
from hub.ports.store import UnitOfWork
from hub.services.runtime import Runtime

#: A bank that read the account so short a time before the day reads it still.
_STILL_READ: Final = timedelta(days=7)
_OPEN: Final = (PaymentState.NEW, PaymentState.RECHECK, PaymentState.NEEDS_YOU, PaymentState.NOT_OURS)
_UNSEEN: Final = (
    "Эти деньги показывает только 1С, а счёт хаб читает и в банке, и там их пока нет: документ мог быть введён дважды "
    "или с другой суммой. Когда банк их покажет, хаб решит сам; иначе решает человек."
)
#: What is said where the document is no longer there.
DELETED: Final = "В 1С этого поступления больше нет: документ удалён, помечен на удаление или не проведён."


def is_banks(rt: Runtime, uow: UnitOfWork, payment: str) -> bool:
    """Whether a bank's API or a file has shown the payment, whatever the books say of it."""
    names, in_file = uow.banks.connections_of(payment)
    return in_file or bool(names - rt.books)


def take_banks_word(rt: Runtime, uow: UnitOfWork, payment: str, item: ReceivedPayment) -> bool:
    """A bank shows what only the books showed before: while nothing was done with it, it is as the bank has it.

    Returns:
        False where the payment keeps its content: somebody acted on it, or two accounts of ours tell it together.
    """
    row = uow.payments.get(payment)
    if row is None or Direction.SELF in (row.payment.direction, item.payment.direction):
        return False
    if row.state not in _OPEN or uow.matches.of_payment(payment):
        return False
    uow.payments.amend(payment, _numbered(uow, row, item), rt.clock.now())
    look_again(uow, row)
    return True


def _numbered(uow: UnitOfWork, row: PaymentRow, item: ReceivedPayment) -> ReceivedPayment:
    if row.fingerprint == item.fingerprint:
        return replace(item, occurrence=row.occurrence)
    return replace(item, occurrence=uow.banks.next_occurrence(item.payment.own_account or "", item.fingerprint))


def take_files_word(rt: Runtime, uow: UnitOfWork, inbox_id: int, known: Iterable[tuple[str, ReceivedPayment]]) -> None:
    """The same for lines of a file that were known before."""
    told = dict(known) if rt.books else {}
    for payment in sorted(uow.banks.booked_only(told, rt.books, besides_inbox=inbox_id)):
        take_banks_word(rt, uow, payment, told[payment])


def look_again(uow: UnitOfWork, row: PaymentRow) -> None:
    """What waits for a person may be decided now."""
    if row.state in (PaymentState.NEEDS_YOU, PaymentState.NOT_OURS):
        uow.payments.set_state(row.payment.id, PaymentState.RECHECK)


def note_difference(uow: UnitOfWork, payment: str, item: ReceivedPayment) -> None:
    """The page tells what the document says otherwise than the bank; nothing else comes of it."""
    row = uow.payments.get(payment)
    if row is None or uow.banks.agrees(payment, item):
        return
    told = item.payment
    number = f"№ {told.document_number}" if told.document_number else "без номера"
    text = (
        f"В 1С этот документ другой: {number} от {date_text(told.booked_on)} на {money_text(told.amount)}. "
        "Хаб верит банку: исправьте документ в 1С."
    )
    if text not in row.warnings:
        uow.payments.warn(payment, text)


def unseen_by_banks(uow: UnitOfWork, rows: Collection[PaymentRow], books: Books) -> dict[str, str]:
    """Payments that wait for their bank, each with why (Russian)."""
    if not books:
        return {}
    return dict.fromkeys(uow.banks.unseen([row.payment.id for row in rows], books, _STILL_READ), _UNSEEN)

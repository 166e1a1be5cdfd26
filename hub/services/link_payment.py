"""Tell the accounting system's draft of a payment which invoice it pays."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from hub.domain.errors import Gone
from hub.domain.models import Payment
from hub.ports.accounting import PaymentLinker, PaymentPaper
from hub.ports.crm import MoveOutcome, MoveResult
from hub.ports.records import EffectState
from hub.services.delivery import IN_FLIGHT, MAX_REPEATS, Delivery, Settled, Wait

#: Accountants load the bank's statement in the morning, or after the weekend.
_WAITS: Final = timedelta(days=4)
#: Half an hour, in longest pauses.
_LOOK_EVERY: Final = 3
_NOT_YET: Final = "Поступления с этим номером и суммой в учёте ещё нет: ждём, пока бухгалтер загрузит выписку."
_NEVER: Final = "Непроведённого поступления с этим номером и суммой в учёте не появилось: связывать нечего."
_CANNOT: Final = "Подключение больше не связывает поступления со счетами."
_UNSURE: Final = "Учётная система не подтверждает запись: проверьте расшифровку поступления."


def link_payment(delivery: Delivery) -> Settled | Wait:
    """Link once; a lost answer is followed by reading, which tells what became of it."""
    linker, paper = delivery.crm, _paper(delivery)
    if not isinstance(linker, PaymentLinker) or paper is None:
        return Settled(EffectState.DONE, {"outcome": "cannot"}, _CANNOT)
    if (open_s := delivery.still_open_s()) > 0:
        return Wait(IN_FLIGHT, open_s)
    if delivery.writes > MAX_REPEATS:
        return Settled(EffectState.PARKED, {"outcome": "unknown"}, _UNSURE)
    invoice = delivery.text("invoice")
    try:
        result = delivery.send(
            {"invoice": invoice}, lambda: linker.link_payment(paper, invoice, delivery.row.operation_key)
        )
    except Gone:
        return _absent(delivery)
    return _settled(delivery, result)


def _absent(delivery: Delivery) -> Settled | Wait:
    if delivery.rt.clock.now() - delivery.row.created_at > _WAITS:
        return Settled(EffectState.DONE, {"outcome": "no_document"}, _NEVER)
    return Wait(_NOT_YET, _LOOK_EVERY * delivery.settings.timing.retry_max_s)


def _settled(delivery: Delivery, result: MoveResult) -> Settled | Wait:
    found = {"outcome": result.outcome.value}
    match result.outcome:
        case MoveOutcome.MOVED | MoveOutcome.ALREADY_THERE:
            return Settled(EffectState.DONE, found, result.reason or None)
        case MoveOutcome.CHANGED_BY_OTHER | MoveOutcome.REFUSED:
            return Settled(EffectState.PARKED, found, result.reason)
        case MoveOutcome.UNKNOWN:
            return Wait(result.reason, delivery.settings.timing.retry_s)


def _paper(delivery: Delivery) -> PaymentPaper | None:
    with delivery.rt.store.read() as uow:
        row = uow.payments.get(delivery.row.payment_id)
    return paper_of(row.payment) if row is not None else None


def paper_of(payment: Payment) -> PaymentPaper | None:
    """The papers of a payment; None where it has no number to be known by."""
    if not payment.document_number:
        return None
    return PaymentPaper(
        number=payment.document_number,
        amount=payment.amount,
        booked_on=payment.booked_on,
        dated=payment.document_date,
        account=payment.own_account,
        payer_tax_id=payment.payer.tax_id,
    )

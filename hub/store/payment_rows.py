"""A payment as a table row and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from hub.domain.models import Direction, Party, Payment
from hub.domain.money import Money
from hub.ports.records import PaymentRow, PaymentState
from hub.ports.statement import ReceivedPayment
from hub.store.codec import load_decision
from hub.store.ids import payment_id
from hub.store.search import amount_text, searchable
from hub.store.types import storable

_PARTY: Final = ("name", "tax_id", "kpp", "account", "bic", "bank_name")


def content_key(item: ReceivedPayment) -> tuple[str, str, int]:
    """What makes two reports the same payment: own account, fingerprint, occurrence."""
    return storable(item.payment.own_account or ""), item.fingerprint, item.occurrence


def payment_values(item: ReceivedPayment, now: datetime) -> dict[str, object]:
    """Column values of a payment that is new to the hub."""
    payment = item.payment
    return {
        "direction": payment.direction,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "booked_on": payment.booked_on,
        "purpose": payment.purpose,
        **_party_values("payer", payment.payer),
        **_party_values("payee", payment.payee),
        "own_account": payment.own_account or "",
        "document_number": payment.document_number,
        "document_date": payment.document_date,
        "document_kind": payment.document_kind,
        "operation_code": payment.operation_code,
        "direction_reason": payment.direction_reason,
        "organisation_tax_id": payment.organisation_tax_id,
        "fingerprint": item.fingerprint,
        "occurrence": item.occurrence,
        "source_id": item.source_id,
        "raw": item.raw,
        "warnings": list(item.warnings),
        "state": PaymentState.NEW,
        "held": False,
        "created_at": now,
        "search": _search_text(payment),
    }


def _search_text(payment: Payment) -> str:
    other = payment.counterparty
    number = payment.document_number
    return searchable(payment.purpose, other.name, other.tax_id, other.account, number, amount_text(payment.amount))


def _party_values(side: str, party: Party) -> dict[str, object]:
    return {f"{side}_{part}": getattr(party, part) for part in _PARTY}


def read_party(row: Row[Any], side: str) -> Party:
    """One side of a payment."""
    return Party(**{part: getattr(row, f"{side}_{part}") for part in _PARTY})


def read_payment(row: Row[Any]) -> Payment:
    """The domain payment of a row of `payments`."""
    return Payment(
        id=payment_id(row.id),
        direction=Direction(row.direction),
        amount=Money.from_minor(row.amount_minor, row.currency),
        booked_on=row.booked_on,
        purpose=row.purpose,
        payer=read_party(row, "payer"),
        payee=read_party(row, "payee"),
        own_account=row.own_account or None,
        document_number=row.document_number,
        document_date=row.document_date,
        document_kind=row.document_kind,
        operation_code=row.operation_code,
        direction_reason=row.direction_reason,
        organisation_tax_id=row.organisation_tax_id,
    )


def _vanished(inbox_id: int | None) -> tuple[str, ...]:
    if inbox_id is None:
        return ()
    text = f"Исчез из выписки: более новый файл за этот день (загрузка № {inbox_id}) этой строки не содержит. "
    return (text + "Хаб ничего не отменял и больше ничего по ней не делает сам: проверьте в банке и решите.",)


def read_payment_row(row: Row[Any]) -> PaymentRow:
    """A row of `select_payments`."""
    return PaymentRow(
        payment=read_payment(row),
        state=PaymentState(row.state),
        # What no source shows is only suggested, for as long as none does.
        held=row.held or row.vanished_in is not None,
        decision=load_decision(payment_id(row.id), row.decision) if row.decision else None,
        fingerprint=row.fingerprint,
        occurrence=row.occurrence,
        inbox_ids=tuple(row.inbox_ids),
        confirmed_by=row.confirmed_by,
        warnings=(*row.warnings, *_vanished(row.vanished_in)),
        vanished_in=row.vanished_in,
        created_at=row.created_at,
        raw=row.raw,
    )

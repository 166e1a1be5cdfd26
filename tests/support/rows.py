"""Everything that a store holds of a kind, for tests that compare whole states."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from hub.ports.records import PaymentRow
from hub.ports.store import UnitOfWork


def iter_payments(uow: UnitOfWork) -> Iterator[PaymentRow]:
    """Every payment, in the order they came."""
    for number in count(1):
        row = uow.payments.get(f"p{number}")
        if row is None:
            return
        yield row

"""A client may have thousands of open invoices: a payment that names none of them must not read them all."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.models import Invoice
from hub.ports.records import InvoiceRow, PaymentState
from hub.ports.store import Store
from hub.services.match_payments import match_payments
from hub.store import invoice_rows
from tests.support.world import World, client, incoming, invoice

_MANY = 60


def test_invoices_under_a_key_that_leads_to_too_many_are_counted_not_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(store)
    world.crm.add(client(), *(invoice(str(number), str(number), str(number * 7)) for number in range(100, 100 + _MANY)))
    world.sync()
    with store.write() as uow:
        (added,) = uow.payments.add([incoming("Оплата за услуги", "5.00")], None, world.clock.now())
    read: list[Invoice] = []
    really = invoice_rows._read

    def reading(row: Any) -> InvoiceRow:
        found = really(row)
        read.append(found.invoice)
        return found

    monkeypatch.setattr(invoice_rows, "_read", reading)
    assert match_payments(world.rt) == 1
    assert read == []
    assert world.payment(added[0]).state is PaymentState.NEEDS_YOU

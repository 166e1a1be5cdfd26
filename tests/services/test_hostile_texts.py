"""Texts that anybody may write, in purposes and in the CRM's own fields: they stay texts and stop nothing."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from hub.ports.records import EffectState, PaymentState
from hub.ports.store import Store
from hub.services.poll_source import poll_source
from tests.support.matrix import Figures
from tests.support.world import CRM, World, client, deal, incoming, invoice

pytestmark = pytest.mark.row(33)
HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "formula": '=cmd|"/c calc"!A1',
    "placeholder": "{reason} {payer} {0} {} {deal_sum!r} {{invoices}}",
    "direction": "\u202eлевопан\u2066 \u200f\u200b",
    "control": "one\x1b[31m\r\nSet-Cookie: a=b\x07\x7f\x85",
    "zero byte": "a\x00b",
    "half of a pair": "a\ud800b",
    "not a character": "\ufffe\uffff",
    "sql": "'; DROP TABLE payments; --",
    "long": "я" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_purpose_is_decided_told_and_delivered_as_a_text(store: Store, name: str, figures: Figures) -> None:
    text = HOSTILE[name].replace("\x00", "").replace("\ud800", "")  # a file's reader never lets these two through
    world = World(store).act()
    world.crm.add(client(), deal(), invoice())
    began = time.perf_counter()
    purpose = f"Оплата по счету № 71 от 01.03.2026 {text}"
    (payment,) = world.pay(incoming(purpose, "1000.00"))
    world.settle(rounds=4)
    took = time.perf_counter() - began
    figures.most("seconds", took)
    assert took < 8, "a hundred kilobytes are read in the time of a hundred kilobytes"
    row = world.payment(payment)
    assert row.payment.purpose == purpose
    assert row.state in (PaymentState.MATCHED, PaymentState.NEEDS_YOU)
    if row.state is PaymentState.MATCHED:
        assert {effect.state for effect in world.effects(payment)} == {EffectState.DONE}
        assert [said for _, said, _ in world.crm.comments.values()] == ["Оплачено: счёт № 71 на 1\u00a0000,00\u00a0₽"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_in_the_crm_does_not_stop_the_poll(store: Store, name: str) -> None:
    text = HOSTILE[name]
    world = World(store).act()
    world.crm.add(
        client("512", name=text),
        client("900", tax_id="7701000017", name=f"ООО {text}"),
        replace(deal(), title=text, responsible_id=text[:100], fields={text[:50]: text}),
        invoice(),
        replace(invoice("72", text[:200], deal_id="1"), markable=True),
    )
    assert poll_source(world.rt, CRM).complete
    (payment,) = world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    world.settle(rounds=4)
    assert world.payment(payment).state in (PaymentState.MATCHED, PaymentState.NEEDS_YOU)

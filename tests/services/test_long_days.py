"""A day of many payments is decided in bites, and the bites change no decision."""

from __future__ import annotations

from hub.ports.records import PaymentState
from hub.ports.store import Store
from tests.support.world import World, client, deal, incoming, invoice

_MANY = 40


def test_each_payment_of_a_long_day_is_decided_as_it_would_be_in_one_transaction(store: Store) -> None:
    world = World(store).act()
    world.crm.add(client(), *(deal(str(number)) for number in range(100, 100 + _MANY)))
    world.crm.add(*(invoice(str(number), str(number), "1000", str(number)) for number in range(100, 100 + _MANY)))
    single = [
        incoming(f"Оплата по счету {number}", "1000.00", number=str(number)) for number in range(101, 100 + _MANY)
    ]
    # The two that want one invoice stand at the ends of the day.
    rivals = [incoming("Оплата по счету 100", "1000.00", number=number) for number in ("1", "2")]
    ids = world.pay(rivals[0], *single, rivals[1])
    states = [world.payment(key).state for key in ids]
    assert states == [PaymentState.NEEDS_YOU, *[PaymentState.MATCHED] * (_MANY - 1), PaymentState.NEEDS_YOU]
    codes = {decision.code for key in (ids[0], ids[-1]) if (decision := world.payment(key).decision)}
    assert codes == {"contested"}

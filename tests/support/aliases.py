"""A sole trader who pays for somebody else's company, and who else may stand on the other side of a payment."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from hub.domain.models import Party
from hub.ports.aliases import AliasRow
from hub.ports.statement import ReceivedPayment
from tests.support.world import OUR_ACCOUNT, OUR_TAX_ID, World, client, deal, incoming, invoice

#: The client of `tests.support.world`.
CLIENT: Final = "7700000016"
IVANOV: Final = Party("ИП Иванов Иван Иванович", "500100732259", account="40802810100000000001")
#: They pay for many, each told by something else.
SHARED: Final = (
    Party("УФК по г. Москве"),
    Party("ПАО СБЕРБАНК"),
    Party(tax_id="7707083893"),
    Party("ООО «Интернет Решения»", "7704217370"),
    Party("ООО Ромашка", "7700000099", account="30232810100000000001"),
    Party("ИП Сидоров", account="40911810100000000001"),
    Party("ООО РНКО «Платёж»", "7700000049"),
)
OURS: Final = (Party(tax_id=OUR_TAX_ID), Party("ООО «Наша фирма»", account=OUR_ACCOUNT))


def paid_by(
    payer: Party, purpose: str = "Оплата по счету 71", amount: str = "1000", day: int = 5, number: str = "1"
) -> ReceivedPayment:
    """Money that came in from that payer."""
    found = incoming(purpose, amount, day, number)
    content = f"{payer}|{purpose}|{amount}|{day}|{number}"
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    return replace(found, payment=replace(found.payment, payer=payer), fingerprint=fingerprint)


def sell(world: World, *numbers: str) -> None:
    """The client's deals with an open invoice of 1 000 each."""
    world.crm.add(client())
    for number in numbers:
        world.crm.add(deal(number), invoice(number, number, "1000", number))
    world.sync()


def active(world: World, *payer_keys: str) -> list[AliasRow]:
    """Aliases in force of these payers."""
    with world.store.read() as uow:
        return uow.aliases.active(payer_keys)

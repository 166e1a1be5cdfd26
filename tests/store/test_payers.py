"""How many of the last payers the requisites of the CRM let us recognise."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.models import Direction, Party
from hub.ports.aliases import NewAlias
from hub.ports.statement import ReceivedPayment
from hub.store.engine import Database
from hub.store.queries.payers import RecognisedPayers, recognised_payers
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, client, received


def paid_by(payer: Party, direction: Direction = Direction.IN) -> ReceivedPayment:
    item = received(str(payer), direction=direction)
    return replace(item, payment=replace(item.payment, payer=payer))


def test_a_payer_is_recognised_by_tax_id_or_account(database: Database, store: SqlStore) -> None:
    known_account = client().accounts[0]
    payers = [
        Party(name="по ИНН", tax_id="7701234567", account="1"),
        Party(name="по счёту", tax_id="7700000000", account=known_account),
        Party(name="только КПП", tax_id="770101001", account="3"),
        Party(name="без реквизитов"),
    ]
    with store.write() as uow:
        uow.clients.upsert(CRM, client())
        uow.payments.add([paid_by(payer) for payer in payers], None, NOW)
        uow.payments.add([paid_by(replace(payers[0], name="ещё раз"))], None, NOW)
        uow.payments.add([paid_by(Party(tax_id="7701234567", account="9"), Direction.OUT)], None, NOW)
    assert recognised_payers(database) == RecognisedPayers(known=2, total=3)
    assert recognised_payers(database, limit=1) == RecognisedPayers(known=1, total=1)


def test_a_payer_for_whom_a_person_said_so_is_recognised_while_that_holds(database: Database, store: SqlStore) -> None:
    payers = [Party("ИП Иванов", "500100732259", account="1"), Party("Петров", account="2")]
    said = [
        NewAlias(key, payer, "b24/5", "", "olga") for key, payer in zip(("t:500100732259", "a:2"), payers, strict=True)
    ]
    with store.write() as uow:
        uow.payments.add([paid_by(payer) for payer in payers], None, NOW)
        rows = [uow.aliases.add(alias, NOW) for alias in said]
    assert recognised_payers(database) == RecognisedPayers(known=2, total=2)
    with store.write() as uow:
        uow.aliases.end(rows[0].id, "olga", NOW)
    assert recognised_payers(database) == RecognisedPayers(known=1, total=2)

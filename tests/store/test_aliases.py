"""Aliases in the store: kept for ever, in force until ended, found by the payer; clients and payers to choose from."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from hub.domain.models import Client, Party, TaxId, TaxIdKind
from hub.ports.aliases import NewAlias
from hub.ports.records import AuditEntry
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, add_payment, client, later, received

SAID = NewAlias(
    payer_key="t:500100732259",
    payer=Party("ИП Иванов", "500100732259", account="40802810100000000001"),
    target="7701234567",
    client_name="ООО «Ёлка»",
    author="olga",
    note="письмо",
)


def test_what_was_said_comes_back_as_it_was_said(store: SqlStore) -> None:
    with store.write() as uow:
        payment = add_payment(uow)
        added = uow.aliases.add(replace(SAID, payment_id=payment), NOW)
        bare = uow.aliases.add(NewAlias("n:иванов", Party("Иванов"), "b24/5", "", "ivan"), later(5))
    with store.read() as uow:
        assert uow.aliases.get(added.id) == added
        assert (added.said, added.made_at, added.removed_at) == (replace(SAID, payment_id=payment), NOW, None)
        assert uow.aliases.get(bare.id) == bare
        assert uow.aliases.get(404) is None
    assert added.subject == f"alias/{added.id}"


def test_an_ended_line_stays_and_is_in_force_no_more(store: SqlStore) -> None:
    with store.write() as uow:
        first = uow.aliases.add(SAID, NOW)
        assert uow.aliases.end(first.id, "ivan", later(60))
        assert not uow.aliases.end(first.id, "petr", later(70))
        assert not uow.aliases.end(404, "petr", later(70))
        assert uow.aliases.active([SAID.payer_key]) == []
        again = uow.aliases.add(SAID, later(80))
    with store.read() as uow:
        assert uow.aliases.active([SAID.payer_key, "t:1"]) == [again]
        ended = uow.aliases.get(first.id)
    assert ended is not None
    assert (ended.removed_by, ended.removed_at) == ("ivan", later(60))


def test_the_database_itself_holds_no_second_line_in_force_for_a_payer_and_a_client(store: SqlStore) -> None:
    with store.write() as uow:
        uow.aliases.add(SAID, NOW)
        uow.aliases.add(replace(SAID, target="7709999999"), NOW)
    with pytest.raises(IntegrityError), store.write() as uow:
        uow.aliases.add(SAID, NOW)


def test_payers_are_found_under_keys_of_any_length_and_number(store: SqlStore) -> None:
    long = "n:" + "я" * 5000
    with store.write() as uow:
        uow.aliases.add(replace(SAID, payer_key=long), NOW)
        uow.aliases.add(SAID, NOW)
    with store.read() as uow:
        keys = {f"t:{number}" for number in range(1200)} | {long, SAID.payer_key}
        assert {row.said.payer_key for row in uow.aliases.active(keys)} == {long, SAID.payer_key}
        assert uow.aliases.active([]) == []


def test_lists_tell_how_much_was_decided_by_each(database: Database, store: SqlStore) -> None:
    with store.write() as uow:
        payments = [add_payment(uow, f"платёж {number}") for number in range(3)]
        rows = [uow.aliases.add(replace(SAID, target=str(number)), later(number)) for number in range(3)]
        for payment in (*payments, payments[0]):
            uow.aliases.used(rows[0].id, payment)
        uow.aliases.end(rows[0].id, "ivan", later(100))
        uow.aliases.end(rows[1].id, "ivan", later(50))
    queries = Queries(database)
    active = queries.aliases()
    assert [(line.row.id, line.uses) for line in active.rows] == [(rows[2].id, 0)]
    ended = queries.aliases(ended=True)
    assert [(line.row.id, line.uses) for line in ended.rows] == [(rows[0].id, 3), (rows[1].id, 0)]
    assert [line.row.id for line in queries.aliases(ended=True, offset=1, limit=1).rows] == [rows[1].id]
    assert (active.total, ended.total) == (1, 2)


def test_nobody_ends_an_alias_while_it_is_decided_by(store: SqlStore) -> None:
    with store.write() as uow:
        row = uow.aliases.add(SAID, NOW)
    held, let_go, order = threading.Event(), threading.Event(), list[str]()

    def decide() -> None:
        with store.write() as uow:
            uow.aliases.hold()
            held.set()
            assert let_go.wait(20)
            order.append("decided" if uow.aliases.active([SAID.payer_key]) else "ended before")

    def end() -> None:
        with store.write() as uow:
            uow.aliases.take_turn()
            uow.aliases.end(row.id, "ivan", NOW)
            order.append("ended")

    threads = [threading.Thread(target=decide), threading.Thread(target=end)]
    threads[0].start()
    assert held.wait(20)
    threads[1].start()
    threads[1].join(0.2)
    let_go.set()
    for thread in threads:
        thread.join(20)
    assert order == ["decided", "ended"]


def test_those_who_decide_do_not_wait_for_one_another(postgres_database: Database) -> None:
    store = SqlStore(postgres_database)
    both = threading.Barrier(2, timeout=20)

    def decide() -> None:
        with store.write() as uow:
            uow.aliases.hold()
            both.wait()

    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not both.broken


def test_a_client_is_known_by_tax_id_and_by_id_until_its_source_deletes_it(store: SqlStore) -> None:
    with store.write() as uow:
        uow.clients.upsert(CRM, client())
        uow.clients.upsert("other", client("1"))
        for identity in ("7701234567", "b24/5"):
            found = uow.clients.known(identity)
            assert found is not None
            assert found.id == "b24/5"
        for identity in ("770101001", "5", "", "7700000000"):
            assert uow.clients.known(identity) is None, "a КПП is nobody's identity"
        uow.clients.remove(CRM, "5")
        rest = uow.clients.known("7701234567")
        assert rest is not None
        assert rest.id == "other/1"


def test_clients_are_found_by_part_of_a_name_or_tax_id_the_nearest_first(store: SqlStore) -> None:
    with store.write() as uow:
        uow.clients.upsert(CRM, Client("1", ("ООО «Ёлка и партнёры»",)))
        uow.clients.upsert(CRM, Client("2", ("Ёлка",)))
        uow.clients.upsert(CRM, Client("3", ("ООО «Пихта»",), (TaxId(TaxIdKind.RU_INN, "7701234567"),)))
        uow.clients.upsert(CRM, Client("4", ("Ёлка удалённая",)))
        uow.clients.remove(CRM, "4")
        assert [found.id for found in uow.clients.search("елка", 5)] == ["b24/2", "b24/1"]
        assert [found.id for found in uow.clients.search("елка", 1)] == ["b24/2"]
        assert [found.names for found in uow.clients.search("70123", 5)] == [("ООО «Пихта»",)]
        assert uow.clients.search(" ", 5) == []
        assert uow.clients.search("100%", 5) == []


def test_the_last_payer_under_a_tax_id_or_an_account_is_told(store: SqlStore) -> None:
    first, last = (
        replace(item, payment=replace(item.payment, payer=Party(name, "500100732259", account="A1")))
        for item, name in ((received("раз"), "Иванов"), (received("два"), "ИП Иванов И.И."))
    )
    with store.write() as uow:
        uow.payments.add([first, last], None, NOW)
        for asked in (("500100732259", None), ("500100732259", "A9"), (None, "A1")):
            assert uow.payments.last_payer(*asked) == last.payment.payer
        assert uow.payments.last_payer("1", "A1") is None
        assert uow.payments.last_payer(None, "A9") is None
        assert uow.payments.last_payer(None, None) is None


def test_a_payment_knows_the_journal_of_what_was_said_of_it(database: Database, store: SqlStore) -> None:
    with store.write() as uow:
        payment, other = add_payment(uow), add_payment(uow, "другой")
        row = uow.aliases.add(replace(SAID, payment_id=payment), NOW)
        uow.audit.append(AuditEntry("alias.added", "olga", row.subject, {"payment": payment}), NOW)
    queries = Queries(database)
    assert [line.event for line in queries.journal_of(payment)] == ["alias.added"]
    assert queries.journal_of(other) == ()

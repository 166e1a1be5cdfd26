"""What was kept for its time is forgotten in bites; what is open, what doubles are known by and the journal stay."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from hub.domain.models import Party
from hub.ports.aliases import NewAlias
from hub.ports.claims import ClaimState, PaymentReport
from hub.ports.records import InboxKind, PaymentState
from hub.ports.store import Store
from hub.services.import_statement import import_statement
from hub.services.retain import retain
from hub.services.upkeep import RetentionSettings, Upkeep
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.world import CRM, World, client, deal, incoming, invoice, rub

ALL = RetentionSettings(hooks_days=30, raw_days=30, payments_days=30, events_days=30, every_s=3600)
PURPOSE = "Оплата по счету 71 от 01.03.2026"


@pytest.fixture
def world(store: Store) -> World:
    made = World(store).act()
    made.rt = replace(made.rt, upkeep=Upkeep(retention=ALL))
    return made


def walk(world: World) -> int:
    """One whole walk: the ticks of an hour, then nothing more to do."""
    world.clock.sleep(3600)
    return sum(retain(world.rt) for _ in range(60))


def pass_days(world: World, days: int) -> None:
    world.clock.sleep(days * 86_400)


def hooks(world: World, count: int) -> list[int]:
    """Hooks that were followed."""
    numbers = []
    with world.store.write() as uow:
        now = world.clock.now()
        for place in range(count):
            raw = f"hook {place}".encode()
            number, _ = uow.inbox.add(CRM, InboxKind.HOOK, "", raw, hashlib.sha256(raw).hexdigest(), now)
            numbers.append(number)
        while taken := uow.inbox.claim_many(InboxKind.HOOK, CRM, "test", now, 60, 100):
            for row in taken:
                uow.inbox.done(row.id, "test", {}, now)
    return numbers


def raw_of(world: World, inbox_id: int) -> bytes:
    with world.store.read() as uow:
        row = uow.inbox.get(inbox_id)
    assert row is not None
    return row.raw


def statement(world: World, raw: bytes = b"statement") -> int:
    """A file that was read and brought one payment."""
    inbox_id = import_statement(world.rt, raw, "kl_to_1c.txt", "buh").inbox_id
    with world.store.write() as uow:
        now = world.clock.now()
        assert uow.inbox.claim(inbox_id, "test", now, 60)
        uow.payments.add([incoming(PURPOSE, "1000.00")], inbox_id, now)
        uow.inbox.done(inbox_id, "test", {"added": 1}, now)
    return inbox_id


def counted(store: Store, table: str) -> int:
    assert isinstance(store, SqlStore)
    with store._database.read() as connection:
        return connection.execute(select(func.count()).select_from(t.metadata.tables[table])).scalar_one()


def test_bodies_of_hooks_go_after_their_days_and_the_digests_stay(world: World) -> None:
    numbers = hooks(world, 450)
    pass_days(world, 29)
    assert walk(world) == 0
    pass_days(world, 1)
    assert walk(world) == 450
    assert {raw_of(world, number) for number in numbers} == {b""}
    assert counted(world.store, "inbox") == 450
    digest = hashlib.sha256(b"hook 7").hexdigest()
    with world.store.write() as uow:
        assert uow.inbox.add(CRM, InboxKind.HOOK, "", b"hook 7", digest, world.clock.now()) == (numbers[7], False)


def test_one_call_is_one_small_bite(world: World) -> None:
    hooks(world, 450)
    pass_days(world, 31)
    assert [retain(world.rt) for _ in range(4)] == [200, 200, 50, 0]


def test_a_hook_that_still_waits_is_kept(world: World) -> None:
    hooks(world, 3)
    with world.store.write() as uow:
        number, _ = uow.inbox.add(CRM, InboxKind.HOOK, "", b"waits", "d", world.clock.now())
    pass_days(world, 40)
    assert walk(world) == 3
    assert raw_of(world, number) == b"waits"


def test_a_file_is_kept_while_a_payment_of_it_is_open(world: World) -> None:
    inbox_id = statement(world)
    pass_days(world, 40)
    walk(world)
    assert raw_of(world, inbox_id) == b"statement"
    with world.store.write() as uow:
        uow.payments.set_state("p1", PaymentState.DISMISSED)
    walk(world)
    assert raw_of(world, inbox_id) == b""


def test_the_same_file_uploaded_again_after_that_adds_nothing(world: World) -> None:
    inbox_id = statement(world)
    with world.store.write() as uow:
        uow.payments.set_state("p1", PaymentState.DISMISSED)
    pass_days(world, 40)
    walk(world)
    again = import_statement(world.rt, b"statement", "kl_to_1c.txt", "buh")
    assert (again.inbox_id, again.created) == (inbox_id, False)
    with world.store.write() as uow:
        assert uow.payments.add([incoming(PURPOSE, "1000.00")], None, world.clock.now()) == [("p1", False)]


def test_who_paid_is_forgotten_once_everything_is_settled(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    (paid,) = world.pay(incoming(PURPOSE, "1000.00"))
    pass_days(world, 40)
    walk(world)
    assert world.payment(paid).payment.purpose == PURPOSE
    world.settle()
    walk(world)
    row = world.payment(paid)
    assert (row.payment.purpose, row.raw, row.payment.payer.name, row.payment.payer.tax_id) == ("", "", None, None)
    assert (row.payment.amount, row.state) == (incoming(PURPOSE, "1000.00").payment.amount, PaymentState.MATCHED)
    assert row.decision is not None
    assert row.decision.allocations
    assert (row.decision.reason, row.decision.candidates) == ("", ())
    assert isinstance(world.store, SqlStore)
    with world.store._database.read() as connection:
        assert connection.scalars(select(t.decisions.c.ground)).all() == [None]
    with world.store.write() as uow:
        uow.audit.seal(world.clock.now())
        assert uow.audit.verify() is None


def test_a_payment_that_waits_for_a_person_is_not_forgotten(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    (asked,) = world.pay(incoming("Без номера", "17.00"))
    assert world.payment(asked).state is PaymentState.NEEDS_YOU
    pass_days(world, 40)
    walk(world)
    assert world.payment(asked).payment.purpose == "Без номера"


def report(world: World, number: str) -> int:
    """A report of a payment by an outside system."""
    told = PaymentReport(
        number, rub("10.00"), date(2026, 3, 10), "Чижиков П. И.", "500100732259", PURPOSE, details={"phone": "1"}
    )
    with world.store.write() as uow:
        return uow.claims.add("shop", told, None, world.clock.now())[0].id


def test_who_is_reported_to_have_paid_is_forgotten_once_the_report_is_settled(world: World) -> None:
    settled, still_open = report(world, "1"), report(world, "2")
    assert isinstance(world.store, SqlStore)
    with world.store._database.write() as connection:
        connection.execute(update(t.claims).where(t.claims.c.id == settled).values(state=ClaimState.DISMISSED))
    pass_days(world, 40)
    walk(world)
    with world.store.read() as uow:
        gone, kept = uow.claims.get(settled), uow.claims.get(still_open)
    assert gone is not None
    assert kept is not None
    assert (gone.report.payer_name, gone.report.purpose, gone.report.details) == (None, "", {})
    assert (gone.report.external_id, gone.report.amount) == ("1", rub("10.00"))
    assert kept.report.purpose == PURPOSE


def test_an_open_row_left_behind_is_looked_at_again(world: World) -> None:
    """The walk begins at the first row that may be left, not at the newest that was forgotten."""
    first = statement(world, b"one")
    hooks(world, 5)
    second = statement(world, b"two")
    pass_days(world, 40)
    walk(world)
    with world.store.write() as uow:
        uow.payments.set_state("p1", PaymentState.DISMISSED)
    walk(world)
    assert (raw_of(world, first), raw_of(world, second)) == (b"", b"")


def test_without_settings_nothing_is_forgotten(store: Store) -> None:
    world = World(store)
    world.rt = replace(world.rt, upkeep=Upkeep(retention=RetentionSettings(None, None, None, None)))
    number = hooks(world, 1)[0]
    pass_days(world, 4000)
    assert walk(world) == 0
    assert raw_of(world, number) == b"hook 0"


def test_sessions_that_are_over_and_old_failed_sign_ins_go(database: Database) -> None:
    from hub.store.users import SqlUsers

    store = SqlStore(database)
    world, users = World(store), SqlUsers(database)
    now = world.clock.now()
    user = users.add("buh", "Мария", "$argon2id$x", now)
    assert user is not None
    users.open_session("hash", user, now, now + timedelta(hours=1))
    users.record_failure("login:buh", now)
    pass_days(world, 2)
    retain(world.rt)
    assert (counted(store, "sessions"), counted(store, "login_attempts")) == (0, 0)


def test_an_ended_rule_loses_its_payer_and_client_after_their_days_and_one_in_force_keeps_them(world: World) -> None:
    said = NewAlias(
        "t:500100732259", Party("ИП Иванов", "500100732259"), "7700000016", "ООО «Фиалка»", "olga", "письмо"
    )
    with world.store.write() as uow:
        now = world.clock.now()
        first, kept = uow.aliases.add(said, now), uow.aliases.add(replace(said, target="7800000017"), now)
        uow.aliases.end(first.id, "ivan", now)
    pass_days(world, 29)
    assert walk(world) == 0
    pass_days(world, 2)
    assert walk(world) == 1
    with world.store.read() as uow:
        forgotten, whole = uow.aliases.get(first.id), uow.aliases.get(kept.id)
    assert forgotten is not None
    assert forgotten.said == NewAlias("", Party(), "", "", "olga")
    assert (forgotten.removed_by, whole) == ("ivan", kept)
    with world.store.write() as uow:
        uow.aliases.end(kept.id, "ivan", world.clock.now())
    pass_days(world, 31)
    walk(world)
    with world.store.read() as uow:
        later = uow.aliases.get(kept.id)
    assert later is not None
    assert later.said.payer == Party(), "the walk comes back to a line that was in force when it passed"

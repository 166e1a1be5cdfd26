"""What accounting says of a deal's invoices, in the deal's fields: when it is written, by whose word, when never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, insert, select

from hub.domain.filling import FieldOwner, FieldValue, FillField, FillRole
from hub.domain.models import Invoice, InvoiceStatus
from hub.ports.crm import Binding, Capability, ItemKind, Removed
from hub.ports.fields import FillResult
from hub.ports.records import LISTS, EffectKind, EffectRow, EffectState
from hub.services.apply_changes import apply_changes
from hub.services.control import pause, put_aside, resume, send_again
from hub.services.plan_fills import plan_fills, walk_fills
from hub.services.runtime import ConnectionSettings
from hub.services.settle_payment import undo_match
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.world import CRM, World, client, deal, incoming, invoice, rub

BOOKS = "books"
NUMBER, DATE, SUM, STATE = "UF_NUMBER", "UF_DATE", "UF_SUM", "UF_STATE"
FIELDS: Mapping[FillRole, FillField] = {
    FillRole.NUMBER: FillField(NUMBER),
    FillRole.DATE: FillField(DATE),
    FillRole.SUM: FillField(SUM),
    FillRole.STATUS: FillField(STATE, FieldOwner.CRM),
}
ALL_OURS = {role: replace(field, owner=FieldOwner.ACCOUNTING) for role, field in FIELDS.items()}
FILLED = {NUMBER: "71", DATE: "01.03.2026", SUM: "1 000,00 ₽", STATE: "не оплачен"}
MONEY = incoming("Оплата по счету № 71 от 01.03.2026", "1000.00")


class Books(World):
    """A company with a CRM and a base of 1C beside it, whose invoices are linked to deals by hand."""

    database: Database

    def with_fields(self, fields: Mapping[FillRole, FillField]) -> Books:
        settings = replace(self.rt.connections[CRM], fills=fields)
        books = ConnectionSettings(BOOKS)
        self.rt = replace(self.rt, connections={CRM: settings, BOOKS: books}, crms={CRM: self.crm})
        return self

    def sync(self) -> None:
        """Poll the CRM; accounting was just read whole."""
        super().sync()
        with self.store.write() as uow:
            uow.connections.polled(BOOKS, self.clock.now())

    def booked(self, *invoices: Invoice, home: str = BOOKS) -> None:
        """Accounting reports these invoices; links of theirs stay as they are."""
        apply_changes(self.rt, home, [replace(item, deals=(), from_accounting=True) for item in invoices])

    def link(self, invoice_id: str, deal_id: str = "crm/1") -> None:
        with self.database.write() as connection:
            connection.execute(insert(t.invoice_deals).values(invoice_id=invoice_id, deal_id=deal_id, position=0))
        self.look(deal_id)

    def part(self, invoice_id: str, deal_id: str = "crm/1") -> None:
        mine = t.invoice_deals.c.invoice_id == invoice_id
        with self.database.write() as connection:
            connection.execute(delete(t.invoice_deals).where(mine))
        self.look(deal_id)

    def look(self, deal_id: str = "crm/1") -> int:
        with self.store.write() as uow:
            return plan_fills(self.rt, uow, [deal_id])

    def fills(self, deal_id: str = "crm/1") -> list[EffectRow]:
        with self.store.read() as uow:
            return uow.outbox.of_subject(deal_id, EffectKind.FILL_FIELDS)

    def states(self) -> list[EffectState]:
        return [row.state for row in self.fills()]

    def journal(self) -> list[str]:
        with self.database.read() as connection:
            return list(connection.scalars(select(t.audit.c.event).where(t.audit.c.subject == "crm/1")))

    def field_writes(self) -> int:
        return sum(kind == "field" for kind, _, _ in self.crm.writes)


def _world(store: SqlStore, database: Database, fields: Mapping[FillRole, FillField]) -> Books:
    world = Books(store).with_fields(fields)
    world.database = database
    world.act()
    world.crm.add(client(), deal())
    world.sync()
    return world


@pytest.fixture
def world(store: SqlStore, database: Database) -> Books:
    """Everything is accounting's but the state, which is the CRM's."""
    world = _world(store, database, FIELDS)
    world.booked(invoice())
    return world


@pytest.fixture
def ours(store: SqlStore, database: Database) -> Books:
    """Everything is accounting's."""
    world = _world(store, database, ALL_OURS)
    world.booked(invoice())
    world.link("books/71")
    return world


def test_a_linked_invoice_fills_the_fields_once(world: Books) -> None:
    assert world.fills() == []
    world.link("books/71")
    world.settle()
    assert world.crm.values == {"1": FILLED}
    (row,) = world.fills()
    assert (row.state, row.payment_id, row.result) == (
        EffectState.DONE,
        "",
        {"outcome": "filled", "written": FILLED},
    )
    assert row.payload["text"] == "номер: 71; дата: 01.03.2026; сумма: 1 000,00 ₽; оплата: не оплачен"
    assert "deal.filled" in world.journal()
    written = world.field_writes()
    world.crm.add(deal())
    world.settle()
    world.booked(invoice())
    assert (walk_fills(world.rt), world.look()) == (0, 0)
    world.settle()
    assert (world.field_writes(), len(world.fills())) == (written, 1)


def test_our_own_write_that_the_crm_tells_back_plans_nothing(ours: Books) -> None:
    ours.settle()
    told = replace(ours.crm.deals["1"], moved_by="hub", fields={"number": "71"})
    ours.crm.add(told)
    ours.settle()
    assert len(ours.fills()) == 1
    assert ours.field_writes() == 4


def test_nothing_is_filled_unless_fields_are_named(world: Books) -> None:
    world.with_fields({})
    world.link("books/71")
    assert walk_fills(world.rt) == 0
    world.settle()
    assert (world.crm.values, world.fills()) == ({}, [])


def test_invoices_of_the_crm_itself_fill_nothing(store: SqlStore, database: Database) -> None:
    world = _world(store, database, FIELDS)
    world.crm.add(invoice())
    world.settle()
    assert world.fills() == []


def test_an_invoice_of_a_list_fills_as_one_of_a_base(store: SqlStore, database: Database) -> None:
    world = _world(store, database, FIELDS)
    world.booked(invoice(), home=LISTS)
    world.link(f"{LISTS}/71")
    world.settle()
    assert world.crm.values["1"] == FILLED


def test_a_change_of_the_invoice_is_followed_field_by_field(ours: Books) -> None:
    ours.settle()
    ours.crm.writes.clear()
    ours.booked(replace(invoice(), amount=rub("1200.50")))
    ours.settle()
    assert ours.crm.writes == [("field", "1", f"{SUM}=1 200,50 ₽")]
    ours.booked(replace(invoice(), number="71-А", issued_on=date(2026, 3, 2), amount=rub("1200.50")))
    ours.settle()
    assert ours.crm.values["1"] == {NUMBER: "71-А", DATE: "02.03.2026", SUM: "1 200,50 ₽", STATE: "не оплачен"}


def test_a_value_that_comes_back_is_written_again(ours: Books) -> None:
    ours.settle()
    ours.booked(replace(invoice(), amount=rub("2000")))
    ours.settle()
    ours.booked(invoice())
    ours.settle()
    assert ours.crm.values["1"][SUM] == "1 000,00 ₽"
    assert ours.states() == [EffectState.DONE] * 3


def test_a_newer_plan_replaces_one_that_was_not_sent(ours: Books) -> None:
    pause(ours.rt, "мария")
    ours.booked(replace(invoice(), amount=rub("1200")))
    ours.booked(replace(invoice(), amount=rub("1300")))
    ours.settle(2)
    assert ours.states() == [EffectState.CANCELLED, EffectState.CANCELLED, EffectState.QUEUED]
    assert ours.field_writes() == 0
    resume(ours.rt, "мария")
    ours.settle()
    assert ours.crm.values["1"][SUM] == "1 300,00 ₽"
    assert ours.field_writes() == 4


def test_money_turns_the_state_and_an_undo_turns_it_back(ours: Books) -> None:
    half = incoming("Оплата по счету № 71 от 01.03.2026", "400.00", number="1")
    rest = incoming("Доплата по счету № 71 от 01.03.2026", "600.00", day=6, number="2")
    ours.booked(replace(invoice(), client=client()))
    ours.pay(half)
    ours.settle()
    assert ours.crm.values["1"][STATE] == "частично"
    (second,) = ours.pay(rest)
    ours.settle()
    assert ours.crm.values["1"][STATE] == "оплачен"
    undo_match(ours.rt, second, "мария")
    ours.settle()
    assert ours.crm.values["1"][STATE] == "частично"


def test_a_field_of_the_crm_is_filled_while_empty_and_never_written_over(world: Books) -> None:
    world.crm.values["1"] = {STATE: "ждём аванс"}
    world.link("books/71")
    world.settle()
    assert world.crm.values["1"] == FILLED | {STATE: "ждём аванс"}
    world.booked(replace(invoice(), status=InvoiceStatus.PAID))
    world.settle()
    last = world.fills()[-1]
    assert world.crm.values["1"][STATE] == "ждём аванс"
    assert last.result == {"outcome": "already_there", "written": {}, "kept": [STATE]}
    assert last.reason == f"В CRM уже вписано своё, оставлено как есть: {STATE}."


def test_the_word_of_accounting_stands_over_what_a_person_wrote(ours: Books) -> None:
    ours.crm.values["1"] = {NUMBER: "вписали руками"}
    ours.settle()
    assert ours.crm.values["1"][NUMBER] == "71"


def test_a_persons_later_word_stands_until_accounting_says_something_new(ours: Books) -> None:
    ours.settle()
    ours.crm.values["1"][NUMBER] = "71 (старый)"
    ours.settle()
    assert (ours.crm.values["1"][NUMBER], walk_fills(ours.rt)) == ("71 (старый)", 0)


def test_several_invoices_stand_in_the_fields_together(ours: Books) -> None:
    ours.booked(replace(invoice("72", "72", "500"), issued_on=date(2026, 3, 4), status=InvoiceStatus.PAID))
    ours.booked(replace(invoice("73", "73", "9"), status=InvoiceStatus.CANCELLED))
    ours.link("books/72")
    ours.link("books/73")
    ours.settle()
    expected = {NUMBER: "71, 72", DATE: "01.03.2026, 04.03.2026", SUM: "1 500,00 ₽", STATE: "частично"}
    assert ours.crm.values["1"] == expected


def test_sums_in_two_currencies_leave_the_field_of_the_sum_alone(ours: Books) -> None:
    ours.settle()
    dollars = replace(invoice("72", "72", "500"), amount=replace(rub("5"), currency="USD"))
    ours.booked(replace(dollars, paid=replace(rub("0"), currency="USD")))
    ours.link("books/72")
    ours.settle()
    assert (ours.crm.values["1"][SUM], ours.crm.values["1"][NUMBER]) == ("1 000,00 ₽", "71, 72")


@pytest.mark.parametrize("way", ["unlinked", "deleted", "cancelled"])
def test_a_deal_that_its_invoice_leaves_is_emptied_of_what_is_ours(world: Books, way: str) -> None:
    world.link("books/71")
    world.settle()
    world.crm.values["1"][DATE] = "поправили"
    if way == "unlinked":
        world.part("books/71")
    elif way == "deleted":
        apply_changes(world.rt, BOOKS, [Removed(ItemKind.INVOICE, "71")])
    else:
        world.booked(replace(invoice(), status=InvoiceStatus.CANCELLED))
    world.settle()
    assert world.crm.values["1"] == {NUMBER: "", DATE: "поправили", SUM: "", STATE: "не оплачен"}


def test_what_the_crm_tells_of_its_own_invoices_leaves_those_of_accounting_to_the_deal(ours: Books) -> None:
    ours.crm.add(replace(invoice("90", "90"), deals=(), bound_by_deal=True), Binding("1", ("90",)))
    ours.settle()
    ours.crm.add(Binding("1", ()))
    ours.settle()
    with ours.store.read() as uow:
        assert [item.id for item in uow.deals.invoices("crm/1")] == ["books/71"]
    assert ours.crm.values["1"] == FILLED


def test_a_deal_that_never_had_an_invoice_of_accounting_is_left_alone(world: Books) -> None:
    assert world.look() == 0
    world.crm.add(Binding("1", ()))
    world.settle()
    assert world.fills() == []


def test_what_a_person_typed_the_same_is_not_taken_away(ours: Books) -> None:
    ours.crm.values["1"] = dict(FILLED)
    ours.settle()
    assert ours.field_writes() == 0
    ours.part("books/71")
    ours.settle()
    assert ours.crm.values["1"] == FILLED


def test_an_observed_connection_plans_and_writes_nothing(store: SqlStore, database: Database) -> None:
    world = _world(store, database, FIELDS)
    with store.write() as uow:
        uow.connections.set_acting(CRM, False, None)
    world.booked(invoice())
    world.link("books/71")
    world.settle()
    (row,) = world.fills()
    assert (row.state, row.reason) == (EffectState.PLANNED, "Подключение наблюдает: запись в CRM выключена.")
    world.act()
    world.settle()
    assert world.crm.values == {}
    world.booked(replace(invoice(), number="71-А"))
    world.settle()
    assert world.states() == [EffectState.CANCELLED, EffectState.DONE]
    assert world.crm.values["1"][NUMBER] == "71-А"


def test_invoices_older_than_the_date_of_acting_fill_nothing_until_new_money_comes(ours: Books) -> None:
    ours.act(date(2026, 3, 4))
    ours.booked(replace(invoice(), client=client(), number="71"))
    ours.settle()
    assert ours.states() == [EffectState.CANCELLED]
    assert ours.fills()[0].reason == ("Счета сделки старше 04.03.2026, даты начала работы: поля по ним не заполняются.")
    ours.pay(MONEY)
    ours.settle()
    assert ours.crm.values["1"] == FILLED | {STATE: "оплачен"}


def test_a_filling_is_no_move_and_no_cap_stops_it(ours: Books) -> None:
    with ours.store.write() as uow:
        uow.connections.set_capped(CRM, True)
    ours.settle()
    assert ours.crm.values["1"] == FILLED
    with ours.store.read() as uow:
        assert uow.outbox.moves_since(CRM, ours.clock.now().replace(year=2020)) == 0


@pytest.mark.parametrize("fault", ["lost", "dropped"])
def test_a_lost_answer_is_followed_by_reading_and_one_write(ours: Books, fault: str) -> None:
    ours.crm.faults.append(fault)
    ours.settle()
    (row,) = ours.fills()
    assert ours.crm.values["1"] == FILLED
    assert ours.field_writes() == 4
    assert row.state is EffectState.DONE
    assert row.result is not None
    assert row.result["written"] == FILLED
    ours.part("books/71")
    ours.settle()
    assert set(ours.crm.values["1"].values()) == {""}


def test_a_field_that_does_not_exist_waits_for_a_person_and_is_sent_again(ours: Books) -> None:
    ours.crm.no_field = DATE
    ours.settle()
    (row,) = ours.fills()
    assert (row.state, row.reason) == (EffectState.PARKED, f"У сделок нет поля «{DATE}».")
    ours.crm.no_field = ""
    send_again(ours.rt, row.id, "мария")
    ours.settle()
    assert ours.crm.values["1"] == FILLED


def test_what_a_person_put_aside_is_not_planned_again_until_something_changes(ours: Books) -> None:
    ours.crm.no_field = DATE
    ours.settle()
    put_aside(ours.rt, ours.fills()[0].id, "мария")
    assert (ours.look(), walk_fills(ours.rt)) == (0, 0)
    ours.crm.no_field = ""
    ours.booked(replace(invoice(), number="72"))
    ours.settle()
    assert ours.crm.values["1"][NUMBER] == "72"


def test_what_stopped_makes_room_for_what_is_newer(ours: Books) -> None:
    ours.crm.no_field = DATE
    ours.settle()
    ours.crm.no_field = ""
    ours.booked(replace(invoice(), number="72"))
    ours.settle()
    assert ours.states() == [EffectState.CANCELLED, EffectState.DONE]


def test_a_field_that_somebody_changes_under_our_hands_waits_for_a_person(ours: Books) -> None:
    original = ours.crm.fill_fields

    def raced(
        deal_id: str, expected: Mapping[str, str], values: Mapping[str, FieldValue], operation_key: str
    ) -> FillResult:
        ours.crm.values["1"] = {NUMBER: "чужое"}
        return original(deal_id, expected, values, operation_key)

    ours.crm.fill_fields = raced  # type: ignore[method-assign]
    ours.settle()
    assert ours.states() == [EffectState.PARKED]
    assert ours.crm.values["1"] == {NUMBER: "чужое"}


def test_a_deleted_deal_ends_the_filling_without_anybody(ours: Books) -> None:
    del ours.crm.deals["1"]
    ours.settle()
    assert ours.states() == [EffectState.CANCELLED]
    assert ours.look() == 0


def test_a_deal_read_after_its_invoice_is_filled_then(store: SqlStore, database: Database) -> None:
    world = Books(store).with_fields(FIELDS)
    world.database = database
    world.act()
    world.booked(invoice())
    world.link("books/71")
    assert world.fills() == []
    world.crm.add(client(), deal())
    world.settle()
    assert world.crm.values["1"] == FILLED


def test_fields_named_later_are_filled_by_the_walk(world: Books) -> None:
    named = world.rt.connections[CRM].fills
    world.with_fields({})
    world.link("books/71")
    world.with_fields(named)
    assert (walk_fills(world.rt), walk_fills(world.rt)) == (1, 0)
    world.settle()
    assert world.crm.values["1"] == FILLED


def test_a_crm_that_fills_no_more_ends_what_was_queued(ours: Books) -> None:
    able = ours.crm.capabilities() - {Capability.FILL_FIELDS}
    ours.crm.capabilities = lambda: able  # type: ignore[method-assign]
    ours.settle()
    (row,) = ours.fills()
    assert (row.state, row.result) == (EffectState.DONE, {"outcome": "cannot"})

"""1C as the only system with invoices, through the whole hub: from a statement file to the books, calm and killed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox
from hub import failpoints
from hub.composition.statements import statement_reader
from hub.domain.matching import MatchContext
from hub.domain.rules import RuleSet
from hub.ports.records import EffectKind, EffectRow, EffectState
from hub.ports.store import Store
from hub.services.deliver import deliver
from hub.services.import_statement import import_statement
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.read_inbox import read_inbox
from hub.services.runtime import ConnectionSettings, Runtime, Timing
from tests.contract.accounting_1c_connector.base import INVOICE, PARTLY, PAYMENT, STATUS, UNPAID, World, opened
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID, Received, statement

BUH: Final = "buh"
DAISY: Final = "7700000030"


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


class Office:
    """A hub on one base: services are called by hand."""

    def __init__(self, world: World, store: Store) -> None:
        self.world, self.store = world, store
        self.rt = Runtime(
            store=store,
            clock=world.clock,
            crms={BUH: world.port},
            connections={BUH: ConnectionSettings(BUH, RuleSet(), 60, 1000, Timing())},
            own_accounts=frozenset({OUR_ACCOUNT}),
            own_tax_ids=frozenset({OUR_TAX_ID}),
            read_statement=statement_reader(8 << 20),
            owner="office",
            wake=lambda work, key: None,
            match_context=lambda own: MatchContext(
                own_tax_ids=own | {OUR_TAX_ID}, own_accounts=frozenset({OUR_ACCOUNT})
            ),
        )
        with store.write() as uow:
            uow.connections.ensure(BUH)
            uow.connections.set_acting(BUH, True, date(2026, 3, 1))

    def pay(self, line: Received) -> None:
        assert poll_source(self.rt, BUH).complete
        inbox = import_statement(self.rt, statement([line], line.day), "kl_to_1c.txt", "Ольга").inbox_id
        read_inbox(self.rt, inbox)
        match_payments(self.rt)

    def paid(self) -> list[str]:
        """Invoices that the payment was matched to."""
        with self.store.read() as uow:
            return [row.invoice_id.removeprefix(f"{BUH}/") for row in uow.matches.of_payment("p1")]

    def effect(self, kind: EffectKind) -> EffectRow:
        with self.store.read() as uow:
            (found,) = [row for row in uow.outbox.of_payment("p1") if row.kind is kind]
        return found

    def send(self, rounds: int = 3) -> None:
        """Deliver what is due, some times over."""
        for _ in range(rounds):
            with self.store.read() as uow:
                due = uow.outbox.due(self.rt.clock.now(), 100)
            for effect_id in due:
                deliver(self.rt, effect_id)
            self.world.clock.sleep(3600)

    def status_of(self, invoice: str) -> Any:
        rows = self.world.control.rows(STATUS)
        return next((row["Статус"] for row in rows if row["Документ"] == invoice), None)


@pytest.fixture
def office(shared: RunningSandbox, store: Store) -> Iterator[Office]:
    shared.control.reset()
    with opened(shared, mark_paid=True, link_payments=True) as world:
        yield Office(world, store)


def received(amount: str = "12200.00", purpose: str = "Оплата по счету 118 от 02.03.2026", **parts: str) -> Received:
    named = {"day": "06.03.2026", "tax_id": DAISY, "name": "ООО Ромашка", **parts}
    return Received("601", amount, purpose, **named)


def draft(office: Office, **values: Any) -> str:
    """A payment that the accountant loaded from the bank and did not post yet."""
    row = office.world.control.row(PAYMENT, "014bfdef-0693-5aa3-a57e-9ef26c18c201")
    parts = [{**row["РасшифровкаПлатежа"][0], "СуммаПлатежа": "12200", "СуммаВзаиморасчетов": "12200"}]
    left_out = ("Ref_Key", "DataVersion", "Number", "Posted", "СчетОрганизации_Key", "DeletionMark")
    fields = {
        **{key: value for key, value in row.items() if key not in left_out},
        "Date": "2026-03-06T00:00:00",
        "СуммаДокумента": "12200",
        "НомерВходящегоДокумента": "601",
        "ДатаВходящегоДокумента": "2026-03-06T00:00:00",
        "РасшифровкаПлатежа": parts,
        **values,
    }
    return str(office.world.control.create(PAYMENT, fields))


def test_money_finds_its_invoice_and_the_books_are_told(office: Office) -> None:
    document = draft(office)
    office.pay(received())
    assert office.paid() == [UNPAID], "«118» is «АБ00-000118»"
    office.send()
    assert office.effect(EffectKind.MARK_PAID).state is EffectState.DONE
    assert office.effect(EffectKind.LINK_PAYMENT).state is EffectState.DONE
    assert office.status_of(UNPAID) == "Оплачен"
    row = office.world.control.row(PAYMENT, document)
    assert [part["СчетНаОплату_Key"] for part in row["РасшифровкаПлатежа"]] == [UNPAID]
    assert not row.get("Posted")


def test_a_draft_that_comes_later_is_waited_for(office: Office) -> None:
    office.pay(received())
    office.send()
    assert office.effect(EffectKind.LINK_PAYMENT).state is not EffectState.DONE
    document = draft(office)
    office.send()
    assert office.effect(EffectKind.LINK_PAYMENT).state is EffectState.DONE
    assert office.world.control.row(PAYMENT, document)["РасшифровкаПлатежа"][0]["СчетНаОплату_Key"] == UNPAID


def test_a_draft_that_never_comes_is_given_up(office: Office) -> None:
    office.pay(received())
    office.world.clock.sleep(5 * 86400)
    office.send(2)
    effect = office.effect(EffectKind.LINK_PAYMENT)
    assert (effect.state, (effect.result or {}).get("outcome")) == (EffectState.DONE, "no_document")


def test_a_posted_payment_is_never_changed(office: Office) -> None:
    document = draft(office)
    office.world.control.post(PAYMENT, document)
    before = office.world.control.row(PAYMENT, document)
    office.pay(received())
    office.send()
    effect = office.effect(EffectKind.LINK_PAYMENT)
    assert effect.state is EffectState.PARKED
    assert "проведённый документ хаб не меняет" in (effect.reason or "")
    assert office.world.control.row(PAYMENT, document) == before


def test_a_refusal_waits_for_a_person_in_1cs_own_words_and_is_not_repeated(office: Office) -> None:
    said = "Период закрыт для изменений с 01.03.2026"
    action = {"kind": "refuse", "status": 500, "code": "-1", "description": said}
    office.pay(received())
    office.world.control.add_faults({"match": {"method": f"patch.{STATUS}*"}, "action": action})
    office.send(5)
    effect = office.effect(EffectKind.MARK_PAID)
    assert effect.state is EffectState.PARKED
    assert said in (effect.reason or "")
    tries = [item for item in office.world.control.requests if item.method.startswith(f"patch.{STATUS}")]
    assert len(tries) == 1


def test_nothing_is_sent_while_the_connection_observes(office: Office) -> None:
    with office.store.write() as uow:
        uow.connections.set_acting(BUH, False, None)
    office.pay(received())
    office.send()
    assert office.effect(EffectKind.MARK_PAID).state is EffectState.PLANNED
    assert office.status_of(UNPAID) == "НеОплачен"


def test_a_part_leaves_the_invoice_open_and_unmarked(office: Office) -> None:
    office.pay(received("200.50", "Частичная оплата по счету 119", tax_id="7700000016", name="ООО Фиалка"))
    assert office.paid() in ([PARTLY], [])
    office.send()
    assert office.status_of(PARTLY) is None


class _Killed(BaseException):
    """The process died."""


@pytest.mark.parametrize("dies_at", range(1, 5))
def test_a_death_just_before_the_mark_is_stored_loses_and_doubles_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    passed = 0

    def reach(name: str) -> None:
        nonlocal passed
        passed += name == "before_cursor_commit"
        if name == "before_cursor_commit" and passed == dies_at:
            raise _Killed

    monkeypatch.setattr(failpoints, "listener", reach)
    for _ in range(4):
        office.world.control.edit(INVOICE, UNPAID, Комментарий="перезвонить")
        try:
            poll_source(office.rt, BUH)
        except _Killed:
            office.world.restart()
            office = Office(office.world, office.store)
    assert poll_source(office.rt, BUH).complete
    with office.store.read() as uow:
        found = uow.invoices.search("АБ00", 50)
    assert sorted(item.number or "" for item in found) == ["АБ00-000117", "АБ00-000118", "АБ00-000119"]

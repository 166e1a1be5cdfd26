"""The second CRM through the whole hub: from a statement file to amoCRM and back, calm and in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from hub.composition.connections import hook_doors
from hub.composition.statements import statement_reader
from hub.domain.matching import MatchContext
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet, TaskRule
from hub.ports.crm import HookRequest
from hub.ports.hooks import Arrival
from hub.ports.records import EffectKind, EffectRow, EffectState, PaymentRow, PaymentState
from hub.ports.store import Store
from hub.services.deliver import deliver
from hub.services.follow_hooks import follow_hooks
from hub.services.import_statement import import_statement
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.read_inbox import read_inbox
from hub.services.receive_event import admit_event
from hub.services.runtime import ConnectionSettings, Runtime, Timing
from tests.contract.amocrm_connector.account import PERSON, VECTOR, Account, invoice, lead, seed, served
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID, Received, statement

AMO: Final = "amo"
PATCH: Final = "PATCH /api/v4/leads/70001"
RULES: Final = RuleSet(
    {
        "9001": PipelineRules(
            "9001",
            {
                PaidEvent.DEAL_PARTLY_PAID: Action("61001", "Часть: {invoices}; осталось {deal_rest}"),
                PaidEvent.DEAL_PAID: Action(
                    "61003", "Оплачено: {invoices}", TaskRule("Отгрузить: {invoices}", due_days=1)
                ),
            },
        )
    }
)


def received(amount: str = "125000.50", number: int = 101, **parts: Any) -> Received:
    """Money of client 512 for one of its invoices."""
    named = {"tax_id": "7700112239", "name": "ООО Вектор", "account": VECTOR["bank_account_number"]}
    purpose = f"Оплата по счету № {number} от 15.01.2026. НДС не облагается"
    return Received(str(number), amount, purpose, **{**named, **parts})


@dataclass
class Office:
    """A hub on one amoCRM account: services are called by hand, time passes when told to."""

    account: Account
    store: Store

    def __post_init__(self) -> None:
        crm, clock = self.account.crm, self.account.clock
        self.rt = Runtime(
            store=self.store,
            clock=clock,
            crms={AMO: crm},
            connections={AMO: ConnectionSettings(AMO, RULES, 60, 1000, Timing())},
            own_accounts=frozenset({OUR_ACCOUNT}),
            own_tax_ids=frozenset({OUR_TAX_ID}),
            read_statement=statement_reader(8 << 20),
            owner="office",
            wake=lambda work, key: None,
            match_context=lambda own: MatchContext(
                own_tax_ids=own | {OUR_TAX_ID}, own_accounts=frozenset({OUR_ACCOUNT})
            ),
            doors=hook_doors({AMO: crm}),
        )
        with self.store.write() as uow:
            uow.connections.ensure(AMO)
            uow.connections.set_acting(AMO, True, date(2026, 3, 1))

    def poll(self) -> int:
        result = poll_source(self.rt, AMO)
        assert result.complete
        return result.changed

    def pay(self, *lines: Received) -> None:
        self.poll()
        inbox_id = import_statement(self.rt, statement(lines), "kl_to_1c.txt", "Ольга").inbox_id
        read_inbox(self.rt, inbox_id)
        match_payments(self.rt)

    def settle(self, rounds: int = 60) -> None:
        """Deliver, poll and match until no effect wants a call any more."""
        for _ in range(rounds):
            with self.store.read() as uow:
                due = uow.outbox.due(self.rt.clock.now(), 100)
            for effect_id in due:
                deliver(self.rt, effect_id)
            if due:
                continue
            poll_source(self.rt, AMO)
            match_payments(self.rt)
            if not any(row.state in (EffectState.QUEUED, EffectState.INTENT) for row in self.effects()):
                return
            self.rt.clock.sleep(61)
        raise AssertionError([(row.kind, row.state, row.reason) for row in self.effects()])

    def payment(self) -> PaymentRow:
        with self.store.read() as uow:
            row = uow.payments.get("p1")
        assert row is not None
        return row

    def effects(self) -> list[EffectRow]:
        with self.store.read() as uow:
            return uow.outbox.of_payment("p1")

    def effect(self, kind: EffectKind) -> EffectRow:
        return next(row for row in self.effects() if row.kind is kind)


@contextmanager
def office(store: Store, **parts: Any) -> Iterator[Office]:
    settings = {"started_at": "2026-03-16T09:00:00+03:00", "rate_limit": {"enabled": False}}
    with served(seed(**{"settings": settings, **parts}), hooks=True) as account:
        yield Office(account, store)


def test_money_moves_the_deal_marks_the_invoice_and_tells_the_manager_once(store: Store) -> None:
    with office(store) as hub:
        hub.pay(received())
        assert hub.payment().state is PaymentState.MATCHED
        hub.settle()
        assert hub.account.standing() == (9001, 61003)
        assert hub.account.status() == "paid"
        noon = datetime(2026, 3, 15, 12, tzinfo=ZoneInfo("Europe/Moscow"))
        paid_on = hub.account.sandbox.control.value("catalog_elements", 880101, "BILL_PAYMENT_DATE")
        assert paid_on == int(noon.timestamp())
        assert [note["entity_id"] for note in hub.account.sandbox.control.notes()] == [70001]
        (task,) = hub.account.sandbox.control.tasks()
        assert (task["entity_id"], task["responsible_user_id"]) == (70001, PERSON)
        assert {row.state for row in hub.effects()} == {EffectState.DONE}
        calls = len(hub.account.sandbox.control.write_log.calls())
        for _ in range(3):
            hub.rt.clock.sleep(700)
            hub.poll()
            hub.settle()
        assert len(hub.account.sandbox.control.write_log.calls()) == calls == 4


def test_kopecks_that_the_account_rounded_away_do_not_leave_the_deal_half_paid(store: Store) -> None:
    with office(store, leads=[lead(70001, price="125001")]) as hub:
        hub.pay(received("125000.50"))
        hub.settle()
        assert hub.account.standing() == (9001, 61003)


def test_a_part_of_the_money_is_an_advance(store: Store) -> None:
    leads = [lead(70001, price="300000", status_id=None)]
    invoices = [invoice(880101, 70001), invoice(880102, 70001, price="174999.50")]
    with office(store, leads=leads, invoices=invoices) as hub:
        hub.pay(received())
        effect = hub.effect(EffectKind.MOVE_DEAL)
        assert effect.payload["stage"] == "61001"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "lose_reply", "applied": True}, id="lost after it ran"),
        pytest.param({"kind": "lose_reply", "applied": False}, id="lost before it ran"),
        pytest.param({"kind": "html", "status": 504, "applied": True}, id="cut off after it ran"),
        pytest.param({"kind": "late_apply", "after_s": 30}, id="applied later"),
    ],
)
@pytest.mark.parametrize(
    "method",
    [PATCH, "PATCH /api/v4/catalogs/7301/elements", "POST /api/v4/leads/notes", "POST /api/v4/tasks"],
)
def test_a_lost_answer_of_any_write_ends_with_everything_done_once(
    store: Store, method: str, fault: dict[str, Any]
) -> None:
    with office(store) as hub:
        hub.account.fault(method, **fault)
        hub.pay(received())
        hub.settle()
        assert hub.account.standing() == (9001, 61003)
        assert hub.account.status() == "paid"
        assert len(hub.account.sandbox.control.notes()) == 1
        assert len(hub.account.sandbox.control.tasks()) == 1


def test_a_person_who_moved_the_deal_meanwhile_is_not_overruled(store: Store) -> None:
    with office(store) as hub:
        hub.pay(received())
        hub.account.human(act="lose", id=70001)
        hub.settle()
        assert hub.effect(EffectKind.MOVE_DEAL).state is EffectState.PARKED
        assert hub.account.standing() == (9001, 143)


def test_a_blocked_account_keeps_everything_until_it_is_open_again(store: Store) -> None:
    with office(store) as hub:
        hub.pay(received())
        hub.account.fault(PATCH, kind="html", status=403)
        hub.settle()
        assert hub.account.standing() == (9001, 61003)


def test_hooks_hurry_what_the_poll_would_find(store: Store) -> None:
    with office(store) as hub:
        hub.poll()
        hub.account.human(act="edit", id=70001, fields={"name": "Переименована"})
        body = b"leads[update][0][id]=70001&account[id]=300100&account[subdomain]=sandbox"
        form = {"content-type": "application/x-www-form-urlencoded"}
        for _ in range(2):
            arrival = admit_event(hub.rt, AMO, HookRequest("POST", {}, form, body))
            assert isinstance(arrival, Arrival)
            with store.write() as uow:
                uow.inbox.add(*arrival)
        assert follow_hooks(hub.rt, AMO) == 1
        with store.read() as uow:
            row = uow.deals.get("amo/70001")
        assert row is not None
        assert row.deal.title == "Переименована"


def test_an_invoice_that_is_bound_after_its_money_came_moves_the_deal(store: Store) -> None:
    with office(store, invoices=[invoice(880101)]) as hub:
        hub.pay(received())
        assert [row for row in hub.effects() if row.kind is EffectKind.MOVE_DEAL] == []
        hub.account.human(act="link", id=70001, to="element", to_id=880101)
        hub.rt.clock.sleep(61)
        hub.poll()
        hub.settle()
        assert hub.account.standing() == (9001, 61003)

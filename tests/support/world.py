"""A small company for service tests: one fake CRM, a store, a clock that is moved by hand, and work done to the end."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hub.domain.matching import MatchContext
from hub.domain.models import Client, Deal, Direction, Invoice, Party, Payment, StageKind, TaxId, TaxIdKind
from hub.domain.money import Money
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet, TaskRule
from hub.ports.records import EffectRow, PaymentRow
from hub.ports.statement import ReceivedPayment
from hub.ports.store import Store
from hub.services.deliver import deliver
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.runtime import ConnectionSettings, Runtime, Timing, Work
from tests.support.fake_crm import FakeCrm

OUR_TAX_ID = "7700000023"
OUR_ACCOUNT = "40702810000000000001"
CRM = "crm"
RULES = RuleSet(
    {
        "0": PipelineRules(
            "0",
            {
                PaidEvent.DEAL_PARTLY_PAID: Action("PREPAID", comment="Часть: {invoices}; осталось {deal_rest}"),
                PaidEvent.DEAL_PAID: Action(
                    "SHIP", comment="Оплачено: {invoices}", task=TaskRule("Отгрузить по {invoices}", due_days=2)
                ),
            },
        )
    }
)


@dataclass
class HandClock:
    """Time that stands until it is moved."""

    at: datetime = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def rub(amount: str) -> Money:
    """Rubles."""
    return Money.of(amount, "RUB")


def client(key: str = "512", tax_id: str = "7700000016", name: str = "ООО «Фиалка»") -> Client:
    """A client with an ИНН."""
    return Client(key, (name,), (TaxId(TaxIdKind.RU_INN, tax_id),))


def deal(key: str = "1", amount: str = "1000", stage: str = "NEW", client_id: str = "512") -> Deal:
    """A deal of the sales pipeline."""
    return Deal(key, f"Сделка {key}", "0", stage, StageKind.OPEN, rub(amount), client_id, "17")


def invoice(key: str = "71", number: str = "71", amount: str = "1000", deal_id: str = "1") -> Invoice:
    """An open invoice of that deal."""
    return Invoice(
        key,
        number,
        date(2026, 3, 1),
        rub(amount),
        rub("0"),
        client=Client("512"),
        organisation_tax_id=OUR_TAX_ID,
        deals=(deal_id,),
    )


def incoming(
    purpose: str, amount: str, day: int = 5, number: str = "245", tax_id: str = "7700000016"
) -> ReceivedPayment:
    """Money that came in March 2026."""
    payment = Payment(
        "",
        Direction.IN,
        rub(amount),
        date(2026, 3, day),
        purpose,
        payer=Party("ООО «Фиалка»", tax_id, account="40702810000000000777"),
        payee=Party("ООО «Наша фирма»", OUR_TAX_ID, account=OUR_ACCOUNT),
        own_account=OUR_ACCOUNT,
        document_number=number,
        organisation_tax_id=OUR_TAX_ID,
    )
    content = f"{amount}|{day}|{number}|{tax_id}"
    return ReceivedPayment(payment, hashlib.sha256(content.encode()).hexdigest(), 1)


@dataclass
class World:
    """Store, fake CRM, clock and runtime together; `settle` does all the work that is due."""

    store: Store
    crm: FakeCrm = field(default_factory=FakeCrm)
    clock: HandClock = field(default_factory=HandClock)
    rules: RuleSet = RULES
    moves_per_hour: int = 100
    retry_max_s: float = 60
    hints: list[tuple[Work, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        timing = Timing(lease_s=140, unknown_s=65, retry_s=2, retry_max_s=self.retry_max_s)
        settings = ConnectionSettings(CRM, self.rules, 60, self.moves_per_hour, timing)
        self.rt = Runtime(
            store=self.store,
            clock=self.clock,
            crms={CRM: self.crm},
            connections={CRM: settings},
            own_accounts=frozenset({OUR_ACCOUNT}),
            own_tax_ids=frozenset({OUR_TAX_ID}),
            read_statement=lambda raw, accounts, tax_ids: iter(()),
            owner="test",
            wake=lambda work, key: self.hints.append((work, key)),
            match_context=lambda own: MatchContext(own_tax_ids=own | {OUR_TAX_ID}),
            doors={CRM: self.crm},
        )

    def act(self, since: date = date(2026, 3, 1)) -> World:
        """Switch acting on."""
        with self.store.write() as uow:
            uow.connections.ensure(CRM)
            uow.connections.set_acting(CRM, True, since)
        return self

    def sell(self) -> World:
        """One client with one deal and its invoice, read; acting."""
        self.act()
        self.crm.add(client(), deal(), invoice())
        self.sync()
        return self

    def sync(self) -> None:
        """Poll the CRM."""
        assert poll_source(self.rt, CRM).complete

    def pay(self, *payments: ReceivedPayment) -> list[str]:
        """Bring payments in and decide them on a CRM that was just read; returns their ids."""
        self.sync()
        with self.store.write() as uow:
            ids = [key for key, _ in uow.payments.add(payments, None, self.clock.now())]
        match_payments(self.rt)
        return ids

    def deliver_due(self) -> int:
        """One round of whatever is due now."""
        with self.store.read() as uow:
            due = uow.outbox.due(self.clock.now(), 100)
        for effect_id in due:
            deliver(self.rt, effect_id)
        return len(due)

    def settle(self, rounds: int = 60) -> None:
        """Deliver until nothing is due; when only time is missing, let a minute pass."""
        self.sync()
        match_payments(self.rt)
        for _ in range(rounds):
            if not self.deliver_due():
                self.clock.sleep(60)

    def payment(self, payment_id: str) -> PaymentRow:
        """A payment as stored."""
        with self.store.read() as uow:
            row = uow.payments.get(payment_id)
        assert row is not None
        return row

    def effects(self, payment_id: str) -> list[EffectRow]:
        """Its effects."""
        with self.store.read() as uow:
            return uow.outbox.of_payment(payment_id)

    def events(self) -> list[str]:
        """Kinds of effects that a CRM saw, in order, as `kind value`."""
        return [f"{kind} {value}" for kind, _, value in self.crm.writes]

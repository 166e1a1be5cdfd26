"""Reports and lines in any order: the same lines cover the same reports, and no money is counted twice by machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.ports.records import PaymentRow, PaymentState
from hub.ports.statement import ReceivedPayment
from hub.services.settle_payment import CannotSettle, put_back
from hub.store.engine import open_database
from hub.store.unit_of_work import SqlStore
from tests.support.reports import ReportWorld, report
from tests.support.world import client, deal, incoming, invoice

NAME, TAX_ID = "ООО «Фиалка»", "7700000016"
_DEALS = ("1", "2", "3", "4")


@dataclass(frozen=True)
class Paid:
    """A real payment of 1 000 roubles: how its line looks, and how much of it its report tells; each may never come."""

    number: int
    day: int
    late: int
    named: bool
    document: bool
    reported: bool
    shown: bool
    tells: frozenset[str]

    @property
    def line(self) -> ReceivedPayment:
        """The line of the statement."""
        purpose = f"Оплата по счету 7{self.number}" if self.named else "Оплата за товар"
        document = str(100 + self.number) if self.document else ""
        found = incoming(purpose, "1000.00", day=self.day + self.late, number=document)
        return ReceivedPayment(found.payment, f"{self.number}", 1)

    @property
    def body(self) -> bytes:
        """The report; what it tells is true."""
        told: dict[str, object] = {
            "payer": {key: value for key, value in (("name", NAME), ("tax_id", TAX_ID)) if key in self.tells}
        }
        if "invoice" in self.tells:
            told["invoice_number"] = f"7{self.number}"
        if "document" in self.tells and self.document:
            told["document_number"] = str(100 + self.number)
        return report(f"r{self.number}", "1000.00", self.day, **told)


_OFTEN = st.sampled_from([True, True, True, False])
_SELDOM = st.sampled_from([False, False, True])
_TELLS = st.sampled_from(
    [
        *(
            ("name", "invoice"),
            ("tax_id", "invoice"),
            ("name",),
            ("tax_id",),
            ("tax_id", "document"),
            ("name", "document"),
        ),
        ("name", "tax_id", "invoice", "document"),
    ]
)


@st.composite
def payments(draw: st.DrawFn) -> list[Paid]:
    """Up to three payments, mostly both reported and shown."""
    return [
        Paid(
            number,
            day=draw(st.integers(3, 8)),
            late=draw(st.sampled_from([0, 1, 3, 9])),
            named=draw(_SELDOM),
            document=draw(_OFTEN),
            reported=draw(_OFTEN),
            shown=draw(_OFTEN),
            tells=frozenset(draw(_TELLS)),
        )
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]


Step = tuple[str, Paid]


def steps_of(told: list[Paid]) -> list[Step]:
    return [("tell", item) for item in told if item.reported] + [("show", item) for item in told if item.shown]


@contextmanager
def a_world(template: Path, *, acting: bool, invoices: int = 4) -> Iterator[ReportWorld]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.sqlite3"
        shutil.copy(template, path)
        database = open_database(f"sqlite:///{path}")
        try:
            world = ReportWorld(SqlStore(database), acting=acting)
            world.clock.sleep(30 * 86_400)
            world.crm.add(client(), *(deal(key) for key in _DEALS))
            world.crm.add(*(invoice(f"7{key}", f"7{key}", "1000", key) for key in _DEALS[:invoices]))
            yield world.act()  # type: ignore[misc]  # act() returns its own world
        finally:
            database.close()


def take(world: ReportWorld, step: Step) -> None:
    kind, money = step
    if kind == "tell":
        world.tell(money.body)
    else:
        world.show(money.line)


def covers(world: ReportWorld) -> dict[str, str | None]:
    return {
        claim.report.external_id: world.payment(claim.covered_by).fingerprint if claim.covered_by else None
        for claim in world.claims()
    }


@pytest.mark.row(19)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), told=payments())
def test_the_same_lines_cover_the_same_reports_in_any_order(
    sqlite_template: Path, data: st.DataObject, told: list[Paid]
) -> None:
    steps = steps_of(told)
    found = []
    for order in (steps, data.draw(st.permutations(steps))):
        with a_world(sqlite_template, acting=False) as world:
            for step in order:
                take(world, step)
            found.append(covers(world))
    assert found[0] == found[1]


@pytest.mark.row(34)
@settings(max_examples=30, deadline=None)
@given(data=st.data(), told=payments())
def test_no_money_is_counted_twice_by_machine_in_any_order(
    sqlite_template: Path, data: st.DataObject, told: list[Paid]
) -> None:
    steps = data.draw(st.permutations(steps_of(told)))
    with a_world(sqlite_template, acting=True, invoices=data.draw(st.integers(2, 4))) as world:
        for number, step in enumerate(steps):
            take(world, step)
            if data.draw(_OFTEN):
                world.decide()
            if data.draw(st.integers(0, 5)) == 0:
                _a_person_puts_something_back(world, number)
        world.decide()
        world.decide()
        _check_counted_once(world, told)


def _a_person_puts_something_back(world: ReportWorld, number: int) -> None:
    try:
        put_back(world.rt, f"p{number + 1}", "Ольга")
    except CannotSettle:
        return


def _check_counted_once(world: ReportWorld, told: list[Paid]) -> None:
    rows = [row for number in range(1, 12) if (row := _payment(world, f"p{number}")) is not None]
    matched = [row for row in rows if row.state is PaymentState.MATCHED]
    real = [item for item in told if item.reported or item.shown]
    assert len(matched) <= len(real)
    by_id = {row.payment.id: row for row in rows}
    for claim in world.claims():
        counted = by_id.get(claim.counted_as or "")
        line = by_id.get(claim.covered_by or "")
        if counted is not None and line is not None:
            assert [counted.state, line.state].count(PaymentState.MATCHED) <= 1
    lines = {item.line.fingerprint for item in told if item.shown}
    assert {row.fingerprint for row in rows} >= lines, "every line is stored"


def _payment(world: ReportWorld, payment_id: str) -> PaymentRow | None:
    with world.store.read() as uow:
        return uow.payments.get(payment_id)

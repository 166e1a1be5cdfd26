"""What outside systems report is shown, never counted by machine until a statement shows the line: law 2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.signed_webhook import read_report
from hub.ports.claims import ClaimState
from hub.ports.records import InboxState, PaymentState
from hub.ports.statement import ReceivedPayment
from hub.ports.store import Store
from hub.services.settle_claim import CannotDismiss, dismiss_claim
from hub.services.sweep import sweep
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.reports import SHOP, ReportWorld, named, report
from tests.support.world import client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> ReportWorld:
    world = ReportWorld(store)
    world.act()
    world.crm.add(client(), deal(), invoice())
    return world


def events(database: Database, subject: str) -> list[str]:
    return [row.event for row in reversed(Queries(database).journal()) if row.subject == subject]


def test_a_report_is_shown_and_moves_nothing(world: ReportWorld, database: Database) -> None:
    inbox_id = world.tell(named())
    world.settle()
    (claim,) = world.claims()
    assert (claim.state, claim.covered_by, claim.counted_as) == (ClaimState.OPEN, None, None)
    assert world.inbox(inbox_id).state is InboxState.DONE
    assert not world.crm.writes
    assert events(database, claim.subject) == ["claim.received"]


def test_a_line_of_a_statement_covers_it_and_is_matched_by_itself(world: ReportWorld, database: Database) -> None:
    world.tell(named())
    (line,) = world.show(incoming("Оплата по счету 71", "1000.00", day=6))
    world.settle()
    (claim,) = world.claims()
    assert (claim.state, claim.covered_by, claim.settled_by) == (ClaimState.COVERED, line, "hub")
    assert world.payment(line).state is PaymentState.MATCHED
    assert world.crm.moves_of("1") == ["SHIP"]
    assert events(database, claim.subject) == ["claim.received", "claim.covered"]


def test_a_report_after_its_line_is_covered_at_once(world: ReportWorld) -> None:
    (line,) = world.show(incoming("Оплата по счету 71", "1000.00", day=6))
    world.settle()
    world.tell(named())
    (claim,) = world.claims()
    assert (claim.state, claim.covered_by) == (ClaimState.COVERED, line)
    assert world.crm.moves_of("1") == ["SHIP"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (named(amount="1000.01"), incoming("Оплата по счету 71", "1000.00")),
        (named(currency="USD"), incoming("Оплата по счету 71", "1000.00")),
        (named(day=20), incoming("Оплата по счету 71", "1000.00", day=16)),
        (named(day=5), incoming("Оплата по счету 71", "1000.00", day=16)),
        (named(), incoming("Оплата по счету 71", "1000.00", tax_id="7700000031")),
        (named(document_number="9"), incoming("Оплата по счету 71", "1000.00", number="245")),
        (named(invoice_number="72"), incoming("Оплата по счету 71", "1000.00")),
        (named(account="40702810000000000002"), incoming("Оплата по счету 71", "1000.00")),
        (report(), incoming("Оплата за товар", "1000.00")),
        (report(payer={"name": "ООО «Фиалка»"}), incoming("Оплата за товар", "1000.00")),
    ],
    ids=[
        *("another sum", "another currency", "line too early", "line too late", "another payer", "another document"),
        *("another invoice", "another account of ours", "sum and day alone", "sum, day and name alone"),
    ],
)
def test_a_line_that_is_not_surely_that_money_covers_nothing(
    world: ReportWorld, body: bytes, line: ReceivedPayment
) -> None:
    world.clock.sleep(30 * 86_400)
    world.tell(body)
    world.show(line)
    with world.store.read() as uow:
        claim = uow.claims.get(1)
    assert claim is not None
    assert claim.state is ClaimState.OPEN


@pytest.mark.parametrize(
    "fields",
    [
        {"payer": {"tax_id": "7700000016"}},
        {"document_number": "0245", "payer": {"name": "Фиалка ООО"}},
        {"invoice_number": "71"},
        {"purpose": "по счёту № 71 от 01.03.2026"},
    ],
    ids=["tax id", "document and name", "invoice", "invoice in the words"],
)
def test_who_paid_or_for_what_makes_it_sure(world: ReportWorld, fields: dict[str, Any]) -> None:
    world.tell(report(**fields))
    (line,) = world.show(incoming("Оплата по счету 71", "1000.00"))
    assert world.claims()[0].covered_by == line


def test_two_lines_that_fit_alike_cover_nothing(world: ReportWorld) -> None:
    world.tell(report(payer={"tax_id": "7700000016"}))
    world.show(incoming("Оплата за товар", "1000.00", number="1"), incoming("Оплата за товар", "1000.00", number="2"))
    assert world.claims()[0].state is ClaimState.OPEN


def test_a_second_line_that_fits_alike_takes_the_certainty_back(world: ReportWorld, database: Database) -> None:
    world.tell(report(payer={"tax_id": "7700000016"}))
    world.show(incoming("Оплата за товар", "1000.00", number="1"))
    assert world.claims()[0].state is ClaimState.COVERED
    world.show(incoming("Оплата за товар", "1000.00", number="2"))
    (claim,) = world.claims()
    assert claim.state is ClaimState.OPEN
    assert events(database, claim.subject)[-1] == "claim.uncovered"


def test_of_two_lines_the_one_that_agrees_in_more_covers(world: ReportWorld) -> None:
    world.tell(named(document_number="2"))
    lines = world.show(
        incoming("Оплата по счету 71", "1000.00", number="2"), incoming("Оплата за товар", "1000.00", number="")
    )
    assert world.claims()[0].covered_by == lines[0]


def test_weekly_payments_of_one_sum_find_each_its_own_line(world: ReportWorld) -> None:
    world.clock.sleep(30 * 86_400)
    payer = {"tax_id": "7700000016"}
    lines = []
    for day in (2, 9, 16, 23):
        world.tell(report(f"r{day}", day=day, payer=payer))
        lines += world.show(incoming("Абонентская плата", "1000.00", day=day + 1, number=""))
    assert [claim.covered_by for claim in world.claims()] == lines


def test_the_same_report_again_is_one_claim(world: ReportWorld) -> None:
    first = world.tell(named())
    again = world.tell(named() + b" ")
    assert [world.inbox(number).state for number in (first, again)] == [InboxState.DONE, InboxState.DONE]
    assert len(world.claims()) == 1


def test_the_same_id_with_other_money_is_put_before_a_person(world: ReportWorld, database: Database) -> None:
    world.tell(named())
    other = world.tell(named(amount="2000.00"))
    row = world.inbox(other)
    assert row.state is InboxState.FAILED
    assert row.error is not None
    assert "уже сообщали с другими данными" in row.error
    assert [claim.report.amount.minor for claim in world.claims()] == [100_000]
    assert events(database, f"inbox/{other}") == ["claim.refused"]


@pytest.mark.row(31)
@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"[" * 100_000, named(day=12), named(amount="-5")])
def test_a_malformed_report_is_put_aside_with_its_bytes(world: ReportWorld, raw: bytes) -> None:
    inbox_id = world.tell(raw)
    row = world.inbox(inbox_id)
    assert (row.state, row.raw) == (InboxState.FAILED, raw)
    assert row.error
    assert world.claims() == []
    world.tell(named())
    assert len(world.claims()) == 1, "the next report is read"


def test_a_dismissed_report_is_covered_by_nothing(world: ReportWorld, database: Database) -> None:
    world.tell(named())
    (claim,) = world.claims()
    dismiss_claim(world.rt, claim.id, "Ольга")
    world.show(incoming("Оплата по счету 71", "1000.00"))
    (claim,) = world.claims()
    assert (claim.state, claim.settled_by, claim.covered_by) == (ClaimState.DISMISSED, "Ольга", None)
    assert events(database, claim.subject) == ["claim.received", "claim.dismissed"]


def test_a_dismissed_twin_makes_the_other_certain(world: ReportWorld) -> None:
    payer = {"tax_id": "7700000016"}
    world.tell(report("r1", payer=payer))
    world.tell(report("r2", payer=payer))
    (line,) = world.show(incoming("Оплата за товар", "1000.00"))
    assert [claim.covered_by for claim in world.claims()] == [None, None]
    dismiss_claim(world.rt, world.claims()[0].id, "Ольга")
    assert [claim.covered_by for claim in world.claims()] == [None, line]


@pytest.mark.parametrize("claim_id", [1, 404])
def test_what_waits_for_nothing_cannot_be_dismissed(world: ReportWorld, claim_id: int) -> None:
    world.tell(named())
    world.show(incoming("Оплата по счету 71", "1000.00"))
    with pytest.raises(CannotDismiss):
        dismiss_claim(world.rt, claim_id, "Ольга")


def test_a_report_without_its_line_is_overdue_after_a_week_and_still_finds_it(
    world: ReportWorld, database: Database
) -> None:
    world.tell(named())
    for days, state in ((6, ClaimState.OPEN), (2, ClaimState.OVERDUE)):
        world.clock.sleep(days * 86_400)
        sweep(world.rt)
        assert world.claims()[0].state is state
    (line,) = world.show(incoming("Оплата по счету 71", "1000.00"))
    (claim,) = world.claims()
    assert (claim.state, claim.covered_by) == (ClaimState.COVERED, line)
    assert events(database, claim.subject) == ["claim.received", "claim.overdue", "claim.covered"]


def test_many_alike_reports_cover_nothing_and_stop_nobody(world: ReportWorld) -> None:
    with world.store.write() as uow:
        for number in range(230):
            alike = read_report(report(f"x{number}", payer={"tax_id": "7700000016"}))
            uow.claims.add(SHOP, alike, None, world.clock.now())
    (line,) = world.show(incoming("Оплата по счету 71", "1000.00"))
    world.settle()
    assert world.payment(line).state is PaymentState.MATCHED
    assert {claim.state for claim in world.claims()} == {ClaimState.OPEN}


def test_reports_of_a_system_that_is_not_set_up_any_more_wait_for_a_person(world: ReportWorld) -> None:
    world.rt = replace(world.rt, reports={})
    row = world.inbox(world.tell(named()))
    assert row.state is InboxState.FAILED
    assert row.error is not None
    assert "payment_reports" in row.error

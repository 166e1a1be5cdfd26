"""Where the owner lets a system's word count: its report is money at once, and its line is never a second payment."""

from __future__ import annotations

import threading

import pytest

from hub.domain.matching.afterwards import MAY_BE_COUNTED
from hub.ports.claims import ClaimState
from hub.ports.records import PaymentState
from hub.ports.store import Store
from hub.services.cover_claims import (
    COVERS_CLAIM,
    REPLACED_BY_LINE,
    cover_by_lines,
    expire_claims,
)
from hub.services.replay import Change, preview
from hub.services.settle_claim import dismiss_claim
from hub.services.settle_payment import CannotSettle, choose_invoices, put_back, reject, undo_match
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.reports import ReportWorld, named, report
from tests.support.world import CRM, client, deal, incoming, invoice, rub

LINE = incoming("Оплата по счету 71", "1000.00", day=6)
NAME = {"name": "ООО «Фиалка»"}
PAYER = {"tax_id": "7700000016"}


@pytest.fixture
def world(store: Store) -> ReportWorld:
    world = ReportWorld(store, acting=True)
    world.act()
    world.crm.add(client(), deal(), invoice())
    return world


def paid(world: ReportWorld, key: str = "71") -> str:
    with world.store.read() as uow:
        row = uow.invoices.get(f"{CRM}/{key}")
    assert row is not None
    return str(row.invoice.paid)


def code(world: ReportWorld, payment_id: str) -> str | None:
    decision = world.payment(payment_id).decision
    return decision.code if decision is not None else None


def test_a_report_counts_at_once_and_is_decided_like_any_payment(world: ReportWorld, database: Database) -> None:
    world.tell(named())
    world.settle()
    (claim,) = world.claims()
    row = world.counted(claim)
    assert (claim.state, row.state, row.payment.document_kind) == (
        ClaimState.OPEN,
        PaymentState.MATCHED,
        "Сообщение об оплате",
    )
    assert world.crm.moves_of("1") == ["SHIP"]
    told = [item.event for item in reversed(Queries(database).journal()) if item.subject == claim.subject]
    assert told == ["claim.received", "claim.counted"]


def test_the_invoice_of_a_report_counts_where_the_words_do_not_name_it(world: ReportWorld) -> None:
    world.tell(report(invoice_number="71", payer=PAYER, purpose="Интернет-заказ"))
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_the_line_that_comes_later_is_stored_and_not_counted_again(world: ReportWorld) -> None:
    world.tell(named())
    world.settle()
    (line,) = world.show(LINE)
    world.settle()
    (claim,) = world.claims()
    assert (claim.state, claim.covered_by) == (ClaimState.COVERED, line)
    assert (world.payment(line).state, code(world, line)) == (PaymentState.NOT_OURS, COVERS_CLAIM)
    assert "shop" in (world.payment(line).decision or pytest.fail("no decision")).reason
    assert paid(world) == "1000.00 RUB"
    assert world.crm.moves_of("1") == ["SHIP"]


def test_money_of_a_covered_report_never_pays_another_equal_invoice(world: ReportWorld) -> None:
    world.tell(named())
    world.settle()
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    world.show(incoming("Оплата за товар", "1000.00", day=6))
    world.settle()
    assert (paid(world), paid(world, "72")) == ("1000.00 RUB", "0.00 RUB")
    assert world.crm.moves_of("2") == []


def test_a_line_that_came_first_counts_itself(world: ReportWorld) -> None:
    (line,) = world.show(LINE)
    world.settle()
    world.tell(named())
    world.settle()
    (claim,) = world.claims()
    assert (claim.covered_by, claim.counted_as) == (line, None)
    assert paid(world) == "1000.00 RUB"


def test_a_line_that_comes_before_the_report_is_decided_takes_its_place(world: ReportWorld) -> None:
    world.tell(named())
    (line,) = world.show(LINE)
    world.settle()
    (claim,) = world.claims()
    row = world.counted(claim)
    assert (row.state, code(world, row.payment.id)) == (PaymentState.NOT_OURS, REPLACED_BY_LINE)
    assert world.payment(line).state is PaymentState.MATCHED
    assert paid(world) == "1000.00 RUB"
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_report_that_waited_for_a_person_gives_way_to_its_line(world: ReportWorld) -> None:
    world.tell(report(payer=PAYER, purpose="Оплата по счету 99"))
    world.settle()
    row = world.counted(world.claims()[0])
    assert row.state is PaymentState.NEEDS_YOU
    (line,) = world.show(incoming("Оплата по счету 99", "1000.00", day=6))
    assert world.counted(world.claims()[0]).state is PaymentState.NOT_OURS
    assert world.payment(line).state is PaymentState.NEW
    with pytest.raises(CannotSettle, match="учтена строка"):
        put_back(world.rt, row.payment.id, "Ольга")


def test_a_line_that_may_be_either_of_two_reports_goes_to_a_person(world: ReportWorld) -> None:
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"), deal("3"), invoice("73", "73", "1000", "3"))
    world.tell(report("r1", payer=PAYER, invoice_number="71"))
    world.tell(report("r2", payer=PAYER, invoice_number="72"))
    world.settle()
    assert (paid(world), paid(world, "72")) == ("1000.00 RUB", "1000.00 RUB")
    (line,) = world.show(incoming("Оплата за товар", "1000.00", day=6))
    world.settle()
    row = world.payment(line)
    assert (row.state, code(world, line)) == (PaymentState.NEEDS_YOU, MAY_BE_COUNTED)
    assert row.decision is not None
    assert "уже учтены" in row.decision.reason
    assert (paid(world, "73"), world.crm.moves_of("3")) == ("0.00 RUB", [])
    assert [claim.state for claim in world.claims()] == [ClaimState.OPEN, ClaimState.OPEN]


def test_a_line_about_which_nothing_says_whose_it_is_goes_to_a_person_too(world: ReportWorld) -> None:
    world.tell(report(invoice_number="71", payer=NAME))
    world.settle()
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    (line,) = world.show(incoming("Оплата за товар", "1000.00", day=6))
    world.settle()
    assert code(world, line) == MAY_BE_COUNTED
    assert world.crm.moves_of("2") == []


def test_a_line_in_doubt_is_decided_once_the_report_found_its_own(world: ReportWorld) -> None:
    world.tell(report(invoice_number="71", payer=NAME))
    world.settle()
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    (doubtful,) = world.show(incoming("Оплата за товар", "1000.00", day=6, number="1"))
    world.settle()
    assert code(world, doubtful) == MAY_BE_COUNTED
    (own,) = world.show(incoming("Оплата по счету 71", "1000.00", day=6, number="3"))
    world.settle()
    assert (world.claims()[0].covered_by, code(world, own)) == (own, COVERS_CLAIM)
    assert world.payment(doubtful).state is PaymentState.MATCHED
    assert (paid(world), paid(world, "72")) == ("1000.00 RUB", "1000.00 RUB")


def test_a_report_is_not_counted_while_lines_of_the_statement_may_be_its_money(world: ReportWorld) -> None:
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    world.show(
        incoming("Оплата за товар", "1000.00", day=6, number="1"),
        incoming("Оплата за товар", "1000.00", day=6, number="2"),
    )
    world.tell(report(payer=PAYER))
    world.settle()
    (claim,) = world.claims()
    assert (claim.state, claim.counted_as) == (ClaimState.OPEN, None)


def test_a_report_of_money_on_an_account_that_is_not_ours_is_only_shown(world: ReportWorld) -> None:
    world.tell(named(account="40702810000000000777"))
    world.settle()
    assert world.claims()[0].counted_as is None
    assert not world.crm.writes


def test_a_second_equal_line_brings_both_before_a_person(world: ReportWorld) -> None:
    world.tell(report(invoice_number="71", payer=PAYER))
    world.settle()
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"), deal("3"), invoice("73", "73", "1000", "3"))
    (first,) = world.show(incoming("Оплата за товар", "1000.00", day=6, number="1"))
    world.settle()
    assert code(world, first) == COVERS_CLAIM
    (second,) = world.show(incoming("Оплата за товар", "1000.00", day=6, number="2"))
    world.settle()
    assert {world.payment(line).state for line in (first, second)} == {PaymentState.NEEDS_YOU}
    assert world.crm.moves_of("2") == world.crm.moves_of("3") == []


def test_a_line_put_back_by_a_person_is_not_taken_for_the_report_again(world: ReportWorld) -> None:
    world.tell(named())
    world.settle()
    (line,) = world.show(LINE)
    put_back(world.rt, line, "Ольга")
    assert (world.claims()[0].state, world.payment(line).state) == (ClaimState.OPEN, PaymentState.NEEDS_YOU)
    world.show(incoming("Что-то ещё", "5.00", day=6, number="7"))
    world.tell(report("r9", day=6, invoice_number="99"))
    world.settle()
    assert world.claims()[0].covered_by is None
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_line_and_its_report_that_come_at_once_are_one_payment(world: ReportWorld) -> None:
    reporting = threading.Thread(target=world.tell, args=(named(),))
    with world.store.write() as uow:
        uow.payments.add([LINE], None, world.clock.now())
        cover_by_lines(world.rt, uow, [LINE.payment])
        reporting.start()
        reporting.join(0.3)
        assert reporting.is_alive(), "the report waits for the statement's turn to end"
    reporting.join(30)
    world.settle()
    (claim,) = world.claims()
    assert (claim.covered_by, claim.counted_as) == ("p1", None)
    assert paid(world) == "1000.00 RUB"


@pytest.mark.parametrize("decided_first", [True, False], ids=["report counted", "line counted"])
def test_a_replay_leaves_what_was_put_away_where_it_is(world: ReportWorld, decided_first: bool) -> None:
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    world.tell(named())
    if decided_first:
        world.settle()
    (line,) = world.show(LINE)
    world.settle()
    ids = [line, world.claims()[0].counted_as or ""]
    assert {item.change for item in preview(world.rt, ids)} == {Change.SAME}
    put_away = line if decided_first else ids[1]
    with world.store.write() as uow:
        uow.payments.set_state(put_away, PaymentState.RECHECK)
    world.settle()
    assert code(world, put_away) == (COVERS_CLAIM if decided_first else REPLACED_BY_LINE)
    assert (paid(world), paid(world, "72")) == ("1000.00 RUB", "0.00 RUB")


def test_a_page_left_open_does_not_count_the_line_after_all(world: ReportWorld) -> None:
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    world.tell(named())
    world.settle()
    (line,) = world.show(LINE)
    world.settle()
    with pytest.raises(CannotSettle, match="уже учтены"):
        choose_invoices(world.rt, line, [f"{CRM}/72"], "Ольга")
    assert paid(world, "72") == "0.00 RUB"


def test_a_report_that_a_person_rejects_gives_its_line_back(world: ReportWorld) -> None:
    world.tell(named())
    world.settle()
    (line,) = world.show(LINE)
    world.settle()
    report_id = world.claims()[0].counted_as or ""
    undo_match(world.rt, report_id, "Ольга")
    world.settle()
    assert code(world, line) == COVERS_CLAIM
    reject(world.rt, report_id, "Ольга")
    world.settle()
    assert world.payment(line).state is PaymentState.MATCHED
    with pytest.raises(CannotSettle, match="посчитаются дважды"):
        put_back(world.rt, report_id, "Ольга")


def test_an_undone_report_gives_way_to_its_line(world: ReportWorld) -> None:
    world.tell(named())
    world.settle()
    undo_match(world.rt, world.claims()[0].counted_as or "", "Ольга")
    world.settle()
    (line,) = world.show(LINE)
    world.settle()
    assert world.counted(world.claims()[0]).state is PaymentState.NOT_OURS
    assert world.payment(line).state is PaymentState.MATCHED
    assert paid(world) == "1000.00 RUB"


def test_a_counted_report_without_its_line_is_put_before_a_person_and_moves_nothing_back(world: ReportWorld) -> None:
    world.tell(named())
    world.settle()
    world.clock.sleep(8 * 86_400)
    with world.store.write() as uow:
        assert expire_claims(world.rt, uow) == 1
    world.settle()
    assert world.claims()[0].state is ClaimState.OVERDUE
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_line_that_fits_a_dismissed_counted_report_goes_to_a_person(world: ReportWorld) -> None:
    world.tell(report(invoice_number="71", payer=PAYER))
    world.settle()
    dismiss_claim(world.rt, world.claims()[0].id, "Ольга")
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    (line,) = world.show(incoming("Оплата за товар", "1000.00", day=6))
    world.settle()
    assert (world.payment(line).state, code(world, line)) == (PaymentState.NEEDS_YOU, MAY_BE_COUNTED)


def test_a_person_may_count_a_doubtful_line(world: ReportWorld) -> None:
    world.tell(report(invoice_number="71", payer=NAME))
    world.settle()
    world.crm.add(deal("2"), invoice("72", "72", "1000", "2"))
    (line,) = world.show(incoming("Оплата за товар", "1000.00", day=6))
    world.settle()
    choose_invoices(world.rt, line, [f"{CRM}/72"], "Ольга")
    world.settle()
    assert world.payment(line).state is PaymentState.MATCHED
    assert paid(world, "72") == str(rub("1000"))

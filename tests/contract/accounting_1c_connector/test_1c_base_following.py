"""Documents that are edited, marked, deleted, dated otherwise, renumbered and posted anew, at every awkward moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox
from hub.domain.errors import Refused

from .base import INVOICE, PARTLY, PAYMENT, UNPAID, World, opened

NIGHT_S = 18 * 3600


def written(world: World, number: int, day: str) -> str:
    """A posted invoice like the small seed's own, of another day."""
    row: dict[str, Any] = dict(world.control.row(INVOICE, UNPAID))
    left_out = ("Ref_Key", "DataVersion", "Number", "Posted", "DeletionMark")
    fields = {key: value for key, value in row.items() if key not in left_out}
    fields |= {"Number": f"АБ00-{number:06}", "Date": f"{day}T10:00:{number % 60:02}"}
    return str(world.control.create(INVOICE, fields, post=True))


@pytest.fixture
def paged(base: RunningSandbox) -> Iterator[World]:
    """The small base, two rows a page."""
    with opened(base, page_rows=2) as world:
        yield world


@pytest.fixture
def planned(base: RunningSandbox) -> Iterator[World]:
    """The small base with its plan of exchange, read already."""
    plan = next(name for name in base.control.base.configuration.tables if name.startswith("ExchangePlan_"))
    with opened(base, exchange_plan={"plan": plan, "node": base.node}) as world:
        world.poll()
        yield world


# While a base is walked over


@pytest.mark.parametrize("deed", ["delete", "date on"])
def test_what_is_taken_away_behind_the_walk_hides_nothing_that_lies_before_it(paged: World, deed: str) -> None:
    old = [written(paged, 200 + place, f"2026-01-{10 + place}") for place in range(7)]
    while not paged.invoices:
        paged.take(paged.port.changes(paged.mark))
    assert len(paged.invoices) == 2, "the first page of documents"
    if deed == "delete":
        paged.control.delete(INVOICE, old[0])
    else:
        paged.control.edit(INVOICE, old[0], Date="2026-03-05T10:00:00")
    paged.restart()
    paged.poll()
    paged.poll()
    assert set(old[1:]) <= paged.invoices.keys(), "too old for any later walk"


def test_more_documents_of_one_second_than_a_page_holds_are_all_read(paged: World) -> None:
    same = [written(paged, 200 + 60 * place, "2026-03-05") for place in range(5)]
    later = written(paged, 599, "2026-03-05")
    paged.poll()
    paged.poll()
    assert {*same, later} <= paged.invoices.keys()


# Documents that leave the days of the polls


@pytest.mark.parametrize("day", ["2026-02-10T10:00:00", "2026-03-20T10:00:00"])
def test_a_document_that_got_another_date_and_then_went_for_good_is_missed(world: World, day: str) -> None:
    moved = written(world, 200, "2026-03-05")
    world.poll()
    world.poll()
    world.control.edit(INVOICE, moved, Date=day)
    world.poll()
    assert str(world.invoices[moved].issued_on) == day[:10]
    world.control.delete(INVOICE, moved)
    world.restart()
    world.clock.sleep(NIGHT_S)
    world.poll()
    assert moved not in world.invoices


def test_an_old_document_that_the_plan_told_of_and_that_went_for_good_is_missed_by_the_night(planned: World) -> None:
    old = written(planned, 200, "2026-02-10")
    planned.poll()
    assert old in planned.invoices
    planned.control.delete(INVOICE, old)
    planned.control.base.exchange.forget()
    planned.clock.sleep(NIGHT_S)
    planned.poll()
    assert old not in planned.invoices


# Acknowledgements that 1C does not take


def _committed(world: World) -> None:
    """A message is stored and not acknowledged."""
    world.control.edit(INVOICE, UNPAID, Комментарий="перезвонить")
    world.take(world.port.changes(world.mark))
    assert world.control.state()["changes_waiting"]


def test_a_message_that_1c_has_taken_already_is_not_acknowledged_for_ever(planned: World) -> None:
    _committed(planned)
    refused = {"kind": "refuse", "status": 500, "code": "-1", "applied": True}
    planned.control.add_faults({"match": {"method": "notify"}, "action": refused})
    planned.poll()
    assert not planned.control.state()["changes_waiting"]


def test_a_base_restored_from_its_copy_never_sent_the_message_and_the_feed_goes_on(planned: World) -> None:
    _committed(planned)
    planned.control.reset()
    planned.control.edit(INVOICE, UNPAID, СуммаДокумента="15000")
    planned.poll()
    assert str(planned.invoices[UNPAID].amount.amount) == "15000.00"
    assert not planned.control.state()["changes_waiting"]


def test_a_refusal_of_a_message_that_1c_still_waits_for_is_told(planned: World) -> None:
    _committed(planned)
    planned.control.add_faults(
        {"match": {"method": "notify"}, "action": {"kind": "refuse", "status": 500, "code": "-1"}}
    )
    with pytest.raises(Refused):
        planned.poll()
    planned.poll()
    assert not planned.control.state()["changes_waiting"]


# Payments


def test_a_payment_that_is_put_to_another_invoice_right_after_the_first_reading_is_taken_from_the_one_before(
    world: World,
) -> None:
    row: dict[str, Any] = dict(world.control.row(PAYMENT, "e91eef5f-59b8-5787-b9ee-47e4f2c8b39c"))
    world.poll()
    assert str(world.invoices[PARTLY].paid.amount) == "10000.00"
    parts = [{**part, "СчетНаОплату_Key": UNPAID} for part in row["РасшифровкаПлатежа"]]
    world.control.edit(PAYMENT, str(row["Ref_Key"]), РасшифровкаПлатежа=parts)
    world.poll()
    assert not world.invoices[PARTLY].paid.is_positive
    assert str(world.invoices[UNPAID].paid.amount) == "10000.00"

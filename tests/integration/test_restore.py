"""Row 40: yesterday's copy is restored; polling and the files of the lost day fill the gap, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.after_restore import begin_again
from hub.services.control import resume, send_again
from hub.services.match_payments import match_payments
from hub.services.settle_payment import choose_invoices, undo_match
from hub.store.backup import back_up
from hub.store.engine import Database, open_database
from hub.store.restore import restore
from hub.store.unit_of_work import SqlStore
from tests.integration.office import CONNECTION, EndState, Office, opened, seed
from tests.support.matrix import Figures
from tests.support.statements import Received

SUMS = ("1000.00", "2000.00", "3000.00", "4000.00", "5000.00", "6000.00", "7000.00", "8000.00")
#: Named by nobody: a person chooses the invoice.
RIDDLE = Received("90", "8000.00", "Оплата за товар", name='ООО "Другая"', tax_id="7736050003", account="4" * 20)


def paid(invoice: int, amount: str, number: str, day: str = "16.03.2026") -> Received:
    return Received(number, amount, f"Оплата по счету № {invoice} от 10.03.2026. НДС не облагается", day)


FIRST_DAY = (paid(701, "1000.00", "11"), paid(702, "2000.00", "12"), paid(703, "1000.00", "13"))
LAST_OF_FIRST_DAY = (paid(704, "4000.00", "14"),)
SECOND_DAY = (
    paid(703, "2000.00", "21", "17.03.2026"),
    paid(705, "5000.00", "22", "17.03.2026"),
    paid(706, "100.00", "23", "17.03.2026"),
    paid(707, "7000.00", "24", "17.03.2026"),
)
NEW_LINES = (paid(706, "5900.00", "31", "18.03.2026"),)


@pytest.fixture
def portal() -> Iterator[RunningSandbox]:
    with running_sandbox(seed(SUMS)) as sandbox:
        yield sandbox


def number_of(office: Office, document: str) -> str:
    return next(row.payment.id for row in office.payments() if row.payment.document_number == document)


def work_first_day(office: Office, copy: Path, database: Database) -> None:
    """A day of work; the copy is made while one payment is decided and its effects still wait."""
    office.act()
    office.pay(*FIRST_DAY)
    office.settle()
    office.pay(*LAST_OF_FIRST_DAY)
    back_up(database, copy, office.clock.now())


def work_second_day(office: Office) -> None:
    office.settle()
    office.clock.sleep(3600)
    office.pay(*SECOND_DAY, RIDDLE)
    office.settle()
    office.sync()
    choose_invoices(office.rt, number_of(office, "90"), [f"{CONNECTION}/708"], "Ольга")
    office.settle()
    for document in ("24", "11"):
        undo_match(office.rt, number_of(office, document), "Ольга")
    office.settle()


def restored(copy: Path, url: URL, office: Office, open_url: Callable[[URL], Database]) -> Office:
    """The copy in place of the database, the hub resumed on it; the portal and its clock are the same."""
    now = office.clock.now()
    address = url.render_as_string(hide_password=False)
    report = restore(address, copy, now, lambda uow, found: begin_again(uow, found.taken_at, now, "cli:ольга"))
    assert report.aside is not None
    assert report.aside.exists()
    again = Office(office.sandbox, SqlStore(open_url(url)), office.crm, office.clock)
    with again.store.read() as uow:
        assert uow.switches.paused_by() == "cli:ольга"
    return again


def fill_the_gap(office: Office) -> None:
    office.poll()
    office.bring(*NEW_LINES, name="new.txt")
    office.bring(*SECOND_DAY, RIDDLE, name="second.txt")
    match_payments(office.rt)


@pytest.mark.row(40)
def test_what_was_done_after_the_copy_is_not_done_again(
    portal: RunningSandbox, database_url: URL, open_url: Callable[[URL], Database], tmp_path: Path, figures: Figures
) -> None:
    copy = tmp_path / "copy.gz"
    with closing(open_database(database_url)) as database, opened(portal, SqlStore(database)) as office:
        work_first_day(office, copy, database)
        work_second_day(office)
        before, writes = office.end_state(), len(office.ours())
        database.close()

        again = restored(copy, database_url, office, open_url)
        fill_the_gap(again)
        assert again.deliver_due() == 0
        resume(again.rt, "Ольга")
        # the new line belongs to a deal of its own; everything else happened before
        again.settle()
        again.sync()
        choose_invoices(again.rt, number_of(again, "90"), [f"{CONNECTION}/708"], "Ольга")
        again.settle()

        again.sync()
        again.settle()

        found = {row.payment.document_number for row in again.payments() if row.state is PaymentState.MATCHED}
        # 11 and 24 were undone after the copy, which the hub cannot know: their deals are asked about, not moved
        assert found == {"11", "12", "13", "14", "21", "22", "23", "24", "31", "90"}
        seconds = second_writes(before, again.end_state())
        assert seconds == {"moves": 0, "marks": 0, "comments": 0, "tasks": 0}
        new = {(row.entity_type, row.entity_id) for row in again.ours()[writes:]}
        assert again.moves(9006) == ["PREPAYMENT_INVOICE", "EXECUTING"]
        assert again.moves(9007) == ["EXECUTING", "NEW"]
        assert ("deal", 9007) not in new
        asked = {row.subject: row for row in again.parked()}
        assert {f"{CONNECTION}/9007", f"invoice:{CONNECTION}/707"} == set(asked)
        assert all("восстановлена из копии" in (row.reason or "") for row in asked.values())
        move = again.effect(EffectKind.MOVE_DEAL, number_of(again, "24"))
        send_again(again.rt, move.id, "Ольга")
        again.settle()
        assert again.effect(EffectKind.MOVE_DEAL, number_of(again, "24")).state is EffectState.DONE
        assert again.moves(9007) == ["EXECUTING", "NEW", "EXECUTING"]
        assert again.journal_holds()
        figures.total("deals", len(SUMS))
        for name, count in seconds.items():
            figures.total(f"second {name}", count)
        figures.total("asked of a person", len(asked))


def second_writes(before: EndState, after: EndState) -> dict[str, int]:
    """What changed in the portal, but for deal 9006 and its invoice, whose new money came after the restore."""
    news = {"9006", "D_9006"}
    return {
        "moves": sum(after.deals[deal] != stand for deal, stand in before.deals.items() if deal != 9006),
        "marks": sum(after.invoices[key] != stand for key, stand in before.invoices.items() if key != 706),
        "comments": sum(count for (card, _), count in (after.comments - before.comments).items() if card not in news),
        "tasks": sum(
            count for (card, _), count in (after.tasks - before.tasks).items() if not news & {card.strip("[]'\"")}
        ),
    }

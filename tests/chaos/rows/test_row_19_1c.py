"""Rows 19-21 and 26 on 1C, which calls nobody: documents in every order, three days late, and our own echo."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Final

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox as RunningBase
from connectors.accounting_1c.sandbox.testing import running_sandbox as running_base
from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.match_payments import match_payments
from hub.store.engine import Database, open_database
from tests.support.house import start_again
from tests.support.house_1c import House1C, moved_in_1c, opened_house_1c
from tests.support.matrix import Figures
from tests.support.papers_1c import BUH, MONEY, PAID, PAYMENT, STATUS, base_seed, paper_id, paper_transfer
from tests.support.sale import BANKS, STARTED_AT, TBANK, TOCHKA, amo_seed, banks_seed
from tests.support.shift import broken_promises, turn

THREE_DAYS_S: Final = 3 * 86_400
TODAY: Final = STARTED_AT.date().isoformat()
#: The accountant's document of the money is put to nothing: the hub does that.
FIVE: Final = ("document", "money", "document of the money", "poll of 1C", "poll of the bank")
SIX: Final = (*FIVE, "the document is edited")


@pytest.fixture(scope="module")
def amo() -> Iterator[RunningAmo]:
    """One account for all orders."""
    with running_amo(amo_seed(())) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def banks() -> Iterator[RunningBanks]:
    """Both banks for all orders."""
    with running_banks(banks_seed()) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def base() -> Iterator[RunningBase]:
    """One base for all orders."""
    with running_base(base_seed()) as sandbox:
        yield sandbox


class Story:
    """One document that is paid, told in pieces; the hub does what it can after every piece."""

    def __init__(self, house: House1C, bank: str) -> None:
        self.house = house
        self.bank = bank
        self.read()

    def read(self) -> None:
        """Everything is read once."""
        assert self.house.poll_base().complete
        assert self.house.poll_bank(self.bank).complete

    def happens(self, piece: str) -> None:
        """One piece, and all the work that it makes possible."""
        house = self.house
        match piece:
            case "document":
                house.writes_paper(1, Date=f"{TODAY}T08:00:00")
            case "the document is edited" if house.base.rows("Document_СчетНаОплатуПокупателю"):
                house.base.edit("Document_СчетНаОплатуПокупателю", paper_id(1), Комментарий="перезвонить")
            case "money":
                house.bank.add(paper_transfer(self.bank, 1))
            case "document of the money":
                house.loads_payment(1, СчетОрганизации_Key="00000000-0000-0000-0000-000000000000")
            case "poll of 1C":
                house.poll_base()
            case "poll of the bank":
                house.poll_bank(self.bank)
        house.clock.sleep(1)
        match_payments(house.rt)
        house.deliver_due()

    def end(self) -> dict[str, object]:
        """What stands when everything has come to rest."""
        house = self.house
        house.clock.sleep(150)
        self.read()
        match_payments(house.rt)
        house.settle()
        (document,) = (str(row["Ref_Key"]) for row in house.base.rows(PAYMENT))
        return {
            "payments": [row.state for row in house.payments()],
            "effects": sorted((row.kind.value, row.state.value) for row in house.all_effects()),
            "writes": sorted((row.entity_type, row.method) for row in house.base_effects()),
            "state": house.state_of(),
            "link": house.linked_to(document),
        }


@contextmanager
def fresh(template: Path, folder: Path) -> Iterator[Database]:
    """An empty database in place of the last one."""
    path = folder / "hub.sqlite3"
    for old in folder.glob("hub.sqlite3*"):
        old.unlink()
    shutil.copy(template, path)
    database = open_database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.close()


Systems = tuple[RunningAmo, RunningBase, RunningBanks]


def all_orders(pieces: Sequence[str], systems: Systems, template: Path, folder: Path, *, plan: bool) -> int:
    """Tell the story in every order, the banks taking turns; returns in how many. All ends are the same."""
    amo, base, banks = systems
    ends: dict[str, tuple[str, ...]] = {}
    orders = list(permutations(pieces))
    for place, order in enumerate(orders):
        start_again(amo, banks)
        base.control.reset()
        with (
            fresh(template, folder) as database,
            moved_in_1c(amo, base, database, banks, plan=plan, link_payments=True) as house,
        ):
            story = Story(house, BANKS[place % 2])
            for piece in order:
                story.happens(piece)
            end = story.end()
            assert (end["payments"], end["state"], end["link"]) == ([PaymentState.MATCHED], PAID, [paper_id(1)]), order
            ends.setdefault(repr(end), order)
            assert broken_promises(house, database, house.ledger()) == [], order
            story.read()
            assert not plan or house.base.state()["changes_waiting"] == 0, order
    assert len(ends) == 1, ends
    return len(orders)


@pytest.mark.row(19)
@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("plan", [False, True], ids=["windows", "plan"])
def test_every_order_of_five_events_with_1c_and_a_bank_ends_the_same(
    amo: RunningAmo,
    base: RunningBase,
    banks: RunningBanks,
    sqlite_template: Path,
    tmp_path: Path,
    figures: Figures,
    *,
    plan: bool,
) -> None:
    made = all_orders(FIVE, (amo, base, banks), sqlite_template, tmp_path, plan=plan)
    figures.total("orders with 1C and the banks", made)


@pytest.mark.row(19)
@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_order_of_six_events_with_1c_and_a_bank_ends_the_same(
    amo: RunningAmo, base: RunningBase, banks: RunningBanks, sqlite_template: Path, tmp_path: Path, figures: Figures
) -> None:
    made = all_orders(SIX, (amo, base, banks), sqlite_template, tmp_path, plan=True)
    figures.total("orders with 1C and the banks", made)


@pytest.mark.row(19)
@pytest.mark.parametrize(
    "order", [("money", "document"), ("document of the money", "money", "document"), ("document", "money")], ids=str
)
def test_money_before_and_after_its_document_ends_with_one_mark(
    sqlite_database: Database, order: tuple[str, ...]
) -> None:
    with opened_house_1c(sqlite_database, account=amo_seed(())) as house:
        story = Story(house, TOCHKA)
        for piece in order:
            story.happens(piece)
            story.read()
            house.clock.sleep(600)
        match_payments(house.rt)
        house.settle()
        assert house.state_of() == PAID
        assert len(house.base_effects(STATUS)) == 1
        assert broken_promises(house, sqlite_database, house.ledger()) == []


@pytest.mark.row(20)
@pytest.mark.parametrize(("date", "nights"), [("2026-03-16T08:00:00", 0), ("2026-02-25T09:00:00", 1)])
@pytest.mark.parametrize("plan", [False, True], ids=["windows", "plan"])
def test_a_document_three_days_late_finds_the_money_that_waits_for_it(
    sqlite_database: Database, figures: Figures, date: str, nights: int, *, plan: bool
) -> None:
    with opened_house_1c(sqlite_database, account=amo_seed(()), plan=plan) as house:
        house.read_everything()
        house.bank.add(paper_transfer(TBANK, 1))
        house.read_everything()
        assert [row.state for row in house.payments()] == [PaymentState.NEEDS_YOU]
        house.clock.sleep(THREE_DAYS_S)
        house.read_everything()
        house.writes_paper(1, Date=date)
        house.read_everything()
        if nights and not plan:
            assert [row.state for row in house.payments()] == [PaymentState.NEEDS_YOU], "the night tells of it"
            house.clock.sleep(86_400)
            house.read_everything()
        assert [row.state for row in house.payments()] == [PaymentState.MATCHED]
        house.settle()
        assert house.state_of() == PAID
        assert len(house.base_effects(STATUS)) == 1
        figures.total("1C: documents three days late", 1)
        assert broken_promises(house, sqlite_database, house.ledger()) == []


@pytest.mark.row(20)
def test_a_payment_that_the_accountant_posts_three_days_after_the_bank_is_the_same_payment(
    sqlite_database: Database,
) -> None:
    with opened_house_1c(sqlite_database, "1000.00", account=amo_seed(()), money=True) as house:
        house.read_everything()
        house.bank.add(paper_transfer(TOCHKA, 1))
        house.read_everything()
        house.settle()
        before = house.payments()
        assert house.state_of() == PAID
        house.clock.sleep(THREE_DAYS_S)
        house.loads_payment(1, invoice=paper_id(1), post=True)
        house.read_everything()
        house.settle()
        assert [row.payment.id for row in house.payments()] == [row.payment.id for row in before]
        assert len(house.base_effects(STATUS)) == 1
        assert house.gone() == []
        assert broken_promises(house, sqlite_database, house.ledger()) == []


@pytest.mark.row(26)
def test_the_echo_of_our_own_mark_and_link_comes_back_by_the_plan_of_exchange_and_writes_nothing(
    sqlite_database: Database,
) -> None:
    with opened_house_1c(sqlite_database, "1000.00", account=amo_seed(()), plan=True, link_payments=True) as house:
        document = house.loads_payment(1)
        house.read_everything()
        house.bank.add(paper_transfer(TOCHKA, 1))
        house.read_everything()
        house.settle()
        assert (house.state_of(), house.linked_to(document)) == (PAID, [paper_id(1)])
        written = len(house.base.write_log.calls())
        assert house.base.changes_waiting(PAYMENT) == {document}, "1C tells of what we wrote"
        for _ in range(3):
            house.read_everything()
            house.settle()
        ours = [row for row in house.base.write_log.calls()[written:] if row.method not in ("changes", "notify")]
        assert ours == []
        assert house.base.state()["changes_waiting"] == 0
        assert broken_promises(house, sqlite_database, house.ledger()) == []


@pytest.mark.row(21)
@pytest.mark.thorough
def test_1c_which_calls_nobody_is_found_out_by_polls_within_their_intervals(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_house_1c(sqlite_database, account=amo_seed(()), money=True) as house:
        documents = house.rt.connections[BUH].poll_every_s
        money = house.rt.bank_sources[MONEY].poll_every_s
        for _ in range(3):
            house.minute()
        for place in range(1, 5):
            house.writes_paper(place, f"{place}000.00", Date=f"{TODAY}T08:00:{place:02}")
            waited = passes(house, lambda p=place: house.known(p) is not None)
            figures.most("1C: a document is found after s", waited)
            assert waited <= documents + 60
            house.loads_payment(place, f"{place}000.00", post=True)
            waited = passes(house, lambda p=place: len(house.payments()) == p)
            figures.most("1C: its money is found after s", waited)
            assert waited <= money + 60
            house.bank.add(paper_transfer(TOCHKA, place, f"{place}000.00"))
        for _ in range(10):
            house.minute()
        assert house.inbox() == [], "nobody called"
        assert [house.state_of(place) for place in range(1, 5)] == [PAID] * 4
        marks = [row for row in house.all_effects() if row.kind is EffectKind.MARK_PAID]
        assert [row.state for row in marks] == [EffectState.DONE] * 4


def passes(house: House1C, known: object) -> float:
    """Seconds of a healthy hub's work until it knows."""
    assert callable(known)
    began = house.clock.monotonic()
    while not known():
        turn(house.rt, house.hints)
        house.clock.sleep(5)
        assert house.clock.monotonic() - began < 3600
    return house.clock.monotonic() - began

"""Row 19 with amoCRM and the banks: a sale and its money in every order of what happens and of what is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Final

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from hub.ports.records import PaymentState
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.store.engine import Database, open_database
from tests.support.caught import bodies, catch, put
from tests.support.house import AMO, BANKS, PAID, House, amo_seed, banks_seed, moved_in, start_again, transfer
from tests.support.matrix import Figures
from tests.support.shift import broken_promises

pytestmark = [pytest.mark.row(19), pytest.mark.timeout(600)]
#: The account's hooks come newest first, whatever happened between them.
FIVE: Final = ("deal", "invoice", "money", "hooks of amoCRM", "hook of the bank")
SIX: Final = (*FIVE, "poll")


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


class Story:
    """One sale that is paid, told in pieces; the hub does what it can after every piece."""

    def __init__(self, house: House, bank: str) -> None:
        self.house = house
        self.bank = bank
        self._told = {AMO: 0, bank: 0}
        catch(house)
        for name in (AMO, bank):
            self.read(name)

    def happens(self, piece: str) -> None:
        """One piece, and all the work that it makes possible."""
        house = self.house
        match piece:
            case "deal":
                house.makes_deal(1, "1000.00")
                self.bind()
            case "invoice":
                house.makes_invoice(1, "1000.00")
                self.bind()
            case "money":
                house.bank.add(transfer(self.bank, 1))
            case "hooks of amoCRM":
                self.tell(AMO)
            case "hook of the bank":
                self.tell(self.bank)
            case "poll":
                self.read(AMO)
                self.read(self.bank)
        house.clock.sleep(1)
        match_payments(house.rt)
        house.deliver_due()

    def bind(self) -> None:
        """The invoice is tied to its deal by whoever makes the second of them."""
        if 1 in self.house.deals and 1 in self.house.invoices:
            self.house.binds(1)

    def tell(self, name: str) -> None:
        """Hooks that were caught since the last time, the newest first."""
        caught = bodies(self.house, name)
        fresh, self._told[name] = caught[self._told[name] :], len(caught)
        for body in reversed(fresh):
            put(self.house, name, body)
        self.house.follow(name)

    def read(self, name: str) -> None:
        """Poll a system."""
        if name == AMO:
            poll_source(self.house.rt, AMO)
        else:
            self.house.poll_bank(name)

    def end(self) -> dict[str, object]:
        """What stands when everything has come to rest; the late hooks come as well."""
        house = self.house
        house.clock.sleep(150)
        self.happens("poll")
        house.settle()
        self.happens("hooks of amoCRM")
        self.happens("hook of the bank")
        house.settle()
        return {
            "payments": [row.state for row in house.payments()],
            "effects": sorted((row.kind.value, row.state.value) for row in house.all_effects()),
            "writes": sorted((row.method, row.applied) for row in house.sent()),
            "stage": house.stage(),
            "invoice": house.paid_mark(),
            "notes": len(house.control.notes()),
            "tasks": len(house.control.tasks()),
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


def all_orders(pieces: Sequence[str], amo: RunningAmo, banks: RunningBanks, template: Path, folder: Path) -> int:
    """Tell the story in every order, the banks taking turns; returns in how many. All ends are the same."""
    ends: dict[str, tuple[str, ...]] = {}
    orders = list(permutations(pieces))
    for place, order in enumerate(orders):
        start_again(amo, banks)
        with fresh(template, folder) as database, moved_in(amo, database, banks) as house:
            story = Story(house, BANKS[place % 2])
            for piece in order:
                story.happens(piece)
            end = story.end()
            assert (end["payments"], end["stage"], end["invoice"]) == ([PaymentState.MATCHED], PAID, "paid"), order
            ends.setdefault(repr(end), order)
            assert broken_promises(house, database, house.ledger()) == [], order
    assert len(ends) == 1, ends
    return len(orders)


@pytest.mark.thorough
def test_every_order_of_five_events_with_amocrm_and_the_banks_ends_the_same(
    amo: RunningAmo, banks: RunningBanks, sqlite_template: Path, tmp_path: Path, figures: Figures
) -> None:
    figures.total("orders with amoCRM and the banks", all_orders(FIVE, amo, banks, sqlite_template, tmp_path))


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_order_of_six_events_with_amocrm_and_the_banks_ends_the_same(
    amo: RunningAmo, banks: RunningBanks, sqlite_template: Path, tmp_path: Path, figures: Figures
) -> None:
    figures.total("orders with amoCRM and the banks", all_orders(SIX, amo, banks, sqlite_template, tmp_path))

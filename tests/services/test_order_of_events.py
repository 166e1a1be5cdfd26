"""Hooks, polls and files come in any order, late or not at all: what stands at the end is the same."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import pytest

from hub.ports.crm import Change, ItemKind
from hub.ports.records import InboxKind, PaymentState
from hub.ports.store import Store
from hub.services.deliver import deliver
from hub.services.follow_hooks import follow_hooks
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.runtime import Work
from hub.services.sweep import sweep
from hub.store.engine import open_database
from hub.store.unit_of_work import SqlStore
from tests.support.databases import PostgresServer
from tests.support.matrix import Figures
from tests.support.world import CRM, World, client, deal, incoming, invoice

SHORT = ("client", "deal", "invoice", "file", "hook")
LONG = (*SHORT, "poll")
STEP_S = 5
THREE_DAYS_S = 3 * 86_400


@dataclass
class Story:
    """One sale that is paid, told in pieces; the hub does what it can after every piece."""

    world: World

    def __post_init__(self) -> None:
        self.world.act()
        self.world.sync()

    def happens(self, piece: str) -> None:
        """One piece, and all the work that it makes possible."""
        world = self.world
        match piece:
            case "client" | "deal" | "invoice":  # in the CRM; the hub hears nothing of it yet
                made: dict[str, Change] = {"client": client(), "deal": deal(), "invoice": invoice()}
                world.crm.add(made[piece])
                return
            case "file":
                paid = incoming("Оплата по счету № 71 от 01.03.2026", "1000.00")
                with world.store.write() as uow:
                    uow.payments.add([paid], None, world.clock.now())
            case "hook":
                for kind, key in ((ItemKind.DEAL, "1"), (ItemKind.INVOICE, "71"), (ItemKind.CLIENT, "512")):
                    hook(world, kind, key)
            case "poll":
                poll_source(world.rt, CRM)
        match_payments(world.rt)
        world.deliver_due()

    def end(self) -> dict[str, object]:
        """What stands when everything has come to rest."""
        world = self.world
        world.settle(rounds=4)
        effects = world.effects("p1")
        return {
            "payment": world.payment("p1").state,
            "effects": sorted((effect.kind.value, effect.state.value) for effect in effects),
            "writes": sorted(world.crm.writes),
            "stage": world.crm.deals["1"].stage_id,
            "invoice": world.crm.invoice_stage["71"],
        }


def hook(world: World, kind: ItemKind, key: str, serial: str = "") -> None:
    """A hook is in the inbox and is followed."""
    body = f"{kind}:{key}".encode()
    digest = hashlib.sha256(body + serial.encode() + world.clock.now().isoformat().encode()).hexdigest()
    with world.store.write() as uow:
        uow.inbox.add(CRM, InboxKind.HOOK, "text/plain", body, digest, world.clock.now())
    follow_hooks(world.rt, CRM)


def all_orders(pieces: tuple[str, ...], make: Callable[[], tuple[Store, Callable[[], None]]]) -> int:
    """Tell the story in every order; returns in how many. All ends are the same."""
    ends: dict[str, tuple[str, ...]] = {}
    orders = list(permutations(pieces))
    for order in orders:
        store, close = make()
        story = Story(World(store))
        for piece in order:
            story.happens(piece)
        end = story.end()
        assert (end["payment"], end["stage"], end["invoice"]) == (PaymentState.MATCHED, "SHIP", "P"), order
        ends.setdefault(repr(end), order)
        close()
    assert len(ends) == 1, ends
    return len(orders)


def _files(template: Path, folder: Path) -> Callable[[], tuple[Store, Callable[[], None]]]:
    def make() -> tuple[Store, Callable[[], None]]:
        path = folder / "hub.sqlite3"
        for old in folder.glob("hub.sqlite3*"):
            old.unlink()
        shutil.copy(template, path)
        database = open_database(f"sqlite:///{path}")
        return SqlStore(database), database.close

    return make


@pytest.mark.row(19)
@pytest.mark.timeout(600)
def test_every_order_of_five_events_ends_the_same(sqlite_template: Path, tmp_path: Path, figures: Figures) -> None:
    figures.total("orders", all_orders(SHORT, _files(sqlite_template, tmp_path)))


@pytest.mark.row(19)
@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_order_of_six_events_ends_the_same(sqlite_template: Path, tmp_path: Path, figures: Figures) -> None:
    figures.total("orders", all_orders(LONG, _files(sqlite_template, tmp_path)))


@pytest.mark.row(19)
def test_every_order_ends_the_same_on_postgresql(postgres: PostgresServer, figures: Figures) -> None:
    def make() -> tuple[Store, Callable[[], None]]:
        stack = ExitStack()
        database = open_database(stack.enter_context(postgres.database()))
        stack.callback(database.close)
        return SqlStore(database), stack.close

    figures.total("orders", all_orders(("deal", "invoice", "file", "client"), make))


@pytest.mark.row(20)
def test_a_hook_three_days_late_changes_nothing_that_the_poll_has_seen(store: Store, figures: Figures) -> None:
    story = Story(World(store))
    world = story.world
    for piece in ("client", "deal", "invoice", "poll", "file"):
        story.happens(piece)
    world.settle(rounds=5)
    before = (list(world.crm.writes), _journal(store))
    assert world.crm.moves_of("1") == ["SHIP"]
    world.clock.sleep(THREE_DAYS_S)
    for kind, key in ((ItemKind.DEAL, "1"), (ItemKind.INVOICE, "71"), (ItemKind.CLIENT, "512")):
        for serial in ("first", "again"):
            hook(world, kind, key, serial)
    world.settle(rounds=5)
    assert list(world.crm.writes) == before[0]
    assert _journal(store) == before[1]
    figures.total("late hooks", 6)
    figures.most("second effects", len(world.crm.writes) - len(before[0]))


def _journal(store: Store) -> list[str]:
    """Everything that was decided or done, by the rows of the payment."""
    with store.read() as uow:
        return [f"{row.operation_key} {row.state}" for row in uow.outbox.of_payment("p1")]


@pytest.mark.row(21)
def test_without_a_single_hook_the_poll_finds_everything_within_its_interval(store: Store, figures: Figures) -> None:
    world = World(store).act()
    poll_every_s = world.rt.connections[CRM].poll_every_s
    slowest = 0.0
    _run(world, 60)
    for number in range(1, 5):
        made_at = world.clock.now()
        world.crm.add(client(), deal(str(number)), invoice(str(70 + number), str(70 + number), "1000", str(number)))
        while not _knows(store, f"crm/{70 + number}"):
            _run(world, STEP_S)
        slowest = max(slowest, (world.clock.now() - made_at).total_seconds())
        _run(world, STEP_S * number)
    figures.most("found after s", slowest)
    assert slowest <= poll_every_s + 60


def _knows(store: Store, invoice_id: str) -> bool:
    with store.read() as uow:
        return uow.invoices.get(invoice_id) is not None


def _run(world: World, seconds: int) -> None:
    """A healthy hub without hooks: the sweeper now and then, its hints followed."""
    for _ in range(seconds // STEP_S):
        sweep(world.rt)
        hints, world.hints[:] = list(world.hints), []
        for work, key in hints:
            if work is Work.POLL:
                poll_source(world.rt, key)
            elif work is Work.DELIVER and key:
                deliver(world.rt, int(key.rpartition("/")[2]))
        world.clock.sleep(STEP_S)


def test_a_deal_that_comes_after_its_paid_invoice_is_moved_and_told_all_the_same(store: Store) -> None:
    story = Story(World(store))
    for piece in ("client", "invoice", "poll", "file"):
        story.happens(piece)
    assert story.world.payment("p1").state is PaymentState.MATCHED
    story.happens("deal")
    story.happens("poll")
    story.world.settle(rounds=4)
    assert story.world.crm.moves_of("1") == ["SHIP"]
    assert len(story.world.crm.comments) == 1
    assert len(story.world.crm.tasks) == 1

"""Once a day a CRM that does not tell of everything is asked about what the hub holds open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hub.domain.errors import RetryLater
from hub.domain.models import InvoiceStatus, StageKind
from hub.ports.crm import Change, ItemKind, Rechecked, Removed
from hub.ports.store import Store
from hub.services.poll_source import poll_source
from hub.services.recheck_source import PLACE
from tests.support.fake_crm import FakeCrm
from tests.support.world import CRM, World, client, deal, invoice

DAY_S = 24 * 3600


@dataclass
class Silent(FakeCrm):
    """A CRM that tells neither deletions nor losses, but answers when it is asked by number."""

    asked: list[tuple[ItemKind, tuple[str, ...]]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    trouble: RetryLater | None = None

    def recheck(self, kind: ItemKind, item_ids: Sequence[str]) -> tuple[Change, ...]:
        if self.trouble is not None:
            raise self.trouble
        self.asked.append((kind, tuple(item_ids)))
        lost: list[Change] = [Removed(kind, id_) for id_ in item_ids if id_ in self.gone]
        return (*lost, *(self.deals[id_] for id_ in item_ids if kind is ItemKind.DEAL and id_ in self.deals))


def silent(store: Store) -> tuple[World, Silent]:
    crm = Silent()
    assert isinstance(crm, Rechecked)
    crm.add(client(), deal(), invoice())
    return World(store, crm), crm


def test_what_was_just_read_is_asked_about_a_day_later_and_then_once_a_day(store: Store) -> None:
    world, crm = silent(store)
    world.sync()
    world.sync()
    assert crm.asked == []
    for _ in range(2):
        world.clock.sleep(DAY_S)
        for _ in range(5):
            world.sync()
    each = [(ItemKind.CLIENT, ("512",)), (ItemKind.DEAL, ("1",)), (ItemKind.INVOICE, ("71",))]
    assert crm.asked == each * 2


def test_what_is_gone_or_lost_without_a_word_is_found(store: Store) -> None:
    world, crm = silent(store)
    crm.add(deal("2"))
    world.sync()
    crm.gone = {"512", "71", "1"}
    crm.deals["2"] = replace(crm.deals["2"], stage_id="LOSE", stage_kind=StageKind.LOST)
    world.clock.sleep(DAY_S)
    for _ in range(3):
        world.sync()
    with store.read() as uow:
        removed, lost, bill = uow.deals.get("crm/1"), uow.deals.get("crm/2"), uow.invoices.get("crm/71")
        assert removed is not None
        assert lost is not None
        assert bill is not None
        assert (removed.removed, lost.deal.stage_kind, bill.removed) == (True, StageKind.LOST, True)
        assert uow.clients.known("crm/512") is None
        assert uow.clients.held(CRM, "", 10) == uow.deals.held(CRM, "", 10) == uow.invoices.held(CRM, "", 10) == []


def test_only_what_is_open_is_asked_about(store: Store) -> None:
    world, crm = silent(store)
    crm.add(
        replace(deal("2", stage="WON"), stage_kind=StageKind.WON),
        replace(invoice("72", "72"), status=InvoiceStatus.PAID),
        replace(invoice("73", "73"), status=InvoiceStatus.CANCELLED),
    )
    world.sync()
    with store.read() as uow:
        assert (uow.deals.held(CRM, "", 10), uow.invoices.held(CRM, "", 10)) == (["1"], ["71"])


def test_a_poll_takes_a_piece_of_a_long_walk_and_the_next_goes_on_from_there(store: Store) -> None:
    world, crm = silent(store)
    for number in range(2, 242):
        crm.add(deal(str(number)))
    world.sync()
    world.clock.sleep(DAY_S)
    for _ in range(5):
        world.sync()
    deals = [ids for kind, ids in crm.asked if kind is ItemKind.DEAL]
    assert [len(ids) for ids in deals] == [50, 50, 50, 50, 41]
    assert sorted(int(id_) for ids in deals for id_ in ids) == list(range(1, 242))
    with store.read() as uow:
        assert uow.cursors.get(CRM, PLACE) == ""


def test_trouble_leaves_the_walk_where_it_was(store: Store) -> None:
    world, crm = silent(store)
    world.sync()
    world.clock.sleep(DAY_S)
    crm.trouble = RetryLater("no answer")
    assert not poll_source(world.rt, CRM).complete
    crm.trouble, crm.gone = None, {"71"}
    for _ in range(3):
        world.sync()
    with store.read() as uow:
        assert uow.invoices.held(CRM, "", 10) == []


def test_that_all_of_many_are_gone_at_once_is_not_believed(store: Store) -> None:
    world, crm = silent(store)
    for number in range(2, 12):
        crm.add(deal(str(number)))
    world.sync()
    crm.gone = {str(number) for number in range(1, 12)}
    world.clock.sleep(DAY_S)
    for _ in range(3):
        world.sync()
    with store.read() as uow:
        assert len(uow.deals.held(CRM, "", 50)) == 11
    crm.gone.discard("11")
    world.clock.sleep(DAY_S)
    for _ in range(3):
        world.sync()
    with store.read() as uow:
        assert uow.deals.held(CRM, "", 50) == ["11"]


def test_a_crm_that_tells_everything_itself_is_not_asked(store: Store) -> None:
    world = World(store)
    assert not isinstance(world.crm, Rechecked)
    world.crm.add(deal())
    world.sync()
    with store.read() as uow:
        assert uow.cursors.get(CRM, PLACE) is None

"""What the account told nobody of is found by asking for it by number."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from connectors.amocrm.lookup import Lookup
from connectors.shared.jsontypes import Json
from hub.domain.models import StageKind
from hub.ports.crm import ItemKind, Rechecked, Removed

from .account import Account, bonds_in, clients_in, deals_in, invoice, lead, read_all, removed_in, seed, served, settled


def hush(account: Account) -> None:
    """No event of what happened is left, and no stamp of it that a window would find."""
    inside = account.sandbox.control.account
    with inside.lock:
        inside.events.clear()
        for table in inside.cards.values():
            for card in table.rows.values():
                card.columns["updated_at"] = card.columns["created_at"]


def test_the_connector_offers_it(account: Account) -> None:
    assert isinstance(account.crm, Rechecked)


def test_an_invoice_deleted_without_an_event_is_found() -> None:
    settings = {"catalog_events": False}
    with served(seed(settings=settings, invoices=[invoice(880101, 70001), invoice(880102, 70001)])) as account:
        mark = settled(account)
        account.human(act="delete", entity="element", id=880101)
        hush(account)
        account.pass_lag()
        changes, _ = read_all(account.crm, mark)
        assert removed_in(changes) == set()
        assert account.crm.recheck(ItemKind.INVOICE, ["880101", "880102"]) == (Removed(ItemKind.INVOICE, "880101"),)


@pytest.mark.parametrize("act", ["delete", "merge", "lose"])
def test_a_deal_that_went_without_an_event_is_found(act: str) -> None:
    with served(seed(leads=[lead(70001), lead(70002)], invoices=[invoice(880101, 70001)])) as account:
        mark = settled(account)
        account.human(act=act, entity="lead", id=70001, **({"to_id": 70002} if act == "merge" else {}))
        hush(account)
        account.pass_lag()
        changes, _ = read_all(account.crm, mark)
        assert not deals_in(changes)
        assert not removed_in(changes)
        found = account.crm.recheck(ItemKind.DEAL, ["70001", "70002"])
        if act == "lose":
            assert deals_in(found)["70001"].stage_kind is StageKind.LOST
            assert removed_in(found) == set()
        else:
            assert removed_in(found) == {(ItemKind.DEAL, "70001")}
        # The invoice of the deal that was merged away stands at the one that took it over.
        assert bonds_in(found)["70002"] == (("880101",) if act == "merge" else ())


def test_a_client_that_was_merged_away_is_found_and_the_survivor_is_read() -> None:
    with served() as account:
        mark = settled(account)
        account.human(act="merge", entity="company", id=513, to_id=512)
        hush(account)
        account.pass_lag()
        changes, _ = read_all(account.crm, mark)
        assert not removed_in(changes)
        found = account.crm.recheck(ItemKind.CLIENT, ["CO_512", "CO_513", "C_800"])
        assert removed_in(found) == {(ItemKind.CLIENT, "CO_513")}
        assert set(clients_in(found)) == {"CO_512", "C_800"}


def test_an_invoice_that_is_its_deal_is_left_to_the_deal() -> None:
    with served(invoices={"source": "deal"}) as account:
        asked = account.all_requests()
        assert account.crm.recheck(ItemKind.INVOICE, ["D_70001"]) == ()
        assert account.all_requests() == asked
        found = account.crm.recheck(ItemKind.DEAL, ["70001", "70009"])
        assert removed_in(found) == {(ItemKind.DEAL, "70009"), (ItemKind.INVOICE, "D_70009")}


class Late:
    """A client of an account whose list does not show card 2 yet; card 3 there is none."""

    asked: ClassVar[list[str]] = []

    def get(self, path: str, params: object = None) -> Json:
        del params
        self.asked.append(path)
        if path == "/leads":
            return {"_embedded": {"leads": [{"id": 1}]}}
        return {"id": 2} if path == "/leads/2" else None


def test_a_card_that_a_list_does_not_show_is_asked_for_by_itself() -> None:
    client: Any = Late()
    assert set(Lookup(client).leads([1, 2, 3])) == {1, 2}
    assert client.asked == ["/leads", "/leads/2", "/leads/3"]


def test_fifty_deals_cost_a_request_each_kind_and_not_each_deal() -> None:
    leads = [lead(70000 + n) for n in range(1, 51)]
    with served(seed(leads=leads, invoices=[invoice(880000 + n, 70000 + n) for n in range(1, 51)])) as account:
        settled(account)
        asked = account.all_requests()
        found = account.crm.recheck(ItemKind.DEAL, [str(70000 + n) for n in range(1, 51)])
        assert len(deals_in(found)) == 50
        assert account.all_requests() - asked <= 3

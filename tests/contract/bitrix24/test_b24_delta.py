from __future__ import annotations

import json
from typing import Any

import pytest

from hub.domain.models import InvoiceStatus, TaxIdKind
from hub.domain.money import Money
from hub.ports.crm import ItemKind, MoveOutcome

from .portal import (
    PAID,
    PERSON,
    WAITING,
    Portal,
    clients_in,
    deal,
    deals_in,
    invoice,
    invoices_in,
    read_all,
    removed_in,
    seed,
    served,
    settled,
)

DAY_S = 24 * 3600 + 60


def human(portal: Portal, act: str, id_: int, **parts: Any) -> None:
    portal.sandbox.control.human({"act": act, "id": id_, "user_id": PERSON, **parts})


def test_a_quiet_poll_is_one_request_and_no_change(portal: Portal) -> None:
    mark = settled(portal)
    before = portal.all_requests()
    page = portal.crm.changes(mark)
    assert (page.changes, page.more) == ((), False)
    assert portal.all_requests() - before == 1


def test_a_new_deal_with_its_invoice_and_client_is_found(portal: Portal) -> None:
    mark = settled(portal)
    company = portal.person("crm.item.add", {"entityTypeId": 4, "fields": {"title": "Новая"}})["item"]["id"]
    made = portal.person(
        "crm.item.add",
        {
            "entityTypeId": 2,
            "fields": {
                "title": "Новая сделка",
                "categoryId": 4,
                "companyId": company,
                "opportunity": 10,
                "currencyId": "RUB",
            },
        },
    )["item"]["id"]
    portal.person("crm.item.add", {"entityTypeId": 31, "fields": {"opportunity": 10, "parentId2": made}})
    changes, _ = read_all(portal.crm, mark)
    assert deals_in(changes)[str(made)].client_id == f"CO_{company}"
    assert [bill.deals for bill in invoices_in(changes).values()] == [(str(made),)]
    assert f"CO_{company}" in clients_in(changes)


def test_an_edit_of_a_deal_is_found_once(portal: Portal) -> None:
    mark = settled(portal)
    human(portal, "edit", 9041, fields={"opportunity": "99.90"})
    portal.sandbox.control.advance(1)
    changes, mark = read_all(portal.crm, mark)
    assert deals_in(changes)["9041"].amount == Money.of("99.90", "RUB")
    assert read_all(portal.crm, mark)[0] == []


@pytest.mark.row(22)
def test_two_edits_a_second_apart_are_both_seen(portal: Portal) -> None:
    mark = settled(portal)
    portal.sandbox.control.freeze()
    human(portal, "edit", 9041, fields={"title": "первая"})
    changes, mark = read_all(portal.crm, mark)
    assert deals_in(changes)["9041"].title == "первая"
    portal.sandbox.control.advance(1)
    human(portal, "edit", 9041, fields={"title": "вторая"})
    changes, _ = read_all(portal.crm, mark)
    assert deals_in(changes)["9041"].title == "вторая"


@pytest.mark.row(22)
def test_an_edit_in_the_second_of_the_last_poll_is_seen_by_the_next(portal: Portal) -> None:
    """Times of the portal are whole seconds: two edits of one second look alike, and a poll may fall between them."""
    mark = settled(portal)
    portal.sandbox.control.freeze()
    for title in ("первая", "вторая", "третья"):
        human(portal, "edit", 9041, fields={"title": title})
        changes, mark = read_all(portal.crm, mark)
        assert deals_in(changes)["9041"].title == title
    portal.sandbox.control.advance(2)
    changes, mark = read_all(portal.crm, mark)
    assert read_all(portal.crm, mark)[0] == []


def test_moves_by_people_are_found_even_when_edit_times_cannot_be_filtered() -> None:
    portal_seed = seed()
    with served(portal_seed) as portal:
        mark = json.loads(settled(portal))
        mark["dates"] = "none"
        human(portal, "move", 9041, stage_id="C4:EXECUTING")
        changes, _ = read_all(portal.crm, json.dumps(mark))
        assert deals_in(changes)["9041"].stage_id == "C4:EXECUTING"
        assert deals_in(changes)["9041"].moved_by == str(PERSON)


@pytest.mark.parametrize("iso_works", [True, False])
def test_edits_are_found_whichever_way_the_portal_filters_dates(iso_works: bool) -> None:
    with served(seed(settings={"iso_date_filters": iso_works})) as portal:
        mark = settled(portal)
        assert json.loads(mark)["dates"] == ("iso" if iso_works else "sql")
        human(portal, "edit", 9041, fields={"title": "после правки"})
        assert deals_in(read_all(portal.crm, mark)[0])["9041"].title == "после правки"


def test_a_portal_that_was_empty_at_first_learns_its_dates_later() -> None:
    with served(seed(companies=[], requisites=[], bank_details=[], deals=[], invoices=[])) as portal:
        mark = settled(portal)
        assert json.loads(mark)["dates"] is None
        portal.person("crm.item.add", {"entityTypeId": 2, "fields": {"title": "Первая"}})
        changes, mark = read_all(portal.crm, mark)
        assert [found.title for found in deals_in(changes).values()] == ["Первая"]
        assert json.loads(mark)["dates"] == "iso"


def test_an_invoice_paid_by_a_person_comes_as_paid(portal: Portal) -> None:
    mark = settled(portal)
    human(portal, "move", 771, entity_type_id=31, stage_id="DT31_3:P")
    assert invoices_in(read_all(portal.crm, mark)[0])["771"].status is InvoiceStatus.PAID


def test_new_requisites_and_accounts_are_found_at_once(portal: Portal) -> None:
    mark = settled(portal)
    requisite = portal.person(
        "crm.requisite.add",
        {
            "fields": {
                "ENTITY_TYPE_ID": 4,
                "ENTITY_ID": 512,
                "PRESET_ID": 1,
                "NAME": "Филиал",
                "RQ_INN": "7700112239",
                "RQ_KPP": "780201001",
            }
        },
    )
    changes, mark = read_all(portal.crm, mark)
    assert clients_in(changes)["CO_512"].values(TaxIdKind.RU_KPP) == {"770001001", "780201001"}
    portal.person(
        "crm.requisite.bankdetail.add",
        {"fields": {"ENTITY_ID": requisite, "NAME": "Счёт", "RQ_ACC_NUM": "40702810900000000555"}},
    )
    changes, _ = read_all(portal.crm, mark)
    assert "40702810900000000555" in clients_in(changes)["CO_512"].accounts


def test_an_edit_of_old_requisites_is_found_by_the_walk(portal: Portal) -> None:
    mark = settled(portal)
    portal.person("crm.requisite.update", {"id": 31, "fields": {"RQ_INN": "7800223346"}})
    portal.sandbox.control.advance(DAY_S)
    found: set[str] = set()
    for _ in range(6):
        changes, mark = read_all(portal.crm, mark)
        for client in clients_in(changes).values():
            found |= client.values(TaxIdKind.RU_INN)
    assert found == {"7800223346"}


def test_deleted_records_are_found_by_the_walk_and_reported_removed(portal: Portal) -> None:
    bill = portal.person("crm.item.add", {"entityTypeId": 31, "fields": {"opportunity": 10}})["item"]["id"]
    mark = settled(portal)
    human(portal, "delete", 9041)
    human(portal, "delete", bill, entity_type_id=31)
    portal.sandbox.control.advance(DAY_S)
    gone: set[tuple[ItemKind, str]] = set()
    for _ in range(6):
        changes, mark = read_all(portal.crm, mark)
        gone |= removed_in(changes)
    assert (ItemKind.INVOICE, str(bill)) in gone
    # The only deal was deleted: an empty list may as well mean lost rights, so it is not believed.
    assert not [item for item in gone if item[0] is ItemKind.DEAL]
    assert (ItemKind.CLIENT, "CO_512") not in gone


def test_gaps_between_records_are_reported_removed_by_the_walk() -> None:
    with served(seed(deals=[deal(n) for n in range(1, 131)], invoices=[])) as portal:
        mark = settled(portal)
        for id_ in (1, 50, 51, 77, 130):
            human(portal, "delete", id_)
        portal.sandbox.control.advance(DAY_S)
        gone: set[tuple[ItemKind, str]] = set()
        for _ in range(10):
            changes, mark = read_all(portal.crm, mark)
            gone |= {item for item in removed_in(changes) if item[0] is ItemKind.DEAL}
    assert gone == {(ItemKind.DEAL, str(id_)) for id_ in (1, 50, 51, 77, 130)}


def test_the_walk_ends_and_rests_until_its_time(portal: Portal) -> None:
    mark = settled(portal)
    portal.sandbox.control.advance(DAY_S)
    for _ in range(6):
        _, mark = read_all(portal.crm, mark)
    before = portal.all_requests()
    assert read_all(portal.crm, mark)[0] == []
    assert portal.all_requests() - before == 1


def test_a_deal_taken_out_of_the_watched_pipelines_is_removed() -> None:
    with served(pipelines=["4"]) as portal:
        mark = settled(portal)
        human(portal, "move", 9041, category_id=0, stage_id="NEW")
        assert removed_in(read_all(portal.crm, mark)[0]) == {(ItemKind.DEAL, "9041")}


def test_a_deal_moved_and_then_deleted_between_polls_is_removed(portal: Portal) -> None:
    mark = settled(portal)
    human(portal, "move", 9041, stage_id="C4:EXECUTING")
    human(portal, "delete", 9041)
    assert (ItemKind.DEAL, "9041") in removed_in(read_all(portal.crm, mark)[0])


@pytest.mark.row(22)
def test_hundreds_of_edits_at_once_come_page_by_page_without_loss_or_repeat() -> None:
    with served(seed(deals=[deal(n) for n in range(1, 171)], invoices=[])) as portal:
        mark = settled(portal)
        for id_ in range(1, 171):
            human(portal, "move", id_, stage_id="C4:EXECUTING")
        portal.sandbox.control.advance(1)
        pages = []
        more = True
        while more:
            page = portal.crm.changes(mark)
            mark, more = page.mark, page.more
            pages.append(deals_in(page.changes))
        assert len(pages) > 1
        assert set().union(*pages) == {str(n) for n in range(1, 171)}
        assert all(found.stage_id == "C4:EXECUTING" for page in pages for found in page.values())
        assert read_all(portal.crm, mark)[0] == []


def test_a_page_read_again_from_an_old_mark_gives_the_same(portal: Portal) -> None:
    mark = settled(portal)
    human(portal, "edit", 9041, fields={"title": "правка"})
    once, _ = read_all(portal.crm, mark)
    again, _ = read_all(portal.crm, mark)
    assert once == again != []


def test_a_mark_of_another_making_begins_from_the_beginning(portal: Portal) -> None:
    changes, _ = read_all(portal.crm, '{"v":99}')
    assert set(deals_in(changes)) == {"9041"}


def test_changes_made_during_the_first_walk_are_not_lost() -> None:
    with served(seed(deals=[deal(n) for n in range(1, 121)], invoices=[])) as portal:
        page = portal.crm.changes(None)
        while not deals_in(page.changes):
            page = portal.crm.changes(page.mark)
        human(portal, "move", 1, stage_id="C4:EXECUTING")
        made = portal.person("crm.item.add", {"entityTypeId": 2, "fields": {"title": "Во время обхода"}})["item"]["id"]
        changes, _ = read_all(portal.crm, page.mark)
        assert deals_in(changes)["1"].stage_id == "C4:EXECUTING"
        assert str(made) in deals_in(changes)


@pytest.mark.row(26)
def test_our_own_write_comes_back_once_as_the_state_we_wrote(portal: Portal) -> None:
    mark = settled(portal)
    assert portal.crm.move("9041", WAITING, PAID, "op-1").outcome is MoveOutcome.MOVED
    portal.sandbox.control.advance(1)
    changes, mark = read_all(portal.crm, mark)
    assert deals_in(changes)["9041"].stage_id == PAID.stage_id
    assert read_all(portal.crm, mark)[0] == []
    assert portal.moved(9041) == [PAID.stage_id]


def test_an_unreadable_row_is_left_out_and_the_others_stay(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    with served(seed(deals=[deal(1), deal(2)], invoices=[invoice(1, 1), invoice(2, 2)])) as other:
        other.sandbox.control.portal.items(31).rows[1]["opportunity"] = "много"
        changes, _ = read_all(other.crm)
    assert set(invoices_in(changes)) == {"2"}
    assert "unreadable ItemRow 1" in caplog.text

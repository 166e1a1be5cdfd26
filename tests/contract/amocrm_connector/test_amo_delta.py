from __future__ import annotations

import pytest

from hub.domain.errors import Gone
from hub.domain.models import InvoiceStatus
from hub.ports.crm import ItemKind, Removed

from .account import (
    INVOICES,
    PERSON,
    Account,
    bonds_in,
    clients_in,
    deals_in,
    invoices_in,
    lead,
    read_all,
    removed_in,
    seed,
    served,
    settled,
)


def test_a_quiet_poll_brings_nothing_and_costs_little(account: Account) -> None:
    mark = settled(account)
    before = account.all_requests()
    changes, _ = read_all(account.crm, mark)
    assert changes == []
    assert account.all_requests() - before <= 6


def test_edits_are_found_once_the_window_is_over(account: Account) -> None:
    mark = settled(account)
    account.human(act="edit", id=70001, fields={"name": "Другое имя"})
    account.human(act="edit", entity="company", id=513, fields={"name": "Альфа плюс"})
    account.sandbox.control.advance(60)
    changes, mark = read_all(account.crm, mark)
    assert deals_in(changes)["70001"].title == "Другое имя"
    assert clients_in(changes)["CO_513"].names == ("Альфа плюс",)
    account.sandbox.control.advance(60)
    assert read_all(account.crm, mark)[0] == []


def test_two_edits_within_one_second_are_both_found(account: Account) -> None:
    mark = settled(account)
    account.sandbox.control.freeze()
    account.human(act="edit", id=70001, fields={"name": "Раз"})
    _, mark = read_all(account.crm, mark)
    account.human(act="edit", id=70001, fields={"name": "Два"})
    account.sandbox.control.resume()
    changes, _ = read_all(account.crm, mark)
    assert deals_in(changes)["70001"].title == "Два"


def test_edits_that_filters_show_late_are_found() -> None:
    with served(seed(settings={"list_lag_s": 400})) as account:
        mark = settled(account)
        account.human(act="edit", id=70001, fields={"name": "Поздно"})
        for _ in range(6):
            account.sandbox.control.advance(100)
            changes, mark = read_all(account.crm, mark)
            if deals_in(changes):
                break
        assert deals_in(changes)["70001"].title == "Поздно"


def test_a_new_invoice_of_a_deal_comes_with_the_deal(account: Account) -> None:
    mark = settled(account)
    made = account.sandbox.control.human(
        {
            "act": "add",
            "entity": "element",
            "user_id": PERSON,
            "fields": {
                "name": "Счет №500",
                "custom_fields_values": [
                    {"field_code": "BILL_STATUS", "values": [{"enum_code": "created"}]},
                    {"field_code": "BILL_PRICE", "values": [{"value": 1000}]},
                ],
            },
        }
    )
    account.human(act="link", id=70001, to="element", to_id=made)
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    assert invoices_in(changes)[str(made)].number == "500"
    assert bonds_in(changes)["70001"] == ("880101", str(made))


def test_a_link_that_is_undone_is_told(account: Account) -> None:
    mark = settled(account)
    account.human(act="unlink", id=70001, to="element", to_id=880101)
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    assert bonds_in(changes)["70001"] == ()


def test_a_changed_invoice_is_told_by_its_event(account: Account) -> None:
    mark = settled(account)
    account.human(act="edit", entity="element", id=880101, fields={"name": "Счет №777"})
    _pay(account)
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    found = invoices_in(changes)["880101"]
    assert (found.number, found.status) == ("777", InvoiceStatus.PAID)
    assert bonds_in(changes)["70001"] == ("880101",)


def _pay(account: Account) -> None:
    values = [{"field_code": "BILL_STATUS", "values": [{"enum_code": "paid"}]}]
    account.human(act="edit", entity="element", id=880101, fields={"custom_fields_values": values})


def test_without_events_of_elements_the_nightly_walk_finds_the_change() -> None:
    with served(seed(settings={"catalog_events": False})) as account:
        mark = settled(account)
        _pay(account)
        account.sandbox.control.advance(3600)
        changes, mark = read_all(account.crm, mark)
        assert invoices_in(changes) == {}
        account.sandbox.control.advance(24 * 3600)
        changes, _ = read_all(account.crm, mark)
        assert invoices_in(changes)["880101"].status is InvoiceStatus.PAID


def test_an_account_that_refuses_events_of_elements_is_polled_all_the_same(account: Account) -> None:
    mark = settled(account)
    account.human(act="edit", id=70001, fields={"name": "Новое"})
    account.sandbox.control.add_faults(
        {"match": {"method": "GET /api/v4/events", "nth": 2}, "times": 1, "action": {"kind": "refuse", "status": 400}}
    )
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    assert deals_in(changes)["70001"].title == "Новое"


@pytest.mark.parametrize(
    ("entity", "id_", "removed"),
    [
        ("lead", 70001, (ItemKind.DEAL, "70001")),
        ("company", 513, (ItemKind.CLIENT, "CO_513")),
        ("contact", 800, (ItemKind.CLIENT, "C_800")),
        ("element", 880101, (ItemKind.INVOICE, "880101")),
    ],
)
def test_what_is_deleted_is_told(account: Account, entity: str, id_: int, removed: tuple[ItemKind, str]) -> None:
    mark = settled(account)
    account.human(act="delete", entity=entity, id=id_)
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    assert removed in removed_in(changes)


def test_a_restored_deal_comes_back(account: Account) -> None:
    account.human(act="delete", id=70001)
    mark = settled(account)
    account.human(act="restore", id=70001)
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    assert "70001" in deals_in(changes)


def test_an_account_that_ignores_filters_is_read_from_its_newest_end() -> None:
    leads = [lead(70001 + number) for number in range(300)]
    with served(seed(leads=leads, invoices=[], settings={"api_filter_enabled": False})) as account:
        changes, mark = read_all(account.crm)
        assert len(deals_in(changes)) == 300
        account.pass_lag()
        _, mark = read_all(account.crm, mark)
        account.sandbox.control.advance(700)
        account.human(act="edit", id=70017, fields={"name": "Одна"})
        account.sandbox.control.advance(60)
        before = account.requests("GET /api/v4/leads")
        changes, _ = read_all(account.crm, mark)
        assert {deal.title for deal in deals_in(changes).values()} == {"Одна"}
        assert account.requests("GET /api/v4/leads") - before <= 2


def test_filters_that_stop_working_are_noticed_by_their_rows() -> None:
    leads = [lead(70001 + number) for number in range(60)]
    with served(seed(leads=leads, invoices=[])) as account:
        mark = settled(account)
        account.sandbox.control.switch_filters(enabled=False)
        account.human(act="edit", id=70017, fields={"name": "Одна"})
        account.sandbox.control.advance(60)
        changes, _ = read_all(account.crm, mark)
        assert {deal.title for deal in deals_in(changes).values()} == {"Одна"}


@pytest.mark.parametrize("next_link", ["full_page", "exact"])
def test_pages_end_whether_or_not_a_link_leads_to_an_empty_one(next_link: str) -> None:
    leads = [lead(70001 + number) for number in range(500)]
    with served(seed(leads=leads, invoices=[], settings={"next_link": next_link})) as account:
        changes, mark = read_all(account.crm)
        assert len(deals_in(changes)) == 500
        assert read_all(account.crm, mark)[1]


def test_more_edits_than_a_page_holds_within_the_lag_do_not_keep_a_poll_busy_for_ever() -> None:
    leads = [lead(70001 + number) for number in range(300)]
    with served(seed(leads=leads, invoices=[])) as account:
        _, mark = read_all(account.crm)
        for _ in range(3):
            account.sandbox.control.advance(20)
            before = account.requests("GET /api/v4/leads")
            _, mark = read_all(account.crm, mark)
            assert account.requests("GET /api/v4/leads") - before <= 4


def test_a_long_absence_is_caught_up_in_pieces(account: Account) -> None:
    mark = settled(account)
    for hour in range(1, 6):
        account.sandbox.control.advance(3600)
        account.human(act="edit", id=70001, fields={"name": f"Час {hour}"})
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    assert deals_in(changes)["70001"].title == "Час 5"


def test_a_page_that_is_too_heavy_is_asked_for_in_smaller_ones(account: Account) -> None:
    mark = settled(account)
    account.human(act="edit", id=70001, fields={"name": "Тяжёлая"})
    account.fault("GET /api/v4/leads", times=2, kind="html", status=504)
    account.sandbox.control.advance(60)
    changes, _ = read_all(account.crm, mark)
    assert deals_in(changes)["70001"].title == "Тяжёлая"


@pytest.mark.parametrize("unknown_id", [204, 404])
def test_a_deal_that_is_not_there_is_gone(unknown_id: int) -> None:
    with served(seed(settings={"unknown_id": unknown_id})) as account:
        with pytest.raises(Gone):
            account.crm.deal("99")
        assert account.crm.reread(ItemKind.DEAL, "99") == (Removed(ItemKind.DEAL, "99"),)
        assert account.crm.reread(ItemKind.CLIENT, "CO_99") == (Removed(ItemKind.CLIENT, "CO_99"),)
        assert account.crm.reread(ItemKind.INVOICE, f"{INVOICES}/99") == (Removed(ItemKind.INVOICE, "99"),)


def test_a_mark_of_another_making_begins_anew(account: Account) -> None:
    changes, _ = read_all(account.crm, '{"v": 99}')
    assert "70001" in deals_in(changes)


def test_an_empty_account_is_read(account: Account) -> None:
    empty = seed(companies=[], contacts=[], leads=[], invoices=[])
    with served(empty) as other:
        changes, mark = read_all(other.crm)
        assert changes == []
        assert read_all(other.crm, mark)[0] == []

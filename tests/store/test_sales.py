"""Clients, invoices, deals: what the systems say, joined and found by keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.domain.allocation import Adjustment, AdjustmentKind, Match
from hub.domain.models import Client, Invoice, InvoiceStatus
from hub.ports.store import UnitOfWork
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, add_payment, allocate, client, deal, invoice, rub


def read(uow: UnitOfWork, invoice_id: str = "b24/71") -> Invoice:
    row = uow.invoices.get(invoice_id)
    assert row is not None
    return row.invoice


def test_a_client_is_stored_once_and_tells_when_it_changed(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.clients.upsert(CRM, client())
        assert not uow.clients.upsert(CRM, client())
        assert uow.clients.upsert(CRM, client(tax_id="7709999999"))
        uow.clients.remove(CRM, "5")
        assert uow.clients.upsert(CRM, client(tax_id="7709999999"))


def test_an_invoice_comes_back_with_hub_ids_and_its_clients_requisites(store: SqlStore) -> None:
    with store.write() as uow:
        uow.clients.upsert(CRM, client())
        assert uow.invoices.upsert(CRM, invoice(deals=("2", "1")), {"number:71"})
        row = uow.invoices.get("b24/71")
    assert row is not None
    assert (row.connection, row.external_id, row.removed) == (CRM, "71", False)
    known = client()
    assert row.invoice == replace(
        invoice(),
        id="b24/71",
        client=Client("b24/5", known.names, known.tax_ids, known.accounts),
        deals=("b24/2", "b24/1"),
    )


def test_what_the_invoice_itself_says_of_its_client_joins_what_the_client_list_says(store: SqlStore) -> None:
    named = replace(client("5", name="ИП Иванов", tax_id="500100732259"), accounts=("1", "40702810100000000777"))
    with store.write() as uow:
        uow.invoices.upsert(CRM, replace(invoice(), client=named), ())
        alone = read(uow).client
        uow.clients.upsert(CRM, client())
        joined = read(uow).client
    assert alone == replace(named, id="b24/5")
    assert joined is not None
    assert joined.names == ("ООО «Ёлка»", "ИП Иванов")
    assert [item.value for item in joined.tax_ids] == ["7701234567", "770101001", "500100732259"]
    assert joined.accounts == ("40702810100000000777", "1")


def test_an_invoice_without_a_client_has_none(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice(client_id=None), ())
        assert read(uow).client is None


def test_an_unchanged_invoice_is_no_change_and_keeps_its_keys(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.invoices.upsert(CRM, invoice(), ())
        uow.invoices.rekey("b24/71", {"number:71", "tax:7701234567"})
        assert not uow.invoices.upsert(CRM, invoice(), ())
        assert [item.id for item in uow.invoices.by_keys({"tax:7701234567"})] == ["b24/71"]


@pytest.mark.parametrize(
    "changed",
    [
        invoice(number="72"),
        invoice(amount="1200.01"),
        invoice(status=InvoiceStatus.CANCELLED),
        invoice(client_id="6"),
        invoice(deals=("1", "2")),
        replace(invoice(), due_on=date(2026, 4, 1)),
        replace(invoice(), references=()),
    ],
)
def test_any_change_of_an_invoice_is_told_once(store: SqlStore, changed: Invoice) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice(), ())
        assert uow.invoices.upsert(CRM, changed, ())
        assert not uow.invoices.upsert(CRM, changed, ())


def test_own_keys_are_replaced_and_the_clients_stay_while_the_client_stays(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice(), {"number:71"})
        uow.invoices.rekey("b24/71", {"number:71", "tax:1"})
        uow.invoices.upsert(CRM, invoice(number="72"), {"number:72"})
        assert uow.invoices.by_keys({"number:71"}) == []
        assert len(uow.invoices.by_keys({"number:72"})) == 1
        assert len(uow.invoices.by_keys({"tax:1"})) == 1
        uow.invoices.upsert(CRM, invoice(number="72", client_id="6"), {"number:72"})
        assert uow.invoices.by_keys({"tax:1"}) == []
        uow.invoices.rekey("b24/71", {"tax:2"})
        assert uow.invoices.by_keys({"number:72"}) == []


def test_a_key_that_leads_to_many_invoices_leads_nowhere(store: SqlStore) -> None:
    with store.write() as uow:
        for place in range(40):
            number = str(100 + place)
            uow.invoices.upsert(
                CRM, replace(invoice(number=number), id=number), {f"n:{number}", f"am:{place % 3}", "c:5"}
            )
        twenty = [f"n:{number}" for number in range(100, 120)]
        assert uow.invoices.by_few({"c:5"}, 39) == []
        assert len(uow.invoices.by_few({"c:5"}, 40)) == 40
        assert len(uow.invoices.by_few({"am:0", "am:1", "am:2", "c:5", "n:none"}, 13)) == 26
        assert [item.id for item in uow.invoices.by_few({*twenty, "c:5"}, 1)] == [f"b24/{at}" for at in range(100, 120)]
        assert uow.invoices.by_few((), 5) == []


def test_by_keys_finds_paid_and_cancelled_invoices_each_once_but_no_removed_one(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice("1", status=InvoiceStatus.PAID), {"a", "b"})
        uow.invoices.upsert(CRM, invoice("2", status=InvoiceStatus.CANCELLED), {"b"})
        uow.invoices.upsert(CRM, invoice("3"), {"a"})
        uow.invoices.upsert(CRM, invoice("4"), {"c"})
        uow.invoices.remove(CRM, "3")
        found = uow.invoices.by_keys({"a", "b", *(f"key {at}" for at in range(2000))})
        removed = uow.invoices.get("b24/3")
    assert [item.id for item in found] == ["b24/1", "b24/2"]
    assert removed is not None
    assert removed.removed


def test_a_removed_invoice_that_is_seen_again_is_back(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice(), {"a"})
        uow.invoices.remove(CRM, "71")
        uow.invoices.rekey("b24/71", {"a"})
        assert uow.invoices.by_keys({"a"}) == []
        assert uow.invoices.upsert(CRM, invoice(), {"a"})
        assert len(uow.invoices.by_keys({"a"})) == 1


def test_paid_counts_active_allocations_and_adjustments_of_the_invoices_currency(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice(), ())
        first, second = add_payment(uow, "а", "1000.00"), add_payment(uow, "б", "150.00")
        fee = Adjustment(AdjustmentKind.COMMISSION, "b24/71", rub("50.00"), "комиссия банка")
        uow.matches.add(Match(second, (), (fee,)), "anna", NOW)
        allocate(uow, first, "b24/71", "1000.00")
        allocate(uow, second, "b24/71", "150.00")
        assert read(uow).paid == rub("1200.00")
        assert not read(uow).open_amount
        uow.matches.undo(second, "anna", NOW)
        assert read(uow).paid == rub("1000.00")


def test_open_invoices_of_a_client_are_found_for_new_keys(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice("1"), ())
        uow.invoices.upsert(CRM, invoice("2", status=InvoiceStatus.PAID), ())
        uow.invoices.upsert(CRM, invoice("3", client_id="6"), ())
        uow.invoices.upsert("other", invoice("4"), ())
        assert [item.id for item in uow.invoices.of_client(CRM, "5")] == ["b24/1"]


def test_lock_reads_what_is_there(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice("1"), ())
        uow.invoices.upsert(CRM, invoice("2"), ())
        locked = uow.invoices.lock({"b24/2", "b24/1", "b24/404"})
        assert uow.invoices.lock(()) == {}
    assert list(locked) == ["b24/1", "b24/2"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ЕЛК", ["b24/1", "b24/2"]),
        ("7701234567", ["b24/1", "b24/2"]),
        ("А-15", ["b24/2", "b24/1"]),
        ("1 500,5", ["b24/2"]),
        ("1500.50", ["b24/2"]),
        ("100%", []),
        ("_", []),
        ("  ", []),
    ],
)
def test_a_person_finds_open_invoices_by_number_name_tax_id_or_sum(
    store: SqlStore, typed: str, found: list[str]
) -> None:
    with store.write() as uow:
        uow.clients.upsert(CRM, client())
        uow.invoices.upsert(CRM, invoice("1", number="А-151"), ())
        uow.invoices.upsert(CRM, invoice("2", number="А-15", amount="1500.50"), ())
        uow.invoices.upsert(CRM, invoice("3", number="А-15", status=InvoiceStatus.PAID), ())
        hits = [item.id for item in uow.invoices.search(typed, 10)]
    assert hits == found if typed == "А-15" else sorted(hits) == found


def test_search_is_limited(store: SqlStore) -> None:
    with store.write() as uow:
        for at in range(5):
            uow.invoices.upsert(CRM, invoice(str(at), number=f"А-{at}"), ())
        assert len(uow.invoices.search("а-", 3)) == 3


def test_own_tax_ids_are_those_that_issued_invoices(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.clients.own_tax_ids() == frozenset()
        uow.invoices.upsert(CRM, invoice("1"), ())
        uow.invoices.upsert(CRM, replace(invoice("2"), organisation_tax_id="7800000001"), ())
        uow.invoices.upsert(CRM, replace(invoice("3"), organisation_tax_id=None), ())
        assert uow.clients.own_tax_ids() == {"7707654321", "7800000001"}


def test_a_deal_comes_back_as_last_read_under_its_hub_id(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.deals.upsert(CRM, deal())
        assert not uow.deals.upsert(CRM, deal())
        assert uow.deals.upsert(CRM, deal(stage="WON", amount=None))
        row = uow.deals.get("b24/1")
        assert row is not None
        assert (row.id, row.connection, row.deal, row.removed) == ("b24/1", CRM, deal(stage="WON", amount=None), False)
        uow.deals.remove(CRM, "1")
        removed = uow.deals.get("b24/1")
        assert removed is not None
        assert removed.removed
        assert uow.deals.get("b24/404") is None


def test_invoices_and_deals_are_many_to_many(store: SqlStore) -> None:
    with store.write() as uow:
        uow.deals.upsert(CRM, deal("1"))
        uow.deals.upsert(CRM, deal("2"))
        uow.invoices.upsert(CRM, invoice("10", deals=("1", "2")), ())
        uow.invoices.upsert(CRM, invoice("11", deals=("1", "404")), ())
        uow.invoices.upsert(CRM, invoice("12", deals=("1",)), ())
        uow.invoices.remove(CRM, "12")
        assert [row.id for row in uow.deals.of_invoice("b24/10")] == ["b24/1", "b24/2"]
        assert [row.id for row in uow.deals.of_invoice("b24/11")] == ["b24/1"]
        assert [item.id for item in uow.deals.invoices("b24/1")] == ["b24/10", "b24/11"]
        assert [item.id for item in uow.deals.invoices("b24/404")] == ["b24/11"]


def test_a_deal_tells_its_invoices_where_invoices_do_not_name_their_deals(store: SqlStore) -> None:
    quiet = replace(invoice(deals=()), bound_by_deal=True)
    with store.write() as uow:
        uow.deals.upsert(CRM, deal())
        uow.invoices.upsert(CRM, quiet, ())
        assert uow.deals.bind(CRM, "1", ["71", "unread"])
        assert not uow.deals.bind(CRM, "1", ["71", "unread"])
        assert read(uow).deals == ("b24/1",)
        assert not uow.invoices.upsert(CRM, quiet, ())
        assert read(uow).deals == ("b24/1",)
        assert uow.deals.bind(CRM, "2", ["71"])
        assert read(uow).deals == ("b24/1", "b24/2")
        assert uow.deals.bind(CRM, "1", [])
        assert read(uow).deals == ("b24/2",)
        assert [item.id for item in uow.deals.invoices("b24/2")] == ["b24/71"]

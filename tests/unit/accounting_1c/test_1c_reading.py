"""What a poll of a base brings: the change feed by windows and versions, and the nightly wide pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from connectors.accounting_1c.mark import Seen, load_mark
from hub.domain.errors import Gone, Reauthorise, Refused, RetryLater
from hub.domain.models import InvoiceStatus, Reference, ReferenceKind, TaxId, TaxIdKind
from hub.domain.money import Money
from hub.ports.crm import Capability, ItemKind, Removed
from tests.unit.accounting_1c.base import (
    CLIENT,
    INVOICE,
    PAYMENT,
    STATUS,
    Answer,
    Base,
    World,
    document,
    guid,
    invoice,
    payment,
    problem,
)


def test_an_invoice_comes_with_everything_that_matching_needs() -> None:
    base = Base()
    base.add(INVOICE, invoice(117))
    world = World(base)
    world.poll()
    found = world.invoices[guid(117)]
    assert found.number == "АБ00-000117"
    assert found.issued_on == date(2026, 3, 2)
    assert found.amount == Money.of("48800.00", "RUB")
    assert found.status is InvoiceStatus.OPEN
    assert found.organisation_tax_id == "7701234567"
    assert found.references == (Reference(ReferenceKind.CONTRACT, "Д-7", date(2026, 1, 15)),)
    assert found.client is not None
    assert found.client.id == CLIENT
    client = world.clients[CLIENT]
    assert client.names == ("Ель", 'ООО "Ель"')
    assert client.tax_ids == (TaxId(TaxIdKind.RU_INN, "7707083893"), TaxId(TaxIdKind.RU_KPP, "770701001"))
    assert client.accounts == ("40702810900000012345",)


def test_an_idle_poll_takes_two_requests() -> None:
    base = Base()
    base.add(INVOICE, *(invoice(number, Date="2026-03-04T10:00:00") for number in range(1, 40)))
    world = World(base)
    world.poll()
    world.poll()
    world.later(minutes=1)
    assert world.poll() == 2


def test_a_new_version_of_a_recent_document_is_told_and_nothing_else_is_read_again() -> None:
    base = Base()
    base.add(INVOICE, *(invoice(number, Date="2026-03-04T10:00:00") for number in range(1, 6)))
    world = World(base)
    world.poll()
    world.poll()
    base.edit(INVOICE, guid(3), СуммаДокумента=1000.5)
    world.invoices.clear()
    world.poll()
    assert {key: str(item.amount.amount) for key, item in world.invoices.items()} == {guid(3): "1000.50"}


def test_two_documents_with_one_version_are_two_changes() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-03-04T10:00:00"))
    world = World(base)
    world.poll()
    world.poll()
    base.add(INVOICE, invoice(2, Date="2026-03-05T10:00:00"))
    world.poll()
    assert set(world.invoices) == {guid(1), guid(2)}


def test_an_edit_of_an_older_document_waits_for_the_nightly_pass() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-02-10T10:00:00"))
    world = World(base)
    world.poll()
    base.edit(INVOICE, guid(1), СуммаДокумента=5)
    world.poll()
    assert str(world.invoices[guid(1)].amount.amount) == "48800.00"
    world.later(hours=18)
    world.poll()
    assert str(world.invoices[guid(1)].amount.amount) == "5.00"


@pytest.mark.parametrize("change", [{"Posted": False}, {"DeletionMark": True}, {"СуммаДокумента": 0}])
def test_a_document_that_is_no_demand_for_money_any_more_is_removed(change: dict[str, object]) -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-03-04T10:00:00"))
    world = World(base)
    world.poll()
    base.edit(INVOICE, guid(1), **change)
    world.poll()
    assert world.invoices == {}


def test_a_physical_deletion_is_seen_in_the_window_and_at_night() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-03-04T10:00:00"), invoice(2, Date="2026-02-10T10:00:00"))
    world = World(base)
    world.poll()
    base.drop(INVOICE, guid(1))
    base.drop(INVOICE, guid(2))
    world.poll()
    assert set(world.invoices) == {guid(2)}
    world.later(hours=18)
    world.poll()
    assert world.invoices == {}


def test_a_document_that_got_another_date_is_not_taken_for_deleted() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-03-04T10:00:00"))
    world = World(base)
    world.poll()
    base.edit(INVOICE, guid(1), Date="2026-01-20T10:00:00")
    world.poll()
    assert world.invoices[guid(1)].issued_on == date(2026, 1, 20)


def test_pages_are_read_until_one_is_not_full() -> None:
    base = Base()
    base.add(INVOICE, *(invoice(number, Date="2026-03-04T10:00:00") for number in range(1, 8)))
    world = World(base, page_rows=3)
    world.poll()
    assert len(world.invoices) == 7
    base.drop(INVOICE, guid(7))
    world.poll()
    assert len(world.invoices) == 6, "a window whose last page is full has one more, empty page"


def test_a_window_is_asked_by_the_servers_own_clock_and_in_an_order_that_loses_nothing() -> None:
    base = Base()
    world = World(base, time_zone="Asia/Vladivostok")
    world.poll()
    world.later(hours=6)  # 15:00 UTC: tomorrow in Vladivostok already
    world.poll()
    asked = [path for path in base.paths() if path.startswith(f"GET /{INVOICE}?")]
    assert "Date ge datetime'2026-03-03T00:00:00'" in asked[-1]
    assert "$orderby=Date,Ref_Key" in asked[-1]
    assert "$top=200&$skip=0" in asked[-1]


def test_spaces_are_never_a_plus_and_cyrillic_is_percent_encoded() -> None:
    base = Base()
    base.add(INVOICE, invoice(1))
    World(base).poll()
    for request in base.requests:
        target = request.url.raw_path.decode()
        assert "+" not in target
        assert " " not in target
        assert target.isascii()


def test_every_address_fits_the_query_that_iis_lets_through() -> None:
    base = Base()
    base.add(INVOICE, *(invoice(number, Date="2026-03-04T10:00:00") for number in range(1, 60)))
    World(base).poll()
    assert max(len(request.url.query) for request in base.requests) <= 2048


def test_the_day_of_a_document_never_passes_through_utc() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-03-02T00:00:00"), invoice(2, Date="2026-03-02T23:59:59"))
    world = World(base)
    world.poll()
    assert {item.issued_on for item in world.invoices.values()} == {date(2026, 3, 2)}


def test_one_number_of_two_years_and_of_two_organisations_is_three_invoices() -> None:
    base = Base()
    other = guid(2, "b")
    base.sets["Catalog_Организации"].append({"Ref_Key": other, "Description": "Лютик", "ИНН": "500100732259"})
    base.add(
        INVOICE,
        invoice(1, Number="АБ00-000117", Date="2025-03-02T10:00:00"),
        invoice(2, Number="АБ00-000117"),
        invoice(3, Number="АБ00-000117", Организация_Key=other),
    )
    world = World(base, read_from="2025-01-01")
    world.poll()
    assert {(item.organisation_tax_id, item.issued_on and item.issued_on.year) for item in world.invoices.values()} == {
        ("7701234567", 2025),
        ("7701234567", 2026),
        ("500100732259", 2026),
    }


def test_documents_of_other_organisations_of_the_base_are_left_alone() -> None:
    base = Base()
    other = guid(2, "b")
    base.sets["Catalog_Организации"].append({"Ref_Key": other, "Description": "Лютик", "ИНН": "500100732259"})
    base.add(INVOICE, invoice(1), invoice(2, Организация_Key=other))
    world = World(base, organisations=["7701234567"])
    world.poll()
    assert set(world.invoices) == {guid(1)}


def test_folders_of_the_catalogue_are_no_clients() -> None:
    base = Base()
    base.sets["Catalog_Контрагенты"].append({"Ref_Key": guid(9, "c"), "Description": "Покупатели", "IsFolder": True})
    world = World(base)
    world.poll()
    assert set(world.clients) == {CLIENT}


def test_a_hint_is_read_at_once() -> None:
    base = Base()
    base.add(INVOICE, invoice(1))
    world = World(base)
    assert {type(item).__name__ for item in world.port.reread(ItemKind.INVOICE, guid(1))} == {"Client", "Invoice"}
    assert world.port.reread(ItemKind.INVOICE, guid(2)) == (Removed(ItemKind.INVOICE, guid(2)),)
    assert world.port.reread(ItemKind.DEAL, guid(1)) == ()
    assert world.port.reread(ItemKind.INVOICE, "not a reference") == ()
    assert world.port.capabilities() == {Capability.INVOICES}
    assert world.port.pipelines() == ()
    with pytest.raises(Gone):
        world.port.deal("1")


# What 1C says of the money


def paid_world(status: str | None = None, **values: Any) -> World:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-02-10T10:00:00"))
    base.add(PAYMENT, payment(1, [(guid(1), 48800)], **values))
    if status is not None:
        base.add(
            STATUS,
            {
                "Организация_Key": base.sets[INVOICE][0]["Организация_Key"],
                "Документ": guid(1),
                "Документ_Type": f"StandardODATA.{INVOICE}",
                "Статус": status,
                "Статус_Type": "UnavailableEnums.СтатусОплатыСчета",
            },
        )
    world = World(base)
    world.poll()
    return world


def test_an_invoice_that_1c_calls_paid_stays_open_until_its_money_had_time_to_come() -> None:
    world = paid_world("Оплачен")
    found = world.invoices[guid(1)]
    assert (found.status, str(found.paid.amount)) == (InvoiceStatus.OPEN, "48800.00")
    world.later(days=5)
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.PAID


def test_an_old_invoice_closes_at_night_when_its_money_had_time_to_come() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2025-11-10T10:00:00"))
    world = World(base, read_from="2025-01-01")
    world.poll()
    world.poll()
    base.add(PAYMENT, payment(1, [(guid(1), 48800)], Date="2026-03-05T00:00:00"))
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.OPEN
    world.later(days=6)
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.PAID


def test_money_of_the_weeks_before_the_first_reading_finds_its_invoices_open() -> None:
    """The first statements that a person loads are of these weeks: without this each payment would be a second one."""
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-01-30T10:00:00"), invoice(2, Date="2025-11-01T10:00:00"))
    base.add(PAYMENT, payment(1, [(guid(1), 48800)], Date="2026-02-05T00:00:00"))
    base.add(PAYMENT, payment(2, [(guid(2), 48800)], Date="2025-11-05T00:00:00"))
    world = World(base, read_from="2025-01-01")
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.OPEN
    assert world.invoices[guid(2)].status is InvoiceStatus.PAID, "long ago"
    world.later(days=6)
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.PAID


@pytest.mark.parametrize("values", [{"Posted": False}, {"DeletionMark": True}])
def test_a_draft_of_a_payment_is_no_money(values: dict[str, Any]) -> None:
    world = paid_world(**values)
    world.later(days=20)
    world.poll()
    found = world.invoices[guid(1)]
    assert (found.status, found.paid) == (InvoiceStatus.OPEN, Money.zero("RUB"))


def test_a_mark_that_a_person_set_without_any_payment_closes_the_invoice_at_once() -> None:
    base = Base()
    base.add(INVOICE, invoice(1))
    base.add(
        STATUS,
        {
            "Организация_Key": guid(1, "b"),
            "Документ": guid(1),
            "Документ_Type": f"StandardODATA.{INVOICE}",
            "Статус": "Оплачен",
        },
    )
    world = World(base)
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.PAID


def test_a_cancelled_invoice_is_told_as_such() -> None:
    assert paid_world("Отменен").invoices[guid(1)].status is InvoiceStatus.CANCELLED


def test_a_part_leaves_the_invoice_open() -> None:
    world = paid_world()
    base = world.base
    base.sets[f"{PAYMENT}_РасшифровкаПлатежа"][0]["СуммаПлатежа"] = 100.25
    world.later(days=20)
    world.poll()
    found = world.invoices[guid(1)]
    assert (found.status, str(found.paid.amount)) == (InvoiceStatus.OPEN, "100.25")


def test_a_payment_that_changes_its_invoice_has_both_read_anew() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-02-10T10:00:00"), invoice(2, Date="2026-02-11T10:00:00"))
    base.add(PAYMENT, payment(1, [(guid(1), 48800)], Date="2026-03-04T00:00:00"))
    world = World(base, money_first_days=0)
    world.poll()
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.PAID
    moved = [{"LineNumber": "1", "СуммаПлатежа": 48800, "СчетНаОплату_Key": guid(2)}]
    base.edit(PAYMENT, guid(1, "9"), РасшифровкаПлатежа=moved)
    base.sets[f"{PAYMENT}_РасшифровкаПлатежа"] = [{"Ref_Key": guid(1, "9"), **moved[0]}]
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.OPEN
    assert world.invoices[guid(2)].status is InvoiceStatus.PAID


def test_a_payment_that_was_deleted_opens_its_invoice_again() -> None:
    base = Base()
    base.add(INVOICE, invoice(1, Date="2026-02-10T10:00:00"))
    base.add(PAYMENT, payment(1, [(guid(1), 48800)], Date="2026-03-04T00:00:00"))
    world = World(base, money_first_days=0)
    world.poll()
    world.poll()
    base.drop(PAYMENT, guid(1, "9"))
    base.sets[f"{PAYMENT}_РасшифровкаПлатежа"].clear()
    world.poll()
    assert world.invoices[guid(1)].status is InvoiceStatus.OPEN


def test_a_composite_reference_is_asked_for_with_a_cast() -> None:
    world = paid_world("Оплачен")
    asked = [path for path in world.base.paths() if STATUS in path]
    assert f"Документ eq cast(guid'{guid(1)}','{INVOICE}')" in asked[0]
    owners = [path for path in world.base.paths() if "Catalog_БанковскиеСчета" in path and "$filter" in path]
    assert all("Owner eq cast(guid'" in path for path in owners)


# A process that dies


@pytest.mark.parametrize("dies_before", range(1, 12))
def test_a_death_before_any_commit_loses_no_document_and_doubles_none(dies_before: int) -> None:
    base = Base()
    base.add(INVOICE, *(invoice(number, Date=f"2026-03-0{number % 5 + 1}T10:00:00") for number in range(1, 12)))
    world = World(base, page_rows=2)
    commits, more = 0, True
    while more:
        page = world.port.changes(world.mark)
        commits += 1
        if commits == dies_before:
            world.restart()
            continue
        world.take(page)
        more = page.more
    assert len(world.invoices) == 11
    world.restart()
    world.poll()
    assert len(world.invoices) == 11


def test_a_quiet_poll_leaves_the_mark_as_it_was_and_the_oldest_documents_are_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.accounting_1c.mark.KNOWN_MOST", 3)
    base = Base()
    base.add(INVOICE, *(invoice(number, Date=f"2026-03-0{number}T10:00:00") for number in range(1, 6)))
    base.add(PAYMENT, payment(1, [(guid(1), 5), (guid(2), 6)]))
    world = World(base)
    world.poll()
    world.poll()
    mark = world.mark
    world.poll()
    assert world.mark == mark
    known = load_mark(mark or "")
    assert known is not None
    assert sorted(known.invoices) == ["2026-03-03", "2026-03-04", "2026-03-05"]
    assert Seen.load(known.payments["2026-03-04"][guid(1, "9")]).links == (guid(1), guid(2))


def test_a_mark_of_another_making_begins_anew() -> None:
    base = Base()
    base.add(INVOICE, invoice(1))
    world = World(base)
    world.mark = '{"v": 99}'
    world.poll()
    assert set(world.invoices) == {guid(1)}


# Troubles


def test_a_wrong_password_and_a_missing_right_are_two_things() -> None:
    base = Base()
    base.before = lambda request: httpx.Response(401, content=b"<html>401</html>")
    with pytest.raises(Reauthorise, match="401"):
        World(base).poll()
    base.before = _for(INVOICE, lambda: problem(401, "20", "Нарушение прав доступа!"))
    with pytest.raises(Refused) as caught:
        World(base).poll()
    assert "Нарушение прав доступа!" in caught.value.for_person


def test_a_busy_publication_is_waited_for() -> None:
    base = Base()
    base.add(INVOICE, invoice(1))
    replies = iter([httpx.Response(406), httpx.Response(406)])
    base.before = lambda request: next(replies, None)
    world = World(base)
    began = world.clock.moment
    world.poll()
    assert set(world.invoices) == {guid(1)}
    assert (world.clock.moment - began).total_seconds() >= 10


@pytest.mark.parametrize("status", [200, 500, 503])
def test_a_page_in_place_of_data_is_a_passing_trouble_of_a_read(status: int) -> None:
    base = Base()
    base.before = _for(INVOICE, lambda: httpx.Response(status, content=b"<html>login</html>"))
    world = World(base)
    with pytest.raises(RetryLater):
        world.poll()
    base.before = lambda request: None
    base.add(INVOICE, invoice(1))
    world.later(minutes=10)
    world.poll()
    assert set(world.invoices) == {guid(1)}


def test_an_object_that_left_the_composition_is_named_and_names_are_read_anew() -> None:
    base = Base()
    world = World(base)
    world.poll()
    base.before = _for(INVOICE, lambda: problem(404, "8", f'"{INVOICE}" entity is not found'))
    with pytest.raises(Refused, match=INVOICE) as caught:
        world.poll()
    assert "составе публикации" in caught.value.for_person
    base.before = lambda request: None
    assert world.poll() == 3, "the metadata once more"


def test_an_error_inside_1c_is_never_repeated() -> None:
    base = Base()
    base.before = _for(INVOICE, lambda: problem(500, "-1", "Внутренняя ошибка"))
    world = World(base)
    with pytest.raises(Refused):
        world.poll()
    assert sum(INVOICE in path for path in base.paths()) == 1


def test_a_set_without_rows_is_no_empty_set() -> None:
    base = Base()
    base.before = _for(INVOICE, lambda: document({"odata.metadata": "…"}))
    with pytest.raises(RetryLater):
        World(base).poll()


def _for(name: str, answer: Callable[[], httpx.Response]) -> Answer:
    """An answer to every call of one set."""
    return lambda request: answer() if f"/{name}?" in unquote(str(request.url)) else None

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.domain.models import Client, InvoiceStatus, StageKind, TaxId, TaxIdKind
from hub.ports.crm import Capability, ItemKind

from .account import (
    INVOICES,
    PERSON,
    REQUISITES,
    VECTOR,
    Account,
    bonds_in,
    clients_in,
    deals_in,
    invoice,
    invoices_in,
    lead,
    read_all,
    seed,
    served,
)

INN, KPP = TaxIdKind.RU_INN, TaxIdKind.RU_KPP


def test_the_probe_names_account_and_user(account: Account) -> None:
    probe = account.crm.probe()
    assert (probe.account, probe.user, probe.user_id) == ("Песочница", "Хаб", "1")
    assert probe.missing_rights == ()


def test_the_probe_names_what_is_missing() -> None:
    with served(seed(catalogs=[{"id": 2000, "name": "Прочее"}], invoices=[])) as account:
        account.fault("GET /api/v4/contacts", kind="refuse", status=403)
        missing = account.crm.probe().missing_rights
    assert any("контакты" in item for item in missing)


def test_pipelines_come_in_their_order_and_archived_ones_do_not(account: Account) -> None:
    pipelines = account.crm.pipelines()
    assert [pipeline.name for pipeline in pipelines] == ["Продажи", "Опт"]
    sales = pipelines[0]
    assert [stage.position for stage in sales.stages] == list(range(len(sales.stages)))
    assert {stage.id: stage.kind for stage in sales.stages if stage.kind is not StageKind.OPEN} == {
        "142": StageKind.WON,
        "143": StageKind.LOST,
    }


def test_the_first_walk_reads_clients_invoices_and_deals_with_what_binds_them(account: Account) -> None:
    changes, _ = read_all(account.crm)
    client = clients_in(changes)["CO_512"]
    assert client.names == ("Вектор", "ООО «Вектор»")
    assert client.tax_ids == (TaxId(INN, "7700112239"), TaxId(KPP, "770001001"))
    assert client.accounts == ("40702810500000000012",)
    deal = deals_in(changes)["70001"]
    assert (deal.pipeline_id, deal.stage_id, deal.client_id) == ("9001", "61002", "CO_512")
    assert deal.responsible_id == str(PERSON)
    found = invoices_in(changes)["880101"]
    assert (found.number, found.issued_on) == ("101", date(2026, 1, 15))
    assert found.amount.amount == Decimal("125000.50")
    assert found.client is not None
    assert (found.client.id, found.client.main_tax_id) == ("CO_512", "7700112239")
    assert bonds_in(changes) == {"70001": ("880101",)}


def test_the_ogrn_never_passes_for_a_kpp(account: Account) -> None:
    changes, _ = read_all(account.crm)
    values = {tax_id.value for client in clients_in(changes).values() for tax_id in client.tax_ids}
    assert "1027700000001" not in values


def test_requisites_in_plain_fields_keep_their_leading_zeros(account: Account) -> None:
    changes, _ = read_all(account.crm)
    assert clients_in(changes)["CO_513"].tax_ids == (TaxId(INN, "0274062111"), TaxId(KPP, "027401001"))


@pytest.mark.parametrize("selector", ["502", "ИНН", "инн."])
def test_a_field_is_known_by_number_or_name(selector: str) -> None:
    with served(requisites={"inn": (selector,)}) as account:
        changes, _ = read_all(account.crm)
    assert clients_in(changes)["CO_513"].main_tax_id == "0274062111"


def test_a_field_with_both_numbers_is_taken_apart() -> None:
    fields = [*seed()["custom_fields"], {"id": 510, "name": "ИНН/КПП", "entity": "companies"}]
    companies = [{"id": 514, "name": "Бета", "fields": {"510": "7707083893 / 773601001"}}]
    with served(seed(custom_fields=fields, companies=companies, leads=[], invoices=[])) as account:
        changes, _ = read_all(account.crm)
    assert clients_in(changes)["CO_514"].tax_ids == (TaxId(INN, "7707083893"), TaxId(KPP, "773601001"))


def test_requisites_of_the_account_are_taken_as_the_settings_say() -> None:
    assert REQUISITES["inn"] == ("инн",)
    with served(requisites={}) as account:
        changes, _ = read_all(account.crm)
    assert clients_in(changes)["CO_513"].tax_ids == ()


def test_a_rounded_sum_of_a_deal_is_that_of_its_invoices(account: Account) -> None:
    changes, _ = read_all(account.crm)
    amount = deals_in(changes)["70001"].amount
    assert amount is not None
    assert amount.amount == Decimal("125000.50")
    assert account.crm.deal("70001").amount == amount


def test_a_sum_of_a_deal_that_its_invoices_do_not_make_up_stands() -> None:
    with served(seed(leads=[lead(70001, price="300000")])) as account:
        amount = account.crm.deal("70001").amount
    assert amount is not None
    assert amount.amount == 300000


def test_a_deal_without_a_sum_has_none() -> None:
    with served(seed(leads=[lead(70001, price="0")], invoices=[])) as account:
        assert account.crm.deal("70001").amount is None


def test_kommo_tells_the_sum_of_a_deal_exactly() -> None:
    settings = {"brand": "kommo"}
    with served(seed(leads=[lead(70001, price="99.90")], invoices=[], settings=settings)) as account:
        amount = account.crm.deal("70001").amount
    assert amount is not None
    assert amount.amount == Decimal("99.90")


def test_payers_of_old_accounts_are_links_without_requisites() -> None:
    catalogs = [{"id": INVOICES, "name": "Счета", "type": "invoices", "payer_type": "linked_entity"}]
    payer = {"name": "ООО «Вектор»", "entity_id": 512, "entity_type": "companies"}
    with served(seed(catalogs=catalogs, invoices=[invoice(880101, 70001, payer=payer)])) as account:
        changes, _ = read_all(account.crm)
    assert invoices_in(changes)["880101"].client == Client("CO_512", ("ООО «Вектор»",))


def test_an_invoice_without_a_payer_asks_the_client_of_its_deal() -> None:
    with served(seed(invoices=[invoice(880101, 70001, payer=None)])) as account:
        changes, mark = read_all(account.crm)
        client = invoices_in(changes)["880101"].client
        assert client is not None
        assert client.id == "CO_512"
        reread = invoices_in(account.crm.reread(ItemKind.INVOICE, f"{INVOICES}/880101"))["880101"]
        assert reread.client is not None
        assert reread.client.id == "CO_512"
        account.sandbox.control.advance(25 * 3600)
        nightly, _ = read_all(account.crm, mark)
        again = invoices_in(nightly)["880101"].client
        assert again is not None
        assert again.id == "CO_512"


def test_an_invoice_of_two_deals_belongs_to_both() -> None:
    with served(seed(leads=[lead(70001), lead(70002)], invoices=[invoice(880101, 70001, 70002)])) as account:
        changes, _ = read_all(account.crm)
    assert bonds_in(changes) == {"70001": ("880101",), "70002": ("880101",)}


def test_elements_of_other_lists_are_no_invoices() -> None:
    catalogs = [*seed()["catalogs"], {"id": 7400, "name": "Товары", "type": "products"}]
    elements = [{"id": 990001, "catalog_id": 7400, "name": "Насос", "lead_ids": [70001]}]
    with served(seed(catalogs=catalogs, elements=elements)) as account:
        changes, _ = read_all(account.crm)
        assert set(invoices_in(changes)) == {"880101"}
        assert bonds_in(changes) == {"70001": ("880101",)}
        assert account.crm.reread(ItemKind.INVOICE, "7400/990001") == ()


def test_a_paid_invoice_is_paid() -> None:
    with served(seed(invoices=[invoice(880101, 70001, status="paid")])) as account:
        changes, _ = read_all(account.crm)
    assert invoices_in(changes)["880101"].status is InvoiceStatus.PAID


def test_a_number_is_read_by_the_companys_own_expression() -> None:
    invoices = [invoice(880101, 70001, name="Продажа A-17/2026 (Вектор)")]
    own = {"source": "list", "number_pattern": r"Продажа (\S+)"}
    with served(seed(invoices=invoices), invoices=own) as account:
        changes, _ = read_all(account.crm)
    assert invoices_in(changes)["880101"].number == "A-17/2026"


def test_an_invoice_without_a_sum_is_left_out() -> None:
    with served(seed(invoices=[invoice(880101, 70001, price=None)])) as account:
        changes, _ = read_all(account.crm)
    assert invoices_in(changes) == {}


def test_the_seller_is_our_own_legal_entity() -> None:
    seller = {"name": "ООО «Наша»", "entity_type": 2, "vat_id": "7700000016"}
    with served(seed(invoices=[invoice(880101, 70001, legal_entity=seller)])) as account:
        changes, _ = read_all(account.crm)
    assert invoices_in(changes)["880101"].organisation_tax_id == "7700000016"


def test_a_sole_trader_is_a_contact() -> None:
    contacts = [{"id": 800, "name": "ИП Петров", "fields": {"505": {**VECTOR, "vat_id": "500100732259"}}}]
    leads = [lead(70001, company_id=None, contact_ids=[800])]
    with served(seed(contacts=contacts, leads=leads, invoices=[])) as account:
        changes, _ = read_all(account.crm)
    assert deals_in(changes)["70001"].client_id == "C_800"
    assert clients_in(changes)["C_800"].main_tax_id == "500100732259"


def test_pipelines_that_are_not_watched_are_left_out() -> None:
    leads = [lead(70001), lead(70002, pipeline_id=9002, status_id=62001)]
    with served(seed(leads=leads), pipelines=["9002"]) as account:
        changes, _ = read_all(account.crm)
        assert set(deals_in(changes)) == {"70002"}
        assert [pipeline.id for pipeline in account.crm.pipelines()] == ["9002"]


# Invoices in deals


FIELDS: dict[str, Any] = {
    "source": "deal_fields",
    "fields": {"number": ["номер счета"], "date": ["дата счета"], "amount": ["603"]},
}


def test_an_invoice_may_live_in_fields_of_its_deal() -> None:
    fields = {"601": "118/26", "602": "2026-03-05T00:00:00+03:00", "603": "125000.50"}
    with served(seed(leads=[lead(70001, fields=fields), lead(70002)]), invoices=FIELDS) as account:
        changes, _ = read_all(account.crm)
        assert Capability.MARK_PAID not in account.crm.capabilities()
    (found,) = invoices_in(changes).values()
    assert (found.id, found.number, found.deals, found.markable) == ("D_70001", "118/26", ("70001",), False)
    assert found.amount.amount == Decimal("125000.50")
    assert found.issued_on == date(2026, 3, 5)
    assert found.client is not None
    assert found.client.id == "CO_512"


def test_a_deal_may_be_its_own_invoice() -> None:
    with served(seed(), invoices={"source": "deal"}) as account:
        changes, _ = read_all(account.crm)
    (found,) = invoices_in(changes).values()
    assert (found.id, found.number) == ("D_70001", None)
    assert found.amount.amount == 125001

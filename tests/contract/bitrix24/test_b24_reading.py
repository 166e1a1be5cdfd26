from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.domain.errors import Gone
from hub.domain.models import Client, InvoiceStatus, StageKind, TaxId, TaxIdKind
from hub.domain.money import Money
from hub.ports.crm import Capability, ItemKind, Position

from .portal import (
    PERSON,
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


def test_pipelines_have_their_stages_in_order_with_kinds(portal: Portal) -> None:
    first, second = portal.crm.pipelines()
    assert [(p.id, p.name) for p in (first, second)] == [("0", "Продажи"), ("4", "Опт")]
    assert [stage.position for stage in second.stages] == list(range(len(second.stages)))
    kinds = {stage.id: stage.kind for stage in second.stages}
    assert kinds["C4:EXECUTING"] is StageKind.OPEN
    assert kinds["C4:WON"] is StageKind.WON
    assert kinds["C4:LOSE"] is StageKind.LOST
    assert kinds["C4:APOLOGY"] is StageKind.LOST


def test_stage_ids_that_the_portal_cut_are_taken_as_they_are() -> None:
    with served(
        seed(
            categories=[{"id": 10, "name": "Десятая"}, {"entity_type_id": 31, "id": 3, "name": "Счета"}],
            deals=[],
            invoices=[],
        )
    ) as portal:
        tenth = next(p for p in portal.crm.pipelines() if p.id == "10")
        assert tenth.stage("C10:PREPAYMENT_INVOIC") is not None


def test_only_watched_pipelines_are_offered() -> None:
    with served(pipelines=[4]) as portal:
        assert [p.id for p in portal.crm.pipelines()] == ["4"]


def test_invoice_pipeline_knows_the_paid_stage(portal: Portal) -> None:
    (pipeline,) = portal.crm.invoice_pipelines()
    assert [stage.id for stage in pipeline.stages if stage.kind is StageKind.WON] == ["DT31_3:P"]


def test_first_walk_brings_clients_deals_and_invoices_whole(portal: Portal) -> None:
    changes, _ = read_all(portal.crm)
    client = clients_in(changes)["CO_512"]
    assert client.names == ("ООО «Вектор»", "Вектор")
    assert client.tax_ids == (TaxId(TaxIdKind.RU_INN, "7700112239"), TaxId(TaxIdKind.RU_KPP, "770001001"))
    assert client.accounts == ("40702810500000000012",)
    found = deals_in(changes)["9041"]
    assert (found.pipeline_id, found.stage_id, found.stage_kind) == ("4", "C4:PREPAYMENT_INVOICE", StageKind.OPEN)
    assert (found.amount, found.client_id, found.responsible_id) == (
        Money.of("125000.50", "RUB"),
        "CO_512",
        str(PERSON),
    )
    bill = invoices_in(changes)["771"]
    assert (bill.number, bill.amount, bill.status) == ("771", Money.of("125000.50", "RUB"), InvoiceStatus.OPEN)
    assert (bill.issued_on, bill.due_on) == (date(2026, 9, 18), date(2026, 9, 25))
    assert (bill.deals, bill.organisation_tax_id) == (("9041",), "7700000016")
    assert bill.client == Client("CO_512", client.names), "requisites have one home: the client"
    assert not removed_in(changes)


def test_our_own_company_is_never_a_client(portal: Portal) -> None:
    changes, _ = read_all(portal.crm)
    assert set(clients_in(changes)) == {"CO_512"}


def test_a_sole_trader_is_a_contact_with_requisites() -> None:
    with served(
        seed(
            contacts=[
                {"id": 44, "name": "Иван", "second_name": "Ильич", "last_name": "Петров"},
                {"id": 45, "name": "Без"},
            ],
            requisites=[
                {
                    "id": 60,
                    "entity_type_id": 3,
                    "entity_id": 44,
                    "rq_inn": "500100732259",
                    "fields": {"RQ_LAST_NAME": "Петров", "RQ_FIRST_NAME": "Иван"},
                }
            ],
            bank_details=[{"id": 61, "requisite_id": 60, "rq_acc_num": "40802810400000000077"}],
            deals=[deal(1, company_id=None, contact_id=44)],
            invoices=[invoice(2, 1, company_id=None, contact_id=44)],
        )
    ) as portal:
        changes, _ = read_all(portal.crm)
    client = clients_in(changes)["C_44"]
    assert client.names == ("Петров Иван Ильич", "Петров Иван")
    assert client.main_tax_id == "500100732259"
    assert client.accounts == ("40802810400000000077",)
    assert deals_in(changes)["1"].client_id == "C_44"
    assert invoices_in(changes)["2"].client == Client("C_44", client.names)


def test_requisites_that_were_switched_off_say_nothing() -> None:
    with served(
        seed(
            requisites=[
                {"id": 31, "entity_id": 512, "rq_inn": "7700112239"},
                {"id": 32, "entity_id": 512, "rq_inn": "7800223346", "active": False},
            ],
            bank_details=[
                {"id": 51, "requisite_id": 31, "rq_acc_num": "40702810500000000012"},
                {"id": 52, "requisite_id": 31, "rq_acc_num": "40702810500000000099", "active": False},
            ],
        )
    ) as portal:
        client = clients_in(read_all(portal.crm)[0])["CO_512"]
    assert client.values(TaxIdKind.RU_INN) == {"7700112239"}
    assert client.accounts == ("40702810500000000012",)


def test_own_company_with_two_tax_ids_names_no_organisation() -> None:
    with served(
        seed(
            requisites=[
                {"id": 30, "entity_id": 3, "rq_inn": "7700000016"},
                {"id": 33, "entity_id": 3, "rq_inn": "7800223346"},
            ]
        )
    ) as portal:
        assert invoices_in(read_all(portal.crm)[0])["771"].organisation_tax_id is None


def test_more_than_a_page_of_everything_is_read_once_each() -> None:
    deals = [deal(id_) for id_ in range(1, 127)]
    invoices = [invoice(id_, id_) for id_ in range(1, 104)]
    companies = [
        {"id": 3, "title": "Мы", "is_my_company": True},
        *({"id": n, "title": f"К{n}"} for n in range(500, 620)),
    ]
    requisites = [{"id": n, "entity_id": 500 + n % 120, "rq_inn": f"77{n:08d}"} for n in range(1, 300)]
    with served(
        seed(deals=deals, invoices=invoices, companies=companies, requisites=requisites, bank_details=[])
    ) as portal:
        changes, mark = read_all(portal.crm)
        assert set(deals_in(changes)) == {str(n) for n in range(1, 127)}
        assert set(invoices_in(changes)) == {str(n) for n in range(1, 104)}
        clients = clients_in(changes)
        assert len(clients) == 120
        assert sum(len(client.tax_ids) for client in clients.values()) == 299
        portal.pass_lag()
        assert read_all(portal.crm, read_all(portal.crm, mark)[1])[0] == []


def test_a_first_walk_takes_dense_records_by_the_hundred() -> None:
    deals = [deal(id_) for id_ in range(1, 1301)]
    with served(seed(deals=deals, invoices=[])) as portal:
        changes, _ = read_all(portal.crm)
        assert len(deals_in(changes)) == 1300
        assert portal.all_requests() < 25


def test_a_first_walk_jumps_over_emptiness_between_records() -> None:
    ids = [*range(1, 60), 5_000_000, *range(7_000_000, 7_000_120)]
    with served(seed(deals=[deal(id_) for id_ in ids], invoices=[])) as portal:
        changes, _ = read_all(portal.crm)
        assert set(deals_in(changes)) == {str(id_) for id_ in ids}
        assert portal.all_requests() < 25


def test_a_company_with_more_than_a_page_of_requisites_is_read_whole() -> None:
    requisites = [{"id": n, "entity_id": 512, "rq_inn": f"77{n:08d}"} for n in range(1, 121)]
    with served(seed(requisites=requisites, bank_details=[])) as portal:
        assert len(clients_in(read_all(portal.crm)[0])["CO_512"].tax_ids) == 120


def test_deals_outside_the_watched_pipelines_are_not_read() -> None:
    with served(seed(deals=[deal(1), deal(2, category_id=0, stage_id="NEW")], invoices=[]), pipelines=["4"]) as portal:
        assert set(deals_in(read_all(portal.crm)[0])) == {"1"}


def test_paid_and_declined_invoices_are_told_by_the_meaning_of_their_stage() -> None:
    bills = [invoice(1, None, stage_id="DT31_3:P"), invoice(2, None, stage_id="DT31_3:D"), invoice(3, None)]
    with served(seed(invoices=bills)) as portal:
        found = invoices_in(read_all(portal.crm)[0])
    assert [found[id_].status for id_ in "123"] == [InvoiceStatus.PAID, InvoiceStatus.CANCELLED, InvoiceStatus.OPEN]
    assert found["1"].paid == found["1"].amount
    assert not found["2"].open_amount


USER_FIELDS = [
    {"name": "UF_CRM_INVOICE_NUMBER", "type": "string", "title": "Номер счёта"},
    {"name": "UF_CRM_INVOICE_DATE", "type": "date", "title": "Дата счёта"},
    {"name": "UF_CRM_INVOICE_SUM", "type": "money", "title": "Сумма счёта"},
]
IN_FIELDS: dict[str, Any] = {
    "source": "deal_fields",
    "fields": {"number": "UF_CRM_INVOICE_NUMBER", "date": "UF_CRM_INVOICE_DATE", "amount": "UF_CRM_INVOICE_SUM"},
}


def test_invoices_kept_in_fields_of_deals_are_read_from_there() -> None:
    fields = {
        "UF_CRM_INVOICE_NUMBER": "118/26",
        "UF_CRM_INVOICE_DATE": "2026-09-18",
        "UF_CRM_INVOICE_SUM": "500.10|RUB",
    }
    portal_seed = seed(user_fields=USER_FIELDS, deals=[deal(1, user_fields=fields), deal(2)], invoices=[])
    with served(portal_seed, invoices=IN_FIELDS, deal_fields={"счёт": "UF_CRM_INVOICE_NUMBER"}) as portal:
        changes, _ = read_all(portal.crm)
        (bill,) = invoices_in(changes).values()
        assert (bill.id, bill.number, bill.issued_on) == ("D_1", "118/26", date(2026, 9, 18))
        assert bill.amount == Money.of("500.10", "RUB")
        assert (bill.deals, bill.markable) == (("1",), False)
        assert deals_in(changes)["1"].fields == {"счёт": "118/26"}
        assert portal.crm.deal("1").fields == {"счёт": "118/26"}
        assert Capability.MARK_PAID not in portal.crm.capabilities()
        assert portal.crm.invoice_pipelines() == ()
        assert portal.crm.invoice_now("D_1").position is None


def test_an_invoice_number_taken_out_of_a_deal_removes_its_invoice() -> None:
    fields = {"UF_CRM_INVOICE_NUMBER": "118/26"}
    with served(
        seed(user_fields=USER_FIELDS, deals=[deal(1, user_fields=fields)], invoices=[]), invoices=IN_FIELDS
    ) as portal:
        mark = settled(portal)
        portal.sandbox.control.human(
            {"act": "edit", "id": 1, "user_id": PERSON, "fields": {"UF_CRM_INVOICE_NUMBER": ""}}
        )
        assert removed_in(read_all(portal.crm, mark)[0]) == {(ItemKind.INVOICE, "D_1")}


def test_a_deal_can_be_its_own_invoice() -> None:
    deals = [deal(1), deal(2, stage_id="C4:WON"), deal(3, stage_id="C4:LOSE"), deal(4, opportunity="0")]
    with served(seed(deals=deals, invoices=[]), invoices={"source": "deal"}) as portal:
        found = invoices_in(read_all(portal.crm)[0])
    assert {id_: bill.status for id_, bill in found.items()} == {
        "D_1": InvoiceStatus.OPEN,
        "D_2": InvoiceStatus.PAID,
        "D_3": InvoiceStatus.CANCELLED,
    }
    assert found["D_1"].number is None
    assert found["D_1"].client is not None


def test_a_deal_is_read_now_and_a_deleted_one_is_gone(portal: Portal) -> None:
    assert portal.crm.deal("9041").stage_id == "C4:PREPAYMENT_INVOICE"
    portal.sandbox.control.human({"act": "delete", "id": 9041, "user_id": PERSON})
    with pytest.raises(Gone):
        portal.crm.deal("9041")


def test_hinted_deal_comes_with_its_invoices_and_its_client(portal: Portal) -> None:
    changes = portal.crm.reread(ItemKind.DEAL, "9041")
    assert (set(deals_in(changes)), set(invoices_in(changes)), set(clients_in(changes))) == (
        {"9041"},
        {"771"},
        {"CO_512"},
    )


@pytest.mark.parametrize("item_id", ["CO_512", "RQ_31", "BD_51"])
def test_hinted_client_is_read_whole_through_any_of_its_parts(portal: Portal, item_id: str) -> None:
    (client,) = portal.crm.reread(ItemKind.CLIENT, item_id)
    assert client == clients_in(read_all(portal.crm)[0])["CO_512"]


@pytest.mark.parametrize("item_id", ["RQ_999", "BD_999", "CO_3", "RQ_30"])
def test_hint_to_nothing_or_to_ourselves_changes_nothing(portal: Portal, item_id: str) -> None:
    assert portal.crm.reread(ItemKind.CLIENT, item_id) == ()


def test_hints_to_deleted_records_say_removed(portal: Portal) -> None:
    assert removed_in(portal.crm.reread(ItemKind.DEAL, "404")) == {(ItemKind.DEAL, "404")}
    assert removed_in(portal.crm.reread(ItemKind.INVOICE, "404")) == {(ItemKind.INVOICE, "404")}
    assert removed_in(portal.crm.reread(ItemKind.CLIENT, "CO_404")) == {(ItemKind.CLIENT, "CO_404")}


def test_history_of_a_deal_is_oldest_first(portal: Portal) -> None:
    portal.sandbox.control.human({"act": "move", "id": 9041, "user_id": PERSON, "stage_id": "C4:EXECUTING"})
    history = portal.crm.history("9041")
    assert [change.position for change in history] == [
        Position("4", "C4:PREPAYMENT_INVOICE"),
        Position("4", "C4:EXECUTING"),
    ]
    assert history[0].at < history[1].at
    assert {change.by for change in history} == {None}

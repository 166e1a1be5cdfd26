"""Requisites, bank accounts, their links, search by phone and mail."""

from .rest import Rest


def test_a_company_is_found_by_its_tax_id(rest: Rest) -> None:
    condition = {"=RQ_INN": "7700112239", "ENTITY_TYPE_ID": 4}
    rows = rest.call("crm.requisite.list", filter=condition, select=["ID", "ENTITY_ID", "RQ_KPP"])
    assert rows["result"] == [{"ID": "31", "ENTITY_ID": "512", "RQ_KPP": "770001001"}]
    assert rows["total"] == 1


def test_a_requisite_is_found_by_account_and_bic(rest: Rest) -> None:
    condition = {"=RQ_ACC_NUM": "40702810500000000012", "=RQ_BIK": "044525225"}
    rows = rest.result("crm.requisite.bankdetail.list", filter=condition)
    assert [row["ENTITY_ID"] for row in rows] == ["31"]
    assert rest.result("crm.requisite.bankdetail.get", id=51)["RQ_BIK"] == "044525225"


def test_requisites_are_walked_by_upper_case_id(rest: Rest) -> None:
    page = rest.call("crm.requisite.list", filter={">ID": 30}, order={"ID": "ASC"}, start=-1)
    assert [row["ID"] for row in page["result"]] == ["31", "32"]
    assert page["total"] == 0


def test_requisites_are_added_and_changed(rest: Rest) -> None:
    fields = {"ENTITY_TYPE_ID": 4, "ENTITY_ID": 513, "PRESET_ID": 1, "NAME": "Филиал", "RQ_INN": "7800223346"}
    number = rest.result("crm.requisite.add", fields=fields)
    assert rest.result("crm.requisite.update", id=number, fields={"RQ_KPP": "780043001"}) is True
    row = rest.result("crm.requisite.get", id=number)
    assert (row["ID"], row["RQ_KPP"], row["ACTIVE"]) == (str(number), "780043001", "Y")
    detail = {"ENTITY_ID": number, "NAME": "Счёт", "RQ_ACC_NUM": "40702810900000000099"}
    assert rest.result("crm.requisite.bankdetail.add", fields=detail) == 52


def test_requisite_errors_have_an_empty_code(rest: Rest) -> None:
    assert rest.error("crm.requisite.add", fields={"ENTITY_TYPE_ID": 2, "ENTITY_ID": 1}) == (400, "")
    assert rest.error("crm.requisite.get", id=999) == (400, "")


def test_links_tell_which_requisites_a_card_uses(rest: Rest) -> None:
    link = rest.result("crm.requisite.link.get", entityTypeId=31, entityId=771)
    assert (link["REQUISITE_ID"], link["MC_REQUISITE_ID"]) == ("31", "30")
    fields = {"ENTITY_TYPE_ID": 31, "ENTITY_ID": 772, "REQUISITE_ID": 32}
    assert rest.result("crm.requisite.link.register", fields=fields) is True
    rows = rest.result("crm.requisite.link.list", filter={"ENTITY_TYPE_ID": 31})
    assert [(row["ENTITY_ID"], row["BANK_DETAIL_ID"]) for row in rows] == [("771", "51"), ("772", "0")]


def test_clients_are_found_by_phone_and_mail(rest: Rest) -> None:
    found = rest.result("crm.duplicate.findbycomm", type="PHONE", values=["8 (495) 000-00-12"])
    assert found == {"COMPANY": [512]}
    assert rest.result("crm.duplicate.findbycomm", type="EMAIL", values=["BUH@vector.example"]) == {"COMPANY": [512]}
    assert rest.result("crm.duplicate.findbycomm", type="PHONE", values=["1"]) == []


def test_companies_and_contacts_have_string_values(rest: Rest) -> None:
    assert rest.result("crm.company.get", id=512)["ID"] == "512"
    assert len(rest.result("crm.company.list")) == 3
    assert rest.result("crm.contact.list") == []

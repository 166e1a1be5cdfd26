"""Smart invoices, product rows, payment documents."""

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .conftest import StartSandbox
from .rest import Rest


def test_an_invoice_names_its_number_deal_and_own_company(rest: Rest) -> None:
    invoice = rest.result("crm.item.get", entityTypeId=31, id=771)["item"]
    assert (invoice["accountNumber"], invoice["parentId2"], invoice["mycompanyId"]) == ("118", 9041, 3)
    assert (invoice["begindate"], invoice["opportunity"]) == ("2026-09-18T03:00:00+03:00", 125000.5)
    assert "stageSemanticId" not in invoice


def test_invoice_stages_live_in_their_own_directory(rest: Rest) -> None:
    rows = rest.result("crm.status.list", filter={"ENTITY_ID": "SMART_INVOICE_STAGE_3"})
    assert [(row["STATUS_ID"], row["SEMANTICS"]) for row in rows] == [
        ("DT31_3:N", None),
        ("DT31_3:S", None),
        ("DT31_3:P", "S"),
        ("DT31_3:D", "F"),
    ]
    assert "EXTRA" not in rows[0]


def test_moving_an_invoice_keeps_the_previous_stage(rest: Rest) -> None:
    fields = {"stageId": "DT31_3:P"}
    invoice = rest.result("crm.item.update", entityTypeId=31, id=771, fields=fields)["item"]
    assert (invoice["stageId"], invoice["previousStageId"]) == ("DT31_3:P", "DT31_3:S")
    history = rest.result("crm.stagehistory.list", entityTypeId=31, filter={"OWNER_ID": 771})["items"]
    assert [row["TYPE_ID"] for row in history] == [1, 3]


def test_the_account_number_cannot_be_written(rest: Rest) -> None:
    fields = {"accountNumber": "999", "title": "Счёт"}
    invoice = rest.result("crm.item.update", entityTypeId=31, id=771, fields=fields)["item"]
    assert (invoice["accountNumber"], invoice["title"]) == ("118", "Счёт")


def test_a_new_invoice_takes_number_title_and_first_stage(rest: Rest) -> None:
    invoice = rest.result("crm.item.add", entityTypeId=31, fields={"parentId2": 9043})["item"]
    assert invoice["accountNumber"] == str(invoice["id"])
    assert invoice["title"] == f"Invoice #{invoice['id']}"
    assert (invoice["stageId"], invoice["mycompanyId"]) == ("DT31_3:N", 3)
    assert invoice["closedate"] > invoice["begindate"]


def test_rows_replace_each_other_and_set_a_calculated_amount(rest: Rest) -> None:
    rest.result("crm.item.update", entityTypeId=2, id=9043, fields={"isManualOpportunity": "N"})
    rows = [{"productName": "Кабель", "price": "100.10", "quantity": 2}, {"productName": "Муфта", "price": 5}]
    shown = rest.result("crm.item.productrow.set", ownerType="D", ownerId=9043, productRows=rows)["productRows"]
    assert [row["price"] for row in shown] == [100.1, 5]
    assert rest.deal(9043)["opportunity"] == 205.2
    rest.result("crm.item.productrow.set", ownerType="D", ownerId=9043, productRows=rows[1:])
    listed = rest.result("crm.item.productrow.list", filter={"=ownerType": "D", "=ownerId": 9043})["productRows"]
    assert [row["productName"] for row in listed] == ["Муфта"]
    assert rest.deal(9043)["opportunity"] == 5


def test_rows_leave_an_amount_typed_by_hand_alone(rest: Rest) -> None:
    rest.result("crm.item.productrow.set", ownerType="D", ownerId=9043, productRows=[{"price": 5}])
    assert rest.deal(9043)["opportunity"] == 12000


def test_row_methods_refuse_bad_owners(rest: Rest) -> None:
    assert rest.error("crm.item.productrow.list", filter={"=ownerId": 1}) == (400, 100)
    none = rest.error("crm.item.productrow.set", ownerType="D", ownerId=1, productRows=[])
    assert none == (400, "OWNER_NOT_FOUND")
    odd = rest.error("crm.item.productrow.set", ownerType="XX", ownerId=1, productRows=[])
    assert odd == (400, "ENTITY_TYPE_NOT_SUPPORTED")


def test_a_payment_is_added_paid_and_unpaid(rest: Rest, sandbox: RunningSandbox) -> None:
    number = rest.result("crm.item.payment.add", entityTypeId=31, entityId=771)
    listed = rest.call("crm.item.payment.list", entityTypeId=31, entityId=771)
    assert [payment["paid"] for payment in listed["result"]] == ["N"]
    assert "total" not in listed
    assert rest.result("crm.item.payment.pay", id=number) is True
    paid = rest.result("crm.item.payment.get", id=number)
    assert (paid["paid"], paid["empPaidId"], paid["accountNumber"]) == ("Y", 1, "771/1")
    assert rest.error("crm.item.payment.pay", id=number) == (400, 0)
    assert sandbox.control.invoice(771)["stageId"] == "DT31_3:S"
    assert rest.result("crm.item.payment.unpay", id=number) is True
    assert rest.result("crm.item.payment.get", id=number)["datePaid"] is None


def test_payment_errors_are_numbers(rest: Rest) -> None:
    assert rest.error("crm.item.payment.get", id=404) == (400, 0)
    assert rest.error("crm.item.payment.add", entityTypeId=31) == (400, 100)
    assert rest.error("crm.item.payment.add", entityTypeId=4, entityId=3) == (400, 0)
    assert rest.result("crm.item.payment.list", entityTypeId=4, entityId=3) == []


def test_paying_can_be_switched_to_move_the_invoice(start: StartSandbox) -> None:
    seed = {"settings": {"payment_moves_invoice": True}, "invoices": [{"id": 7, "title": "Счёт"}]}
    sandbox, rest = start(seed)
    rest.result("crm.item.payment.pay", id=rest.result("crm.item.payment.add", entityTypeId=31, entityId=7))
    assert sandbox.control.invoice(7)["stageId"] == "DT31_3:P"

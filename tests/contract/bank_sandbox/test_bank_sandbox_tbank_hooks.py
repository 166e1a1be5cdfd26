"""T-Bank: the subscriber's secret, attempts, doubled webhooks, other ids."""

import base64
from typing import Any

import pytest

from .banks import TBANK, paid
from .conftest import Served, Start
from .receiver import Receiver


def told(served: Served, receiver: Receiver, **fields: Any) -> dict[str, Any]:
    """The body of the webhook about one new payment."""
    served.control.add(paid(TBANK, 16, **fields))
    served.control.wait_hooks()
    return receiver.operations()[-1]


def test_a_subscriber_gets_one_operation_as_json(start: Start, receiver: Receiver) -> None:
    served = start()
    assert served.tbank.subscribe(receiver.url).status_code == 200
    body = told(served, receiver)
    (row,) = served.tbank.rows(TBANK)
    assert receiver.headers[0]["content-type"] == "application/json"
    assert receiver.headers[0]["authorization"] == "Bearer s3cret"
    assert (body["operationId"], body["documentNumber"]) == (row["operationId"], "245")
    assert (body["payer"]["account"], body["operationAmount"]) == ("40702810638000000013", "12200.00")


@pytest.mark.parametrize(
    ("secret", "sent"), [("hub:s3cret", base64.b64encode(b"hub:s3cret").decode()), ("aHViOng=", "aHViOng=")]
)
def test_the_secret_may_be_basic(start: Start, receiver: Receiver, secret: str, sent: str) -> None:
    served = start()
    served.tbank.subscribe(receiver.url, authType="Basic", authSecret=secret)
    told(served, receiver)
    assert receiver.headers[0]["authorization"] == f"Basic {sent}"


def test_five_attempts_and_no_more(start: Start, receiver: Receiver) -> None:
    served = start()
    served.control.freeze()
    receiver.status = 500
    served.tbank.subscribe(receiver.url)
    told(served, receiver)
    for _ in range(5):
        served.control.advance(600)
        served.control.wait_hooks()
    assert len(receiver.bodies) == 5


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_is_an_answer(start: Start, receiver: Receiver, status: int) -> None:
    served = start()
    served.control.freeze()
    receiver.status = status
    served.tbank.subscribe(receiver.url)
    told(served, receiver)
    served.control.advance(3600)
    served.control.wait_hooks()
    assert len(receiver.bodies) == 1


def test_the_first_pause_is_half_a_minute(start: Start, receiver: Receiver) -> None:
    served = start()
    served.control.freeze()
    receiver.status = 500
    served.tbank.subscribe(receiver.url)
    told(served, receiver)
    served.control.advance(29)
    served.control.wait_hooks()
    assert len(receiver.bodies) == 1
    served.control.advance(1)
    served.control.wait_hooks()
    assert len(receiver.bodies) == 2


def test_a_webhook_may_come_twice_and_name_the_operation_otherwise(start: Start, receiver: Receiver) -> None:
    served = start(tbank={"hook_copies": 2, "hook_operation_id": "other"})
    served.tbank.subscribe(receiver.url)
    body = told(served, receiver)
    (row,) = served.tbank.rows(TBANK)
    assert receiver.bodies[0] == receiver.bodies[1]
    assert body["operationId"] != row["operationId"]


def test_one_operation_may_have_its_own_id_in_the_webhook(start: Start, receiver: Receiver) -> None:
    served = start()
    served.tbank.subscribe(receiver.url)
    assert told(served, receiver, hook_operation_id="other-1")["operationId"] == "other-1"


def test_holds_settlements_and_corrections_are_told_and_a_cancelled_row_is_not(
    start: Start, receiver: Receiver
) -> None:
    served = start()
    served.tbank.subscribe(receiver.url)
    number = served.control.add(paid(TBANK, 16, direction="out", status="hold", settles_after_s=60))
    served.control.advance(61)
    served.control.correct(number, amount="12000.00")
    served.control.cancel(number)
    served.control.wait_hooks()
    bodies = receiver.operations()
    assert [body["operationStatus"] for body in bodies] == ["Authorization", "Transaction", "Transaction"]
    assert [body["operationAmount"] for body in bodies] == ["12200.00", "12200.00", "12000.00"]
    assert len({body["operationId"] for body in bodies}) == 1


def test_a_webhook_may_carry_somebody_elses_secret_or_another_amount(start: Start, receiver: Receiver) -> None:
    faults: list[dict[str, Any]] = [
        {"match": {"nth": 1}, "action": {"kind": "forge_hook"}},
        {"match": {"nth": 2}, "action": {"kind": "forge_hook", "how": "amount", "amount": "1.00"}},
    ]
    served = start(faults=[{**rule, "match": {"method": "tbank.oper*", **rule["match"]}} for rule in faults])
    served.tbank.subscribe(receiver.url)
    told(served, receiver)
    assert told(served, receiver)["operationAmount"] == "1.00"
    assert [headers["authorization"] for headers in receiver.headers] == ["Bearer forged", "Bearer s3cret"]


def test_a_signature_comes_when_it_was_asked_for(start: Start, receiver: Receiver) -> None:
    served = start(tbank={"hook_signature_header": "X-Sign", "hook_forwarded_for": "212.233.80.7"})
    served.tbank.subscribe(receiver.url, hasSignature=True)
    told(served, receiver)
    assert len(base64.b64decode(receiver.headers[0]["x-sign"])) == 256
    assert receiver.headers[0]["x-forwarded-for"] == "212.233.80.7"


def test_a_second_subscription_of_the_same_address_replaces_the_first(start: Start, receiver: Receiver) -> None:
    served = start()
    served.tbank.subscribe(receiver.url)
    served.tbank.subscribe(receiver.url, authSecret="new")
    told(served, receiver)
    assert [headers["authorization"] for headers in receiver.headers] == ["Bearer new"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"url": "nowhere"}, 400), ({"authType": "Digest"}, 422), ({"authSecret": ""}, 422)],
)
def test_a_wrong_subscription_is_refused(start: Start, fields: dict[str, Any], status: int) -> None:
    fields = {"url": "http://127.0.0.1:9/", **fields}
    assert start().tbank.subscribe(**fields).status_code == status


def test_only_one_event_type_is_known(start: Start) -> None:
    response = start().tbank.http.post("/api/v1/webhook", params={"eventType": "other"}, json={})
    assert (response.status_code, response.json()["errorCode"]) == (400, "INVALID_DATA")

"""Tochka: the webhook of a client_id, its signature, its repetitions."""

from typing import Any

import pytest

from .banks import TOCHKA, paid
from .conftest import Start
from .jwt import decode, verifies
from .receiver import Receiver


def test_a_new_webhook_is_tried_with_every_event(start: Start, receiver: Receiver) -> None:
    tochka = start().tochka
    response = tochka.subscribe(receiver.url, "incomingPayment", "outgoingPayment")
    shown = {"webhooksList": ["incomingPayment", "outgoingPayment"], "url": receiver.url}
    assert (response.status_code, response.json()["Data"]) == (200, shown)
    assert [claims["webhookType"] for claims in receiver.claims()] == ["incomingPayment", "outgoingPayment"]
    assert receiver.claims()[0]["SideRecipient"]["account"] == "0" * 20
    assert tochka.data("GET", tochka.hook_path) == shown


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_an_address_that_does_not_answer_200_is_refused(start: Start, receiver: Receiver, status: int) -> None:
    tochka = start().tochka
    receiver.status = status
    assert tochka.subscribe(receiver.url).status_code == 400
    assert tochka.http.get(tochka.hook_path).status_code == 404


def test_the_receiver_of_a_test_webhook_may_fetch_the_key_meanwhile(start: Start, receiver: Receiver) -> None:
    tochka = start().tochka
    keys: list[dict[str, Any]] = []
    receiver.on_post = lambda: keys.append(tochka.key())
    assert tochka.subscribe(receiver.url).status_code == 200
    assert verifies(receiver.bodies[0], keys[0])


def test_a_webhook_is_edited_sent_again_and_deleted(start: Start, receiver: Receiver) -> None:
    tochka = start().tochka
    path = tochka.hook_path
    assert tochka.http.post(path, json={"webhooksList": ["incomingPayment"], "url": receiver.url}).status_code == 404
    tochka.subscribe(receiver.url)
    tochka.data("POST", path, json={"webhooksList": ["incomingSbpPayment"], "url": receiver.url})
    assert tochka.data("POST", f"{path}/test_send", json={"webhookType": "incomingPayment"}) == {"result": True}
    assert [c["webhookType"] for c in receiver.claims()] == ["incomingPayment", "incomingSbpPayment", "incomingPayment"]
    assert tochka.data("DELETE", path) == {"result": True}
    assert tochka.http.get(path).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"webhooksList": [], "url": "http://127.0.0.1:9/"},
        {"webhooksList": ["payment"], "url": "http://127.0.0.1:9/"},
        {"webhooksList": ["incomingPayment"], "url": "ftp://127.0.0.1/"},
        {"webhooksList": ["incomingPayment"], "url": "http://127.0.0.1:99999/"},
        {"webhooksList": ["incomingPayment"]},
        {},
    ],
)
def test_a_wrong_subscription_is_refused(start: Start, body: dict[str, Any]) -> None:
    tochka = start().tochka
    assert tochka.http.put(tochka.hook_path, json=body).status_code == 400


@pytest.mark.parametrize("url", ["http://example.org/hook", "https://example.org:8443/hook"])
def test_a_strict_bank_takes_https_on_443_only(start: Start, url: str) -> None:
    response = start(tochka={"hook_https_443": True}).tochka.subscribe(url)
    assert (response.status_code, "443" in response.text) == (400, True)


def test_another_client_id_is_forbidden(start: Start) -> None:
    assert start().tochka.http.get("/webhook/v1.0/somebody").status_code == 403


def test_an_incoming_payment_is_told_as_a_signed_text(start: Start, receiver: Receiver) -> None:
    served = start()
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    number = served.control.add(paid(TOCHKA, 16))
    served.control.wait_hooks()
    header, claims = decode(receiver.bodies[0])
    assert header == {"typ": "JWT", "alg": "RS256"}
    assert receiver.headers[0]["content-type"] == "text/plain"
    assert verifies(receiver.bodies[0], served.tochka.key())
    row = served.tochka.statement("2026-02-16", "2026-02-16")["Transaction"][0]
    assert (claims["paymentId"], claims["webhookType"]) == (row["paymentId"], "incomingPayment")
    assert (claims["date"], claims["documentNumber"]) == ("2026-02-16", "245")
    assert claims["SidePayer"]["inn"] == "7700000016"
    assert (claims["SidePayer"]["amount"], claims["SideRecipient"]["amount"]) == ("12200.0", "12200.0")
    assert claims["SideRecipient"]["account"] == TOCHKA
    assert number == int(claims["paymentId"])


def test_only_what_was_asked_for_and_has_succeeded_is_told(start: Start, receiver: Receiver) -> None:
    served = start()
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    served.control.add(paid(TOCHKA, 16, direction="out"))
    served.control.add(paid(TOCHKA, 16, "5.00", status="pending", settles_after_s=20))
    served.control.wait_hooks()
    assert receiver.bodies == []
    served.control.advance(21)
    served.control.wait_hooks()
    assert [claims["SidePayer"]["amount"] for claims in receiver.claims()] == ["5.0"]


@pytest.mark.parametrize("status", [201, 204, 500])
def test_anything_but_200_is_repeated_thirty_times_each_ten_seconds(
    start: Start, receiver: Receiver, status: int
) -> None:
    served = start()
    served.control.freeze()
    receiver.status = status
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    served.control.add(paid(TOCHKA, 16))
    for _ in range(33):
        served.control.wait_hooks()
        served.control.advance(10)
    assert len(receiver.bodies) == 31
    assert len(set(receiver.bodies)) == 1
    assert [d.attempt for d in served.control.deliveries] == list(range(1, 32))


def test_a_repeated_webhook_stops_at_the_first_200(start: Start, receiver: Receiver) -> None:
    served = start()
    served.control.freeze()
    receiver.status = 503
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    served.control.add(paid(TOCHKA, 16))
    served.control.wait_hooks()
    receiver.status = 200
    for _ in range(3):
        served.control.advance(10)
        served.control.wait_hooks()
    assert [d.status for d in served.control.deliveries] == [503, 200]


@pytest.mark.parametrize(("how", "algorithm"), [("wrong_key", "RS256"), ("hs256", "HS256"), ("none", "none")])
@pytest.mark.parametrize("by_fault", [True, False])
def test_a_webhook_may_be_forged(start: Start, receiver: Receiver, how: str, algorithm: str, by_fault: bool) -> None:
    fault = {"match": {"method": "tochka.*"}, "times": None, "action": {"kind": "forge_hook", "how": how}}
    served = start(faults=[fault]) if by_fault else start(tochka={"hook_signing": how})
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    served.control.add(paid(TOCHKA, 16))
    served.control.wait_hooks()
    assert decode(receiver.bodies[0])[0]["alg"] == algorithm
    assert not verifies(receiver.bodies[0], served.tochka.key())


def test_a_well_signed_webhook_may_tell_another_amount(start: Start, receiver: Receiver) -> None:
    served = start(faults=[{"action": {"kind": "forge_hook", "how": "amount", "amount": "99999.00"}}])
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    served.control.add(paid(TOCHKA, 16))
    served.control.wait_hooks()
    assert verifies(receiver.bodies[0], served.tochka.key())
    assert receiver.claims()[0]["SidePayer"]["amount"] == "99999.0"


def test_the_key_may_come_as_a_set_and_may_change(start: Start, receiver: Receiver) -> None:
    served = start(tochka={"jwk_form": "set"})
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    (old,) = served.tochka.key()["keys"]
    served.control.rotate_key()
    served.control.add(paid(TOCHKA, 16))
    served.control.wait_hooks()
    (new,) = served.tochka.key()["keys"]
    assert (verifies(receiver.bodies[0], old), verifies(receiver.bodies[0], new)) == (False, True)


@pytest.mark.parametrize(
    ("via", "fields"),
    [
        ("sbp", {"operationId", "qrcId", "amount", "payerName", "payerMobileNumber", "brandName", "merchantId"}),
        ("sbp_b2b", {"qrcId", "amount"}),
        ("acquiring", {"operationId", "paymentType", "status", "paymentLinkId", "amount"}),
    ],
)
def test_other_ways_of_paying_have_their_own_events(
    start: Start, receiver: Receiver, via: str, fields: set[str]
) -> None:
    served = start()
    events = ["incomingSbpPayment", "incomingSbpB2BPayment", "acquiringInternetPayment"]
    served.control.subscribe_tochka({"url": receiver.url, "events": events})
    served.control.add(paid(TOCHKA, 16, via=via))
    served.control.wait_hooks()
    (claims,) = receiver.claims()
    assert set(claims) == fields | {"purpose", "webhookType", "customerCode"}


def test_a_card_payment_by_link_is_told_when_authorised_and_when_approved(start: Start, receiver: Receiver) -> None:
    served = start()
    served.control.subscribe_tochka({"url": receiver.url, "events": ["acquiringInternetPayment"]})
    served.control.add(paid(TOCHKA, 16, via="acquiring", status="hold", settles_after_s=60))
    served.control.advance(61)
    served.control.wait_hooks()
    assert [claims["status"] for claims in receiver.claims()] == ["AUTHORIZED", "APPROVED"]

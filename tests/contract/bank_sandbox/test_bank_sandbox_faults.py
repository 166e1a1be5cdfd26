"""Faults of the wire and of webhooks, in both banks."""

import time
from typing import Any

import httpx
import pytest

from .banks import TBANK, TOCHKA, paid
from .conftest import Served, Start
from .receiver import Receiver


def asked(served: Served) -> list[str]:
    return [record.method for record in served.control.requests]


@pytest.mark.parametrize("status", [401, 403, 424, 500, 503])
def test_any_status_with_the_banks_own_error_body(start: Start, status: int) -> None:
    action = {"kind": "refuse", "status": status, "code": "X", "description": "Так бывает"}
    served = start(faults=[{"times": None, "action": action}])
    tochka = served.tochka.http.get("/open-banking/v1.0/accounts")
    tbank = served.tbank.ask(TBANK)
    assert (tochka.status_code, tochka.json()["message"], tochka.json()["code"]) == (status, "X", str(status))
    assert (tbank.status_code, tbank.json()["errorCode"], tbank.json()["errorMessage"]) == (status, "X", "Так бывает")


def test_a_refusal_may_come_after_the_statement_was_made(start: Start) -> None:
    action = {"kind": "refuse", "status": 500, "applied": True}
    served = start(faults=[{"match": {"method": "tochka.statements.create"}, "action": action}])
    assert served.tochka.order("2026-02-01", "2026-02-02").status_code == 500
    assert len(served.tochka.data("GET", "/open-banking/v1.0/statements")["Statement"]) == 1
    assert [(line.kind, line.applied) for line in served.control.write_log] == [("effect", True), ("call", False)]


@pytest.mark.parametrize(
    "action",
    [{"kind": "lose_reply", "applied": False}, {"kind": "half_reply"}, {"kind": "half_reply", "content_length": False}],
)
@pytest.mark.parametrize("bank", ["tochka", "tbank"])
def test_sockets_close_before_or_within_the_reply(start: Start, bank: str, action: dict[str, Any]) -> None:
    served = start(faults=[{"match": {"method": f"{bank}.accounts*"}, "action": action}])
    http = getattr(served, bank).http
    path = {"tochka": "/open-banking/v1.0/accounts", "tbank": "/api/v4/bank-accounts"}[bank]
    with pytest.raises(httpx.TransportError):
        http.get(path)
    assert http.get(path).status_code == 200


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ({"kind": "html", "status": 502}, "<html>"),
        ({"kind": "broken_json"}, '{"operations":'),
        ({"kind": "broken_json", "text": "null"}, "null"),
    ],
)
def test_bodies_may_be_something_else(start: Start, action: dict[str, Any], text: str) -> None:
    response = start(paid(TBANK, 15), faults=[{"action": action}]).tbank.ask(TBANK)
    assert response.text.startswith(text)
    if text != "null":
        with pytest.raises(ValueError):
            response.json()


def test_a_slow_bank(start: Start) -> None:
    served = start(faults=[{"action": {"kind": "delay", "seconds": 0.3}}])
    before = time.monotonic()
    assert served.tbank.ask(TBANK).status_code == 200
    assert time.monotonic() - before >= 0.3


def test_a_late_statement_is_made_after_its_call_was_lost(start: Start) -> None:
    action = {"kind": "late_apply", "after_s": 60, "reply": "504"}
    served = start(faults=[{"match": {"method": "tochka.statements.create"}, "action": action}])
    assert served.tochka.order("2026-02-01", "2026-02-02").status_code == 504
    path = "/open-banking/v1.0/statements"
    assert served.tochka.data("GET", path)["Statement"] == []
    served.control.advance(61)
    assert len(served.tochka.data("GET", path)["Statement"]) == 1
    assert [line.source for line in served.control.write_log.calls()] == ["rest", "late"]


def test_the_public_key_may_be_out_of_reach(start: Start) -> None:
    served = start(faults=[{"match": {"method": "tochka.key"}, "action": {"kind": "refuse", "status": 503}}])
    url = served.sandbox.tochka.public_key_url
    assert [httpx.get(url, trust_env=False).status_code for _ in range(2)] == [503, 200]
    assert asked(served) == ["tochka.key", "tochka.key"]


@pytest.mark.parametrize("timing", ["before", "after"])
def test_money_may_move_around_a_call(start: Start, timing: str) -> None:
    deed = {"act": "correct", "id": 1, "fields": {"amount": "7.00"}}
    fault = {"match": {"method": "tbank.statement"}, "action": {"kind": "act", "timing": timing, "do": deed}}
    tbank = start(paid(TBANK, 15, "5.00", id=1), faults=[fault]).tbank
    shown = [tbank.rows(TBANK)[0]["operationAmount"] for _ in range(2)]
    assert shown == ([7, 7] if timing == "before" else [5, 7])


def test_an_act_that_cannot_be_done_says_so(start: Start) -> None:
    fault = {"action": {"kind": "act", "do": {"act": "cancel", "id": 9}}}
    response = start(faults=[fault]).tbank.ask(TBANK)
    assert (response.status_code, "операции 9" in response.json()["errorMessage"]) == (500, True)


def told(served: Served, receiver: Receiver, *amounts: str) -> list[str]:
    """Amounts of the webhooks that came of these payments."""
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    for amount in amounts:
        served.control.add(paid(TOCHKA, 16, amount))
    served.control.wait_hooks()
    return [claims["SidePayer"]["amount"] for claims in receiver.claims()]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"kind": "drop_hook"}, ["2.0", "3.0"]),
        ({"kind": "double_hook"}, ["1.0", "1.0", "2.0", "3.0"]),
        ({"kind": "delay_hook", "seconds": 600}, ["2.0", "3.0"]),
    ],
)
def test_webhooks_are_dropped_doubled_and_late(
    start: Start, receiver: Receiver, action: dict[str, Any], expected: list[str]
) -> None:
    served = start(faults=[{"match": {"method": "tochka.incomingPayment"}, "action": action}])
    assert told(served, receiver, "1.00", "2.00", "3.00") == expected
    served.control.advance(601)
    served.control.wait_hooks()
    late = ["1.0"] if action["kind"] == "delay_hook" else []
    assert [claims["SidePayer"]["amount"] for claims in receiver.claims()] == expected + late


def test_webhooks_are_shuffled(start: Start, receiver: Receiver) -> None:
    served = start(faults=[{"match": {"method": "tochka.*"}, "action": {"kind": "shuffle_hooks", "window": 3}}])
    came = told(served, receiver, "1.00", "2.00", "3.00")
    assert sorted(came) == ["1.0", "2.0", "3.0"]
    assert came != ["1.0", "2.0", "3.0"]


def test_a_webhook_of_one_operation_may_be_picked(start: Start, receiver: Receiver) -> None:
    fault = {"match": {"method": "tochka.incomingPayment", "entity_id": 2}, "action": {"kind": "drop_hook"}}
    assert told(start(faults=[fault]), receiver, "1.00", "2.00", "3.00") == ["1.0", "3.0"]


def test_a_reset_forgets_everything_but_the_seed(start: Start, receiver: Receiver) -> None:
    served = start(paid(TOCHKA, 15, id=1), faults=[{"action": {"kind": "shuffle_hooks", "window": 3}}])
    assert told(served, receiver, "1.00") == []
    served.control.kill_token("tbank")
    key = served.tochka.key()
    served.control.reset()
    assert [row["id"] for row in served.control.operations()] == [1]
    assert served.tochka.key() != key
    assert served.tbank.ask(TBANK).status_code == 200
    assert told(served, receiver, "2.00") == ["2.0"]

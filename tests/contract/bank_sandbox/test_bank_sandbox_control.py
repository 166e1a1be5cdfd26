"""The control API over HTTP."""

from typing import Any

import httpx

from .banks import TBANK, TOCHKA, paid
from .conftest import Served, Start
from .receiver import Receiver


def control(served: Served, path: str, body: Any = None, method: str = "") -> httpx.Response:
    kind = method or ("GET" if body is None else "POST")
    return httpx.request(kind, served.sandbox.control_url + path, json=body, trust_env=False, verify=False)


def test_accounts_are_moved_over_http(start: Start) -> None:
    served = start(paid(TOCHKA, 15, id=1))
    added = control(served, "act", {"act": "add", "operation": paid(TBANK, 16, "5.00")})
    assert added.json() == {"ok": True, "id": 2}
    assert control(served, "act", {"act": "correct", "id": 1, "fields": {"amount": "7.00"}}).status_code == 200
    assert control(served, "act", {"act": "spoil", "id": 1, "how": "alter", "amount": "8.00"}).status_code == 200
    state = control(served, "state").json()
    assert state["balances"] == {TOCHKA: "1007.00", TBANK: "505.00"}
    assert [(row["id"], row["amount"], row["shown"]) for row in state["operations"]] == [
        (1, "7.00", "alter"),
        (2, "5.00", "true"),
    ]
    assert control(served, "act", {"act": "mend", "id": 1}).status_code == 200
    assert control(served, "act", {"act": "cancel", "id": 1}).status_code == 200
    assert control(served, "state").json()["operations"][0]["cancelled"] is True
    assert [line["method"] for line in control(served, "write-log?kind=effect").json()] == [
        "add",
        "correct",
        "spoil",
        "mend",
        "cancel",
    ]


def test_clock_token_key_and_faults_are_moved_over_http(start: Start) -> None:
    served = start()
    stopped = control(served, "clock", {"set": "2026-03-01T12:00:00+03:00", "freeze": True}).json()
    assert stopped == {"now": "2026-03-01T09:00:00+00:00"}
    assert control(served, "clock", {"advance_s": 60, "resume": True}).json()["now"].startswith("2026-03-01T09:01")
    assert control(served, "token", {"bank": "tbank", "alive": False}).status_code == 200
    assert served.tbank.ask(TBANK).status_code == 401
    assert control(served, "token", {"bank": "tbank", "alive": True}).status_code == 200
    before = served.tochka.key()
    assert control(served, "key", {}).status_code == 200
    assert served.tochka.key() != before
    rule = {"name": "down", "action": {"kind": "refuse", "status": 503}}
    assert control(served, "faults", rule).status_code == 200
    assert control(served, "faults", {"rules": [rule]}).status_code == 200
    assert served.tbank.ask(TBANK).status_code == 503
    assert control(served, "state").json()["faults_fired"] == {"down": 1}
    assert control(served, "faults", method="DELETE").status_code == 200
    assert served.tbank.ask(TBANK).status_code == 200
    seen = [(row["method"], row["status"]) for row in control(served, "requests").json()]
    assert seen[-2:] == [("tbank.statement", 503), ("tbank.statement", 200)]
    assert control(served, "reset", {}).status_code == 200
    assert control(served, "requests").json() == []


def test_subscriptions_are_made_by_hand_and_deliveries_are_seen(start: Start, receiver: Receiver) -> None:
    served = start()
    order = {
        "tochka": {"url": receiver.url, "events": ["incomingPayment"]},
        "tbank": [{"url": receiver.url, "auth_type": "Bearer", "auth_secret": "s3cret"}],
    }
    assert control(served, "hooks", order).status_code == 200
    served.control.add(paid(TOCHKA, 16))
    served.control.add(paid(TBANK, 16))
    served.control.wait_hooks()
    shown = [
        (row["bank"], row["event"], row["operation"], row["attempt"], row["status"])
        for row in control(served, "hooks").json()
    ]
    assert shown == [("tochka", "incomingPayment", 1, 1, 200), ("tbank", "oper-feed-operation", 2, 1, 200)]


def test_wrong_orders_are_named(start: Start) -> None:
    served = start()
    wrong = control(served, "act", {"act": "burn"})
    assert (wrong.status_code, wrong.json()["error"]) == (422, "invalid")
    field = control(served, "act", {"act": "correct", "id": 1, "fields": {"sum": 1}})
    assert field.json()["problems"][0]["field"].endswith("fields.sum")
    absent = control(served, "act", {"act": "cancel", "id": 1})
    assert (absent.status_code, absent.json()["error"]) == (400, "refused")


def test_an_address_of_no_bank_is_not_found(start: Start) -> None:
    assert httpx.get(f"{start().sandbox.url}/sber/x", trust_env=False).status_code == 404

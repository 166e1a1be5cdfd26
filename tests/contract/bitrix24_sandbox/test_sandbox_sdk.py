"""The vendor's own SDK (b24pysdk), its code untouched, works against the stand-in over https, which it insists on."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from b24pysdk import BitrixWebhook
from b24pysdk.errors import (
    BitrixAPIError,
    BitrixAPIErrorOAuth,
    BitrixAPIInsufficientScope,
    BitrixAPINotFound,
    BitrixAPIOperationTimeLimit,
    BitrixAPIQueryLimitExceeded,
    BitrixAPIUnauthorized,
    BitrixRequestError,
)

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox

DEAL = {"entityTypeId": 2}
Connect = Callable[..., tuple[BitrixWebhook, RunningSandbox]]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Serve a portal, and connect to it as one connects to any: by a domain and a webhook's token."""
    with ExitStack() as stack:

        def run(seed: dict[str, Any] | None = None) -> tuple[BitrixWebhook, RunningSandbox]:
            sandbox = stack.enter_context(running_sandbox(seed, tls=True))
            # The library's own way to another certificate authority.
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.certificate))
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            return webhook(sandbox), sandbox

        yield run
        # Its errors keep their answers, and an answer its connection, until they are forgotten.
        gc.collect()


def webhook(sandbox: RunningSandbox, token: str = "") -> BitrixWebhook:
    address = urlsplit(sandbox.webhook_url)
    return BitrixWebhook(domain=address.netloc, webhook_token=token or address.path.removeprefix("/rest/"))


def many(count: int) -> dict[str, Any]:
    return {"deals": [{"id": n, "title": f"Сделка {n}", "opportunity": f"{n}.50"} for n in range(1, count + 1)]}


def test_it_reads_one_deal_and_moves_it(connect: Connect) -> None:
    token, sandbox = connect()
    client = token.get_client()
    deal = client.crm.item.get(bitrix_id=9041, entity_type_id=2).result["item"]
    assert (deal["id"], deal["stageId"], deal["opportunity"]) == (9041, "C4:PREPAYMENT_INVOICE", 125000.5)
    moved = client.crm.item.update(bitrix_id=9041, entity_type_id=2, fields={"stageId": "C4:EXECUTING"})
    assert moved.result["item"]["stageId"] == "C4:EXECUTING"
    assert moved.response.time.duration >= 0
    assert sandbox.control.deal(9041)["stageId"] == "C4:EXECUTING"


def test_its_list_reads_every_page_by_batches(connect: Connect) -> None:
    token, sandbox = connect(many(131))
    found = token.get_client().crm.item.list(entity_type_id=2, order={"id": "ASC"}).as_list().result
    assert [deal["id"] for deal in found] == list(range(1, 132))
    assert [request.method for request in sandbox.control.requests] == ["crm.item.list", "batch"]


def test_its_list_by_ids_is_split_into_batches(connect: Connect) -> None:
    token, _ = connect(many(131))
    found = token.call_list("crm.item.list", DEAL | {"filter": {"@id": list(range(1, 121))}})
    # More keys than filter and select: it pages instead, and both ways give the same rows.
    assert sorted(deal["id"] for deal in found["result"]) == list(range(1, 121))
    classic = token.call_list("crm.deal.list", {"filter": {"@ID": list(range(1, 121))}, "select": ["ID"]})
    assert sorted(int(deal["ID"]) for deal in classic["result"]) == list(range(1, 121))


@pytest.mark.parametrize("method", ["crm.item.list", "crm.deal.list"])
def test_its_fast_list_follows_the_last_id_of_each_page_inside_a_batch(connect: Connect, method: str) -> None:
    token, sandbox = connect(many(131))
    found = list(token.call_list_fast(method, DEAL)["result"])
    assert [int(deal.get("id") or deal["ID"]) for deal in found] == list(range(1, 132))
    assert [request.method for request in sandbox.control.requests] == [method, "batch"]


def test_its_fast_list_goes_downwards_and_stops_at_a_limit(connect: Connect) -> None:
    token, _ = connect(many(131))
    found = token.call_list_fast("crm.item.list", DEAL, descending=True, limit=70)["result"]
    assert [deal["id"] for deal in found] == list(range(131, 61, -1))


def test_its_batch_tells_results_and_errors_by_key(connect: Connect) -> None:
    token, sandbox = connect()
    answer = token.call_batch(
        {
            "deal": ("crm.item.get", DEAL | {"id": 9041}),
            "none": ("crm.item.get", DEAL | {"id": 1}),
            "move": ("crm.item.update", DEAL | {"id": 9042, "fields": {"title": "Монтаж & наладка + 1"}}),
        }
    )["result"]
    assert answer["result"]["deal"]["item"]["id"] == 9041
    assert set(answer["result_error"]) == {"none"}
    assert answer["result_error"]["none"]["error"] == "NOT_FOUND"
    assert sandbox.control.deal(9042)["title"] == "Монтаж & наладка + 1"


def test_its_batch_stops_at_the_first_failure_where_it_is_told_to(connect: Connect) -> None:
    token, sandbox = connect()
    calls = [
        ("crm.item.get", DEAL | {"id": 1}),
        ("crm.item.update", DEAL | {"id": 9042, "fields": {"title": "нет"}}),
    ]
    answer = token.call_batch(calls, halt=True)["result"]
    assert answer["result_error"]
    assert not answer["result"]
    assert sandbox.control.deal(9042)["title"] != "нет"


def test_its_many_batches_take_a_hundred_and_twenty_writes(connect: Connect) -> None:
    token, sandbox = connect(many(120))
    orders = [("crm.item.update", DEAL | {"id": n, "fields": {"stageId": "EXECUTING"}}) for n in range(1, 121)]
    token.call_batches(orders)
    assert {deal["stageId"] for deal in sandbox.control.deals()} == {"EXECUTING"}
    assert [request.method for request in sandbox.control.requests] == ["batch"] * 3


def test_it_names_what_was_refused(connect: Connect) -> None:
    token, sandbox = connect()
    with pytest.raises(BitrixAPINotFound) as missing:
        token.call_method("crm.item.get", DEAL | {"id": 1})
    assert missing.value.error == "NOT_FOUND"
    with pytest.raises(BitrixAPINotFound) as unknown:
        token.call_method("crm.no.such")
    assert unknown.value.error == "ERROR_METHOD_NOT_FOUND"
    with pytest.raises(BitrixAPIUnauthorized) as revoked:
        webhook(sandbox, "1/wrong").call_method("profile")
    assert revoked.value.error == "NO_AUTH_FOUND"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("OPERATION_TIME_LIMIT", 429, BitrixAPIOperationTimeLimit),
        ("insufficient_scope", 403, BitrixAPIInsufficientScope),
        ("ERROR_OAUTH", 401, BitrixAPIErrorOAuth),
    ],
)
def test_it_knows_the_codes_of_the_system(connect: Connect, code: str, status: int, kind: type[BitrixAPIError]) -> None:
    token, sandbox = connect()
    sandbox.control.add_faults(
        {"match": {"method": "crm.item.get"}, "action": {"kind": "refuse", "status": status, "code": code}}
    )
    with pytest.raises(kind):
        token.call_method("crm.item.get", DEAL | {"id": 9041})


def test_it_waits_and_repeats_where_it_was_too_fast(connect: Connect) -> None:
    token, sandbox = connect()
    fault = {"match": {"method": "crm.item.get"}, "times": 2}
    sandbox.control.add_faults(fault | {"action": {"kind": "refuse", "status": 503, "code": "QUERY_LIMIT_EXCEEDED"}})
    order: dict[str, Any] = {"max_retries": 3, "initial_retry_delay": 0.01, "retry_delay_increment": 0.01}
    assert token.call_method("crm.item.get", DEAL | {"id": 9041}, **order)["result"]["item"]["id"] == 9041
    sandbox.control.add_faults(
        fault | {"times": 3, "action": {"kind": "refuse", "status": 503, "code": "QUERY_LIMIT_EXCEEDED"}}
    )
    with pytest.raises(BitrixAPIQueryLimitExceeded):
        token.call_method("crm.item.get", DEAL | {"id": 9041}, **order)


def test_a_lost_answer_is_told_as_one(connect: Connect) -> None:
    token, sandbox = connect()
    sandbox.control.add_faults(
        {"match": {"method": "crm.item.update"}, "action": {"kind": "lose_reply", "applied": True}}
    )
    with pytest.raises(BitrixRequestError):
        token.call_method("crm.item.update", DEAL | {"id": 9042, "fields": {"title": "Дошло"}})
    assert sandbox.control.deal(9042)["title"] == "Дошло"

"""What the hub publishes of its API is what it does: requests made from the document, good and bad, get what it says.

Schemathesis makes the requests. Its rule that bad input is refused whole is not ours: a payment that cannot be read
does not stop the others, so it must be named instead, and what is good must not be named.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection
from starlette.routing import Route

from hub.store.engine import Database
from hub.web.app import _routes, create_app
from hub.web.openapi import document
from tests.web.desk_world import DeskWorld

TOKEN: Final = "matching-0123456789"
HEADERS: Final = {"Authorization": f"Bearer {TOKEN}"}
MATCH: Final = "/api/v1/match"
#: Every fault says of which payment or invoice and of which field it speaks.
NAMED: Final = re.compile(r"(payments|invoices)\[\d+\], (поле «[\w.\[\]]+»: .+|нужен объект JSON)", re.DOTALL)
NO_LIST: Final = re.compile(r"поле «(payments|invoices)»: нужен список")
REPEATED: Final = "встретился ещё раз, повтор пропущен"
#: Without kopecks, so that a sum with two digits after the point is none.
WHOLE: Final = frozenset({"JPY", "KRW", "VND"})
DAY: Final = re.compile(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})([T ].*)?", re.DOTALL)


@pytest.fixture
def api(sqlite_database: Database) -> schemathesis.BaseSchema:
    desk = DeskWorld(sqlite_database)
    app = create_app(replace(desk.context, api_token=TOKEN))
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


def judge(schemas: Mapping[str, Any], dates: FormatChecker) -> Draft202012Validator:
    """The document's opinion of a bundle."""
    whole = {"$ref": "#/components/schemas/Bundle", "components": {"schemas": schemas}}
    return Draft202012Validator(whole, format_checker=dates)


def forgiving(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """What the hub reads beyond what the document asks for: «1e3» is a sum, 643 a currency, «IN » a direction."""
    found: dict[str, Any] = deepcopy(dict(schemas))
    found["Key"] = {"type": ["string", "number"], "pattern": r"\S"}
    found["Sum"] = found["SumAboveZero"] = {"type": ["string", "number"]}
    found["SumOrNone"] = {"type": ["string", "number", "null"]}
    found["Currency"] = {"type": ["string", "number", "null"]}
    for name, field in (("Payment", "direction"), ("Invoice", "status")):
        words = "|".join(filter(None, found[name]["properties"][field]["enum"]))
        found[name]["properties"][field] = {"type": ["string", "null"], "pattern": rf"(?i)^\s*({words})?\s*$"}
    return found


DAYS: Final = FormatChecker(())


@DAYS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    """A blank is no date and no fault; a time may follow."""
    if not isinstance(value, str) or not value.strip():
        return True
    written = DAY.fullmatch(value)
    return written is not None and bool(date.fromisoformat(written[1]))


GOOD: Final = judge(document()["components"]["schemas"], FormatChecker(("date",)))
NOT_BAD: Final = judge(forgiving(document()["components"]["schemas"]), DAYS)


def check_answer(bundle: Any, answer: Mapping[str, Any]) -> None:
    """What is good is decided, what is bad is named by its field, and by nothing else."""
    faults = answer["faults"]
    for fault in faults:
        assert NAMED.fullmatch(fault) or NO_LIST.fullmatch(fault) or REPEATED in fault, fault
    if GOOD.is_valid(bundle) and not _of_whole_money(bundle):
        assert [fault for fault in faults if REPEATED not in fault] == []
        ids = {str(item["id"]).strip() for item in bundle["payments"]}
        assert len(answer["decisions"]) == len(ids)
    if not NOT_BAD.is_valid(bundle):
        assert faults, bundle


def _of_whole_money(bundle: Mapping[str, Any]) -> bool:
    return any(item.get("currency") in WHOLE for name in ("payments", "invoices") for item in bundle[name])


def ask(case: schemathesis.Case[Any]) -> int:
    """Send a request and compare the answer with the document; that the hub lags is the one 5xx that is an answer."""
    answer = case.call(headers=HEADERS)
    lags = case.path == "/ready" and answer.status_code == 503
    excluded: list[Any] = [negative_data_rejection, *([not_a_server_error] if lags else [])]
    case.validate_response(answer, headers=HEADERS, excluded_checks=excluded)
    if answer.status_code == 200 and case.path == MATCH:
        sent = answer.request.body
        assert isinstance(sent, str | bytes)
        check_answer(json.loads(sent), answer.json())
    return answer.status_code


@pytest.mark.parametrize(("mode", "codes"), [("POSITIVE", {200}), ("NEGATIVE", {200, 400, 401})])
def test_requests_made_at_random_get_what_the_document_says(
    api: schemathesis.BaseSchema, mode: str, codes: set[int]
) -> None:
    seen: set[int] = set()
    strategy = api[MATCH]["POST"].as_strategy(generation_mode=GenerationMode[mode])

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(strategy)
    def each(case: schemathesis.Case[Any]) -> None:
        seen.add(ask(case))

    each()
    assert seen <= codes
    assert 200 in seen


def test_requests_at_every_boundary_of_the_document_get_what_it_says(api: schemathesis.BaseSchema) -> None:
    """Least and greatest values, missing and odd ones, other methods, other types of content."""
    seen: Counter[str] = Counter()
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    for result in api.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        for case in api.iter_coverage_cases(operation, generation_modes=modes, generation_config=api.config.generation):
            seen[operation.label] += 1
            ask(case)
    assert {f"POST {MATCH}", "GET /health", "GET /ready"} <= seen.keys()
    assert seen[f"POST {MATCH}"] > 100


def test_the_judge_of_these_tests_tells_good_from_bad() -> None:
    payment = {"id": "1", "amount": "5", "booked_on": "2026-03-01"}
    decided: dict[str, Any] = {"decisions": [{}], "faults": []}
    check_answer({"payments": [payment], "invoices": []}, decided)
    for wrong, answer in (
        ({**payment, "amount": []}, decided),
        ({**payment, "booked_on": "2026-03-0155"}, decided),
        ({**payment, "direction": "up"}, decided),
        (payment, {"decisions": [], "faults": ["payments[1], поле «amount»: нужна сумма"]}),
        (payment, {"decisions": [{}], "faults": ["что-то не так"]}),
        (payment, {"decisions": [], "faults": []}),
    ):
        with pytest.raises(AssertionError):
            check_answer({"payments": [wrong], "invoices": []}, answer)


def test_every_address_for_programmes_is_in_the_document() -> None:
    """Hooks are signed by their senders and have pages of their own; /metrics is not JSON."""
    served = {route.path for route in _routes() if isinstance(route, Route)}
    told = set(document()["paths"])
    assert told <= served
    assert {path for path in served if path.startswith("/api/")} <= told

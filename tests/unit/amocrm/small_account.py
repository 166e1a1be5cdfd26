"""An account of one deal and one invoice that answers what a test laid out, without a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx

from connectors.amocrm.client import ApiClient
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.directory import Directory
from connectors.amocrm.lookup import Lookup
from connectors.amocrm.sink import Sink
from connectors.shared.http import HttpClient, Origin
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime
from tests.support.world import HandClock

ADDRESS = "https://acme.amocrm.ru"
DEAL, INVOICE, LIST, SALES, WHOLESALE = 7, 5, 7301, 1, 2
READ, WRITE, EVENTS = f"GET /leads/{DEAL}", f"PATCH /leads/{DEAL}", "GET /events"
READ_INVOICE, WRITE_INVOICE = f"GET /catalogs/{LIST}/elements/{INVOICE}", f"PATCH /catalogs/{LIST}/elements"
PIPELINES, DEAL_FIELDS, INVOICE_FIELDS = (
    "GET /leads/pipelines",
    "GET /leads/custom_fields",
    f"GET /catalogs/{LIST}/custom_fields",
)
#: A refusal that no repetition would mend, without complaints about fields.
REFUSED = 403


@dataclass(frozen=True)
class Asked:
    """A request as the account got it."""

    call: str
    query: dict[str, str]
    body: Any


class PacedClock(HandClock):
    """Time that waits for turns move as well."""

    def sleep(self, seconds: float) -> None:
        # A standing clock would never pass less than it can show.
        super().sleep(max(seconds, 0.001))


class SmallAccount:
    """Answers in the order laid out; the last stays. A number is a problem of that status, a function gives its own."""

    def __init__(self) -> None:
        self.clock = PacedClock()
        self.asked: list[Asked] = []
        self._answers: dict[str, list[Any]] = {}
        self.lay(READ, deal(2))
        self.lay(WRITE, {"id": DEAL})
        self.lay(EVENTS, None)
        self.lay(PIPELINES, rows("pipelines", *PLAN))
        self.lay(DEAL_FIELDS, rows("custom_fields"))
        self.lay("GET /account", {"id": 300100, "currency": "RUB"})
        self.lay("GET /catalogs", rows("catalogs", {"id": LIST, "name": "Счета", "type": "invoices"}))
        self.lay(INVOICE_FIELDS, rows("custom_fields", status_field()))
        self.lay(READ_INVOICE, invoice({"enum_id": 11}))
        self.lay(WRITE_INVOICE, rows("elements", {"id": INVOICE}))

    def lay(self, call: str, *answers: Any) -> None:
        """Lay out what is answered to a call."""
        self._answers[call] = list(answers)

    def sink(self, **settings: Any) -> Sink:
        """The sink of a connection to this account."""
        config = AmoConfig.model_validate({"address": ADDRESS, "token": "x.y.z", "rate_per_s": 7} | settings)
        http = HttpClient(Origin.of(ADDRESS), user_agent="sverka/test", transport=httpx.MockTransport(self._answer))
        client = ApiClient(config, Runtime("main", self.clock, MemoryQuota(self.clock), "test"), http)
        directory, writes_day = Directory(config, client, self.clock), config.invoices.payment_date
        return Sink(client, directory, Lookup(client), self.clock, writes_day=writes_day)

    def requests(self, call: str) -> list[Asked]:
        """Requests of one call, oldest first."""
        return [asked for asked in self.asked if asked.call == call]

    def sent(self, call: str) -> Any:
        """The body of the only request of a call."""
        (asked,) = self.requests(call)
        return asked.body

    def _answer(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path.removeprefix('/api/v4')}"
        body = json.loads(request.content) if request.content else None
        self.asked.append(Asked(call, dict(parse_qsl(request.url.query.decode())), body))
        answers = self._answers[call]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer = answer() if callable(answer) else answer
        if answer is None:
            return _reply(204, b"")
        if isinstance(answer, int):
            return _reply(answer, json.dumps({"title": "No", "status": answer}).encode())
        return _reply(400 if "validation-errors" in answer else 200, json.dumps(answer).encode())


def _reply(status: int, body: bytes) -> httpx.Response:
    # As from a socket: not read before the client reads it.
    return httpx.Response(status, stream=httpx.ByteStream(body))


def rows(key: str, *items: Any, more: bool = False) -> dict[str, Any]:
    """A list reply."""
    links = {"next": {"href": f"{ADDRESS}/next"}} if more else {}
    return {"_embedded": {key: list(items)}, "_links": links}


def complaint(*paths: str) -> dict[str, Any]:
    """A refusal that complains of fields."""
    errors = [{"code": "FieldMissing", "path": path, "detail": "Required"} for path in paths]
    return {"status": 400, "title": "Bad Request", "validation-errors": [{"request_id": "0", "errors": errors}]}


def deal(stage: int, pipeline: int = SALES, updated_at: int = 1000, **parts: Any) -> dict[str, Any]:
    """A deal on a stage."""
    return {"id": DEAL, "status_id": stage, "pipeline_id": pipeline, "updated_at": updated_at} | parts


def moved(
    id_: str, to: tuple[int, int], came_from: tuple[int, int] | None = None, at: int = 1000, **parts: Any
) -> dict[str, Any]:
    """An event of a move."""
    base: dict[str, Any] = {"id": id_, "type": "lead_status_changed", "entity_id": DEAL, "entity_type": "lead"}
    before = [standing(came_from)] if came_from is not None else []
    return base | {"created_at": at, "created_by": 9, "value_after": [standing(to)], "value_before": before} | parts


def standing(place: tuple[int, int]) -> dict[str, Any]:
    """A place as events name it."""
    return {"lead_status": {"pipeline_id": place[0], "id": place[1]}}


def invoice(*status: dict[str, Any], updated_at: int = 2000, **parts: Any) -> dict[str, Any]:
    """An invoice of some status."""
    filled = [{"field_id": 90, "field_code": "BILL_STATUS", "values": list(status)}]
    base = {"id": INVOICE, "catalog_id": LIST, "name": "Счет №5", "updated_at": updated_at}
    return base | {"custom_fields_values": filled if status else None} | parts


def status_field(*enums: dict[str, Any]) -> dict[str, Any]:
    """The field of an invoice's status."""
    return {"id": 90, "name": "Статус", "code": "BILL_STATUS", "type": "select", "enums": list(enums or ENUMS)}


#: The field of the day on which the money came.
DAY_FIELD: dict[str, Any] = {"id": 92, "name": "Дата оплаты", "code": "BILL_PAYMENT_DATE", "type": "date"}
#: «Paid in advance» stands before «paid», as in accounts whose people put it there.
ENUMS: tuple[dict[str, Any], ...] = (
    {"id": 11, "value": "Создан", "code": "created"},
    {"id": 12, "value": "Оплачен в аванс", "code": "paid_in_advance"},
    {"id": 13, "value": "Оплачен", "code": "paid"},
    {"id": 14, "value": "Частично оплачен", "code": "partially_paid"},
)
PLAN: tuple[dict[str, Any], ...] = (
    {
        "id": SALES,
        "name": "Продажи",
        "_embedded": {
            "statuses": [
                {"id": 2, "name": "Счёт выставлен", "sort": 10},
                {"id": 3, "name": "В работе", "sort": 20},
                {"id": 4, "name": "Первичный контакт", "sort": 5},
                {"id": 142, "name": "Успешно", "sort": 900},
            ]
        },
    },
    {"id": WHOLESALE, "name": "Опт", "_embedded": {"statuses": [{"id": 3, "name": "Ждём оплату", "sort": 10}]}},
)

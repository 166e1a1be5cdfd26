"""A portal of one deal and one invoice that answers what a test laid out, without a socket."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import httpx

from connectors.bitrix24.client import RestClient
from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.directory import Directory
from connectors.bitrix24.sink import Sink
from connectors.shared.http import HttpClient, Origin
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime
from tests.support.world import HandClock

ADDRESS = "https://acme.bitrix24.ru"
DEAL, INVOICE, HUB = 7, 5, "9"
READ, WRITE, HISTORY = "crm.item.get", "crm.item.update", "crm.stagehistory.list"
PLAN, STAGES, FIELDS = "crm.category.list", "crm.status.list", "crm.item.fields"
#: A refusal that no repetition would mend.
REFUSED: dict[str, Any] = {"error": "ACCESS_DENIED", "error_description": "Access denied"}
#: When the portal began a call, by its own clock (2026-03-10 09:00:00 UTC).
BEGAN_S = 1773133200


class SmallPortal:
    """Answers in the order laid out; the last one stays. One with `error` is a refusal, a number is a bare status."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.asked: list[tuple[str, Any]] = []
        self.stages: dict[str, Any] = {
            "DEAL_STAGE": [
                stage("NEW", "Счёт выставлен", 10),
                stage("SHIP", "Отгрузка", 20),
                stage("ELSE", "Переговоры", 30),
                stage("WON", "Успех", 40, "S"),
            ],
            "DEAL_STAGE_3": [stage("C3:NEW", "Опт: ждём", 10)],
            "SMART_INVOICE_STAGE_11": [
                stage("DT31_11:N", "Новый", 10),
                stage("DT31_11:P2", "Оплачен позже", 40, "S"),
                stage("DT31_11:P", "Оплачен", 30, "S"),
                stage("DT31_11:D", "Отклонён", 50, "F"),
            ],
            "SMART_INVOICE_STAGE_12": [stage("DT31_12:N", "Новый", 10)],
        }
        self._answers: dict[str, list[Any]] = {}
        self.lay(READ, item(DEAL, "NEW"))
        self.lay(WRITE, item(DEAL, "SHIP"))
        self.lay(HISTORY, {"items": []})
        self.lay(FIELDS, {"fields": {}})

    def lay(self, method: str, *answers: Any) -> None:
        """Lay out what is answered to a method."""
        self._answers[method] = list(answers)

    def sink(self, *user_fields: str) -> Sink:
        """The sink of a connection to this portal."""
        config = Bitrix24Config.model_validate({"webhook_url": f"{ADDRESS}/rest/{HUB}/secret/", "plan": "off"})
        http = HttpClient(Origin.of(ADDRESS), user_agent="sverka/test", transport=httpx.MockTransport(self._answer))
        client = RestClient(config, Runtime("main", self.clock, MemoryQuota(self.clock), "test"), http)
        return Sink(client, Directory(client, self.clock), user_fields)

    def sent(self, method: str) -> list[Any]:
        """Parameters of every call of a method."""
        return [params for name, params in self.asked if name == method]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        method, params = request.url.path.rpartition("/")[2], json.loads(request.content)
        self.asked.append((method, params))
        if method == "batch":
            return _reply(200, {"result": {"result": {key: self._stages(cmd) for key, cmd in params["cmd"].items()}}})
        if method == PLAN and method not in self._answers:
            ids = {2: (0, 3), 31: (11, 12)}[params["entityTypeId"]]
            rows = [{"id": number, "name": f"Воронка {number}", "sort": number} for number in ids]
            return _reply(200, {"result": {"categories": rows}})
        answers = self._answers[method]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, int) and not isinstance(answer, bool):
            return _reply(answer, {})
        if isinstance(answer, dict) and "error" in answer:
            return _reply(400, answer)
        return _reply(200, {"result": answer, "time": {"start": BEGAN_S}})

    def _stages(self, command: str) -> Any:
        query = dict(parse_qsl(command.partition("?")[2]))
        return self.stages[query["filter[ENTITY_ID]"]]


def _reply(status: int, document: Any) -> httpx.Response:
    # As from a socket: not read before the client reads it.
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(document).encode()))


def stage(id_: str, name: str, sort: int, semantics: str = "") -> dict[str, Any]:
    """A stage of the plan."""
    return {"STATUS_ID": id_, "NAME": name, "SORT": sort, "SEMANTICS": semantics}


def item(id_: int, stage_id: str, category: int = 0, **parts: Any) -> dict[str, Any]:
    """A reply with a record on a stage."""
    base: dict[str, Any] = {"id": id_, "stageId": stage_id, "categoryId": category, "movedBy": int(HUB)}
    return {"item": base | {"movedTime": "2026-03-10T12:00:01+03:00"} | parts}


def trail(*entries: tuple[int, str, int]) -> dict[str, Any]:
    """A stage history: number, stage, pipeline."""
    rows = [
        {
            "ID": number,
            "OWNER_ID": DEAL,
            "CATEGORY_ID": category,
            "STAGE_ID": stage_id,
            "CREATED_TIME": f"2026-03-10T11:00:{number:02}+03:00",
        }
        for number, stage_id, category in entries
    ]
    return {"items": rows}

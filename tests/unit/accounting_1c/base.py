"""A base of 1C in memory, behind httpx's own test transport: the wire shapes of the contract, no sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx

from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.connector import OneC
from connectors.accounting_1c.money import OneCMoney
from connectors.shared.http import HttpClient
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime
from hub.domain.models import Client, Invoice
from hub.ports.crm import ChangePage, Removed
from mappings.accounting import shipped_map

ROOT = "https://1c.example/acc/odata/standard.odata"
NOBODY = "00000000-0000-0000-0000-000000000000"
INVOICE = "Document_СчетНаОплатуПокупателю"
PAYMENT = "Document_ПоступлениеНаРасчетныйСчет"
STATUS = "InformationRegister_СтатусыДокументов"
Row = dict[str, Any]
Answer = Callable[[httpx.Request], httpx.Response | None]

_KEY = re.compile(r"/([^/(]+)(?:\((.*)\))?$")
_EQUAL = re.compile(r"(\w+) eq (?:cast\(guid'([0-9a-f-]+)','(\w+)'\)|(?:guid)?'([^']*)')")
_WINDOW = re.compile(r"(\w+) ge datetime'([^']+)' and \w+ lt datetime'([^']+)'(?: and (.+))?")


def guid(number: int, kind: str = "a") -> str:
    """A reference that one can read: `…00000000a005`."""
    return f"1b7e0c52-0d4a-11f1-9a01-0000000{kind}{number:04d}"


ORG, CLIENT, CONTRACT, RUB = guid(1, "b"), guid(1, "c"), guid(1, "d"), guid(1, "e")
OUR_ACCOUNT, THEIR_ACCOUNT = guid(1, "f"), guid(2, "f")


class Clock:
    """Time that tests move by hand; waiting moves it."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        # A datetime knows microseconds only: a shorter wait must not last for ever.
        self.moment += timedelta(seconds=max(seconds, 0.001))


class Base:
    """Sets with their rows; composite fields are those that have a twin `…_Type` in their first row."""

    def __init__(self) -> None:
        self.sets: dict[str, list[Row]] = {
            "Catalog_Организации": [
                {"Ref_Key": ORG, "Description": "Ромашка", "ИНН": "7701234567", "КПП": "770101001"}
            ],
            "Catalog_Контрагенты": [
                {
                    "Ref_Key": CLIENT,
                    "Description": "Ель",
                    "НаименованиеПолное": 'ООО "Ель"',
                    "ИНН": "7707083893",
                    "КПП": "770701001",
                    "IsFolder": False,
                    "DeletionMark": False,
                }
            ],
            "Catalog_ДоговорыКонтрагентов": [
                {
                    "Ref_Key": CONTRACT,
                    "Номер": "Д-7",
                    "Дата": "2026-01-15T00:00:00",
                    "ВалютаВзаиморасчетов_Key": RUB,
                }
            ],
            "Catalog_БанковскиеСчета": [
                {
                    "Ref_Key": THEIR_ACCOUNT,
                    "НомерСчета": "40702810900000012345",
                    "Owner": CLIENT,
                    "Owner_Type": "StandardODATA.Catalog_Контрагенты",
                    "DeletionMark": False,
                },
                {
                    "Ref_Key": OUR_ACCOUNT,
                    "НомерСчета": "40702810000000000001",
                    "Owner": ORG,
                    "Owner_Type": "StandardODATA.Catalog_Организации",
                    "DeletionMark": False,
                },
            ],
            "Catalog_Валюты": [{"Ref_Key": RUB, "Code": "643"}],
            INVOICE: [],
            PAYMENT: [],
            f"{PAYMENT}_РасшифровкаПлатежа": [],
            STATUS: [],
        }
        self.fields: dict[str, list[str]] = {
            **{name: list(rows[0]) for name, rows in self.sets.items() if rows},
            INVOICE: list(invoice(1)),
            PAYMENT: [name for name in payment(1, []) if name != "РасшифровкаПлатежа"],
            f"{PAYMENT}_РасшифровкаПлатежа": ["Ref_Key", "LineNumber", "СуммаПлатежа", "СчетНаОплату_Key"],
            STATUS: ["Организация_Key", "Документ", "Документ_Type", "Статус", "Статус_Type"],
        }
        self.requests: list[httpx.Request] = []
        self.before: Answer = lambda request: None
        self.writes: list[tuple[str, str, Row]] = []

    # What tests put into it

    def add(self, name: str, *rows: Row) -> None:
        self.sets[name] += rows
        if name == PAYMENT:
            for row in rows:
                self.sets[f"{PAYMENT}_РасшифровкаПлатежа"] += [
                    {"Ref_Key": row["Ref_Key"], **line} for line in row["РасшифровкаПлатежа"]
                ]

    def edit(self, name: str, reference: str, **values: Any) -> None:
        for row in self.sets[name]:
            if row.get("Ref_Key") == reference:
                row.update(values, DataVersion=row["DataVersion"][:-2] + f"{len(self.requests) % 90 + 10}")

    def drop(self, name: str, reference: str) -> None:
        self.sets[name] = [row for row in self.sets[name] if row.get("Ref_Key") != reference]

    # The wire

    def paths(self) -> list[str]:
        """What was asked for, decoded."""
        return [f"{item.method} {unquote(str(item.url).removeprefix(ROOT))}" for item in self.requests]

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.before(request) or self._answer(request)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.path).removeprefix("/acc/odata/standard.odata")
        if path == "/$metadata":
            return httpx.Response(200, content=self.metadata())
        if path == "/":
            return document({"value": [{"name": name, "url": name} for name in self.sets]})
        found = _KEY.search(path)
        assert found is not None
        name, key = found[1], found[2]
        if name not in self.sets:
            return problem(404, "8", f'"{name}" entity is not found')
        if request.method in ("POST", "PATCH"):
            return self._write(request, name, key)
        if key:
            return self._entity(name, key)
        return document({"value": self._select(name, dict(request.url.params))})

    def _select(self, name: str, options: dict[str, str]) -> list[Row]:
        rows = [row for row in self.sets[name] if self._fits(name, row, options.get("$filter", ""))]
        order = [part.strip() for part in options.get("$orderby", "").split(",") if part.strip()]
        rows.sort(key=lambda row: [str(row.get(part)) for part in order])
        skip, top = int(options.get("$skip", 0)), int(options.get("$top", len(rows) or 1))
        wanted = options.get("$select", "").split(",")
        return [{field: row[field] for field in wanted if field in row} or row for row in rows[skip : skip + top]]

    def _fits(self, name: str, row: Row, condition: str) -> bool:
        window = _WINDOW.fullmatch(condition)
        if window is not None:
            return window[2] <= row[window[1]] < window[3] and self._fits(name, row, window[4] or "")
        return not condition or any(self._equals(name, row, part) for part in condition.split(" or "))

    def _equals(self, name: str, row: Row, condition: str) -> bool:
        found = _EQUAL.fullmatch(condition)
        assert found is not None, condition
        field, cast, kind, bare = found.groups()
        if f"{field}_Type" in self.fields[name]:
            # The silent empty filter: without a cast a composite field never equals anything.
            return bare is None and row[field] == cast and row[f"{field}_Type"] == f"StandardODATA.{kind}"
        return bool(row.get(field) == bare)

    def _entity(self, name: str, key: str) -> httpx.Response:
        row = self._by_key(name, key)
        return document(row) if row is not None else problem(404, "9", "Entity instance not found")

    def _by_key(self, name: str, key: str) -> Row | None:
        values = re.findall(r"(?:guid)?'([^']*)'", key)
        for row in self.sets[name]:
            texts = [str(value) for value in row.values()]
            if all(value in texts for value in values):
                return row
        return None

    def _write(self, request: httpx.Request, name: str, key: str | None) -> httpx.Response:
        body = json.loads(request.content)
        self.writes.append((request.method, name, body))
        row = self._by_key(name, key) if key else None
        if row is None:
            row = {}
            self.sets[name].append(row)
        row.update(body)
        return document(row, 201 if request.method == "POST" else 200)

    def metadata(self) -> bytes:
        """The skeleton of `$metadata`."""
        parts = []
        for name, fields in self.fields.items():
            if name in self.sets:
                properties = "".join(f'<Property Name="{field}" Type="Edm.String"/>' for field in fields)
                parts.append(f'<EntityType Name="{name}">{properties}</EntityType>')
        sets = "".join(f'<EntitySet Name="{name}" EntityType="StandardODATA.{name}"/>' for name in self.sets)
        return (
            '<?xml version="1.0" encoding="UTF-8"?><edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"'
            ' Version="1.0"><edmx:DataServices><Schema xmlns="http://schemas.microsoft.com/ado/2009/11/edm" '
            f'Namespace="StandardODATA">{"".join(parts)}<EntityContainer Name="EnterpriseV8">{sets}</EntityContainer>'
            "</Schema></edmx:DataServices></edmx:Edmx>"
        ).encode()


def document(body: Row, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body, ensure_ascii=False).encode())


def problem(status: int, code: str, said: str) -> httpx.Response:
    """An error as 1C prints it."""
    return document({"odata.error": {"code": code, "message": {"lang": "ru", "value": said}}}, status)


def invoice(number: int, **values: Any) -> Row:
    """An invoice as 1C prints it."""
    return {
        "Ref_Key": guid(number),
        "DataVersion": "AAAAAAAB3wQ=",
        "DeletionMark": False,
        "Number": f"АБ00-{number:06d}",
        "Date": "2026-03-02T11:40:05",
        "Posted": True,
        "Организация_Key": ORG,
        "Контрагент_Key": CLIENT,
        "ДоговорКонтрагента_Key": CONTRACT,
        "СуммаДокумента": 48800,
        **values,
    }


def payment(number: int, pays: Iterable[tuple[str, float]], **values: Any) -> Row:
    """An incoming payment with its breakdown."""
    rows = [
        {"LineNumber": str(place), "СуммаПлатежа": amount, "СчетНаОплату_Key": reference}
        for place, (reference, amount) in enumerate(pays, 1)
    ]
    return {
        "Ref_Key": guid(number, "9"),
        "DataVersion": "AAAAAAAC0wQ=",
        "DeletionMark": False,
        "Number": f"АБ00-{number:06d}",
        "Date": "2026-03-04T00:00:00",
        "Posted": True,
        "Контрагент": CLIENT,
        "Контрагент_Type": "StandardODATA.Catalog_Контрагенты",
        "ВидОперации": "ОплатаПокупателя",
        "СчетОрганизации_Key": OUR_ACCOUNT,
        "СчетКонтрагента_Key": THEIR_ACCOUNT,
        "НомерВходящегоДокумента": "512",
        "ДатаВходящегоДокумента": "2026-03-03T00:00:00",
        "НазначениеПлатежа": "Оплата по счету 117 от 02.03.2026",
        "СуммаДокумента": sum(amount for _, amount in pays),
        "РасшифровкаПлатежа": rows,
        **values,
    }


def settings(**values: Any) -> OneCConfig:
    """Settings of the connector."""
    configuration = values.pop("configuration", "bp30")
    given = {
        "address": ROOT,
        "login": "Сверка",
        "password": "пароль",
        "names": shipped_map(configuration).model_dump(),
        "read_from": "2026-01-01",
        **values,
    }
    return OneCConfig.model_validate(given)


#: The day of the tests, noon in Moscow.
TODAY = datetime(2026, 3, 5, 9, tzinfo=UTC)


class World:
    """A base with a connector, and what its changes brought so far."""

    def __init__(self, base: Base, now: datetime = TODAY, **values: Any) -> None:
        self.base = base
        self.clock = Clock(now)
        self.config = settings(**values)
        self.mark: str | None = None
        self.invoices: dict[str, Invoice] = {}
        self.clients: dict[str, Client] = {}
        self.restart()

    def restart(self) -> None:
        """A new process: nothing is remembered but the mark."""
        self.port = OneC(self.config, self._runtime(), self._http())
        self.money = OneCMoney(self.config, self._runtime(), self._http())

    def _runtime(self) -> Runtime:
        return Runtime("buh", self.clock, MemoryQuota(self.clock))

    def _http(self) -> HttpClient:
        return HttpClient(self.config.origin, user_agent="sverka/test", transport=httpx.MockTransport(self.base.handle))

    def poll(self) -> int:
        """Read to the end, as the hub does: rows and mark together; how many requests it took."""
        before = len(self.base.requests)
        while True:
            page = self.port.changes(self.mark)
            self.take(page)
            if not page.more:
                return len(self.base.requests) - before

    def take(self, page: ChangePage) -> None:
        """Commit a page."""
        for change in page.changes:
            if isinstance(change, Invoice):
                self.invoices[change.id] = change
            elif isinstance(change, Client):
                self.clients[change.id] = change
            elif isinstance(change, Removed):
                self.invoices.pop(change.id, None)
        self.mark = page.mark

    def later(self, **parts: float) -> None:
        """Let time pass."""
        self.clock.moment += timedelta(**parts)

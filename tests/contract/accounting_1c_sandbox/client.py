"""A client of the interface as a careful integrator writes one: spaces as %20, JSON unless told otherwise."""

import re
from typing import Any
from urllib.parse import quote

import httpx

from connectors.accounting_1c.sandbox.testing import RunningSandbox

INVOICES = "Document_СчетНаОплатуПокупателю"
PAYMENTS = "Document_ПоступлениеНаРасчетныйСчет"
BREAKDOWN = f"{PAYMENTS}_РасшифровкаПлатежа"
CLIENTS = "Catalog_Контрагенты"
STATUSES = "InformationRegister_СтатусыДокументов"
ORDERS = "Document_ЗаказКлиента"
UT_PAYMENTS = "Document_ПоступлениеБезналичныхДенежныхСредств"
SETTLEMENTS = "AccumulationRegister_РасчетыСКлиентами"
RATES = "InformationRegister_КурсыВалют"
PLAN = "ExchangePlan_ОбменСХабом"


class OData:
    """Calls one base as one user."""

    def __init__(self, sandbox: RunningSandbox, user: str | None = None, password: str | None = None) -> None:
        self.root = sandbox.base_url
        auth = (user or sandbox.user, password or sandbox.password)
        self.http = httpx.Client(auth=auth, trust_env=False, timeout=30)

    def call(self, method: str, path: str, body: Any = None, headers: Any = None, **options: Any) -> httpx.Response:
        """One call; `options` are query options, `$` is put before all but those of functions."""
        pairs = {"format": "json", **options}
        query = "&".join(f"{_name(name)}={quote(str(value))}" for name, value in pairs.items() if value is not None)
        url = f"{self.root}/{quote(path, safe=CHARS)}?{query}"
        return self.http.request(method, url, json=body, headers=headers)

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a read that succeeds."""
        answer = self.call("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, path: str, **options: Any) -> list[dict[str, Any]]:
        """The rows of a set."""
        found: list[dict[str, Any]] = self.get(path, **options)["value"]
        return found

    def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        """Status and code of a call that 1C refuses."""
        answer = self.call(method, path, body, **options)
        if "xml" in answer.headers["content-type"]:
            return answer.status_code, re.findall("<m:code>(.*?)</m:code>", answer.text)[0]
        return answer.status_code, answer.json()["odata.error"]["code"]

    def words(self, method: str, path: str, body: Any = None, **options: Any) -> str:
        """The sentence of a refusal."""
        text: str = self.call(method, path, body, **options).json()["odata.error"]["message"]["value"]
        return text

    def create(self, entity: str, **fields: Any) -> dict[str, Any]:
        """A new object."""
        answer = self.call("POST", entity, fields)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def patch(self, entity: str, key: str, **fields: Any) -> dict[str, Any]:
        """A change of an object."""
        answer = self.call("PATCH", at(entity, key), fields)
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    def one(self, entity: str, expression: str) -> dict[str, Any]:
        """The only row that fits."""
        (row,) = self.rows(entity, filter=expression)
        return row


CHARS = "/$()',="
_PLAIN = {"allowedOnly", "PostingModeOperational", "DataExchangePoint", "MessageNo", "Condition", "Period"}


def _name(name: str) -> str:
    return name if name in _PLAIN else f"${name}"


def at(entity: str, key: str) -> str:
    """The address of an object."""
    return f"{entity}(guid'{key}')"


def ref(entity: str, key: str) -> dict[str, str]:
    """A value of a composite property."""
    return {"value": key, "type": f"StandardODATA.{entity}"}

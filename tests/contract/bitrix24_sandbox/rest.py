"""A plain REST client for the tests: no retries, no opinions."""

from collections.abc import Mapping
from typing import Any

import httpx

Answer = dict[str, Any]


class Rest:
    """Calls methods of one webhook."""

    def __init__(self, webhook_url: str) -> None:
        self.url = webhook_url
        self._client = httpx.Client(timeout=10, trust_env=False, verify=False)

    def send(self, method: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        """POST JSON and return the response as it came."""
        return self._client.post(self.url + method, json=dict(params or {}))

    def call(self, method: str, **params: Any) -> Answer:
        """The whole envelope of a call that must succeed."""
        response = self.send(method, params)
        assert response.status_code == 200, response.text
        body: Answer = response.json()
        assert "error" not in body, body
        return body

    def result(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        return self.call(method, **params)["result"]

    def error(self, method: str, **params: Any) -> tuple[int, str | int]:
        """Status and code of a call that must fail."""
        response = self.send(method, params)
        body = response.json()
        assert "time" not in body
        return response.status_code, body["error"]

    def deal(self, deal_id: int) -> Answer:
        """A deal by crm.item.get."""
        item: Answer = self.result("crm.item.get", entityTypeId=2, id=deal_id)["item"]
        return item

    def move(self, deal_id: int, stage_id: str) -> Answer:
        """Move a deal within its funnel; the item after the save."""
        item: Answer = self.result("crm.item.update", entityTypeId=2, id=deal_id, fields={"stageId": stage_id})["item"]
        return item

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

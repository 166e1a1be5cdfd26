"""Plain clients of both banks for the tests: no retries, no opinions."""

from typing import Any
from urllib.parse import quote

import httpx

from connectors.bank.sandbox.testing import RunningSandbox

Answer = dict[str, Any]


class Tochka:
    """Speaks to the local Tochka."""

    def __init__(self, sandbox: RunningSandbox, token: str | None = None) -> None:
        self.at = sandbox.tochka
        self.http = httpx.Client(
            base_url=self.at.base_url,
            headers={"Authorization": f"Bearer {token or self.at.token}"},
            timeout=10,
            trust_env=False,
        )

    def data(self, method: str, path: str, **options: Any) -> Any:
        """`Data` of a call that must succeed."""
        response = self.http.request(method, path, **options)
        assert response.status_code == 200, response.text
        return response.json()["Data"]

    def account_ids(self) -> list[str]:
        """All accountIds."""
        return [row["accountId"] for row in self.data("GET", "/open-banking/v1.0/accounts")["Account"]]

    def order(self, start: str, end: str, account_id: str | None = None) -> httpx.Response:
        """Ask for a statement."""
        body = {"accountId": account_id or self.account_ids()[0], "startDateTime": start, "endDateTime": end}
        return self.http.post("/open-banking/v1.0/statements", json={"Data": {"Statement": body}})

    def poll(self, statement_id: str, account_id: str | None = None) -> httpx.Response:
        """Read a statement once."""
        name = quote(account_id or self.account_ids()[0], safe="")
        return self.http.get(f"/open-banking/v1.0/accounts/{name}/statements/{statement_id}")

    def statement(self, start: str, end: str, account_id: str | None = None) -> Answer:
        """A statement, polled until it is ready."""
        number = self.order(start, end, account_id).json()["Data"]["Statement"]["statementId"]
        for _ in range(10):
            shown: Answer = self.poll(number, account_id).json()["Data"]["Statement"][0]
            if shown["status"] == "Ready":
                return shown
        raise AssertionError("never ready")

    def key(self) -> Answer:
        """What the public key's address answers."""
        answer: Answer = httpx.get(self.at.public_key_url, trust_env=False).json()
        return answer

    @property
    def hook_path(self) -> str:
        """Address of the webhook methods."""
        return f"/webhook/v1.0/{self.at.client_id}"

    def subscribe(self, url: str, *events: str) -> httpx.Response:
        """PUT the webhook."""
        return self.http.put(self.hook_path, json={"webhooksList": list(events or ("incomingPayment",)), "url": url})


class TBank:
    """Speaks to the local T-Bank."""

    def __init__(self, sandbox: RunningSandbox, token: str | None = None) -> None:
        self.at = sandbox.tbank
        self.http = httpx.Client(
            base_url=self.at.base_url,
            headers={"Authorization": f"Bearer {token or self.at.token}"},
            timeout=10,
            trust_env=False,
        )

    def account(self) -> str:
        """The number of the first account."""
        number: str = self.http.get("/api/v4/bank-accounts").json()[0]["accountNumber"]
        return number

    def ask(self, account: str, **query: Any) -> httpx.Response:
        """One page of a statement, from the beginning of 2026 unless told."""
        return self.http.get(
            "/api/v1/statement", params={"accountNumber": account, "from": "2026-01-01T00:00:00Z", **query}
        )

    def page(self, account: str, **query: Any) -> Answer:
        """A page that must come."""
        response = self.ask(account, **query)
        assert response.status_code == 200, response.text
        answer: Answer = response.json()
        return answer

    def rows(self, account: str, **query: Any) -> list[Answer]:
        """Rows of all pages."""
        page = self.page(account, **query)
        rows = page["operations"]
        while page.get("nextCursor"):
            page = self.page(account, cursor=page["nextCursor"], **query)
            rows += page["operations"]
        found: list[Answer] = rows
        return found

    def subscribe(self, url: str, **fields: Any) -> httpx.Response:
        """Ask for webhooks."""
        body = {"url": url, "email": "", "hasSignature": False, "authType": "Bearer", "authSecret": "s3cret", **fields}
        return self.http.post("/api/v1/webhook", params={"eventType": "oper-feed-operation"}, json=body)

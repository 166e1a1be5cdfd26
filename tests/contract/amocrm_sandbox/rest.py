"""A plain API client for the tests: no retries, no opinions."""

from typing import Any

import httpx

Answer = dict[str, Any]
API = "/api/v4/"


class Rest:
    """Calls one account with one token."""

    def __init__(self, url: str, token: str, **options: Any) -> None:
        headers = {"authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=10, trust_env=False, **options)

    def send(self, verb: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """The response as it came; `path` is below /api/v4/ unless it is a whole address."""
        content = {} if body is None else {"json": body}
        address = path if path.startswith(("/", "http")) else API + path
        return self._client.request(verb, address, **content, **options)

    def get(self, path: str, **params: Any) -> Any:
        """The body of a read that must succeed; None for 204."""
        response = self.send("GET", path, params=params or None)
        assert response.status_code in (200, 204), response.text
        return response.json() if response.content else None

    def ids(self, path: str, **params: Any) -> list[Any]:
        """The ids of one page; an empty list for 204."""
        page = self.get(path, **params)
        return [item["id"] for item in items(page)] if page else []

    def write(self, verb: str, path: str, body: Any = None) -> Any:
        """The body of a write that must succeed; None when it has none."""
        response = self.send(verb, path, body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def patch(self, path: str, body: Any) -> Any:
        """A change that must succeed."""
        return self.write("PATCH", path, body)

    def post(self, path: str, body: Any) -> Any:
        """An addition that must succeed."""
        return self.write("POST", path, body)

    def refused(self, verb: str, path: str, body: Any = None) -> tuple[int, str, str]:
        """Status, first validation code and its path of a call that must fail."""
        response = self.send(verb, path, body)
        assert not response.is_success, response.text
        problem = response.json()
        first = problem.get("validation-errors", [{"errors": [{"code": "", "path": ""}]}])[0]["errors"][0]
        return response.status_code, first["code"], first["path"]

    def lead(self, lead_id: int) -> Answer:
        """A lead that is there."""
        lead: Answer = self.get(f"leads/{lead_id}", **{"with": "contacts,catalog_elements,loss_reason"})
        return lead

    def move(self, lead_id: int, status_id: int, **more: Any) -> Answer:
        """Move a lead."""
        moved: Answer = self.patch(f"leads/{lead_id}", {"status_id": status_id, **more})
        return moved

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def items(page: Answer) -> list[Answer]:
    """What stands under `_embedded` of a list."""
    (listed,) = page["_embedded"].values()
    found: list[Answer] = listed
    return found


def value_of(card: Answer, code: str) -> Any:
    """The first value of a field by its code or name, None when it is not filled."""
    for field in card["custom_fields_values"] or []:
        if code in (field["field_code"], field["field_name"]):
            return field["values"][0]
    return None

"""Replies as the vendor's servers send them: HAL, problem+json, nginx pages."""

import json

from connectors.amocrm.sandbox.context import Answer
from connectors.amocrm.sandbox.errors import ApiError
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.replies import Reply, html_reply

HAL = "application/hal+json"
PROBLEM = "application/problem+json"
_PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>"
)


def nginx(status: int, title: str) -> Reply:
    """The web server's own page."""
    return html_reply(status, _PAGE.format(f"{status} {title}"))


def success(answer: Answer, content_type: str = HAL) -> Reply:
    """A successful reply; 204 and a bodiless 202 carry nothing."""
    if answer.body is None:
        return Reply(answer.status, b"", content_type)
    return Reply(answer.status, _encode(answer.body), content_type)


def failure(error: ApiError) -> Reply:
    """A problem+json reply; its content type has no charset, and one client compares it by equality."""
    return Reply(error.status, _encode(error.body()), PROBLEM)


def problem(status: int, title: str, detail: str, extra: dict[str, Json], headers: dict[str, str]) -> Reply:
    """A problem+json reply of any content."""
    body = {**extra, "title": title, "type": f"https://httpstatus.es/{status}", "status": status, "detail": detail}
    return Reply(status, _encode(body), PROBLEM, headers)


def _encode(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()

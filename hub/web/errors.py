"""Error pages: what happened and what to do, a request id, never a stack trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from hub.web.site import Site

_TEXTS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Запрос не разобран", "Обновите страницу и повторите действие."),
    403: (
        "Форма устарела",
        "Страница была открыта слишком давно или в другом окне. Вернитесь, обновите её и повторите.",
    ),
    404: ("Такой страницы нет", "Возможно, ссылка устарела. Начните со списка платежей."),
    405: ("Этот адрес так не открывается", "Откройте страницу обычной ссылкой из меню."),
    413: ("Файл слишком большой", "Загрузите выписку за меньший период или несколько файлов по очереди."),
    429: ("Слишком много попыток", "Подождите несколько минут и попробуйте снова."),
    503: (
        "База данных не отвечает",
        "Ничего не потеряно. Повторите через минуту; если не поможет, посмотрите «sverka doctor».",
    ),
}
_UNEXPECTED: Final = (
    "Что-то сломалось на нашей стороне",
    "Действие могло не выполниться: проверьте платёж. Если повторится, назовите администратору номер обращения.",
)
#: Paths that machines call: they get one plain word, not a page.
_MACHINE_PATHS: Final = ("/hooks/", "/health", "/ready", "/metrics", "/static/")
#: Programmes that ask here get a sentence in JSON.
_API: Final = "/api/"
_API_TEXTS: Final[Mapping[int, str]] = {
    404: "Такого адреса нет.",
    405: "Этот адрес вызывают иначе: как, сказано в заголовке Allow.",
    413: "Запрос слишком большой: пошлите его частями.",
}


def http_error(site: Site, request: Request, error: HTTPException) -> Response:
    """Answer a refused request."""
    return _answer(site, request, error.status_code, dict(error.headers or {}))


def unexpected_error(site: Site, request: Request, request_id: str) -> Response:
    """Answer when nobody caught the error; the log has it under the request id."""
    return _answer(site, request, 500, {}, request_id)


def _answer(site: Site, request: Request, status: int, headers: Mapping[str, str], request_id: str = "") -> Response:
    heading, text = _TEXTS.get(status, _UNEXPECTED)
    if request.url.path.startswith(_MACHINE_PATHS):
        return PlainTextResponse(f"{status}\n", status, headers)
    say = site.words
    if request.url.path.startswith(_API):
        return JSONResponse({"error": say(_API_TEXTS.get(status, heading))}, status, headers)
    page = site.html("error.html", status, number=status, heading=say(heading), text=say(text), request_id=request_id)
    page.headers.update(headers)
    return page

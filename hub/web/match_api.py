"""`POST /api/v1/match`: what `sverka match --bundles` says of one bundle, by the company's decision table.

Nothing is stored and nothing moves.
"""

from __future__ import annotations

from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hub.domain.matching import MatchContext
from hub.domain.matching.said import Language
from hub.match_files import decide_bundle
from hub.match_lines import FieldFault, Json, JsonObject, read_bytes
from hub.match_output import decision_line, written
from hub.web.security.bearer import refusal
from hub.web.site import Site

#: A few thousand payments and invoices; whole years are for the command line.
MOST_BYTES: Final = 4 << 20
_CLOSED: Final = "Адрес закрыт: задайте api.token в sverka.yaml."
_NOT_ADMITTED: Final = "Нужен заголовок «Authorization: Bearer …» с токеном из api.token."
_NOT_UTF8: Final = "текст не в UTF-8"
_UNREADABLE: Final = "Запрос не читается: {fault}. Нужен объект JSON со списками payments и invoices."


def turn() -> CapacityLimiter:
    """One request is decided at a time: the hub's own work goes on beside it."""
    return CapacityLimiter(1)


async def match(request: Request) -> Response:
    """200 with `decisions` and `faults`; 400 unreadable, 401 without the token, 404 closed, 413 too large."""
    site: Site = request.app.state.site
    say = site.words
    refused = refusal(site.context.api_token, request.headers.get("authorization", ""))
    if refused is not None:
        headers = {"WWW-Authenticate": "Bearer"} if refused == 401 else None
        return JSONResponse({"error": say(_NOT_ADMITTED if refused == 401 else _CLOSED)}, refused, headers)
    body, language = await request.body(), Language(site.context.language)
    try:
        bundle = read_bytes(body)
    except FieldFault as fault:
        return JSONResponse({"error": say(_UNREADABLE, fault=fault.told(language))}, 400)
    except UnicodeDecodeError:
        return JSONResponse({"error": say(_UNREADABLE, fault=say(_NOT_UTF8))}, 400)
    context = MatchContext(language=language, table=site.context.rt.table)
    answer = await to_thread.run_sync(_answer, bundle, context, limiter=request.app.state.matching)
    return Response(answer, media_type="application/json")


def _answer(bundle: JsonObject, context: MatchContext) -> str:
    faults: list[Json] = []
    decisions = decide_bundle(bundle, "", faults.append, context)
    return written({"decisions": [decision_line(decision) for decision in decisions], "faults": faults})

"""Uploading statements: taken in at once, read by the worker, summarised per account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from anyio import from_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.ports.records import InboxState
from hub.ports.statement import AccountSummary, ReadSummary
from hub.services.import_statement import import_statement
from hub.store.queries import ImportLine
from hub.web.desk.effects import Badge, Tone
from hub.web.locale import Words
from hub.web.paging import page_number, pages
from hub.web.visit import Visit, see_other

_PAGE: Final = 25
_LONGEST_NAME: Final = 200
_STATES: Final = {
    InboxState.NEW: Badge(Tone.WAIT, "читаем"),
    InboxState.DONE: Badge(Tone.GOOD, "прочитан"),
    InboxState.FAILED: Badge(Tone.STOP, "не прочитан"),
}


@dataclass(frozen=True, slots=True)
class UploadView:
    """An uploaded file; `fresh` marks what was just sent."""

    id: int
    name: str
    received_at: datetime
    badge: Badge
    summary: ReadSummary | None
    reading: bool
    fresh: bool = False


def list_uploads(visit: Visit) -> Response:
    """Show the form and what was uploaded before."""
    return _page(visit)


def _page(visit: Visit, problem: str = "", status: int = 200) -> Response:
    asked = page_number(visit.query("page"))
    fresh = {int(part) for part in visit.query("new").split(",") if part.isascii() and part.isdigit()}
    found = visit.site.context.queries.imports(offset=(asked - 1) * _PAGE, limit=_PAGE)
    uploads = [_view(row, visit.site.words, row.id in fresh) for row in found.rows]
    return visit.html(
        "uploads.html",
        "uploads",
        status,
        uploads=uploads,
        reading=any(item.reading for item in uploads),
        pages=pages(asked, found.total, _PAGE, "/uploads", {}),
        here=f"/uploads?{visit.request.url.query}",
        limit_mb=visit.site.context.upload_limit // (1024 * 1024),
        problem=problem,
    )


def upload(visit: Visit) -> Response:
    """Show what became of one file."""
    found = visit.site.context.queries.imported(int(visit.path("upload")))
    if found is None:
        raise HTTPException(404)
    row, broken = found
    return visit.html("upload.html", "uploads", item=_view(row, visit.site.words), broken=broken)


def _view(row: ImportLine, say: Words, fresh: bool = False) -> UploadView:
    badge = _STATES[row.state]
    return UploadView(
        id=row.id,
        name=row.name or say("без имени"),
        received_at=row.received_at,
        badge=Badge(badge.tone, say(badge.word), row.error or ""),
        summary=_summary(row.summary),
        reading=row.state is InboxState.NEW,
        fresh=fresh,
    )


def _summary(stored: Mapping[str, Any] | None) -> ReadSummary | None:
    """What the reading service stored; None for a file not read yet and for hooks, which carry other figures."""
    if stored is None or "added" not in stored:
        return None
    accounts = tuple(AccountSummary(**item) for item in stored["accounts"])
    counts = (stored["added"], stored["known"], stored["broken"], stored["skipped"])
    return ReadSummary(*counts, accounts, tuple(stored["warnings"]))


def take_in(visit: Visit) -> Response:
    """Store every file and say so at once; reading them is the worker's."""
    files = [item for item in visit.form.data.getlist("files") if isinstance(item, UploadFile) and item.filename]
    if not files:
        return _page(visit, visit.site.words("Выберите файл выписки: ничего не было приложено."), 400)
    results = []
    for file in files:
        raw = from_thread.run(file.read)
        name = PurePosixPath((file.filename or "").replace("\\", "/")).name[:_LONGEST_NAME]
        results.append(import_statement(visit.site.context.rt, raw, name, visit.user.login))
    done = "received" if any(item.created for item in results) else "already"
    ids = ",".join(str(item.inbox_id) for item in results)
    return see_other(f"/uploads?done={done}&new={ids}")

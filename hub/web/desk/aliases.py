"""The page of aliases: who pays for whom, who said so and when, what was ended; and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.domain.matching.aliases import alias_target
from hub.domain.models import Client
from hub.ports.aliases import AliasRow
from hub.services.aliases import CannotAlias, add_alias, change_alias, end_alias, find_clients
from hub.web.desk.alias_form import AliasForm, Mistyped, filled, typed
from hub.web.paging import page_number, pages
from hub.web.visit import Visit, see_other

_PAGE: Final = 30
_FOUND_AT_ONCE: Final = 20
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FoundClient:
    """A client that may be meant; `target` is what the form sends."""

    target: str
    client: Client


def show(visit: Visit) -> Response:
    """List who pays for whom, with an empty form."""
    return _list(visit, AliasForm())


def add(visit: Visit) -> Response:
    """Record an alias for the client that was picked; until one is, show those that the search finds."""
    form, target = typed(visit.form), visit.form.text("target")
    if not target:
        return _list(visit, form)
    rt, actor = visit.site.context.rt, visit.user.login
    problem = _tried(lambda: add_alias(rt, form.payer(), target, actor, form.note))
    return see_other("/aliases?done=alias_added") if problem is None else _list(visit, form, problem, 409)


def edit(visit: Visit) -> Response:
    """One alias, to be changed; an ended one leads back to the list."""
    row = _row(visit)
    return _one(visit, row, filled(row)) if row.removed_at is None else see_other("/aliases")


def change(visit: Visit) -> Response:
    """Record another alias in the place of one; until a client is picked, show those that the search finds."""
    row, form, target = _row(visit), typed(visit.form), visit.form.text("target")
    if not target:
        return _one(visit, row, form)
    rt, actor = visit.site.context.rt, visit.user.login
    problem = _tried(lambda: change_alias(rt, row.id, form.payer(), target, actor, form.note))
    return see_other("/aliases?done=alias_changed") if problem is None else _one(visit, row, form, problem, 409)


def end(visit: Visit) -> Response:
    """End an alias."""
    row = _row(visit)
    problem = _tried(lambda: end_alias(visit.site.context.rt, row.id, visit.user.login))
    return see_other("/aliases?done=alias_ended") if problem is None else _list(visit, AliasForm(), problem, 409)


def _tried(act: Callable[[], object]) -> str | None:
    """Why it could not be done; None when it was."""
    try:
        act()
    except (CannotAlias, Mistyped) as error:
        return str(error)
    return None


def _row(visit: Visit) -> AliasRow:
    number = int(visit.path("alias"))
    if number > _LARGEST:
        raise HTTPException(404)
    with visit.site.context.rt.store.read() as uow:
        row = uow.aliases.get(number)
    if row is None:
        raise HTTPException(404)
    return row


def _list(visit: Visit, form: AliasForm, problem: str = "", status: int = 200) -> Response:
    queries = visit.site.context.queries
    asked, past = page_number(visit.query("page")), page_number(visit.query("past"))
    active = queries.aliases(offset=(asked - 1) * _PAGE, limit=_PAGE)
    ended = queries.aliases(ended=True, offset=(past - 1) * _PAGE, limit=_PAGE)
    return visit.html(
        "aliases.html",
        "aliases",
        status,
        problem=visit.site.words(problem),
        form=form,
        clients=_found(visit, form.client),
        active=active.rows,
        ended=ended.rows,
        pages=pages(asked, active.total, _PAGE, "/aliases", {"past": visit.query("past")}),
        past_pages=pages(past, ended.total, _PAGE, "/aliases", {"page": visit.query("page")}, "past"),
    )


def _one(visit: Visit, row: AliasRow, form: AliasForm, problem: str = "", status: int = 200) -> Response:
    clients = _found(visit, form.client)
    problem = visit.site.words(problem)
    return visit.html("alias.html", "aliases", status, problem=problem, row=row, form=form, clients=clients)


def _found(visit: Visit, text: str) -> Sequence[FoundClient]:
    with visit.site.context.rt.store.read() as uow:
        clients = find_clients(uow, text, _FOUND_AT_ONCE) if text else []
    return [FoundClient(target, client) for client in clients if (target := alias_target(client)) is not None]

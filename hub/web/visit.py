"""One request of the desk: who asks, what page answers, and the checks before anything is changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.web.banners import banners
from hub.web.context import SignedIn
from hub.web.notices import notice_text
from hub.web.security.cookies import IDLE, read_token
from hub.web.security.origin import from_our_page
from hub.web.security.tokens import csrf_fits, csrf_token, token_hash
from hub.web.site import Site

SIGN_IN: Final = "/sign-in"
#: Fields and files of one form; a statement upload rarely has more than a dozen.
_MAX_FIELDS: Final = 500
_MAX_FILES: Final = 100

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form."""

    data: FormData

    def text(self, name: str) -> str:
        """A text field, empty when absent."""
        value = self.data.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every text field of that name, in order."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]


_NO_FORM: Final = Form(FormData())


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person's request; `form` holds fields only once they are checked."""

    request: Request
    site: Site
    token: str
    user: SignedIn
    form: Form = _NO_FORM

    def html(self, template: str, section: str, status: int = 200, **values: object) -> Response:
        """Render a page with the frame around it."""
        frame: dict[str, object] = {
            "user": self.user,
            "section": section,
            "csrf": csrf_token(self.site.context.session_key, self.token),
            "banners": banners(self.site, self.request.url.path),
            "notice": notice_text(self.request.query_params.get("done", ""), self.site.words),
        }
        return self.site.html(template, status, **(frame | values))

    def query(self, name: str) -> str:
        """A query parameter, empty when absent."""
        return self.request.query_params.get(name, "").strip()

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])


def page(show: Callable[[Visit], Response]) -> Endpoint:
    """A page for signed-in people; it runs in a thread, because it asks the database."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_shown, request, show)

    return endpoint


def _shown(request: Request, show: Callable[[Visit], Response]) -> Response:
    visit = signed_in(request)
    return show(visit) if visit is not None else _to_sign_in(request)


def action(change: Callable[[Visit], Response]) -> Endpoint:
    """A form of a signed-in person. Refused with 403 unless our own page sent it with this session's CSRF token."""

    async def endpoint(request: Request) -> Response:
        if not from_our_page(request):
            raise HTTPException(403)
        visit = await run_in_threadpool(signed_in, request)
        if visit is None:
            return _to_sign_in(request)
        async with request.form(max_fields=_MAX_FIELDS, max_files=_MAX_FILES) as data:
            form = Form(data)
            if not csrf_fits(visit.site.context.session_key, visit.token, form.text("csrf")):
                raise HTTPException(403)
            return await run_in_threadpool(change, replace(visit, form=form))

    return endpoint


def signed_in(request: Request) -> Visit | None:
    """The visit of whoever holds a live session; asking keeps it alive."""
    site: Site = request.app.state.site
    token = read_token(request, site.context.secure_cookies)
    if token is None:
        return None
    user = site.context.users.session(token_hash(token), site.now(), IDLE)
    return Visit(request, site, token, user) if user is not None else None


def _to_sign_in(request: Request) -> Response:
    if request.headers.get("hx-request") == "true":
        # A part of a page asks: the whole page has to go to the sign-in form.
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN})
    wanted = request.url.path if request.method == "GET" else "/"
    return see_other(SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted)}")


def see_other(path: str) -> Response:
    """Redirect after a form, so that a reload repeats nothing."""
    return RedirectResponse(path, status_code=303)

"""Signing in and out: throttled, constant work, a new token on every sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from anyio import to_thread
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.web.security.cookies import ABSOLUTE, drop_token, read_token, write_token
from hub.web.security.origin import from_our_page
from hub.web.security.passwords import check_password
from hub.web.security.tokens import csrf_fits, csrf_token, new_token, token_hash
from hub.web.site import Site
from hub.web.visit import SIGN_IN, Form, Visit, see_other, signed_in

_log = structlog.get_logger(__name__)

#: Failed sign-ins that one login, and one address, may have within the window.
LOGIN_TRIES: Final = 5
ADDRESS_TRIES: Final = 30
WINDOW: Final = timedelta(minutes=15)
_LONGEST_LOGIN: Final = 200


async def show_sign_in(request: Request) -> Response:
    """The sign-in form; somebody signed in already goes on."""
    wanted = _inside(request.query_params.get("next", "/"))
    if await run_in_threadpool(signed_in, request) is not None:
        return see_other(wanted)
    return _form(request, wanted)


async def sign_in(request: Request) -> Response:
    """Check login and password; a success gets a new token, so that a planted one opens nothing."""
    site: Site = request.app.state.site
    if not from_our_page(request):
        raise HTTPException(403)
    async with request.form(max_fields=10, max_files=0) as data:
        form = Form(data)
    token = read_token(request, site.context.secure_cookies)
    if token is None or not csrf_fits(site.context.session_key, token, form.text("csrf")):
        return _form(request, _inside(form.text("next")), "Форма устарела, войдите ещё раз.", 403)
    return await to_thread.run_sync(_check, request, form, token, limiter=request.app.state.sign_in_turn)


def _check(request: Request, form: Form, old_token: str) -> Response:
    site: Site = request.app.state.site
    users, now = site.context.users, site.now()
    login, wanted = form.text("login")[:_LONGEST_LOGIN], _inside(form.text("next"))
    address = request.client.host if request.client is not None else ""
    since = now - WINDOW
    keys = {f"login:{login.casefold()}": LOGIN_TRIES, f"address:{address}": ADDRESS_TRIES}
    if any(users.failures(key, since) >= tries for key, tries in keys.items()):
        _log.warning("sign_in.throttled")
        return _form(request, wanted, "Слишком много попыток. Подождите 15 минут и попробуйте снова.", 429, login)
    account = users.find(login)
    fits = check_password(account.password_hash if account is not None else None, str(form.data.get("password", "")))
    if account is None or not fits:
        for key in keys:
            users.record_failure(key, now)
        _log.info("sign_in.refused")
        return _form(request, wanted, "Логин или пароль не подходят.", 401, login)
    users.forget_failures(f"login:{login.casefold()}")
    return _welcome(site, account.id, old_token, wanted)


def _welcome(site: Site, user_id: int, old_token: str, wanted: str) -> Response:
    users, now, token = site.context.users, site.now(), new_token()
    users.close_session(token_hash(old_token))
    users.open_session(token_hash(token), user_id, now, now + ABSOLUTE)
    answer = see_other(wanted)
    write_token(answer, token, site.context.secure_cookies)
    return answer


def sign_out(visit: Visit) -> Response:
    """End the session on the server too: a copied cookie is worth nothing from now on."""
    visit.site.context.users.close_session(token_hash(visit.token))
    answer = see_other(SIGN_IN)
    drop_token(answer, visit.site.context.secure_cookies)
    return answer


def _form(request: Request, wanted: str, problem: str = "", status: int = 200, login: str = "") -> Response:
    site: Site = request.app.state.site
    secure = site.context.secure_cookies
    known = read_token(request, secure)
    token = known or new_token()
    csrf = csrf_token(site.context.session_key, token)
    answer = site.html("sign_in.html", status, csrf=csrf, next=wanted, login=login, problem=site.words(problem))
    if known is None:
        write_token(answer, token, secure)
    return answer


def _inside(path: str) -> str:
    """Only a path of our own: never another site, whatever the link says."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if inside and not path.startswith(SIGN_IN) and path.isprintable() else "/"

"""What protects the desk: CSRF, origin, headers, body caps, escaping, error pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from hub.store.queries import PileName
from tests.web.conftest import SAME_ORIGIN, browsing, signed_in
from tests.web.desk_world import HOSTILE, DeskWorld, paid

pytestmark = pytest.mark.anyio

FORMS = [
    "/sign-out",
    "/payments/p1/confirm",
    "/payments/p1/choose",
    "/payments/p1/reject",
    "/payments/p1/put-back",
    "/payments/p1/undo",
    "/effects/1/send-again",
    "/aliases",
    "/aliases/1",
    "/aliases/1/end",
    "/uploads",
    "/pause",
    "/resume",
    "/connections/crm/resume",
    "/connections/crm/mode",
]


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_without_the_sessions_token_changes_nothing(desk: DeskWorld, path: str) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        for token in ("", "0" * 64):
            answer = await browser.http.post(path, data={"csrf": token}, headers=SAME_ORIGIN)
            assert answer.status_code == 403
            assert "Форма устарела" in answer.text
    assert desk.found(PileName.NEEDS_YOU) == [payment]
    assert desk.queries.overview().paused_by is None


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_sent_by_another_site_changes_nothing(desk: DeskWorld, path: str) -> None:
    desk.suggested()
    async with signed_in(desk) as browser:
        for headers in ({"Origin": "https://evil.example"}, {}, {**SAME_ORIGIN, "Sec-Fetch-Site": "cross-site"}):
            answer = await browser.http.post(path, data={"csrf": browser.csrf}, headers=headers)
            assert answer.status_code == 403
    assert desk.queries.overview().paused_by is None


async def test_the_token_of_one_session_does_not_fit_another(desk: DeskWorld) -> None:
    async with signed_in(desk) as one, signed_in(desk) as other:
        answer = await other.http.post("/pause", data={"csrf": one.csrf}, headers=SAME_ORIGIN)
        assert answer.status_code == 403


@pytest.mark.parametrize("path", FORMS)
async def test_nothing_is_changed_by_a_link(desk: DeskWorld, path: str) -> None:
    async with signed_in(desk) as browser:
        answer = await browser.http.get(path)
        assert answer.status_code in (200, 303, 404, 405)
    assert desk.queries.overview().paused_by is None


async def test_every_answer_carries_the_security_headers(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        for path in ("/sign-in", "/", "/nowhere", "/health", "/static/desk.css"):
            headers = (await browser.http.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "script-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["x-request-id"]


async def test_pages_are_not_kept_and_static_files_are(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        page = await browser.http.get("/sign-in")
        assert page.headers["cache-control"] == "no-store"
        address = page.text.split('href="/static/desk.css')[1].split('"')[0]
        sheet = await browser.http.get(f"/static/desk.css{address}")
        assert "immutable" in sheet.headers["cache-control"]


async def test_pages_hold_no_inline_script_or_style(desk: DeskWorld) -> None:
    payment = desk.suggested()
    async with signed_in(desk) as browser:
        for path in ("/", f"/payments/{payment}", "/uploads", "/status", "/planned", "/nowhere"):
            page = (await browser.http.get(path)).text
            assert "<style" not in page
            assert " style=" not in page
            assert " onclick=" not in page
            assert page.count("<script") == page.count("<script src=")


async def test_hostile_texts_of_a_statement_stay_texts(desk: DeskWorld) -> None:
    desk.suggested()
    payment = desk.world.pay(paid(HOSTILE, "10", name=HOSTILE, tax_id=None, number=HOSTILE, warnings=(HOSTILE,)))[0]
    name = "<img src=x onerror=alert(1)>.txt"
    upload = desk.upload(f"statement\n?;{HOSTILE}\n".encode(), name)
    async with signed_in(desk) as browser:
        paths = ("/", "/?q=%3Cscript%3E", f"/payments/{payment}", f"/payments/{payment}/choose?q=%3Cscript%3E")
        for path in (*paths, "/uploads", f"/uploads/{upload}"):
            page = await browser.get(path)
            assert "<script>" not in page
            assert "<img src=x" not in page
        assert "&lt;script&gt;" in await browser.get(f"/payments/{payment}")


async def _endless_file() -> AsyncIterator[bytes]:
    yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    for _ in range(50):
        yield b"x" * 10_000


async def test_an_upload_over_the_cap_is_cut_while_it_streams(make_desk: Callable[..., DeskWorld]) -> None:
    desk = make_desk(upload_limit=200_000)
    async with signed_in(desk) as browser:
        files = {"files": ("big.txt", b"x" * 400_000)}
        answer = await browser.http.post("/uploads", data={"csrf": browser.csrf}, files=files, headers=SAME_ORIGIN)
        assert answer.status_code == 413
        assert "слишком большой" in answer.text
        headers = {**SAME_ORIGIN, "Content-Type": "multipart/form-data; boundary=b"}
        unannounced = await browser.http.post("/uploads", content=_endless_file(), headers=headers)
        assert unannounced.status_code == 413
    assert desk.queries.imports().total == 0


async def test_an_ordinary_form_has_a_small_cap(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        answer = await browser.post("/payments/p1/reject", note="x" * 400_000)
        assert answer.status_code == 413


async def test_an_unknown_page_is_explained_without_a_trace(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        for path in ("/nowhere", "/payments/p999", "/payments/../../etc", "/uploads/77", "/payments/%00"):
            page = await browser.get(path, 404)
            assert "Такой страницы нет" in page
            assert "Traceback" not in page


async def test_an_unexpected_failure_shows_a_request_id_and_no_trace(
    desk: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with signed_in(desk) as browser:

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setattr("hub.store.queries.Queries.piles", fail)
        answer = await browser.http.get("/")
        assert answer.status_code == 500
        assert answer.headers["x-request-id"] in answer.text
        assert "secret detail" not in answer.text
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]

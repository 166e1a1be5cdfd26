"""Signing in and out: sessions, throttling, cookies."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.store.tables import sessions
from hub.web.security.cookies import ABSOLUTE, IDLE
from hub.web.security.passwords import check_password, hash_password
from hub.web.sign_in import LOGIN_TRIES, WINDOW
from tests.web.conftest import BASE, SAME_ORIGIN, browsing, signed_in
from tests.web.desk_world import LOGIN, PASSWORD, DeskWorld

pytestmark = pytest.mark.anyio

PAGES = [
    "/",
    "/payments/p1",
    "/payments/p1/choose",
    "/payments/p1/undo",
    "/uploads",
    "/uploads/1",
    "/planned",
    "/claims",
    "/status",
]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_asks_to_sign_in_first(desk: DeskWorld, path: str) -> None:
    async with browsing(desk) as browser:
        answer = await browser.http.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


async def test_after_signing_in_the_wanted_page_opens(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        page = await browser.get("/sign-in?next=/status")
        assert 'name="next" value="/status"' in page
        answer = await browser.post("/sign-in", login=LOGIN, password=PASSWORD, next="/status")
        assert answer.headers["location"] == "/status"


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nSet-Cookie: a=b"]
)
async def test_the_wanted_page_is_never_another_site(desk: DeskWorld, wanted: str) -> None:
    async with browsing(desk) as browser:
        await browser.get("/sign-in")
        answer = await browser.post("/sign-in", login=LOGIN, password=PASSWORD, next=wanted)
        assert answer.headers["location"] == "/"


async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        wrong = await browser.sign_in(password="не тот")
        unknown = await browser.sign_in(login="nobody")
        assert wrong.status_code == unknown.status_code == 401
        sentence = "Логин или пароль не подходят."
        assert sentence in wrong.text
        assert sentence in unknown.text


async def test_a_disabled_person_stays_outside(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        desk.users.set_disabled(LOGIN, True)
        assert (await browser.http.get("/")).status_code == 303
        assert (await browser.sign_in()).status_code == 401


async def test_signing_in_changes_the_token_so_that_a_planted_one_opens_nothing(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        await browser.get("/sign-in")
        planted = browser.http.cookies["sverka"]
        await browser.post("/sign-in", login=LOGIN, password=PASSWORD)
        assert browser.http.cookies["sverka"] != planted
        async with browsing(desk) as thief:
            thief.http.cookies.set("sverka", planted)
            assert (await thief.http.get("/")).status_code == 303


async def test_signing_out_ends_the_session_on_the_server(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        copied = browser.http.cookies["sverka"]
        answer = await browser.post("/sign-out")
        assert answer.headers["location"] == "/sign-in"
        async with browsing(desk) as thief:
            thief.http.cookies.set("sverka", copied)
            assert (await thief.http.get("/")).status_code == 303


async def test_the_database_keeps_no_token_that_opens_a_session(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        with desk.database.read() as connection:
            kept = connection.scalars(select(sessions.c.token_hash)).all()
        assert len(kept) == 1
        assert browser.http.cookies["sverka"] not in kept


async def test_a_session_ends_after_silence_and_after_a_day(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        desk.world.clock.sleep(IDLE.total_seconds() - 60)
        assert (await browser.http.get("/")).status_code == 200
        desk.world.clock.sleep(IDLE.total_seconds() + 60)
        assert (await browser.http.get("/")).status_code == 303
    async with signed_in(desk) as browser:
        for _ in range(int(ABSOLUTE / timedelta(hours=4))):
            assert (await browser.http.get("/")).status_code == 200
            desk.world.clock.sleep(4 * 3600)
        assert (await browser.http.get("/")).status_code == 303


async def test_too_many_wrong_passwords_lock_the_login_for_a_while(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        for _ in range(LOGIN_TRIES):
            assert (await browser.sign_in(password="не тот")).status_code == 401
        assert (await browser.sign_in()).status_code == 429
        assert (await browser.sign_in(login=LOGIN.upper())).status_code == 429
        desk.world.clock.sleep(WINDOW.total_seconds() + 1)
        assert (await browser.sign_in()).status_code == 303


async def test_one_address_cannot_try_many_logins(desk: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.web.sign_in.ADDRESS_TRIES", 2)
    async with browsing(desk) as browser:
        for login in ("one", "two"):
            assert (await browser.sign_in(login=login)).status_code == 401
        assert (await browser.sign_in()).status_code == 429


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        cookie = (await browser.http.get("/sign-in")).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "domain" not in cookie


async def test_over_https_the_cookie_is_bound_to_the_host(make_desk: Callable[..., DeskWorld]) -> None:
    async with browsing(make_desk(secure=True), "https://desk.example") as browser:
        answer = await browser.http.get("/sign-in")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-sverka=")
        assert "secure" in cookie.lower()
        assert "max-age" in answer.headers["strict-transport-security"]


async def test_signing_in_from_another_site_is_refused(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        await browser.get("/sign-in")
        fields = {"csrf": browser.csrf, "login": LOGIN, "password": PASSWORD}
        for headers in ({"Origin": "https://evil.example"}, {}, {"Origin": "null"}):
            assert (await browser.http.post("/sign-in", data=fields, headers=headers)).status_code == 403
        fields["csrf"] = "0" * 64
        assert (await browser.http.post("/sign-in", data=fields, headers=SAME_ORIGIN)).status_code == 403


async def test_a_part_of_a_page_that_lost_its_session_sends_the_whole_page_to_sign_in(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        answer = await browser.http.get("/uploads", headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert answer.headers["hx-redirect"] == "/sign-in"


async def test_a_garbled_cookie_is_as_good_as_none(desk: DeskWorld) -> None:
    async with browsing(desk) as browser:
        for value in ("", "x", "a" * 4000, "'; drop table sessions; --"):
            answer = await browser.http.get("/", headers={"Cookie": f"sverka={value}"})
            assert answer.status_code == 303


def test_a_password_without_an_account_never_fits() -> None:
    assert not check_password(None, "no such user")
    assert not check_password("not a hash", "x")
    assert not check_password(hash_password("a"), "a" * 2000)
    assert check_password(hash_password("a"), "a")


async def test_the_sign_in_page_says_nothing_of_the_business(desk: DeskWorld) -> None:
    desk.suggested()
    async with browsing(desk) as browser:
        page = await browser.get("/sign-in")
        assert "Фиалка" not in page
        assert not re.search(r"<nav", page)
        assert BASE not in page

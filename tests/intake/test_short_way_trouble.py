"""A hook on the short way when the disk is slow, the client leaves, the site stops or pieces come apart."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Thread

import pytest
from structlog.testing import capture_logs

from hub.store.engine import Database
from hub.web.intake.limits import IntakeLimits
from hub.web.security.wire import WireLimits
from tests.intake.conftest import DOOR, SECRET, TOKEN, Intake, Open, hook
from tests.intake.raw import connect, head, read_all, statuses
from tests.intake.short import FORM, KEPT, QUICK, answers, ask, whole
from tests.intake.test_store_trouble import locked
from tests.intake.ways import Ways
from tests.support.live import wait_for


def test_a_slow_commit_is_answered_503_once_and_the_connection_goes_on(
    database: Database, open_intake: Open, ways: Ways
) -> None:
    intake = open_intake(database, QUICK)
    with connect(intake.port) as sock:
        assert ask(sock, whole(1)) == 204
        with locked(database):
            start = time.monotonic()
            assert ask(sock, whole(2)) == 503
            assert 0.3 < time.monotonic() - start < 5
        wait_for(lambda: ask(sock, whole(3)) == 204, 15, "hooks are taken again")
        assert [ask(sock, whole(number)) for number in range(10, 20)] == [204] * 10
        sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            sock.recv(1)
    assert intake.counted(503) >= 1
    assert ways.long == 0


def test_more_than_may_wait_are_refused_at_once(sqlite_database: Database, open_intake: Open, ways: Ways) -> None:
    intake = open_intake(sqlite_database, IntakeLimits(commit_s=1, waiting=5))

    def timed(number: int) -> tuple[int, float]:
        with connect(intake.port) as sock:
            start = time.monotonic()
            return ask(sock, whole(number)), time.monotonic() - start

    with locked(sqlite_database), ThreadPoolExecutor(12) as pool:
        seen = list(pool.map(timed, range(12)))
    assert [status for status, _ in seen] == [503] * 12
    assert sum(seconds > 0.9 for _, seconds in seen) == 5
    assert (ways.short, ways.long) == (12, 0)


def test_bodies_that_wait_are_bounded_together(sqlite_database: Database, open_intake: Open) -> None:
    intake = open_intake(sqlite_database, IntakeLimits(commit_s=1, waiting_bytes=len(KEPT)))
    with locked(sqlite_database), connect(intake.port) as one, connect(intake.port) as other:
        one.sendall(whole(1))
        time.sleep(0.1)
        start = time.monotonic()
        assert ask(other, whole(2)) == 503
        assert time.monotonic() - start < 0.5
        assert statuses(answers(one, 1)) == [503]


def test_a_client_that_left_before_its_answer_costs_nobody_anything(
    sqlite_database: Database, open_intake: Open, ways: Ways
) -> None:
    intake = open_intake(sqlite_database)
    with connect(intake.port) as stays:
        with locked(sqlite_database):
            with connect(intake.port) as leaves:
                leaves.sendall(whole(1))
                wait_for(lambda: ways.short == 1, 5, "the first is taken")
            stays.sendall(whole(2))
            time.sleep(0.1)
        assert statuses(answers(stays, 1)) == [204]
        assert ask(stays, whole(3)) == 204
    assert len(intake.rows()) == 3
    assert intake.counted(204) == 3


def test_a_client_that_left_with_requests_behind_costs_nobody_anything(
    sqlite_database: Database, open_intake: Open, ways: Ways
) -> None:
    intake = open_intake(sqlite_database)
    with capture_logs() as log:
        with locked(sqlite_database):
            with connect(intake.port) as leaves:
                leaves.sendall(whole(1) + whole(2))
                wait_for(lambda: ways.short == 1, 5, "the first is taken")
            time.sleep(0.05)
        with connect(intake.port) as sock:
            assert ask(sock, whole(3)) == 204
    assert intake.counted(204) >= 2
    assert log == []


def test_a_stopping_site_answers_what_it_has_taken_before_it_hangs_up(
    database: Database, open_intake: Open, ways: Ways
) -> None:
    stack = ExitStack()
    intake = open_intake(database, within=stack)
    with connect(intake.port) as busy, connect(intake.port) as idle:
        assert ask(idle, whole(1)) == 204
        with locked(database):
            busy.sendall(whole(2))
            wait_for(lambda: ways.short == 2, 5, "the second is taken")
            stopping = Thread(target=stack.close)
            stopping.start()
            assert read_all(idle) == b""
        answer = read_all(busy)
        stopping.join(20)
    assert statuses(answer) == [204]
    assert b"connection: close" in answer
    assert len(intake.rows()) == 2


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        pytest.param(SECRET.encode(), SECRET[:-1].encode() + b"x", 404, id="another secret"),
        pytest.param(b"/portal/", b"/nobody/", 404, id="another connection"),
        pytest.param(b"urlencoded", b"urlencodex", 401, id="another type"),
        pytest.param(b"POST", b"LOCK", 405, id="another method"),
        pytest.param(b"HTTP/1.1", b"HTTP/1.0", 204, id="not kept alive"),
        pytest.param(b"X-Nothing-At-All: gzip", b"Content-Encoding: gzip", 415, id="compressed"),
        pytest.param(TOKEN.encode(), b"0" * len(TOKEN), 401, id="another token"),
        pytest.param(b"Host: hub", b"Host: bus", 204, id="another host"),
    ],
)
def test_a_request_like_the_last_one_in_all_but_a_few_letters_is_judged_by_them(
    sqlite_intake: Intake, old: bytes, new: bytes, status: int
) -> None:
    last = whole(1, "X-Nothing-At-All: gzip")
    changed = last.replace(old, new)
    assert len(changed) == len(last)
    assert changed != last
    with connect(sqlite_intake.port) as sock:
        assert [ask(sock, last) for _ in range(3)] == [204] * 3
        assert ask(sock, changed) == status
    assert len(sqlite_intake.rows()) == 1


@pytest.mark.parametrize("before", [b"GET /health HTTP/1.1\r\nHost: hub\r\nX: ", b"GET /", b"P"])
def test_a_piece_like_the_last_request_in_the_middle_of_another_one_is_a_part_of_that(
    sqlite_intake: Intake, ways: Ways, before: bytes
) -> None:
    with connect(sqlite_intake.port) as sock:
        assert [ask(sock, whole(1)) for _ in range(3)] == [204] * 3
        sock.sendall(before)
        time.sleep(0.05)
        sock.sendall(whole(1))
        assert statuses(answers(sock, 1))[0] in (200, 400, 404)
    assert (ways.short, sqlite_intake.counted(204)) == (3, 3)


def test_the_end_of_a_request_in_two_pieces_is_no_request_by_itself(sqlite_intake: Intake, ways: Ways) -> None:
    request = whole(1)
    with connect(sqlite_intake.port) as sock:
        sock.sendall(request[:30])
        time.sleep(0.05)
        assert ask(sock, request[30:]) == 204
        assert ways.short == 1
        sock.sendall(request[30:])
        assert statuses(read_all(sock)) == [400]


def test_what_stands_between_requests_never_gets_into_a_body(sqlite_intake: Intake) -> None:
    bodies = [b"\r\n" + hook(1), hook(2), b"\r\n\r\n" + hook(3), hook(4)]
    with connect(sqlite_intake.port) as sock:
        seen = [
            ask(sock, before + whole(body=body) + after)
            for body in bodies
            for before in (b"", b"\r\n", b"\r\n\r\n")
            for after in (b"", b"\r\n", b"\r\n\r\n")
            for _ in range(3)
        ]
    assert set(seen) == {204}
    kept = [body.split(b"&auth")[0] for body in bodies]
    assert sorted(sqlite_intake.rows()) == sorted(kept)


def test_a_body_behind_an_answered_hook_has_its_own_time(sqlite_database: Database, open_intake: Open) -> None:
    intake = open_intake(sqlite_database, wire=WireLimits(head_s=0.2, linger_s=0.1))
    second = whole(2)
    at = second.index(hook(2))
    with connect(intake.port) as sock:
        sock.sendall(whole(1) + second[:at])
        assert statuses(answers(sock, 1)) == [204]
        time.sleep(0.5)
        assert ask(sock, second[at:]) == 204


def test_the_guards_look_at_the_next_request_as_ever(sqlite_database: Database, open_intake: Open) -> None:
    intake = open_intake(sqlite_database, wire=WireLimits(head_s=0.4, body_grace_s=0.3))
    for rest in (b"POST /hooks", head(DOOR, FORM, "Content-Length: 50"), head(DOOR, FORM, "Content-Length: 50") + b"x"):
        with connect(intake.port) as sock:
            assert ask(sock, whole(1)) == 204
            sock.sendall(rest)
            assert statuses(read_all(sock)) == [408]
    with connect(intake.port) as sock:
        assert ask(sock, whole(1)) == 204
        sock.sendall(head(DOOR, *[f"X-{number}: 1" for number in range(101)]))
        assert statuses(read_all(sock)) == [431]


def test_a_head_out_of_bounds_is_refused_however_whole_the_hook_is(sqlite_intake: Intake, ways: Ways) -> None:
    with connect(sqlite_intake.port) as sock:
        sock.sendall(whole(1, *[f"X-{number}: 1" for number in range(101)]))
        assert statuses(read_all(sock)) == [431]
    assert (ways.short, ways.long) == (0, 0)

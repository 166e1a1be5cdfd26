"""A whole hook on a kept connection is answered by a call, without a task: the same answers, the same promises."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Thread

import pytest
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from hub.store.engine import Database
from hub.web.intake.asgi import Intake as Door
from hub.web.intake.limits import IntakeLimits
from hub.web.security.express import Reply
from hub.web.security.wire import WireLimits
from tests.intake.conftest import DOOR, SECRET, TOKEN, Intake, Open, hook
from tests.intake.raw import connect, head, read_all, statuses
from tests.intake.test_store_trouble import locked
from tests.support.live import wait_for

FORM = "Content-Type: application/x-www-form-urlencoded"
KEPT = b"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D=7"
_QUICK = IntakeLimits(commit_s=0.4)


@dataclass
class Ways:
    """How many requests went each way."""

    short: int = 0
    long: int = 0


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Watches the door: asked by a call, or as an application."""
    ways, take, call = Ways(), Door._take_whole, Door.__call__

    def watched_take(
        self: Door, connection: str, headers: Mapping[str, str], body: bytes, answer: Callable[[Reply], None]
    ) -> bool:
        taken = take(self, connection, headers, body, answer)
        ways.short += taken
        return taken

    async def watched_call(self: Door, scope: Scope, receive: Receive, send: Send) -> None:
        ways.long += 1
        await call(self, scope, receive, send)

    monkeypatch.setattr(Door, "_take_whole", watched_take)
    monkeypatch.setattr(Door, "__call__", watched_call)
    return ways


def whole(number: int = 7, *lines: str, path: str = DOOR, body: bytes | None = None) -> bytes:
    """A hook as one piece."""
    body = hook(number) if body is None else body
    return head(path, FORM, f"Content-Length: {len(body)}", *lines) + body


def answers(sock: socket.socket, count: int) -> bytes:
    """What comes until so many answers are there, the last of them whole."""
    received = b""
    while len(statuses(received)) < count or not _is_whole(received):
        piece = sock.recv(65536)
        assert piece, f"hung up after {received!r}"
        received += piece
    return received


def _is_whole(received: bytes) -> bool:
    head_, end, body = received[received.rindex(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    size = re.search(rb"content-length: (\d+)", head_)
    return bool(end) and len(body) >= int(size[1] if size else 0)


def ask(sock: socket.socket, request: bytes) -> int:
    """The status of one request on an open connection."""
    sock.sendall(request)
    return statuses(answers(sock, 1))[0]


def test_a_hook_is_durable_before_it_is_acknowledged_and_again_changes_nothing(intake: Intake, ways: Ways) -> None:
    with connect(intake.port) as sock:
        for number in range(20):
            assert ask(sock, whole(number)) == 204
            assert len(intake.rows()) == number + 1
        assert ask(sock, whole(3)) == 204
    with connect(intake.port) as sock:
        assert ask(sock, whole(5)) == 204
    assert len(intake.rows()) == 20
    assert intake.counted(204) == 22
    assert (ways.short, ways.long) == (22, 0)


def test_many_connections_at_once_are_all_answered_and_all_stored(intake: Intake, ways: Ways) -> None:
    def sender(first: int) -> list[int]:
        with connect(intake.port) as sock:
            return [ask(sock, whole(first + number)) for number in range(25)]

    with ThreadPoolExecutor(40) as pool:
        seen = [status for one in pool.map(sender, range(0, 40_000, 1000)) for status in one]
    assert seen == [204] * 1000
    assert len(set(intake.rows())) == 1000
    assert (ways.short, ways.long) == (1000, 0)


def test_a_hook_cut_anywhere_into_two_pieces_is_stored_whole(sqlite_intake: Intake, ways: Ways) -> None:
    size = len(whole(100))
    with connect(sqlite_intake.port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(1, size):
            request = whole(100 + at)
            sock.sendall(request[:at])
            time.sleep(0.001)
            assert ask(sock, request[at:]) == 204
    assert [raw.split(b"=")[-1] for raw in sqlite_intake.rows()] == [b"%d" % (100 + at) for at in range(1, size)]
    assert ways.long > size / 4  # cut within the body
    assert ways.short > size / 4  # cut within the head


@pytest.mark.parametrize("step", [1, 7])
def test_a_hook_in_small_pieces_is_stored_whole(sqlite_intake: Intake, step: int) -> None:
    request = whole(1)
    with connect(sqlite_intake.port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(request), step):
            sock.sendall(request[start : start + step])
        assert statuses(answers(sock, 1)) == [204]
        assert ask(sock, whole(2)) == 204
    assert len(sqlite_intake.rows()) == 2


WRONG = whole(path="/hooks/portal/wrong")
FORGED = whole(body=hook(token="0" * 16))


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        pytest.param([whole(1), whole(2)], [204, 204], id="good, good"),
        pytest.param([whole(1), WRONG, whole(2)], [204, 404, 204], id="good, wrong address, good"),
        pytest.param([WRONG, whole(1)], [404, 204], id="wrong address, good"),
        pytest.param([FORGED, whole(1), FORGED], [401, 204, 401], id="forged, good, forged"),
        pytest.param([whole(1), b"GET /health HTTP/1.1\r\nHost: hub\r\n\r\n", whole(2)], [204, 200, 204], id="a page"),
        pytest.param([whole(1), b"\x00"], [204], id="good, rubbish"),
    ],
)
def test_requests_in_one_piece_are_answered_in_their_order(
    sqlite_intake: Intake, requests: list[bytes], expected: list[int]
) -> None:
    with connect(sqlite_intake.port) as sock:
        sock.sendall(b"".join(requests))
        if requests[-1] == b"\x00":
            # Its answer could be taken for the hook's: the connection is cut without a word.
            assert statuses(read_all(sock)) in ([204], [])
            return
        assert statuses(answers(sock, len(expected))) == expected
        assert ask(sock, whole(9)) == 204


def test_a_hook_behind_one_that_waits_for_the_disk_is_answered_after_it(
    sqlite_database: Database, open_intake: Open
) -> None:
    intake = open_intake(sqlite_database, _QUICK)
    with connect(intake.port) as sock:
        with locked(sqlite_database):
            sock.sendall(whole(1))
            time.sleep(0.05)
            sock.sendall(WRONG)
            assert statuses(answers(sock, 2)) == [503, 404]
        assert ask(sock, whole(2)) == 204


@pytest.mark.parametrize(
    ("request_", "status", "ways_"),
    [
        pytest.param(WRONG, 404, (0, 1), id="wrong secret"),
        pytest.param(whole(path="/hooks/nobody/x"), 404, (0, 1), id="no such connection"),
        pytest.param(whole(path=f"{DOOR}/x"), 404, (0, 1), id="deeper path"),
        pytest.param(FORGED, 401, (0, 1), id="wrong token"),
        pytest.param(whole(body=b""), 401, (0, 1), id="empty body"),
        pytest.param(whole(path=DOOR + "?a=1"), 204, (0, 1), id="query"),
        pytest.param(whole(path="/hooks/%70ortal" + DOOR[13:]), 204, (0, 1), id="escapes"),
        pytest.param(head(DOOR, FORM), 401, (0, 1), id="no length"),
        pytest.param(head(DOOR, FORM, "Content-Length: 1048577"), 413, (0, 1), id="too large"),
        pytest.param(whole(1, "Content-Encoding: gzip"), 415, (0, 1), id="compressed"),
        pytest.param(whole(1, "Content-Encoding: identity"), 204, (0, 1), id="not compressed, said so"),
        pytest.param(whole(1).replace(b"POST", b"PUT"), 405, (0, 1), id="not a POST"),
        pytest.param(whole(1, "X-Forwarded-For: 10.1.2.3", "X-Other: \xff"), 204, (1, 0), id="further headers"),
        pytest.param(whole(1, "Connection: keep-alive"), 204, (1, 0), id="kept alive, said so"),
        pytest.param(b"\r\n\r\n" + whole(1), 204, (1, 0), id="line ends before it"),
    ],
)
def test_only_what_is_plain_and_admitted_goes_the_short_way(
    sqlite_intake: Intake, ways: Ways, request_: bytes, status: int, ways_: tuple[int, int]
) -> None:
    with connect(sqlite_intake.port) as sock:
        assert ask(sock, request_) == status
    assert (ways.short, ways.long) == ways_
    assert len(sqlite_intake.rows()) == (status == 204)
    assert sum(sqlite_intake.site.counters.snapshot().values()) == 1


def test_a_hook_in_chunks_goes_the_long_way(sqlite_intake: Intake, ways: Ways) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(hook()), hook())
    with connect(sqlite_intake.port) as sock:
        assert ask(sock, head(DOOR, FORM, "Transfer-Encoding: chunked") + chunks) == 204
    assert (ways.short, ways.long, len(sqlite_intake.rows())) == (0, 1, 1)


def test_a_sender_that_waits_for_leave_to_send_gets_it(sqlite_intake: Intake, ways: Ways) -> None:
    with connect(sqlite_intake.port) as sock:
        sock.sendall(head(DOOR, FORM, f"Content-Length: {len(hook())}", "Expect: 100-continue"))
        assert statuses(answers(sock, 1)) == [100]
        assert ask(sock, hook()) == 204
    assert (ways.short, ways.long) == (0, 1)


@pytest.mark.parametrize(
    "request_",
    [whole(1, "Connection: close"), whole(1).replace(b"HTTP/1.1", b"HTTP/1.0")],
    ids=["connection: close", "HTTP/1.0"],
)
def test_a_connection_that_is_not_kept_is_closed_after_the_answer(
    sqlite_intake: Intake, ways: Ways, request_: bytes
) -> None:
    with connect(sqlite_intake.port) as sock:
        sock.sendall(request_)
        answer = read_all(sock)
    assert statuses(answer) == [204]
    assert b"connection: close" in answer
    assert (ways.short, ways.long) == (0, 1)


def _without_date(answer: bytes) -> list[bytes]:
    return [line for line in answer.split(b"\r\n") if not line.startswith(b"date: ")]


def test_both_ways_answer_with_the_same_bytes(sqlite_database: Database, open_intake: Open, ways: Ways) -> None:
    intake = open_intake(sqlite_database, _QUICK)
    seen = []
    for request in (whole(1), whole(1, path=DOOR + "?")):
        with connect(intake.port) as sock:
            sock.sendall(request)
            stored = answers(sock, 1)
            with locked(sqlite_database):
                sock.sendall(request.replace(b"=1&", b"=2&"))
                refused = answers(sock, 1)
        assert b"date: " in stored
        assert b"retry-after: 30" in refused
        seen.append((_without_date(stored), _without_date(refused)))
    assert seen[0] == seen[1]
    assert (ways.short, ways.long) == (2, 2)


def test_a_slow_commit_is_answered_503_once_and_the_connection_goes_on(
    database: Database, open_intake: Open, ways: Ways
) -> None:
    intake = open_intake(database, _QUICK)
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

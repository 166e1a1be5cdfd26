"""A whole hook on a kept connection is answered by a call, without a task: the same answers, the same promises."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.store.engine import Database
from tests.intake.conftest import DOOR, Intake, Open, hook
from tests.intake.raw import connect, head, read_all, statuses
from tests.intake.short import FORGED, FORM, QUICK, WRONG, answers, ask, whole
from tests.intake.test_store_trouble import locked
from tests.intake.ways import Ways


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
    intake = open_intake(sqlite_database, QUICK)
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
    intake = open_intake(sqlite_database, QUICK)
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

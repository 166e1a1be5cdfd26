"""Who gets in: the right secret in the address and the right token in the body, and nobody else."""

from __future__ import annotations

import hmac
import socket

import pytest

from hub.store.engine import Database
from hub.web.intake.limits import IntakeLimits
from tests.intake.conftest import DOOR, OTHER_SECRET, OTHER_TOKEN, SECRET, TOKEN, Intake, Open, hook
from tests.intake.raw import FORM, connect, head, post, read_all, statuses
from tests.intake.short import WRONG, ask, whole
from tests.support.matrix import Figures

pytestmark = pytest.mark.row(28)

FORGED = {
    "wrong token": hook(token="0" * len(TOKEN)),
    "no token": b"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D=7",
    "empty token": hook(token=""),
    "token cut short": hook(token=TOKEN[:-1]),
    "token with more": hook(token=TOKEN + "0"),
    "token in capitals": hook(token=TOKEN.upper()),
    "token of the other connection": hook(token=OTHER_TOKEN),
    "token under another name": f"application_token={TOKEN}".encode(),
    "token as the whole group": f"auth={TOKEN}".encode(),
    "right token overwritten": hook() + b"&auth%5Bapplication_token%5D=x",
    "empty body": b"",
}
ADDRESSES = {
    "wrong secret": "/hooks/portal/wrong",
    "secret cut short": f"/hooks/portal/{SECRET[:-1]}",
    "secret with more": f"/hooks/portal/{SECRET}0",
    "secret in capitals": f"/hooks/portal/{SECRET.upper()}",
    "empty secret": "/hooks/portal/",
    "no secret": "/hooks/portal",
    "secret of the other connection": f"/hooks/portal/{OTHER_SECRET}",
    "foreign letters": "/hooks/portal/%D1%81%D0%B5%D0%BA%D1%80%D0%B5%D1%82",
    "broken escapes": "/hooks/portal/%ff%00%ed%a0%80",
    "closed connection": "/hooks/closed/",
    "closed connection, some secret": "/hooks/closed/x",
    "connection that could not be opened": f"/hooks/unopened/{SECRET}",
    "no such connection": f"/hooks/nobody/{SECRET}",
    "deeper path": f"{DOOR}/x",
    "dots": f"/hooks/../hooks/portal/{SECRET}",
}


def test_every_forged_body_is_refused_and_leaves_only_a_count(intake: Intake, figures: Figures) -> None:
    assert {name: post(intake.port, DOOR, body) for name, body in FORGED.items()} == dict.fromkeys(FORGED, 401)
    assert intake.rows() == []
    assert intake.counted(401) == len(FORGED)
    figures.total("refused", len(FORGED))


def test_every_other_address_is_one_that_does_not_exist(sqlite_intake: Intake, figures: Figures) -> None:
    answers = {name: post(sqlite_intake.port, path, hook()) for name, path in ADDRESSES.items()}
    assert answers == dict.fromkeys(ADDRESSES, 404)
    assert sqlite_intake.rows() == []
    figures.total("refused", len(ADDRESSES))


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_another_content_type_is_refused(sqlite_intake: Intake, content_type: str) -> None:
    assert post(sqlite_intake.port, DOOR, hook(), {"Content-Type": content_type}) == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_nothing_but_post_gets_in(sqlite_intake: Intake, method: str) -> None:
    with connect(sqlite_intake.port) as sock:
        sock.sendall(f"{method} {DOOR} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n".encode())
        answer = read_all(sock)
    assert statuses(answer) == [405]
    assert b"allow: POST" in answer


def test_both_comparisons_take_the_same_time_wherever_they_differ(
    sqlite_intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    long_way = {**FORM, "Connection": "close"}
    # The secret: digests of one length, for names that do not exist too.
    for path in ("/hooks/portal/x", "/hooks/nobody/x", "/hooks/closed/x"):
        compared.clear()
        assert post(sqlite_intake.port, path, hook(), long_way) == 404
        assert compared == [(32, 32)]
    # Once the address is right: the end of the hook with the end of one that was believed (none yet), and the token.
    ends, tokens = (len(hook()) - hook().index(b"&auth"), 0), (len(TOKEN), len(TOKEN))
    compared.clear()
    assert post(sqlite_intake.port, DOOR, hook(), long_way) == 204
    assert compared == [(32, 32), ends, tokens]
    # On a kept connection the short way asks first; what it does not admit is asked for again where it is refused.
    with connect(sqlite_intake.port) as sock:
        compared.clear()
        assert ask(sock, WRONG) == 404
        assert compared == [(32, 32), (32, 32)]
        compared.clear()
        assert ask(sock, whole(8)) == 204
        assert compared == [(32, 32), ends, tokens]


def test_guessing_addresses_becomes_slow_and_the_right_address_still_answers(
    sqlite_database: Database, open_intake: Open
) -> None:
    intake = open_intake(sqlite_database, IntakeLimits(refusals=5, refusals_s=3600))
    answers = [post(intake.port, f"/hooks/portal/guess{number}", hook()) for number in range(8)]
    assert answers == [404] * 5 + [429] * 3
    assert post(intake.port, DOOR, hook()) == 204
    assert intake.counted(429) == 3


def test_a_refused_request_is_answered_before_its_body_is_read(sqlite_intake: Intake) -> None:
    with connect(sqlite_intake.port) as sock:
        sock.sendall(head("/hooks/portal/wrong", "Content-Length: 1000"))
        assert statuses(_first(sock)) == [404]


def _first(sock: socket.socket) -> bytes:
    return sock.recv(65536)


def test_a_compressed_body_is_refused_whatever_it_would_become(sqlite_intake: Intake) -> None:
    for encoding in ("gzip", "deflate", "br", "GZIP", "identity, gzip"):
        assert post(sqlite_intake.port, DOOR, hook(), {**FORM, "Content-Encoding": encoding}) == 415
    assert post(sqlite_intake.port, DOOR, hook(), {**FORM, "Content-Encoding": "identity"}) == 204

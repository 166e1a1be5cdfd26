"""Requests that may go the short way, what comes back, and which way they went."""

from __future__ import annotations

import re
import socket

from hub.web.intake.limits import IntakeLimits
from tests.intake.conftest import DOOR, hook
from tests.intake.raw import head, statuses

FORM = "Content-Type: application/x-www-form-urlencoded"
KEPT = b"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D=7"
QUICK = IntakeLimits(commit_s=0.4)


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


WRONG = whole(path="/hooks/portal/wrong")
FORGED = whole(body=hook(token="0" * 16))

"""Bytes to and from the site over real sockets, as no well-behaved client would send them."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Mapping

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def post(port: int, path: str, body: bytes, headers: Mapping[str, str] = FORM, timeout_s: float = 20) -> int:
    """The status of one POST on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def connect(port: int, timeout_s: float = 20) -> socket.socket:
    """An open connection."""
    return socket.create_connection(("127.0.0.1", port), timeout_s)


def statuses(data: bytes) -> list[int]:
    """Statuses of the answers in what came back."""
    return [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]


def read_all(sock: socket.socket, within_s: float = 20) -> bytes:
    """What comes until the other side hangs up."""
    received = b""
    ends_at = time.monotonic() + within_s
    while time.monotonic() < ends_at:
        try:
            piece = sock.recv(65536)
        except ConnectionError:
            return received
        if not piece:
            return received
        received += piece
    raise AssertionError(f"the connection stays open; so far {received[:200]!r}")


def talk(port: int, data: bytes, within_s: float = 20) -> bytes:
    """Send these bytes; what comes until the other side hangs up."""
    with connect(port, within_s) as sock:
        sock.sendall(data)
        return read_all(sock, within_s)


def head(path: str, *lines: str) -> bytes:
    """The head of a POST with these further lines."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: hub", *lines, "", ""]).encode()

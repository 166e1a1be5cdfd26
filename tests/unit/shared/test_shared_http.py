from __future__ import annotations

import gzip
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from connectors.shared.http import Failure, HttpClient, HttpFailure, HttpReply, Limits, Origin

from .raw_server import raw_server, reply, says


def call(url: str, limits: Limits | None = None, *, write: bool = False) -> HttpReply:
    client = HttpClient(Origin.of(url), user_agent="sverka/test", limits=limits)
    try:
        return client.post("/rest/1/secret/m", b"{}", content_type="application/json", write=write)
    finally:
        client.close()


def failure_of(answer: bytes, limits: Limits | None = None) -> Failure:
    with raw_server(says(answer)) as server, pytest.raises(HttpFailure) as caught:
        call(server.url, limits)
    return caught.value.failure


def test_whole_reply_comes_back_with_lower_case_header_names() -> None:
    with raw_server(says(reply(b'{"result":1}', headers="X-Some: Thing\r\n"))) as server:
        answer = call(server.url)
    assert (answer.status, answer.body, answer.headers["x-some"]) == (200, b'{"result":1}', "Thing")


def test_request_names_us_and_asks_for_gzip_only() -> None:
    with raw_server(says(reply(b"{}"))) as server:
        call(server.url)
    head = server.requests[0].lower()
    assert b"user-agent: sverka/test" in head
    assert b"accept-encoding: gzip\r\n" in head


def test_gzip_reply_is_inflated() -> None:
    body = gzip.compress(b'{"result":true}')
    with raw_server(says(reply(body, headers="Content-Encoding: gzip\r\n"))) as server:
        assert call(server.url).body == b'{"result":true}'


def test_gzip_bomb_is_cut_at_the_cap_of_decompressed_bytes() -> None:
    bomb = gzip.compress(bytes(50 * 1024 * 1024))
    answer = reply(bomb, headers="Content-Encoding: gzip\r\n")
    assert failure_of(answer, Limits(body_bytes=100_000)) is Failure.OVERSIZED


def test_body_of_exactly_the_cap_passes_and_one_byte_more_does_not() -> None:
    with raw_server(says(reply(b"x" * 1000))) as server:
        assert len(call(server.url, Limits(body_bytes=1000)).body) == 1000
    assert failure_of(reply(b"x" * 1001), Limits(body_bytes=1000)) is Failure.OVERSIZED


def test_encoding_that_was_not_asked_for_is_refused() -> None:
    assert failure_of(reply(b"x", headers="Content-Encoding: br\r\n")) is Failure.BAD_BODY


def test_broken_gzip_is_a_bad_body() -> None:
    assert failure_of(reply(b"not gzip", headers="Content-Encoding: gzip\r\n")) is Failure.BAD_BODY


def test_gzip_cut_off_without_length_is_a_lost_reply() -> None:
    body = gzip.compress(b"x" * 10_000)[:-12]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    assert failure_of(head + body) is Failure.LOST_REPLY


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="closed without a byte"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half of the headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", id="half of a counted body"),
        pytest.param(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n', id="no last chunk"),
        pytest.param(b"nonsense\r\n\r\n", id="not HTTP"),
    ],
)
def test_half_written_reply_is_lost(answer: bytes) -> None:
    assert failure_of(answer) is Failure.LOST_REPLY


def test_refused_connection_proves_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(HttpFailure) as caught:
        call(f"http://127.0.0.1:{port}")
    assert caught.value.failure is Failure.NOT_SENT


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", id="in the body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: ", id="in the headers"),
    ],
)
def test_slow_drip_is_cut_at_the_total_deadline(head: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    began = time.monotonic()
    with raw_server(answer) as server, pytest.raises(HttpFailure) as caught:
        call(server.url, Limits(deadline_s=0.4))
    assert caught.value.failure is Failure.DEADLINE
    assert time.monotonic() - began < 2.0


def test_silent_server_is_cut_at_the_total_deadline() -> None:
    def answer(connection: socket.socket) -> None:
        connection.settimeout(5)
        connection.recv(1)

    with raw_server(answer) as server, pytest.raises(HttpFailure) as caught:
        call(server.url, Limits(deadline_s=0.3))
    assert caught.value.failure is Failure.DEADLINE


def test_redirect_is_an_answer_and_is_not_followed() -> None:
    location = "Location: http://127.0.0.1:1/elsewhere\r\n"
    with raw_server(says(reply(b"", "302 Found", location))) as server:
        answer = call(server.url)
    assert answer.status == 302
    assert answer.headers["location"] == "http://127.0.0.1:1/elsewhere"
    assert len(server.requests) == 1


def test_cookies_of_the_other_side_are_not_kept() -> None:
    with raw_server(says(reply(b"{}", headers="Set-Cookie: PHPSESSID=1\r\nConnection: close\r\n"))) as server:
        client = HttpClient(Origin.of(server.url), user_agent="sverka/test")
        client.post("/a", b"", content_type="application/json", write=False)
        client.post("/a", b"", content_type="application/json", write=False)
        client.close()
    assert b"cookie" not in server.requests[1].lower()


def test_a_path_cannot_lead_to_another_host() -> None:
    client = HttpClient(Origin.of("http://127.0.0.1:1"), user_agent="sverka/test")
    with pytest.raises(ValueError, match="another host"):
        client.post("2/x", b"", content_type="application/json", write=False)
    client.close()


@pytest.mark.parametrize(
    "url",
    ["http://portal.example/rest/", "ftp://127.0.0.1/", "https:///rest/", "https://user@portal.example/", "portal"],
)
def test_addresses_that_are_not_safe_to_call_are_refused(url: str) -> None:
    with pytest.raises(ValueError):
        Origin.of(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://Portal.Example/rest/1/x/", "https://portal.example"),
        ("https://portal.example:8443/", "https://portal.example:8443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost/", "http://localhost"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_origin_keeps_scheme_host_and_port(url: str, shown: str) -> None:
    assert str(Origin.of(url)) == shown


def test_secret_path_does_not_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), raw_server(says(reply(b"{}"))) as server:
        call(server.url)
    assert caplog.records
    assert "secret" not in caplog.text


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with raw_server(says(reply(b"{}"))) as server:
        assert call(server.url).status == 200


def test_transport_is_the_seam_for_tests() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(request.content)))
    client = HttpClient(Origin.of("https://portal.example"), user_agent="sverka/test", transport=transport)
    assert client.post("/x", b"echo", content_type="text/plain", write=False).body == b"echo"
    client.close()


WRITE_WITH_POINT = """
import sys
from connectors.shared.http import HttpClient, Origin
from hub import failpoints
client = HttpClient(Origin.of(sys.argv[1]), user_agent="sverka/test")
failpoints.arm(sys.argv[2])
client.post("/read", b"{}", content_type="application/json", write=False)
client.post("/write", b"{}", content_type="application/json", write=True)
"""


@pytest.fixture
def counted_server() -> Iterator[tuple[str, list[bytes]]]:
    with raw_server(says(reply(b"{}", headers="Connection: close\r\n"))) as server:
        yield server.url, server.requests


@pytest.mark.parametrize("point", ["request_sent", "reply_read"])
def test_armed_process_dies_at_the_write_and_not_at_the_read(
    point: str, counted_server: tuple[str, list[bytes]]
) -> None:
    url, requests = counted_server
    done = subprocess.run([sys.executable, "-c", WRITE_WITH_POINT, url, point], check=False, timeout=20)
    assert done.returncode == -signal.SIGKILL
    assert len(requests) == 2

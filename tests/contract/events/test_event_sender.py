"""The sender against receivers over real sockets: signatures, rotation, every way a receiver can fail, no way in."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.shared.event_sender import BODY_BYTES, HttpEventSender, Receiver
from hub.ports.events import EventAnswer, EventNotTaken
from tests.contract.events.certificate import self_signed
from tests.support.matrix import Figures
from tests.support.receiver import KEY, SECRET, HttpReceiver, http_receiver, signature
from tests.unit.shared.raw_server import raw_server, reply, says

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
BODY = json.dumps({"type": "ping", "data": {"сумма": "1000.00"}}, ensure_ascii=False).encode()


def send(
    url: str,
    *,
    secrets: tuple[str, ...] = (SECRET,),
    private: bool = True,
    deadline_s: float = 5.0,
    resolve: Callable[[str], Sequence[str]] | None = None,
) -> EventAnswer:
    more = {"resolve": resolve} if resolve is not None else {}
    sender = HttpEventSender(Receiver(url, secrets, private), user_agent="sverka/test", deadline_s=deadline_s, **more)
    try:
        return sender.send("evt_1", NOW, BODY)
    finally:
        sender.close()


def refusal(url: str, **more: object) -> str:
    with pytest.raises(EventNotTaken) as caught:
        send(url, **more)  # type: ignore[arg-type]  # passed on to `send`, which is typed
    return str(caught.value)


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as found:
        yield found


def test_a_message_carries_a_signature_that_an_independent_receiver_accepts(receiver: HttpReceiver) -> None:
    assert send(receiver.url) == EventAnswer(204)
    (message,) = receiver.received
    assert receiver.forged == []
    assert message.body == BODY
    assert message.headers["content-type"] == "application/json"
    assert message.headers["user-agent"] == "sverka/test"
    assert message.headers["webhook-id"] == "evt_1"
    assert message.headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_the_standards_own_example_is_signed_as_printed() -> None:
    """https://github.com/standard-webhooks/standard-webhooks, the test vector that its libraries share."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330"}
    assert signature(key, headers, b'{"test": 2432232314}') == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("held", ["old", "new"])
def test_while_a_secret_is_replaced_both_are_good(receiver: HttpReceiver, held: str) -> None:
    other = b"another key of thirty-two bytes!"
    receiver.keys = (KEY if held == "old" else other,)
    send(receiver.url, secrets=(f"whsec_{base64.b64encode(other).decode()}", SECRET))
    assert len(receiver.received) == 1
    assert len(receiver.received[0].headers["webhook-signature"].split(" ")) == 2


def test_a_foreign_secret_is_not_accepted(receiver: HttpReceiver) -> None:
    receiver.keys = (b"another key of thirty-two bytes!",)
    assert send(receiver.url) == EventAnswer(401)
    assert receiver.received == []


@pytest.mark.parametrize("status", [200, 201, 204, 400, 404, 410, 429, 500, 503])
def test_the_status_is_told_as_it_is(receiver: HttpReceiver, status: int) -> None:
    receiver.statuses.append(status)
    assert send(receiver.url).status == status


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 10 Mar 2026 09:10:00 GMT", 600.0),
        ("Tue, 10 Mar 2026 08:00:00 GMT", 0.0),
        ("99999999999999", 999999999.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_a_pause_that_is_asked_for_is_read_in_seconds_and_as_a_date(value: str, seconds: float | None) -> None:
    with raw_server(says(reply(b"", "503 Busy", f"Retry-After: {value}\r\n"))) as server:
        assert send(server.url) == EventAnswer(503, seconds)


@pytest.mark.row(36)
def test_a_redirect_is_not_followed(receiver: HttpReceiver) -> None:
    with raw_server(says(reply(b"", "302 Found", f"Location: {receiver.url}\r\n"))) as server:
        assert send(server.url) == EventAnswer(302)
    assert receiver.received == []


@pytest.mark.row(15)
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"not http at all\r\n\r\n",
    ],
)
def test_a_half_answer_is_no_answer(answer: bytes) -> None:
    with raw_server(says(answer)) as server:
        assert "оборвал" in refusal(server.url)


@pytest.mark.row(16)
def test_a_receiver_that_is_silent_is_left_at_the_deadline(figures: Figures) -> None:
    with raw_server(lambda connection: _hold(connection)) as server:
        began = time.monotonic()
        assert "не ответил за 0.5 с" in refusal(server.url, deadline_s=0.5)
        took_s = time.monotonic() - began
    assert took_s < 2
    figures.most("seconds to leave a silent receiver", took_s)


@pytest.mark.row(16)
def test_a_dripping_receiver_is_left_at_the_total_deadline() -> None:
    with raw_server(_drip) as server:
        began = time.monotonic()
        assert "не ответил" in refusal(server.url, deadline_s=0.6)
        assert time.monotonic() - began < 2


def _hold(connection: socket.socket) -> None:
    connection.settimeout(10)
    with suppress(OSError):
        connection.recv(1)


def _drip(connection: socket.socket) -> None:
    pause = threading.Event()
    with suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200:
            connection.sendall(bytes([byte]))
            pause.wait(0.05)


@pytest.mark.row(16)
def test_a_huge_answer_is_read_to_the_cap_and_its_status_counts(figures: Figures) -> None:
    sent: list[int] = []

    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        piece = b"x" * 65536
        with suppress(OSError):
            for _ in range(15_000):
                connection.sendall(piece)
                sent.append(len(piece))

    with raw_server(pour) as server:
        assert send(server.url) == EventAnswer(200)
    assert sum(sent) < 64 * BODY_BYTES, "the rest stays in the sockets' buffers"
    figures.most("bytes of a huge answer taken", sum(sent))


def test_a_gzip_bomb_is_not_inflated() -> None:
    answer = reply(b"\x1f\x8b" + b"\0" * 50, headers="Content-Encoding: gzip\r\n")
    with raw_server(says(answer)) as server:
        assert send(server.url) == EventAnswer(200)


def test_nobody_at_the_address_is_said() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
        assert "не принимает соединение" in refusal(url)


def test_an_unknown_name_is_said() -> None:
    def unknown(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert "не находится в DNS" in refusal("https://receiver.example/hook", private=False, resolve=unknown)


def test_no_refusal_shows_the_address_with_its_secret() -> None:
    for url in ("http://127.0.0.1:9/topsecret?token=topsecret", "https://127.0.0.1:9/topsecret"):
        assert "topsecret" not in refusal(url)
        sender = HttpEventSender(Receiver(url, (SECRET,)), user_agent="x")
        assert "topsecret" not in sender.address


# Server-side request forgery


@pytest.mark.row(36)
@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
)
def test_a_name_that_leads_inside_gets_no_connection(receiver: HttpReceiver, address: str, figures: Figures) -> None:
    port = receiver.url.rsplit(":", 1)[1]
    text = refusal(f"https://receiver.example:{port}", private=False, resolve=lambda _host: [address])
    assert "ходить нельзя" in text
    assert receiver.received + receiver.forged == []
    figures.total("calls off the list", len(receiver.received))


@pytest.mark.row(36)
def test_a_loopback_address_is_refused_without_leave(receiver: HttpReceiver) -> None:
    assert "allow_private" in refusal(receiver.url, private=False)
    assert receiver.received == []


@pytest.mark.row(36)
def test_the_metadata_service_is_refused_even_with_leave() -> None:
    assert "ходить нельзя" in refusal("http://169.254.169.254/latest/meta-data/")


@pytest.mark.row(36)
def test_a_name_that_answers_otherwise_the_second_time_is_called_by_its_first_answer(receiver: HttpReceiver) -> None:
    """DNS rebinding: what was judged is what is called, so the second answer is never asked for."""
    answers = iter([["8.8.8.8", "127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    port = receiver.url.rsplit(":", 1)[1].split("/")[0]
    refusal(f"https://receiver.example:{port}/", private=False, resolve=resolve)
    assert asked == ["receiver.example"]
    assert receiver.received + receiver.forged == []


@pytest.mark.row(36)
def test_plain_http_to_a_public_address_is_refused() -> None:
    text = refusal("http://receiver.example/", resolve=lambda _host: ["8.8.8.8"])
    assert "ходить нельзя" in text


# TLS


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[tuple[int, Path]]:
    """Answers 204 with a certificate for `name`; its port and the certificate to trust."""
    certificate, key = self_signed(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def answer(raw: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(raw, server_side=True) as connection:
            request = b""
            while not request.endswith(BODY):
                request += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            answer(raw)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], certificate
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.row(17)
@pytest.mark.parametrize(
    ("certified", "trusted", "taken"),
    [("localhost", True, True), ("other.example", True, False), ("localhost", False, False)],
)
def test_a_certificate_must_be_trusted_and_bear_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certified: str, trusted: bool, taken: bool
) -> None:
    with tls_server(tmp_path, certified) as (port, certificate):
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        url = f"https://localhost:{port}/hook"
        if taken:
            assert send(url) == EventAnswer(204)
        else:
            assert "Сертификату получателя нет веры" in refusal(url)


def test_a_later_message_goes_over_a_new_moment(receiver: HttpReceiver) -> None:
    sender = HttpEventSender(Receiver(receiver.url, (SECRET,), True), user_agent="sverka/test")
    try:
        for minutes in (0, 5):
            sender.send("evt_1", NOW + timedelta(minutes=minutes), BODY)
    finally:
        sender.close()
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 300
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_the_check_that_the_guide_shows_accepts_what_is_sent_and_nothing_else(receiver: HttpReceiver) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "events.md").read_text(encoding="utf-8")
    code = guide.split("```python\n")[1].split("```")[0]
    names: dict[str, Callable[[str, dict[str, str], bytes], bool]] = {}
    exec(code, names)
    sender = HttpEventSender(Receiver(receiver.url, (SECRET,), True), user_agent="sverka/test")
    sender.send("evt_1", datetime.now(UTC), BODY)
    sender.send("evt_1", NOW - timedelta(days=1), BODY)
    sender.close()
    fresh, old = receiver.received
    assert names["is_authentic"](SECRET, fresh.headers, fresh.body)
    assert not names["is_authentic"](SECRET, fresh.headers, fresh.body + b" ")
    assert not names["is_authentic"](SECRET, old.headers, old.body)

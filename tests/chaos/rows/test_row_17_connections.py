"""Row 17: sockets, names and certificates that fail: nothing hangs, nothing is trusted by trying again."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.connector import Bitrix24
from connectors.shared.addresses import Resolve, system_resolver
from connectors.shared.http import UNSENT, Failure, HttpClient, HttpFailure, Limits, Origin
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime
from hub.domain.errors import RetryLater
from tests.support.matrix import Figures
from tests.unit.shared.raw_server import raw_server, reply, says

pytestmark = pytest.mark.row(17)


def client_of(url: str, limits: Limits, resolve: Resolve | None = None) -> HttpClient:
    return HttpClient(Origin.of(url), user_agent="sverka/test", limits=limits, resolve=resolve or system_resolver)


def outcome(client: HttpClient) -> Failure | int:
    try:
        return client.post("/rest/m", b"{}", content_type="application/json", write=False).status
    except HttpFailure as error:
        return error.failure


def portal(url: str, resolve: Resolve) -> Bitrix24:
    """The connector whose portal is at an address, with the reader's own waits cut short."""
    timeouts = {"deadline_s": 2, "read_within_s": 0.5}
    config = Bitrix24Config.model_validate({"webhook_url": f"{url}/rest/1/code/", "plan": "off", "timeouts": timeouts})
    clock = SystemClock()
    client = HttpClient(config.webhook.origin, user_agent="sverka/test", limits=Limits(deadline_s=2), resolve=resolve)
    return Bitrix24(config, Runtime("portal", clock, MemoryQuota(clock), "test"), client)


def test_an_idle_connection_is_not_used_after_the_server_has_left_it() -> None:
    with raw_server(says(reply(b"{}"))) as server:  # announces keep-alive and closes nevertheless
        client = client_of(server.url, Limits(deadline_s=3))
        found = []
        for _ in range(20):
            found.append(outcome(client))
            time.sleep(0.01)
        client.close()
    assert set(found) == {200}


def test_fifty_callers_of_one_socket_wait_no_longer_than_the_deadline(figures: Figures) -> None:
    def slow(connection: socket.socket) -> None:
        time.sleep(0.1)
        connection.sendall(reply(b"{}", headers="Connection: close\r\n"))

    def one(_: int) -> tuple[Failure | int, float]:
        began = time.monotonic()
        return outcome(client), time.monotonic() - began

    with raw_server(slow) as server:
        client = client_of(server.url, Limits(deadline_s=1.5, connections=1))
        with ThreadPoolExecutor(50) as pool:
            found = list(pool.map(one, range(50)))
        client.close()
    longest = max(took for _, took in found)
    figures.most("longest wait of 50 callers of one socket, s (deadline 1.5)", longest)
    assert longest < 4
    served = sum(result == 200 for result, _ in found)
    figures.least("of them served", served)
    assert served >= 3
    assert {result for result, _ in found} <= {200, *UNSENT, Failure.DEADLINE}


def test_a_name_that_is_not_found_says_so_and_nothing_was_sent() -> None:
    def nobody(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    crm = portal("https://portal.example", resolve=nobody)
    with pytest.raises(RetryLater) as caught:
        crm.deal("1")
    crm.close()
    assert "DNS" in caught.value.for_person


def test_a_resolver_that_hangs_is_left_behind_at_the_deadline(figures: Figures) -> None:
    free = threading.Event()

    def hang(host: str) -> list[str]:
        free.wait(30)
        return []

    client = client_of("https://portal.example", Limits(deadline_s=0.5), hang)
    began = time.monotonic()
    found = outcome(client)
    took = time.monotonic() - began
    free.set()
    client.close()
    figures.most("seconds with a hanging resolver, deadline 0.5", took)
    assert found is Failure.NO_NAME
    assert took < 2


# Certificates


def make_certificate(folder: Path, name: str) -> Path:
    """A certificate that signs itself, with its key, for one host name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@contextmanager
def tls_server(certificate: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Answers over TLS on this machine; gives its address and what was sent to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
                request = secure.recv(65536)
                while request and not request.endswith(b"{}"):
                    request += secure.recv(65536)
                got.append(request)
                secure.sendall(reply(b'{"result":[]}', headers="Connection: close\r\n"))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}", got
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def test_a_certificate_of_the_right_name_from_a_trusted_hand_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with tls_server(certificate) as (url, got):
        client = client_of(url, Limits(deadline_s=3), lambda host: ["127.0.0.1"])
        assert outcome(client) == 200
        client.close()
    assert len(got) == 1


@pytest.mark.parametrize("case", ["wrong name", "nobody's hand"])
def test_a_certificate_that_does_not_hold_is_never_retried_into_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figures: Figures, case: str
) -> None:
    certificate = make_certificate(tmp_path, "other.example" if case == "wrong name" else "localhost")
    trusted = certificate if case == "wrong name" else make_certificate(tmp_path, "unrelated.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with tls_server(certificate) as (url, got):
        crm = portal(url, resolve=lambda host: ["127.0.0.1"])
        for _ in range(4):
            with pytest.raises(RetryLater) as caught:
                crm.deal("1")
        crm.close()
    figures.most("requests that left for a false certificate", sum(bool(item) for item in got))
    assert not any(got), "not a byte of a request left"
    assert "ертификат" in caught.value.for_person

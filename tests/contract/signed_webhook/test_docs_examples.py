"""The page for integrators: its examples, run as they stand, send what the hub lets in and reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from connectors.shared.memory import SystemClock
from connectors.signed_webhook import SignedDoor, read_report
from hub.ports.claims import PaymentReport
from hub.ports.crm import HookRequest

PAGE = (Path(__file__).parents[3] / "docs" / "payment-reports.md").read_text(encoding="utf-8")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_ADDRESS = "https://sverka.company.ru/hooks/shop/0f4c8a1d9e7b6352"


class Receiver(HTTPServer):
    """Keeps the reports that were let in."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.door = SignedDoor((SECRET,), SystemClock())
        self.reports: list[PaymentReport] = []

    def example(self, language: str) -> str:
        """An example of the page, aimed at this address."""
        (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[-1:]
        address = f"http://127.0.0.1:{self.server_port}/hooks/shop/0f4c8a1d9e7b6352"
        return str(found).replace("whsec_…", SECRET, 1).replace(_ADDRESS, address)


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        admitted = self.server.door.admit(HookRequest("POST", {}, dict(self.headers.items()), body))
        if admitted is not None:
            self.server.reports.append(read_report(body))
        self.send_response(401 if admitted is None else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_the_body_of_the_page_is_a_report() -> None:
    (body,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert read_report(body.encode()).details == {"order": 1842, "manager": "Ольга"}


def test_the_python_example_is_let_in(receiver: Receiver) -> None:
    names: dict[str, object] = {}
    exec(receiver.example("python"), names)
    send = names["report"]
    assert callable(send)
    day = datetime.now(UTC).date().isoformat()
    assert send({"id": "1", "amount": "5.00", "currency": "RUB", "paid_on": day}) == 204
    assert [report.external_id for report in receiver.reports] == ["1"]


def test_the_shell_example_is_let_in(receiver: Receiver) -> None:
    missing = [name for name in ("bash", "curl", "openssl", "base64", "od") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not on this machine: {missing}")
    ran = subprocess.run(["bash", "-c", receiver.example("bash")], capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("204\n", "")
    assert [report.invoice_number for report in receiver.reports] == ["71"]

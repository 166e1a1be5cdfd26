"""A tiny receiver of webhooks and of the uninstall call."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from connectors.sandbox_kit.php import parse_query


class Receiver:
    """Keeps the forms it was posted and the addresses it was asked for; answers `status` after `pause_s`."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.content_types: list[str] = []
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.status = 200
        self.pause_s = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                outer.bodies.append(body)
                outer.content_types.append(self.headers["content-type"])
                self._answer()

            def do_GET(self) -> None:
                outer.asked.append((self.headers["user-agent"], parse_qs(urlsplit(self.path).query)))
                self._answer()

            def _answer(self) -> None:
                time.sleep(outer.pause_s)
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def flat(self) -> list[dict[str, str]]:
        """The forms with their bracket keys as they came."""
        return [dict(parse_qsl(body, keep_blank_values=True)) for body in self.bodies]

    def forms(self) -> list[dict[str, Any]]:
        """The forms as PHP reads them."""
        return [parse_query(body) for body in self.bodies]

    def told(self) -> list[tuple[str, str, str]]:
        """Entity, action and record id of each form."""
        told = []
        for form in self.forms():
            entity = next(name for name in form if name != "account")
            action = next(iter(form[entity]))
            record = form[entity][action]["0"]
            told.append((entity, action, str(record["note"]["element_id"] if "note" in record else record["id"])))
        return told


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()

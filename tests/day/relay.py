"""The post of hooks: what CRMs and banks send comes here over a socket; the hub gets it as the day's way has it."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import httpx

WAYS: Final = ("in order", "dropped", "doubled", "shuffled")
#: How likely a shuffled hook waits once more: some half an hour of the day on average.
_HELD: Final = 0.85
_CARRIED: Final = ("content-type", "authorization")


@dataclass(frozen=True, slots=True)
class Letter:
    """A hook as its sender sent it."""

    connection: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Post:
    """Takes hooks in and hands them on."""

    chance: random.Random
    way: str
    http: httpx.Client
    doors: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    taken: int = 0
    handed: int = 0
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: list[Letter] = field(default_factory=list)

    def url(self, connection: str) -> str:
        """Where a system sends its hooks."""
        return f"http://127.0.0.1:{self.port}/{connection}"

    def put(self, letter: Letter) -> None:
        """A hook came."""
        with self._lock:
            self.taken += 1
            self._waiting.append(letter)

    def hand_on(self, *, last: bool = False) -> None:
        """Bring to the hub what is to be brought now; the `last` time nothing is kept back."""
        with self._lock:
            letters, self._waiting = self._waiting, []
        now = list(self._chosen(letters, last=last))
        for letter in now:
            answer = self.http.post(self.doors[letter.connection], content=letter.body, headers=dict(letter.headers))
            self.handed += 1
            self.refused += not answer.is_success

    def _chosen(self, letters: list[Letter], *, last: bool) -> Iterable[Letter]:
        if self.way == "dropped":
            return []
        if self.way == "doubled":
            return [letter for letter in letters for _ in range(2)]
        if self.way == "shuffled":
            return self._some(letters, last=last)
        return letters

    def _some(self, letters: list[Letter], *, last: bool) -> list[Letter]:
        """Each is held back for a while of its own: what came long ago may be brought after what came just now."""
        now: list[Letter] = []
        for letter in letters:
            if last or self.chance.random() > _HELD:
                now.append(letter)
            else:
                self._waiting.append(letter)
        self.chance.shuffle(now)
        return now


@contextmanager
def opened(post: Post) -> Iterator[Post]:
    """The post on a socket of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: self.headers[name] for name in _CARRIED if name in self.headers}
            post.put(Letter(self.path.strip("/"), headers, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    post.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, name="post")
    thread.start()
    try:
        yield post
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Cases that mostly wait (for a dead hub's lease, for a slow answer) run side by side; each test waits for its own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

import pytest

from tests.support.databases import PostgresServer

_UNSAFE: Final = re.compile(r"[^\w.-]+")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a case stands on: a folder of its own and the address of an empty database (`database` setting)."""

    folder: Path
    database: str


class SideBySide(Generic[T]):
    """Runs cases in threads, `at_once` of them at a time."""

    def __init__(self, folder: Path, postgres: PostgresServer | None, at_once: int) -> None:
        self._folder = folder
        self._postgres = postgres
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="case")
        self._running: dict[Hashable, Future[T]] = {}
        self._migrating = threading.Lock()  # alembic has one context for the whole process

    def begin(self, kind: str, name: str, live: Callable[[str, Ground], T]) -> None:
        """Queue a case; `kind` is `sqlite` or `postgres`."""
        self._running[kind, name] = self._pool.submit(self._live, kind, name, live)

    def outcome(self, kind: str, name: str) -> T:
        """What it gave; raises what it raised."""
        return self._running[kind, name].result()

    def _live(self, kind: str, name: str, live: Callable[[str, Ground], T]) -> T:
        folder = self._folder / _UNSAFE.sub("-", f"{kind}-{name}")
        folder.mkdir()
        with ExitStack() as stack:
            database = "sqlite:///data/hub.sqlite3"
            if kind == "postgres":
                assert self._postgres is not None
                with self._migrating:
                    url = stack.enter_context(self._postgres.database())
                database = url.render_as_string(hide_password=False)
            return live(name, Ground(folder, database))

    def close(self) -> None:
        """End; what has not begun is left out."""
        self._pool.shutdown(cancel_futures=True)


def chosen_cases(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """The `case` parameters (kind, name) of the tests of this module that will run."""
    path = request.path
    items = (item for item in request.session.items if isinstance(item, pytest.Function) and item.path == path)
    with_case = [item for item in items if hasattr(item, "callspec") and "case" in item.callspec.params]
    return [cast("tuple[str, str]", item.callspec.params["case"]) for item in with_case]


def begin_chosen(
    request: pytest.FixtureRequest, folder: Path, live: Callable[[str, Ground], T], at_once: int
) -> SideBySide[T]:
    """Begin every chosen case of the module; the caller closes."""
    cases = chosen_cases(request)
    wants_server = any(kind == "postgres" for kind, _ in cases)
    running: SideBySide[T] = SideBySide(folder, request.getfixturevalue("postgres") if wants_server else None, at_once)
    for kind, name in cases:
        running.begin(kind, name, live)
    return running

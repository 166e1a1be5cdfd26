"""One server of the comparison as a process: `python -m benchmarks.intake.server bare|hub …`; prints its port."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from benchmarks.intake.message import CONNECTION, PATH, SECRET, TOKEN
from hub.composition.hub import open_hub
from hub.composition.serve import settle_memory, web_context, web_settings
from hub.config import create_key_file, load_config
from hub.services.receive_event import hint_events
from hub.store.intake_writer import GroupWriter
from hub.web.app import create_site
from hub.web.intake.counters import UNKNOWN, IntakeCounters
from hub.web.security.wire import guarded

_RULES: Final = 'pipelines:\n  "0":\n    deal_paid:\n      stage: EXECUTING\n'


async def _read_only(request: Request) -> Response:
    await request.body()
    return Response(status_code=204)


@contextmanager
def bare() -> Iterator[uvicorn.Config]:
    """A Starlette handler that reads the body and forgets it, behind uvicorn's own protocol."""
    app = Starlette(routes=[Route(PATH, _read_only, methods=["POST"])])
    yield web_settings(app, HttpToolsProtocol)


@contextmanager
def hub(database: str, folder: Path) -> Iterator[uvicorn.Config]:
    """The hub's whole site as a web process has it: connection guards, door, group writer, desk. No jobs."""
    config = load_config(_settings(database, folder))
    with open_hub(config) as opened:
        counters = IntakeCounters()
        writer = GroupWriter(opened.database, partial(hint_events, opened.rt))
        writer.start()
        site = create_site(web_context(opened, counters), writer, counters)
        settle_memory()
        yield web_settings(site, guarded(partial(counters.count, UNKNOWN)))
        writer.stop(10)


def _settings(database: str, folder: Path) -> Path:
    create_key_file(folder / "data" / "secret.key")
    (folder / "rules.yaml").write_text(_RULES)
    portal = {
        "system": "bitrix24",
        # Nobody listens there and nothing is called: the jobs do not run.
        "webhook_url": "http://127.0.0.1:9/rest/1/benchmark0123456789/",
        "application_token": TOKEN,
        "hook_secret": SECRET,
        "rules": "rules.yaml",
    }
    settings = {"company": {"name": "Проба"}, "database": database, "connections": {CONNECTION: portal}}
    path = folder / "sverka.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True))
    return path


def _serve(settings: uvicorn.Config) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        server = uvicorn.Server(settings)
        with asyncio.Runner(loop_factory=settings.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[listener]))


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("bare", "hub"))
    parser.add_argument("--database", default="")
    parser.add_argument("--folder", type=Path, default=Path())
    given = parser.parse_args()
    with bare() if given.what == "bare" else hub(given.database, given.folder) as settings:
        _serve(settings)


if __name__ == "__main__":
    main()

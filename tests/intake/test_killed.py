"""The hub dies, or its disk fills up, while hooks pour in: whatever was acknowledged is in the database."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest
from sqlalchemy import URL

from benchmarks.intake.__main__ import stored_numbers
from benchmarks.intake.processes import Server, finish_load, load, start_load
from tests.support.matrix import Figures

pytestmark = pytest.mark.chaos

_LOADED_S = 1.0
_PAGE = 4096


@pytest.mark.row(2)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_after_a_kill_under_load_every_acknowledged_hook_is_there(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, figures: Figures
) -> None:
    address = _address(kind, tmp_path, request)
    server, file = Server("hub", "--database", address, "--folder", str(tmp_path)), tmp_path / "acknowledged"
    generator = start_load(server.port, 30, 1, file)
    time.sleep(_LOADED_S)
    server.kill()
    finish_load(generator)
    acknowledged = {int(line) for line in file.read_text().split()}
    assert acknowledged
    assert acknowledged <= stored_numbers(address)
    figures.total("acknowledged before the kill", len(acknowledged))


def _address(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    url: URL = request.getfixturevalue(f"{kind}_url")
    return url.render_as_string(hide_password=False)


@pytest.mark.row(10)
def test_a_disk_that_fills_under_load_acknowledges_nothing_it_did_not_store(
    tmp_path: Path, sqlite_url: URL, figures: Figures
) -> None:
    address = str(sqlite_url)
    server, file = Server("hub", "--database", address, "--folder", str(tmp_path)), tmp_path / "acknowledged"
    try:
        free = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        generator = start_load(server.port, 30, 1, file)
        time.sleep(_LOADED_S)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (_PAGE, free[1]))
        seen = finish_load(generator)
        assert seen.others == {"503": 32}
        acknowledged = {int(line) for line in file.read_text().split()}
        assert acknowledged <= stored_numbers(address)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, free)
        again = load(server.port, _LOADED_S, 10**9)
        assert again.others == {}
        assert again.answers > 0
    finally:
        server.stop()
    figures.total("acknowledged before the disk was full", len(acknowledged))

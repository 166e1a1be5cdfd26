"""Row 10: no room for the database, for temporary files, for the log; RLIMIT_FSIZE stands in for a full disk.

On PostgreSQL the database's disk is its server's: what the hub sees is an error of class 53 or 58, the same as row 9's.
"""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import URL, func, select

from hub.store import tables as t
from hub.store.engine import Database
from tests.support.desk import DeskClient
from tests.support.feeding import rests
from tests.support.invariants import violations
from tests.support.kill_case import HOOK_SECRET, PAYMENTS, SUMS, send_hook
from tests.support.live import LiveHub, Portal, wait_for
from tests.support.matrix import Figures
from tests.support.portal import seed
from tests.support.statements import statement

pytestmark = [pytest.mark.chaos, pytest.mark.row(10)]
_PAGE: Final = 4096
_LARGE: Final = 3 << 20


def _rows(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(t.inbox)) or 0


def _answer(hub: LiveHub, token: str, deal: int) -> int:
    try:
        return send_hook(hub, token, deal)
    except httpx.HTTPError:
        return 0


def test_with_a_full_disk_nothing_is_acknowledged_and_work_resumes_when_there_is_room(
    tmp_path: Path, figures: Figures
) -> None:
    with Portal(tmp_path, seed(SUMS), warm=True) as portal:
        token = portal.address["application_token"]
        connection = {"application_token": token, "hook_secret": HOOK_SECRET}
        hub = LiveHub(tmp_path / "hub", portal.address["webhook_url"], connection=connection, warm=True)
        log = hub.folder / "data" / "sverka.log"
        log.write_text("{}\n" * _PAGE)  # beyond the limit already: no line of it can be written either
        try:
            hub.start()
            with DeskClient(hub) as desk, hub.opened() as database:
                desk.sign_in()
                before, free = _rows(database), resource.prlimit(hub.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (_PAGE, free[1]))
                refused = [_answer(hub, token, 9001 + number) for number in range(5)]
                refused += [desk.upload(statement(PAYMENTS)), desk.upload(statement(PAYMENTS) + b"\r\n" * _LARGE)]
                assert all(status >= 500 for status in refused), refused
                assert refused[:5] == [503] * 5
                assert _rows(database) == before
                assert not hub.ended
                resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, free)
                wait_for(lambda: _answer(hub, token, 9001) in range(200, 300), 20, "hooks are taken again")
                assert desk.upload(statement(PAYMENTS)) == 303
                wait_for(lambda: rests(database, len(PAYMENTS)), 60, "rest")
                assert violations(database, PAYMENTS, portal.write_log()) == []
        finally:
            hub.stop()
    figures.total("refused while full", len(refused))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_hub_whose_log_cannot_be_written_does_all_its_work(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, figures: Figures
) -> None:
    database_url = "sqlite:///data/hub.sqlite3"
    if kind == "postgres":
        url: URL = request.getfixturevalue("postgres_url")
        database_url = url.render_as_string(hide_password=False)
    with Portal(tmp_path, seed(SUMS), _faults(), warm=True) as portal:
        full: dict[str, object] = {"log": {"file": "/dev/full", "level": "debug"}}
        hub = LiveHub(tmp_path / "hub", portal.address["webhook_url"], database_url, more=full, warm=True)
        try:
            hub.start()
            with DeskClient(hub) as desk, hub.opened() as database:
                desk.upload(statement(PAYMENTS))
                wait_for(lambda: rests(database, len(PAYMENTS)), 60, "rest without a log")
                assert violations(database, PAYMENTS, portal.write_log()) == []
        finally:
            hub.stop()
    figures.note("log on a full disk: all work done")


def _faults() -> list[dict[str, object]]:
    """Something to log about."""
    refuse = {"kind": "refuse", "status": 503, "code": "QUERY_LIMIT_EXCEEDED"}
    return [{"match": {"method": method}, "times": 2, "action": refuse} for method in ("crm.item.get", "batch")]

"""Rows 3 and 4: SIGTERM with work in hand, and a process that dies under its supervisor."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.support.desk import DeskClient
from tests.support.feeding import bring, rests
from tests.support.invariants import violations
from tests.support.live import LiveHub, Portal, wait_for
from tests.support.matrix import Figures
from tests.support.portal import seed
from tests.support.side_by_side import Ground, SideBySide, begin_chosen
from tests.support.statements import Received, statement
from tests.support.supervisor import Supervisor

pytestmark = pytest.mark.chaos
EXIT_S: Final = 15.0
PAYMENTS: Final = [Received("51", "1000.00", "Оплата по счету № 701 от 10.03.2026. НДС не облагается")]
#: Lease 21 s and a call's deadline 11 s: longer than the ten seconds that a stopping hub waits for its work.
_SCALE: Final = 0.15
_UPLOAD_BYTES: Final = 640 * 1024


@dataclass(frozen=True, slots=True)
class Ending:
    """Seconds from SIGTERM to the end, what was broken at the end of all, and (short calls) whether it was settled."""

    exit_s: float
    broken: list[str]
    settled: bool


def _slow(seconds: float) -> dict[str, object]:
    return {"match": {"method": "crm.item.update"}, "times": 1, "action": {"kind": "delay", "seconds": seconds}}


_FAULTS: Final[dict[str, list[dict[str, object]]]] = {
    "a call of 3 s": [_slow(3)],
    "a call of 30 s": [_slow(30)],
    "an upload at 64 KB/s": [],
}
CASES: Final = [("sqlite", name) for name in _FAULTS] + [("postgres", "a call of 3 s")]


def _live(name: str, ground: Ground) -> Ending:
    with Portal(ground.folder, seed(["1000.00"]), _FAULTS[name], warm=True) as portal:
        address = portal.address["webhook_url"]
        hub = LiveHub(ground.folder / "hub", address, ground.database, scale=_SCALE, warm=True)
        try:
            hub.start()
            exit_s = _stop_in_an_upload(hub) if name.startswith("an upload") else _stop_in_a_call(hub, portal)
            with hub.opened() as database:
                settled = rests(database, len(PAYMENTS))
                hub.start()
                bring(database, statement(PAYMENTS))
                wait_for(lambda: rests(database, len(PAYMENTS)), 60, "rest after a stop")
                return Ending(exit_s, violations(database, PAYMENTS, portal.write_log()), settled)
        finally:
            hub.stop()


def _stop_in_a_call(hub: LiveHub, portal: Portal) -> float:
    with hub.opened() as database:
        bring(database, statement(PAYMENTS))
    wait_for(lambda: bool(portal.writes()), 30, "the portal has the slow call")
    return _terminate(hub)


def _stop_in_an_upload(hub: LiveHub) -> float:
    # Spaces after the last document: a long file for the wire, the same payments for the reader.
    raw = statement(PAYMENTS) + b"\r\n" * (_UPLOAD_BYTES // 2)
    began = threading.Event()

    def upload() -> None:
        with DeskClient(hub) as desk:
            desk.sign_in()
            began.set()
            try:
                desk.upload(raw, bytes_per_s=64 * 1024)
            except httpx.HTTPError:
                return  # the hub went away in the middle: the person sees it and uploads again

    sender = threading.Thread(target=upload, daemon=True)
    sender.start()
    assert began.wait(30)
    time.sleep(1)
    exit_s = _terminate(hub)
    sender.join(30)
    return exit_s


def _terminate(hub: LiveHub) -> float:
    assert hub.process is not None
    asked_at = time.monotonic()
    hub.process.terminate()
    code = hub.process.wait(60)
    assert code == 0, hub.output()
    return time.monotonic() - asked_at


@pytest.fixture(scope="module")
def endings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SideBySide[Ending]]:
    running = begin_chosen(request, tmp_path_factory.mktemp("endings"), _live, at_once=4)
    yield running
    running.close()


@pytest.mark.row(3)
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case))
def test_a_stop_ends_in_time_and_the_next_start_finishes_the_work(
    case: tuple[str, str], endings: SideBySide[Ending], figures: Figures
) -> None:
    ending = endings.outcome(*case)
    assert ending.exit_s <= EXIT_S
    assert ending.broken == []
    figures.most("exit s", ending.exit_s)


@pytest.mark.row(4)
def test_a_supervisor_has_the_hub_answering_within_five_seconds_of_its_death(tmp_path: Path, figures: Figures) -> None:
    deaths = 3
    with Portal(tmp_path, seed(["1000.00"]), warm=True) as portal:
        hub = LiveHub(tmp_path / "hub", portal.address["webhook_url"])
        with Supervisor(hub) as supervisor, hub.opened() as database:
            bring(database, statement(PAYMENTS))
            for done in range(1, deaths + 1):
                assert hub.process is not None
                hub.process.kill()
                wait_for(lambda done=done: len(supervisor.restarts) >= done, 30, "the hub is back")  # type: ignore[misc]
            wait_for(lambda: rests(database, len(PAYMENTS)), 60, "rest after the deaths")
            assert violations(database, PAYMENTS, portal.write_log()) == []
    assert max(supervisor.restarts) <= 5
    figures.total("deaths", deaths)
    figures.most("restart s", max(supervisor.restarts))

"""Row 16 on 1C: replies that drip, never end or blow up; lists heavier than its server holds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox
from hub.domain.errors import ConnectorError
from mappings.accounting import shipped_map
from tests.contract.accounting_1c_connector.base import World, opened
from tests.support.matrix import Figures
from tests.support.papers_1c import INVOICE, base_seed, paper_id

pytestmark = pytest.mark.row(16)
DEADLINE_S: Final = 1.5
#: `$metadata` and messages of a plan may have 64 MiB; a reply is joined once.
GROWTH_MIB: Final = 2 * 64 + 64
BAD: Final[dict[str, dict[str, Any]]] = {
    "drip": {"kind": "slow_drip", "pause_s": 0.05},
    "endless body": {"kind": "endless_body"},
    "archive bomb": {"kind": "gzip_bomb", "megabytes": 300},
    "late reply": {"kind": "delay", "seconds": 4},
}
CALLER: Final = """
import json, re, sys, time
from pathlib import Path
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime
from hub.domain.errors import ConnectorError

def peak_kib():
    return int(re.search("VmHWM:\\\\s+(\\\\d+)", Path("/proc/self/status").read_text()).group(1))

clock = SystemClock()
client = OdataClient(OneCConfig.model_validate(json.loads(sys.argv[1])), Runtime("buh", clock, MemoryQuota(clock)))
before, began = peak_kib(), time.monotonic()
try:
    client.rows(sys.argv[2], {"$top": "10"})
    said = ""
except ConnectorError as error:
    said = error.for_person
print(json.dumps({"said": said, "grown_kib": peak_kib() - before, "took_s": time.monotonic() - began}))
"""


@pytest.fixture(scope="module")
def base() -> Iterator[RunningSandbox]:
    """One base for all cases."""
    with running_sandbox(base_seed("1000.00", "2000.00", "3000.00")) as sandbox:
        yield sandbox


@pytest.fixture
def world(base: RunningSandbox) -> Iterator[World]:
    """A connector without patience, which has read the base."""
    base.control.reset()
    with opened(base, timeouts={"deadline_s": DEADLINE_S, "read_within_s": 0.5}) as world:
        world.control.edit(INVOICE, paper_id(2), Date="2026-03-05T12:00:00")
        world.poll()
        world.poll()
        yield world


def called(base: RunningSandbox) -> dict[str, Any]:
    """One reading by a process of its own."""
    given = {
        "address": base.base_url,
        "login": base.user,
        "password": base.password,
        "names": shipped_map("bp30").model_dump(mode="json"),
        "timeouts": {"deadline_s": DEADLINE_S, "read_within_s": 0.5},
    }
    command = [sys.executable, "-c", CALLER, json.dumps(given), INVOICE]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("method", [f"list.{INVOICE}", pytest.param("metadata", marks=pytest.mark.thorough)])
@pytest.mark.parametrize("name", BAD)
def test_a_reply_without_end_is_cut_and_takes_nothing_away(
    world: World, figures: Figures, name: str, method: str
) -> None:
    known = dict(world.invoices)
    if method == "metadata":
        world.restart()
    world.control.edit(INVOICE, paper_id(2), СуммаДокумента="2500.00")
    world.control.add_faults({"match": {"method": method}, "times": None, "action": BAD[name]})
    began = time.monotonic()
    with pytest.raises(ConnectorError) as caught:
        world.poll()
    took = time.monotonic() - began
    figures.most("1C: s in a poll of replies without end, deadline 1.5", took)
    assert took < 4 * (DEADLINE_S + 1)
    assert caught.value.for_person
    assert world.invoices == known
    world.control.clear_faults()
    world.clock.sleep(300)
    world.poll()
    assert str(world.invoices[paper_id(2)].amount.amount) == "2500.00"


@pytest.mark.parametrize("name", ["endless body", "archive bomb"])
def test_a_reply_without_end_costs_no_more_memory_than_a_reply_may_have(
    base: RunningSandbox, figures: Figures, name: str
) -> None:
    base.control.reset()
    base.control.add_faults({"match": {"method": "list.*"}, "times": None, "action": BAD[name]})
    found = called(base)
    figures.most("1C: MiB grown by a reply without end, 64 may be read", found["grown_kib"] / 1024)
    assert found["said"]
    assert found["grown_kib"] < GROWTH_MIB * 1024


def test_a_list_too_heavy_for_the_server_is_told_in_its_own_words_and_read_when_pages_are_smaller(
    base: RunningSandbox,
) -> None:
    base.control.reset()
    base.control.change_settings(max_reply_bytes=1_200)
    with opened(base, page_rows=200) as world:
        with pytest.raises(ConnectorError) as caught:
            world.poll()
        assert "1С отказала" in caught.value.for_person
    with opened(base, page_rows=1) as world:
        world.poll()
        assert {paper_id(place) for place in (1, 2, 3)} <= world.invoices.keys()

"""Row 16 on 1C: replies that drip, never end or blow up; lists heavier than the server's disk holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox
from hub.domain.errors import ConnectorError, Refused
from tests.contract.accounting_1c_connector.base import World, opened
from tests.support.matrix import Figures
from tests.support.papers_1c import BUH, INVOICE, base_seed, paper_id
from tests.support.vitals import Vitals

pytestmark = pytest.mark.row(16)
DEADLINE_S: Final = 1.5
BAD: Final[dict[str, dict[str, Any]]] = {
    "drip": {"kind": "slow_drip", "pause_s": 0.05},
    "endless body": {"kind": "endless_body"},
    "archive bomb": {"kind": "gzip_bomb", "megabytes": 300},
    "late reply": {"kind": "delay", "seconds": 4},
}


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
        world.poll()
        world.poll()
        yield world


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
    before, began = Vitals.of_this_process(), time.monotonic()
    with pytest.raises(ConnectorError) as caught:
        world.poll()
    took = time.monotonic() - began
    figures.most("1C: s in a poll of replies without end, deadline 1.5", took)
    assert took < 4 * (DEADLINE_S + 1)
    assert caught.value.for_person
    del before
    assert world.invoices == known
    world.control.clear_faults()
    world.clock.sleep(300)
    world.poll()
    assert str(world.invoices[paper_id(2)].amount.amount) == "2500.00"

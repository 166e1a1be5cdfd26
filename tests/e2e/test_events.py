"""A real hub tells a real receiver what it matched and moved, signed, and once more after its own death."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hub.ports.events import DeliveryState, EventFilter
from hub.store.engine import open_database
from hub.store.unit_of_work import SqlStore
from tests.support.live import LiveHub, Portal, wait_for
from tests.support.portal import seed
from tests.support.receiver import SECRET, HttpReceiver, http_receiver
from tests.support.statements import Received, statement

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(180)]
PAYMENT = Received("51", "1000.00", "Оплата по счету № 701 от 10.03.2026. НДС не облагается")


@dataclass
class Running:
    """Everything that runs."""

    portal: Portal
    hub: LiveHub
    receiver: HttpReceiver
    store: SqlStore

    def bring(self, folder: Path) -> None:
        """Take a statement with one payment in."""
        path = folder / "kl_to_1c.txt"
        path.write_bytes(statement([PAYMENT]))
        taken = self.hub.run("import", str(path))
        assert taken.returncode == 0, taken.stderr

    def waits_for_nothing(self) -> bool:
        """No event is queued any more."""
        with self.store.read() as uow:
            return uow.events.find(EventFilter(state=DeliveryState.QUEUED), 1) == []


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Portal(tmp_path, seed(["1000.00"])) as portal, http_receiver() as receiver:
        hub = LiveHub(tmp_path / "hub", portal.address["webhook_url"], scale=0.1)
        endpoint = {"url": receiver.url, "secret": SECRET, "allow_private": True}
        settings = yaml.safe_load(hub.config.read_text()) | {"events": {"books": endpoint}}
        hub.config.write_text(yaml.safe_dump(settings, allow_unicode=True))
        database = open_database(f"sqlite:///{hub.folder / 'data' / 'hub.sqlite3'}")
        try:
            yield Running(portal, hub, receiver, SqlStore(database))
        finally:
            hub.stop()
            database.close()


def test_a_matched_payment_and_a_moved_deal_are_told_once_each(running: Running, tmp_path: Path) -> None:
    running.hub.start()
    running.bring(tmp_path)
    matched, moved = running.receiver.wait_for(2)
    assert [item.json["type"] for item in (matched, moved)] == ["payment.matched", "deal.moved"]
    assert matched.json["data"]["payment"]["amount"] == "1000.00"
    assert matched.json["data"]["acting"] is True
    assert [deal["external_id"] for deal in matched.json["data"]["deals"]] == ["9001"]
    assert moved.json["data"]["to"]["stage"] == "EXECUTING"
    assert moved.json["data"]["deal"]["external_id"] == "9001"
    wait_for(running.waits_for_nothing, 20, "nothing is queued any more")
    assert len(running.receiver.received) == 2
    assert running.receiver.forged == []


@pytest.mark.row(1)
def test_a_hub_that_dies_right_after_sending_tells_it_again_under_the_same_id(running: Running, tmp_path: Path) -> None:
    running.hub.start("event_sent")
    running.bring(tmp_path)
    running.hub.wait_until_killed()
    (first,) = running.receiver.received
    running.hub.start()
    told = running.receiver.wait_for(3)
    assert [item.event_id for item in told[:2]] == [first.event_id] * 2
    assert {item.json["type"] for item in told} == {"payment.matched", "deal.moved"}
    wait_for(running.waits_for_nothing, 20, "nothing is queued any more")
    assert len({item.event_id for item in running.receiver.received}) == 2

"""A hub made from its settings file takes reports over a real socket: what is signed and fresh is kept once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.shared.standard_webhooks import sign
from hub.composition.hub import Hub, open_hub
from hub.composition.serve import web_context
from hub.config import create_key_file, parse_config
from hub.ports.claims import ClaimState
from hub.ports.records import InboxKind, InboxState
from hub.services.read_reports import read_reports
from hub.web.intake.counters import IntakeCounters
from tests.support.doors import served_site
from tests.support.matrix import Figures
from tests.support.reports import named


def secret(letter: bytes) -> str:
    return "whsec_" + base64.b64encode(letter * 32).decode()


SHOP, OLD, NEW, TILL = secret(b"s"), secret(b"o"), secret(b"n"), secret(b"t")
HOOK = "shop-0f4c8a1d9e7b6352"
SETTINGS = f"""
company:
  name: Ромашка
  accounts: ["40702810000000000001"]
payment_reports:
  shop:
    hook_secret: {HOOK}
    signing_secret: [{OLD}, {SHOP}]
  till:
    hook_secret: till-0f4c8a1d9e7b6352
    signing_secret: {TILL}
"""


@dataclass
class Site:
    """The hub, its address and a sender."""

    hub: Hub
    http: httpx.Client

    def send(self, body: bytes, *, id_: str = "msg_1", key: str = SHOP, late_s: int = 0, **changed: str) -> int:
        """Sign and post; the answer's status."""
        headers = sign([key], id_, datetime.now(UTC) - timedelta(seconds=late_s), body)
        headers |= {f"webhook-{name}": value for name, value in changed.items()}
        return self.post(body, {name: value for name, value in headers.items() if value != "-"})

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        answer = self.http.post(f"/hooks/shop/{HOOK}", content=body, headers=headers)
        return answer.status_code

    def rows(self) -> list[int]:
        """Numbers of what waits in the inbox."""
        with self.hub.rt.store.write() as uow:
            waiting = uow.inbox.claim_many(InboxKind.CLAIM, "shop", "test", datetime.now(UTC), 0, 100)
            return [row.id for row in waiting]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    config = parse_config(SETTINGS, tmp_path / "sverka.yaml")
    create_key_file(config.secret_key_file)
    with (
        open_hub(config) as hub,
        served_site(hub.database, web_context(hub, IntakeCounters())) as served,
        httpx.Client(base_url=served.address, trust_env=False) as http,
    ):
        yield Site(hub, http)


def test_a_signed_report_is_stored_read_and_waits_for_its_line(site: Site) -> None:
    assert site.send(named(paid_on="2026-03-05")) == 204
    assert len(site.rows()) == 1
    assert read_reports(site.hub.rt, "shop") == 1
    (claim,) = site.hub.queries.claims([ClaimState.OPEN]).rows
    assert (claim.connection, claim.report.external_id) == ("shop", "r1")


def test_either_of_two_secrets_lets_in_while_they_change(site: Site) -> None:
    assert [site.send(b"{}", key=key, id_=key[-9:-2]) for key in (OLD, SHOP, NEW)] == [204, 204, 401]


@pytest.mark.row(28)
def test_what_is_not_signed_by_this_systems_secret_is_refused_and_not_stored(site: Site, figures: Figures) -> None:
    good = sign([SHOP], "m", datetime.now(UTC), b"{}")["webhook-signature"]
    tries: list[dict[str, Any]] = [
        {"key": TILL},
        *({"signature": value} for value in ("-", "", "v1", "v1,", good[:-1], good[:8], good[3:], "v2" + good[2:])),
        *({"id_": "m", "signature": good, "id": value} for value in ("-", "", "other", "a.b")),
        *({"id_": "m", "signature": good, "timestamp": value} for value in ("-", "", "0", "soon")),
    ]
    statuses = [site.send(b"{}", **changed) for changed in tries]
    assert set(statuses) == {401}
    assert site.send(b'{"a": 1}', id_="m", signature=good) == 401, "another body"
    assert site.rows() == []
    figures.total("refused", len(tries) + 1)


@pytest.mark.row(29)
@pytest.mark.parametrize("late_s", [310, -310, 86_400, -86_400])
def test_an_old_or_future_request_is_refused(site: Site, late_s: int) -> None:
    assert site.send(named(), late_s=late_s) == 401
    assert site.rows() == []


@pytest.mark.row(29)
def test_a_replayed_request_and_a_redelivery_are_one_message(site: Site) -> None:
    body = named()
    captured = sign([SHOP], "msg_7", datetime.now(UTC) - timedelta(seconds=200), body)
    assert [site.post(body, captured) for _ in range(3)] == [204, 204, 204]
    assert site.send(body, id_="msg_7") == 204, "a redelivery is signed with a new time"
    assert len(site.rows()) == 1


@pytest.mark.row(31)
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b'{"a": NaN}', named().decode().encode("utf-16"), b"\xef\xbb\xbf" + named(), b"\x00"],
)
def test_a_malformed_body_is_kept_and_put_before_a_person(site: Site, body: bytes) -> None:
    assert site.send(body) == 204
    (number,) = site.rows()
    assert read_reports(site.hub.rt, "shop") == 1
    with site.hub.rt.store.read() as uow:
        row = uow.inbox.get(number)
    assert row is not None
    assert (row.state, row.raw) == (InboxState.FAILED, body)
    assert site.hub.queries.unread_reports().total == 1
    assert site.send(named(), id_="msg_2") == 204, "the hub goes on"

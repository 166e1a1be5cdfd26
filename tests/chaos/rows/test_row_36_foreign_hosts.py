"""Row 36: whatever a hook, a redirect or a name server says, nothing is called but the configured portal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

import pytest

from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.connector import Bitrix24
from connectors.shared.addresses import Addresses, ForbiddenAddress
from connectors.shared.http import HttpClient, Limits
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime
from hub.domain.errors import ConnectorError, Reauthorise, RetryLater
from hub.ports.crm import HookRequest
from hub.store.engine import Database
from tests.integration.office import lines, seed
from tests.support.matrix import Figures
from tests.support.shift import opened_office
from tests.unit.shared.raw_server import RawServer, raw_server, reply, says

pytestmark = pytest.mark.row(36)
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
METADATA: Final = "169.254.169.254"
INNER: Final = (
    *("127.0.0.1", "::1", "::ffff:127.0.0.1", METADATA, "fd00:ec2::254", "fe80::1", "0.0.0.0"),
    *("10.0.0.5", "192.168.1.1"),
)


@contextmanager
def trap() -> Iterator[RawServer]:
    """A place that must never be called."""
    with raw_server(says(reply(b'{"result":{"item":{"id":9001}}}'))) as server:
        yield server


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", METADATA, "[::1]:{port}", "portal.example"])
def test_the_portal_that_a_hook_names_is_not_called(database: Database, figures: Figures, host: str) -> None:
    with opened_office(database, seed()) as office, trap() as foreign:
        office.poll()
        named = host.replace("{port}", foreign.url.rpartition(":")[2])
        fields = {
            "event": "ONCRMDEALUPDATE",
            "data[FIELDS][ID]": "9001",
            "auth[domain]": named,
            "auth[client_endpoint]": f"http://{named}/rest/",
            "auth[server_endpoint]": f"http://{named}/rest/",
            "auth[application_token]": office.sandbox.application_token,
        }
        hints = office.crm.verify(HookRequest("POST", {}, FORM, urlencode(fields).encode())) or ()
        assert len(hints) == 1
        before = len(office.control.requests)
        for hint in hints:
            assert office.crm.reread(hint.kind, hint.id)
        assert len(office.control.requests) > before, "the configured portal was read"
        figures.total("calls off the configured host", len(foreign.requests))
        assert foreign.requests == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_by_readings_or_writes(database: Database, figures: Figures, status: int) -> None:
    with opened_office(database, seed()) as office, trap() as foreign:
        office.pay(*lines((701, "1000.00")))
        office.fault("*", times=None, kind="redirect", status=status, location=f"{foreign.url}{{path}}")
        office.deliver_due()
        with pytest.raises(Reauthorise):
            office.crm.deal("9001")
        figures.total("calls off the configured host", len(foreign.requests))
        assert foreign.requests == []
        assert office.connection().health.value == "dead"


def portal(resolve: list[list[str]], *, private: bool = False) -> tuple[Bitrix24, list[str]]:
    """The connector of a cloud portal whose name server answers as told, and the names that were asked for."""
    asked: list[str] = []

    def answer(host: str) -> list[str]:
        asked.append(host)
        return resolve[min(len(asked), len(resolve)) - 1]

    config = Bitrix24Config.model_validate(
        {"webhook_url": "https://portal.example/rest/1/code/", "timeouts": {"read_within_s": 0}}
    )
    clock = SystemClock()
    http = HttpClient(
        config.webhook.origin, user_agent="t", limits=Limits(deadline_s=1), private=private, resolve=answer
    )
    return Bitrix24(config, Runtime("portal", clock, MemoryQuota(clock), "test"), http), asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        METADATA,
        "fe80::1",
        "0.0.0.0",
        "::ffff:127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "fd00:ec2::254",
    ],
)
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(figures: Figures, address: str) -> None:
    crm, asked = portal([[address]])
    with pytest.raises(RetryLater) as caught:
        crm.deal("1")
    crm.close()
    assert "внутренний адрес" in caught.value.for_person
    assert set(asked) == {"portal.example"}
    figures.total("calls off the configured host", 0)


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    crm, _ = portal([["198.51.100.7", "127.0.0.1"]])
    with pytest.raises(ConnectorError, match="leads to"):
        crm.deal("1")
    crm.close()


def test_the_judged_address_is_the_one_that_is_called(figures: Figures) -> None:
    """A name server that says a harmless address first and an inner one next is asked once for each connection."""
    with trap() as foreign:
        answers = iter([["127.0.0.1"], [METADATA]])
        port = foreign.url.rpartition(":")[2]
        config = Bitrix24Config.model_validate({"webhook_url": f"http://localhost:{port}/rest/1/code/", "plan": "off"})
        http = HttpClient(
            config.webhook.origin, user_agent="t", limits=Limits(deadline_s=2), resolve=lambda host: next(answers)
        )
        assert http.post("/a", b"", content_type="text/plain", write=False).status == 200
        assert len(foreign.requests) == 1
        assert next(answers) == [METADATA], "not asked a second time for the same connection"
        http.close()
    figures.note("the resolved address is pinned")


@pytest.mark.parametrize(
    ("host", "private", "address", "allowed"),
    [
        ("portal.example", True, "10.1.2.3", True),
        ("portal.example", False, "10.1.2.3", False),
        ("portal.example", False, "93.184.216.34", True),
        ("portal.example", True, METADATA, False),
        ("portal.example", True, "100.100.100.200", False),
        ("portal.example", True, "127.0.0.1", False),
        ("portal.example", True, "224.0.0.1", False),
        ("localhost", False, "127.0.0.1", True),
        ("localhost", True, "10.1.2.3", False),
        ("10.1.2.3", True, "", True),
        ("10.1.2.3", False, "", False),
        ("169.254.169.254", True, "", False),
    ],
)
def test_where_a_host_may_lead(host: str, private: bool, address: str, allowed: bool) -> None:
    addresses = Addresses(host, private=private, resolve=lambda _: [address])
    if allowed:
        assert addresses.find(1) == [address or host]
    else:
        with pytest.raises(ForbiddenAddress):
            addresses.find(1)

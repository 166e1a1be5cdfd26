"""A hook carries addresses of a portal: none of them is ever called, and none of its secrets is kept."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.parse import urlencode

import pytest

from connectors.bitrix24 import webhook
from hub.domain.models import Deal
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from tests.contract.bitrix24.portal import Portal, served
from tests.support.matrix import Figures

FORM = {"content-type": "application/x-www-form-urlencoded"}
METADATA = ("169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "127.0.0.1.nip.example")


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A served portal."""
    with served() as found:
        yield found


def request(portal: Portal, auth: dict[str, str], token: str | None = None) -> HookRequest:
    fields = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": "9041", "ts": "1773130000"}
    known = {"application_token": portal.sandbox.application_token if token is None else token}
    body = urlencode(fields | {f"auth[{name}]": value for name, value in (auth | known).items()}).encode()
    return HookRequest("POST", {}, FORM, body)


def follow(portal: Portal, admission: Admission | None) -> list[str]:
    """Follow a hook as the worker does; ids of the deals that were read."""
    assert admission is not None
    kept = HookRequest("POST", {}, {"content-type": admission.name}, admission.kept or b"")
    changes = [change for hint in portal.crm.hints(kept) for change in portal.crm.reread(hint.kind, hint.id)]
    return [change.id for change in changes if isinstance(change, Deal)]


@pytest.mark.row(36)
def test_the_portals_address_in_a_hook_is_never_called(portal: Portal, figures: Figures) -> None:
    with ExitStack() as stack:
        traps = [stack.enter_context(closing(socket.create_server((host, 0)))) for host in ("127.0.0.1", "127.0.0.2")]
        hosts = [f"{trap.getsockname()[0]}:{trap.getsockname()[1]}" for trap in traps] + list(METADATA)
        for host in hosts:
            auth = {
                "domain": host,
                "client_endpoint": f"http://{host}/rest/",
                "server_endpoint": f"http://{host}/rest/",
                "member_id": "da45a03b265edd8787f8a258d793cc5d",
            }
            assert follow(portal, portal.crm.admit(request(portal, auth))) == ["9041"]
        calls = sum(_was_called(trap) for trap in traps)
    figures.total("calls off the list", calls)
    assert calls == 0


def _was_called(trap: socket.socket) -> bool:
    trap.settimeout(0.05)
    try:
        trap.accept()[0].close()
    except TimeoutError:
        return False
    return True


def test_an_admitted_hook_is_kept_without_its_group_of_secrets(portal: Portal) -> None:
    tokens = {"access_token": "s6p6eclrvim6da22ft9ch94ekreb52lv", "refresh_token": "4s386p3q0tr8dy89xvmt96234v3dljg8"}
    admission = portal.crm.admit(request(portal, tokens))
    assert admission is not None
    assert admission.kept == b"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D=9041&ts=1773130000"


@pytest.mark.parametrize(
    "body",
    [
        "event=ONCRMDEALUPDATE&data[FIELDS][ID]=9041&%61uth[application_token]={token}",
        "event=ONCRMDEALUPDATE&data[FIELDS][ID]=9041&auth[%61pplication_token]={token}",
        "auth[application_token]={token}&event=ONCRMDEALUPDATE&data[FIELDS][ID]=9041&note={token}",
        "event=ONCRMDEALUPDATE&data[FIELDS][ID]=9041&auth[application_token]={token}&auth[application_token]={token}",
    ],
)
def test_a_token_written_in_an_unusual_way_is_not_kept_either(portal: Portal, body: str) -> None:
    token = portal.sandbox.application_token
    admission = portal.crm.admit(HookRequest("POST", {}, FORM, body.format(token=token).encode()))
    assert admission is not None
    assert admission.kept is not None
    assert token.encode() not in admission.kept
    assert follow(portal, admission) == ["9041"]


def test_what_is_kept_opens_the_door_to_nobody(portal: Portal) -> None:
    admission = portal.crm.admit(request(portal, {}))
    assert admission is not None
    assert admission.kept is not None
    assert portal.crm.admit(HookRequest("POST", {}, FORM, admission.kept)) is None
    assert portal.crm.verify(HookRequest("POST", {}, FORM, admission.kept)) is None


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a" * 70_000, b"a[b" + b"[c]" * 50 + b"=1", b"event"])
def test_a_kept_body_that_nobody_can_read_hints_at_nothing(body: bytes) -> None:
    assert webhook.hints(HookRequest("POST", {}, FORM, body)) == ()

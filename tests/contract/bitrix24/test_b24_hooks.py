from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from connectors.bitrix24.webhook import verify
from hub.ports.crm import Capability, Hint, HookRequest, ItemKind, MoveOutcome

from .portal import PAID, WAITING, Portal, deals_in, read_all, served, settled

TOKEN = SecretStr("51f3a2b4c6d8")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def hook(event: str, id_: str, token: str = TOKEN.get_secret_value(), type_id: str | None = None) -> HookRequest:
    fields = {"event": event, "data[FIELDS][ID]": id_, "ts": "1790000000", "auth[application_token]": token}
    fields |= {"auth[domain]": "acme.bitrix24.ru", "auth[member_id]": "5d0c9f4b"}
    if type_id is not None:
        fields["data[FIELDS][ENTITY_TYPE_ID]"] = type_id
    return HookRequest("POST", {}, FORM, urlencode(fields).encode())


@pytest.mark.parametrize(
    ("event", "type_id", "kind", "item_id"),
    [
        ("ONCRMDEALADD", None, ItemKind.DEAL, "7"),
        ("ONCRMDEALUPDATE", None, ItemKind.DEAL, "7"),
        ("onCrmDealDelete", None, ItemKind.DEAL, "7"),
        ("ONCRMDEALMOVETOCATEGORY", None, ItemKind.DEAL, "7"),
        ("ONCRMDYNAMICITEMUPDATE", "31", ItemKind.INVOICE, "7"),
        ("ONCRMDYNAMICITEMUPDATE_31", None, ItemKind.INVOICE, "7"),
        ("ONCRMCOMPANYUPDATE", None, ItemKind.CLIENT, "CO_7"),
        ("ONCRMCONTACTADD", None, ItemKind.CLIENT, "C_7"),
        ("ONCRMREQUISITEUPDATE", None, ItemKind.CLIENT, "RQ_7"),
        ("ONCRMBANKDETAILDELETE", None, ItemKind.CLIENT, "BD_7"),
    ],
)
def test_an_authentic_event_is_a_hint_to_its_record(
    event: str, type_id: str | None, kind: ItemKind, item_id: str
) -> None:
    assert verify(hook(event, "7", type_id=type_id), TOKEN) == (Hint(kind, item_id, event.upper()),)


@pytest.mark.parametrize(
    ("event", "id_", "type_id"),
    [
        ("ONCRMDYNAMICITEMUPDATE", "7", "128"),
        ("ONCRMLEADADD", "7", None),
        ("ONTASKADD", "7", None),
        ("ONCRMDEALUPDATE", "", None),
        ("ONCRMDEALUPDATE", "7; drop", None),
        ("ONCRMDEALUPDATE", "٧", None),
        ("ONCRMDEALUPDATE", "9" * 40, None),
    ],
)
def test_an_authentic_event_about_nothing_of_ours_is_no_hint(event: str, id_: str, type_id: str | None) -> None:
    assert verify(hook(event, id_, type_id=type_id), TOKEN) == ()


@pytest.mark.parametrize("token", ["", "51f3a2b4c6d", "51f3a2b4c6d8x", "51F3A2B4C6D8", "чужой", "\x00"])
def test_a_wrong_token_is_not_believed(token: str) -> None:
    assert verify(hook("ONCRMDEALUPDATE", "7", token), TOKEN) is None


def test_without_a_configured_token_nothing_is_believed() -> None:
    assert verify(hook("ONCRMDEALUPDATE", "7", ""), SecretStr("")) is None


def request(body: bytes, method: str = "POST", content_type: str = FORM["Content-Type"]) -> HookRequest:
    return HookRequest(method, {}, {"content-type": content_type}, body)


GOOD = hook("ONCRMDEALUPDATE", "7").body


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(request(GOOD, method="GET"), id="GET"),
        pytest.param(request(GOOD, content_type="application/json"), id="another content type"),
        pytest.param(request(b""), id="empty"),
        pytest.param(request(GOOD[: len(GOOD) // 2]), id="cut before the token"),
        pytest.param(request(b"\xff" + GOOD), id="not UTF-8"),
        pytest.param(request(GOOD + b"&x=" + b"y" * 70_000), id="too large"),
        pytest.param(request(GOOD + b"&a" * 600), id="too many fields"),
        pytest.param(request(b"auth=51f3a2b4c6d8&event=ONCRMDEALUPDATE"), id="token in another place"),
    ],
)
def test_a_malformed_hook_is_not_believed(bad: HookRequest) -> None:
    assert verify(bad, TOKEN) is None


def test_content_type_may_carry_a_charset() -> None:
    assert verify(request(GOOD, content_type="application/x-www-form-urlencoded; charset=UTF-8"), TOKEN)


def test_hooks_are_a_capability_only_with_a_token(portal: Portal) -> None:
    assert Capability.HOOKS in portal.crm.capabilities()
    with served(application_token="") as closed:
        assert Capability.HOOKS not in closed.crm.capabilities()


def test_a_hook_of_the_portal_itself_is_believed_and_names_the_deal(portal: Portal) -> None:
    received: list[HookRequest] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        thread = threading.Thread(target=_take_one, args=(listener, received))
        thread.start()
        portal.sandbox.control.add_outgoing_webhook(
            {"url": url, "events": ["ONCRMDEALUPDATE"], "application_token": portal.sandbox.application_token}
        )
        mark = settled(portal)
        assert portal.crm.move("9041", WAITING, PAID, "op").outcome is MoveOutcome.MOVED
        thread.join(10)
    (hint,) = portal.crm.verify(received[0]) or ()
    assert (hint.kind, hint.id) == (ItemKind.DEAL, "9041")
    echo = deals_in(portal.crm.reread(hint.kind, hint.id))["9041"]
    polled = deals_in(read_all(portal.crm, mark)[0])["9041"]
    assert echo == polled
    assert portal.moved(9041) == [PAID.stage_id]


def _take_one(listener: socket.socket, received: list[HookRequest]) -> None:
    connection, _ = listener.accept()
    with connection, suppress(OSError):
        connection.settimeout(5)
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {line.split(":", 1)[0].strip(): line.split(":", 1)[1].strip() for line in lines[1:]}
        length = int(next(value for key, value in headers.items() if key.lower() == "content-length"))
        while len(body) < length:
            body += connection.recv(65536)
        received.append(HookRequest(lines[0].split()[0], {}, headers, body))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_verification_touches_no_network(tmp_path: Path) -> None:
    with served() as portal:
        before = portal.all_requests()
        portal.crm.verify(hook("ONCRMDEALUPDATE", "7"))
        assert portal.all_requests() == before

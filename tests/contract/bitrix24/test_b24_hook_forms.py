"""The hook's form taken apart: who is believed, what it hints at, what is kept of it."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from connectors.bitrix24 import webhook
from connectors.bitrix24.door import Door
from connectors.bitrix24.webhook import content_type, hints, verify, without_proof
from hub.ports.crm import Hint, HookRequest, ItemKind
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind

TOKEN = "51f3a2b4c6d8"
SECRET = SecretStr(TOKEN)
FORM = "application/x-www-form-urlencoded"
DEAL = b"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D=7&ts=1790000000"
PROOF = f"&auth%5Bdomain%5D=acme.bitrix24.ru&auth%5Bapplication_token%5D={TOKEN}".encode()


def request(body: bytes, method: str = "POST", headers: dict[str, str] | None = None) -> HookRequest:
    return HookRequest(method, {}, headers if headers is not None else {"content-type": FORM}, body)


def form(**fields: str) -> bytes:
    names = {"id": "data[FIELDS][ID]", "type_id": "data[FIELDS][ENTITY_TYPE_ID]", "event": "event"}
    pairs = {names[name]: value for name, value in fields.items()}
    return urlencode(pairs | {"auth[application_token]": TOKEN}).encode()


@pytest.mark.row(28)
@pytest.mark.parametrize(
    ("method", "headers", "believed"),
    [
        ("POST", {"content-type": FORM}, True),
        ("post", {"content-type": FORM}, True),
        ("POST", {"Content-Type": FORM}, True),
        ("POST", {"CONTENT-TYPE": f"{FORM}; charset=UTF-8"}, True),
        ("POST", {"content-type": FORM.upper()}, True),
        ("GET", {"content-type": FORM}, False),
        ("PUT", {"content-type": FORM}, False),
        ("POST", {"content-type": "multipart/form-data"}, False),
        ("POST", {"content-type": f"text/plain; {FORM}"}, False),
        ("POST", {"content-type": ""}, False),
        ("POST", {}, False),
        ("POST", {"x-content-type": FORM}, False),
    ],
)
def test_method_and_content_type_must_be_a_forms(method: str, headers: dict[str, str], believed: bool) -> None:
    asked = request(DEAL + PROOF, method, headers)
    assert (verify(asked, SECRET) is not None) is believed
    assert (Door(SECRET).admit(asked) is not None) is believed


@pytest.mark.parametrize(
    ("event", "type_id", "found"),
    [
        ("ONCRMDEALADD", "", Hint(ItemKind.DEAL, "7", "ONCRMDEALADD")),
        ("oncrmdealupdate", "", Hint(ItemKind.DEAL, "7", "ONCRMDEALUPDATE")),
        ("ONCRMDYNAMICITEMADD", "31", Hint(ItemKind.INVOICE, "7", "ONCRMDYNAMICITEMADD")),
        ("ONCRMDYNAMICITEMADD_31", "", Hint(ItemKind.INVOICE, "7", "ONCRMDYNAMICITEMADD_31")),
        ("ONCRMDYNAMICITEMADD_131", "", None),
        ("ONCRMDYNAMICITEMADD31", "", None),
        ("ONCRMDYNAMICITEMADD", "131", None),
        ("ONCRMDYNAMICITEMADD", "", None),
        ("ONCRMCOMPANYADD", "", Hint(ItemKind.CLIENT, "CO_7", "ONCRMCOMPANYADD")),
        ("ONCRMCONTACTDELETE", "", Hint(ItemKind.CLIENT, "C_7", "ONCRMCONTACTDELETE")),
        ("ONCRMREQUISITEADD", "", Hint(ItemKind.CLIENT, "RQ_7", "ONCRMREQUISITEADD")),
        ("ONCRMBANKDETAILADD", "", Hint(ItemKind.CLIENT, "BD_7", "ONCRMBANKDETAILADD")),
        ("XONCRMDEALADD", "", None),
        ("", "", None),
    ],
)
def test_an_event_hints_at_its_record_and_at_nothing_else(event: str, type_id: str, found: Hint | None) -> None:
    asked = request(form(event=event, id="7", type_id=type_id))
    expected = (found,) if found is not None else ()
    assert verify(asked, SECRET) == expected
    assert hints(asked) == expected


@pytest.mark.parametrize(
    ("record", "known"), [("7", True), ("9" * 18, True), ("9" * 19, False), ("-7", False), ("7a", False), ("²", False)]
)
def test_a_record_is_named_by_up_to_eighteen_digits(record: str, known: bool) -> None:
    assert bool(verify(request(form(event="ONCRMDEALADD", id=record)), SECRET)) is known


def test_what_is_no_form_hints_at_nothing() -> None:
    assert hints(request(b"\xff")) == ()
    assert hints(request(b"&a" * 501)) == ()


@pytest.mark.row(30)
@pytest.mark.parametrize(
    ("tail", "believed"),
    [
        (b"&x=" + b"y" * (65_536 - len(DEAL + PROOF) - 3), True),
        (b"&x=" + b"y" * (65_536 - len(DEAL + PROOF) - 2), False),
        (b"&a" * (500 - 5), True),
        (b"&a" * (500 - 4), False),
        (b"&a[b][c][d][e][f]=1", True),
        (b"&a[b][c][d][e][f][g]=1", False),
    ],
)
def test_a_form_keeps_its_bounds(tail: bytes, believed: bool) -> None:
    assert (verify(request(DEAL + PROOF + tail), SECRET) is not None) is believed
    assert (Door(SECRET).admit(request(DEAL + PROOF + tail)) is not None) is believed


@pytest.mark.row(28)
@pytest.mark.parametrize("token", ["", "51f3a2b4c6d", TOKEN + "8", TOKEN.upper(), "чужой"])
def test_another_token_or_none_is_not_believed(token: str) -> None:
    body = DEAL + b"&" + urlencode({"auth[application_token]": token}).encode()
    assert verify(request(body), SECRET) is None
    assert Door(SECRET).admit(request(body)) is None
    assert verify(request(DEAL + PROOF), SecretStr(token)) is None


def test_a_door_keeps_the_form_without_its_proof_and_numbers_it_by_all_of_it() -> None:
    door = Door(SECRET)
    for _ in range(2):  # read in full, then known by its end
        body = DEAL + PROOF
        digest = hashlib.sha256(body).hexdigest()
        assert door.admit(request(body)) == Admission(InboxKind.HOOK, FORM, digest, DEAL)
    other = DEAL.replace(b"=7&", b"=8&") + PROOF
    admitted = door.admit(request(other))
    assert admitted is not None
    assert (admitted.kept, admitted.digest) == (DEAL.replace(b"=7&", b"=8&"), hashlib.sha256(other).hexdigest())


def test_the_charset_of_the_sender_is_kept_with_the_hook() -> None:
    kind = f"{FORM}; charset=UTF-8"
    admitted = Door(SECRET).admit(request(DEAL + PROOF, headers={"Content-Type": kind}))
    assert admitted is not None
    assert admitted.name == kind
    assert content_type(request(b"", headers={"x": "y"})) == ""


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (DEAL + PROOF, DEAL),
        (PROOF[1:] + b"&" + DEAL, DEAL),
        (b"auth[application_token]=" + TOKEN.encode() + b"&" + DEAL, DEAL),
        (b"auth%5bapplication_token%5d=" + TOKEN.encode() + b"&" + DEAL, DEAL),
        (DEAL + b"&x=1" + PROOF, DEAL + b"&x=1"),
    ],
)
def test_of_a_usual_form_all_but_the_group_of_the_proof_is_kept(body: bytes, kept: bytes) -> None:
    assert without_proof(body, TOKEN.encode()) == kept


@pytest.mark.row(28)
@pytest.mark.parametrize(
    "tail",
    [
        b"&x=" + TOKEN.encode(),
        b"&%61uth%5Bapplication_token%5D=" + TOKEN.encode(),
        b"&author=1",
        b"&x=%41",
        b"&x=%5F",
    ],
)
def test_of_an_unusual_form_only_what_hints_are_made_of_is_kept(tail: bytes) -> None:
    kept = without_proof(DEAL + tail + PROOF, TOKEN.encode())
    fields = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": "7", "data[FIELDS][ENTITY_TYPE_ID]": ""}
    assert kept == urlencode(fields).encode()
    assert hints(request(kept)) == (Hint(ItemKind.DEAL, "7", "ONCRMDEALUPDATE"),)


STARTS = {
    "usual": (b"event=ONCRMDEALADD&data%5BFIELDS%5D%5BID%5D=8&ts=1", True),
    "with a handler": (b"event=ONCRMDEALADD&event_handler_id=12&ts=1", True),
    "without fields": (b"event=ONCRMDEALADD&ts=1", True),
    "another group of fields": (b"event=A&data%5BX%5D%5BID%5D=8&ts=1", False),
    "a field between": (b"event=A&x=1&ts=1", False),
    "the group as a field": (b"event=A&auth=1&ts=1", False),
    "the group before": (b"auth=1&event=A&ts=1", False),
    "an escape in a key": (b"event=A&%61uth=1&ts=1", False),
    "nothing": (b"", False),
    "the token in a field": (b"event=A&data%5BFIELDS%5D%5BID%5D=" + TOKEN.encode() + b"&ts=1", False),
    "a broken byte": (b"event=\xff&ts=1", False),
    "nine fields": (b"event=A" + b"&data%5BFIELDS%5D%5BID%5D=8" * 9 + b"&ts=1", False),
}


def learned() -> Door:
    """A door that has seen one hook of the portal."""
    door = Door(SECRET)
    assert door.admit(request(DEAL + PROOF)) is not None
    return door


@pytest.mark.row(28)
@pytest.mark.parametrize("name", STARTS)
def test_a_door_that_knows_the_portals_proof_reads_every_start_that_is_not_quite_usual(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, usual = STARTS[name]
    asked = request(start + PROOF)
    believed = verify(asked, SECRET) is not None
    assert (learned().admit(asked) is not None) is believed
    door, read = learned(), []
    monkeypatch.setattr(webhook, "verify", lambda *_: read.append("read"))
    admitted = door.admit(asked)
    assert (read == []) is usual
    assert admitted is None or admitted.kept == start


@pytest.mark.row(28)
@pytest.mark.parametrize(
    ("body", "headers", "method"),
    [
        (DEAL + PROOF + b"0", {"content-type": FORM}, "POST"),
        (DEAL + PROOF[:-1], {"content-type": FORM}, "POST"),
        (DEAL + PROOF.replace(b"acme", b"else"), {"content-type": FORM}, "POST"),
        (DEAL, {"content-type": FORM}, "POST"),
        (PROOF, {"content-type": FORM}, "POST"),
        (PROOF[1:], {"content-type": FORM}, "POST"),
        (DEAL + PROOF, {"content-type": f"{FORM};"}, "POST"),
        (DEAL + PROOF, {"Content-Type": FORM}, "POST"),
        (DEAL + PROOF, {}, "POST"),
        (DEAL + PROOF, {"content-type": FORM}, "post"),
        (DEAL + PROOF, {"content-type": FORM}, "GET"),
    ],
)
def test_whatever_differs_from_the_usual_hook_is_read_in_full(
    body: bytes, headers: dict[str, str], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, asked, read = learned(), request(body, method, headers), []
    assert (learned().admit(asked) is not None) is (verify(asked, SECRET) is not None)
    monkeypatch.setattr(webhook, "verify", lambda *_: read.append("read"))
    assert door.admit(asked) is None
    assert read == ["read"]


@pytest.mark.row(28)
@pytest.mark.parametrize(
    "body",
    [
        DEAL + b"&x=1" + PROOF,
        DEAL + PROOF + b"&x=1",
        DEAL + PROOF + b"&auth=1",
        b"auth[application_token]=" + TOKEN.encode() + b"&" + DEAL,
        DEAL,
        b"",
    ],
)
def test_only_a_usual_hook_teaches_the_door_the_proof(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    door, read = Door(SECRET), []
    door.admit(request(body))
    monkeypatch.setattr(webhook, "verify", lambda *_: read.append("read"))
    at = body.find(b"&auth%5B")
    assert door.admit(request(DEAL + (body[at:] if at >= 0 else b""))) is None
    assert read == ["read"]


@pytest.mark.row(28)
def test_a_token_inside_a_field_is_cut_out_of_what_is_kept() -> None:
    body = b"event=ONCRMDEALADD&data%5BFIELDS%5D%5BID%5D=1" + TOKEN.encode() + b"2&ts=1" + PROOF
    fields = {"event": "ONCRMDEALADD", "data[FIELDS][ID]": "12", "data[FIELDS][ENTITY_TYPE_ID]": ""}
    assert without_proof(body, TOKEN.encode()) == urlencode(fields).encode()

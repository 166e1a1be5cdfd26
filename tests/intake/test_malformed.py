"""Bodies that nobody meant: refused or kept as they came, and the site goes on."""

from __future__ import annotations

from random import Random

import pytest

from connectors.bitrix24.webhook import hints
from hub.ports.crm import HookRequest
from tests.intake.conftest import DOOR, TOKEN, Intake, hook
from tests.intake.raw import post
from tests.support.matrix import Figures

pytestmark = pytest.mark.row(31)

#: Broken, yet the token is plainly there: the sender is believed, the body is kept for the worker to make sense of.
AUTHENTIC = {
    "lone surrogate as an escape": hook() + b"&x=%ED%A0%80",
    "NUL as an escape": hook() + b"&x=%00&%00=1",
    "NUL as it is": hook() + b"&x=\x00",
    "line ends": hook() + b"&x=\r\n\r\n",
    "cp1251 as escapes": hook() + b"&x=%CF%EE",
    "half an escape": hook() + b"&x=%&y=%4",
    "equal keys": hook() + b"&event=A&event=B",
    "no event": f"auth[application_token]={TOKEN}".encode(),
    "id that is no number": hook().replace(b"=7&", b"=NaN&"),
    "id of a thousand digits": hook().replace(b"=7&", b"=" + b"7" * 1000 + b"&"),
    "hostile texts": hook() + b"&x=%3Cscript%3E&y=%3D1%2B1&z=%E2%80%AE",
    "unbalanced brackets": hook() + b"&a%5B%5B%5B%5D=1&%5D%5B=2",
}
#: Nobody's proof can be read from these.
REFUSED = {
    "UTF-16": hook().decode().encode("utf-16"),
    "UTF-16 without a mark": hook().decode().encode("utf-16-le"),
    "raw bytes over 127": hook() + b"&x=\xcf\xee",
    "lone surrogate as it is": hook() + b"&x=\xed\xa0\x80",
    "hundred thousand levels": hook() + b"&a" + b"[b]" * 20_000 + b"=1",
    "ten levels": hook() + b"&a" + b"[b]" * 10 + b"=1",
    "hundred thousand fields": hook() + b"&a" * 30_000,
    "JSON": b'{"auth": {"application_token": "' + TOKEN.encode() + b'"}}',
    "JSON, hundred thousand levels": b"[" * 60_000,
    "XML bomb": b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>',
    "zeros": b"\x00" * 60_000,
    "a megabyte of text": b"x" * 1_000_000,
}


def test_a_broken_body_of_an_authentic_sender_is_kept_and_answered_204(intake: Intake, figures: Figures) -> None:
    assert {name: post(intake.port, DOOR, body) for name, body in AUTHENTIC.items()} == dict.fromkeys(AUTHENTIC, 204)
    kept = intake.rows()
    assert len(kept) == len(AUTHENTIC)
    assert all(TOKEN.encode() not in body for body in kept)
    figures.total("bodies", len(AUTHENTIC))


def test_the_worker_reads_every_kept_body_without_harm(sqlite_intake: Intake) -> None:
    for body in AUTHENTIC.values():
        post(sqlite_intake.port, DOOR, body)
    for raw in sqlite_intake.rows():
        hints(HookRequest("POST", {}, {"content-type": "application/x-www-form-urlencoded"}, raw))


def test_a_body_without_readable_proof_is_answered_401_and_not_kept(intake: Intake, figures: Figures) -> None:
    assert {name: post(intake.port, DOOR, body) for name, body in REFUSED.items()} == dict.fromkeys(REFUSED, 401)
    assert intake.rows() == []
    assert post(intake.port, DOOR, hook()) == 204
    figures.total("bodies", len(REFUSED))


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_never_break_the_site(sqlite_intake: Intake, seed: int, figures: Figures) -> None:
    random = Random(seed)
    for _ in range(60):
        body = bytearray(hook() + random.randbytes(random.randrange(40)))
        for _ in range(random.randrange(6)):
            body[random.randrange(len(body))] = random.randrange(256)
        assert post(sqlite_intake.port, DOOR, bytes(body)) in (204, 401)
    assert post(sqlite_intake.port, DOOR, hook(8)) == 204
    figures.total("bodies", 60)


@pytest.mark.parametrize("query", ["?" + "a=1&" * 5000, "?a=%ff%00", "?" + "[" * 1000, "?;&=&="])
def test_a_hostile_query_is_refused_or_ignored(sqlite_intake: Intake, query: str) -> None:
    assert post(sqlite_intake.port, DOOR + query, hook()) in (204, 400)

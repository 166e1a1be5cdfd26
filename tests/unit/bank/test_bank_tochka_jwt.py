"""Hooks of Tochka: only RS256 by the bank's own key is believed, whatever a token says of itself."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from connectors.bank.providers.tochka.jwt import read_keys, verify
from connectors.bank.providers.tochka.keys import KeyRing
from tests.support.world import HandClock
from tests.unit.bank.bank_tokens import CLAIMS, OURS, RS256, STRANGER, b64, jwk, keys, token


def signed_with_secret(header: object, secret: bytes) -> bytes:
    content = b64(json.dumps(header).encode()) + b"." + b64(CLAIMS)
    return content + b"." + b64(hmac.digest(secret, content, hashlib.sha256))


KEYS = read_keys(keys(jwk(OURS)))


def test_a_token_by_the_banks_key_gives_its_payload() -> None:
    assert verify(token(), KEYS) == CLAIMS
    assert verify(token() + b"\n", KEYS) == CLAIMS
    assert verify(token({"alg": "RS256"}), KEYS) == CLAIMS


@pytest.mark.parametrize(
    "forged",
    [
        token(key=STRANGER),
        token({"typ": "JWT", "alg": "none"}),
        token({"typ": "JWT", "alg": "RS512"}),
        token({"typ": "JWT", "alg": "rs256"}),
        token({"typ": "JWT"}),
        token({**RS256, "crit": ["exp"]}),
        token([RS256]),
        signed_with_secret({"typ": "JWT", "alg": "HS256"}, keys(jwk(OURS))),
        signed_with_secret(RS256, keys(jwk(OURS))),
        token().rpartition(b".")[0] + b".",
        token().rpartition(b".")[0],
        token() + b".x",
        token().replace(b".", b"", 1),
        token()[:-4],
        b"",
        b"..",
        b"a.b.c",
        b"\xff.\xfe.\xfd",
        b64(json.dumps(RS256).encode()) + b"." + b64(CLAIMS) + b"." + b"A" * 70_000,
    ],
)
def test_anything_else_gives_nothing(forged: bytes) -> None:
    assert verify(forged, KEYS) is None


def test_without_a_key_nothing_is_believed() -> None:
    assert verify(token(), ()) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_verifier(raw: bytes) -> None:
    assert verify(raw, KEYS) is None


@given(st.integers(0, len(token()) - 1), st.integers(1, 255))
def test_no_changed_byte_goes_through(place: int, change: int) -> None:
    raw = bytearray(token())
    raw[place] ^= change
    payload = verify(bytes(raw), KEYS)
    # The last letter of base64 has bits that carry nothing.
    assert payload is None or payload == CLAIMS


def test_a_set_of_keys_may_hold_others_beside_the_banks() -> None:
    found = read_keys(keys({"kty": "EC", "crv": "P-256"}, jwk(OURS), jwk(STRANGER, use="enc")))
    assert len(found) == 1
    assert verify(token(), found) == CLAIMS


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b'{"keys": []}', keys(jwk(generate_private_key(65537, 1024))), keys(jwk(OURS, alg="RS512"))],
)
def test_a_document_without_a_fitting_key_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_keys(document)


class Server:
    """The bank's address of keys."""

    def __init__(self) -> None:
        self.key = OURS
        self.fetched = 0
        self.down = False

    def fetch(self) -> bytes:
        self.fetched += 1
        if self.down:
            raise OSError("no answer")
        return keys(jwk(self.key))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def ring(server: Server, clock: HandClock) -> KeyRing:
    def at_once(call: Callable[[], None]) -> None:
        call()

    return KeyRing(server.fetch, clock, 600, at_once)


def test_the_key_is_fetched_once_in_ten_minutes(server: Server, clock: HandClock) -> None:
    kept = ring(server, clock)
    for _ in range(20):
        kept.refresh()
        assert kept.verify(token()) == CLAIMS
        clock.sleep(29)
    assert server.fetched == 1
    clock.sleep(60)
    kept.refresh()
    assert server.fetched == 2


def test_a_changed_key_is_fetched_when_a_signature_does_not_fit(server: Server, clock: HandClock) -> None:
    kept = ring(server, clock)
    kept.refresh()
    server.key = STRANGER
    assert kept.verify(token(key=STRANGER)) is None
    assert kept.verify(token(key=STRANGER)) == CLAIMS
    assert server.fetched == 2


def test_forged_tokens_do_not_make_us_call_the_bank_over_and_over(server: Server, clock: HandClock) -> None:
    kept = ring(server, clock)
    kept.refresh()
    for _ in range(100):
        assert kept.verify(token(key=STRANGER)) is None
    assert server.fetched == 2


def test_while_the_bank_is_silent_the_old_key_stays_good(server: Server, clock: HandClock) -> None:
    kept = ring(server, clock)
    kept.refresh()
    server.down = True
    clock.sleep(700)
    kept.refresh()
    assert kept.verify(token()) == CLAIMS


def test_before_the_first_key_nothing_is_believed(server: Server, clock: HandClock) -> None:
    server.down = True
    kept = ring(server, clock)
    kept.refresh()
    assert kept.verify(token()) is None

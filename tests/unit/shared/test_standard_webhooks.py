"""Signatures of Standard Webhooks: what we sign others accept, and what is not authentic and fresh is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.shared.standard_webhooks import BadSecret, sign, signing_key, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another key of thirty-two bytes!").decode()
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(**changed: str) -> dict[str, str]:
    made = sign([SECRET], MESSAGE, AT, BODY)
    return made | {f"webhook-{name}": value for name, value in changed.items()}


def test_the_vector_of_the_standards_own_libraries_is_signed_alike() -> None:
    assert sign([SECRET], MESSAGE, AT, BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_what_was_signed_is_verified_and_named() -> None:
    assert verify([SECRET], headers(), BODY, AT) == MESSAGE


def test_one_fitting_signature_among_several_is_enough() -> None:
    wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    several = f"{wrong} {wrong.replace('v1', 'v2')} {SIGNATURE} {wrong}"
    assert verify([SECRET], headers(signature=several), BODY, AT) == MESSAGE


def test_two_secrets_sign_twice_and_either_verifies() -> None:
    both = sign([OTHER, SECRET], MESSAGE, AT, BODY)
    assert both["webhook-signature"].count("v1,") == 2
    assert verify([SECRET], both, BODY, AT) == MESSAGE
    assert verify([OTHER], both, BODY, AT) == MESSAGE
    assert verify([OTHER, SECRET], headers(), BODY, AT) == MESSAGE


@pytest.mark.row(28)
@pytest.mark.parametrize(
    "signature",
    [
        "",
        " ",
        "v1",
        "v1,",
        SIGNATURE[:8],
        SIGNATURE[:-1],
        SIGNATURE[3:],
        SIGNATURE.replace("v1,", "v2,"),
        SIGNATURE.replace("v1,", "v1a,"),
        SIGNATURE.replace("v1,", "v1="),
        SIGNATURE.lower(),
        f"{SIGNATURE}x",
        SIGNATURE.replace(" ", "\t") + "\x00",
        "v1,dawfeoifkpqwoekfpqoekf",
        "v1,☃",
        "v1,\udcff",
        "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= " * 16 + SIGNATURE,
    ],
)
def test_a_wrong_empty_cut_or_endless_signature_is_refused(signature: str) -> None:
    assert verify([SECRET], headers(signature=signature), BODY, AT) is None


@pytest.mark.row(28)
@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_refused(name: str) -> None:
    some = headers()
    del some[name]
    assert verify([SECRET], some, BODY, AT) is None


@pytest.mark.row(28)
def test_another_systems_secret_and_no_secret_at_all_verify_nothing() -> None:
    assert verify([OTHER], headers(), BODY, AT) is None
    assert verify([], headers(), BODY, AT) is None


@pytest.mark.row(28)
def test_a_changed_body_id_or_time_is_refused() -> None:
    assert verify([SECRET], headers(), BODY + b" ", AT) is None
    assert verify([SECRET], headers(id="msg_other"), BODY, AT) is None
    assert verify([SECRET], headers(timestamp="1614265331"), BODY, AT) is None


@pytest.mark.row(28)
@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "a\nb", "сообщение", "x" * 257, "a\x00"])
def test_an_id_that_could_be_read_two_ways_is_refused_and_never_signed(message_id: str) -> None:
    assert verify([SECRET], headers(id=message_id), BODY, AT) is None
    with pytest.raises(ValueError):
        sign([SECRET], message_id, AT, BODY)


@pytest.mark.row(29)
@pytest.mark.parametrize(("seconds", "fresh"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_request_is_fresh_for_five_minutes_either_way(seconds: int, fresh: bool) -> None:
    now = AT + timedelta(seconds=seconds)
    assert (verify([SECRET], headers(), BODY, now) is not None) is fresh


@pytest.mark.row(29)
@pytest.mark.parametrize(
    "timestamp", ["", "hello", "-5", "+1614265330", "1614265330.0", "1e9", "١٦١٤٢٦٥٣٣٠", "9" * 400]
)
def test_a_time_that_is_no_number_of_seconds_is_refused(timestamp: str) -> None:
    assert verify([SECRET], headers(timestamp=timestamp), BODY, AT) is None


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        SECRET.removeprefix("whsec_"),
        "whsec_short",
        "whsec_!!!!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
)
def test_a_secret_of_another_shape_is_named_as_such_and_not_repeated(secret: str) -> None:
    with pytest.raises(BadSecret) as refusal:
        signing_key(secret)
    assert not secret or secret not in str(refusal.value)


@pytest.mark.row(28)
@given(
    body=st.binary(max_size=64),
    id_=st.text(max_size=12),
    time=st.text(max_size=12),
    signature=st.text(max_size=80),
)
def test_arbitrary_headers_are_refused_without_an_error(body: bytes, id_: str, time: str, signature: str) -> None:
    stray = {"webhook-id": id_, "webhook-timestamp": time, "webhook-signature": signature}
    assert verify([SECRET], stray, body, AT) is None


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("whsk_x", "a signing secret starts with whsec_"),
        ("whsec_%%%%", "a signing secret is base64 after its prefix"),
        ("whsec_a", "a signing secret is base64 after its prefix"),
        ("whsec_" + SECRET.removeprefix("whsec_") + "%", "a signing secret is base64 after its prefix"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "a signing key has 24 to 64 bytes, this one 23"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "a signing key has 24 to 64 bytes, this one 65"),
    ],
)
def test_what_is_wrong_with_a_secret_is_said(secret: str, why: str) -> None:
    with pytest.raises(BadSecret) as refusal:
        signing_key(secret)
    assert str(refusal.value) == why


@pytest.mark.parametrize("size", [24, 64])
def test_a_key_has_from_twenty_four_to_sixty_four_bytes(size: int) -> None:
    assert signing_key("whsec_" + base64.b64encode(b"x" * size).decode()) == b"x" * size


def test_nothing_is_signed_without_a_secret() -> None:
    with pytest.raises(ValueError) as refusal:
        sign([], MESSAGE, AT, BODY)
    assert str(refusal.value) == "nothing to sign with, or a message id that cannot be signed"


@pytest.mark.row(28)
def test_signatures_are_parted_by_one_space_and_only_the_first_sixteen_are_looked_at() -> None:
    other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    assert verify([SECRET], headers(signature=f"{other} " * 15 + SIGNATURE), BODY, AT) == MESSAGE
    assert verify([SECRET], headers(signature=f"{other} " * 16 + SIGNATURE), BODY, AT) is None
    assert verify([SECRET], headers(signature=f"{other}\t{SIGNATURE}"), BODY, AT) is None


@pytest.mark.row(28)
def test_a_lone_surrogate_in_a_signature_is_no_error() -> None:
    assert verify([SECRET], headers(signature="v1,\udcff"), BODY, AT) is None

"""Row 28 at the doors of amoCRM and the banks: whoever cannot prove himself leaves a count and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select

from connectors.bank.sandbox.jose import SigningKey, encode, no_signature, secret_signer, token
from hub.store import tables as t
from hub.store.engine import Database
from tests.support.caught import HEADERS, TAKEN, caught, claims_in, send, signed_by_bank
from tests.support.house import (
    AMO,
    BANKS,
    HOOK_SECRETS,
    HOOK_TOKEN,
    TBANK,
    TOCHKA,
    House,
    banks_seed,
    opened_house,
    transfer,
)
from tests.support.matrix import Figures

pytestmark = pytest.mark.row(28)
SECRET: Final = HOOK_SECRETS[AMO]
ADDRESSES: Final = {
    "wrong secret": "/hooks/amo/wrong",
    "secret cut short": f"/hooks/amo/{SECRET[:-1]}",
    "secret with more": f"/hooks/amo/{SECRET}0",
    "secret in capitals": f"/hooks/amo/{SECRET.upper()}",
    "empty secret": "/hooks/amo/",
    "no secret": "/hooks/amo",
    "secret of Tochka": f"/hooks/amo/{HOOK_SECRETS[TOCHKA]}",
    "secret of T-Bank": f"/hooks/amo/{HOOK_SECRETS[TBANK]}",
    "deeper path": f"/hooks/amo/{SECRET}/x",
    "Tochka behind our secret": f"/hooks/{TOCHKA}/{SECRET}",
    "T-Bank behind our secret": f"/hooks/{TBANK}/{SECRET}",
    "no such connection": f"/hooks/nobody/{SECRET}",
}
LEAD: Final = b"leads[status][0][id]=70001&leads[status][0][status_id]=61003"
FORGED_FORMS: Final = {
    "another account": LEAD + b"&account[id]=300101&account[subdomain]=sandbox",
    "empty": b"",
    "no form": b'{"leads": {"status": [{"id": 70001}]}}',
    "not decodable": b"\xff\xfe\x00",
    "flat names": b"leads=70001&account=300100",
    "too deep": b"leads" + b"[a]" * 60 + b"=1&account[id]=300100",
}
HEADERS_OF_TBANK: Final = {
    "no header": {},
    "empty": {"Authorization": ""},
    "scheme alone": {"Authorization": "Bearer"},
    "scheme and a space": {"Authorization": "Bearer "},
    "wrong": {"Authorization": "Bearer other"},
    "cut short": {"Authorization": f"Bearer {HOOK_TOKEN[:-1]}"},
    "with more": {"Authorization": f"Bearer {HOOK_TOKEN}0"},
    "in capitals": {"Authorization": f"Bearer {HOOK_TOKEN.upper()}"},
    "without a scheme": {"Authorization": HOOK_TOKEN},
    "under another scheme": {"Authorization": f"Digest {HOOK_TOKEN}"},
    "under another name": {"X-Authorization": f"Bearer {HOOK_TOKEN}"},
    "basic, wrong": {"Authorization": "Basic " + base64.b64encode(b"login:wrong").decode()},
    "basic, empty": {"Authorization": "Basic " + base64.b64encode(b":").decode()},
    "the address's secret": {"Authorization": f"Bearer {HOOK_SECRETS[TBANK]}"},
    "our token of the bank": {"Authorization": "Bearer tbank-sandbox-token"},
    "secret of Tochka": {"Authorization": f"Bearer {HOOK_SECRETS[TOCHKA]}"},
}


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    """Everything connected, the bank's key known."""
    with opened_house(sqlite_database, banks=banks_seed(), site=True) as house:
        house.poll()
        for bank in BANKS:
            assert house.poll_bank(bank).complete
        yield house


def rows(house: House) -> tuple[int, ...]:
    """How many lines the tables have that a hook could reach."""
    with house.database.read() as connection:
        counted = [
            connection.scalar(select(func.count()).select_from(table)) for table in (t.inbox, t.audit, t.payments)
        ]
    return tuple(int(count or 0) for count in counted)


def refused(house: House, figures: Figures, name: str, answers: dict[str, int], status: int, before: Any) -> None:
    """Every one was refused alike and left a count and nothing else; an honest one still gets in afterwards."""
    assert answers == dict.fromkeys(answers, status)
    assert rows(house) == before
    assert house.inbox() == []
    assert house.follow(name) == 0
    assert sum(house.site.counters.snapshot().values()) == len(answers) if house.site else False
    figures.total("refused", len(answers))


def test_an_address_of_amocrm_that_is_not_ours_does_not_exist(house: House, figures: Figures) -> None:
    body = caught(house, AMO, lambda: house.human(act="edit", id=70001, fields={"name": "Имя"}))[0]
    before = rows(house)
    answers = {name: send(house, AMO, body, path=path) for name, path in ADDRESSES.items()}
    refused(house, figures, AMO, answers, 404, before)
    assert send(house, AMO, body) == TAKEN[AMO]
    assert house.follow() == 1


def test_a_form_that_is_not_the_accounts_is_refused(house: House, figures: Figures) -> None:
    before = rows(house)
    answers = {name: send(house, AMO, body) for name, body in FORGED_FORMS.items()}
    refused(house, figures, AMO, answers, 401, before)


def test_another_kind_of_body_at_the_door_of_amocrm_is_refused(house: House, figures: Figures) -> None:
    body = LEAD + b"&account[id]=300100"
    before = rows(house)
    kinds = ("", "text/plain", "application/json", "multipart/form-data; boundary=x")
    answers = {kind: send(house, AMO, body, {"Content-Type": kind}) for kind in kinds}
    refused(house, figures, AMO, answers, 401, before)


def test_a_hook_of_tbank_without_our_word_is_refused(house: House, figures: Figures) -> None:
    body = caught(house, TBANK, lambda: house.bank.add(transfer(TBANK, 1)))[0]
    before = rows(house)
    content = {"Content-Type": "application/json"}
    answers = {name: send(house, TBANK, body, content | more) for name, more in HEADERS_OF_TBANK.items()}
    refused(house, figures, TBANK, answers, 401, before)
    assert house.payments() == []
    assert send(house, TBANK, body) == TAKEN[TBANK]
    assert house.follow(TBANK) == 1


def test_a_hook_of_tochka_that_its_key_did_not_sign_is_refused(house: House, figures: Figures) -> None:
    body = caught(house, TOCHKA, lambda: house.bank.add(transfer(TOCHKA, 1)))[0]
    before = rows(house)
    fetched = sum(row.method == "tochka.key" for row in house.bank.requests)
    forged = forgeries(house, body)
    answers = {name: send(house, TOCHKA, text, HEADERS[TOCHKA]) for name, text in forged.items()}
    refused(house, figures, TOCHKA, answers, 401, before)
    assert sum(row.method == "tochka.key" for row in house.bank.requests) - fetched <= 1, "strangers hurry nothing"
    assert house.payments() == []
    assert send(house, TOCHKA, body) == TAKEN[TOCHKA]
    assert house.follow(TOCHKA) == 1


def forgeries(house: House, body: bytes) -> dict[str, bytes]:
    """Tokens that say the same as an honest one, or something better, without the bank's signature."""
    claims, key = claims_in(body), house.bank.banks.key
    head, payload, signature = body.split(b".")
    public = _public(key)
    other = json.dumps({**claims, "purpose": "Оплата по счету № 102"}).encode()
    honest = token(claims, "RS512", key.sign).encode()
    return {
        "alg none": token(claims, "none", no_signature).encode(),
        "alg none with a signature": token(claims, "none", key.sign).encode(),
        "alg None": token(claims, "None", no_signature).encode(),
        "no alg": _with_head({"typ": "JWT"}, payload, signature),
        "HS256 with the key as PEM": token(claims, "HS256", secret_signer(public["pem"])).encode(),
        "HS256 with the key as DER": token(claims, "HS256", secret_signer(public["der"])).encode(),
        "HS256 with the key as JWK": token(claims, "HS256", secret_signer(public["jwk"])).encode(),
        "HS256 with the modulus": token(claims, "HS256", secret_signer(public["n"])).encode(),
        "HS256 with an empty secret": token(claims, "HS256", secret_signer(b"")).encode(),
        "another key": token(claims, "RS256", SigningKey().sign).encode(),
        "another key in its head": _with_own_key(claims),
        "another algorithm's name": honest,
        "signature cut short": body[:-4],
        "signature missing": head + b"." + payload + b".",
        "no third part": head + b"." + payload,
        "payload alone": payload,
        "cut in the middle": body[: len(body) // 2],
        "payload of another": head + b"." + encode(other).encode() + b"." + signature,
        "empty": b"",
        "claims in the clear": json.dumps(claims).encode(),
        "critical extension": _signed_head(key, {"typ": "JWT", "alg": "RS256", "crit": ["b64"], "b64": True}, payload),
        "padded": b".".join(part + b"==" for part in (head, payload, signature)),
        "too long": body + b"A" * 70_000,
    }


def _public(key: SigningKey) -> dict[str, bytes]:
    """The bank's public key in every form that a careless checker might take for a secret."""
    jwk = key.jwk()
    numbers = {name: base64.urlsafe_b64decode(str(jwk[name]) + "==") for name in ("n", "e")}
    made = RSAPublicNumbers(e=int.from_bytes(numbers["e"], "big"), n=int.from_bytes(numbers["n"], "big")).public_key()
    return {
        "pem": made.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "jwk": json.dumps(jwk).encode(),
        "n": numbers["n"],
    }


def _with_head(head: dict[str, Any], payload: bytes, signature: bytes) -> bytes:
    return encode(json.dumps(head).encode()).encode() + b"." + payload + b"." + signature


def _signed_head(key: SigningKey, head: dict[str, Any], payload: bytes) -> bytes:
    signed = encode(json.dumps(head).encode()).encode() + b"." + payload
    return signed + b"." + encode(key.sign(signed)).encode()


def _with_own_key(claims: dict[str, Any]) -> bytes:
    mine = SigningKey()
    payload = encode(json.dumps(claims).encode()).encode()
    return _signed_head(mine, {"typ": "JWT", "alg": "RS256", "jwk": mine.jwk()}, payload)


def test_proofs_of_one_bank_open_no_door_of_the_other(house: House, figures: Figures) -> None:
    told = {bank: caught(house, bank, partial(house.bank.add, transfer(bank, 1)))[0] for bank in BANKS}
    before = rows(house)
    answers = {
        "token of Tochka at T-Bank": send(house, TBANK, told[TOCHKA], HEADERS[TOCHKA]),
        "word of T-Bank at Tochka": send(house, TOCHKA, told[TBANK], HEADERS[TBANK]),
        "word of T-Bank at amoCRM": send(house, AMO, told[TBANK], HEADERS[TBANK]),
        "token of Tochka at amoCRM": send(house, AMO, told[TOCHKA], HEADERS[TOCHKA]),
    }
    refused(house, figures, TBANK, answers, 401, before)


def test_a_token_with_the_banks_signature_and_no_json_in_it_is_kept_and_hints_at_nothing(house: House) -> None:
    head = encode(b'{"typ":"JWT","alg":"RS256"}').encode()
    odd = head + b"." + encode(b"[1, 2").encode()
    body = odd + b"." + encode(house.bank.banks.key.sign(odd)).encode()
    assert send(house, TOCHKA, body) == TAKEN[TOCHKA]
    assert send(house, TOCHKA, signed_by_bank(house, {})) == TAKEN[TOCHKA]
    house.follow(TOCHKA)
    assert house.payments() == []

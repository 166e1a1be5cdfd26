"""The fingerprint holds what banks never re-word, and nothing else."""

from __future__ import annotations

import hashlib

import pytest

from hub.domain.models import Direction
from tests.unit.bank.statement_builder import CLIENT, CLIENT_INN, OUTGOING, OWN, document, line, statement


def test_the_fingerprint_is_the_digest_of_the_agreed_fields() -> None:
    parts = f"{OWN}|in|1220000|RUB|245|2026-02-14|{CLIENT}|{CLIENT_INN}"

    assert line(statement(document())).fingerprint == hashlib.sha256(parts.encode()).hexdigest()


def test_outgoing_money_is_keyed_by_the_payee() -> None:
    parts = f"{OWN}|out|50000|RUB|12|2026-02-15|{CLIENT}|{CLIENT_INN}"
    found = line(statement(document(OUTGOING)))

    assert found.direction is Direction.OUT
    assert found.fingerprint == hashlib.sha256(parts.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"НазначениеПлатежа": "ОПЛАТА ПО СЧЕТУ N71"},
        {"Плательщик": "ФИАЛКА ООО"},
        {"ДатаПоступило": "16.02.2026"},
        {"КвитанцияДата": "20.02.2026"},
        {"Сумма": "12 200,00"},
        {"ПлательщикКПП": "0"},
    ],
)
def test_what_banks_re_word_between_exports_changes_nothing(change: dict[str, str]) -> None:
    assert line(statement(document(**change))).fingerprint == line(statement(document())).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"Сумма": "12200.01"},
        {"Номер": "246"},
        {"Дата": "13.02.2026"},
        {"ПлательщикСчет": "40702810000000000778"},
        {"ПлательщикИНН": "7700000030"},
    ],
)
def test_another_payment_has_another_fingerprint(change: dict[str, str]) -> None:
    assert line(statement(document(**change))).fingerprint != line(statement(document())).fingerprint

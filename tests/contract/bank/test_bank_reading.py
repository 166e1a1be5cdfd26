"""Both banks over their own wires: accounts, days, identity, corrections, proofs."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.bank.providers.tbank.config import TbankConfig
from connectors.bank.providers.tbank.connector import Tbank
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime
from hub.ports.bank import ProofState
from hub.ports.records import Health, InboxKind
from tests.contract.bank.conftest import PAYER, TBANK, TOCHKA, Start, ago, paid, today
from tests.unit.bank.statement_builder import document, encode, statement

BANKS = ["tochka", "tbank"]
both = pytest.mark.parametrize("bank", BANKS)


@both
def test_a_poll_records_every_movement_once_and_proves_its_days(start: Start, bank: str) -> None:
    world = start(bank, paid(bank), paid(bank, amount="500.10", direction="out", document_number="12"))
    for _ in range(2):
        assert world.poll().complete
    rows = world.payments()
    assert sorted((row.payment.direction.value, str(row.payment.amount)) for row in rows) == [
        ("in", "12200.00 RUB"),
        ("out", "500.10 RUB"),
    ]
    incoming = next(row.payment for row in rows if row.payment.direction.value == "in")
    assert (incoming.payer.tax_id, incoming.payer.account) == (PAYER["inn"], PAYER["account"])
    assert (incoming.document_number, incoming.booked_on) == ("245", ago(1))
    assert incoming.purpose == "Оплата по счету № 71"
    assert [world.state(ago(days)) for days in (2, 1, 0)] == [ProofState.PROVED] * 3
    assert world.row().health is Health.OK


@both
def test_the_same_days_again_are_no_news(start: Start, bank: str) -> None:
    world = start(bank, paid(bank))
    assert world.poll().changed > 0
    assert world.poll().changed == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"created_polls": 2},
        {"processing_polls": 1},
        {"statement_form": "object"},
        {"transaction_id": "per_statement"},
        {"transaction_id": "per_statement", "payment_id": "absent"},
        {"transaction_id": "absent", "payment_id": "absent"},
        {"indicator_case": "credit"},
        {"both_sides": True},
        {"snapshot": "created"},
    ],
)
def test_every_form_of_tochka_that_its_papers_leave_open_is_the_same_money(
    start: Start, settings: dict[str, Any]
) -> None:
    twins = (paid("tochka", document_number="0"), paid("tochka", document_number="0"))
    world = start("tochka", *twins, tochka=settings)
    assert world.poll().complete
    world.control.add(paid("tochka", amount="7.00"))
    assert world.poll().complete
    assert sorted(str(row.payment.amount.amount) for row in world.payments()) == ["12200.00", "12200.00", "7.00"]
    assert all(row.payment.payee.account == TOCHKA for row in world.payments())
    assert world.state(ago(1)) is ProofState.PROVED


@pytest.mark.parametrize(
    "settings",
    [
        {"accounts_form": "object"},
        {"row_order": "newest_first"},
        {"last_cursor": "null"},
        {"last_cursor": "empty"},
        {"balances_form": "texts"},
        {"balances_form": "objects"},
        {"statement_parties": "account"},
        {"statement_amounts": "text"},
        {"type_case": "CREDIT"},
        {"cursor": "offset"},
    ],
)
def test_every_form_of_tbank_that_its_papers_leave_open_is_the_same_money(
    start: Start, settings: dict[str, Any]
) -> None:
    rows = [paid("tbank", amount=f"{number}.00", document_number=str(number)) for number in range(1, 6)]
    world = start("tbank", *rows, tbank=settings)
    assert world.poll().complete
    assert len(world.payments()) == 5
    assert all(row.payment.payer.account == PAYER["account"] for row in world.payments())
    assert world.state(ago(1)) is ProofState.PROVED


def test_balances_that_a_bank_leaves_out_are_said_to_be_absent(start: Start) -> None:
    world = start("tbank", paid("tbank"), tbank={"balances_form": "absent"})
    world.poll()
    assert world.state(ago(1)) is ProofState.ABSENT


@both
def test_holds_and_payments_on_their_way_are_no_money_until_they_are_booked(start: Start, bank: str) -> None:
    status = "pending" if bank == "tochka" else "hold"
    world = start(bank)
    # A hold is booked when it settles: by a bank whose clock is ahead of ours it would be no money of today yet.
    world.control.advance(-90)
    world.control.add(paid(bank, 0, status=status, settles_after_s=60))
    world.poll()
    assert world.payments() == []
    world.control.advance(61)
    world.poll()
    assert len(world.payments()) == 1


@both
def test_a_correction_supersedes_what_was_told_before(start: Start, bank: str) -> None:
    world = start(bank, paid(bank, id=7))
    world.poll()
    world.control.correct(7, amount="12300.00")
    world.poll()
    (row,) = world.payments()
    assert str(row.payment.amount) == "12300.00 RUB"
    assert world.state(ago(1)) is ProofState.PROVED


@both
def test_a_cancelled_operation_is_flagged_and_comes_back(start: Start, bank: str) -> None:
    world = start(bank, paid(bank, id=7), paid(bank, document_number="246"))
    world.poll()
    world.control.cancel(7)
    world.poll()
    assert sorted(row.vanished_in is not None for row in world.payments()) == [False, True]
    assert world.state(ago(1)) is ProofState.PROVED


@both
def test_a_back_dated_operation_is_found(start: Start, bank: str) -> None:
    world = start(bank)
    world.poll()
    world.control.add(paid(bank, 2), hooks=False)
    world.poll()
    assert [row.payment.booked_on for row in world.payments()] == [ago(2)]
    assert [world.state(ago(days)) for days in (2, 1, 0)] == [ProofState.PROVED] * 3


@both
def test_a_row_that_the_statement_hides_is_a_gap_of_exactly_its_sum(start: Start, bank: str) -> None:
    world = start(bank, paid(bank, id=7), paid(bank, amount="77.50", document_number="246", id=8))
    world.control.spoil(8, "remove")
    world.poll()
    proof = world.proof(ago(1))
    assert proof is not None
    assert (proof.state, str(proof.difference)) == (ProofState.GAP, "77.50 RUB")
    world.control.mend(8)
    world.poll()
    assert world.state(ago(1)) is ProofState.PROVED
    assert len(world.payments()) == 2


@both
def test_a_row_that_comes_twice_under_one_id_is_one_movement(start: Start, bank: str) -> None:
    world = start(bank, paid(bank, id=7))
    world.control.spoil(7, "double")
    world.poll()
    assert len(world.payments()) == 1
    assert world.state(ago(1)) is ProofState.PROVED


@pytest.mark.parametrize("bank", ["tbank"])
def test_a_row_doubled_under_another_id_is_two_movements_and_a_gap(start: Start, bank: str) -> None:
    world = start(bank, paid(bank, id=7))
    world.control.spoil(7, "double", other_id=True)
    world.poll()
    proof = world.proof(ago(1))
    assert proof is not None
    assert (len(world.payments()), str(proof.difference)) == (2, "-12200.00 RUB")


@both
@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_and_the_api_show_one_payment(start: Start, bank: str, file_first: bool) -> None:
    world = start(bank, paid(bank))
    raw = _file(TOCHKA if bank == "tochka" else TBANK)
    if file_first:
        world.upload(raw)
    world.poll()
    if not file_first:
        world.upload(raw)
    (row,) = world.payments()
    assert world.sources(row) == {InboxKind.STATEMENT_FILE, InboxKind.BANK_DAY}


def _file(account: str) -> bytes:
    facts = {
        "Номер": "245",
        "Дата": f"{ago(2):%d.%m.%Y}",
        "Сумма": "12200.00",
        "ПлательщикСчет": str(PAYER["account"]),
        "Плательщик": "ИНН 7700000016 ООО Фиалка",
        "ПлательщикИНН": str(PAYER["inn"]),
        "ПолучательСчет": account,
        "ДатаПоступило": f"{ago(1):%d.%m.%Y}",
        "НазначениеПлатежа": "ОПЛАТА ПО СЧЕТУ № 71",
    }
    period = {"ДатаНачала": f"{ago(4):%d.%m.%Y}", "ДатаКонца": f"{ago(1):%d.%m.%Y}"}
    return encode(statement(document(facts), accounts=(account,), ДатаСоздания=f"{today():%d.%m.%Y}", **period))


@pytest.mark.parametrize("order", [["tochka", "tbank"], ["tbank", "tochka"]])
@pytest.mark.parametrize("left", BANKS)
def test_a_transfer_between_two_banks_is_told_alike_whichever_is_read_first(
    start: Start, order: list[str], left: str
) -> None:
    tochka = {"name": "ООО Ромашка", "inn": "7700000023", "account": TOCHKA}
    tbank = {"name": "ООО Ромашка", "inn": "7700000023", "account": TBANK}
    out, came = ("out", "in") if left == "tochka" else ("in", "out")
    world = start(
        "tochka",
        paid("tochka", direction=out, counterparty=tbank, purpose="Перевод"),
        paid("tbank", direction=came, counterparty=tochka, purpose="Пополнение счета"),
    )
    for bank in order * 2:
        assert world.poll(bank).complete
    (row,) = world.payments()
    payer, payee = row.payment.payer, row.payment.payee
    assert (payer.account, payee.account) == ((TOCHKA, TBANK) if left == "tochka" else (TBANK, TOCHKA))
    assert (payer.tax_id, payee.tax_id) == ("7700000023", "7700000023")
    assert row.payment.purpose == ("Перевод" if left == "tochka" else "Пополнение счета")
    assert row.payment.document_kind == "Платежное поручение"


@both
def test_a_dead_token_is_said_once_and_hurts_nobody_else(start: Start, bank: str) -> None:
    other = "tbank" if bank == "tochka" else "tochka"
    world = start(bank, paid(other))
    world.control.kill_token(bank)
    assert not world.poll().complete
    assert world.row().health is Health.DEAD
    assert "sverka connect bank" in str(world.row().health_reason)
    assert world.poll(other).complete
    world.control.revive_token(bank)
    assert world.poll().complete
    assert world.row().health is Health.OK


@both
@pytest.mark.parametrize(
    "action",
    [
        {"kind": "refuse", "status": 500},
        {"kind": "refuse", "status": 429, "code": "OPERATION_RATE_LIMIT"},
        {"kind": "broken_json"},
        {"kind": "broken_json", "text": "<html>"},
    ],
)
def test_a_passing_fault_in_the_middle_of_a_poll_loses_nothing(start: Start, bank: str, action: dict[str, Any]) -> None:
    world = start(bank, paid(bank, 2), paid(bank, 1, document_number="246"))
    on = "tochka.statements.get" if bank == "tochka" else "tbank.statement"
    world.control.add_faults({"match": {"method": on, "nth": 2}, "action": action})
    world.poll()
    world.control.clear_faults()
    assert world.poll().complete
    assert len(world.payments()) == 2


def test_a_statement_that_cannot_be_made_is_asked_for_again(start: Start) -> None:
    world = start(
        "tochka",
        paid("tochka"),
        faults=[
            {
                "match": {"method": "tochka.statements.create"},
                "times": 1,
                "action": {"kind": "statement", "ends": "Error"},
            }
        ],
    )
    assert not world.poll().complete
    assert world.poll().complete
    assert len(world.payments()) == 1


def test_nothing_but_reading_is_asked_of_the_banks(start: Start) -> None:
    world = start("tbank", paid("tbank"), paid("tochka"))
    world.poll("tbank")
    world.poll("tochka")
    assert {row.method for row in world.control.write_log.calls()} == {"tochka.statements.create"}


@pytest.mark.parametrize("cursor", ["keyset", "offset"])
def test_rows_that_come_in_between_two_pages_are_neither_lost_nor_doubled(start: Start, cursor: str) -> None:
    rows = [paid("tbank", amount=f"{number}.00", document_number=str(number)) for number in range(1, 8)]
    late = {"kind": "act", "timing": "after", "do": {"act": "add", "operation": paid("tbank", amount="99.00")}}
    world = start("tbank", *rows, tbank={"cursor": cursor})
    world.control.add_faults({"match": {"method": "tbank.statement", "nth": 2}, "action": late})
    given = {"token": world.sandbox.tbank.token, "api_url": world.sandbox.tbank.base_url, "page_rows": 2}
    clock = SystemClock()
    bank = Tbank(TbankConfig.model_validate(given), Runtime("paged", clock, MemoryQuota(clock)))
    (answer,) = bank.days(TBANK, ago(1), ago(1))
    bank.close()
    lines = bank.read(answer.body, (), ()).lines
    assert len({line.source_id for line in lines}) == len(lines)
    assert {str(line.signed.amount) for line in lines} >= {f"{number}.00" for number in range(1, 8)}
    assert [request.method for request in world.control.requests].count("tbank.statement") >= 4

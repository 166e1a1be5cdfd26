"""Every word of a bank's row or hook, and where it goes: nothing is lost and nothing is taken for another."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.bank.day import raw_of
from connectors.bank.operation import BankRow, RowProblem
from connectors.bank.providers.tbank import mapper as tbank
from connectors.bank.providers.tochka import mapper as tochka
from hub.domain.models import Party
from hub.domain.money import Money
from tests.unit.bank.bank_rows import INCOMING_HOOK, tbank_row, tochka_row
from tests.unit.bank.statement_builder import CLIENT, CLIENT_INN, OWN, OWN_INN

DAY = date(2026, 2, 15)
RUB = Money.of("12200.00", "RUB")
BIC, OUR_BIC = "044525000", "044525974"
THEM = Party("ООО Фиалка", CLIENT_INN, "770001001", CLIENT, BIC, "Банк")
US = Party("ООО Мы", OWN_INN, "770101001", OWN, OUR_BIC, "Точка")


def problem(read: Any, *arguments: Any, **options: Any) -> RowProblem:
    with pytest.raises(RowProblem) as raised:
        read(*arguments, **options)
    return raised.value


# Tochka


def sides(ours: str, theirs: str) -> dict[str, Any]:
    return {
        f"{theirs}Party": {"inn": CLIENT_INN, "name": "ООО Фиалка", "kpp": "770001001"},
        f"{theirs}Account": {"identification": CLIENT},
        f"{theirs}Agent": {"identification": BIC, "name": "Банк"},
        f"{ours}Party": {"inn": OWN_INN, "name": "ООО Мы", "kpp": "770101001"},
        f"{ours}Account": {"identification": "40702810000000000999"},
        f"{ours}Agent": {"identification": OUR_BIC, "name": "Точка"},
    }


@pytest.mark.parametrize("credited", [True, False])
def test_every_word_of_a_transaction_of_tochka_has_its_place(credited: bool) -> None:
    ours, theirs = ("Creditor", "Debtor") if credited else ("Debtor", "Creditor")
    row = tochka_row(creditDebitIndicator="CREDIT" if credited else "DEBIT", **sides(ours, theirs))
    assert tochka.read_row(row, OWN) == BankRow(
        source_id="0000000001",
        account=OWN,
        credited=credited,
        amount=RUB,
        booked_on=DAY,
        document_number="245",
        document_date=None,
        document_kind="Платежное поручение",
        operation_code=None,
        payer=THEM if credited else US,
        payee=US if credited else THEM,
        purpose="Оплата по счету № 71",
        raw=raw_of(row),
    )


def test_what_a_transaction_of_tochka_leaves_out_is_empty() -> None:
    names = ("paymentId", "documentNumber", "transactionTypeCode", "description", "DebtorParty", "DebtorAgent")
    row = tochka.read_row(tochka_row(**dict.fromkeys(names)), OWN)
    assert (row.source_id, row.document_number, row.document_kind, row.purpose) == ("cbs-tb-1", None, None, "")
    assert row.payer == Party(account=CLIENT)
    assert tochka.read_row(tochka_row(paymentId=None, transactionId=None), OWN).source_id == ""


def test_a_transaction_of_tochka_is_in_its_own_currency() -> None:
    row = tochka.read_row(tochka_row(Amount={"amount": "7.50", "currency": "USD"}), OWN)
    assert row.amount == Money.of("7.50", "USD")


@pytest.mark.parametrize(
    ("status", "booked"), [("Booked", True), ("BOOKED", True), (None, True), ("", True), ("Pending", False)]
)
def test_a_pending_transaction_of_tochka_is_no_movement_yet(status: str | None, booked: bool) -> None:
    assert tochka.is_booked(tochka_row(status=status)) is booked


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"Amount": None}, "Amount", "Amount: сумма не указана."),
        ({"Amount": {"amount": "12..3"}}, "Amount", "Amount «12..3»"),
        ({"documentProcessDate": "15.02.2026"}, "documentProcessDate", "documentProcessDate «15.02.2026»"),
        ({"creditDebitIndicator": "Storno"}, "creditDebitIndicator", "Банк не указал, пришли деньги или ушли (cr"),
    ],
)
def test_what_is_wrong_with_a_transaction_of_tochka_is_named(changes: dict[str, Any], key: str, words: str) -> None:
    found = problem(tochka.read_row, tochka_row(**changes), OWN)
    assert found.key == key
    assert found.message_ru.startswith(words)


@pytest.mark.parametrize("incoming", [True, False])
def test_every_word_of_a_hook_of_tochka_has_its_place(incoming: bool) -> None:
    payer = Party(None, CLIENT_INN, None, CLIENT, BIC)
    payee = Party(None, OWN_INN, None, OWN, None)
    told = {**INCOMING_HOOK, "SidePayer": {**INCOMING_HOOK["SidePayer"], "amount": "150", "currency": "USD"}}
    assert tochka.read_hook(told, incoming=incoming) == BankRow(
        source_id="0000000001",
        account=OWN if incoming else CLIENT,
        credited=incoming,
        amount=RUB if incoming else Money.of("150", "USD"),
        booked_on=DAY,
        document_number="245",
        document_date=None,
        document_kind=None,
        operation_code=None,
        payer=payer,
        payee=payee,
        purpose="Оплата по счету № 71",
        raw="",
    )


def test_a_hook_of_tochka_may_leave_the_number_out() -> None:
    told = {key: value for key, value in INCOMING_HOOK.items() if key != "documentNumber"}
    assert tochka.read_hook(told, incoming=True).document_number is None


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"SideRecipient": {}}, "account", "Вебхук не называет наш счёт."),
        ({"SideRecipient": {"account": OWN, "amount": "x"}}, "amount", "amount «x»"),
        ({"date": "x"}, "date", "date «x»"),
    ],
)
def test_what_is_wrong_with_a_hook_of_tochka_is_named(changes: dict[str, Any], key: str, words: str) -> None:
    found = problem(tochka.read_hook, {**INCOMING_HOOK, **changes}, incoming=True)
    assert found.key == key
    assert found.message_ru.startswith(words)


# T-Bank

THEIR_SIDE = {"acct": CLIENT, "name": "ООО Фиалка", "inn": CLIENT_INN, "kpp": "770001001", "bicRu": BIC}
OUR_SIDE = {"acct": "40702810000000000999", "name": "ООО Мы", "inn": OWN_INN, "kpp": "770101001", "bicRu": OUR_BIC}


@pytest.mark.parametrize("credited", [True, False])
def test_every_word_of_a_row_of_tbank_has_its_place(credited: bool) -> None:
    theirs, ours = {**THEIR_SIDE, "bankName": "Банк"}, {**OUR_SIDE, "bankName": "Точка"}
    row = tbank_row(
        typeOfOperation="CREDIT" if credited else "Debit",
        payer=theirs if credited else ours,
        receiver=ours if credited else theirs,
        payVo="01",
        VO="02",
        description="Перевод",
        bic="044525111",
    )
    assert tbank.read_row(row, OWN) == BankRow(
        source_id="0c0ffee0-1111-0022-9333-444455556666",
        account=OWN,
        credited=credited,
        amount=RUB,
        booked_on=DAY,
        document_number="245",
        document_date=date(2026, 2, 14),
        document_kind=None,
        operation_code="01",
        payer=THEM if credited else US,
        payee=US if credited else THEM,
        purpose="Оплата по счету № 71",
        raw=raw_of(row),
    )


def test_what_a_row_of_tbank_leaves_out_is_empty() -> None:
    names = ("operationId", "documentNumber", "docDate", "payPurpose", "payer")
    row = tbank.read_row(tbank_row(**dict.fromkeys(names)), OWN)
    assert (row.source_id, row.document_number, row.document_date, row.purpose) == ("", None, None, "")
    assert (row.operation_code, row.payer, row.doubts) == (None, Party(), ())


def test_older_words_of_tbank_count_where_the_newer_ones_are_silent() -> None:
    row = tbank.read_row(tbank_row(payPurpose=None, description="Перевод", VO="02"), OWN)
    assert (row.purpose, row.operation_code) == ("Перевод", "02")


@pytest.mark.parametrize("credited", [True, False])
def test_the_counterparty_fills_what_their_side_leaves_out_and_nothing_of_ours(credited: bool) -> None:
    row = tbank.read_row(
        tbank_row(
            typeOfOperation="Credit" if credited else "Debit",
            payer={"acct": CLIENT} if credited else None,
            receiver=None if credited else {"acct": CLIENT},
            counterParty={"account": "40702810000000000888", "name": "ООО Фиалка", "inn": CLIENT_INN},
            bic=OUR_BIC,
        ),
        OWN,
    )
    theirs, ours = (row.payer, row.payee) if credited else (row.payee, row.payer)
    assert theirs == Party("ООО Фиалка", CLIENT_INN, account=CLIENT)
    assert ours == Party(account=OWN, bic=OUR_BIC)


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({"accountCurrencyDigitalCode": "840", "accountAmount": "5"}, Money.of("5", "USD")),
        ({"accountAmount": None, "operationAmount": "7", "operationCurrencyDigitalCode": "978"}, Money.of("7", "EUR")),
        ({"accountAmount": None, "operationAmount": None, "rubleAmount": "9"}, Money.of("9", "RUB")),
    ],
)
def test_the_sum_of_tbank_is_that_of_the_account_where_it_is_named(changes: dict[str, Any], amount: Money) -> None:
    assert tbank.read_row(tbank_row(**changes), OWN).amount == amount


@pytest.mark.parametrize(
    ("status", "booked"), [("Transaction", True), ("TRANSACTION", True), (None, True), ("Authorization", False)]
)
def test_a_hold_of_tbank_is_no_movement(status: str | None, booked: bool) -> None:
    assert tbank.is_booked(tbank_row(operationStatus=status)) is booked


def test_a_loan_of_tbank_is_doubted_in_words() -> None:
    doubts = tbank.read_row(tbank_row(category="incomeLoan"), OWN).doubts
    assert doubts == ("Т-Банк относит это поступление к кредитам: это не деньги клиента.",)
    assert tbank.read_row(tbank_row(category="income"), OWN).doubts == ()


def test_a_row_of_tbank_names_its_account() -> None:
    assert tbank.account_of(tbank_row(accountNumber=f" {OWN} ")) == OWN
    assert tbank.account_of({}) == ""


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"accountAmount": "x"}, "accountAmount", "accountAmount «x»"),
        ({"accountAmount": None, "operationAmount": None}, "accountAmount", "accountAmount: сумма не указана."),
        ({"accountAmount": None, "operationAmount": "x"}, "operationAmount", "operationAmount «x»"),
        ({"operationDate": None}, "operationDate", "operationDate «»"),
        ({"typeOfOperation": "Storno"}, "typeOfOperation", "Банк не указал, пришли деньги или ушли (typeOf"),
    ],
)
def test_what_is_wrong_with_a_row_of_tbank_is_named(changes: dict[str, Any], key: str, words: str) -> None:
    found = problem(tbank.read_row, tbank_row(**changes), OWN)
    assert found.key == key
    assert found.message_ru.startswith(words)

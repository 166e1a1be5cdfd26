"""Check digits of requisites, with python-stdnum as the oracle for ИНН."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.ru import inn as oracle

from connectors.bank.quality import party_doubts
from connectors.bank.requisites import AccountKey, account_key, is_account, is_bic, is_inn, is_kpp
from hub.domain.models import Party
from tests.unit.bank.statement_builder import document, line, statement


@given(st.text(alphabet="0123456789", min_size=9, max_size=13).filter(lambda text: text.strip("0") != ""))
def test_inn_agrees_with_the_oracle(text: str) -> None:
    assert is_inn(text) == oracle.is_valid(text)


@given(st.text(alphabet="0123456789", min_size=9, max_size=9), st.booleans())
def test_every_inn_with_computed_digits_is_accepted(base: str, is_person: bool) -> None:
    stem = base.replace("0", "7") + ("1" if is_person else "")
    digits = [stem + str(number) for number in range(10)]
    full = [item + str(number) for item in digits for number in range(10)] if is_person else digits

    assert [item for item in full if is_inn(item)] == [item for item in full if oracle.is_valid(item)]
    assert any(is_inn(item) for item in full)


@pytest.mark.parametrize("text", ["0000000000", "000000000000", "", "77000000166", "77000A0016", "٧٧٠٠٠٠٠٠١٦"])
def test_zeros_and_odd_characters_are_no_inn(text: str) -> None:
    assert not is_inn(text)


@pytest.mark.parametrize(
    ("text", "is_right"), [("770001001", True), ("7700AZ001", True), ("77000100", False), ("0", False)]
)
def test_kpp_has_its_shape(text: str, is_right: bool) -> None:
    assert is_kpp(text) is is_right


@pytest.mark.parametrize(
    ("text", "is_right"), [("044525999", True), ("017003983", True), ("144525999", False), ("44525999", False)]
)
def test_bik_has_its_shape(text: str, is_right: bool) -> None:
    assert is_bic(text) is is_right


def test_an_account_may_hold_a_clearing_letter_in_the_sixth_place() -> None:
    assert is_account("40702A10000000000001")
    assert not is_account("40702Z10000000000001")
    assert not is_account("4070281000000000001")


@pytest.mark.parametrize(
    ("account", "bic"),
    [
        ("40702810400000000777", "044525999"),  # a client's account: last three digits of the БИК
        ("30101810600000000999", "044525999"),  # a correspondent account: 0 and digits 5-6
        ("30101810400000000225", "044525225"),
        ("30101810145250000974", "044525974"),
        ("30101810200000000593", "044525593"),
        ("40702810800000000777", "044525000"),  # at a settlement centre the same rule
    ],
)
def test_right_account_keys_are_valid_and_every_other_digit_is_not(account: str, bic: str) -> None:
    assert account_key(account, bic) is AccountKey.VALID
    for digit in set("0123456789") - {account[8]}:
        assert account_key(account[:8] + digit + account[9:], bic) is AccountKey.INVALID


@pytest.mark.parametrize(
    ("account", "bic"),
    [("03100643000000018500", "017003983"), ("407028", "044525999"), ("40702810400000000777", "AAAAKZKA")],
)
def test_treasury_accounts_and_foreign_shapes_have_no_key_to_check(account: str, bic: str) -> None:
    assert account_key(account, bic) is AccountKey.NOT_APPLICABLE


def test_each_wrong_requisite_is_named_with_its_side() -> None:
    payer = Party(tax_id="7700000017", kpp="12", account="40702", bic="1")

    assert party_doubts("плательщика", payer) == (
        "ИНН плательщика 7700000017 не проходит проверку контрольных цифр.",
        "КПП плательщика 12 записан не по форме (должно быть 9 знаков).",
        "БИК плательщика 1 записан не по форме (должно быть 9 цифр).",
        "Счёт плательщика 40702 записан не по форме (должно быть 20 цифр).",
    )


def test_parties_abroad_are_not_judged_by_russian_rules() -> None:
    foreign = Party(tax_id="260240000017", account="KZ00AAA0000000000001", bic="AAAAKZKA")

    assert party_doubts("плательщика", foreign) == ()


def test_a_doubtful_requisite_never_drops_the_payment() -> None:
    found = line(statement(document(ПлательщикИНН="7700000017", ПлательщикБИК="12", Дата="вчера")))

    assert found.payer.tax_id == "7700000017"
    assert found.document_date is None
    assert found.quality_warnings == (
        "ИНН плательщика 7700000017 не проходит проверку контрольных цифр.",
        "БИК плательщика 12 записан не по форме (должно быть 9 цифр).",
        "Дата документа «вчера» не читается.",
    )

"""Values: amounts, dates, accounts, names, as banks print them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.bank.formats.client_bank_exchange.names import PartyName, party_name
from connectors.bank.formats.client_bank_exchange.values import (
    ValueProblem,
    account_currency,
    bic_or_none,
    code_or_none,
    fits_mask,
    is_masked,
    normal_account,
    parse_amount,
    parse_date,
    tax_id_or_none,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12200.00", "12200.00"),
        ("0", "0"),
        ("1000", "1000"),
        ("1234,56", "1234.56"),
        ("4710-00", "4710.00"),
        ("4710=", "4710"),
        ("4710=05", "4710.05"),
        ("100.5", "100.5"),
        ("7745.7000", "7745.70"),
        ("1 234 567.89", "1234567.89"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234,567.89", "1234567.89"),
    ],
)
def test_amounts_are_read_in_every_spelling(text: str, expected: str) -> None:
    assert parse_amount(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-5.00",
        "1,234",
        "1.234",
        "1.234.56",
        "12 тысяч",
        "1e5",
        "NaN",
        "1 2.00",
        "0.001",
        "١٢",
        "1.2.3",
        "100\n200",
        "--1",
    ],
)
def test_amounts_that_could_be_read_in_two_ways_or_none_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_amount(text)


def test_a_balance_may_be_negative_and_a_payment_may_not() -> None:
    assert parse_amount("-150,25", signed=True) == Decimal("-150.25")
    with pytest.raises(ValueProblem, match="сторно"):
        parse_amount("-150,25")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15.02.2026", date(2026, 2, 15)),
        ("5.2.2026", date(2026, 2, 5)),
        ("15.02.26", date(2026, 2, 15)),
        ("15/02/2026", date(2026, 2, 15)),
        ("2026-02-15", date(2026, 2, 15)),
        ("15.02.2026 10:30:00", date(2026, 2, 15)),
        ("2026-02-15T10:30:00", date(2026, 2, 15)),
        ("", None),
        ("0", None),
        ("00.00.0000", None),
    ],
)
def test_dates_are_read_and_zeros_are_no_date(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["31.02.2026", "23.08.201819202122", "вчера", "15.13.2026", "15.02.1026", "2026"])
def test_garbage_is_no_date(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("0", None), ("", None), ("000000000", None), ("-", None), (" 01 ", "01")]
)
def test_zeros_and_dashes_are_no_code(text: str, expected: str | None) -> None:
    assert code_or_none(text) == expected


def test_inn_and_kpp_in_one_field_give_the_inn() -> None:
    assert tax_id_or_none("7700000016/770001001") == "7700000016"
    assert tax_id_or_none("000000000000") is None


def test_the_lost_zero_of_a_bik_is_put_back() -> None:
    assert bic_or_none("44525000") == "044525000"
    assert bic_or_none("AAAAKZKA") == "AAAAKZKA"
    assert bic_or_none("0") is None


def test_accounts_lose_separators_and_zeros_are_none() -> None:
    assert normal_account("40702.810.0.00000000001") == "40702810000000000001"
    assert normal_account(" kz00 aaa0 0000 0000 0001") == "KZ00AAA0000000000001"
    assert normal_account("00000000000000000000") is None
    assert normal_account("") is None


@pytest.mark.parametrize("text", ["40702810********0001", "407028XXXXXXXXXX0001", "4070•••••0001"])
def test_masks_are_seen_in_every_dress(text: str) -> None:
    assert is_masked(text)


def test_full_accounts_and_ibans_are_not_masked() -> None:
    assert not is_masked("40702810000000000001")
    assert not is_masked("KZ00AAAXX00000000001")


def test_a_mask_fits_only_where_enough_of_the_account_is_visible() -> None:
    assert fits_mask("40702810********0001", "40702810000000000001")
    assert not fits_mask("40702810********0002", "40702810000000000001")
    assert not fits_mask("***0001", "40702810000000000001")


@pytest.mark.parametrize(
    ("account", "currency"),
    [
        ("40702810000000000001", "RUB"),
        ("40702643000000000001", "RUB"),
        ("40702840000000000001", "USD"),
        ("40702978000000000001", "EUR"),
        ("40702156000000000001", "CNY"),
        ("40702398000000000001", "KZT"),
        ("40702933000000000001", "BYN"),
        ("40702949000000000001", "TRY"),
        ("40702810******0001", "RUB"),
        ("KZ00AAA0000000000001", "KZT"),
        ("40702A98000000000001", None),
        ("4070", None),
    ],
)
def test_the_currency_is_in_the_account(account: str, currency: str | None) -> None:
    assert account_currency(account) == currency


def test_a_currency_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueProblem, match="999"):
        account_currency("40702999000000000001")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('ИНН 7700000016 ООО "Фиалка"', PartyName('ООО "Фиалка"', "7700000016")),
        ('инн: 7700000016, ООО "Фиалка"', PartyName('ООО "Фиалка"', "7700000016")),
        ('ИНН7700000016 ООО "Фиалка"', PartyName('ООО "Фиалка"', "7700000016")),
        ('7700000016 ООО "Фиалка"', PartyName('ООО "Фиалка"', "7700000016")),
        ('7700000016, ООО "Фиалка"', PartyName('ООО "Фиалка"', "7700000016")),
        ('7700000016/770001001 ООО "Фиалка"', PartyName('ООО "Фиалка"', "7700000016", "770001001")),
        ('ИНН 7700000016 КПП 770001001 ООО "Фиалка"', PartyName('ООО "Фиалка"', "7700000016", "770001001")),
        ('ИНН 0 ООО "Фиалка"', PartyName('ООО "Фиалка"')),
        ("ИНН 770000000082 ИП Петров П. П.", PartyName("ИП Петров П. П.", "770000000082")),
        ("Петров Пётр Петрович//Город, улица, 1//", PartyName("Петров Пётр Петрович")),
        ('ООО "Фиалка" р/с 40702810000000000777 в ПАО БАНК г Город', PartyName('ООО "Фиалка"')),
        ("ООО 7 НЕБО", PartyName("ООО 7 НЕБО")),
        ("ИННОВАЦИИ 7 ООО", PartyName("ИННОВАЦИИ 7 ООО")),
        ("1234567 ООО", PartyName("1234567 ООО")),
        ("7700000016", PartyName(None, "7700000016")),
        ("//ул. Пример//", PartyName("//ул. Пример//")),
        ("  ", PartyName(None)),
    ],
)
def test_names_are_freed_of_what_is_glued_to_them(text: str, expected: PartyName) -> None:
    assert party_name(text) == expected

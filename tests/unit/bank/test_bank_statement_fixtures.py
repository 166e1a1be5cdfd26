"""Every file of tests/fixtures/bank is read as its name says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.bank.statement import (
    AccountTurnover,
    BrokenDocument,
    CheckState,
    SkippedDocument,
    StatementHeader,
    StatementItem,
    StatementLine,
    StatementSummary,
)
from hub.domain.models import Direction
from hub.domain.money import Money
from tests.unit.bank.statement_builder import CLIENT, CLIENT_INN, OWN, OWN_2, OWN_INN, items, lines, only

FIXTURES = Path(__file__).parents[2] / "fixtures" / "bank"


def read(name: str) -> list[StatementItem]:
    return items((FIXTURES / name).read_bytes())


def lines_of(name: str) -> list[StatementLine]:
    return lines((FIXTURES / name).read_bytes())


def summary_of(name: str) -> StatementSummary:
    return only(read(name), StatementSummary)[0]


def header_of(name: str) -> StatementHeader:
    return only(read(name), StatementHeader)[0]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("utf8_labelled_windows.txt", "utf-8"),
        ("utf8_with_bom.txt", "utf-8"),
        ("utf16_notepad.txt", "utf-8"),
        ("cp866_dos.txt", "cp866"),
        ("cp866_labelled_windows.txt", "cp866"),
        ("lf_only.txt", "cp1251"),
        ("mixed_encodings_and_line_ends.txt", "cp1251"),
        ("no_file_end.txt", "cp1251"),
        ("text_after_file_end.txt", "cp1251"),
    ],
)
def test_the_same_payment_is_read_in_every_encoding_and_line_end(name: str, encoding: str) -> None:
    header = header_of(name)
    (line,) = lines_of(name)

    assert header.encoding == encoding
    assert header.accounts == (OWN,)
    assert line.direction is Direction.IN
    assert line.amount == Money(Decimal("12200.00"), "RUB")
    assert line.booked_on == date(2026, 2, 15)
    assert (line.document_number, line.document_date) == ("245", date(2026, 2, 14))
    assert line.document_kind == "Платежное поручение"
    assert line.operation_code == "01"
    assert line.own_account == OWN
    assert (line.payer.name, line.payer.tax_id, line.payer.kpp) == ('ООО "Фиалка"', CLIENT_INN, "770001001")
    assert line.payer.account == CLIENT
    assert line.purpose == "Оплата по счету № 71 от 10.02.2026. НДС 22% 2200-00"
    assert line.organisation_tax_id == OWN_INN
    assert summary_of(name).accounts[0].check.state is CheckState.GREEN


def test_mixed_encodings_are_told_to_the_person() -> None:
    assert header_of("mixed_encodings_and_line_ends.txt").encodings == ("cp1251", "utf-8")
    assert any("смешаны кодировки" in text for text in summary_of("mixed_encodings_and_line_ends.txt").warnings_ru)


def test_sections_of_two_accounts_after_the_documents_still_decide_directions_and_balances() -> None:
    found = lines_of("two_accounts_sections_last.txt")
    summary = summary_of("two_accounts_sections_last.txt")

    assert [(line.direction.value, line.own_account) for line in found] == [("in", OWN), ("self", OWN), ("in", OWN_2)]
    assert [account.check.state for account in summary.accounts] == [CheckState.GREEN, CheckState.GREEN]


def test_a_transfer_printed_for_both_accounts_is_one_line_and_the_second_print_is_explained() -> None:
    (skipped,) = only(read("two_accounts_sections_last.txt"), SkippedDocument)

    assert skipped.line_no == 37
    assert skipped.reason_ru == "Вторая сторона перевода между своими счетами: он уже учтён, строка 25."


def test_a_transfer_with_both_dates_is_a_transfer_between_own_accounts() -> None:
    (line,) = lines_of("self_transfer.txt")

    assert line.direction is Direction.SELF
    assert OWN in line.direction_reason
    assert OWN_2 in line.direction_reason


def test_day_by_day_sections_add_up_and_the_last_day_holds_the_closing_balance() -> None:
    turnovers = only(read("sber_day_by_day.txt"), AccountTurnover)
    (account,) = summary_of("sber_day_by_day.txt").accounts

    assert [item.period.start for item in turnovers] == [date(2026, 2, 14), date(2026, 2, 15), date(2026, 2, 16)]
    assert turnovers[-1].closing == Money(Decimal("11710.00"), "RUB")
    assert account.check.state is CheckState.GREEN
    assert account.outgoing_sum == Money(Decimal("1490.00"), "RUB")


def test_a_card_purchase_is_an_outgoing_movement_and_kpp_zero_is_none() -> None:
    incoming, purchase = lines_of("sber_day_by_day.txt")

    assert (purchase.direction, purchase.operation_code) == (Direction.OUT, "17")
    assert purchase.payee.name == "ПРИМЕР БАНК, МОСКОВСКОЕ ОТДЕЛЕНИЕ"
    assert incoming.payer.kpp is None


def test_a_file_without_its_end_mark_is_read_with_a_warning() -> None:
    summary = summary_of("no_file_end.txt")

    assert not summary.truncated
    assert any("КонецФайла" in text for text in summary.warnings_ru)


def test_a_file_cut_inside_a_document_keeps_the_whole_ones_and_reports_the_cut() -> None:
    found = read("truncated_in_document.txt")
    (broken,) = only(found, BrokenDocument)
    summary = summary_of("truncated_in_document.txt")

    assert len(only(found, StatementLine)) == 1
    assert "обрывается" in broken.message_ru
    assert broken.raw.startswith("СекцияДокумент=Платежное поручение\nНомер=246")
    assert summary.truncated
    assert summary.accounts[0].check.credited_difference == Money(Decimal("-300.00"), "RUB")


def test_a_garbled_header_date_rejects_nothing_and_letters_stay_in_the_number() -> None:
    header, (line,) = header_of("broken_end_date.txt"), lines_of("broken_end_date.txt")

    assert (header.sender, header.period.end) == (None, None)
    assert header.period.start == date(2026, 2, 15)
    assert (line.document_number, line.document_kind) == ("БА8170433", "Мемориальный ордер")


def test_a_name_in_the_first_key_alone_is_enough() -> None:
    (line,) = lines_of("name_only_in_first_key.txt")

    assert (line.payer.name, line.payee.name) == ('ООО "Фиалка"', 'ООО "Наша фирма"')


def test_names_lose_the_glued_inn_account_and_address_and_give_the_inn_when_its_key_is_silent() -> None:
    *companies, person = lines_of("names_with_glued_inn.txt")

    assert {(line.payer.name, line.payer.tax_id, line.payer.kpp) for line in companies} == {
        ('ООО "Фиалка"', CLIENT_INN, "770001001")
    }
    assert (person.payer.name, person.payer.tax_id) == ("ИВАНОВ ИВАН ИВАНОВИЧ", None)


def test_masked_accounts_are_never_identity_and_dates_decide() -> None:
    outgoing, incoming = lines_of("masked_payer_account.txt")

    assert (outgoing.direction, outgoing.own_account, outgoing.payer.account) == (Direction.OUT, OWN, None)
    assert "дата списания" in outgoing.direction_reason
    assert (incoming.direction, incoming.own_account, incoming.payer.account) == (Direction.IN, OWN, None)
    assert "дата поступления" in incoming.direction_reason


def test_orders_to_the_bank_are_skipped_with_the_reason() -> None:
    found = read("orders_to_bank.txt")

    assert only(found, StatementLine) == []
    assert [item.reason_ru.partition(":")[0] for item in only(found, SkippedDocument)] == [
        "Нет ни даты списания, ни даты поступления",
        "Нет ни даты списания, ни даты поступления",
    ]
    assert any("поручения в банк" in text for text in only(found, StatementSummary)[0].warnings_ru)


def test_two_equal_payments_of_one_day_stay_two() -> None:
    first, second = lines_of("two_equal_documents.txt")

    assert first.fingerprint == second.fingerprint
    assert (first.occurrence, second.occurrence) == (1, 2)


def test_overlapping_files_share_fingerprints_of_the_common_days_only() -> None:
    early = {(line.fingerprint, line.occurrence): line for line in lines_of("period_01_15.txt")}
    late = {(line.fingerprint, line.occurrence): line for line in lines_of("period_10_20.txt")}

    assert sorted(str(early[key].document_number) for key in early.keys() & late.keys()) == ["103", "104", "104"]
    assert len(early.keys() | late.keys()) == 6


def test_equals_signs_stay_in_the_purpose() -> None:
    (line,) = lines_of("equals_in_purpose.txt")

    assert line.purpose == "Зачисление {52=100.00}{53=33798.03} по реестру 11, комиссия=12.30"


def test_six_lines_make_a_purpose_only_when_the_whole_one_is_empty() -> None:
    assert [line.purpose for line in lines_of("purpose_in_six_lines.txt")] == [
        "Оплата по счету № 71/2 от 10.02.2026 Без НДС",
        "Оплата по счету 72",
    ]


def test_a_purpose_wrapped_onto_further_lines_is_put_together() -> None:
    (line,) = lines_of("wrapped_purpose.txt")

    assert line.purpose == (
        "Оплата по договору 5/26 от 01.02.2026 и счету № 71 от 10.02.2026 в т.ч. НДС=20%, сумма НДС=2200.00"
    )


def test_amounts_with_comma_dash_and_spaces_are_the_same_money() -> None:
    amounts = {line.amount for line in lines_of("amounts_in_all_spellings.txt")}

    assert amounts == {Money(Decimal("1234.56"), "RUB")}
    assert summary_of("amounts_in_all_spellings.txt").accounts[0].check.state is CheckState.GREEN


def test_tax_payments_are_flagged_and_treasury_accounts_raise_no_doubt() -> None:
    (line,) = lines_of("tax_payment.txt")

    assert line.is_budget
    assert line.quality_warnings == ()


def test_zeros_in_the_tax_block_are_no_tax_payment() -> None:
    (line,) = lines_of("vtb_habits.txt")

    assert not line.is_budget
    assert (line.payer.name, line.payer.bank_name) == ('ООО "Наша фирма"', "ФИЛИАЛ ПРИМЕР БАНКА")
    assert line.purpose == "Аренда за февраль"


def test_blank_lines_in_the_header_and_leading_spaces_of_values_do_no_harm() -> None:
    (line,) = lines_of("gazprombank_habits.txt")

    assert line.payer.bank_name == "ПАО ПРИМЕРБАНК, г Город"
    assert line.quality_warnings == (
        f"Счёт плательщика {CLIENT} не подходит к БИК 044525000: неверный контрольный ключ.",
    )


def test_a_transit_account_gives_way_to_the_partys_own_account() -> None:
    rouble, dollar = lines_of("transit_account.txt")

    assert (rouble.direction, rouble.payer.account) == (Direction.IN, CLIENT)
    assert (dollar.direction, dollar.own_account) == (Direction.IN, "40702840000000000009")
    assert dollar.amount == Money(Decimal("150.25"), "USD")


def test_the_currency_comes_from_the_account() -> None:
    (line,) = lines_of("dollar_account.txt")

    assert line.amount == Money(Decimal("150.25"), "USD")
    assert summary_of("dollar_account.txt").accounts[0].check.state is CheckState.GREEN


def test_an_outer_wrapper_is_skipped_and_its_payments_are_read() -> None:
    found = read("outer_wrapper_section.txt")

    assert [line.document_number for line in only(found, StatementLine)] == ["245", "246"]
    assert "обёртка" in only(found, SkippedDocument)[0].reason_ru


def test_a_section_without_a_kind_is_a_payment_of_unknown_kind() -> None:
    (line,) = lines_of("section_without_kind.txt")

    assert (line.document_number, line.document_kind) == ("245", None)


def test_the_dialect_of_kazakh_banks_is_read() -> None:
    came, went = lines_of("kazakh_bank.txt")

    assert (came.direction, came.amount, came.booked_on) == (
        Direction.IN,
        Money(Decimal("7745.70"), "KZT"),
        date(2026, 2, 15),
    )
    assert (came.payer.name, came.payer.tax_id) == ("ТОО Ромашка", "260240000025")
    assert (went.direction, went.document_kind) == (Direction.OUT, "Платежное поручение")
    assert came.quality_warnings == ()


def test_broken_documents_are_named_by_line_and_key_and_the_others_go_on() -> None:
    found = read("one_broken_document.txt")
    amount, day = only(found, BrokenDocument)
    source = (FIXTURES / "one_broken_document.txt").read_bytes().decode("cp1251").splitlines()

    assert [line.document_number for line in only(found, StatementLine)] == ["245", "248"]
    assert (amount.key, amount.value, amount.message_ru) == ("Сумма", "12 тысяч", "Сумма «12 тысяч»: это не сумма.")
    assert source[amount.line_no - 1] == "Сумма=12 тысяч"
    assert (day.key, day.value) == ("ДатаПоступило", "31.02.2026")
    assert source[day.line_no - 1] == "ДатаПоступило=31.02.2026"
    assert "В карантине документов: 2" in only(found, StatementSummary)[0].accounts[0].check.message_ru


def test_text_after_the_end_mark_is_reported_with_its_line() -> None:
    assert summary_of("text_after_file_end.txt").warnings_ru == (
        "После строки «КонецФайла» есть ещё текст (со строки 35), он не прочитан.",
    )


def test_every_statement_fixture_reads_twice_alike() -> None:
    for path in sorted(FIXTURES.glob("*.txt")):
        assert items(path.read_bytes()) == items(path.read_bytes()), path.name

"""What the reader takes from a purpose besides invoice numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hub.domain.matching import Mark, read_purpose
from hub.domain.models import ReferenceKind


def documents(text: str) -> list[tuple[str, str | None, str | None]]:
    return [
        (item.kind.value, item.number, item.on.value.isoformat() if item.on and item.on.value else None)
        for item in read_purpose(text).documents
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("по договору поставки № 15/П от 01.01.2026", [("contract", "15/П", "2026-01-01")]),
        ("по дог. 5/26 за март", [("contract", "5/26", None)]),
        ("гос. контракт № 0373100000125000012", [("contract", "0373100000125000012", None)]),
        ("по контракту № 40702810900000000001", []),
        ("по УПД № 12 от 03.02.2026, ТТН 5", [("upd", "12", "2026-02-03"), ("waybill", "5", None)]),
        ("заказ 1234 от 5 марта 2026 г.", [("order", "1234", "2026-03-05")]),
        ("акт выполненных работ № 3 от 01.02.2026", [("act", "3", "2026-02-01")]),
        ("по спецификации №2 к договору № 7", [("specification", "2", None), ("contract", "7", None)]),
        ("по письму 4", [("letter", "4", None)]),
        ("сч-ф 70", [("vat_invoice", "70", None)]),
        ("счет 45 от 03.02.2026", [("invoice", "45", "2026-02-03")]),
        ("по решению № 123 от 05.02.2026", [("decision", "123", "2026-02-05")]),
        ("договор от 05.02.2026 № 8", [("contract", "8", "2026-02-05")]),
    ],
)
def test_names_documents_with_kind_number_and_date(
    text: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert documents(text) == expected


@pytest.mark.parametrize(
    "written",
    [
        "71 от 10.02.2026",
        "71 от 10.02.26г.",
        "71 от 10 февраля 2026г",
        "71 от 10 ФЕВРАЛЯ 2026 ГОДА",
        "71 от 10/02/26",
        "71 от 2026-02-10",
        "71 от 2026.02.10",
        "71 от 100226",
        "71 от 10022026",
        "71 от 10,02,26",
        "71 (10.02.2026)",
        '71 от "10" февраля 2026',
        "71от10.02.2026",
        "71 10.02.2026",
    ],
)
def test_reads_the_date_of_an_invoice_in_every_spelling(written: str) -> None:
    (number,) = read_purpose(f"Оплата по счету № {written}").numbers
    assert number.text == "71"
    assert number.on is not None
    assert number.on.value == date(2026, 2, 10)


def test_a_date_without_a_year_agrees_with_that_day_of_any_year() -> None:
    (number,) = read_purpose("сч678от30.11").numbers
    assert number.on is not None
    assert number.on.value is None
    assert number.on.agrees(date(2025, 11, 30))
    assert not number.on.agrees(date(2025, 11, 29))


def test_a_day_that_does_not_exist_says_nothing_and_is_no_number() -> None:
    reading = read_purpose("по счету 45 от 31.02.2026")
    assert reading.invoice_numbers == ("45",)
    assert reading.dates == ()


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Сумма 1 234,56", ["1234.56"]),
        ("Сумма 1234-56", ["1234.56"]),
        ("на сумму 1234=56", ["1234.56"]),
        ("1 234 руб. 56 коп.", ["1234.56"]),
        ("Сумма 12 345 678-90", ["12345678.90"]),
        ("по счету 45 1500 руб", ["1500.00"]),
        ("Сумма 1000", ["1000.00"]),
        ("по счету 45 за товар", []),
    ],
)
def test_reads_sums_in_every_spelling(text: str, amounts: list[str]) -> None:
    assert [str(amount) for amount in read_purpose(text).amounts] == amounts


@pytest.mark.parametrize(
    ("text", "rate", "amount"),
    [
        ("В т.ч. НДС 22% 901-64", "22", "901.64"),
        ("в том числе НДС 20 % - 1 234,56 руб", "20", "1234.56"),
        ("НДС (22%) 2226-27", "22", "2226.27"),
        ("НДС 22/122", "22", None),
        ("НДС 10%", "10", None),
        ("НДС 5% 100.00", "5", "100.00"),
        ("НДС 901-64", None, "901.64"),
        ("22% НДС", "22", None),
    ],
)
def test_reads_vat_apart_from_sums(text: str, rate: str | None, amount: str | None) -> None:
    reading = read_purpose(text)
    assert reading.vat is not None
    assert reading.vat.rate == (None if rate is None else Decimal(rate))
    assert reading.vat.amount == (None if amount is None else Decimal(amount))
    assert reading.amounts == ()


@pytest.mark.parametrize("text", ["НДС не облагается", "без НДС", "Без налога (НДС)", "НДС не обл.", "НДС нет"])
def test_reads_that_there_is_no_vat(text: str) -> None:
    vat = read_purpose(f"по счету 45 {text}").vat
    assert vat is not None
    assert vat.none


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('За ООО "Пион" по сч. 72', 'ООО "Пион"'),
        ("за ИП Иванов И.И. по счету 5", "ИП Иванов И.И."),
        ("оплата за Иванова И.И. по счету 5", "Иванова И.И."),
        ("за ООО Ромашка ИНН 7700000016 счет 5", "ООО Ромашка"),
        ("оплата за товар по счету 5", None),
    ],
)
def test_reads_whom_the_payer_pays_for(text: str, name: str | None) -> None:
    third = read_purpose(text).third_party
    assert (third.name if third else None) == name


def test_reads_tax_ids_and_leaves_zeros_out() -> None:
    assert read_purpose("за ООО Пион ИНН 7700000016 КПП 770001001").tax_ids == ("7700000016",)
    assert read_purpose("ИНН/КПП 7700000016/770001001").tax_ids == ("7700000016",)
    assert read_purpose("ИНН 0000000000").tax_ids == ()


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("аванс по договору 5", Mark.ADVANCE),
        ("Предоплата 30%", Mark.ADVANCE),
        ("частичная оплата по счету 5", Mark.PART),
        ("доплата по счету 5", Mark.REST),
        ("окончательный расчет", Mark.REST),
        ("Возврат ошибочно перечисленных средств", Mark.REFUND),
        ("возврат по письму", Mark.REFUND),
        ("ошибочно перечислено", Mark.MISTAKE),
        ("Возмещение по эквайрингу, реестр 11", Mark.REGISTER),
        ("Перевод собственных средств", Mark.OWN_TRANSFER),
        ("Пополнение счета", Mark.OWN_TRANSFER),
        ("Единый налоговый платеж", Mark.TAX),
        ("НДФЛ за март", Mark.TAX),
        ("По договору займа № 5", Mark.LOAN),
        ("Возврат кредита", Mark.LOAN),
        ("Заработная плата за март", Mark.SALARY),
        ("алименты", Mark.SALARY),
        ("Выплата процентов по депозиту", Mark.INTEREST),
        ("Комиссия за ведение счета", Mark.BANK_FEE),
        ("Взнос наличных", Mark.CASH),
    ],
)
def test_recognises_what_kind_of_money_it_is(text: str, mark: Mark) -> None:
    assert mark in read_purpose(text).marks


@pytest.mark.parametrize(
    "text", ["возвратная тара по счету 5", "без возврата", "Возврат долга по счету 5", "возврат задолженности"]
)
def test_words_that_only_resemble_a_refund_are_none(text: str) -> None:
    assert Mark.REFUND not in read_purpose(text).marks


def test_a_number_cut_by_the_end_of_the_field_is_dropped() -> None:
    head = "Оплата по счетам № 1201, 1202, 1203, "
    text = head + "1204, " * 28 + "12045"
    text = text[:210]
    assert len(text) == 210
    assert text[-1].isdigit()
    reading = read_purpose(text)
    assert reading.invoice_numbers == ("1201", "1202", "1203", "1204")
    assert Mark.TRUNCATED in reading.marks


def test_the_last_number_of_a_shorter_text_stays() -> None:
    assert read_purpose("Оплата по счетам 1201, 1204").invoice_numbers == ("1201", "1204")


def test_an_invoice_named_by_its_date_alone_is_noted() -> None:
    reading = read_purpose("по счёту от 03.03.2026")
    assert [day.value for day in reading.invoice_dates] == [date(2026, 3, 3)]
    assert [item.kind for item in reading.documents] == [ReferenceKind.INVOICE]


def test_a_number_with_a_date_but_no_noun_is_kept_apart() -> None:
    reading = read_purpose("Оплата № 45 от 03.02.26")
    assert reading.invoice_numbers == ()
    assert [number.text for number in reading.bare] == ["45"]


@pytest.mark.parametrize("text", ["", " ", "№", "счет", "счет №", "от", "НДС", "-/\\", "\x00", "1" * 300, "😀 счет 5"])
def test_any_text_is_read_without_failing(text: str) -> None:
    read_purpose(text)

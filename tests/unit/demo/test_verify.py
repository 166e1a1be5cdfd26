"""The comparison: silent when all is as expected, and by name when anything differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from hub.demo.expectations import (
    Effect,
    Expectations,
    ExpectedBroken,
    ExpectedFile,
    ExpectedPaper,
    ExpectedPayment,
)
from hub.demo.seen import Seen, SeenFile, SeenPaper, SeenPayment, Writes
from hub.demo.verify import verify
from hub.domain.money import Money

DAY = date(2026, 3, 10)
ACCOUNT = "40702810200000001001"
MOVE = Effect("move", "9001", "PREPARATION → EXECUTING")
PAID = Effect("paid", "1201")
PAPER = SeenPaper("k1", "БП00-005001", ("bitrix24 301",), ("bitrix24 9001",), ())


def rub(amount: str) -> Money:
    return Money.of(amount, "RUB")


def wanted(**changes: Any) -> ExpectedPayment:
    base = ExpectedPayment(
        sources=("01.txt",),
        account=ACCOUNT,
        number="245",
        booked_on=DAY,
        amount=rub("1200.00"),
        direction="in",
        case="full",
        decision="auto",
        pile="matched",
        allocations={"1201": rub("1200.00")},
        candidates=(),
        effects=(MOVE, PAID),
    )
    return replace(base, **changes)


def found(**changes: Any) -> SeenPayment:
    base = SeenPayment(
        sources=("01.txt",),
        account=ACCOUNT,
        number="245",
        booked_on=DAY,
        amount=rub("1200.00"),
        direction="in",
        decision="auto",
        pile="matched",
        reason="Номер и сумма сошлись.",
        allocations={"1201": rub("1200.00")},
    )
    return replace(base, **changes)


def expectations(*payments: ExpectedPayment) -> Expectations:
    return Expectations(
        act_from=DAY,
        own_accounts=(ACCOUNT,),
        own_tax_ids=(),
        owners={},
        read_from=DAY,
        files=(ExpectedFile("01.txt", len(payments), 0, 1, 0),),
        broken=(ExpectedBroken("01.txt", 17, "Сумма"),),
        payments=payments,
        invoices={"301": "1201"},
        papers=(ExpectedPaper("k1", "БП00-005001", "o1", ("bitrix24 301",), ("bitrix24 9001",), ()),),
        paid_stage="DT31_3:P",
    )


def seen(*payments: SeenPayment, effects: tuple[Effect, ...] = (MOVE, PAID), strange: tuple[str, ...] = ()) -> Seen:
    file = SeenFile("01.txt", len(payments), 0, 0, ((17, "Сумма"),))
    return Seen(payments, (file,), (PAPER,), Writes(effects, strange))


def texts(expected: Expectations, got: Seen) -> list[str]:
    return [str(item).replace("\u00a0", " ") for item in verify(expected, got)]


def test_all_as_expected_has_no_differences() -> None:
    assert verify(expectations(wanted()), seen(found())) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"invoices": ()}, "счета той же продажи: ожидалось bitrix24 301, получилось нет"),
        ({"deals": ("amocrm 9001",)}, "сделки: ожидалось bitrix24 9001, получилось amocrm 9001"),
        ({"asked": ("bitrix24 302",)}, "вопросы человеку: ожидалось нет, получилось bitrix24 302"),
        ({"number": "5001"}, "номер: ожидалось БП00-005001, получилось 5001"),
    ],
)
def test_a_sale_that_was_found_otherwise_is_named(changes: dict[str, Any], told: str) -> None:
    got = replace(seen(found()), papers=(replace(PAPER, **changes),))
    assert texts(expectations(wanted()), got) == [f"1С, счёт № БП00-005001, {told}"]


def test_a_document_of_1c_that_was_not_read_and_one_that_asks_for_nothing_are_named() -> None:
    got = replace(seen(found()), papers=(replace(PAPER, key="k2", number="БП00-005002"),))
    assert texts(expectations(wanted()), got) == [
        "1С, счёт № БП00-005001: ожидалось счёт прочитан, получилось счёта нет",
        "1С, счёт № БП00-005002: ожидалось такого счёта нет, получилось счёт в базе",
    ]


def test_a_changed_sum_names_the_payment_with_file_number_date_and_both_sums() -> None:
    (text,) = texts(expectations(wanted()), seen(found(amount=rub("1300.00"))))
    assert text == (
        "01.txt, п/п № 245 от 10.03.2026 на 1 200,00 ₽: ожидалось сумма 1 200,00 ₽, получилось сумма 1 300,00 ₽"
    )


def test_a_missing_payment_is_named() -> None:
    payments = expectations(wanted(), wanted(number="246", effects=()))
    got = replace(seen(found()), files=(SeenFile("01.txt", 2, 0, 0, ((17, "Сумма"),)),))
    (text,) = texts(payments, got)
    assert "п/п № 246" in text
    assert text.endswith("получилось платежа нет")


def test_a_payment_that_nobody_expects_is_named() -> None:
    got = replace(seen(found(), found(number="999")), files=(SeenFile("01.txt", 1, 0, 0, ((17, "Сумма"),)),))
    (text,) = texts(expectations(wanted()), got)
    assert "п/п № 999" in text
    assert "такого платежа нет" in text


def test_one_of_two_equal_payments_missing_is_seen() -> None:
    pair = expectations(wanted(), wanted(effects=()))
    got = replace(seen(found()), files=(SeenFile("01.txt", 2, 0, 0, ((17, "Сумма"),)),))
    assert len(verify(pair, got)) == 1
    assert verify(pair, seen(found(), found())) == []


def test_another_decision_is_told_with_the_hubs_reason() -> None:
    other = found(decision="suggest", pile="needs_you", reason="Два одинаковых счёта.", allocations={})
    lines = texts(expectations(wanted()), seen(other))
    assert any(
        "решение: ожидалось автоматически, получилось предложить человеку («Два одинаковых счёта.»)" in line
        for line in lines
    )


def test_a_source_that_is_missing_is_a_difference_whatever_their_order() -> None:
    both = wanted(sources=("01.txt", "Точка, счёт …1005, 10.03.2026"))
    assert verify(expectations(both), seen(found(sources=both.sources[::-1]))) == []
    (text,) = texts(expectations(both), seen(found()))
    assert "источники: ожидалось 01.txt, Точка, счёт …1005, 10.03.2026, получилось 01.txt" in text


def test_the_same_write_in_the_other_crm_is_no_substitute() -> None:
    elsewhere = replace(MOVE, crm="amocrm")
    lines = texts(expectations(wanted()), seen(found(), effects=(elsewhere, PAID)))
    assert len(lines) == 2
    assert lines[0].startswith("Битрикс24, сделка 9001: переход")
    assert lines[1].startswith("amoCRM, сделка 9001: переход")


def test_deals_of_two_crms_with_one_number_have_chains_of_their_own() -> None:
    onward = Effect("move", "9001", "61001 → 61003", "amocrm")
    both = wanted(effects=(MOVE, PAID, onward))
    assert verify(expectations(both), seen(found(), effects=(MOVE, PAID, onward))) == []


def test_money_given_to_another_invoice_is_a_difference() -> None:
    lines = texts(expectations(wanted()), seen(found(allocations={"1202": rub("1200.00")})))
    assert "счёт № 1201 — 1 200,00 ₽" in lines[0]
    assert "счёт № 1202 — 1 200,00 ₽" in lines[0]


@pytest.mark.parametrize(
    ("candidates", "count"),
    [((("1201",), ("1202",)), 0), ((("1203",), ("1201",), ("1202",)), 1), ((("1201",),), 1), ((), 2)],
)
def test_a_suggestion_offers_every_right_invoice_and_one_of_them_first(
    candidates: tuple[tuple[str, ...], ...], count: int
) -> None:
    doubt = wanted(
        decision="suggest", pile="needs_you", allocations={}, candidates=("1201", "1202"), effects=(), case="tie"
    )
    got = found(decision="suggest", pile="needs_you", allocations={}, candidates=candidates)
    assert len(verify(expectations(doubt), seen(got, effects=()))) == count


def test_a_deal_that_did_not_move_names_its_payment() -> None:
    (text,) = texts(expectations(wanted()), seen(found(), effects=(PAID,)))
    assert "сделка 9001: переход PREPARATION → EXECUTING" in text
    assert "п/п № 245" in text
    assert text.endswith("ожидалось 1 раз, получилось 0 раз")


def test_a_second_move_is_a_difference() -> None:
    lines = texts(expectations(wanted()), seen(found(), effects=(MOVE, PAID, MOVE)))
    assert any("получилось 2 раза" in line for line in lines)
    assert any("переход со стадии EXECUTING" in line for line in lines)


def test_a_comment_that_nobody_expects_is_a_difference() -> None:
    lines = texts(expectations(wanted()), seen(found(), effects=(MOVE, PAID, Effect("comment", "9001", "245"))))
    assert lines == ["Битрикс24, сделка 9001: комментарий о п/п № 245: ожидалось ничего, получилось 1 раз"]


def test_a_strange_write_is_a_difference() -> None:
    lines = texts(expectations(wanted()), seen(found(), strange=("лишняя запись crm.item.add",)))
    assert lines == ["Журналы записей: ожидалось ничего лишнего, получилось лишняя запись crm.item.add"]


def test_a_quarantined_document_must_be_named_by_line_and_key() -> None:
    got = replace(seen(found()), files=(SeenFile("01.txt", 1, 0, 0, ((18, "Сумма"),)),))
    assert texts(expectations(wanted()), got) == [
        "01.txt, строка 17: ожидалось ключ «Сумма» в карантине, получилось его там нет"
    ]


def test_a_missing_file_and_a_foreign_file_are_named() -> None:
    got = replace(seen(found()), files=(SeenFile("чужой.txt", 1, 0, 0),))
    lines = texts(expectations(wanted()), got)
    assert "01.txt: ожидалось файл принят, получилось файла нет" in lines
    assert "чужой.txt: ожидалось такого файла нет, получилось файл принят" in lines

"""A sum of a list is the one that is written or none: no digit of a text is left out, none is read twice."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from connectors.invoice_files.states import state_of
from connectors.invoice_files.sums import amount_of
from hub.domain.models import InvoiceStatus
from hub.domain.money import Money

_MINOR = st.integers(1, 10**13)
_GAPS = st.sampled_from(["", " ", "\u00a0", "\u202f", "\u2009", "'", "’"])
_BESIDE = st.sampled_from(["", " руб.", "р.", " ₽", " RUB", " рублей"])
_JUNK = st.sampled_from(
    [" тыс.", " млн", " (НДС 20%)", " = 500 + 500", " 50 коп.", "E+05", " шт", "%", " без НДС", "*"]
)


def _written(minor: int, gap: str, mark: str) -> str:
    return f"{minor // 100:,}".replace(",", gap) + f"{mark}{minor % 100:02d}"


@settings(max_examples=200, deadline=None)
@given(_MINOR, _GAPS, st.sampled_from([",", ".", "-"]), _BESIDE)
def test_every_writing_of_a_sum_is_that_sum(minor: int, gap: str, mark: str, beside: str) -> None:
    assert amount_of(_written(minor, gap, mark) + beside, "") == Money.from_minor(minor, "RUB")


@settings(max_examples=100, deadline=None)
@given(_MINOR, _GAPS)
def test_roubles_and_kopecks_apart_are_that_sum(minor: int, gap: str) -> None:
    roubles = f"{minor // 100:,}".replace(",", gap)
    assert amount_of(f"{roubles} руб. {minor % 100} коп.", "") == Money.from_minor(minor, "RUB")


@settings(max_examples=200, deadline=None)
@given(_MINOR, _GAPS, _BESIDE, _JUNK)
def test_whatever_else_stands_beside_makes_it_no_sum(minor: int, gap: str, beside: str, junk: str) -> None:
    text = _written(minor, gap, ",") + beside + junk
    with pytest.raises(ValueError, match="не читается"):
        amount_of(text, "")


@settings(max_examples=500, deadline=None)
@given(st.text("0125 .,-=+'рубкоп$€ETM()%\u00a0", max_size=16))
@example("1 2 3")
@example("1.000.50")
@example("1000-")
def test_no_digit_is_left_out(text: str) -> None:
    try:
        found = amount_of(text, "")
    except ValueError:
        return
    assume("коп" not in text and "к" not in text)  # one digit of kopecks there is the second after the point
    *whole, minor = re.split(r"[.,=-](?=\d*\D*$)", text) if re.search(r"[.,=-]\d{0,2}\D*$", text) else (text, "")
    digits = "".join(re.findall(r"\d", "".join(whole)))
    kopecks = "".join(re.findall(r"\d", minor))
    assume(len(kopecks) <= 2)
    assert found.amount == Decimal(f"{digits or 0}.{kopecks or 0}")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["Оплачен", "Оплачено", "Paid", "Да"]), st.sampled_from(["не ", "Ожидает ", "Пред", "un", "Пере"])
)
def test_a_word_for_paid_with_another_before_it_is_not_paid(word: str, before: str) -> None:
    assert state_of(before + word) is not InvoiceStatus.PAID
    assert state_of(f"{word} не") is not InvoiceStatus.PAID
    assert state_of(f"{word} частично") is not InvoiceStatus.PAID

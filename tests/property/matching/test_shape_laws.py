"""Laws of learned shapes: no order matters, more teaching takes nothing back, and a machine decides no more by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import InMemoryBook, decide_all
from hub.domain.matching.numbers import folded, spelling
from hub.domain.matching.shape_counts import ShapeCounts
from hub.domain.matching.shapes import NumberShapes, learn, mask_of, shape_of
from hub.domain.models import Client, Invoice, Payment, TaxId, TaxIdKind
from tests.property.matching.test_laws import CONTEXT, FIRST_DAY, OURS, autos, invoices, payments, rub

WRITTEN = (
    "ТД00-{n:06d}",
    "ЦБУТ-{n:06d}",
    "{n}",
    "{n:05d}",
    "{n}/{y}",
    "СЧ-{n}/20{y}",
    "20{y}-{n:04d}",
    "А-{n}",
    "{n}-К/{y}",
)
ODD = st.text("0123456789-/ АБIl", max_size=12)
STRAY = ("ЦБ-99", "12345678", "17-К-3", "99", "12", "УТ-12", "1", "123", "77/26")
PURPOSES = (
    "Оплата {stray}",
    "Оплата № {stray} от 10.01.2026",
    "опл. {stray}",
    "Оплата по счету № {quote} за товар (№ {stray} от 09.01.2026)",
    "По счетам № {quote}, 12 за товар (№ {stray} от 09.01.2026)",
)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    style = draw(st.sampled_from(WRITTEN))
    return style.format(n=draw(st.integers(1, 99999)), y=draw(st.integers(24, 27)))


@st.composite
def issued(draw: st.DrawFn) -> Invoice:
    year = draw(st.sampled_from((None, 2000, 2025, 2026, 2099)))
    return Invoice(
        id="i",
        number=draw(st.one_of(numbers(), ODD, st.none())),
        issued_on=None if year is None else date(year, 2, 3),
        amount=rub(100),
        paid=rub(0),
        organisation_tax_id=draw(st.sampled_from((*OURS, None, "0000000000"))),
    )


@st.composite
def stray_payments(draw: st.DrawFn) -> list[Payment]:
    pays = draw(payments())
    quotes = st.sampled_from(("1", "12", "123", "УТ-12", "12/1"))
    return [
        replace(
            item, purpose=draw(st.sampled_from(PURPOSES)).format(stray=draw(st.sampled_from(STRAY)), quote=draw(quotes))
        )
        for item in pays
    ]


def run(pays: Sequence[Payment], known: Sequence[Invoice], shapes: NumberShapes) -> dict[str, Decision]:
    decisions = decide_all(pays, InMemoryBook(known), replace(CONTEXT, shapes=shapes))
    return {decision.payment_id: decision for decision in decisions}


@settings(max_examples=300, deadline=None)
@given(st.one_of(numbers(), ODD), st.sampled_from((0, 2000, 2024, 2026, 2099)))
def test_a_mask_is_a_number_of_its_own_shape(number: str, year: int) -> None:
    mask = mask_of(number, year)
    if mask is not None:
        assert mask_of(mask, year) == mask
        assert len(mask) == len(number)


@settings(max_examples=300, deadline=None)
@given(st.lists(issued(), max_size=12))
def test_counting_in_passing_finds_what_reading_each_finds(found: list[Invoice]) -> None:
    counts = ShapeCounts()
    for item in found:
        if item.number is not None:
            counts.note(item.number, item.organisation_tax_id, item.issued_on.year if item.issued_on else 0)
    assert counts.counted().counts == Counter(shape for item in found if (shape := shape_of(item)) is not None)


@settings(max_examples=200, deadline=None)
@given(st.lists(issued(), min_size=1, max_size=12))
def test_every_number_fits_what_it_taught_in_all_its_spellings(found: list[Invoice]) -> None:
    shapes = learn(found)
    for item in found:
        known = spelling(item.number) if item.number else None
        if known is not None:
            for text in (item.number or "", known.folded, *known.short):
                if text != item.number and folded(text) != text:
                    continue  # «1I0» is read as 110 where it is quoted
                assert shapes.fits(text, item.organisation_tax_id), (item.number, text)


@settings(max_examples=200, deadline=None)
@given(st.lists(issued(), max_size=10), st.lists(issued(), max_size=4), numbers(), st.randoms(use_true_random=False))
def test_learning_more_takes_no_fit_back_and_no_order_matters(
    first: list[Invoice], more: list[Invoice], number: str, random: Random
) -> None:
    every = [*first, *more]
    shuffled = random.sample(every, len(every))
    before, after, again = learn(first), learn(every), learn(shuffled)
    for own in (*OURS, None):
        assert after.fits(number, own) == again.fits(number, own)
        taught = any(shape_of(item) for item in first if own is None or item.organisation_tax_id in {own, None})
        assert after.fits(number, own) or not (taught and before.fits(number, own))
    assert [after.leaves_year_open(item, in_full=False) for item in every] == [
        again.leaves_year_open(item, in_full=False) for item in every
    ]
    assert all(
        after.leaves_year_open(item, in_full=False) for item in first if before.leaves_year_open(item, in_full=False)
    )


@settings(max_examples=150, deadline=None)
@given(stray_payments(), invoices())
def test_shapes_leave_a_number_out_only_where_a_named_invoice_has_the_very_sum(
    pays: list[Payment], known: list[Invoice]
) -> None:
    without, by_shapes = run(pays[:1], known, NumberShapes()), run(pays[:1], known, learn(known))
    for payment_id, decision in by_shapes.items():
        if decision.kind is DecisionKind.AUTO and without[payment_id].kind is not DecisionKind.AUTO:
            assert "счет" in pays[0].purpose
            words = {item.aspect.value: item.verdict for item in decision.candidates[0].evidence}
            assert words["amount"] in {"equal", "rest", "sum_of_named", "as_written"}
            assert words["number"] in {
                "agrees",
                "agrees_short",
                "agrees_few_digits",
                "agrees_for_several",
                "agrees_loosely",
            }
    kept = autos(without).items()
    assert all(autos(by_shapes).get(payment_id) == given_out for payment_id, given_out in kept)


@settings(max_examples=150, deadline=None)
@given(stray_payments(), invoices(), st.sampled_from(("777777", "ЦБ-1", "12345678", "17-К-3")))
def test_an_unrelated_invoice_of_any_shape_never_brings_an_automatic_decision(
    pays: list[Payment], known: list[Invoice], number: str
) -> None:
    stranger = Client("", ("ООО Тюльпан",), (TaxId(TaxIdKind.RU_INN, "7700000098"),))
    unrelated = Invoice("unrelated", number, FIRST_DAY, rub(777), rub(0), client=stranger)
    before = autos(run(pays[:1], known, learn(known)))
    after = autos(run(pays[:1], [*known, unrelated], learn([*known, unrelated])))
    assert all(before.get(payment_id) == given_out for payment_id, given_out in after.items())


@settings(max_examples=100, deadline=None)
@given(stray_payments(), invoices())
def test_a_perfect_twin_makes_it_a_question_by_any_shapes(pays: list[Payment], known: list[Invoice]) -> None:
    twins = [replace(invoice, id=f"{invoice.id}-twin") for invoice in known]
    assert autos(run(pays[:1], [*known, *twins], learn(known))) == {}

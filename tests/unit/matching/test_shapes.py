"""Shapes of our own numbers: what is learned, what fits, and what that changes in a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from hub.domain.decision import Aspect, Decision, DecisionKind, Evidence
from hub.domain.matching import InMemoryBook, decide_all
from hub.domain.matching.said import Language
from hub.domain.matching.shape_counts import ShapeCounts, learned_series
from hub.domain.matching.shapes import LONGEST, MOST_MASKS, NumberShapes, Shape, learn, mask_of, shape_of
from hub.domain.matching.table import checked_table
from hub.domain.models import Invoice, InvoiceStatus, Payment
from tests.unit.matching.cases import CONTEXT, OUR_OTHER_COMPANY, OURS, PION, ROZA, first_candidate, given, inv, pay
from tests.unit.matching.own_tables import with_outcome

AUTO, SUGGEST = DecisionKind.AUTO, DecisionKind.SUGGEST


def decide(payment: Payment, *invoices: Invoice, language: Language = Language.RU) -> Decision:
    """As `sverka match` decides: by what the invoices themselves taught."""
    context = replace(CONTEXT, shapes=learn(invoices), language=language)
    return decide_all([payment], InMemoryBook(invoices), context)[0]


def said(decision: Decision) -> list[Evidence]:
    """What the first candidate says of the numbering."""
    return [item for item in decision.candidates[0].evidence if item.aspect is Aspect.NUMBERING]


def shapes(numbers: Iterable[str], year: int = 2026, org: str = OURS) -> NumberShapes:
    return learn(inv(number, 1, on=f"{year}-02-03", org=org) for number in numbers)


@pytest.mark.parametrize(
    ("number", "mask"),
    [
        ("45", "99"),
        ("105", "999"),
        ("000045", "000099"),
        ("ТД00-000123", "ТД00-000999"),
        ("TД00-000123", "ТД00-000999"),
        ("уt-26", "УТ-99"),
        ("ТДОО-ООО123", "ТД00-000999"),
        ("1l0", "999"),
        ("45/2О26", "99/9999"),
        ("45/26", "99/26"),
        ("45-26", "99-26"),
        ("45/25", "99/99"),
        ("45/126", "99/999"),
        ("СЧ-45/2026", "СЧ-99/2026"),
        ("2026-0145", "2026-0999"),
        ("2026", "9999"),
        ("УТ-26", "УТ-99"),
        ("ТД00-002026", "ТД00-009999"),
        ("2026/26", "9999/26"),
        ("INV/2026/02/0007", "ІNV/2026/09/0009"),
    ],
)
def test_a_mask_keeps_all_but_the_values_of_the_digits(number: str, mask: str) -> None:
    assert mask_of(number, 2026) == mask


@pytest.mark.parametrize("number", ["", "б/н", "без номера", "4" * (LONGEST + 1)])
def test_what_is_no_number_or_too_long_for_one_teaches_nothing(number: str) -> None:
    assert mask_of(number, 2026) is None


def test_without_a_date_of_issue_no_digits_are_a_year() -> None:
    assert shape_of(inv("45/26", 1, on=None, org="000")) == Shape("", 0, "99/99")
    assert shape_of(inv(None, 1)) is None


ONE_C = [f"ТД00-{number:06d}" for number in (3, 45, 899, 1200)]
THROUGH = ["30100", "30145", "30999"]


@pytest.mark.parametrize(
    ("numbers", "fitting", "strange"),
    [
        (ONE_C, "45 045 000045 ТД-45 тд45 TД-45 ТД00-000045 999999 45/26", "УТ-45 ЦБ-45 8812345 17-К-3 2026-17-3"),
        (THROUGH, "30100 30101 123456 3010 030145", "45 145 1234567 ЦБ-30100 30100-17"),
        (["7/26", "12/26", "120/26"], "7/26 45/26 1200/26 45 45/2026", "ЦБ-45 45-К-7 1234567"),
        (["СЧ-7/2026", "СЧ-120/2026"], "СЧ-45/2026 сч45/2026 45/2026 45 СЧ-45", "УТ-45 12345678"),
        (["2026-0007", "2026-0120"], "2026-0045 2026/45 45", "Ц-2026 20260045"),
        (["А-7", "А-120"], "А-45 A45 45", "Ц-4 123456"),
    ],
)
def test_a_number_fits_in_full_or_as_it_is_shortened(numbers: list[str], fitting: str, strange: str) -> None:
    learned = shapes(numbers)
    assert [number for number in fitting.split() if not learned.fits(number, OURS)] == []
    assert [number for number in strange.split() if learned.fits(number, OURS)] == []


def test_small_numbers_fit_where_the_series_begins_anew_every_year() -> None:
    last, this = inv("1450", 1, on="2025-12-30"), inv("350", 1, on="2026-03-01")
    assert not learn([last]).fits("45", OURS)
    assert learn([last, this]).fits("5", OURS)
    assert learn([last, this]).leaves_year_open(this, in_full=True)
    assert not learn([last, inv("1451", 1)]).leaves_year_open(this, in_full=True)
    assert not learn([last, replace(this, issued_on=None)]).leaves_year_open(this, in_full=True)


def test_each_legal_entity_has_shapes_of_its_own() -> None:
    learned = learn([inv("ТД00-000045", 1), inv("45/К", 1, org=OUR_OTHER_COMPANY)])
    assert (learned.fits("46/К", OURS), learned.fits("46/К", OUR_OTHER_COMPANY)) == (True, True)  # «46» is ours
    assert (learned.fits("ТД-46", OURS), learned.fits("ТД-46", OUR_OTHER_COMPANY)) == (True, False)
    assert learned.fits("ТД-46", None)
    assert not learned.fits("ЦБ-46", None)


def test_invoices_that_name_no_entity_teach_for_every_one() -> None:
    learned = learn([inv("ТД00-000045", 1), inv("ЦБ-45", 1, org=None)])
    assert learned.fits("ЦБ-46", OURS)
    assert learned.fits("ЦБ-46", OUR_OTHER_COMPANY)
    assert not learned.fits("ТД-46", OUR_OTHER_COMPANY)


def test_where_nothing_was_learned_or_numbers_have_no_shape_everything_fits() -> None:
    assert NumberShapes().fits("ЦБ-45", OURS)
    assert learn([inv("45", 1)]).fits("ЦБ-45", OUR_OTHER_COMPANY)
    letters = "абвгдежзиклмнпрстуфх"
    by_hand = [f"{one}{two}-7" for one in letters for two in letters + "ц"]
    assert len(by_hand) > MOST_MASKS
    assert shapes(by_hand).fits("17-К-3", OURS)
    assert not shapes(by_hand[:300]).fits("17-К-3", OURS)


@pytest.mark.parametrize("purpose", ["опл. ЦБ-99", "УТ-99 ОТ 03.02.26", "Оплата № 12345678 от 05.02.2026"])
def test_a_stray_number_is_taken_for_no_invoice_and_a_person_is_told_so(purpose: str) -> None:
    decision = decide(pay(purpose, 1200), inv("ТД00-000045", 1200, id="a"))
    assert (decision.kind, decision.code, given(decision)) == (SUGGEST, "other_shape", {"a": "1200.00"})
    assert "на номера ваших счетов не похоже" in decision.reason
    (number,) = [item for item in decision.candidates[0].evidence if item.aspect is Aspect.NUMBER]
    assert "за номер счёта не принят: у ваших счетов таких номеров не бывает" in number.text


@pytest.mark.parametrize("purpose", ["опл 99", "опл. ТД-99", "№ 000099 от 03.02.26", "99 от 03.02.2026"])
def test_a_number_of_our_shape_names_something_unknown_as_before(purpose: str) -> None:
    decision = decide(pay(purpose, 1200), inv("ТД00-000045", 1200, id="a"))
    assert (decision.kind, decision.code) == (SUGGEST, "unknown_number")


@pytest.mark.parametrize("purpose", ["по счету ЦБ-99", "сч. № УТ-99 от 03.02.2026", "счет 12345678"])
def test_a_number_with_its_noun_is_an_invoice_whatever_its_shape(purpose: str) -> None:
    decision = decide(pay(purpose, 1200), inv("ТД00-000045", 1200, id="a"))
    assert (decision.kind, decision.code) == (SUGGEST, "unknown_number")


def test_a_company_may_let_the_machine_pass_over_a_stray_number() -> None:
    own = checked_table(with_outcome("other_shape", "auto").replace('client = "fits"', 'client = "own"'))
    invoice = inv("ТД00-000045", 1200, id="a")
    context = replace(CONTEXT, shapes=learn([invoice]), table=own)
    decision = decide_all([pay("опл. ЦБ-99", 1200)], InMemoryBook([invoice]), context)[0]
    assert (decision.kind, given(decision)) == (AUTO, {"a": "1200.00"})


BESIDE = "Оплата по счету № 45 от 03.02.2026 за доски (№ ЦБ-17 от 01.02.2026)"


def test_beside_a_named_invoice_of_the_very_sum_a_stray_number_is_left_out_of_account() -> None:
    decision = decide(pay(BESIDE, 1200), inv("ТД00-000045", 1200, id="a"))
    assert (decision.kind, decision.code) == (AUTO, "number_sum_client")
    assert [item.text for item in said(decision)] == [
        "«ЦБ-17» за номер счёта не принят: у ваших счетов таких номеров не бывает"
    ]
    english = decide(pay(BESIDE, 1200), inv("ТД00-000045", 1200, id="a"), language=Language.EN)
    assert said(english)[0].text.startswith("“ЦБ-17” is not taken for an invoice number")


@pytest.mark.parametrize("amount", [700, 1500])
def test_where_the_sum_is_another_a_stray_number_may_explain_it(amount: int) -> None:
    decision = decide(pay(BESIDE, amount), inv("ТД00-000045", 1200, id="a"))
    assert (decision.kind, decision.code, said(decision)) == (SUGGEST, "one_of_named", [])


def test_a_number_of_our_shape_beside_a_named_one_is_another_invoice_as_before() -> None:
    decision = decide(pay(BESIDE.replace("ЦБ-17", "17"), 1200), inv("ТД00-000045", 1200, id="a"))
    assert (decision.kind, decision.code) == (SUGGEST, "one_of_named")


def test_a_whole_set_of_the_very_sum_outweighs_a_stray_number() -> None:
    purpose = "По счетам № 45, 46 за доски (№ ЦБ-17 от 01.02.2026)"
    both = (inv("ТД00-000045", 1200, id="a"), inv("ТД00-000046", 500, id="b"))
    assert given(decide(pay(purpose, 1700), *both)) == {"a": "1200.00", "b": "500.00"}
    assert decide(pay(purpose, 1700), *both).kind is AUTO
    assert decide(pay(purpose, 1600), *both).kind is SUGGEST


def test_a_number_that_leads_to_an_invoice_is_never_stray() -> None:
    ours, theirs = inv("ТД00-000045", 1200, id="a"), inv("ЦБ-99", 1200, ROZA, org=OUR_OTHER_COMPANY, id="b")
    decision = decide(pay("опл. ЦБ-99", 1200), ours, theirs)
    assert (decision.kind, decision.code) == (SUGGEST, "other_clients_number")


LAST, THIS = inv("45", 1200, on="2025-02-04", id="last"), inv("45", 1200, on="2026-02-03", id="this")
OF_BOTH_YEARS = (inv("900", 70, ROZA, on="2025-12-30"), inv("60", 80, ROZA, on="2026-02-20"))


def test_of_the_same_number_in_two_years_neither_is_chosen_while_both_are_open() -> None:
    decision = decide(pay("Оплата по счету 45", 1200), LAST, THIS, *OF_BOTH_YEARS)
    assert (decision.kind, decision.code, given(decision)) == (SUGGEST, "tie", {})
    dated = decide(pay("Оплата по счету 45 от 03.02.2026", 1200), LAST, THIS, *OF_BOTH_YEARS)
    assert (dated.kind, given(dated)) == (AUTO, {"this": "1200.00"})
    assert said(dated) == []


def test_the_sum_and_not_the_year_chooses_between_two_years() -> None:
    for open_now, other in ((LAST, THIS), (THIS, LAST)):
        dearer = replace(other, amount=inv("45", 1900).amount)
        decision = decide(pay("Оплата по счету 45", 1200), open_now, dearer, *OF_BOTH_YEARS)
        assert given(decision) == {open_now.id: "1200.00"}


@pytest.mark.parametrize("before", [(), (replace(LAST, status=InvoiceStatus.PAID, paid=LAST.amount),)])
def test_where_only_this_years_is_open_it_is_said_that_numbers_begin_anew(before: tuple[Invoice, ...]) -> None:
    decision = decide(pay("Оплата по счету 45", 1200), THIS, *before, *OF_BOTH_YEARS)
    assert (decision.kind, first_candidate(decision)) == (AUTO, ("this",))
    (item,) = said(decision)
    assert (item.verdict, item.stand) == ("restarts_yearly", "warning")
    assert item.text.startswith("номера в этой серии каждый год начинаются заново")


@pytest.mark.parametrize("purpose", ["Оплата по счету 45 от 03.02.2026", "за доски"])
def test_with_its_date_or_without_a_number_nothing_is_said_of_years(purpose: str) -> None:
    assert said(decide(pay(purpose, 1200), THIS, *OF_BOTH_YEARS)) == []


def test_a_number_that_tells_its_year_leaves_no_year_open() -> None:
    yearly = (inv("900/25", 70, ROZA, on="2025-12-30"), inv("60/26", 80, ROZA), inv("45/26", 1200, id="a"))
    assert said(decide(pay("Оплата по счету 45/26", 1200), *yearly)) == []
    assert [item.verdict for item in said(decide(pay("Оплата по счету 45", 1200), *yearly))] == ["restarts_yearly"]


def counted(*invoices: Invoice) -> ShapeCounts:
    counts = ShapeCounts()
    for item in invoices:
        assert item.number is not None
        counts.note(item.number, item.organisation_tax_id, item.issued_on.year if item.issued_on else 0)
    return counts


def test_series_are_told_as_an_accountant_sees_them() -> None:
    found = learned_series(
        counted(
            *(inv(f"ТД00-{number:06d}", 1, on="2025-05-05") for number in range(1, 101)),
            *(inv(f"ТД00-{number:06d}", 1) for number in range(1, 9)),
            *(inv(f"{number}/26", 1) for number in range(95, 102)),
            inv("б/н", 1),
            inv("7", 1, on=None, org=None),
        ).counted()
    )
    assert [(item.organisation, item.picture, item.digits, item.padded, item.invoices) for item in found] == [
        ("", "9", (1, 1), False, 1),
        (OURS, "ТД00-9", (6, 6), True, 108),
        (OURS, "9/YY", (2, 3), False, 7),
    ]
    assert [(item.years, item.restarts) for item in found] == [((), False), ((2025, 2026), True), ((2026,), False)]
    assert found[1].example == "ТД00-000010"


def test_dates_far_away_are_counted_too() -> None:
    invoices = [replace(inv("45/99", 1), issued_on=date(year, 1, 1)) for year in (1999, 2099, 9999)]
    assert counted(*invoices).counted().shapes() == frozenset(shape_of(item) for item in invoices)


def test_the_payer_of_a_twin_is_still_asked() -> None:
    twins = (inv("ТД00-000045", 1200, PION, id="a"), inv("ТД00-000046", 1200, PION, id="b"))
    decision = decide(pay("опл. ЦБ-99", 1200), *twins)
    assert (decision.kind, decision.code, given(decision)) == (SUGGEST, "other_shape", {})

"""Traps met in generated worlds: wordings that once led to a wrong automatic decision, or hid a decisive one."""

from __future__ import annotations

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.matching import InMemoryBook, decide_day
from hub.domain.models import InvoiceStatus
from tests.unit.matching.cases import CONTEXT, PION, client, decide, first_candidate, given, inv, pay

AUTO, SUGGEST = DecisionKind.AUTO, DecisionKind.SUGGEST


@pytest.mark.parametrize(
    "purpose",
    [
        "опл 99",
        "опл. ЦБ-99",
        "99 от 03.02.2026",
        "УТ-99 ОТ 03.02.26",
        "№99",
        "опл 99В т.ч. НДС 22%",
        "Оплата 99 Сумма 1200-00",
        "по счету NСЧ 99/2026",
        "счет номер СЧ 99/2026",
        "оплата по счету no а-0099",
    ],
)
def test_an_unknown_number_without_noun_or_sign_still_stops_the_machine(purpose: str) -> None:
    decision = decide(pay(purpose, "1200"), inv("45", "1200"))
    assert decision.kind is SUGGEST
    assert first_candidate(decision) == ("i45",)


@pytest.mark.parametrize(
    "purpose",
    [
        "Обеспечение заявки на участие в аукционе № 45",
        "Субсидия по соглашению № 45",
        "Страховое возмещение по договору 45",
        "Уставный взнос учредителя",
        "Финансовая помощь учредителя",
        "Неустойка по претензии № 45",
        "Bозвpaт нaлoгa нa прибыль по решeнию № 45",
    ],
)
def test_money_that_is_no_payment_for_goods_needs_a_person(purpose: str) -> None:
    assert decide(pay(purpose, "1200"), inv("45", "1200")).kind is not AUTO


@pytest.mark.parametrize(
    "purpose",
    [
        "Оплата от имени ООО «Роза» за доски",
        "по поручению ООО «Роза» за товар",
        "Оплата за контрагента Роза",
        "в счет взаиморасчетов с ООО «Роза»",
        "за Роза ООО",
        "за роза ооо",
        "за Роза Торг ООО",
        "в счет расчетов с ООО Роза",
        "за контрагента Пиончик",
        "за РОЗА-ТОРГ ООО",
        "погашение задолженности ООО «Роза»",
        "за третье лицо ООО Роза",
        "за Иванова Петра Сергеевича",
    ],
)
def test_money_of_somebody_else_is_never_taken_for_the_payers_own_invoice(purpose: str) -> None:
    assert decide(pay(purpose, "1200"), inv("45", "1200")).kind is SUGGEST


@pytest.mark.parametrize(
    "purpose", ["за продукцию ООО «Керамика»", "за ООО Пион", "за Пион ООО", "оплата в ООО Мы за доски", "за ООО «Мы»"]
)
def test_goods_the_payer_and_we_are_no_third_party(purpose: str) -> None:
    assert decide(pay(f"{purpose} сч 45", "1200"), inv("45", "1200")).kind is AUTO


def test_a_client_of_a_like_name_is_still_somebody_else() -> None:
    own = client(PION, "ООО Модуль-Плюс")
    payment = pay("Оплата за контрагента МодульПлюс", "1200", name="ООО Модуль-Плюс")
    assert decide(payment, inv("45", "1200", own)).kind is SUGGEST
    assert decide(pay("За ООО Модуль-Плюс", "1200", name="ООО Модуль-Плюс"), inv("45", "1200", own)).kind is AUTO


def test_the_whole_of_a_paid_twin_is_not_a_part_of_the_open_one() -> None:
    last_year = inv("45", "1200", id="old", on="2025-02-03", paid="1200", status=InvoiceStatus.PAID)
    this_year = inv("45", "2000", id="new")
    assert decide(pay("сч 45", "1200"), last_year, this_year).code == "repeats_paid"
    assert decide(pay("сч 45 от 03.02.2026", "1200"), last_year, this_year).kind is AUTO
    assert decide(pay("сч 45", "700"), last_year, this_year).kind is AUTO


@pytest.mark.parametrize(
    ("purpose", "number"),
    [
        ("Оплата по счету NЦБ-183", "ЦБ-183"),
        ("по счету-оферте NА-0382 от 03.02.2026", "А-0382"),
        ("сч NИБ-АВ4001от 03.02.2026г.", "ОРИБ-АВ0004001"),
        ("оплата сч 4212-Кот 03.02.2026", "4212-К"),
        ("ОПЛАТА СЧ N4074-KВ Т.Ч. НДС 22%", "4074-К"),
        ("счет 45К НДС 5%", "45-К"),
        ("оплата по счету no а-0108", "А-0108"),
        ("за лицензию 1С сч № 122", "122"),
        ("Окончательный расчет сч No 42-К", "42-К"),
        ("по счету № ТД00 - 000123", "ТД00-000123"),
    ],
)
def test_numbers_in_glued_and_spaced_spellings_settle_the_invoice(purpose: str, number: str) -> None:
    decision = decide(pay(purpose, "1200"), inv(number, "1200", id="i"))
    assert (decision.kind, given(decision)) == (AUTO, {"i": "1200.00"})


@pytest.mark.parametrize(
    "purpose",
    [
        "Оплата по счетам № УТ-45 и 46",
        "Оплата по счетам № 45 и УТ-46",
        "Оплата по счетам 45(700 руб. 00 коп.),УТ46(500=00)",
        "по сч. ут-45 - 700,00; ут46 - 500,00",
    ],
)
def test_lists_with_mixed_spellings_settle_every_invoice(purpose: str) -> None:
    decision = decide(pay(purpose, "1200"), inv("УТ-45", "700", id="a"), inv("УТ-46", "500", id="b"))
    assert (decision.kind, given(decision)) == (AUTO, {"a": "700.00", "b": "500.00"})


def test_an_unnamed_set_is_suggested_when_it_is_the_only_one() -> None:
    invoices = (inv("1", "700", id="a"), inv("2", "500", id="b"), inv("3", "900", id="c"))
    decision = decide(pay("за доски", "1200"), *invoices)
    assert (decision.kind, decision.code) == (SUGGEST, "unnamed_set")
    assert first_candidate(decision) == ("a", "b")


def test_an_unnamed_set_with_a_second_one_is_not_guessed() -> None:
    invoices = (inv("1", "700", id="a"), inv("2", "500", id="b"), inv("3", "700", id="c"))
    assert decide(pay("за доски", "1200"), *invoices).code != "unnamed_set"


def test_names_that_differ_in_a_figure_are_two_clients() -> None:
    payment = pay('за ООО "Меркурий 86" по письму б/н', "1200", name="ООО Меркурий 84")
    own = inv("45", "1200", client(PION, "ООО Меркурий 84"))
    assert decide(payment, own).kind is SUGGEST


def test_a_paid_twin_is_seen_when_the_number_repeats_the_word_for_invoice() -> None:
    old = inv("СЧ-45/2026", "1200", id="old", on="2025-02-03", paid="1200", status=InvoiceStatus.PAID)
    new = inv("СЧ-45/2026", "2000", id="new")
    assert decide(pay("платеж по счету сч-45/2026", "1200"), old, new).kind is SUGGEST


def test_initials_that_look_like_noise_words_still_name_the_person() -> None:
    payment = pay("сч 45", "1200", None, name="ИП Козлов С.С.")
    assert decide(payment, inv("45", "1200", client("500100732259", "ИП Козлов Сергей Сергеевич"))).kind is AUTO


def test_a_suggestion_does_not_offer_what_a_decision_of_the_same_day_gave_away() -> None:
    book = InMemoryBook([inv("45", "1200", id="i")])
    first, second = decide_day([pay("сч 45", "1200", id="p1"), pay("за доски", "500", id="p2")], book, CONTEXT)
    assert first.kind is AUTO
    assert (second.kind, second.allocations) == (SUGGEST, ())
    assert "в тот же день" in second.reason

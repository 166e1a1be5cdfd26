"""Cases of payments against open invoices: what a machine may settle, what a person is shown, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from hub.domain.decision import DecisionKind, Pile
from hub.domain.matching import MatchContext
from hub.domain.models import Direction, Invoice, InvoiceStatus, Payment
from tests.unit.matching.cases import (
    CONTEXT,
    IVANOV,
    OUR_OTHER_COMPANY,
    OURS,
    PION,
    ROZA,
    client,
    decide,
    first_candidate,
    given,
    inv,
    pay,
)

AUTO, SUGGEST, NONE = DecisionKind.AUTO, DecisionKind.SUGGEST, DecisionKind.NONE
PAID, CANCELLED = InvoiceStatus.PAID, InvoiceStatus.CANCELLED


@dataclass(frozen=True)
class Case:
    """A payment, the invoices known, and what must come out; `gives` empty means: not checked for suggestions."""

    name: str
    payment: Payment
    invoices: Sequence[Invoice]
    kind: DecisionKind
    gives: dict[str, str] = field(default_factory=dict)
    first: str | None = None
    code: str | None = None
    context: MatchContext = CONTEXT
    pile: Pile = Pile.NEEDS_YOU


def auto(
    name: str, payment: Payment, invoices: Sequence[Invoice], gives: dict[str, str], code: str | None = None
) -> Case:
    return Case(name, payment, invoices, AUTO, gives, code=code)


def ask(
    name: str,
    payment: Payment,
    invoices: Sequence[Invoice],
    first: str | None = None,
    code: str | None = None,
    context: MatchContext = CONTEXT,
) -> Case:
    return Case(name, payment, invoices, SUGGEST, first=first, code=code, context=context)


def nothing(name: str, payment: Payment, invoices: Sequence[Invoice], code: str, pile: Pile = Pile.NEEDS_YOU) -> Case:
    return Case(name, payment, invoices, NONE, code=code, pile=pile)


NAMELESS = client(None, "")
PION_NO_ID = client(None, 'ООО "Пион"')
PION_BRANCH = client(PION, kpp="770001001")

NUMBER_ROAD = [
    auto("number, sum and ИНН", pay("по счету 45", 1200), [inv("45", 1200)], {"i45": "1200.00"}, "number_sum_client"),
    auto(
        "number and sum, client not known",
        pay("сч 45", 1200, None),
        [inv("45", 1200)],
        {"i45": "1200.00"},
        "number_sum",
    ),
    auto(
        "number and sum, name alike", pay("сч 45", 1200, None, name="Пион ООО"), [inv("45", 1200)], {"i45": "1200.00"}
    ),
    auto("number and date", pay("сч 45 от 03.02.26", 1200), [inv("45", 1200)], {"i45": "1200.00"}),
    auto("number with zeros of 1C", pay("сч 123", 1200), [inv("ТД00-000123", 1200)], {"iТД00-000123": "1200.00"}),
    auto(
        "number with prefix, no zeros", pay("сч ТД-123", 1200), [inv("ТД00-000123", 1200)], {"iТД00-000123": "1200.00"}
    ),
    auto("Latin twins", pay("сч TД00-000123", 1200), [inv("ТД00-000123", 1200)], {"iТД00-000123": "1200.00"}),
    auto("lower case", pay("сч ут-45/1", 1200), [inv("УТ-45/1", 1200)], {"iУТ-45/1": "1200.00"}),
    auto("letter O for zero", pay("по счету 1О5", 1200), [inv("105", 1200)], {"i105": "1200.00"}),
    auto(
        "part of a named invoice", pay("по счету 45", 300), [inv("45", 1200)], {"i45": "300.00"}, "number_client_part"
    ),
    auto("rest of a named invoice", pay("доплата сч 45", 900), [inv("45", 1200, paid=300)], {"i45": "900.00"}),
    auto("share stated in per cent", pay("Предоплата 30% сч 45", 360), [inv("45", 1200)], {"i45": "360.00"}),
    auto(
        "two named make the sum",
        pay("по счетам 45 и 46", 1700),
        [inv("45", 1200), inv("46", 500)],
        {"i45": "1200.00", "i46": "500.00"},
        "several_sum_client",
    ),
    auto(
        "a range makes the sum",
        pay("по счетам 45-47", 600, None),
        [inv("45", 100), inv("46", 200), inv("47", 300)],
        {"i45": "100.00", "i46": "200.00", "i47": "300.00"},
        "several_sum",
    ),
    auto(
        "sums written next to numbers",
        pay("сч.45 на сумму 1000 руб, сч.46 на сумму 200 руб", 1200),
        [inv("45", 1200), inv("46", 500)],
        {"i45": "1000.00", "i46": "200.00"},
    ),
    auto(
        "the year tells twins apart",
        pay("сч 45 от 03.02.2026", 1200),
        [inv("45", 1200, on="2025-02-03", id="old"), inv("45", 1200, id="new")],
        {"new": "1200.00"},
    ),
    auto(
        "the ИНН tells twins apart",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 1200, ROZA, id="b")],
        {"a": "1200.00"},
    ),
    auto(
        "our legal entity tells twins apart",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 1200, id="b", org=OUR_OTHER_COMPANY)],
        {"a": "1200.00"},
    ),
    auto(
        "the sum tells twins apart",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 700, id="b", on="2025-02-03")],
        {"a": "1200.00"},
    ),
    auto(
        "a paid twin does not stand in the way",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 1200, id="b", on="2025-02-03", status=PAID, paid=1200)],
        {"a": "1200.00"},
    ),
    auto(
        "the named one of two equal sums",
        pay("сч 45", 1200),
        [inv("45", 1200), inv("46", 1200)],
        {"i45": "1200.00"},
    ),
    auto(
        "a contract that agrees", pay("сч 45 дог. 5/26", 1200), [inv("45", 1200, contract="5/26")], {"i45": "1200.00"}
    ),
    auto("loose slash part with sum and ИНН", pay("сч 12", 1200), [inv("12/26", 1200)], {"i12/26": "1200.00"}),
    auto(
        "branch by another КПП, but named",
        pay("сч 45", 1200, kpp="770099001"),
        [inv("45", 1200, PION_BRANCH)],
        {"i45": "1200.00"},
    ),
    auto(
        "treasury pays, number and sum agree",
        pay("сч 45 за школу", 1200, "7710000001", name="УФК по г. Москве", account="03214643000000017300"),
        [inv("45", 1200)],
        {"i45": "1200.00"},
    ),
    auto(
        "words of a loan do not outweigh full agreement",
        pay("сч 45 по договору займа", 1200),
        [inv("45", 1200)],
        {"i45": "1200.00"},
    ),
]

SUM_ROAD = [
    auto(
        "the only open invoice of that sum",
        pay("Оплата за доски", 1200),
        [inv("45", 1200), inv("46", 700)],
        {"i45": "1200.00"},
        "sum_client",
    ),
    auto(
        "by bank account",
        pay("За доски", 1200, None, name="", account="40702810100000000001"),
        [inv("45", 1200, client(None, "", account="40702810100000000001"))],
        {"i45": "1200.00"},
    ),
    auto("the rest of a part-paid invoice", pay("За доски", 700), [inv("45", 1200, paid=500)], {"i45": "700.00"}),
    auto("a deal that is its own invoice", pay("За доски", 1200), [inv(None, 1200, id="deal")], {"deal": "1200.00"}),
    auto(
        "an equal sum of another client is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, ROZA)],
        {"i45": "1200.00"},
    ),
    auto(
        "an equal sum of our other entity is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, org=OUR_OTHER_COMPANY)],
        {"i45": "1200.00"},
    ),
    auto(
        "a cancelled twin is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, status=CANCELLED)],
        {"i45": "1200.00"},
    ),
    auto(
        "a later invoice is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, on="2026-03-05")],
        {"i45": "1200.00"},
    ),
    auto("a VAT invoice number is no invoice number", pay("по сч-ф 99", 1200), [inv("45", 1200)], {"i45": "1200.00"}),
    auto(
        "the contract excludes the other",
        pay("по дог. 5/26", 1200),
        [inv("45", 1200, contract="5/26"), inv("46", 1200, contract="7/26")],
        {"i45": "1200.00"},
    ),
    auto(
        "the date of the invoice excludes the other",
        pay("по счёту от 03.02.2026", 1200),
        [inv("45", 1200), inv("46", 1200, on="2026-02-10")],
        {"i45": "1200.00"},
    ),
    auto(
        "ИНН in the text behind a bank",
        pay("Оплата от ООО Пион ИНН 7700000016 за доски", 1200, "7707083893", name="ПАО Сбербанк"),
        [inv("45", 1200)],
        {"i45": "1200.00"},
    ),
]

DOUBT = [
    ask("two open invoices of that sum", pay("За доски", 1200), [inv("45", 1200), inv("46", 1200)], code="tie"),
    ask(
        "a twin of a client without ИНН but the same name",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, PION_NO_ID)],
        code="tie",
    ),
    ask(
        "a twin written with another legal form",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, client(None, "Пион, АО"))],
        code="tie",
    ),
    ask(
        "number twins without a date",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 1200, on="2025-02-03", id="b")],
        "a",
        "tie",
    ),
    ask(
        "number twins of unknown clients",
        pay("сч 45", 1200, None),
        [inv("45", 1200, id="a"), inv("45", 1200, ROZA, id="b")],
        code="tie",
    ),
    ask("bare digits fit two prefixes", pay("сч 45", 1200), [inv("УТ-45", 1200), inv("АВ-45", 1200)], code="tie"),
    ask("exact and prefixed are both possible", pay("сч 45", 1200), [inv("45", 1200), inv("УТ-45", 1200)], code="tie"),
    ask("named part against an unnamed equal sum", pay("сч 45", 500), [inv("45", 1200), inv("46", 500)], "i45", "tie"),
    ask("number of one, client of another", pay("сч 45", 1200), [inv("45", 1200, NAMELESS), inv("46", 1200)]),
    ask("another ИНН", pay("сч 45", 1200, ROZA), [inv("45", 1200)], "i45", "other_client"),
    ask(
        "another name and no ИНН",
        pay("сч 45", 1200, None, name="ООО Тюльпан"),
        [inv("45", 1200)],
        "i45",
        "name_differs",
    ),
    ask("an unknown number blocks the sum", pay("сч 99", 1200), [inv("45", 1200)], "i45", "unknown_number"),
    ask("somebody else's number blocks the sum", pay("сч 77", 1200), [inv("45", 1200), inv("77", 300, ROZA)], "i45"),
    ask(
        "a paid number blocks the sum",
        pay("сч 77", 1200),
        [inv("45", 1200), inv("77", 1200, status=PAID, paid=1200)],
        "i45",
    ),
    ask(
        "our other legal entity",
        pay("сч 45", 1200),
        [inv("45", 1200, org=OUR_OTHER_COMPANY)],
        "i45",
        "other_organisation",
    ),
    ask("another currency", pay("сч 45", 1200), [inv("45", 1200, currency="USD")], "i45", "other_currency"),
    ask("a cancelled invoice", pay("сч 45", 1200), [inv("45", 1200, status=CANCELLED)], "i45", "cancelled"),
    ask(
        "a second payment of a paid invoice",
        pay("сч 45", 1200),
        [inv("45", 1200, status=PAID, paid=1200)],
        "i45",
        "already_paid",
    ),
    ask("paid by its sum although still open", pay("сч 45", 1200), [inv("45", 1200, paid=1200)], "i45", "already_paid"),
    ask("issued after the payment", pay("сч 45", 1200), [inv("45", 1200, on="2026-03-02")], "i45", "issued_after"),
    ask(
        "issued after, by sum",
        pay("За доски", 1200),
        [inv("45", 1200, on="2026-03-02")],
        "i45",
        "issued_after_sum_client",
    ),
    ask(
        "the date in the purpose is another", pay("сч 45 от 10.02.2026", 1200), [inv("45", 1200)], "i45", "date_differs"
    ),
    ask("a date without a year is another", pay("сч 45 от 10.02", 1200), [inv("45", 1200)], "i45", "date_differs"),
    ask(
        "the contract is another",
        pay("сч 45 дог. 7/26", 1200),
        [inv("45", 1200, contract="5/26")],
        "i45",
        "reference_differs",
    ),
    ask("the contract is another, by sum", pay("дог. 7/26", 1200), [inv("45", 1200, contract="5/26")], "i45"),
    ask("over-payment", pay("сч 45", 1500), [inv("45", 1200)], "i45", "number_over"),
    ask("over-payment of the rest", pay("сч 45", 1200), [inv("45", 1200, paid=300)], "i45", "number_over"),
    ask("part by an unknown payer", pay("сч 45", 300, None), [inv("45", 1200)], "i45", "number_part_unsure"),
    ask(
        "stated share, payer unknown",
        pay("Предоплата 30% сч 45", 360, None),
        [inv("45", 1200)],
        "i45",
        "number_share_unsure",
    ),
    ask(
        "part with number, date and name, but nothing that belongs to the client alone",
        pay("аванс сч 45 от 03.02.26", 300, None, name="Пион, ООО"),
        [inv("45", 1200)],
        "i45",
        "number_part_unsure",
    ),
    ask("one of two named is unknown", pay("сч 45 и 46", 1200), [inv("45", 1200)], "i45", "one_of_named"),
    ask("two named, too little money", pay("сч 45 и 46", 1000), [inv("45", 1200), inv("46", 500)], code="several_part"),
    ask("two named, too much money", pay("сч 45 и 46", 2000), [inv("45", 1200), inv("46", 500)], code="several_over"),
    ask("two named of two clients", pay("сч 45 и 46", 1700, None), [inv("45", 1200), inv("46", 500, ROZA)]),
    ask("third party by name", pay('За ООО "Пион" сч. 45', 1200, ROZA), [inv("45", 1200)], "i45", "third_party"),
    ask(
        "third party by ИНН",
        pay("за Пион ИНН 7700000016 по счету 45", 1200, ROZA),
        [inv("45", 1200)],
        "i45",
        "third_party",
    ),
    ask(
        "third party without a number",
        pay('За ООО "Пион"', 1200, ROZA),
        [inv("45", 1200), inv("46", 1200, ROZA)],
        "i45",
    ),
    ask(
        "own invoice, but said to be for another",
        pay('За ООО "Пион" сч 46', 1200, ROZA),
        [inv("46", 1200, ROZA)],
        "i46",
        "pays_for_other",
    ),
    ask("only the name and the sum", pay("За доски", 1200, None, name="Пион"), [inv("45", 1200)], "i45", "sum_name"),
    ask("only the sum", pay("За доски", 1200, None), [inv("45", 1200)], "i45", "sum_only"),
    ask(
        "another branch by sum",
        pay("За доски", 1200, kpp="770099001"),
        [inv("45", 1200, PION_BRANCH)],
        "i45",
        "sum_branch",
    ),
    ask("part without a number", pay("За доски", 300), [inv("45", 1200)], "i45", "client_part"),
    ask(
        "a share in per cent is part of something bigger", pay("Предоплата 30%", 360), [inv("45", 1200), inv("46", 360)]
    ),
    ask(
        "three digits of a padded number, payer unknown",
        pay("сч 45", 1200, None),
        [inv("ТД00-000045", 1200)],
        code="few_digits_sum",
    ),
    ask("a number without a noun and unknown", pay("Оплата № 99", 1200), [inv("45", 1200)], "i45"),
    ask("refund words", pay("Возврат по счету 45", 1200), [inv("45", 1200)], "i45", "refund_words"),
    ask("mistake words", pay("Ошибочно оплачен счет 45", 1200), [inv("45", 1200)], "i45", "mistake_words"),
    ask(
        "direction unknown",
        pay("сч 45", 1200, direction=Direction.UNKNOWN),
        [inv("45", 1200)],
        "i45",
        "direction_unknown",
    ),
    ask("ourselves as payer", pay("сч 45", 1200, OURS), [inv("45", 1200, client(OURS, "Мы"))], "i45", "own_payer"),
    ask(
        "acquirer's account is no identity",
        pay("За доски", 1200, PION, account="30232810100000000001"),
        [inv("45", 1200)],
    ),
    ask("loan words against sum and client", pay("По договору займа", 1200), [inv("45", 1200)], "i45", "foreign_words"),
    ask(
        "order named, sum and no client",
        pay("по заказу 1234", 1200, None),
        [inv("45", 1200, order="1234")],
        "i45",
        "reference_sum",
    ),
    ask(
        "our refund to a client",
        pay("Возврат по счету 45", 1200, direction=Direction.OUT),
        [inv("45", 1200, status=PAID, paid=1200)],
        "i45",
        "outgoing_refund",
    ),
    ask(
        "our refund found by client and sum",
        pay("Возврат аванса", 1200, direction=Direction.OUT),
        [inv("45", 1200, status=PAID, paid=1200)],
        "i45",
    ),
]

NO_ANSWER = [
    nothing("a stranger", pay("За доски", 1200, ROZA), [inv("45", 1200)], "nothing_fits"),
    nothing("an unknown number of a stranger", pay("сч 99", 1200, ROZA), [inv("45", 1200)], "number_not_found"),
    nothing(
        "a number inside a longer one",
        pay("сч 123", 500, ROZA),
        [inv("1234", 500), inv("91231", 500)],
        "number_not_found",
    ),
    nothing("nothing open at all", pay("За доски", 1200), [], "nothing_fits"),
    nothing(
        "acquirer's register",
        pay("Возмещение по эквайрингу, реестр 11", 1200, "7707083893", name="ПАО Сбербанк"),
        [inv("45", 1200)],
        "register",
        Pile.NOT_OURS,
    ),
    nothing("salary", pay("Заработная плата", 1200, ROZA), [inv("45", 1200)], "salary", Pile.NOT_OURS),
    nothing("tax", pay("Возврат налога, единый налоговый платеж", 1200, None), [inv("45", 999)], "tax", Pile.NOT_OURS),
    nothing("loan", pay("Выдача займа по договору 5", 1200, ROZA), [inv("45", 1200)], "loan", Pile.NOT_OURS),
    nothing(
        "interest",
        pay("Выплата процентов по депозиту", 1200, None, name="АО Банк"),
        [inv("45", 999)],
        "interest",
        Pile.NOT_OURS,
    ),
    nothing(
        "own money", pay("Перевод собственных средств", 1200, OURS), [inv("45", 1200)], "own_transfer", Pile.NOT_OURS
    ),
    nothing(
        "between own accounts",
        pay("сч 45", 1200, direction=Direction.SELF),
        [inv("45", 1200)],
        "own_transfer",
        Pile.NOT_OURS,
    ),
    nothing("supplier's refund", pay("Возврат за товар", 1200, ROZA), [inv("45", 1200)], "refund_in", Pile.NOT_OURS),
    nothing("outgoing", pay("сч 45", 1200, direction=Direction.OUT), [inv("45", 1200)], "outgoing", Pile.NOT_OURS),
    nothing(
        "outgoing refund of nothing known",
        pay("Возврат", 1200, ROZA, direction=Direction.OUT),
        [inv("45", 1200)],
        "outgoing_refund_unknown",
        Pile.NOT_OURS,
    ),
    nothing("no money", pay("сч 45", 0), [inv("45", 1200)], "no_amount"),
    nothing("negative money", pay("сч 45", -5), [inv("45", 1200)], "no_amount"),
]

CASES = [*NUMBER_ROAD, *SUM_ROAD, *DOUBT, *NO_ANSWER]


def test_the_table_of_cases_is_not_thin() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_decides(case: Case) -> None:
    decision = decide(case.payment, *case.invoices, context=case.context)
    assert decision.kind is case.kind, decision.reason
    if case.kind is AUTO:
        assert given(decision) == case.gives
    if case.code is not None:
        assert decision.code == case.code
    if case.first is not None:
        assert first_candidate(decision) == (case.first,)
    assert decision.pile is case.pile


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_decision_says_why_in_one_finished_sentence(case: Case) -> None:
    decision = decide(case.payment, *case.invoices, context=case.context)
    assert decision.reason[0].isupper()
    assert decision.reason.endswith((".", "!", "?"))
    assert "{" not in decision.reason
    for candidate in decision.candidates:
        assert len({item.aspect for item in candidate.evidence}) == len(candidate.evidence) >= 8
        assert all(item.text and "{" not in item.text for item in candidate.evidence)
    assert IVANOV not in decision.reason

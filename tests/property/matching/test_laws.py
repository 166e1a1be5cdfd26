"""Laws of the matcher, tried on small worlds full of look-alikes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.allocation import Match, check_match, payment_room
from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import (
    InMemoryBook,
    MatchContext,
    decide_all,
    decide_day,
    invoice_keys,
    read_purpose,
    rivals_of_day,
)
from hub.domain.matching.judge import number_verdict
from hub.domain.matching.reading import NamedNumber
from hub.domain.models import Client, Direction, Invoice, InvoiceStatus, Party, Payment, TaxId, TaxIdKind
from hub.domain.money import Money

OURS = ("7701000017", "7701000024")
FIRST_DAY = date(2026, 1, 10)
CLIENTS = (
    Client("", ('ООО "Пион"',), (TaxId(TaxIdKind.RU_INN, "7700000016"),)),
    Client("", ("Роза, АО",), (TaxId(TaxIdKind.RU_INN, "7700000023"),), ("40702810100000000001",)),
    Client("", ("ПИОН ООО",)),
    Client("", ("ИП Иванов Иван Иванович",), (TaxId(TaxIdKind.RU_INN, "500100732259"),)),
    None,
)
PAYERS = (
    Party(name="ООО ПИОН", tax_id="7700000016"),
    Party(name="АО «Роза»", tax_id="7700000023", account="40702810100000000001"),
    Party(name="АО «Роза»", account="40702810100000000001"),
    Party(name="Пион"),
    Party(name="Иванов И.И.", tax_id="500100732259"),
    Party(name="ПАО Сбербанк", tax_id="7707083893", account="30232810100000000001"),
    Party(),
)
NUMBERS = ("1", "12", "123", "УТ-12", "УТ00-000123", "12/1", "0012", None)
QUOTES = ("1", "12", "123", "УТ-12", "12/1", "2", "1 и 12", "12, 123", "99")
PURPOSES = (
    "Оплата по счету № {quote}",
    "Оплата по счету {quote} от 10.01.2026",
    "за товар",
    'За ООО "Пион" по сч. {quote}',
    "Предоплата 50% по счету {quote}",
    "по дог. 5/26",
    "Возврат по счету {quote}",
)


def rub(amount: int) -> Money:
    return Money.of(amount, "RUB")


@st.composite
def invoices(draw: st.DrawFn) -> list[Invoice]:
    count = draw(st.integers(1, 6))
    result = []
    for index in range(count):
        amount = draw(st.sampled_from((100, 200, 300)))
        paid = draw(st.sampled_from((0, 0, 0, 100)))
        result.append(
            Invoice(
                id=f"i{index}",
                number=draw(st.sampled_from(NUMBERS)),
                issued_on=draw(st.sampled_from((None, FIRST_DAY, FIRST_DAY - timedelta(days=365)))),
                amount=rub(amount),
                paid=rub(min(paid, amount)),
                status=draw(st.sampled_from((InvoiceStatus.OPEN,) * 5 + (InvoiceStatus.CANCELLED,))),
                client=draw(st.sampled_from(CLIENTS)),
                organisation_tax_id=draw(st.sampled_from((*OURS, None))),
            )
        )
    return result


@st.composite
def payments(draw: st.DrawFn) -> list[Payment]:
    result = []
    for index in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(PURPOSES)).format(quote=draw(st.sampled_from(QUOTES)))
        result.append(
            Payment(
                id=f"p{index}",
                direction=draw(st.sampled_from((Direction.IN,) * 6 + (Direction.OUT, Direction.UNKNOWN))),
                amount=rub(draw(st.sampled_from((50, 100, 200, 300, 400)))),
                booked_on=FIRST_DAY + timedelta(days=draw(st.integers(1, 2))),
                purpose=text,
                payer=draw(st.sampled_from(PAYERS)),
                organisation_tax_id=draw(st.sampled_from((OURS[0], None))),
            )
        )
    return result


CONTEXT = MatchContext(own_tax_ids=frozenset(OURS))


def run(pays: Sequence[Payment], known: Iterable[Invoice]) -> dict[str, Decision]:
    decisions = decide_all(pays, InMemoryBook(known), CONTEXT)
    return {decision.payment_id: decision for decision in decisions}


def autos(decisions: dict[str, Decision]) -> dict[str, set[tuple[str, str]]]:
    return {
        key: {(item.invoice_id, str(item.amount)) for item in decision.allocations}
        for key, decision in decisions.items()
        if decision.kind is DecisionKind.AUTO
    }


@settings(max_examples=100, deadline=None)
@given(payments(), invoices())
def test_automatic_decisions_together_keep_the_allocation_law(pays: list[Payment], known: list[Invoice]) -> None:
    decisions = run(pays, known)
    covered = {invoice.id: invoice.paid for invoice in known}
    amounts = {invoice.id: invoice.amount for invoice in known}
    for payment in sorted(pays, key=lambda item: item.booked_on):
        decision = decisions[payment.id]
        room = payment_room(payment, rub(0))
        if decision.allocations:
            check_match(Match(payment.id, decision.allocations), room, covered, amounts)
        if decision.kind is DecisionKind.AUTO:
            assert decision.allocations
            for item in decision.allocations:
                covered[item.invoice_id] = covered[item.invoice_id] + item.amount
        left = room
        for item in decision.allocations:
            left = left - item.amount
        assert decision.unapplied == left


@settings(max_examples=100, deadline=None)
@given(payments(), invoices(), st.randoms(use_true_random=False))
def test_order_and_ids_change_nothing(pays: list[Payment], known: list[Invoice], random: object) -> None:
    expected = run(pays, known)
    names = {invoice.id: f"z{99 - index}" for index, invoice in enumerate(known)}
    renamed = [replace(invoice, id=names[invoice.id]) for invoice in reversed(known)]
    found = run(list(reversed(pays)), renamed)
    for key, decision in expected.items():
        other = found[key]
        assert (other.kind, other.code, other.pile) == (decision.kind, decision.code, decision.pile)
        if decision.kind is DecisionKind.AUTO:
            assert {(names[item.invoice_id], item.amount) for item in decision.allocations} == {
                (item.invoice_id, item.amount) for item in other.allocations
            }


@settings(max_examples=100, deadline=None)
@given(payments(), invoices())
def test_an_unrelated_invoice_never_draws_an_automatic_decision(pays: list[Payment], known: list[Invoice]) -> None:
    stranger = Client("", ("ООО Тюльпан",), (TaxId(TaxIdKind.RU_INN, "7700000098"),))
    unrelated = Invoice("unrelated", "777777", FIRST_DAY, rub(777), rub(0), client=stranger)
    assert autos(run(pays, [*known, unrelated])) == autos(run(pays, known))


@settings(max_examples=100, deadline=None)
@given(payments(), invoices())
def test_a_perfect_twin_always_makes_it_a_question(pays: list[Payment], known: list[Invoice]) -> None:
    twins = [replace(invoice, id=f"{invoice.id}-twin") for invoice in known]
    assert autos(run(pays[:1], [*known, *twins])) == {}


class _KeyTable:
    """A book as a store keeps it: rows of key and invoice, nothing else."""

    def __init__(self, known: Iterable[Invoice]) -> None:
        self._rows: defaultdict[str, list[Invoice]] = defaultdict(list)
        for invoice in known:
            for key in invoice_keys(invoice):
                self._rows[key].append(invoice)

    def candidates(self, keys: Collection[str]) -> Iterable[Invoice]:
        found = {invoice.id: invoice for key in keys for invoice in self._rows[key]}
        return reversed(list(found.values()))

    def few(self, keys: Collection[str], most: int) -> Iterable[Invoice]:
        return self.candidates([key for key in keys if len(self._rows[key]) <= most])


@dataclass
class _WholeBook:
    """A book that shows every invoice, whatever is asked."""

    known: Sequence[Invoice]

    def candidates(self, keys: Collection[str]) -> Iterable[Invoice]:
        return list(self.known)

    def few(self, keys: Collection[str], most: int) -> Iterable[Invoice]:
        return list(self.known)


@settings(max_examples=100, deadline=None)
@given(payments(), invoices())
def test_a_key_table_decides_as_the_index_in_memory(pays: list[Payment], known: list[Invoice]) -> None:
    day = [replace(payment, booked_on=FIRST_DAY) for payment in pays]
    assert decide_day(day, _KeyTable(known), CONTEXT) == decide_day(day, InMemoryBook(known), CONTEXT)


@settings(max_examples=100, deadline=None)
@given(payments(), invoices())
def test_rivals_of_a_day_are_decided_alone_as_among_all(pays: list[Payment], known: list[Invoice]) -> None:
    day, book = [replace(payment, booked_on=FIRST_DAY) for payment in pays], InMemoryBook(known)
    groups = rivals_of_day(day, book, CONTEXT)
    assert sorted(payment.id for group in groups for payment in group) == [payment.id for payment in day]
    apart = [decision for group in groups for decision in decide_day(group, book, CONTEXT)]
    assert sorted(apart, key=lambda item: item.payment_id) == decide_day(day, book, CONTEXT)


@settings(max_examples=100, deadline=None)
@given(payments(), invoices())
def test_keys_hide_nothing_that_would_change_an_automatic_decision(pays: list[Payment], known: list[Invoice]) -> None:
    day = [replace(payment, booked_on=FIRST_DAY) for payment in pays]
    by_keys = {item.payment_id: item for item in decide_day(day, InMemoryBook(known), CONTEXT)}
    by_all = {item.payment_id: item for item in decide_day(day, _WholeBook(known), CONTEXT)}
    assert autos(by_keys) == autos(by_all)


@given(st.integers(1, 10**6), st.text("0123456789", max_size=4), st.text("0123456789", max_size=4))
def test_a_number_never_matches_inside_a_longer_one(number: int, before: str, after: str) -> None:
    before = before.lstrip("0")
    longer = f"{before}{number}{after}"
    if longer == str(number):
        return
    invoice = Invoice("i", longer, None, rub(100), rub(0))
    assert number_verdict(NamedNumber(str(number)), invoice) is None
    assert number_verdict(NamedNumber(longer), replace(invoice, number=str(number))) is None


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=230))
def test_any_text_is_read_and_read_alike_twice(text: str) -> None:
    assert read_purpose.__wrapped__(text) == read_purpose.__wrapped__(text)


FRAGMENTS = (
    "счет",
    "по",
    "№",
    "45",
    "от",
    "03.02.26",
    ",",
    "и",
    "-",
    "НДС",
    "22%",
    "901-64",
    "(",
    "дог.",
    "ИНН",
    "за",
    "ООО",
    "/",
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30), st.sampled_from((" ", "")))
def test_fragments_in_any_order_are_read_and_every_number_stands_in_the_text(parts: list[str], glue: str) -> None:
    text = glue.join(parts)
    for number in read_purpose(text).invoice_numbers:
        assert number in text


def test_an_invoice_that_only_the_client_leads_to_rivals_nobody() -> None:
    payer = Party("ООО ПИОН", "7700000016")
    pays = Payment("p0", Direction.IN, Money.of("100", "RUB"), FIRST_DAY, "Оплата по счету № 1", payer=payer)
    pion = Client("", ("ООО Пион",), (TaxId(TaxIdKind.RU_INN, "7700000016"),))
    named = Invoice("i0", "1", None, Money.of("100", "RUB"), Money.zero("RUB"))
    other = Invoice("i2", "12", None, Money.of("200", "RUB"), Money.zero("RUB"), client=pion)
    for book in (InMemoryBook([named, other]), _WholeBook([named, other])):
        decision = decide_day([pays], book, CONTEXT)[0]
        assert [item.invoice_id for item in decision.allocations if decision.kind is DecisionKind.AUTO] == ["i0"]

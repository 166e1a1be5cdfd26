"""Compares what was seen with what was expected, payment by payment and write by write."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hub.demo.expectations import Effect, Expectations, ExpectedPaper, ExpectedPayment
from hub.demo.seen import Seen, SeenFile, SeenPaper, SeenPayment
from hub.demo.titles import CASES, DECISIONS, DIRECTIONS, PILES, times
from hub.domain.money import Money
from hub.domain.wording import date_text, money_text


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be, in Russian."""

    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.what}: ожидалось {self.expected}, получилось {self.got}"


def verify(expected: Expectations, seen: Seen) -> list[Difference]:
    """Every difference; an empty list means that all is as the story tells."""
    return [
        *_files(expected, seen.files),
        *_papers(expected.papers, seen.papers),
        *_payments(expected.payments, seen.payments),
        *_writes(expected.payments, seen),
        *_broken_chains(seen.writes.effects),
    ]


def name_of(source: str, number: str, booked_on: date, amount: Money) -> str:
    """A payment as the accountant finds it."""
    return f"{source}, п/п № {number} от {date_text(booked_on)} на {money_text(amount)}"


def _name(item: ExpectedPayment) -> str:
    return name_of(item.sources[0], item.number, item.booked_on, item.amount)


def _files(expected: Expectations, seen: Sequence[SeenFile]) -> Iterator[Difference]:
    found = {item.name: item for item in seen}
    for file in expected.files:
        got = found.pop(file.name, None)
        if got is None:
            yield Difference(file.name, "файл принят", "файла нет")
            continue
        for label, want, have in (
            ("новых платежей", file.new, got.added),
            ("уже известных", file.known, got.known),
            ("в карантине", file.quarantined, len(got.broken)),
            ("пропущено", file.skipped, got.skipped),
        ):
            if want != have:
                yield Difference(f"{file.name}, {label}", str(want), str(have))
    for name in found:
        yield Difference(name, "такого файла нет", "файл принят")
    for item in expected.broken:
        places = next((file.broken for file in seen if file.name == item.file), ())
        if (item.line, item.key) not in places:
            yield Difference(f"{item.file}, строка {item.line}", f"ключ «{item.key}» в карантине", "его там нет")


def _papers(expected: Sequence[ExpectedPaper], seen: Sequence[SeenPaper]) -> Iterator[Difference]:
    found = {paper.key: paper for paper in seen}
    for item in expected:
        paper = found.pop(item.key, None)
        what = f"1С, счёт № {item.number}"
        if paper is None:
            yield Difference(what, "счёт прочитан", "счёта нет")
            continue
        for label, want, have in (
            ("номер", (item.number,), (paper.number,)),
            ("счета той же продажи", item.invoices, paper.invoices),
            ("сделки", item.deals, paper.deals),
            ("вопросы человеку", item.asked, paper.asked),
        ):
            if want != have:
                yield Difference(f"{what}, {label}", ", ".join(want) or "нет", ", ".join(have) or "нет")
    yield from (Difference(f"1С, счёт № {paper.number}", "такого счёта нет", "счёт в базе") for paper in found.values())


_Place = tuple[str, str, date]


def _payments(expected: Sequence[ExpectedPayment], seen: Sequence[SeenPayment]) -> Iterator[Difference]:
    wanted: dict[_Place, list[ExpectedPayment]] = defaultdict(list)
    found: dict[_Place, list[SeenPayment]] = defaultdict(list)
    for item in expected:
        wanted[(item.account, item.number, item.booked_on)].append(item)
    for payment in seen:
        found[(payment.account, payment.number, payment.booked_on)].append(payment)
    for place, items in wanted.items():
        yield from _same_place(items, found.pop(place, []))
    for payments in found.values():
        yield from (_unexpected(payment) for payment in payments)


def _same_place(items: list[ExpectedPayment], payments: list[SeenPayment]) -> Iterator[Difference]:
    """Payments of one number and day: equal sums belong together, the others differ in their sum."""
    left = list(payments)
    odd: list[ExpectedPayment] = []
    for item in items:
        twin = next((payment for payment in left if payment.amount == item.amount), None)
        if twin is None:
            odd.append(item)
            continue
        left.remove(twin)
        yield from _payment(item, twin)
    for item in odd:
        got = f"сумма {money_text(left.pop(0).amount)}" if left else "платежа нет"
        yield Difference(_name(item), f"сумма {money_text(item.amount)}", got)
    yield from (_unexpected(payment) for payment in left)


def _unexpected(payment: SeenPayment) -> Difference:
    source = payment.sources[0] if payment.sources else "источник неизвестен"
    return Difference(
        name_of(source, payment.number, payment.booked_on, payment.amount), "такого платежа нет", "платёж в базе"
    )


def _payment(item: ExpectedPayment, payment: SeenPayment) -> Iterator[Difference]:
    what = f"{_name(item)} ({CASES.get(item.case, item.case)})"
    for aspect, want, have in _aspects(item, payment):
        if want != have:
            yield Difference(f"{what}, {aspect}", want, f"{have} («{payment.reason}»)")


def _aspects(item: ExpectedPayment, payment: SeenPayment) -> Iterator[tuple[str, str, str]]:
    yield "направление", DIRECTIONS[item.direction], DIRECTIONS.get(payment.direction, payment.direction)
    yield "решение", DECISIONS[item.decision], DECISIONS.get(payment.decision, payment.decision)
    yield "стопка", PILES[item.pile], PILES.get(payment.pile, payment.pile)
    yield "источники", ", ".join(sorted(item.sources)), ", ".join(sorted(payment.sources))
    if item.decision == "auto":
        yield "распределение", _shares(item.allocations), _shares(payment.allocations)
    elif item.candidates:
        offered = {number for answer in payment.candidates for number in answer}
        missing = [number for number in item.candidates if number not in offered]
        yield "забытые счета", "нет", ", ".join(missing) or "нет"
        first = payment.candidates[0] if payment.candidates else ()
        right = bool({*first} & {*item.candidates})
        yield "первый ответ", _choice(item.candidates), _choice(item.candidates if right else first)


def _choice(numbers: Sequence[str]) -> str:
    return " или ".join(numbers) or "нет"


def _shares(allocations: Mapping[str, Money]) -> str:
    parts = (f"счёт № {number} — {money_text(part)}" for number, part in sorted(allocations.items()))
    return ", ".join(parts) or "нет"


def _writes(expected: Sequence[ExpectedPayment], seen: Seen) -> Iterator[Difference]:
    causes: dict[Effect, list[ExpectedPayment]] = defaultdict(list)
    for item in expected:
        for effect in item.effects:
            causes[effect].append(item)
    happened = Counter(seen.writes.effects)
    for effect, items in causes.items():
        count = happened.pop(effect, 0)
        if count != len(items):
            names = "; ".join(_name(item) for item in items)
            yield Difference(f"{effect} ({names})", times(len(items)), times(count))
    yield from (Difference(str(effect), "ничего", times(count)) for effect, count in happened.items())
    yield from (Difference("Журналы записей", "ничего лишнего", text) for text in seen.writes.strange)


def _broken_chains(effects: Iterable[Effect]) -> list[Difference]:
    """Deals whose moves do not follow one another: a deal moved twice to a stage, or from where it was not."""
    stages: dict[tuple[str, str], str] = {}
    found = []
    for effect in effects:
        if effect.kind != "move":
            continue
        left, _, entered = effect.detail.partition(" → ")
        deal = (effect.crm, effect.subject)
        at = stages.get(deal, left)
        if at != left:
            found.append(Difference(str(effect), f"переход со стадии {at}", f"переход со стадии {left}"))
        stages[deal] = entered
    return found

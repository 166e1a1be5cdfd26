"""The summary: tables by kind of case, by source of money, of 1C's documents and by system, and every difference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from hub.demo.expectations import Effect, ExpectedPayment
from hub.demo.seen import Seen, SeenPaper, SeenPayment
from hub.demo.titles import CASES, CRM_TITLES
from hub.demo.verify import Difference
from hub.domain.money import Money
from hub.domain.wording import money_text

_UNKNOWN: Final = "не из примера"
_HEADS: Final = ("случай", "платежей", "сами", "человеку", "не наши", "сделок", "счетов", "коммент.", "задач", "сумма")
_LEGEND: Final = "Платежи и стопки — из базы хаба; сделки, счета, комментарии и задачи — из журналов записей CRM и 1С."
_HOOK: Final = "вебхук: "
_FILE: Final = ".txt"
_PILES: Final = ("matched", "needs_you", "not_ours")
_KINDS: Final = ("move", "paid", "comment", "task")


def table(expected: Sequence[ExpectedPayment], seen: Seen) -> str:
    """What was seen, by kind of case: payments and piles from the hub's store, the rest from the CRM's write log."""
    cases = _cases_of_payments(expected, seen.payments)
    effects = _cases_of_effects(expected, seen.writes.effects)
    order = [*CASES, _UNKNOWN]
    names = [name for name in order if cases.get(name) or effects.get(name)]
    rows = [_row(CASES.get(name, name), cases.get(name, []), effects.get(name, [])) for name in names]
    total = _row("всего", list(seen.payments), list(seen.writes.effects))
    return _aligned([_HEADS, *rows, total]) + f"\n{_LEGEND}"


def sources(seen: Sequence[SeenPayment]) -> str:
    """Where the money was seen: one row for each set of sources."""
    groups: dict[str, list[SeenPayment]] = defaultdict(list)
    for payment in seen:
        groups[" + ".join(sorted({_kind_of(source) for source in payment.sources}))].append(payment)
    rows = [(name, str(len(groups[name])), _sums(groups[name])) for name in sorted(groups, key=_order)]
    total = ("всего", str(len(seen)), _sums(seen))
    return _aligned([("откуда видны деньги", "платежей", "сумма"), *rows, total])


def sales(papers: Sequence[SeenPaper]) -> str:
    """What became of the documents of 1C: by the CRM where each found its sale, and how."""
    rows = [(title, *(_number(sum(is_so(paper) for paper in mine)) for is_so in _FOUND)) for title, mine in _by(papers)]
    total = ("всего", *(_number(sum(is_so(paper) for paper in papers)) for is_so in _FOUND))
    return _aligned([("счета в 1С", "всего", "счёт и в CRM", "только сделка", "вопрос", "ничего"), *rows, total])


def _by(papers: Sequence[SeenPaper]) -> Iterator[tuple[str, list[SeenPaper]]]:
    for system in (*CRM_TITLES, ""):
        mine = [paper for paper in papers if _system(paper) == system]
        if mine:
            yield CRM_TITLES.get(system, "ни в одной CRM"), mine


def _system(paper: SeenPaper) -> str:
    return next((item.partition(" ")[0] for item in (*paper.invoices, *paper.deals, *paper.asked)), "")


_FOUND: Final[tuple[Callable[[SeenPaper], bool], ...]] = (
    bool,
    lambda paper: bool(paper.invoices),
    lambda paper: bool(paper.deals) and not paper.invoices,
    lambda paper: bool(paper.asked),
    lambda paper: not _system(paper),
)


def crms(effects: Sequence[Effect]) -> str:
    """What was written, by system."""
    groups = {crm: [effect for effect in effects if effect.crm == crm] for crm in CRM_TITLES}
    rows = [(CRM_TITLES[crm], *_kinds(mine)) for crm, mine in groups.items()]
    return _aligned([("что записано", *_HEADS[5:9]), *rows, ("всего", *_kinds(effects))])


def differences(found: Sequence[Difference], limit: int = 40) -> str:
    """Every difference on its own line, up to a limit."""
    shown = [f"  - {item}" for item in found[:limit]]
    rest = len(found) - limit
    return "\n".join([*shown, f"  … и ещё {rest}"] if rest > 0 else shown)


def _cases_of_payments(
    expected: Sequence[ExpectedPayment], seen: Sequence[SeenPayment]
) -> dict[str, list[SeenPayment]]:
    case_of = {(item.account, item.number, item.booked_on): item.case for item in expected}
    found: dict[str, list[SeenPayment]] = defaultdict(list)
    for payment in seen:
        found[case_of.get((payment.account, payment.number, payment.booked_on), _UNKNOWN)].append(payment)
    return found


def _cases_of_effects(expected: Sequence[ExpectedPayment], effects: Iterable[Effect]) -> dict[str, list[Effect]]:
    case_of = {effect: item.case for item in expected for effect in item.effects}
    found: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        found[case_of.get(effect, _UNKNOWN)].append(effect)
    return found


def _kind_of(source: str) -> str:
    """`выписка`, `API: Точка`, `вебхук: Точка`."""
    if source.startswith(_HOOK):
        return source
    return "выписка" if source.endswith(_FILE) else f"API: {source.partition(',')[0]}"


def _order(name: str) -> tuple[int, str]:
    return name.count("+"), name


def _kinds(effects: Iterable[Effect]) -> tuple[str, ...]:
    kinds = Counter(effect.kind for effect in effects)
    return tuple(_number(kinds[name]) for name in _KINDS)


def _number(count: int) -> str:
    return str(count) if count else "·"


def _row(title: str, payments: Sequence[SeenPayment], effects: Sequence[Effect]) -> tuple[str, ...]:
    piles = Counter(payment.pile for payment in payments)
    counts = [len(payments), *(piles[name] for name in _PILES)]
    return (title, *map(_number, counts), *_kinds(effects), _sums(payments))


def _sums(payments: Iterable[SeenPayment]) -> str:
    totals: dict[str, Money] = {}
    for payment in payments:
        currency = payment.amount.currency
        totals[currency] = totals.get(currency, Money.zero(currency)) + payment.amount
    return " + ".join(money_text(total) for _, total in sorted(totals.items()))


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        cells[0] = row[0].ljust(widths[0])
        lines.append("  ".join(cells).rstrip())
    rule = "-" * max(len(line) for line in lines)
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

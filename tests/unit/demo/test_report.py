"""The summary table: what was seen, by kind of case."""

from __future__ import annotations

from datetime import date

import pytest

from hub.demo.expectations import Effect, load_expectations
from hub.demo.report import crms, differences, sales, sources, table
from hub.demo.seen import Seen, SeenPaper, SeenPayment, Writes
from hub.demo.titles import CASES, times
from hub.demo.verify import Difference
from hub.domain.money import Money


def papers() -> tuple[SeenPaper, ...]:
    return tuple(
        SeenPaper(item.key, item.number, item.invoices, item.deals, item.asked) for item in load_expectations().papers
    )


def as_expected() -> Seen:
    payments = tuple(
        SeenPayment(
            item.sources,
            item.account,
            item.number,
            item.booked_on,
            item.amount,
            item.direction,
            item.decision,
            item.pile,
            "",
            item.allocations,
            (item.candidates,),
        )
        for item in load_expectations().payments
    )
    effects = tuple(effect for item in load_expectations().payments for effect in item.effects)
    return Seen(payments, (), papers(), Writes(effects))


def cells(text: str, title: str) -> list[str]:
    row = next(line for line in text.splitlines() if line.startswith(title))
    return row.removeprefix(title).replace("\u00a0", "").split()


def test_every_case_of_the_data_has_a_russian_title() -> None:
    assert {item.case for item in load_expectations().payments} <= set(CASES)


def test_the_table_counts_payments_piles_and_writes_by_case_and_in_all() -> None:
    expected = load_expectations().payments
    text = table(expected, as_expected())
    advances = [item for item in expected if item.case == "advance"]
    assert cells(text, CASES["advance"])[:7] == ["8", "8", "·", "·", "8", "8", "8"]
    assert len(advances) == 8
    total = cells(text, "всего")
    kinds = [effect.kind for item in expected for effect in item.effects]
    assert total[:4] == [
        str(len(expected)),
        str(sum(item.pile == "matched" for item in expected)),
        str(sum(item.pile == "needs_you" for item in expected)),
        str(sum(item.pile == "not_ours" for item in expected)),
    ]
    assert total[4:8] == [str(kinds.count(kind)) for kind in ("move", "paid", "comment", "task")]


def test_sums_of_two_currencies_stand_side_by_side() -> None:
    line = next(
        line for line in table(load_expectations().payments, as_expected()).splitlines() if line.startswith("всего")
    )
    assert "₽ + " in line
    assert line.endswith("$")


def test_money_is_counted_by_the_set_of_its_sources() -> None:
    text = sources(as_expected().payments)
    assert cells(text, "API: Точка + вебхук: Точка + выписка")[0] == "1"
    assert cells(text, "всего")[0] == str(len(load_expectations().payments))


def test_writes_are_counted_by_crm() -> None:
    effects = as_expected().writes.effects
    text = crms(effects)
    moved = {crm: sum(e.kind == "move" and e.crm == crm for e in effects) for crm in ("bitrix24", "amocrm")}
    assert cells(text, "Битрикс24")[0] == str(moved["bitrix24"])
    assert cells(text, "amoCRM")[0] == str(moved["amocrm"])
    assert moved["amocrm"] >= 8


def test_documents_of_1c_are_counted_by_the_crm_where_they_were_found() -> None:
    expected = load_expectations().papers
    text = sales(papers())
    total = cells(text, "всего")
    assert total[0] == str(len(expected))
    assert total[1] == str(sum(bool(item.invoices) for item in expected))
    assert total[3] == "2"
    assert cells(text, "ни в одной CRM") == ["2", "·", "·", "·", "2"]
    in_amo = [item for item in expected if any(name.startswith("amocrm") for name in (*item.invoices, *item.deals))]
    assert cells(text, "amoCRM")[0] == str(len(in_amo))


def test_what_1c_was_told_has_a_row_of_its_own() -> None:
    effects = as_expected().writes.effects
    marked = sum(effect.crm == "accounting_1c" for effect in effects)
    assert marked > 30
    assert cells(crms(effects), "1С") == ["·", str(marked), "·", "·"]


def test_what_nobody_expects_has_a_row_of_its_own() -> None:
    stray = SeenPayment(
        ("x.txt",), "1", "1", date(2026, 3, 5), Money.of("1.00", "RUB"), "in", "none", "needs_you", "", {}
    )
    seen = Seen((stray,), (), (), Writes((Effect("move", "1", "A → B"),)))
    assert cells(table(load_expectations().payments, seen), "не из примера")[:5] == ["1", "·", "1", "·", "1"]


def test_a_long_list_of_differences_is_cut_and_says_so() -> None:
    found = [Difference(f"платёж {index}", "одно", "другое") for index in range(50)]
    text = differences(found, limit=3)
    assert text.splitlines()[-1] == "  … и ещё 47"
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 раз"), (1, "1 раз"), (2, "2 раза"), (5, "5 раз"), (12, "12 раз"), (23, "23 раза")]
)
def test_counts_are_written_in_good_russian(count: int, text: str) -> None:
    assert times(count) == text

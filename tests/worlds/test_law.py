"""The truth itself, on situations small enough to judge by eye."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.worlds.law import Court, Judged, NumberStands, Verdict, number_stands, truth_of
from tests.worlds.records import Bill, Client, ClientKind, Organisation, Said, Side, Transfer, Written

OURS: Final = Organisation('ООО "Мы"', "7700000001", "770001001", "40702810000000000001")
OTHER_OURS: Final = Organisation('ООО "Мы тоже"', "7700000002", "770001001", "40702810000000000002")
PION: Final = Client("1", ClientKind.COMPANY, "Пион", ('ООО "Пион"',), "7711111111", "771101001", "407028100000000011")
ROZA: Final = Client("2", ClientKind.COMPANY, "Роза", ('ООО "Роза"',), "7722222222", "772201001", "407028100000000022")
ISSUED: Final = date(2026, 3, 2)


def number(core: str, prefix: str = "", year: str = "") -> Written:
    return Written(prefix + core + year, prefix, core, year)


def bill(index: int, core: str, amount: int = 1200, client: Client = PION, **changes: Any) -> Bill:
    written = number(core)
    return replace(Bill(index, written, (written,), ISSUED, Decimal(amount), client, OURS), **changes)


def pay(*bills: Bill, amount: int = 1200, by: Client = PION, said: Said | None = None, **changes: Any) -> Transfer:
    made = Transfer(
        id="p",
        kind="any",
        group=1,
        booked_on=ISSUED + timedelta(days=3),
        amount=Decimal(amount),
        purpose="",
        payer=Side(by.spellings[0], by.tax_id, by.kpp, by.account),
        organisation=OURS,
        said=replace(said or Said(), payer=by),
        settles={one.id: min(one.amount, Decimal(amount)) for one in bills},
    )
    return replace(made, **changes)


def judged(transfer: Transfer, *bills: Bill) -> Judged:
    return Court(bills).year([transfer])[transfer.id]


def named(*cores: str, **more: Any) -> Said:
    return replace(Said(numbers=tuple(number(core) for core in cores)), **more)


def test_number_sum_and_client_decide() -> None:
    one = bill(1, "45")
    assert judged(pay(one, said=named("45")), one).verdict is Verdict.DECISIVE


def test_sum_and_client_decide_where_the_invoice_is_the_only_one() -> None:
    one = bill(1, "45")
    assert judged(pay(one), one, bill(2, "46", 1300), bill(3, "47", client=ROZA)).verdict is Verdict.DECISIVE


def test_a_second_open_invoice_of_the_sum_makes_an_unnumbered_payment_doubtful_and_both_may_be_first() -> None:
    one, two = bill(1, "45"), bill(2, "46")
    found = judged(pay(one), one, two)
    assert (found.verdict, set(found.first)) == (Verdict.DOUBTFUL, {"inv-1", "inv-2"})


def test_a_paid_invoice_of_the_sum_is_no_second_answer() -> None:
    one, two = bill(1, "45"), bill(2, "46", status="paid", paid=Decimal(1200))
    assert judged(pay(one), one, two).verdict is Verdict.DECISIVE


def test_an_invoice_without_tax_id_of_the_same_name_is_a_second_answer() -> None:
    one, two = bill(1, "45"), bill(2, "46", requisites=False)
    assert judged(pay(one), one, two).verdict is Verdict.DOUBTFUL


def test_an_equal_number_of_another_client_is_a_second_answer_only_where_the_payer_is_unknown() -> None:
    one, two = bill(1, "45"), bill(2, "45", client=ROZA)
    unknown = pay(one, said=named("45"), payer=Side())
    unknown = replace(unknown, said=replace(unknown.said, payer=None))
    assert judged(unknown, one, two).verdict is Verdict.DOUBTFUL
    assert judged(pay(one, said=named("45")), one, two).verdict is Verdict.DECISIVE


@pytest.mark.parametrize(
    "changes",
    [
        {"organisation": OTHER_OURS},
        {"currency": "USD"},
        {"status": "cancelled"},
        {"status": "paid", "paid": Decimal(1200)},
        {"issued_on": ISSUED + timedelta(days=10)},
        {"client": ROZA},
    ],
    ids=["other organisation", "other currency", "cancelled", "paid", "issued after", "other client"],
)
def test_a_contradiction_makes_a_named_invoice_doubtful(changes: dict[str, Any]) -> None:
    one = bill(1, "45", **changes)
    found = judged(pay(one, said=named("45")), one)
    assert (found.verdict, found.first) == (Verdict.DOUBTFUL, ("inv-1",))


def test_a_wrong_date_or_contract_is_a_contradiction() -> None:
    one = bill(1, "45", references=(("contract", "7"),))
    assert judged(pay(one, said=named("45", dated=date(2025, 3, 2))), one).verdict is Verdict.DOUBTFUL
    assert judged(pay(one, said=named("45", reference=("contract", "8"))), one).verdict is Verdict.DOUBTFUL
    assert judged(pay(one, said=named("45", reference=("order", "8"))), one).verdict is Verdict.DECISIVE


def test_a_part_needs_the_client_and_gives_way_to_an_equal_sum_unless_it_is_called_a_part() -> None:
    one, equal = bill(1, "45"), bill(2, "46", 300)
    part = pay(one, amount=300, said=named("45"))
    assert judged(part, one).verdict is Verdict.DECISIVE
    assert judged(part, one, equal).verdict is Verdict.DOUBTFUL
    assert judged(pay(one, amount=300, said=named("45", part_stated=True)), one, equal).verdict is Verdict.DECISIVE
    assert judged(replace(part, payer=Side('ООО "Пион"')), one).verdict is Verdict.DOUBTFUL


def test_a_named_set_is_decisive_to_the_kopeck_only() -> None:
    one, two = bill(1, "45"), bill(2, "46", 500)
    said = named("45", "46")
    settles = {"inv-1": Decimal(1200), "inv-2": Decimal(500)}
    assert judged(pay(amount=1700, said=said, settles=settles), one, two).verdict is Verdict.DECISIVE
    assert judged(pay(amount=1699, said=said, settles=settles), one, two).verdict is Verdict.DOUBTFUL


def test_a_number_that_nobody_has_is_never_decisive() -> None:
    one = bill(1, "45")
    assert judged(pay(one, said=named("54")), one).verdict is Verdict.DOUBTFUL


def test_a_payer_who_misleads_everyone_is_left_out_of_the_world() -> None:
    one, two = bill(1, "45", 1300), bill(2, "46")
    lies = pay(one, said=named("46"))
    assert judged(lies, one, two).verdict is Verdict.UNCLEAR
    with pytest.raises(ValueError, match="leaves it open"):
        truth_of(lies, judged(lies, one, two))


def test_the_rest_is_decisive_after_its_part() -> None:
    one = bill(1, "45")
    part = pay(one, amount=300, said=named("45"), id="part")
    rest = pay(one, amount=900, id="rest", booked_on=part.booked_on + timedelta(days=1))
    found = Court([one]).year([rest, part])
    assert [found[name].verdict for name in ("part", "rest")] == [Verdict.DECISIVE, Verdict.DECISIVE]


def test_two_payments_of_one_day_that_ask_for_more_than_is_open_are_doubtful() -> None:
    one = bill(1, "45")
    twice = [pay(one, said=named("45"), id=name) for name in ("first", "second")]
    assert {found.verdict for found in Court([one]).year(twice).values()} == {Verdict.DOUBTFUL}


@pytest.mark.parametrize(
    ("written", "printed", "stands"),
    [
        (number("123", "ТД00"), number("000123", "ТД00"), NumberStands.SAME),
        (number("4123"), number("004123", "ТД00"), NumberStands.SHORT),
        (number("123"), number("000123", "ТД00"), NumberStands.FEW_DIGITS),
        (number("123"), number("0123", year="2026"), NumberStands.LOOSE),
        (number("123", year="25"), number("123", year="26"), NumberStands.OTHER),
        (number("123", "СЧ"), number("123", "ТД00"), NumberStands.OTHER),
        (number("12/3"), number("123"), NumberStands.OTHER),
        (number("45"), number("145"), NumberStands.OTHER),
    ],
)
def test_how_a_written_number_stands_to_a_printed_one(written: Written, printed: Written, stands: NumberStands) -> None:
    assert number_stands(written, printed) is stands

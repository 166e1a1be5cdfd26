"""Rows 14 and 15 on 1C: the answer to a mark or a link never came, or proves nothing; reading settles each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Final

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox as RunningBase
from connectors.accounting_1c.sandbox.testing import running_sandbox as running_base
from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.sandbox_kit.write_log import WriteRecord
from hub.ports.records import EffectKind, EffectState, Health
from hub.services.settle_payment import undo_match
from hub.store.engine import Database
from tests.support.house_1c import House1C, moved_in_1c
from tests.support.matrix import Figures
from tests.support.papers_1c import (
    BUH,
    INVOICE,
    PAID,
    PAYMENT,
    ROWS,
    STATUS,
    UNPAID,
    base_seed,
    paper_id,
    paper_money,
)
from tests.support.sale import amo_seed
from tests.support.shift import broken_promises

FED: Final = [paper_money(1)]
#: What becomes of one write; after the row stands how often it may be sent again.
LOST: Final[dict[str, tuple[int, int, dict[str, Any]]]] = {
    "before apply": (14, 1, {"kind": "lose_reply", "applied": False}),
    "after apply": (14, 0, {"kind": "lose_reply", "applied": True}),
    "later, within the window": (14, 0, {"kind": "late_apply", "after_s": 40}),
    "later than the lease": (14, 1, {"kind": "late_apply", "after_s": 400}),
    "cut off with 504, applied later": (14, 0, {"kind": "late_apply", "after_s": 40, "reply": "504"}),
    "server fell, applied": (14, 0, {"kind": "exception", "applied": True}),
    "server fell, not applied": (14, 1, {"kind": "exception"}),
    "half reply with a length": (15, 0, {"kind": "half_reply"}),
    "half reply in chunks": (15, 0, {"kind": "half_reply", "content_length": False}),
    "JSON cut in the middle": (15, 0, {"kind": "broken_json"}),
    "page under 200": (15, 0, {"kind": "html", "status": 200, "applied": True}),
    "page under 200, not applied": (15, 1, {"kind": "html", "status": 200}),
}
MARKED: Final = EffectKind.MARK_PAID
#: Writes by kind: the effect, the call, the set.
CALLS: Final = {
    "first mark": (MARKED, f"create.{STATUS}*", STATUS),
    "mark": (MARKED, f"patch.{STATUS}*", STATUS),
    "link": (EffectKind.LINK_PAYMENT, f"patch.{PAYMENT}*", PAYMENT),
    "mark taken back": (EffectKind.UNMARK_PAID, f"patch.{STATUS}*", STATUS),
}
USUAL: Final = {
    *((name, "first mark") for name in LOST),
    *((name, call) for name in ("before apply", "after apply", "later than the lease") for call in ("mark", "link")),
    ("page under 200, not applied", "link"),
}


def cases() -> list[Any]:
    """Every fault on every kind of write; `./run test` takes first marks and the telling ones of the others."""
    return [
        pytest.param(name, call, id=f"{call}: {name}", marks=_marks(row, name, call))
        for name, (row, *_) in LOST.items()
        for call in CALLS
    ]


def _marks(row: int, name: str, call: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.row(row), *([] if (name, call) in USUAL else [pytest.mark.thorough])]


@pytest.fixture(scope="module")
def amo() -> Iterator[RunningAmo]:
    """One account for all cases."""
    with running_amo(amo_seed(())) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def base() -> Iterator[RunningBase]:
    """One base for all cases."""
    with running_base(base_seed("1000.00")) as sandbox:
        yield sandbox


@contextmanager
def at_the_write(amo: RunningAmo, base: RunningBase, database: Database, call: str = "mark") -> Iterator[House1C]:
    """A house whose next write of that kind is still to come."""
    amo.control.reset()
    base.control.reset()
    with moved_in_1c(amo, base, database, link_payments=True) as house:
        if call != "first mark":
            state = {"Документ": paper_id(1), "Документ_Type": f"StandardODATA.{INVOICE}", "Статус": UNPAID}
            ours = {"Организация_Key": str(house.base.row(INVOICE, paper_id(1))["Организация_Key"])}
            house.base.create(STATUS, {**state, **ours, "Статус_Type": "UnavailableEnums.СтатусОплатыСчета"})
        house.loads_payment(1, СчетОрганизации_Key="00000000-0000-0000-0000-000000000000")
        house.poll_base()
        house.pay(*FED)
        if call == "mark taken back":
            house.settle()
            undo_match(house.rt, "p1", "Ольга")
        yield house


def document(house: House1C) -> str:
    """The one payment of the base."""
    (row,) = house.base.rows(PAYMENT)
    return str(row["Ref_Key"])


def states(house: House1C) -> list[WriteRecord]:
    return [row for row in house.base_effects(STATUS) if "Статус" in row.changed]


@pytest.mark.parametrize(("name", "call"), cases())
def test_a_write_without_an_answer_is_settled_by_reading_and_sent_again_once_at_most(
    sqlite_database: Database, amo: RunningAmo, base: RunningBase, figures: Figures, name: str, call: str
) -> None:
    _, repeats, action = LOST[name]
    kind, method, entity = CALLS[call]
    with at_the_write(amo, base, sqlite_database, call) as house:
        house.base_fault(method, **action)
        before = len(house.base_calls(entity))
        house.settle()
        house.clock.sleep(500)
        house.poll_base()
        house.settle()
        assert sum(house.base.base.faults.fired().values()) == 1, "the fault was met"
        again = len(house.base_calls(entity)) - before - 1
        figures.most(f"1C: repeat writes, {name}", again)
        assert again <= repeats
        assert house.effect(kind).state is EffectState.DONE
        assert not house.parked()
        assert house.connection(BUH).health is Health.OK
        back = call == "mark taken back"
        assert house.state_of() == (UNPAID if back else PAID)
        assert len(states(house)) == (2 if back else 1), "never twice"
        assert len([row for row in house.base.rows(STATUS) if row["Документ"] == paper_id(1)]) == 1
        assert house.linked_to(document(house)) == [paper_id(1)]
        assert len([row for row in house.base_effects(PAYMENT) if ROWS in row.changed]) == 1
        assert broken_promises(house, sqlite_database, FED) == []


@pytest.mark.row(14)
@pytest.mark.parametrize(("call", "words"), [("first mark", "проверьте счет"), ("link", "проверьте расшифровку")])
@pytest.mark.thorough
def test_a_write_that_nobody_answers_for_long_waits_longer_each_time_and_then_asks_a_person(
    sqlite_database: Database, amo: RunningAmo, base: RunningBase, figures: Figures, call: str, words: str
) -> None:
    kind, method, entity = CALLS[call]
    with at_the_write(amo, base, sqlite_database, call) as house:
        house.base_fault(method, times=None, kind="lose_reply", applied=False)
        house.settle(rounds=400)
        writes = [row.at for row in house.base_calls(entity)]
        gaps = [(after - before).total_seconds() for before, after in pairwise(writes)]
        figures.most("1C: tries before a person is asked", len(writes))
        assert len(writes) == 10
        assert all(after > before - 2 for before, after in pairwise(gaps))
        assert min(gaps) >= 65
        parked = house.effect(kind)
        assert parked.state is EffectState.PARKED
        assert words in (parked.reason or "").replace("ё", "е")


@pytest.mark.row(14)
@pytest.mark.parametrize("call", ["first mark", "link"])
def test_a_person_who_was_quicker_than_our_repeat_is_not_written_over(
    sqlite_database: Database, amo: RunningAmo, base: RunningBase, call: str
) -> None:
    kind, method, entity = CALLS[call]
    with at_the_write(amo, base, sqlite_database, call) as house:
        house.base_fault(method, kind="lose_reply", applied=False)
        while len(house.base_calls(entity)) == 0:
            assert house.deliver_due()
        if call == "link":
            parts: Any = house.base.row(PAYMENT, document(house))[ROWS]
            other = house.writes_paper(2)
            house.base.edit(PAYMENT, document(house), **{ROWS: [{**parts[0], "СчетНаОплату_Key": other}]})
        else:
            ours = {"Организация_Key": str(house.base.row(INVOICE, paper_id(1))["Организация_Key"])}
            state = {"Документ": paper_id(1), "Документ_Type": f"StandardODATA.{INVOICE}", "Статус": "Отменен"}
            house.base.create(STATUS, {**ours, **state, "Статус_Type": "UnavailableEnums.СтатусОплатыСчета"})
        house.settle()
        assert house.effect(kind).state is EffectState.PARKED
        assert len(house.base_calls(entity)) == 1, "nothing is written over a person"
        if call == "link":
            assert house.linked_to(document(house)) == [other]
        else:
            assert house.state_of() == "Отменен"


BROKEN: Final[dict[str, dict[str, Any]]] = {
    "half reply with a length": {"kind": "half_reply"},
    "half reply in chunks": {"kind": "half_reply", "content_length": False},
    "page under 200": {"kind": "html", "status": 200},
    "error body under 200": {"kind": "refuse", "status": 200},
    "JSON cut in the middle": {"kind": "broken_json"},
    "another JSON": {"kind": "broken_json", "text": "[]"},
    "a set without rows": {"kind": "broken_json", "text": '{"value": null}'},
    "an empty set": {"kind": "broken_json", "text": '{"value": []}'},
    "nothing": {"kind": "broken_json", "text": ""},
}
#: Readings of the feed, with the plan of exchange and the money of the base.
READS: Final = (
    "metadata",
    f"list.{INVOICE}",
    f"list.{PAYMENT}",
    "list.Catalog_Контрагенты",
    f"list.{STATUS}",
    "get.ExchangePlan_*",
    "changes",
    "notify",
)
TELLING: Final = ("error body under 200", "an empty set", "nothing")


@pytest.mark.row(15)
@pytest.mark.parametrize(
    ("method", "name"),
    [
        pytest.param(method, name, marks=() if name in TELLING else pytest.mark.thorough)
        for method in READS
        for name in BROKEN
    ],
)
def test_a_broken_answer_to_a_reading_is_asked_for_again_and_takes_nothing_away(
    sqlite_database: Database, amo: RunningAmo, base: RunningBase, figures: Figures, method: str, name: str
) -> None:
    amo.control.reset()
    base.control.reset()
    with moved_in_1c(amo, base, sqlite_database, plan=True, money=True) as house:
        for place in (2, 3, 4):
            house.writes_paper(place, f"{place}000.00", Date=f"2026-03-16T08:00:{place:02}")
        house.loads_payment(3, "3000.00", post=True)
        house.read_everything()
        house.read_everything()
        known = [house.known(place) for place in (1, 2, 3, 4)]
        assert all(row is not None and not row.removed for row in known)
        house.base.edit(INVOICE, paper_id(2), СуммаДокумента="2500.00")
        house.base_fault(method, **BROKEN[name])
        for _ in range(3):
            house.clock.sleep(60)
            house.poll_base()
            house.poll_bank("buh-money")
        house.read_everything()
        again = [house.known(place) for place in (1, 2, 3, 4)]
        assert all(row is not None and not row.removed for row in again)
        assert str(again[1].invoice.amount.amount) == "2500.00" if again[1] is not None else False
        assert [row for place, row in enumerate(again) if place != 1] == [r for p, r in enumerate(known) if p != 1]
        assert len(house.payments()) == 1
        assert house.gone() == []
        assert house.base.state()["changes_waiting"] == 0
        figures.total("1C: broken answers", sum(house.base.base.faults.fired().values()))


@pytest.mark.row(15)
@pytest.mark.parametrize("name", ["half reply with a length", "page under 200", "JSON cut in the middle"])
def test_a_broken_reading_before_a_write_writes_nothing_twice(
    sqlite_database: Database, amo: RunningAmo, base: RunningBase, name: str
) -> None:
    with at_the_write(amo, base, sqlite_database) as house:
        for method in (f"get.{STATUS}*", f"list.{INVOICE}", f"get.{PAYMENT}*", f"list.{PAYMENT}"):
            house.base_fault(method, times=2, **BROKEN[name])
        house.settle()
        assert len(states(house)) == 1
        assert house.state_of() == PAID
        assert house.linked_to(document(house)) == [paper_id(1)]
        assert not [row for row in house.parked() if row.kind is MARKED]
        assert broken_promises(house, sqlite_database, FED) == []

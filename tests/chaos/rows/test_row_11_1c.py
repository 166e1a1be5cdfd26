"""Row 11 on 1C: sessions and licences run out, the server refuses under load; it is called less and nothing is lost."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import pytest

from hub.ports.records import EffectState, Health
from hub.services.match_payments import match_payments
from hub.store.engine import Database
from tests.support.house_1c import OTHERS, House1C, opened_house_1c
from tests.support.matrix import Figures
from tests.support.papers_1c import BUH, PAID, paper_id, paper_money
from tests.support.sale import PAID as DEAL_PAID
from tests.support.sale import TOCHKA, transfer
from tests.support.shift import broken_promises, on_both, work

pytestmark = pytest.mark.row(11)
MINUTES: Final = 10
FED: Final = [paper_money(1)]
#: What a publication without a free session or licence may answer, and the wait that it names.
FULL: Final[dict[str, tuple[dict[str, Any], int | None]]] = {
    "406": ({"kind": "html", "status": 406}, None),
    "503, 30 s": ({"kind": "refuse", "status": 503, "headers": {"Retry-After": "30"}}, 30),
    "503": ({"kind": "html", "status": 503}, None),
    "500 of the server": ({"kind": "exception", "description": "Не обнаружена лицензия"}, None),
    "page under 200": ({"kind": "html", "status": 200, "body": "<html>Не обнаружена лицензия</html>"}, None),
}


def tried(house: House1C, minutes: int) -> int:
    """Somebody asks all the time, oftener than any timetable of ours; returns how often the base was called."""
    before, ends = house.base_asked(), house.clock.monotonic() + minutes * 60
    while house.clock.monotonic() < ends:
        house.poll_base()
        house.clock.sleep(10)
    return house.base_asked() - before


@pytest.mark.parametrize(("chosen", "name"), on_both(FULL, ["406"]), indirect=["chosen"])
def test_a_base_without_a_free_session_is_called_less_and_goes_on_afterwards(
    chosen: Database, figures: Figures, name: str
) -> None:
    action, named_s = FULL[name]
    with opened_house_1c(chosen, "1000.00", plan=True) as house:
        house.read_everything()
        house.base_fault("*", times=None, **action)
        house.base.edit("Document_СчетНаОплатуПокупателю", paper_id(1), Комментарий="перезвонить")
        made = tried(house, MINUTES)
        figures.most(f"1C: calls in 10 min, {'Retry-After 30' if named_s else 'none named'}", made)
        assert made <= (MINUTES * 60 / named_s + 1 if named_s is not None else 15)
        assert house.connection(BUH).health is Health.TROUBLE
        house.bank.add(transfer(TOCHKA, 1))
        work(house, 600, 60)
        assert house.moves() == [DEAL_PAID], "the bank and the CRM work on"
        assert {house.connection(other).health for other in OTHERS} == {Health.OK}
        house.base.clear_faults()
        house.clock.sleep(120)
        assert house.poll_base().complete
        assert house.base.state()["changes_waiting"] == 0
        house.bring(*FED)
        match_payments(house.rt)
        house.settle()
        assert house.state_of() == PAID
        assert house.connection(BUH).health is Health.OK
        assert broken_promises(house, chosen, [*house.ledger(), *FED]) == []


@pytest.mark.parametrize("look", ["406", "500", "html"])
def test_a_base_whose_licences_are_all_taken_is_read_when_one_comes_free(sqlite_database: Database, look: str) -> None:
    with opened_house_1c(sqlite_database, "1000.00") as house:
        house.base.change_settings(licences=0, no_licence=look)
        work(house, 300, 20)
        row = house.connection(BUH)
        assert row.health is Health.TROUBLE
        assert "лицензи" in (row.health_reason or ""), "what is missing is named"
        house.base.change_settings(licences=None)
        work(house, 300, 20)
        assert house.connection(BUH).health is Health.OK
        assert house.known(1) is not None


def test_a_server_that_breaks_off_every_third_page_under_load_is_read_whole(
    sqlite_database: Database, figures: Figures
) -> None:
    sums = [f"{1000 + place}.00" for place in range(40)]
    with opened_house_1c(sqlite_database, *sums, page_rows=3) as house:
        rule = {
            "kind": "refuse",
            "status": 500,
            "code": "-1",
            "description": "Конфликт блокировок при выполнении транзакции",
        }
        for nth in range(3, 40, 3):
            house.base.add_faults({"match": {"method": "list.*", "nth": nth}, "times": 1, "action": rule})
        polls = 0
        while not house.poll_base().complete:
            house.clock.sleep(60)
            polls += 1
            assert polls < 40
        figures.most("1C: polls until all is read under load", polls + 1)
        assert all(house.known(place) is not None for place in range(1, 41))


def test_a_mark_under_406_waits_and_is_written_once(sqlite_database: Database, figures: Figures) -> None:
    with opened_house_1c(sqlite_database, "1000.00") as house:
        house.read_everything()
        house.bring(*FED)
        match_payments(house.rt)
        house.base_fault("*", times=None, kind="html", status=406)
        before = house.base_asked()
        work(house, MINUTES * 60, 10)
        made = house.base_asked() - before
        figures.most("1C: calls in 10 min with a mark to write", made)
        assert made <= 40
        assert not house.parked()
        moments = [row.at.timestamp() for row in house.base.requests[before:]]
        gaps = [after - earlier for earlier, after in pairwise(moments)]
        assert max(gaps) >= 30, "pauses grow"
        house.base.clear_faults()
        work(house, 900, 20)
        assert house.state_of() == PAID
        assert len([row for row in house.base_effects() if "Статус" in row.changed]) == 1
        assert {row.state for row in house.all_effects() if row.kind.value == "mark_paid"} == {EffectState.DONE}

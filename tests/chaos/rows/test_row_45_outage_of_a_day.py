"""Row 45: the CRM is out of reach for 24 hours; afterwards every move is made once, in order, within the quota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet
from hub.ports.records import Health, PaymentState
from hub.store.engine import Database
from tests.integration.office import Office, seed
from tests.support.matrix import Figures
from tests.support.shift import DOWN, broken_promises, calls, most_calls_within, opened_office, work, work_until_done
from tests.support.statements import Received

pytestmark = pytest.mark.row(45)
DEALS: Final = {"sqlite": 240, "postgres": 60}
DRAIN_PER_S: Final = 2
BLOCKED_ABOVE: Final = 50
RULES: Final = RuleSet(
    {
        "0": PipelineRules(
            "0",
            {
                PaidEvent.DEAL_PARTLY_PAID: Action("PREPAYMENT_INVOICE"),
                PaidEvent.DEAL_PAID: Action("EXECUTING"),
            },
        )
    },
    mark_invoices_paid=False,
)


@dataclass(frozen=True)
class Day:
    """Money for so many deals. Every third is prepaid first; the rest for half of those comes during the outage."""

    deals: int

    @property
    def twice(self) -> range:
        return range(0, self.deals, 3)

    def before(self) -> list[Received]:
        first = [credit(at, 1000 + at, "400.00" if at in self.twice else "1000.00") for at in range(self.deals)]
        return first + [credit(at, 3000 + at, "600.00") for at in self.twice if at % 2]

    def during(self) -> list[Received]:
        return [credit(at, 5000 + at, "600.00") for at in self.twice if not at % 2]

    def moved_in_order(self, office: Office) -> bool:
        both, one = ["PREPAYMENT_INVOICE", "EXECUTING"], ["EXECUTING"]
        return all(office.moves(9001 + at) == (both if at in self.twice else one) for at in range(self.deals))


def credit(place: int, number: int, amount: str) -> Received:
    return Received(str(number), amount, f"Оплата по счету № {701 + place} от 10.03.2026. НДС не облагается")


@pytest.mark.parametrize("chosen", DEALS, indirect=True)
def test_after_a_day_without_the_crm_every_move_is_made_once_in_order_and_within_the_quota(
    chosen: Database, request: pytest.FixtureRequest, figures: Figures
) -> None:
    database, day = chosen, Day(DEALS[request.node.callspec.params["chosen"]])
    portal = seed(["1000.00"] * day.deals, settings={"rate_limit": {"enabled": True}})
    with opened_office(
        database, portal, rules=RULES, settings={"plan": "non_enterprise"}, moves_per_hour=10_000
    ) as office:
        fed = day.before()
        office.pay(*fed)
        office.control.add_faults({"match": {"method": "*"}, "times": None, "action": DOWN})
        before = calls(office)
        work(office, 12 * 3600, 480)
        office.bring(*day.during(), name="next day.txt")
        work(office, 12 * 3600, 480)
        figures.most("calls during the 24 h", calls(office) - before)
        assert not office.ours()
        office.control.clear_faults()
        back = calls(office)
        office.clock.sleep(120)
        work(office, 120, 10)
        took = work_until_done(office, database, 10, 3600)
        fed += day.during()
        assert {row.state for row in office.payments()} == {PaymentState.MATCHED}
        assert day.moved_in_order(office)
        made = calls(office) - back
        moves = len(office.ours())
        figures.total("moves", moves)
        figures.most("minutes to drain", (took + 120) / 60)
        figures.most("calls a move", made / moves)
        most = most_calls_within(office, 60)
        figures.most("calls in the busiest minute", most)
        assert most <= BLOCKED_ABOVE + 60 * DRAIN_PER_S
        assert 503 not in {record.status for record in office.control.requests[back:]}, "not one call too many"
        assert office.connection().health is Health.OK
        assert broken_promises(office, database, fed) == []

"""Row 12: the portal refuses the credential; one alarm, one question in ten minutes, and the others work on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

import connectors
from connectors.bitrix24.sandbox.testing import running_sandbox
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.ports.records import EffectState, Health
from hub.services.runtime import ConnectionSettings
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.integration.office import CONNECTION, RULES, lines, seed
from tests.support.matrix import Figures
from tests.support.shift import calls, on_both, opened_office, turn

pytestmark = pytest.mark.row(12)
DENIED: Final[dict[str, dict[str, Any]]] = {
    "401 revoked": {"status": 401, "code": "NO_AUTH_FOUND"},
    "401 without a known code": {"status": 401, "code": "SOMETHING_NEW"},
    "402 not paid": {"status": 402, "code": "PAYMENT_REQUIRED"},
    "403 plan": {"status": 403, "code": "ACCESS_DENIED"},
    "403 user blocked": {"status": 403, "code": "user_access_error"},
}
OTHER: Final = "branch"
FED = list(lines((701, "1000.00"), (702, "2000.50")))


@pytest.mark.parametrize(("chosen", "name"), on_both(DENIED, ["401 revoked"]), indirect=["chosen"])
def test_a_dead_credential_rings_once_and_is_asked_once_in_ten_minutes_while_the_other_portal_works(
    chosen: Database, figures: Figures, name: str
) -> None:
    branch = seed(("5000.00",))
    branch["invoices"] = [row | {"account_number": "55801"} for row in branch["invoices"]]
    with opened_office(chosen, seed()) as office, running_sandbox(branch) as other:
        other.control.freeze()
        runtime = ConnectorRuntime(OTHER, office.clock, MemoryQuota(office.clock), "test")
        crm = connectors.plugin("bitrix24").open({"webhook_url": other.webhook_url, "plan": "off"}, runtime)
        settings = {CONNECTION: office.rt.connections[CONNECTION], OTHER: ConnectionSettings(OTHER, RULES, 60, 1000)}
        rt = office.rt = replace(office.rt, crms={CONNECTION: office.crm, OTHER: crm}, connections=settings)
        with office.store.write() as uow:
            uow.connections.ensure(OTHER)
            uow.connections.set_acting(OTHER, True, None)
        for _ in range(3):
            turn(rt, office.hints)
        office.bring(*FED, *lines((55801, "5000.00")))
        office.control.add_faults(
            {"match": {"method": "*"}, "times": None, "action": {"kind": "refuse", **DENIED[name]}}
        )
        before = calls(office)
        for _ in range(60):
            turn(rt, office.hints)
            office.clock.sleep(60)
        made = calls(office) - before
        figures.most("calls to the dead one in an hour", made)
        assert made <= 1 + 60 / 10 + 1, "one that found out, then one in ten minutes"
        assert office.connection().health is Health.DEAD
        assert other.control.deal(9001)["stageId"] == "EXECUTING", "the other portal is served"
        assert len(office.unsettled()) == len([row for row in office.all_effects() if row.connection == CONNECTION])
        changes = [row.data for row in Queries(chosen).journal(limit=500) if row.event == "connection.changed"]
        alarms = [row for row in changes if row["health"] == "dead"]
        figures.most("alarms", len(alarms))
        assert len(alarms) == 1
        office.control.clear_faults()
        for _ in range(15):
            turn(rt, office.hints)
            office.clock.sleep(60)
        assert {row.state for row in office.all_effects()} == {EffectState.DONE}
        assert office.connection().health is Health.OK
        crm.close()

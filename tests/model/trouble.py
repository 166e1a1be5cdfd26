"""Rules of the hub's own life: hints, polls, time, and everything that fails."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import rule

from hub import failpoints
from hub.domain.errors import Gone, Reauthorise, Refused, RetryLater
from hub.domain.models import Pipeline
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from tests.model.crm import Fault
from tests.model.scene import INDEX
from tests.model.trade import Trade
from tests.support.fake_crm import SALES
from tests.support.world import CRM

ReadError = type[RetryLater | Refused | Gone | Reauthorise]
SHORT: Final = Pipeline(SALES.id, SALES.name, tuple(stage for stage in SALES.stages if stage.id != "SHIP"))


class Trouble(Trade):
    """What makes the hub work, and what keeps it from working."""

    @rule(index=INDEX, lose=st.booleans())
    def one_hint(self, index: int, lose: bool) -> None:
        """Hints are taken in any order, or all are lost with the queue."""
        if lose:
            self.world.hints.clear()
        elif self.world.hints:
            hint = self.world.hints.pop(index % len(self.world.hints))
            self.alive(lambda: self.do(*hint))

    @rule(then_s=st.sampled_from([0, 1, 3, 70, 150]))
    def a_round_of_work(self, then_s: int) -> None:
        """One moment of a healthy hub, and some time."""
        self.alive(self.work_a_round)
        self.clock.sleep(then_s)

    @rule()
    def poll(self) -> None:
        """Read the CRM."""
        self.alive(lambda: poll_source(self.rt, CRM))

    @rule()
    def decide(self) -> None:
        """Match whatever waits."""
        self.alive(lambda: match_payments(self.rt))

    @rule(
        seconds=st.sampled_from([1, 5, 30, 66, 145, 700, 4000]), jump=st.sampled_from([0, 0, 0, 90, 3600, -90, -3600])
    )
    def time_goes_by(self, seconds: int, jump: int) -> None:
        """For everybody; or somebody sets the clock of the hub's machine."""
        if jump:
            self.clock.jump(jump)
        else:
            self.clock.sleep(seconds)

    @rule(how=st.sampled_from([*Fault, *Fault, RetryLater, Refused, Gone, Reauthorise]))
    def a_call_will_fail(self, how: Fault | ReadError) -> None:
        """The next write, in one of many ways, or the next read."""
        if isinstance(how, Fault):
            self.crm.plan.append(how)
        else:
            self.crm.read_plan.append(how)

    @rule(what=st.sampled_from(["dead", "alive", "alive", "short", "whole"]))
    def the_crm_is_changed(self, what: str) -> None:
        """The token expires or a person reconnects; the rule's stage is taken out of the pipeline or put back."""
        match what:
            case "dead" | "alive":
                self.crm.dead = what == "dead"
            case _:
                self.crm.funnel = SHORT if what == "short" else SALES

    @rule(point=st.sampled_from(failpoints.POINTS), commits=st.none() | st.integers(0, 8), stands=st.booleans())
    def the_process_will_die(self, point: str, commits: int | None, stands: bool) -> None:
        """At a named point, or just before or just after one of its next commits."""
        if commits is None:
            self.mortal.point = point
        else:
            self.mortal.commits_left, self.mortal.commit_stands = commits, stands

"""Rules of people and robots, in the CRM and at the desk; what must hold after each step, and at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from hub.domain.models import Party
from hub.domain.money import Money
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import EffectState, Health, PaymentState
from hub.services.aliases import add_alias, end_alias
from hub.services.control import pause, put_aside, resume, send_again, set_acting
from hub.services.poll_source import poll_source
from hub.services.settle_payment import choose_invoices, confirm_candidate, put_back, reject, undo_match
from tests.model.outside import CLIENTS
from tests.model.scene import INDEX, WHO, pick
from tests.model.trouble import Trouble
from tests.support.fake_crm import SALES
from tests.support.world import CRM

STEPS: Final = "steps"
PAUSED, OBSERVES = "the hub is paused", "the connection observes"
STAGES: Final = st.sampled_from([stage.id for stage in SALES.stages])
START: Final = date(2026, 3, 1)
MIDDLE: Final = ("move", "undo", "pause", "observe", "worker", "poll", "sum", "confirm", "slow")


class Hub(Trouble):
    """The whole machine; `seen` counts over all runs what was gone through."""

    seen: ClassVar[Counter[str]] = Counter()

    @invariant()
    def nothing_is_broken(self) -> None:
        """I1–I5 as far as they can be seen between two steps."""
        self.seen[STEPS] += 1
        self.laws.check()

    @precondition(lambda self: self.crm.deals)
    @rule(index=INDEX, stage=STAGES)
    def a_person_moves_a_deal(self, index: int, stage: str) -> None:
        """Forward, back, to won or lost."""
        self.crm.drag(pick(list(self.crm.deals), index), stage)

    @precondition(lambda self: self.crm.deals)
    @rule(index=INDEX, what=st.sampled_from(["robot", "robot", "delete", "sum", "mark", "unmark"]))
    def something_happens_in_the_crm(self, index: int, what: str) -> None:
        """A robot will answer our next move with its own; a person deletes a deal, raises its sum, marks an invoice."""
        match what:
            case "robot":
                self.crm.robot = pick([stage.id for stage in SALES.stages], index)
            case "delete":
                self.crm.put(Removed(ItemKind.DEAL, pick(list(self.crm.deals), index)))
            case "sum":
                deal = pick(list(self.crm.deals.values()), index)
                assert deal.amount is not None
                self.crm.change(replace(deal, amount=deal.amount + Money.of("100", "RUB")))
            case _:
                invoice = pick(list(self.crm.invoice_stage), index)
                self.crm.mark(invoice, "P" if what == "mark" else "N")

    @rule(what=st.sampled_from(MIDDLE), index=INDEX)
    def in_the_middle_of_the_next_call(self, what: str, index: int) -> None:
        """Between our read and our write, or while the CRM thinks."""
        acts: dict[str, Callable[[], object]] = {
            "move": lambda: (
                self.crm.deals and self.a_person_moves_a_deal(index, pick(("NEW", "PREPAID", "WON"), index))
            ),
            "undo": lambda: self.a_person_undoes(index),
            "pause": lambda: self.a_person_switches("pause"),
            "observe": lambda: self.a_person_switches("observe"),
            "worker": self.work_a_round,
            "poll": lambda: poll_source(self.rt, CRM),
            "sum": lambda: self.crm.deals and self.something_happens_in_the_crm(index, "sum"),
            "slow": lambda: self.clock.sleep(index % 75),
            "confirm": lambda: self.a_person_confirms(index),
        }
        self.crm.middle.append(lambda: self._unless_dead(acts[what]))

    def _unless_dead(self, act: Callable[[], object]) -> None:
        act()
        self.mortal.must_live()

    @rule()
    def a_good_hour(self) -> None:
        """People see to everything that stops the hub, and it works."""
        self.crm.dead = False
        self.a_person_switches("resume")
        self.a_person_switches("act")
        self.poll()
        for _ in range(3):
            self.a_round_of_work(70)

    @rule(index=INDEX, remember=st.booleans())
    def a_person_confirms(self, index: int, remember: bool = False) -> None:
        """One of the candidates that were shown; perhaps the payer is to be remembered."""
        shown = [row for row in self.payments(PaymentState.NEEDS_YOU) if row.decision and row.decision.candidates]
        if shown:
            row = pick(shown, index)
            assert row.decision is not None
            candidate = pick(row.decision.candidates, index)
            self.by_person(lambda: confirm_candidate(self.rt, row.payment.id, candidate, WHO, remember=remember))

    @rule(index=INDEX, holds=st.booleans())
    def a_person_says_who_pays_for_whom(self, index: int, holds: bool) -> None:
        """One customer pays for the other; or does no more."""
        payer, client = CLIENTS if index % 2 else reversed(CLIENTS)
        with self.mortal.store.read() as uow:
            said = uow.aliases.active([f"t:{payer.main_tax_id}"])
        if said and not holds:
            self.by_person(lambda: end_alias(self.rt, said[0].id, WHO))
        elif client.main_tax_id is not None:
            target = client.main_tax_id
            self.by_person(lambda: add_alias(self.rt, Party(payer.names[0], payer.main_tax_id), target, WHO))

    @rule(index=INDEX, other=INDEX)
    def a_person_chooses(self, index: int, other: int) -> None:
        """Any invoice, right or wrong."""
        open_rows = self.payments(PaymentState.NEEDS_YOU, PaymentState.NOT_OURS, PaymentState.RECHECK)
        if open_rows and self.crm.invoices:
            payment, invoice = pick(open_rows, index).payment.id, pick(list(self.crm.invoices), other)
            self.by_person(lambda: choose_invoices(self.rt, payment, [f"{CRM}/{invoice}"], WHO))

    @rule(index=INDEX)
    def a_person_rejects_or_puts_back(self, index: int) -> None:
        """Not our money; or it is, after all."""
        rows = self.payments(*set(PaymentState) - {PaymentState.MATCHED})
        if rows:
            row = pick(rows, index)
            away = row.state in (PaymentState.DISMISSED, PaymentState.NOT_OURS)
            self.by_person(lambda: (put_back if away else reject)(self.rt, row.payment.id, WHO))

    @rule(index=INDEX)
    def a_person_undoes(self, index: int) -> None:
        """A match, the machine's or another person's."""
        rows = self.payments(PaymentState.MATCHED)
        if rows:
            self.by_person(lambda: undo_match(self.rt, pick(rows, index).payment.id, WHO))

    @rule(what=st.sampled_from(["pause", "resume", "resume", "observe", "act", "act from later"]))
    def a_person_switches(self, what: str) -> None:
        """Pause and resume; observe and act."""
        match what:
            case "pause":
                self._switch(lambda: pause(self.rt, WHO))
            case "resume":
                self._switch(lambda: resume(self.rt, WHO))
                self._switch(lambda: resume(self.rt, WHO, CRM))
            case "observe":
                self._switch(lambda: set_acting(self.rt, CRM, WHO, None))
            case _:
                since = START if what == "act" else START.replace(day=4)
                self._switch(lambda: set_acting(self.rt, CRM, WHO, since))

    def _switch(self, act: Callable[[], object]) -> None:
        self.by_person(act)
        with self.mortal.store.read() as uow:
            paused = uow.switches.paused_by() is not None
            acting = next((row.acting for row in uow.connections.all() if row.id == CRM), False)
        self.laws.halted = _said(paused, acting)

    @rule(index=INDEX, again=st.booleans())
    def a_person_sees_to_a_parked_effect(self, index: int, again: bool) -> None:
        """Sends it once more, or puts it aside."""
        parked = [row for row in self.rows().effects.values() if row.state == EffectState.PARKED]
        if parked:
            row = pick(parked, index)
            self.laws.sent_again[row.operation_key] += again
            self.by_person(lambda: (send_again if again else put_aside)(self.rt, row.id, WHO))

    def teardown(self) -> None:
        """Trouble ends, time passes: everything comes to rest, and the journal verifies."""
        try:
            if self.laws.before is not None and not self.laws.broken:
                self._come_to_rest()
                self.laws.check()
                self.laws.at_rest()
        finally:
            self._count()
            self.close()

    def _count(self) -> None:
        keys = Counter(sent.key for sent in self.crm.sent)
        self.seen["writes sent"] += keys.total()
        self.seen["writes repeated"] += keys.total() - len(keys)
        self.seen["deals moved"] += sum(item.sent.kind == "move" for item in self.crm.changed)
        self.seen["said who pays for whom"] += len(self.rows().said)
        self.seen["taken back"] += sum(item.sent.key.startswith("undo:") for item in self.crm.changed)
        self.seen["deaths"] += self.mortal.deaths

    def _come_to_rest(self) -> None:
        self.mortal.restart()
        self.crm.heal()
        self._switch(lambda: resume(self.rt, WHO))
        self._switch(lambda: set_acting(self.rt, CRM, WHO, START))
        for _ in range(100):
            resume(self.rt, WHO, CRM)
            self.work_a_round()
            knows_all = poll_source(self.rt, CRM).complete
            wait_s = self._next_turn_s()
            if wait_s is None and knows_all:
                break
            self.clock.sleep(max(60.0, wait_s or 0.0))
        with self.mortal.store.write() as uow:
            uow.audit.seal(self.clock.now(), 100_000)
        with self.mortal.store.read() as uow:
            assert uow.audit.verify() is None, "I5: the journal's chain is broken"
            assert all(row.health is Health.OK for row in uow.connections.all())

    def _next_turn_s(self) -> float | None:
        """Seconds until the first of what is left may be worked on; None when nothing is left."""
        rows = self.rows()
        left = [row for row in rows.effects.values() if row.state in (EffectState.QUEUED, EffectState.INTENT)]
        left += [row for row in rows.inbox.values() if row.state == "new"]
        waiting = [row for row in rows.payments.values() if row.state in (PaymentState.NEW, PaymentState.RECHECK)]
        if not left and not waiting:
            return None
        with self.mortal.store.read() as uow:
            if any(row.capped for row in uow.connections.all()):
                return 3600.0
        turns = [max(filter(None, (row.next_attempt_at, row.lease_until))) for row in left]
        return (min(turns, default=self.clock.at) - self.clock.at).total_seconds()


def _said(paused: bool, acting: bool) -> set[str]:
    return {text for text, holds in ((PAUSED, paused), (OBSERVES, not acting)) if holds}

"""Replay: shown first, then done; what stands is not touched, a doubt goes to a person, nothing moves twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from hub.domain.models import InvoiceStatus
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.match_payments import match_payments
from hub.services.replay import Change, apply, preview
from hub.services.settle_payment import choose_invoices, reject, undo_match
from hub.store.unit_of_work import SqlStore
from tests.support.world import CRM, World, client, deal, incoming, invoice, rub

OTHER_RULES: Mapping[str, RuleSet] = {
    CRM: RuleSet({"0": PipelineRules("0", {PaidEvent.DEAL_PAID: Action("WON", comment="Оплата пришла")})})
}


@pytest.fixture
def world(store: SqlStore) -> World:
    """A CRM with a client, a deal and its invoice, the connection acting."""
    world = World(store)
    world.crm.add(client(), deal(), invoice())
    return world.act()


def forget_the_invoice(world: World) -> None:
    """The CRM now says another number: the machine would not match the same money again."""
    world.crm.add(replace(world.crm.invoices["71"], number="88", amount=rub("3000")))
    world.sync()


def test_what_would_be_decided_as_it_is_stays_untouched(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    world.settle()
    writes, effects = list(world.crm.writes), world.effects(payment)
    (line,) = preview(world.rt, [payment])
    assert (line.change, line.added, line.withdrawn) == (Change.SAME, (), ())
    apply(world.rt, [payment], "Ольга")
    world.settle()
    assert world.crm.writes == writes
    assert world.effects(payment) == effects


@pytest.mark.parametrize("purpose", ["Оплата по счету № 71", "За товар"])
def test_our_own_paid_mark_casts_no_doubt_on_its_match(world: World, purpose: str) -> None:
    (payment,) = world.pay(incoming(purpose, "1000"))
    world.settle()
    assert world.payment(payment).state is PaymentState.MATCHED
    world.crm.add(replace(world.crm.invoices["71"], status=InvoiceStatus.PAID))
    world.sync()
    assert [line.change for line in preview(world.rt, [payment])] == [Change.SAME]


def test_a_preview_writes_nothing(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 90", "500"))
    world.crm.add(deal("2", "500"), invoice("90", "90", "500", "2"))
    with world.store.write() as uow:
        uow.payments.set_state(payment, PaymentState.NEEDS_YOU)
    world.sync()
    with world.store.write() as uow:
        uow.payments.set_state(payment, PaymentState.NEEDS_YOU)
    before = world.payment(payment)
    (line,) = preview(world.rt, [payment])
    assert line.change is Change.DECIDE
    assert {effect.kind for effect in line.added} >= {EffectKind.MOVE_DEAL, EffectKind.COMMENT, EffectKind.TASK}
    assert world.payment(payment) == before
    assert world.effects(payment) == []


def test_an_open_payment_is_decided_again_once_and_moves_once(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 90", "500"))
    world.crm.add(deal("2", "500"), invoice("90", "90", "500", "2"))
    world.sync()
    with world.store.write() as uow:
        uow.payments.set_state(payment, PaymentState.NEEDS_YOU)
    for _ in range(2):
        apply(world.rt, [payment], "Ольга")
        world.settle()
    assert world.payment(payment).state is PaymentState.MATCHED
    assert world.crm.moves_of("2") == ["SHIP"]
    with world.store.read() as uow:
        assert uow.audit.verify() is None


def test_a_doubtful_match_is_put_before_a_person_and_nothing_is_undone(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    world.settle()
    writes = list(world.crm.writes)
    forget_the_invoice(world)
    (line,) = preview(world.rt, [payment])
    assert line.change is Change.DOUBT
    assert {row.kind for row in line.taken_back} == {EffectKind.MOVE_DEAL, EffectKind.MARK_PAID}
    for _ in range(2):
        apply(world.rt, [payment], "Ольга")
    row = world.payment(payment)
    assert row.state is PaymentState.MATCHED
    assert [text.startswith("Повторная проверка решила бы иначе") for text in row.warnings] == [True]
    world.settle()
    assert world.crm.writes == writes


def test_a_doubtful_match_is_undone_only_when_told_and_guarded(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    world.settle()
    forget_the_invoice(world)
    world.crm.human_moves("1", "WON")
    apply(world.rt, [payment], "Ольга", undo_changed=True)
    world.settle()
    assert world.payment(payment).held
    back = next(row for row in world.effects(payment) if row.kind is EffectKind.STEP_BACK)
    assert back.state is EffectState.PARKED
    assert world.crm.deals["1"].stage_id == "WON"


def test_what_a_person_decided_is_never_touched(world: World) -> None:
    chosen, dismissed = world.pay(incoming("За товар", "900"), incoming("За мебель", "300", number="246"))
    choose_invoices(world.rt, chosen, [f"{CRM}/71"], "Ольга")
    reject(world.rt, dismissed, "Ольга")
    world.settle()
    before = [world.payment(key) for key in (chosen, dismissed)]
    assert {line.change for line in preview(world.rt, [chosen, dismissed])} == {Change.KEPT}
    apply(world.rt, [chosen, dismissed], "Пётр", undo_changed=True)
    assert [world.payment(key) for key in (chosen, dismissed)] == before


def test_an_undone_payment_is_only_suggested_again(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    undo_match(world.rt, payment, "Ольга")
    match_payments(world.rt)
    (line,) = preview(world.rt, [payment])
    assert line.after is not None
    assert line.after.code == "held_by_person"
    apply(world.rt, [payment], "Пётр")
    assert world.payment(payment).state is PaymentState.NEEDS_YOU


def test_another_rule_file_shows_what_it_would_bring_and_take(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    (line,) = preview(world.rt, [payment], OTHER_RULES)
    assert line.change is Change.SAME
    assert {(effect.kind, effect.payload.get("stage")) for effect in line.added} >= {(EffectKind.MOVE_DEAL, "WON")}
    assert {effect.kind for effect in line.withdrawn} == {EffectKind.MOVE_DEAL, EffectKind.COMMENT, EffectKind.TASK}


def test_payments_of_one_day_are_decided_as_a_set(world: World) -> None:
    ids = world.pay(incoming("Оплата по счету № 71", "400"), incoming("Оплата по счету № 71", "600", number="246"))
    lines = preview(world.rt, ids)
    assert [line.change for line in lines] == [Change.SAME, Change.SAME]
    assert lines[0].row.payment.booked_on == date(2026, 3, 5)

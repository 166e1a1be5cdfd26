"""Hooks of both banks over a real socket: a hint starts a read, and nothing that it says is taken as fact."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub.ports.records import InboxKind
from tests.contract.bank.conftest import HOOK_TOKEN, BankHub, Start, paid

BANKS = ["tochka", "tbank"]
both = pytest.mark.parametrize("bank", BANKS)


def subscribed(world: BankHub) -> BankHub:
    """A hub that knows the bank's key and gets its hooks."""
    world.poll()
    if world.bank == "tochka":
        world.control.subscribe_tochka({"url": world.hook_url(), "events": ["incomingPayment", "outgoingPayment"]})
    else:
        world.control.subscribe_tbank({"url": world.hook_url(), "auth_type": "Bearer", "auth_secret": HOOK_TOKEN})
    return world


def statuses(world: BankHub) -> list[int | None]:
    world.control.wait_hooks()
    return [delivery.status for delivery in world.control.deliveries]


@both
def test_a_hook_brings_its_payment_before_the_next_poll(start: Start, bank: str) -> None:
    world = subscribed(start(bank))
    world.control.add(paid(bank, 0))
    assert world.follow() == 1
    (row,) = world.payments()
    assert world.sources(row) == {InboxKind.BANK_DAY, InboxKind.HOOK}
    assert statuses(world) == [200 if bank == "tochka" else 204]


@both
def test_the_amount_of_a_hook_is_never_believed(start: Start, bank: str) -> None:
    world = subscribed(start(bank))
    on = "tochka.incomingPayment" if bank == "tochka" else "tbank.*"
    world.control.add_faults({"match": {"method": on}, "action": {"kind": "forge_hook", "how": "amount"}})
    world.control.add(paid(bank, 0))
    world.follow()
    assert [str(row.payment.amount) for row in world.payments()] == ["12200.00 RUB"]


@both
def test_every_hook_lost_leaves_the_same_payments(start: Start, bank: str) -> None:
    world = start(bank)
    world.poll()
    world.control.add(paid(bank, 0))
    world.poll()
    assert len(world.payments()) == 1


def test_a_hook_of_tbank_that_comes_twice_and_under_another_id_is_one_payment(start: Start) -> None:
    world = subscribed(start("tbank", tbank={"hook_operation_id": "other", "hook_copies": 3}))
    world.control.add(paid("tbank", 0))
    world.follow()
    world.poll()
    (row,) = world.payments()
    assert world.sources(row) == {InboxKind.BANK_DAY, InboxKind.HOOK}


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_tbank_shows_our_own_secret_in_either_way(start: Start, scheme: str) -> None:
    world = start("tbank")
    world.control.subscribe_tbank({"url": world.hook_url(), "auth_type": scheme, "auth_secret": HOOK_TOKEN})
    world.control.add(paid("tbank", 0))
    assert statuses(world) == [204]


@pytest.mark.parametrize("header", ["", "Bearer other", f"Basic {HOOK_TOKEN[:-1]}", HOOK_TOKEN, "Bearer"])
def test_tbank_without_our_secret_is_refused(start: Start, header: str) -> None:
    world = start("tbank")
    answer = httpx.post(world.hook_url(), json={"accountNumber": "1"}, headers={"authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize("signing", ["wrong_key", "hs256", "none"])
def test_tochka_signed_otherwise_is_refused_and_nothing_is_kept(start: Start, signing: str) -> None:
    world = subscribed(start("tochka", tochka={"hook_signing": signing, "hook_retries": 0}))
    world.control.add(paid("tochka", 0))
    assert statuses(world) == [401]
    assert world.follow() == 0


@pytest.mark.parametrize("form", ["single", "set"])
def test_the_key_of_tochka_may_be_one_or_a_set(start: Start, form: str) -> None:
    world = subscribed(start("tochka", tochka={"jwk_form": form}))
    world.control.add(paid("tochka", 0))
    assert statuses(world) == [200]


def test_a_new_key_of_tochka_is_fetched_once_when_a_signature_does_not_fit(start: Start) -> None:
    world = subscribed(start("tochka", tochka={"hook_retry_s": 1.0}))
    world.control.rotate_key()
    world.control.add(paid("tochka", 0))
    world.control.wait_hooks()
    for _ in range(50):
        if 200 in statuses(world):
            break
        world.control.advance(1)
        world.control.wait_hooks()
    assert statuses(world)[-1] == 200
    assert world.follow() == 1
    keys = [request for request in world.control.requests if request.method == "tochka.key"]
    assert len(keys) == 2


def test_a_replayed_hook_of_tochka_is_stored_once(start: Start) -> None:
    world = subscribed(start("tochka"))
    taken: list[str] = []
    world.control.add(paid("tochka", 0))
    world.follow()
    taken += [delivery.body for delivery in world.control.deliveries]
    for body in taken * 3:
        assert httpx.post(world.hook_url(), content=body, headers={"content-type": "text/plain"}).status_code == 200
    assert world.follow() == 0
    assert len(world.payments()) == 1


def test_the_hub_subscribes_at_tochka_and_passes_its_test(start: Start) -> None:
    world = start("tochka")
    world.poll()
    world.hub.rt.banks["tochka"].subscribe(world.hook_url())
    state: dict[str, Any] = world.control.state()
    assert state["tochka_webhook"]["url"] == world.hook_url()
    assert world.follow() == 2
    assert world.payments() == []


def test_the_hub_subscribes_at_tbank_with_its_own_secret(start: Start) -> None:
    world = start("tbank")
    world.poll()
    world.hub.rt.banks["tbank"].subscribe(world.hook_url())
    world.control.add(paid("tbank", 0))
    assert world.follow() == 1
    assert len(world.payments()) == 1

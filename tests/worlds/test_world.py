"""A made-up year through the function behind `sverka match`: a machine never decides wrongly."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from hub.match_files import run_match
from tests.worlds.files import INVOICES, PAYMENTS, payment_line, write_world
from tests.worlds.records import Answer
from tests.worlds.score import Score, read_decisions, score
from tests.worlds.world import SITUATIONS, World, make_world

SEEDS: Final = (4, 12)
PAYMENTS_COUNT: Final = 5_000
INVOICES_COUNT: Final = 15_000


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> World:
    return _world(request.param)


@cache
def _world(seed: int) -> World:
    return make_world(seed, PAYMENTS_COUNT, INVOICES_COUNT)


@pytest.fixture(scope="module")
def found(world: World, tmp_path_factory: pytest.TempPathFactory) -> Score:
    folder = tmp_path_factory.mktemp("world")
    write_world(world, folder)
    return _decide(world, folder)


def _decide(world: World, folder: Path) -> Score:
    out, faults = folder / "decisions.jsonl", list[str]()
    with out.open("w", encoding="utf-8") as file:
        run_match([folder / PAYMENTS], folder / INVOICES, file, report=faults.append)
    assert faults == []
    return score(world.truths, read_decisions(out))


def test_no_automatic_decision_is_wrong(world: World, found: Score) -> None:
    purposes = {payment.id: payment.purpose for payment in world.payments}
    assert [(truth.kind, purposes[truth.payment], made.reason) for truth, made in found.wrong] == []


def test_nearly_every_decisive_payment_is_decided(found: Score) -> None:
    total = found.total
    assert total.decided >= 0.97 * total.decisive


def test_the_right_invoice_is_shown_first_in_nearly_every_doubtful_case(found: Score) -> None:
    total = found.total
    assert total.right_first >= 0.95 * total.doubtful


def test_every_kind_of_story_is_in_one_of_the_worlds() -> None:
    assert {payment.kind for seed in SEEDS for payment in _world(seed).payments} == {
        situation.kind for situation in SITUATIONS
    }


def test_the_world_has_as_many_payments_and_invoices_as_asked(world: World) -> None:
    assert (len(world.payments), len(world.invoices)) == (PAYMENTS_COUNT, INVOICES_COUNT)


def test_every_payment_has_one_truth(world: World) -> None:
    assert [truth.payment for truth in world.truths] == [payment.id for payment in world.payments]
    assert len({truth.payment for truth in world.truths}) == len(world.truths)


def test_a_decisive_payment_is_allocated_whole_and_never_more_than_is_open(world: World) -> None:
    amounts = {payment.id: payment.amount for payment in world.payments}
    left = {bill.id: bill.amount - bill.paid for bill in world.invoices}
    for truth in world.truths:
        if truth.answer is Answer.DECISIVE:
            assert sum(truth.allocations.values()) == amounts[truth.payment]
            for invoice, amount in truth.allocations.items():
                left[invoice] -= amount
    assert min(left.values()) >= 0


def test_most_payments_are_decisive_and_every_answer_is_there(world: World) -> None:
    counts = {answer: sum(truth.answer is answer for truth in world.truths) for answer in Answer}
    assert min(counts.values()) > PAYMENTS_COUNT // 20
    assert counts[Answer.DECISIVE] > PAYMENTS_COUNT // 2


def test_the_same_seed_makes_the_same_world() -> None:
    lines = [
        [json.dumps(payment_line(payment)) for payment in make_world(seed, 60, 400).payments] for seed in (5, 5, 6)
    ]
    assert lines[0] == lines[1] != lines[2]

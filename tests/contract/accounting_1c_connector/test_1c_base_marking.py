"""The paid mark in a real register, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox
from hub.domain.models import Invoice
from hub.ports.crm import ItemKind, MoveOutcome, Position

from .base import INVOICE, PAID, PARTLY, PAYMENT, STATUS, UNPAID, World, opened

MARKED, UNMARKED = Position("states", "Оплачен"), Position("states", "НеОплачен")


@pytest.fixture
def writer(base: RunningSandbox) -> Iterator[World]:
    with opened(base, mark_paid=True) as world:
        yield world


def status_of(world: World, invoice: str) -> Any:
    found = [row for row in world.control.rows(STATUS) if row["Документ"] == invoice]
    return found[0]["Статус"] if found else None


@pytest.mark.parametrize("invoice", [UNPAID, PARTLY])
def test_a_mark_is_set_read_back_and_taken_back(writer: World, invoice: str) -> None:
    result = writer.port.mark_paid(invoice, "key")
    assert (result.outcome, result.position) == (MoveOutcome.MOVED, MARKED)
    assert status_of(writer, invoice) == "Оплачен"
    assert writer.port.mark_paid(invoice, "key").outcome is MoveOutcome.ALREADY_THERE
    assert writer.port.restore_invoice(invoice, MARKED, UNMARKED, "key").outcome is MoveOutcome.MOVED
    assert status_of(writer, invoice) == "НеОплачен"


def test_a_mark_that_a_person_set_stays_theirs(writer: World) -> None:
    assert writer.port.mark_paid(PAID, "key").outcome is MoveOutcome.ALREADY_THERE
    assert writer.port.invoice_now(PAID).position == MARKED


def test_one_look_at_an_invoice_tells_its_sum_as_reading_it_does(writer: World) -> None:
    (told,) = [item for item in writer.port.reread(ItemKind.INVOICE, UNPAID) if isinstance(item, Invoice)]
    assert writer.port.invoice_now(UNPAID).asks == told.amount.amount > 0


def test_a_refusal_is_in_1cs_own_words(writer: World) -> None:
    said = "Статус может менять только главный бухгалтер"
    action = {"kind": "refuse", "status": 500, "code": "-1", "description": said}
    writer.control.add_faults({"match": {"method": "patch.*"}, "action": action})
    result = writer.port.mark_paid(UNPAID, "key")
    assert (result.outcome, said in result.reason) == (MoveOutcome.REFUSED, True)
    assert status_of(writer, UNPAID) == "НеОплачен"


def test_a_user_who_may_not_write_is_told_so(base: RunningSandbox) -> None:
    seed = default_seed("bp30").model_dump()
    seed["users"] = [{"name": "Сверка", "password": "слово", "write": []}]
    with running_sandbox(seed) as sandbox, opened(sandbox, mark_paid=True) as world:
        result = world.port.mark_paid(UNPAID, "key")
        assert result.outcome is MoveOutcome.REFUSED
        assert "нет прав" in result.reason


def test_no_document_is_ever_written(writer: World) -> None:
    before = {name: writer.control.rows(name) for name in (INVOICE, PAYMENT)}
    writer.poll()
    writer.port.mark_paid(UNPAID, "key")
    writer.port.mark_paid(PARTLY, "key")
    assert {name: writer.control.rows(name) for name in (INVOICE, PAYMENT)} == before

"""What is written to 1C, and what never is."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub.domain.errors import Gone, Refused
from hub.domain.models import StageKind
from hub.ports.crm import Capability, MoveOutcome, Position
from tests.unit.accounting_1c.base import INVOICE, ORG, STATUS, Base, World, guid, invoice, problem

UNPAID, PAID = Position("states", "НеОплачен"), Position("states", "Оплачен")
CLOSED = "Период закрыт для изменений с 01.03.2026 (Петрова А. И.)"


def world(status: str | None = None, mark_paid: bool = True, **values: Any) -> World:
    base = Base()
    base.add(INVOICE, invoice(1, **values))
    if status is not None:
        base.add(STATUS, record(status))
    return World(base, mark_paid=mark_paid)


def record(status: str) -> dict[str, Any]:
    return {
        "Организация_Key": ORG,
        "Документ": guid(1),
        "Документ_Type": f"StandardODATA.{INVOICE}",
        "Статус": status,
        "Статус_Type": "UnavailableEnums.СтатусОплатыСчета",
    }


def test_nothing_is_written_unless_the_settings_say_so() -> None:
    off = world(mark_paid=False)
    assert Capability.MARK_PAID not in off.port.capabilities()
    assert off.port.invoice_pipelines() == ()
    assert off.port.invoice_now(guid(1)).position is None
    with pytest.raises(Refused, match="off"):
        off.port.mark_paid(guid(1), "key")
    assert off.base.writes == []


def test_an_invoice_without_a_state_gets_a_record_of_its_own() -> None:
    on = world()
    assert on.port.invoice_now(guid(1)).position == UNPAID
    result = on.port.mark_paid(guid(1), "key")
    assert (result.outcome, result.position) == (MoveOutcome.MOVED, PAID)
    assert on.base.writes == [("POST", STATUS, record("Оплачен"))]
    assert on.port.invoice_now(guid(1)).position == PAID
    (pipeline,) = on.port.invoice_pipelines()
    assert [stage.id for stage in pipeline.stages if stage.kind is StageKind.WON] == ["Оплачен"]


def test_a_state_that_is_there_is_changed_by_its_whole_key() -> None:
    on = world("НеОплачен")
    assert on.port.mark_paid(guid(1), "key").outcome is MoveOutcome.MOVED
    body = {"Статус": "Оплачен", "Статус_Type": "UnavailableEnums.СтатусОплатыСчета"}
    assert on.base.writes == [("PATCH", STATUS, body)]
    (patch,) = [path for path in on.base.paths() if path.startswith("PATCH")]
    key = f"(Организация_Key=guid'{ORG}',Документ='{guid(1)}',Документ_Type='StandardODATA.{INVOICE}')"
    assert f"/{STATUS}{key}?" in patch


def test_a_mark_that_is_there_is_not_set_again() -> None:
    on = world("Оплачен")
    assert on.port.mark_paid(guid(1), "key").outcome is MoveOutcome.ALREADY_THERE
    assert on.base.writes == []


@pytest.mark.parametrize(
    ("status", "values"), [("Отменен", {}), (None, {"DeletionMark": True}), (None, {"Posted": False})]
)
def test_what_is_not_in_force_is_not_marked(status: str | None, values: dict[str, Any]) -> None:
    on = world(status, **values)
    result = on.port.mark_paid(guid(1), "key")
    assert result.outcome is MoveOutcome.REFUSED
    assert "отметка не ставится" in result.reason
    assert on.base.writes == []


def test_an_invoice_that_is_gone_is_gone() -> None:
    with pytest.raises(Gone):
        world().port.mark_paid(guid(7), "key")


def test_a_refusal_is_shown_in_1cs_own_words_and_sent_once() -> None:
    on = world("НеОплачен")
    on.base.before = lambda request: problem(500, "-1", CLOSED) if request.method == "PATCH" else None
    result = on.port.mark_paid(guid(1), "key")
    assert result.outcome is MoveOutcome.REFUSED
    assert CLOSED in result.reason
    assert sum(request.method == "PATCH" for request in on.base.requests) == 1


def test_a_missing_right_to_write_is_told_apart_from_a_wrong_password() -> None:
    on = world("НеОплачен")
    on.base.before = lambda request: problem(401, "20", "Недостаточно прав") if request.method == "PATCH" else None
    result = on.port.mark_paid(guid(1), "key")
    assert result.outcome is MoveOutcome.REFUSED
    assert "Недостаточно прав" in result.reason


@pytest.mark.parametrize("answer", [httpx.Response(500, content=b"<html>"), httpx.Response(502, content=b"")])
def test_a_lost_answer_of_a_write_is_unknown_and_never_repeated(answer: httpx.Response) -> None:
    on = world("НеОплачен")
    on.base.before = lambda request: answer if request.method == "PATCH" else None
    assert on.port.mark_paid(guid(1), "key").outcome is MoveOutcome.UNKNOWN
    assert sum(request.method == "PATCH" for request in on.base.requests) == 1


def test_a_write_that_1c_took_and_did_not_keep_is_refused() -> None:
    on = world("НеОплачен")
    on.base.before = lambda request: httpx.Response(200, content=b"{}") if request.method == "PATCH" else None
    result = on.port.mark_paid(guid(1), "key")
    assert (result.outcome, result.position) == (MoveOutcome.REFUSED, UNPAID)


def test_our_mark_is_taken_back_only_while_it_is_ours() -> None:
    on = world("Оплачен")
    assert on.port.restore_invoice(guid(1), PAID, UNPAID, "key").outcome is MoveOutcome.MOVED
    assert on.port.invoice_now(guid(1)).position == UNPAID
    assert on.port.restore_invoice(guid(1), PAID, UNPAID, "key").outcome is MoveOutcome.ALREADY_THERE
    on = world("Отменен")
    assert on.port.restore_invoice(guid(1), PAID, UNPAID, "key").outcome is MoveOutcome.CHANGED_BY_OTHER
    assert on.base.writes == []


def test_if_match_is_not_relied_upon() -> None:
    on = world("НеОплачен")
    on.port.mark_paid(guid(1), "key")
    assert all("if-match" not in request.headers for request in on.base.requests)
    methods = [request.method for request in on.base.requests]
    place = methods.index("PATCH")
    assert methods[place - 1] == methods[place + 1] == "GET", "read just before, read back just after"


def test_no_document_is_ever_written_to() -> None:
    on = world("НеОплачен")
    on.poll()
    on.port.mark_paid(guid(1), "key")
    on.port.restore_invoice(guid(1), PAID, UNPAID, "key")
    assert {name for _, name, _ in on.base.writes} == {STATUS}

"""What the check at set-up finds: a missing object or right is named with what to tick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from connectors.accounting_1c.names import TICK
from hub.domain.errors import Reauthorise
from tests.unit.accounting_1c.base import INVOICE, PAYMENT, STATUS, Base, World, document, problem


def missing(base: Base, **values: Any) -> tuple[str, ...]:
    return World(base, **values).port.probe().missing_rights


def answering(part: str, answer: Callable[[], httpx.Response]) -> Callable[[httpx.Request], httpx.Response | None]:
    return lambda request: answer() if part in unquote(str(request.url)) else None


def test_a_base_that_has_everything_lacks_nothing_and_is_named() -> None:
    base = Base()
    probe = World(base).port.probe()
    assert probe.missing_rights == ()
    assert probe.account == "Бухгалтерия предприятия 3.0, 1c.example/acc"
    assert probe.user == "Сверка"
    assert all(request.method == "GET" for request in base.requests)


def test_an_object_that_is_not_published_is_named() -> None:
    base = Base()
    del base.sets[INVOICE]
    assert missing(base) == (f"«Счет на оплату покупателю» ({INVOICE}) — {TICK}",)


def test_an_empty_composition_is_one_line() -> None:
    base = Base()
    base.before = answering("/?", lambda: document({"value": []}))
    assert missing(base) == (f"в публикации нет ни одного объекта — {TICK}",)


def test_a_right_that_is_missing_is_told_apart_from_an_object() -> None:
    base = Base()
    base.before = answering(f"/{PAYMENT}?", lambda: problem(401, "20", "Нарушение прав доступа"))
    (line,) = missing(base)
    assert line.startswith(f"«Поступление на расчетный счет» ({PAYMENT}) — дайте пользователю 1С право чтения")


def composite_links(base: Base) -> Base:
    """Payments that may name documents of several kinds."""
    base.fields[f"{PAYMENT}_РасшифровкаПлатежа"].append("СчетНаОплату_Type")
    base.fields[f"{PAYMENT}_РасшифровкаПлатежа"].remove("СчетНаОплату_Key")
    base.fields[f"{PAYMENT}_РасшифровкаПлатежа"].append("СчетНаОплату")
    return base


def test_a_base_that_refuses_the_cast_is_told_so_where_nothing_else_finds_payments() -> None:
    base = composite_links(Base())
    assert missing(base) == ()
    base.before = answering("cast(", lambda: problem(400, "21", "Неверный вызов функции"))
    (line,) = missing(base)
    assert "составному полю" in line


def test_a_base_that_finds_nothing_by_a_cast_is_told_so_too() -> None:
    base = composite_links(Base())
    base.before = answering("cast(", lambda: document({"value": []}))
    (line,) = missing(base)
    assert "составному полю" in line


def test_owners_and_states_are_found_without_the_cast() -> None:
    base = Base()
    base.before = answering("cast(", lambda: problem(500, "-1", "Неверные параметры"))
    assert missing(base) == ()


def test_the_register_of_marks_is_needed_only_where_marks_are_written() -> None:
    base = Base()
    del base.sets[STATUS]
    assert missing(base) == ()
    (line,) = missing(base, mark_paid=True)
    assert "без него mark_paid не работает" in line


PLAN = {"plan": "ExchangePlan_Сверка", "node": "1b7e0c52-0d4a-11f1-9a01-000000080001"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: document({"Ref_Key": PLAN["node"]}), None),
        (lambda: document({"Ref_Key": PLAN["node"], "ThisNode": True}), "узел самой базы"),
        (lambda: problem(404, "9", "Entity instance not found"), "узла 1b7e0c52"),
        (lambda: problem(404, "8", "entity is not found"), TICK),
        (lambda: problem(401, "20", "Нарушение прав"), "право чтения"),
        (lambda: problem(400, "6", "Неверный адрес"), "Неверный адрес"),
    ],
)
def test_a_plan_of_exchange_is_checked_with_its_node(answer: Callable[[], httpx.Response], words: str | None) -> None:
    base = Base()
    base.before = answering("ExchangePlan_Сверка", answer)
    lines = missing(base, exchange_plan=PLAN)
    assert len(lines) == (words is not None)
    assert words is None or words in lines[0]


def test_a_wrong_password_ends_the_check() -> None:
    base = Base()
    base.before = lambda request: httpx.Response(401, content=b"")
    with pytest.raises(Reauthorise):
        World(base).port.probe()


def test_the_clock_of_the_server_is_compared() -> None:
    base = Base()
    date = {"date": "Thu, 05 Mar 2026 09:02:00 GMT"}
    base.before = answering("/?", lambda: httpx.Response(200, content=b'{"value":[{"name":"x"}]}', headers=date))
    assert World(base).port.probe().clock_skew_s == pytest.approx(120.5)

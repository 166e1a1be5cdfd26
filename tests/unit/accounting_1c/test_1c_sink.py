"""What the sink of states answers, whole: each outcome with the place where the invoice stands and the words."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.lookup import Lookup
from connectors.accounting_1c.reader import Reader
from connectors.accounting_1c.sink import Sink
from connectors.shared.http import HttpClient
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime
from hub.domain.errors import Gone, Refused
from hub.domain.models import Pipeline, Stage, StageKind
from hub.ports.crm import InvoiceNow, MoveOutcome, MoveResult, Position
from tests.unit.accounting_1c.base import (
    INVOICE,
    NOBODY,
    ORG,
    STATUS,
    TODAY,
    Base,
    Clock,
    document,
    guid,
    invoice,
    problem,
    settings,
)

UNPAID, PARTLY = Position("states", "НеОплачен"), Position("states", "ОплаченЧастично")
PAID, CANCELLED = Position("states", "Оплачен"), Position("states", "Отменен")
OTHER = Position("states", "Особый")


def sink(base: Base, **values: Any) -> Sink:
    config, clock = settings(**({"mark_paid": True} | values)), Clock(TODAY)
    http = HttpClient(config.origin, user_agent="sverka/test", transport=httpx.MockTransport(base.handle))
    client = OdataClient(config, Runtime("buh", clock, MemoryQuota(clock)), http)
    lookup = Lookup(config, client)
    directory = Directory(config, client, lookup, clock)
    return Sink(config, client, directory, Reader(config, client, directory, lookup, clock))


def base_with(status: str | None = None, **values: Any) -> Base:
    base = Base()
    base.add(INVOICE, invoice(1, **values))
    if status is not None:
        base.add(STATUS, record(status))
    return base


def record(status: str, organisation: str = ORG) -> dict[str, Any]:
    return {
        "Организация_Key": organisation,
        "Документ": guid(1),
        "Документ_Type": f"StandardODATA.{INVOICE}",
        "Статус": status,
        "Статус_Type": "UnavailableEnums.СтатусОплатыСчета",
    }


def after_write(base: Base, then: Callable[[], object]) -> None:
    """Something happens when the write has taken effect and before it is read back."""

    def step(request: httpx.Request) -> httpx.Response | None:
        if request.method == "GET" and base.writes and STATUS in str(base.writes[-1][1]):
            return then()  # type: ignore[return-value]
        return None

    base.before = step


def test_the_states_are_one_pipeline_in_their_order() -> None:
    stages = (
        Stage("НеОплачен", "Не оплачен", 0),
        Stage("ОплаченЧастично", "Оплачен частично", 1),
        Stage("Оплачен", "Оплачен", 2, StageKind.WON),
        Stage("Отменен", "Отменен", 3, StageKind.LOST),
    )
    assert sink(base_with()).pipelines() == (Pipeline("states", "Статусы счетов", stages),)


def test_nothing_is_told_or_written_while_it_is_off() -> None:
    base = base_with("Оплачен")
    off = sink(base, mark_paid=False)
    assert off.pipelines() == ()
    assert off.now(guid(1)) == InvoiceNow()
    writes: tuple[Callable[[], object], ...] = (
        lambda: off.mark_paid(guid(1)),
        lambda: off.restore(guid(1), PAID, UNPAID),
    )
    for write in writes:
        with pytest.raises(Refused, match=r"^writing is off$") as caught:
            write()
        assert caught.value.for_person.startswith("Запись в 1С выключена")
    assert base.requests == []


def test_a_configuration_without_states_has_no_place_for_a_mark() -> None:
    none = sink(base_with(), configuration="ut11")
    assert none.pipelines() == ()
    assert none.now(guid(1)) == InvoiceNow()
    with pytest.raises(Refused, match=r"^no register of states$"):
        none.mark_paid(guid(1))


def test_a_register_that_is_not_published_is_named() -> None:
    base = base_with()
    del base.sets[STATUS]
    hidden = sink(base)
    assert hidden.now(guid(1)) == InvoiceNow()
    with pytest.raises(Refused, match=r"^no register of states$") as caught:
        hidden.mark_paid(guid(1))
    assert "нет регистра «Статусы документов»" in caught.value.for_person


@pytest.mark.parametrize(
    ("status", "place"), [(None, UNPAID), ("", UNPAID), ("Оплачен", PAID), ("ОплаченЧастично", PARTLY)]
)
def test_an_invoice_stands_where_its_record_says_and_asks_for_its_sum(status: str | None, place: Position) -> None:
    base = base_with(status)
    base.sets[INVOICE][0]["СуммаДокумента"] = 48800.5
    assert sink(base).now(guid(1)) == InvoiceNow(place, Decimal("48800.5"))


def test_an_invoice_that_is_gone_is_told_by_its_reference() -> None:
    on = sink(base_with())
    for ask in (lambda: on.now(guid(7)), lambda: on.mark_paid(guid(7)), lambda: on.restore(guid(7), PAID, UNPAID)):
        with pytest.raises(Gone, match=f"^no document {guid(7)}$") as caught:
            ask()
        assert caught.value.for_person == "Счёта в 1С больше нет."


def test_a_mark_that_stands_is_told_where_it_stands() -> None:
    assert sink(base_with("Оплачен")).mark_paid(guid(1)) == MoveResult(MoveOutcome.ALREADY_THERE, PAID)
    cancelled = MoveResult(MoveOutcome.REFUSED, CANCELLED, reason="Счёт в 1С отменён: отметка не ставится.")
    assert sink(base_with("Отменен")).mark_paid(guid(1)) == cancelled
    draft = "Счёт в 1С не проведён или помечен на удаление: отметка не ставится."
    assert sink(base_with("Оплачен", Posted=False)).mark_paid(guid(1)) == MoveResult(MoveOutcome.REFUSED, reason=draft)


@pytest.mark.parametrize("organisation", [ORG, NOBODY])
def test_a_new_record_has_every_dimension(organisation: str) -> None:
    base = base_with(Организация_Key=organisation)
    assert sink(base).mark_paid(guid(1)) == MoveResult(MoveOutcome.MOVED, PAID)
    assert base.writes == [("POST", STATUS, record("Оплачен", organisation))]
    (post,) = [path for path in base.paths() if path.startswith("POST")]
    assert re.fullmatch(rf"POST /{STATUS}\?\$format=.*", post), "a new record has no key in its address"


@pytest.mark.parametrize("organisation", [ORG, NOBODY])
def test_a_record_that_is_there_is_changed_under_its_key(organisation: str) -> None:
    base = base_with(Организация_Key=organisation)
    base.add(STATUS, record("ОплаченЧастично", organisation))
    assert sink(base).mark_paid(guid(1)) == MoveResult(MoveOutcome.MOVED, PAID)
    ((method, name, body),) = base.writes
    assert (method, name, body) == (
        "PATCH",
        STATUS,
        {"Статус": "Оплачен", "Статус_Type": "UnavailableEnums.СтатусОплатыСчета"},
    )
    (patch,) = [path for path in base.paths() if path.startswith("PATCH")]
    assert f"Организация_Key=guid'{organisation}'" in patch


def test_plain_fields_are_written_without_their_kind() -> None:
    base = base_with()
    base.fields[STATUS] = ["Организация_Key", "Документ", "Статус"]
    assert sink(base).mark_paid(guid(1)).outcome is MoveOutcome.MOVED
    assert base.writes == [("POST", STATUS, {"Организация_Key": ORG, "Документ": guid(1), "Статус": "Оплачен"})]


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("Оплачен", MoveResult(MoveOutcome.MOVED, UNPAID)),
        ("НеОплачен", MoveResult(MoveOutcome.ALREADY_THERE, UNPAID)),
        (None, MoveResult(MoveOutcome.ALREADY_THERE, UNPAID)),
        (
            "ОплаченЧастично",
            MoveResult(MoveOutcome.CHANGED_BY_OTHER, PARTLY, reason="Статус счёта в 1С с тех пор изменили."),
        ),
    ],
)
def test_our_mark_is_taken_back_only_while_it_stands(status: str | None, result: MoveResult) -> None:
    assert sink(base_with(status)).restore(guid(1), PAID, UNPAID) == result


def test_a_refusal_and_a_lost_answer_have_their_words() -> None:
    base = base_with("НеОплачен")
    base.before = lambda request: problem(500, "-1", "Период закрыт") if request.method == "PATCH" else None
    refused = MoveResult(MoveOutcome.REFUSED, reason="1С отказала: «Период закрыт»")
    assert sink(base).mark_paid(guid(1)) == refused
    base.before = lambda request: httpx.Response(502) if request.method == "PATCH" else None
    lost = sink(base).mark_paid(guid(1))
    assert (lost.outcome, lost.position, lost.reason) == (
        MoveOutcome.UNKNOWN,
        None,
        "Вместо данных 1С пришла страница: вход в облако, ошибка веб-сервера или нехватка лицензий. Повторим сами.",
    )


NOT_KEPT = "1С приняла отметку, но статус счёта остался прежним: проверьте его в 1С."


@pytest.mark.parametrize(("before", "place"), [("НеОплачен", UNPAID), ("ОплаченЧастично", PARTLY)])
def test_a_write_that_1c_did_not_keep_is_refused(before: str, place: Position) -> None:
    base = base_with(before)
    base.before = lambda request: document({}) if request.method == "PATCH" else None
    assert sink(base).mark_paid(guid(1)) == MoveResult(MoveOutcome.REFUSED, place, reason=NOT_KEPT)


def test_a_new_record_that_1c_did_not_keep_is_refused() -> None:
    base = base_with()
    base.before = lambda request: document({}, 201) if request.method == "POST" else None
    assert sink(base).mark_paid(guid(1)) == MoveResult(MoveOutcome.REFUSED, UNPAID, reason=NOT_KEPT)


def test_a_state_that_somebody_set_after_us_is_told() -> None:
    base = base_with("НеОплачен")
    after_write(base, lambda: base.sets[STATUS][0].update(Статус="Особый"))
    told = MoveResult(MoveOutcome.CHANGED_BY_OTHER, OTHER, reason="Статус счёта сменили сразу после нас.")
    assert sink(base).mark_paid(guid(1)) == told


def test_a_mark_that_cannot_be_read_back_is_made() -> None:
    base = base_with("НеОплачен")
    after_write(base, lambda: problem(401, "20", "Нет прав"))
    result = sink(base).mark_paid(guid(1))
    assert (result.outcome, result.position) == (MoveOutcome.MOVED, PAID)
    assert (result.reason or "").startswith("Прочитать статус после отметки не удалось: GET /")

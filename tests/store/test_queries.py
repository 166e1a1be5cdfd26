"""What the desk is shown: piles, a payment's card, imports, how the hub stands."""

from __future__ import annotations

from datetime import date

import pytest

from hub.domain.models import Direction
from hub.ports.records import AuditEntry, EffectKind, EffectState, Health, InboxKind, InboxState, PaymentState
from hub.ports.statement import BrokenItem
from hub.ports.store import UnitOfWork
from hub.store.engine import Database
from hub.store.queries import Filter, PileName, Queries
from hub.store.unit_of_work import SqlStore
from tests.store.builders import (
    CRM,
    NOW,
    add_payment,
    allocate,
    client,
    deal,
    decision,
    effect,
    invoice,
    later,
    received,
    rub,
)


@pytest.fixture
def queries(database: Database) -> Queries:
    return Queries(database)


@pytest.fixture
def story(store: SqlStore) -> dict[str, str]:
    """A matched, an undecided, a foreign, a dismissed and a new payment."""
    with store.write() as uow:
        uow.clients.upsert(CRM, client())
        uow.deals.upsert(CRM, deal())
        uow.invoices.upsert(CRM, invoice("71", number="А-71"), ())
        uow.invoices.upsert(CRM, invoice("72", number=None), ())
        inbox_id, _ = uow.inbox.add("file", InboxKind.STATEMENT_FILE, "март.txt", b"raw", "d", NOW)
        items = [
            received("Оплата по счёту А-71", "1200.00", booked_on=date(2026, 3, 1)),
            received("Оплата за ёлки", "300.50", booked_on=date(2026, 3, 2)),
            received("Комиссия банка", "15.00", booked_on=date(2026, 3, 3), direction=Direction.OUT),
            received("Перенос остатка", "7.00", booked_on=date(2026, 3, 4)),
            received("Новый " + "длинный текст " * 50, "9.99", booked_on=date(2026, 3, 5), account="2"),
        ]
        names = ("matched", "needs_you", "not_ours", "dismissed", "new")
        ids = {name: number for name, (number, _) in zip(names, uow.payments.add(items, inbox_id, NOW), strict=True)}
        decide(uow, ids)
    return ids


def decide(uow: UnitOfWork, ids: dict[str, str]) -> None:
    matched, needs_you = ids["matched"], ids["needs_you"]
    uow.payments.decide(matched, decision(matched, "b24/71"), PaymentState.MATCHED, (), NOW)
    allocate(uow, matched, "b24/71", "1000.00")
    allocate(uow, matched, "b24/71", "100.00")
    allocate(uow, matched, "b24/72", "100.00")
    uow.payments.decide(needs_you, decision(needs_you, "b24/72"), PaymentState.NEEDS_YOU, {"k"}, NOW)
    uow.payments.set_state(ids["not_ours"], PaymentState.NOT_OURS)
    uow.payments.set_state(ids["dismissed"], PaymentState.DISMISSED, held=True, confirmed_by="anna")
    planned = effect("m", matched, observed_because="наблюдение")
    note = effect("n", matched, kind=EffectKind.COMMENT)
    uow.outbox.add([planned, note], NOW)
    uow.audit.append(AuditEntry("payment.matched", "hub", matched), NOW)
    uow.audit.append(AuditEntry("deal.moved", "hub", "b24/1", {"payment": matched}), later(1))
    uow.audit.append(AuditEntry("deal.moved", "hub", "b24/1", {"payment": "p999"}), later(2))
    uow.audit.append(AuditEntry("payment.dismissed", "anna", ids["dismissed"]), later(3))


def test_piles_are_counted_with_their_sums(queries: Queries, story: dict[str, str]) -> None:
    piles = queries.piles()
    assert {pile: totals.count for pile, totals in piles.items()} == {
        PileName.MATCHED: 1,
        PileName.NEEDS_YOU: 1,
        PileName.NOT_OURS: 2,
        PileName.WAITING: 1,
        PileName.ALL: 5,
    }
    assert piles[PileName.MATCHED].incoming == (rub("1200.00"),)
    assert (piles[PileName.NOT_OURS].incoming, piles[PileName.NOT_OURS].outgoing) == ((rub("7"),), (rub("15"),))
    assert piles[PileName.ALL].incoming == (rub("1517.49"),)


def test_an_empty_hub_has_empty_piles(queries: Queries) -> None:
    assert all((totals.count, totals.incoming, totals.outgoing) == (0, (), ()) for totals in queries.piles().values())
    page = queries.payments(PileName.ALL)
    assert (page.rows, page.total, page.more) == ((), 0, False)


def test_a_line_says_what_the_accountant_needs(queries: Queries, story: dict[str, str]) -> None:
    [line] = queries.payments(PileName.MATCHED).rows
    assert (line.id, line.booked_on, line.amount) == (story["matched"], date(2026, 3, 1), rub("1200.00"))
    assert (line.counterparty, line.counterparty_tax_id) == ("ООО «Ёлка»", "7701234567")
    assert (line.state, line.reason) == (PaymentState.MATCHED, "Подходят два счёта.")
    assert line.invoice_numbers == ("А-71", "b24/72")
    assert line.effects == (
        (EffectKind.MOVE_DEAL, EffectState.PLANNED),
        (EffectKind.COMMENT, EffectState.QUEUED),
    )
    foreign = queries.payments(PileName.NOT_OURS).rows
    assert [(item.id, item.confirmed_by) for item in foreign] == [
        (story["dismissed"], "anna"),
        (story["not_ours"], None),
    ]
    assert foreign[1].counterparty == "ООО «Ромашка»"
    [fresh] = queries.payments(PileName.WAITING).rows
    assert len(fresh.purpose) <= 200
    assert fresh.purpose.endswith("…")
    assert (fresh.reason, fresh.invoice_numbers, fresh.effects) == (None, (), ())


def test_a_list_comes_page_by_page_newest_first(queries: Queries, story: dict[str, str]) -> None:
    first = queries.payments(PileName.ALL, limit=2)
    last = queries.payments(PileName.ALL, offset=4, limit=2)
    assert [line.id for line in first.rows] == [story["new"], story["dismissed"]]
    assert [line.id for line in last.rows] == [story["matched"]]
    assert (first.total, first.more, last.more) == (5, True, False)


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        (Filter(text="ЕЛКИ"), {"needs_you"}),
        (Filter(text="за  ёлки"), {"needs_you"}),
        (Filter(text="7701234567"), {"matched", "needs_you", "dismissed", "new"}),
        (Filter(text="300,5"), {"needs_you"}),
        (Filter(text="1 200"), {"matched"}),
        (Filter(text="1 200,00 ₽"), {"matched"}),
        (Filter(text="%"), set()),
        (Filter(since=date(2026, 3, 2), until=date(2026, 3, 3)), {"needs_you", "not_ours"}),
        (Filter(account="2"), {"new"}),
        (Filter(text="оплата", until=date(2026, 3, 1)), {"matched"}),
        (Filter(text="245"), {"matched", "needs_you", "not_ours", "dismissed", "new"}),
    ],
)
def test_a_list_is_narrowed_as_a_person_types(
    queries: Queries, story: dict[str, str], narrowed: Filter, found: set[str]
) -> None:
    page = queries.payments(PileName.ALL, narrowed)
    assert {line.id for line in page.rows} == {story[name] for name in found}
    assert page.total == queries.piles(narrowed)[PileName.ALL].count == len(found)


def test_a_card_holds_everything_about_a_payment(queries: Queries, story: dict[str, str], store: SqlStore) -> None:
    with store.write() as uow:
        uow.matches.undo(story["matched"], "anna", later(9))
        allocate(uow, story["matched"], "b24/71", "1200.00")
    card = queries.payment(story["matched"])
    assert card is not None
    assert card.row.payment.id == story["matched"]
    assert sorted(card.invoices) == ["b24/71", "b24/72"]
    assert card.invoices["b24/71"].invoice.paid == rub("1200.00")
    assert card.deals["b24/1"].deal.title == "Поставка ёлок"
    assert [row.undone_by for row in card.matches] == ["anna", "anna", "anna", None]
    assert [row.operation_key for row in card.effects] == ["m", "n"]
    assert [row.event for row in card.journal] == ["payment.matched", "deal.moved"]
    assert [(line.name, line.state) for line in card.sources] == [("март.txt", InboxState.NEW)]
    assert queries.journal_of(story["matched"]) == card.journal
    assert queries.sources(card.row.inbox_ids) == card.sources


def test_a_card_shows_the_invoices_of_the_candidates(queries: Queries, story: dict[str, str]) -> None:
    card = queries.payment(story["needs_you"])
    assert card is not None
    assert list(card.invoices) == ["b24/72"]
    assert queries.payment("p404") is None
    assert queries.payment("rubbish") is None


def test_imports_are_listed_with_what_could_not_be_read(queries: Queries, store: SqlStore) -> None:
    with store.write() as uow:
        uow.inbox.add("b24", InboxKind.HOOK, "hook", b"{}", "h", NOW)
        first, _ = uow.inbox.add("file", InboxKind.STATEMENT_FILE, "1.txt", b"1", "1", NOW)
        second, _ = uow.inbox.add("file", InboxKind.STATEMENT_FILE, "2.txt", b"2", "2", later(1))
        uow.inbox.claim(first, "w", NOW, 60)
        uow.inbox.quarantine(
            first, [BrokenItem(9, "Дата", "не дата", "Дата=99"), BrokenItem(7, "Сумма", "не число", "")]
        )
        uow.inbox.done(first, "w", {"added": 3}, later(2))
    page = queries.imports()
    assert [line.name for line in page.rows] == ["2.txt", "1.txt"]
    assert (page.total, page.rows[1].state, page.rows[1].summary, page.rows[1].quarantined) == (
        2,
        InboxState.DONE,
        {"added": 3},
        2,
    )
    found = queries.imported(first)
    assert found is not None
    assert found[0] == page.rows[1]
    assert [(item.line, item.key, item.message) for item in found[1]] == [
        (7, "Сумма", "не число"),
        (9, "Дата", "не дата"),
    ]
    assert queries.imported(second) == (page.rows[0], ())
    assert queries.imported(404) is None


def test_the_overview_counts_queues_and_their_ages(queries: Queries, story: dict[str, str], store: SqlStore) -> None:
    with store.write() as uow:
        uow.switches.pause("anna", NOW)
        uow.connections.report(CRM, Health.TROUBLE, "503", NOW)
        late = uow.payments.add([received("позже")], None, later(60))[0][0]
        uow.payments.set_state(late, PaymentState.RECHECK)
        uow.inbox.add("b24", InboxKind.HOOK, "hook", b"{}", "h", later(5))
    now = queries.overview()
    assert now.paused_by == "anna"
    assert (now.inbox.count(InboxState.NEW), now.inbox.oldest_at) == (2, NOW)
    assert (now.payments.count(PaymentState.NEW, PaymentState.RECHECK), now.payments.oldest_at) == (2, NOW)
    assert now.payments.oldest[PaymentState.RECHECK] == later(60)
    assert dict(now.outbox.counts) == {EffectState.PLANNED: 1, EffectState.QUEUED: 1}
    assert [row.health for row in now.connections] == [Health.TROUBLE]
    assert now.unsealed == 4


def test_what_the_hub_would_do_is_listed_with_the_money_behind_it(queries: Queries, story: dict[str, str]) -> None:
    page = queries.effects((EffectState.PLANNED,))
    assert queries.stopped() == 0
    [line] = page.rows
    assert (page.total, line.effect.operation_key, line.effect.reason) == (1, "m", "наблюдение")
    assert (line.amount, line.booked_on) == (rub("1200.00"), date(2026, 3, 1))
    assert (line.counterparty, line.deal_title) == ("ООО «Ёлка»", "Поставка ёлок")
    assert queries.effects((EffectState.PARKED,)).rows == ()


def test_the_journal_goes_back_page_by_page(queries: Queries, story: dict[str, str]) -> None:
    newest = queries.journal(limit=3)
    assert [row.event for row in newest] == ["payment.dismissed", "deal.moved", "deal.moved"]
    assert [row.event for row in queries.journal(before=newest[-1].id)] == ["payment.matched"]


def test_queries_never_write(queries: Queries, store: SqlStore) -> None:
    with store.write() as uow:
        add_payment(uow)
    assert queries.overview().connections == ()

"""Shapes of our numbers in the store: kept once, learned again after a rollback, filled by the migration."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from hub.domain.matching.shapes import MOST_MASKS, Shape
from hub.store.engine import Database
from hub.store.migrations import downgrade, migrate
from hub.store.unit_of_work import SqlStore

OURS = "7701000017"
PADDED, YEARLY = Shape(OURS, 2026, "ТД00-000999"), Shape(OURS, 2025, "99/25")


def kept(store: SqlStore) -> tuple[Shape, ...]:
    with store.read() as uow:
        return uow.number_shapes.all()


def learn(store: SqlStore, *shapes: Shape) -> None:
    with store.write() as uow:
        for shape in shapes:
            uow.number_shapes.learn(shape, "45")


def _learn_in_vain(store: SqlStore) -> None:
    with store.write() as uow:
        uow.number_shapes.learn(PADDED, "45")
        uow.flush()
        raise RuntimeError


def test_a_shape_is_kept_once_in_a_stable_order(store: SqlStore) -> None:
    learn(store, PADDED, YEARLY, PADDED)
    learn(store, PADDED)
    assert kept(store) == (YEARLY, PADDED)
    learn(store, Shape("", 0, "9"))
    assert kept(store) == (Shape("", 0, "9"), YEARLY, PADDED)


def test_what_a_transaction_took_back_is_learned_again(store: SqlStore) -> None:
    for _ in range(2):
        with pytest.raises(RuntimeError):
            _learn_in_vain(store)
    assert kept(store) == ()
    learn(store, PADDED)
    assert kept(store) == (PADDED,)


def test_what_is_known_costs_no_statement(database: Database, store: SqlStore) -> None:
    said: list[str] = []
    for _ in range(6):  # whichever connection of the pool has its turn
        learn(store, PADDED)

    def note(*arguments: object) -> None:
        said.append(str(arguments[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    learn(store, PADDED)
    event.remove(database.engine, "before_cursor_execute", note)
    assert [statement for statement in said if "number_shapes" in statement] == []


def test_of_an_entity_whose_numbers_have_no_shape_only_so_many_are_kept(store: SqlStore) -> None:
    learn(store, *(Shape(OURS, 2026, f"{'А' * length}-9") for length in range(1, MOST_MASKS + 2)))
    learn(store, PADDED, Shape("7701000024", 2026, "9"))
    learn(store, PADDED)
    found = kept(store)
    assert PADDED not in found
    assert (len(found), found[-1]) == (MOST_MASKS + 2, Shape("7701000024", 2026, "9"))


def test_the_migration_learns_from_the_invoices_that_are_there(database: Database, store: SqlStore) -> None:
    downgrade(database, "0007")
    rows = [
        ("a", "ТД00-000145", "2026-02-03", OURS, "false"),
        ("b", "ТД00-000146", "2026-02-04", OURS, "false"),
        ("c", "45/25", "2025-02-03", OURS, "false"),
        ("d", "7", None, None, "false"),
        ("e", "ЦБ-7", "2026-02-03", OURS, "true"),
    ]
    with database.write() as connection:
        for name, number, day, organisation, removed in rows:
            connection.execute(
                text(
                    "INSERT INTO invoices (id, connection, external_id, number, issued_on, amount_minor, currency, "
                    'status, organisation_tax_id, "references", search, removed) VALUES '
                    f"(:id, 'main', :id, :number, :day, 100, 'RUB', 'open', :organisation, '[]', '', {removed})"
                ),
                {"id": name, "number": number, "day": day, "organisation": organisation},
            )
    migrate(database)
    assert kept(store) == (Shape("", 0, "9"), YEARLY, PADDED)
    with database.read() as connection:
        examples = connection.execute(text("SELECT example FROM number_shapes ORDER BY organisation, year")).scalars()
        assert examples.all() == ["7", "45/25", "ТД00-000145"]

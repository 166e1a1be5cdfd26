"""Lists into a statement and out of it: one text for every length, and the same answer on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from hub.store import tables as t
from hub.store.engine import Database
from hub.store.lists import among, gathered

_SHAPES = t.number_shapes
_EXAMPLES = select(_SHAPES.c.example).where(among(_SHAPES.c.example, "wanted")).order_by(_SHAPES.c.example)
_YEARS = select(_SHAPES.c.year).where(among(_SHAPES.c.year, "wanted")).order_by(_SHAPES.c.year)
_OF_YEAR = gathered(
    select(_SHAPES.c.example)
    .where(_SHAPES.c.organisation == t.clients.c.id)
    .order_by(_SHAPES.c.year.desc())
    .correlate(t.clients)
)

TEXTS = ("", "'", '"', "a,b", "{}", "[1]", "№ 5", "NULL", "\\", "%", "😀", "1 2")


@pytest.fixture
def filled(database: Database) -> Database:
    rows = [{"organisation": "c1", "year": place, "mask": "9", "example": text} for place, text in enumerate(TEXTS)]
    with database.write() as connection:
        connection.execute(insert(_SHAPES), rows)
        clients = [
            {"id": f"c{number}", "connection": "crm", "external_id": "", "body": {}, "search": ""} for number in (1, 2)
        ]
        connection.execute(insert(t.clients), clients)
    return database


@pytest.mark.parametrize("wanted", [(), *((text,) for text in TEXTS), TEXTS, TEXTS[3:9]], ids=repr)
def test_a_text_is_found_among_texts_however_it_is_spelt(filled: Database, wanted: tuple[str, ...]) -> None:
    with filled.read() as connection:
        found = connection.scalars(_EXAMPLES, {"wanted": wanted}).all()
    assert sorted(found) == sorted(wanted)


def test_what_cannot_be_stored_is_looked_for_as_it_is_stored(database: Database) -> None:
    row = {"organisation": "c1", "year": 1, "mask": "9", "example": "a\ufffdb"}
    with database.write() as connection:
        connection.execute(insert(_SHAPES), row)
        for text in ("a\x00b", "a\ud800b"):
            assert connection.scalars(_EXAMPLES, {"wanted": [text]}).all() == ["a\ufffdb"]


@pytest.mark.parametrize("wanted", [[], [3], [0, 3, 99], list(range(2000))], ids=len)
def test_a_number_is_found_among_numbers(filled: Database, wanted: list[int]) -> None:
    with filled.read() as connection:
        found = connection.scalars(_YEARS, {"wanted": wanted}).all()
    assert found == [year for year in wanted if year < len(TEXTS)]


def test_rows_are_gathered_in_the_order_of_their_query(filled: Database) -> None:
    with filled.read() as connection:
        found = connection.execute(select(t.clients.c.id, _OF_YEAR.label("examples")).order_by(t.clients.c.id)).all()
    assert [(row.id, row.examples) for row in found] == [("c1", list(reversed(TEXTS))), ("c2", [])]


def test_a_list_is_looked_up_in_the_index(sqlite_database: Database) -> None:
    by_id = select(t.clients.c.body).where(among(t.clients.c.id, "wanted")).order_by(t.clients.c.id)
    text = str(by_id.compile(sqlite_database.engine))
    with sqlite_database.read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",))]
    assert plan[0].startswith("SEARCH clients USING INDEX"), plan

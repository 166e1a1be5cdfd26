"""500 sales as two or three systems keep them: none joined wrongly, nearly all found, the rest asked with the reason.

`pytest --thorough tests/one_sale` plays more years; SVERKA_SEED=<number> repeats a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import UnitOfWork
from hub.services.runtime import Runtime
from hub.store.engine import Database
from tests.one_sale.hub import hub_over, read_all
from tests.one_sale.plan import Card, Sale, year_of_sales
from tests.support.chance import run_seed

SALES = 500
MERGED_AT_LEAST = 0.97


@dataclass
class Score:
    """What became of the sales."""

    wrong: list[str] = field(default_factory=list)
    merged: int = 0
    asked: int = 0
    lost: list[str] = field(default_factory=list)
    asked_by: Counter[str] = field(default_factory=Counter)


def scored(rt: Runtime, sales: Sequence[Sale]) -> Score:
    score = Score()
    owner = {hub_id(card): sale.key for sale in sales for card in every_card(sale)}
    with rt.store.read() as uow:
        for sale in sales:
            _judge(uow, sale, owner, score)
    return score


def every_card(sale: Sale) -> list[Card]:
    return [sale.paper, *sale.cards, *sale.twins]


def hub_id(card: Card) -> str:
    return f"{card.system}/{card.id}"


def _judge(uow: UnitOfWork, sale: Sale, owner: dict[str, int], score: Score) -> None:
    apart = []
    paper = uow.invoices.get(hub_id(sale.paper))
    assert paper is not None, sale
    group = {row.invoice.id for row in uow.sales.members(paper.sale_id)}
    strangers = [key for key in group if owner[key] != sale.key]
    if strangers:
        score.wrong.append(f"{sale.key} {sale.planted}: {sorted(group)}")
        return
    for card in every_card(sale):
        if hub_id(card) not in group:
            assert uow.invoices.get(hub_id(card)) is not None, card
            apart.append(card)
    if not apart:
        score.merged += 1
        return
    questions = [_question(uow, card, owner, sale) for card in apart]
    if all(questions):
        score.asked += 1
        score.asked_by.update(trait for link in questions if link is not None for trait in link.traits or ("several",))
    else:
        score.lost.append(f"{sale.key} {sale.planted}: {sale.paper} | {apart}")


def _question(uow: UnitOfWork, card: Card, owner: dict[str, int], sale: Sale) -> SaleLink | None:
    """A person is asked whether the card belongs to the sale."""
    links = [link for link in uow.sales.links(hub_id(card)) if link.kind is LinkKind.INVOICE]
    asked = [link for link in links if link.state is LinkState.ASKED]
    return next((link for link in asked if owner[link.left] == owner[link.right] == sale.key), None)


def play(database: Database, seed: int) -> Score:
    rng = Random(f"one sale {seed}")
    year = year_of_sales(SALES, rng)
    with hub_over(year.sales, database) as rt:
        read_all(rt, rng)
        score = scored(rt, year.sales)
    print(f"seed {seed}: planted {dict(year.planted)}")
    print(f"merged {score.merged}, asked {score.asked} {dict(score.asked_by)}, wrong {score.wrong}, lost {score.lost}")
    return score


def assert_good(score: Score) -> None:
    assert score.wrong == []
    assert score.merged >= SALES * MERGED_AT_LEAST
    assert score.lost == [], "every sale that was not joined is asked about"


@pytest.mark.timeout(300)
def test_a_year_of_sales_is_put_together(sqlite_database: Database) -> None:
    assert_good(play(sqlite_database, run_seed(1603)))


@pytest.mark.thorough
@pytest.mark.timeout(0)
def test_a_year_of_sales_is_put_together_on_postgresql(postgres_database: Database) -> None:
    assert_good(play(postgres_database, run_seed(1603)))


@pytest.mark.thorough
@pytest.mark.timeout(0)
@pytest.mark.parametrize("number", range(12))
def test_other_years_are_put_together(number: int, sqlite_database: Database) -> None:
    assert_good(play(sqlite_database, number))

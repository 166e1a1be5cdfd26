"""Decision tables made at random: each is refused, or no machine ever decides by it against the laws."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hub.domain.decision import DecisionKind
from hub.domain.matching import SHIPPED, DecisionTable, InMemoryBook, decide_all
from hub.domain.matching.rederive import Rederived, kept_verdicts, verify
from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.table import TableError, checked_table
from hub.domain.matching.table_laws import faults_of
from hub.domain.matching.table_reader import read_text
from hub.domain.matching.verdicts import ASPECTS, Verdicts, verdicts_of
from hub.domain.models import Invoice, Payment
from tests.property.matching.test_laws import CONTEXT, invoices, payments

IDENTIFIED = {"tax_id", "account", "alias", "tax_id_in_text", "branch"}
EXACT = {"equal", "rest", "sum_of_named", "as_written"}


@dataclass(frozen=True)
class Draft:
    """A row before it is written."""

    code: str
    outcome: str
    veto: bool
    conditions: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, row: Row) -> Draft:
        """A row of the hub's table."""
        wanted = {aspect: tuple(sorted(item.value for item in wants)) for aspect, wants in row.conditions.items()}
        return cls(row.code, row.outcome.value, row.veto, wanted)

    def written(self, number: int) -> str:
        """TOML of it; codes that come twice get a number."""
        wanted = "".join(f"{aspect} = {json.dumps(words)}\n" for aspect, words in self.conditions.items())
        veto = "veto = true\n" if self.veto else ""
        return (
            f'[[row]]\ncode = "{self.code}_{number}"\noutcome = "{self.outcome}"\n{veto}{wanted}'
            'text_ru = "Строка: {invoice}."\n'
        )


def some_words(draw: st.DrawFn, aspect: str) -> tuple[str, ...]:
    words = [verdict.value for verdict in ASPECTS[aspect]]
    return tuple(draw(st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True)))


@st.composite
def drafts(draw: st.DrawFn) -> list[Draft]:
    """The hub's table after a few changes of all kinds; the last row stays last most of the time."""
    rows = [Draft.of(row) for row in SHIPPED.rows]
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(rows) - 2))
        row = rows[place]
        aspect = draw(st.sampled_from(tuple(ASPECTS)))
        kind = draw(st.sampled_from(("outcome", "wider", "other", "narrower", "away", "up", "new", "veto")))
        if kind == "outcome":
            rows[place] = replace(row, outcome=draw(st.sampled_from(tuple(Outcome))).value)
        elif kind == "wider" and row.conditions:
            gone = draw(st.sampled_from(sorted(row.conditions)))
            rows[place] = replace(row, conditions={k: v for k, v in row.conditions.items() if k != gone})
        elif kind in ("other", "narrower"):
            rows[place] = replace(row, conditions={**row.conditions, aspect: some_words(draw, aspect)})
        elif kind == "away":
            del rows[place]
        elif kind == "up":
            rows.insert(draw(st.integers(0, place)), rows.pop(place))
        elif kind == "new":
            aspects = draw(st.lists(st.sampled_from(tuple(ASPECTS)), min_size=1, max_size=4, unique=True))
            outcome = draw(st.sampled_from(("auto", "suggest")))
            new = Draft("new", outcome, False, {name: some_words(draw, name) for name in aspects})
            rows.insert(place, new)
        elif kind == "veto":
            rows[place] = replace(row, veto=not row.veto)
    return rows


@st.composite
def sensible_drafts(draw: st.DrawFn) -> list[Draft]:
    """Changes that a company may well make: most of them are within the laws."""
    rows = [Draft.of(row) for row in SHIPPED.rows]
    for _ in range(draw(st.integers(1, 5))):
        autos = [place for place, row in enumerate(rows) if row.outcome == "auto"]
        kind = draw(st.sampled_from(("stricter", "narrower", "new", "hidden")))
        if kind in ("stricter", "narrower") and autos:
            place = draw(st.sampled_from(autos))
            more = {"organisation": ("same",)} if kind == "narrower" else {}
            outcome = "suggest" if kind == "stricter" else "auto"
            rows[place] = replace(rows[place], outcome=outcome, conditions={**rows[place].conditions, **more})
        elif kind == "hidden":
            places = [place for place, row in enumerate(rows) if row.code in ("sum_only", "client_part", "client_over")]
            place = draw(st.sampled_from(places))
            rows[place] = replace(rows[place], outcome="drop")
        elif kind == "new" and autos:
            looser = {
                "number": draw(st.sampled_from((("agrees_loosely", "agrees_few_digits"), ("absent", "resembles")))),
                "amount": draw(st.sampled_from((("equal", "rest"), ("equal", "part"), ("stated_share",)))),
                "client": draw(st.sampled_from((("name",), ("branch", "tax_id"), ("branch",), ("name", "unknown")))),
            }
            rows.insert(autos[0], Draft("new", "auto", False, looser))
    return rows


def text_of(rows: Sequence[Draft]) -> str:
    return 'version = "random"\n' + "".join(row.written(number) for number, row in enumerate(rows, start=1))


def accepted(rows: Sequence[Draft]) -> DecisionTable | None:
    """The table, where it is not refused; what refuses it names its row."""
    reading = read_text(text_of(rows))
    refused = reading.faults or faults_of(reading.rows)
    if not refused:
        return checked_table(text_of(rows))
    assert all(fault.row for fault in refused), refused
    with pytest.raises(TableError):
        checked_table(text_of(rows))
    return None


def may_be_automatic(verdicts: Verdicts) -> bool:
    """The laws, said once more in other words than the program's."""
    number, amount, client = verdicts.number.value, verdicts.amount.value, verdicts.client.value
    sound = (
        verdicts.currency.value == "same"
        and verdicts.organisation.value != "other"
        and verdicts.status.value == "open"
        and "contradicts" not in (verdicts.date.value, verdicts.reference.value, client)
        and client not in ("third_party", "pays_for_other", "name_differs")
        and number not in ("one_of_named", "other_named", "other_clients", "unknown_named")
        and amount not in ("over", "over_by_vat", "none", "sum_of_unnamed")
    )
    known, exact = client in IDENTIFIED, amount in EXACT
    fits = known or client == "name"
    if number in ("agrees", "agrees_short", "agrees_for_several"):
        return sound and (exact or fits)
    if number in ("agrees_few_digits", "agrees_loosely", "mentioned"):
        return sound and (known or (fits and exact))
    return sound and known and exact


def near(row: Row, rng: Random) -> Verdicts:
    """Verdicts that the row fits, the rest by chance."""
    wanted = row.conditions
    words = {
        aspect: rng.choice(sorted(item.value for item in wanted.get(aspect, frozenset(verdicts))))
        for aspect, verdicts in ASPECTS.items()
    }
    return verdicts_of(words)


@settings(max_examples=150, deadline=None)
@given(st.one_of(drafts(), sensible_drafts()), st.integers(0, 1 << 30))
def test_a_table_is_refused_or_never_automatic_against_the_laws(rows: list[Draft], seed: int) -> None:
    table = accepted(rows)
    if table is None:
        return
    rng = Random(seed)
    for row in table.rows:
        for _ in range(20):
            verdicts = near(row, rng)
            decider = table.row_for(verdicts)
            assert decider.outcome is not Outcome.AUTO or may_be_automatic(verdicts), (decider.code, verdicts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(sensible_drafts(), invoices(), payments())
def test_by_any_table_that_is_taken_no_machine_decides_against_the_laws_and_all_follows_again(
    rows: list[Draft], known: list[Invoice], pays: list[Payment]
) -> None:
    table = accepted(rows)
    assume(table is not None)
    assert table is not None
    for decision in decide_all(pays, InMemoryBook(known), replace(CONTEXT, table=table)):
        assert decision.version.endswith(f", table {table.version}")
        assert verify(decision, table).how in (Rederived.SAME, Rederived.BESIDE_TABLE)
        if decision.kind is DecisionKind.AUTO:
            verdicts = kept_verdicts(decision.candidates[0])
            assert verdicts is not None
            assert may_be_automatic(verdicts), decision

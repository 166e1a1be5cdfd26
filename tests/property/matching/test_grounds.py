"""Every decision, made again from its ground after a trip through the database's JSON, is the same to the last sign."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import SHIPPED, InMemoryBook, MatchContext, decide_day, read_purpose
from hub.domain.matching.afterwards import Afterwards, told_with
from hub.domain.matching.context import AliasWord
from hub.domain.matching.ground import Ground, decide_day_with_grounds, narrowed
from hub.domain.matching.rederive import Part, Rederived, derive, recheck
from hub.domain.matching.said import Language
from hub.domain.matching.shapes import learn
from hub.domain.models import Invoice, Payment
from hub.store.ground_codec import dump_ground, load_ground
from tests.property.matching.test_laws import CLIENTS, CONTEXT, OURS, PAYERS, invoices, payments
from tests.property.matching.test_own_tables import Draft, accepted, sensible_drafts

#: Settings of which most payments touch only a part.
WIDE = MatchContext(
    own_tax_ids=frozenset(OURS),
    own_accounts=frozenset({"40702810000000000777", "40702810100000000001"}),
    organisations={"40702810000000000777": OURS[0], "40702810000000000778": OURS[1]},
    aliases={"t:7700000023": frozenset({"7700000016"}), "n:пион": frozenset({"500100732259"})},
    alias_words={("t:7700000023", "7700000016"): AliasWord(3, "Ольга", date(2026, 1, 5))},
    shared_tax_ids=frozenset({"7700000016", "7799999999"}),
    shared_accounts=frozenset({"30232810100000000001"}),
    date_tolerance_days=3,
)
PLAIN = replace(WIDE, shared_tax_ids=frozenset(), own_accounts=frozenset())
BESIDE = (Afterwards(), Afterwards("Возможно, эти деньги уже учтены."), Afterwards(held=True))
OVERTAKEN = Afterwards(overtaken=True)


def kept(ground: Ground) -> Ground:
    """The ground as it comes back."""
    return load_ground(json.loads(json.dumps(dump_ground(ground), ensure_ascii=False)))


def days(
    pays: Sequence[Payment], known: Sequence[Invoice], context: MatchContext
) -> list[tuple[Payment, Decision, Ground]]:
    """Payments of any dates, decided as the hub does: each date takes what machines gave."""
    book, result = InMemoryBook(known), []
    for _, group in groupby(sorted(pays, key=lambda item: item.booked_on), key=lambda item: item.booked_on):
        day = list(group)
        grounded = decide_day_with_grounds(day, book, context)
        assert [item.decision for item in grounded] == decide_day(day, book, context)
        for payment, (decision, ground) in zip(day, grounded, strict=True):
            assert ground is not None
            result.append((payment, decision, ground))
            if decision.kind is DecisionKind.AUTO:
                book.allocate(decision.allocations)
    return result


@settings(max_examples=150, deadline=None)
@given(
    invoices(),
    payments(),
    st.sampled_from((CONTEXT, WIDE, PLAIN)),
    st.sampled_from(tuple(Language)),
    st.sampled_from((*BESIDE, OVERTAKEN)),
)
def test_a_decision_follows_from_its_ground_to_the_last_sign(
    known: list[Invoice], pays: list[Payment], context: MatchContext, language: Language, beside: Afterwards
) -> None:
    for payment, decision, ground in days(pays, known, replace(context, language=language)):
        told = told_with(decision, beside)
        derived = derive(told, payment, kept(replace(ground, beside=beside)), SHIPPED)
        assert derived.differences == ()
        assert (derived.decision, derived.as_kept) == (told, frozenset())


@settings(max_examples=60, deadline=None)
@given(sensible_drafts(), invoices(), payments())
def test_it_follows_by_its_own_table_long_after_another_decides(
    rows: list[Draft], known: list[Invoice], pays: list[Payment]
) -> None:
    table = accepted(rows)
    if table is None:
        return
    for payment, decision, ground in days(pays, known, replace(CONTEXT, table=table)):
        again = recheck(decision, payment, kept(ground), (table,))
        assert again is not None
        assert again.how is Rederived.SAME
        by_another = derive(decision, payment, kept(ground), SHIPPED)
        assert {item.field for item in by_another.differences} >= {"version"}


@settings(max_examples=100, deadline=None)
@given(invoices(), payments(), st.sampled_from(tuple(Language)))
def test_what_another_reader_read_is_taken_as_kept_and_the_rest_follows(
    known: list[Invoice], pays: list[Payment], language: Language
) -> None:
    for payment, decision, ground in days(pays, known, replace(PLAIN, language=language)):
        then = replace(decision, version=decision.version.replace("reader ", "reader then-"))
        # The same text says something else to the reader of now: only what is kept of it counts.
        other = replace(payment, purpose=payment.purpose.translate({ord("1"): "7", ord("2"): "8"}))
        derived = derive(then, other, kept(ground), SHIPPED)
        assert derived.differences == ()
        assert (derived.decision, derived.as_kept) == (then, frozenset({Part.READING}))


@settings(max_examples=100, deadline=None)
@given(invoices(), payments())
def test_a_payment_is_decided_by_what_it_touches_of_the_settings_as_by_all_of_them(
    known: list[Invoice], pays: list[Payment]
) -> None:
    wide, book = replace(WIDE, shapes=learn(known)), InMemoryBook(known)
    for payment in pays:
        little = narrowed(wide, payment, read_purpose(payment.purpose), known)
        assert decide_day([payment], book, little) == decide_day([payment], book, wide)


def test_the_worlds_here_are_not_all_alike() -> None:
    """Aliases and shared payers are met at all."""
    assert PAYERS[1].tax_id in {key.removeprefix("t:") for key in WIDE.aliases}
    assert any(client and client.main_tax_id in WIDE.shared_tax_ids for client in CLIENTS)

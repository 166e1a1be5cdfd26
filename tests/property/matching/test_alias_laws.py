"""Laws of aliases, tried on the small worlds of look-alikes: a person's word ties, and never overrules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.decision import Aspect, Decision, DecisionKind, Stand
from hub.domain.matching import InMemoryBook, alias_keys, decide_all
from hub.domain.matching.context import AliasWord
from hub.domain.matching.keys import identities
from hub.domain.models import Invoice, Party, Payment
from tests.property.matching.test_laws import CLIENTS, CONTEXT, PAYERS, invoices, payments

#: What an alias says nothing of, and whether the text or the requisites speak of somebody else.
_VETOES: Final = frozenset(
    {Aspect.CLIENT, Aspect.ORGANISATION, Aspect.CURRENCY, Aspect.STATUS, Aspect.DATE, Aspect.REFERENCE}
)
_SHARED: Final = (
    Party("ПАО Сбербанк", "7707083893", account="30232810100000000001"),
    Party("УФК по г. Москве (ООО Пион)", "7710568760", account="03214643000000017300"),
    Party("ООО РВБ", "9714053621"),
)
_KEYS: Final = sorted({key for party in PAYERS for key in alias_keys(party)})
_TARGETS: Final = sorted({identity for client in CLIENTS if client is not None for identity in identities(client)})

Aliases = Mapping[str, frozenset[str]]
aliases = st.dictionaries(
    st.sampled_from(_KEYS), st.frozensets(st.sampled_from(_TARGETS), min_size=1, max_size=2), max_size=4
)


def decide(pays: list[Payment], known: list[Invoice], said: Aliases) -> list[Decision]:
    return decide_all(pays, InMemoryBook(known), replace(CONTEXT, aliases=said))


@settings(max_examples=200, deadline=None)
@given(payments(), invoices(), aliases)
def test_no_alias_lets_a_machine_decide_over_a_contradiction(
    pays: list[Payment], known: list[Invoice], said: Aliases
) -> None:
    for decision in decide(pays, known, said):
        if decision.kind is DecisionKind.AUTO:
            given_out = decision.candidates[0].evidence
            assert not [item for item in given_out if item.aspect in _VETOES and item.stand is Stand.AGAINST]


@settings(max_examples=100, deadline=None)
@given(payments(), invoices(), aliases)
def test_an_alias_changes_nothing_for_any_other_payer(pays: list[Payment], known: list[Invoice], said: Aliases) -> None:
    others = [payment for payment in pays if said.keys().isdisjoint(alias_keys(payment.counterparty))]
    assert decide(others, known, said) == decide(others, known, {})


@settings(max_examples=100, deadline=None)
@given(payments(), invoices(), st.sampled_from(_SHARED), st.sampled_from(_TARGETS))
def test_an_alias_of_somebody_who_pays_for_many_changes_nothing(
    pays: list[Payment], known: list[Invoice], payer: Party, target: str
) -> None:
    shared = [replace(payment, payer=payer) for payment in pays]
    said = dict.fromkeys(alias_keys(payer), frozenset({target}))
    assert decide(shared, known, said) == decide(shared, known, {})


@settings(max_examples=100, deadline=None)
@given(payments(), invoices(), aliases)
def test_whose_word_it_is_decides_nothing(pays: list[Payment], known: list[Invoice], said: Aliases) -> None:
    words = {
        (key, target): AliasWord(1, "olga", date(2026, 1, 1)) for key, targets in said.items() for target in targets
    }
    context = replace(CONTEXT, aliases=said, alias_words=words)
    told = decide_all(pays, InMemoryBook(known), context)
    for one, other in zip(told, decide(pays, known, said), strict=True):
        assert (one.kind, one.code, one.allocations) == (other.kind, other.code, other.allocations)

"""Aliases in the domain: who may have one, under which keys its payer waits, how a decision by it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.matching import InMemoryBook, MatchContext, alias_keys, decide_one, payment_keys, read_purpose
from hub.domain.matching.aliases import AliasFault, alias_fault, alias_key, alias_target, alias_word, waiting_key
from hub.domain.matching.context import AliasWord, payer_of
from hub.domain.matching.said import Language
from hub.domain.models import Client, Party, TaxId, TaxIdKind
from tests.unit.matching.cases import CONTEXT, OURS, PION, ROZA, inv, pay

CLIENT = Client("crm/5", ("ООО Пион",), (TaxId(TaxIdKind.RU_INN, PION),), ("40702810100000000001",))
SETTINGS = MatchContext(
    own_tax_ids=frozenset({OURS}),
    own_accounts=frozenset({"40702810900000000009"}),
    shared_tax_ids=frozenset({"7700000049"}),
    shared_accounts=frozenset({"40702810900000000008"}),
)


@pytest.mark.parametrize(
    ("payer", "fault"),
    [
        (Party("АО Роза", ROZA), None),
        (Party(account="40702810100000000002"), None),
        (Party("Роза"), None),
        (Party(), AliasFault.NOBODY),
        (Party("«»", "0000000000"), AliasFault.NOBODY),
        (Party("УФК по г. Москве", ROZA), AliasFault.SHARED),
        (Party("АО Роза", "7707083893"), AliasFault.SHARED),
        (Party("АО Роза", account="30232810100000000001"), AliasFault.SHARED),
        (Party("АО Роза", "7700000049"), AliasFault.SHARED),
        (Party("АО Роза", account="40702810900000000008"), AliasFault.SHARED),
        (Party("АО Роза", OURS), AliasFault.OURS),
        (Party("АО Роза", account="40702810900000000009"), AliasFault.OURS),
        (Party("АО Роза", PION), AliasFault.ITSELF),
        (Party(account="40702810100000000001"), AliasFault.ITSELF),
        (Party("ПИОН ООО"), AliasFault.ITSELF),
        (Party("ПИОН ООО", ROZA), None),
    ],
    ids=str,
)
def test_who_may_be_said_to_pay_for_a_client(payer: Party, fault: AliasFault | None) -> None:
    assert alias_fault(payer, CLIENT, SETTINGS) is fault


def test_a_client_without_any_identity_is_nobodys() -> None:
    assert alias_fault(Party(tax_id=ROZA), Client("", ("ООО Пион",)), SETTINGS) is AliasFault.NOBODY


@pytest.mark.parametrize(
    ("client", "target"),
    [
        (CLIENT, PION),
        (replace(CLIENT, tax_ids=()), "crm/5"),
        (replace(CLIENT, tax_ids=(TaxId(TaxIdKind.RU_KPP, "770001001"),)), "crm/5"),
        (replace(CLIENT, tax_ids=(TaxId(TaxIdKind.RU_INN, "0000000000"),)), "crm/5"),
        (replace(CLIENT, tax_ids=(TaxId(TaxIdKind.RU_INN, "7707083893"),)), "crm/5"),
        (Client("", ("Пион",)), None),
    ],
)
def test_a_client_is_named_by_its_tax_id_else_by_its_id(client: Client, target: str | None) -> None:
    assert alias_target(client) == target


@pytest.mark.parametrize(
    "party", [Party("Роза", ROZA, account="40702810100000000002"), Party("Роза", account="4"), Party("Роза")], ids=str
)
def test_every_key_of_a_payer_is_one_that_its_payment_waits_under(party: Party) -> None:
    payment = replace(pay("За товар", 100), payer=party)
    keys = payment_keys(payment, read_purpose(payment.purpose))
    assert {waiting_key(key) for key in alias_keys(party)} <= keys
    assert alias_key(party) == alias_keys(party)[0]


def _told(language: Language, word: AliasWord | None) -> str:
    key = (f"t:{ROZA}", PION)
    words = {} if word is None else {key: word}
    aliases = {f"t:{ROZA}": frozenset({PION})}
    context = replace(CONTEXT, aliases=aliases, alias_words=words, language=language)
    decision = decide_one(pay("сч 45", 1200, ROZA), InMemoryBook([inv("45", 1200)]), context)
    assert decision.kind is DecisionKind.AUTO
    client = next(item for item in decision.candidates[0].evidence if item.verdict == "alias")
    assert ("olga" in client.text) is (word is not None)
    return decision.reason


def test_a_decision_names_the_rule_and_whose_word_it_is() -> None:
    word = AliasWord(7, "olga", date(2026, 3, 5))
    assert "по правилу «платит за» (записано: olga, 05.03.2026)." in _told(Language.RU, word)
    assert "by the rule “pays for” (said by olga, 05.03.2026)." in _told(Language.EN, word)
    assert "по правилу «платит за»." in _told(Language.RU, None)


def test_a_decision_without_a_rule_names_none() -> None:
    decision = decide_one(pay("сч 45", 1200), InMemoryBook([inv("45", 1200)]), CONTEXT)
    assert "правилу" not in decision.reason


def test_a_word_is_found_for_the_client_that_it_is_about_only() -> None:
    word = AliasWord(7, "olga", date(2026, 3, 5))
    aliases = {f"t:{ROZA}": frozenset({PION, "crm/9"})}
    context = replace(CONTEXT, aliases=aliases, alias_words={(f"t:{ROZA}", PION): word})
    payer = payer_of(pay("", 1, ROZA), context)
    assert alias_word(payer, CLIENT, context) == word
    for client in (Client("crm/9"), Client("crm/10"), None):
        assert alias_word(payer, client, context) is None
    assert alias_word(payer_of(pay("", 1), context), CLIENT, context) is None

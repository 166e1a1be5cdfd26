"""What the matcher says, in both languages: every row, every clause, every phrase, against a snapshot."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from hub.domain.decision import Decision
from hub.domain.matching import InMemoryBook, decide_day, phrases
from hub.domain.matching.clauses import CLAUSES, NOT_A_NUMBER, RESTARTS_YEARLY
from hub.domain.matching.said import Language, Said
from hub.domain.matching.sentences import HINTS, SENTENCES
from hub.domain.matching.verdicts import (
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
)
from hub.domain.models import Direction, Invoice, InvoiceStatus, Payment
from tests.unit.matching.cases import CONTEXT, ROZA, client, decide, inv, pay

SNAPSHOT: Final = Path(__file__).with_name("texts.txt")
ENGLISH: Final = replace(CONTEXT, language=Language.EN)
_BRACES: Final = re.compile(r"\{(\w+)\}")
_CYRILLIC: Final = re.compile(r"[а-яё]", re.IGNORECASE)
PHRASES: Final = {name: value for name, value in vars(phrases).items() if isinstance(value, Said)}
EVERY: Final = {
    **{f"row {code}": text for code, text in SENTENCES.items()},
    **{f"hint {code}": text for code, text in HINTS.items()},
    **{f"clause {aspect.value} {verdict.value}": text for (aspect, verdict), (_, text) in CLAUSES.items()},
    "clause numbering other_shape": NOT_A_NUMBER,
    "clause numbering restarts_yearly": RESTARTS_YEARLY,
    **{f"phrase {name.lower()}": text for name, text in PHRASES.items()},
}


def test_every_text_is_as_in_the_snapshot() -> None:
    """A changed text is changed in texts.txt too, where both languages are seen side by side."""
    lines = [f"{name}\n    ru: {text.ru}\n    en: {text.en}" for name, text in EVERY.items()]
    assert SNAPSHOT.read_text(encoding="utf-8").split("\n\n") == [*lines[:-1], lines[-1] + "\n"]


def test_every_verdict_has_its_clause() -> None:
    kinds = (
        *(NumberVerdict, ReferenceVerdict, AmountVerdict, ClientVerdict),
        *(OrganisationVerdict, CurrencyVerdict, StatusVerdict, DateVerdict),
    )
    assert len(CLAUSES) == sum(len(kind) for kind in kinds)


@pytest.mark.parametrize(("name", "text"), EVERY.items(), ids=EVERY.keys())
def test_both_languages_say_the_same_values(name: str, text: Said) -> None:
    declined = {"invoice_dative": "invoice", "invoice_instrumental": "invoice"}
    russian = {declined.get(value, value) for value in _BRACES.findall(text.ru)}
    assert russian == set(_BRACES.findall(text.en)), name
    assert _CYRILLIC.search(text.en.replace("КПП", "")) is None
    if not name.startswith("clause") and name not in {"phrase payer_called", "phrase payer_unnamed"}:
        assert text.ru[-1] in ".}"
        assert text.en[-1] in ".}"


NO_ID: Final = client(None, "ООО Пион")
WORLDS: Final[dict[str, tuple[Payment, tuple[Invoice, ...]]]] = {
    "agreement": (pay("сч 45", 1200), (inv("45", 1200), inv("46", 1200))),
    "a tie": (pay("доски", 1200), (inv("45", 1200), inv("46", 1200))),
    "equal guesses": (pay("доски", 1200, None, name="Пион"), (inv("45", 1200, NO_ID), inv("46", 1200, NO_ID))),
    "another client": (pay("сч 45", 1200, ROZA), (inv("45", 1200),)),
    "nothing": (pay("сч 99", 1200, ROZA), (inv("45", 700),)),
    "nobody": (pay("доски", 1200, None), (inv("45", 700),)),
    "a bank": (pay("доски", 1200, "7707083893", name="ПАО Сбербанк"), (inv("45", 700),)),
    "a doubt": (pay("Возврат по счету 45", 1200), (inv("45", 1200),)),
    "not ours": (pay("Заработная плата", 1200, ROZA), (inv("45", 1200),)),
    "outgoing": (pay("сч 45", 1200, direction=Direction.OUT), (inv("45", 1200),)),
    "our refund": (
        pay("Возврат по счету 45", 1200, direction=Direction.OUT),
        (inv("45", 1200, status=InvoiceStatus.PAID, paid=1200),),
    ),
    "old VAT": (pay("сч 45, НДС 20%", 1200), (inv("45", 1220),)),
    "no money": (pay("сч 45", 0), (inv("45", 1200),)),
}


@pytest.mark.parametrize("name", WORLDS)
def test_the_language_changes_the_words_and_nothing_else(name: str) -> None:
    payment, invoices = WORLDS[name]
    russian, english = decide(payment, *invoices), decide(payment, *invoices, context=ENGLISH)
    assert (russian.kind, russian.code, russian.allocations) == (english.kind, english.code, english.allocations)
    assert _CYRILLIC.search(russian.reason) is not None
    assert _CYRILLIC.search(_without_names(english)) is None, english.reason


def _without_names(decision: Decision) -> str:
    texts = [decision.reason, *(item.text for candidate in decision.candidates for item in candidate.evidence)]
    said = " ".join(texts)
    for name in ('ООО "Пион"', 'ООО "Роза"', "ООО Пион", "Пион", "ПАО Сбербанк", "КПП"):
        said = said.replace(name, "")
    return said


def test_a_contested_day_speaks_english_too() -> None:
    twice = [pay("сч 45", 1200, id="a"), pay("сч 45", 1200, id="b")]
    first, _ = decide_day(twice, InMemoryBook([inv("45", 1200)]), ENGLISH)
    assert first.reason.startswith("More than one payment of this day claims invoice No. 45 of 03.02.2026")


def test_a_suggestion_says_what_would_have_made_it_automatic() -> None:
    assert "платит за" in decide(pay("сч 45", 1200, ROZA), inv("45", 1200)).reason
    assert "Номер счёта в назначении решил бы вопрос." in decide(pay("доски", 700), inv("45", 1200)).reason


def test_an_old_rate_of_vat_is_a_warning_beside_the_evidence() -> None:
    decision = decide(pay("сч 45, в т.ч. НДС 20%", 1200), inv("45", 1200))
    assert [item.text for item in decision.candidates[0].evidence if item.aspect.value == "vat"] == [
        "в назначении НДС 20 %, а счёт выставлен после перехода на 22 %"
    ]
    earlier = decide(pay("сч 45, в т.ч. НДС 20%", 1200), inv("45", 1200, on="2025-12-30"))
    assert all(item.aspect.value != "vat" for item in earlier.candidates[0].evidence)

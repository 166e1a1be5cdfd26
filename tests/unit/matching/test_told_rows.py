"""What the accountant reads: the whole sentence of every row of the table, in both languages, against a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from hub.domain.matching import SHIPPED, read_purpose
from hub.domain.matching.explain import sentence
from hub.domain.matching.judge import ask
from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.said import Language
from hub.domain.matching.table_laws import possible
from hub.domain.matching.table_regions import decided_by, example
from hub.domain.matching.verdicts import Answer
from hub.domain.money import total
from tests.unit.matching.cases import CONTEXT, IVANOV, OUR_OTHER_COMPANY, inv, pay

SNAPSHOT: Final = Path(__file__).with_name("told_rows.txt")
PAYMENT: Final = pay("Оплата по сч. № 12/45 от 05.02.2026", 1200, IVANOV)
ONE: Final = (inv("ТД-12/45", "1500.50", paid=200, org=OUR_OTHER_COMPANY),)
SEVERAL: Final = (inv("ТД-12/45", 700), inv("ТД-13", 500))
OF_SETS: Final = ("several_", "unnamed_set", "one_of_named")


def told(row: Row, region: int, language: Language) -> str:
    """The row's sentence about an answer with the most agreeing verdicts that lead to it."""
    question = ask(PAYMENT, read_purpose(PAYMENT.purpose), replace(CONTEXT, language=language))
    invoices = SEVERAL if row.code.startswith(OF_SETS) else ONE
    gives = tuple(invoice.open_amount for invoice in invoices)
    assert total(gives, "RUB").is_positive
    return sentence(row, question, Answer(invoices, gives, example(region), "12/45"))


def every() -> Iterator[str]:
    for row, region in zip(SHIPPED.rows, decided_by(SHIPPED.rows), strict=True):
        if row.outcome is not Outcome.DROP:
            assert region & possible(), row.code
            lines = (f"    {language.value}: {told(row, region & possible(), language)}" for language in Language)
            yield "\n".join((f"{row.code} ({row.outcome.value})", *lines)) + "\n"


def test_every_row_is_told_as_in_the_snapshot() -> None:
    found = list(every())
    assert len(found) == 52
    assert SNAPSHOT.read_text(encoding="utf-8") == "\n".join(found)

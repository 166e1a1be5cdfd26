"""Reasons that stop a machine whatever the invoices say, and money that is no customer's at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hub.domain.matching import phrases
from hub.domain.matching.judge import Question
from hub.domain.matching.marks import NOT_CUSTOMER, plain_words
from hub.domain.matching.reading import Mark
from hub.domain.matching.said import Said
from hub.domain.matching.shared import is_marketplace
from hub.domain.matching.verdicts import EXACT, IDENTIFIED, INEXACT, NAMED, NumberVerdict, Verdicts
from hub.domain.models import Direction

_WHOLE: Final = Decimal(100)
_REGISTER: Final = re.compile(r"\bреестр(?:а|у|ом|е|ы|ов|ам)?\b")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a decisive answer still goes to a person.

    Attributes:
        yields_to_number: a number that agrees together with the sum and the client outweighs the words.
        only_unnamed: it matters only where no number led to the answer.
    """

    code: str
    text: Said
    yields_to_number: bool = False
    only_unnamed: bool = False

    def spares(self, verdicts: Verdicts) -> bool:
        """Whether this answer stands in spite of the doubt."""
        named = verdicts.number in NAMED
        if self.only_unnamed:
            return named or verdicts.number is NumberVerdict.MENTIONED
        sure = named and verdicts.number not in INEXACT
        return self.yields_to_number and sure and verdicts.amount in EXACT and verdicts.client in IDENTIFIED


REPEATS_PAID: Final = Doubt("repeats_paid", phrases.REPEATS_PAID)


@dataclass(frozen=True, slots=True)
class Foreign:
    """Money that no customer's invoice stands behind."""

    code: str
    text: Said


_FOREIGN: Final[dict[Mark, Said]] = {
    Mark.OWN_TRANSFER: phrases.OWN_MONEY,
    Mark.SALARY: phrases.SALARY,
    Mark.TAX: phrases.TAX,
    Mark.LOAN: phrases.LOAN,
    Mark.INTEREST: phrases.INTEREST,
    Mark.BANK_FEE: phrases.BANK_FEE,
    Mark.REGISTER: phrases.REGISTER,
    Mark.MARKETPLACE: phrases.MARKETPLACE,
    Mark.CASH: phrases.CASH,
    Mark.GRANT: phrases.GRANT,
    Mark.INSURANCE: phrases.INSURANCE,
    Mark.SECURITY: phrases.SECURITY,
    Mark.CAPITAL: phrases.CAPITAL,
    Mark.PENALTY: phrases.PENALTY,
    Mark.COURT: phrases.COURT,
}


def doubt_of(question: Question) -> Doubt | None:
    """The first doubt about a payment, if any."""
    payment, reading = question.payment, question.reading
    if payment.direction is Direction.UNKNOWN:
        return Doubt("direction_unknown", phrases.DIRECTION_UNKNOWN)
    if _is_from_ourselves(question):
        return Doubt("own_payer", phrases.OWN_PAYER)
    if Mark.REFUND in reading.marks:
        return Doubt("refund_words", phrases.REFUND_WORDS)
    if Mark.MISTAKE in reading.marks:
        return Doubt("mistake_words", phrases.MISTAKE_WORDS)
    if _names_register(question):
        return Doubt("register_words", phrases.REGISTER_WORDS)
    if reading.marks & NOT_CUSTOMER:
        return Doubt("foreign_words", phrases.FOREIGN_WORDS, yields_to_number=True)
    if Mark.TRUNCATED in reading.marks:
        return Doubt("truncated", phrases.TRUNCATED, only_unnamed=True)
    if Mark.UNREAD in reading.marks:
        return Doubt("unread_number", phrases.UNREAD_NUMBER, only_unnamed=True)
    if reading.percent is not None and reading.percent < _WHOLE and Mark.ADVANCE in reading.marks:
        return Doubt("share_of_unknown", phrases.SHARE_OF_UNKNOWN, only_unnamed=True)
    return None


def _names_register(question: Question) -> bool:
    """«по реестру 11», but not «реестровый номер контракта»."""
    return _REGISTER.search(plain_words(question.payment.purpose)) is not None


def not_customer_money(question: Question) -> Foreign | None:
    """What kind of other money this is, judged by words and by who pays."""
    marks = question.reading.marks
    if _is_from_ourselves(question):
        return Foreign("own_transfer", phrases.OURSELVES)
    if is_marketplace(question.payment.payer) and not question.named:
        return Foreign(Mark.MARKETPLACE.value, _FOREIGN[Mark.MARKETPLACE])
    for mark, text in _FOREIGN.items():
        if mark in marks:
            return Foreign(mark.value, text)
    if Mark.REFUND in marks:
        return Foreign("refund_in", phrases.REFUND_IN)
    return None


def _is_from_ourselves(question: Question) -> bool:
    payer = question.payment.payer
    same = payer.tax_id is not None and payer.tax_id == question.own_tax_id
    return same or question.context.is_ours(payer)

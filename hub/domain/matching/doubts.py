"""Reasons that stop a machine whatever the invoices say, and money that is no customer's at all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hub.domain.matching.judge import Question
from hub.domain.matching.marks import NOT_CUSTOMER
from hub.domain.matching.reading import Mark
from hub.domain.matching.verdicts import EXACT, IDENTIFIED, NAMED, NumberVerdict, Verdicts
from hub.domain.models import Direction

_WHOLE: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a decisive answer still goes to a person.

    Attributes:
        yields_to_number: a number that agrees together with the sum and the client outweighs the words.
        only_unnamed: it matters only where no number led to the answer.
    """

    code: str
    text: str
    yields_to_number: bool = False
    only_unnamed: bool = False

    def spares(self, verdicts: Verdicts) -> bool:
        """Whether this answer stands in spite of the doubt."""
        named = verdicts.number in NAMED
        if self.only_unnamed:
            return named
        sure = named and verdicts.number is not NumberVerdict.AGREES_LOOSELY
        return self.yields_to_number and sure and verdicts.amount in EXACT and verdicts.client in IDENTIFIED


REPEATS_PAID: Final = Doubt(
    "repeats_paid", "Тот же номер был у счёта на эту же сумму, и он уже оплачен: похоже на повторный платёж."
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """Money that no customer's invoice stands behind."""

    code: str
    text: str


_FOREIGN: Final[dict[Mark, str]] = {
    Mark.OWN_TRANSFER: "Перевод собственных средств — не оплата от клиента.",
    Mark.SALARY: "Зарплата, подотчёт или выплата людям — не оплата от клиента.",
    Mark.TAX: "Налоги, взносы или пошлины — не оплата от клиента.",
    Mark.LOAN: "Заём или кредит — не оплата от клиента.",
    Mark.INTEREST: "Проценты или депозит — не оплата от клиента.",
    Mark.BANK_FEE: "Комиссия банка — не оплата от клиента.",
    Mark.REGISTER: "Возмещение эквайринга или СБП: одна сумма за много продаж, сверяется с реестром, а не со счетами.",
    Mark.MARKETPLACE: "Выплата маркетплейса или комиссионера — сверяется с его отчётом, а не со счетами.",
    Mark.CASH: "Взнос наличных или выручка — не оплата от клиента.",
    Mark.GRANT: "Субсидия или грант — не оплата по счёту.",
    Mark.INSURANCE: "Страховая выплата или возмещение ущерба — не оплата по счёту.",
    Mark.SECURITY: "Обеспечение или задаток — не оплата по счёту.",
    Mark.CAPITAL: "Взнос учредителя или помощь — не оплата от клиента.",
    Mark.PENALTY: "Неустойка, пени или штраф — не оплата по счёту.",
    Mark.COURT: "Взыскание или исполнительный лист — не оплата по счёту.",
}


def doubt_of(question: Question) -> Doubt | None:
    """The first doubt about a payment, if any."""
    payment, reading = question.payment, question.reading
    if payment.direction is Direction.UNKNOWN:
        return Doubt("direction_unknown", "Непонятно, пришли эти деньги или ушли, поэтому сам хаб не решает.")
    if _is_from_ourselves(question):
        return Doubt("own_payer", "Плательщик — наше же юрлицо.")
    if Mark.REFUND in reading.marks:
        return Doubt("refund_words", "В назначении слово «возврат» — это может быть не оплата.")
    if Mark.MISTAKE in reading.marks:
        return Doubt("mistake_words", "В назначении сказано об ошибочном платеже.")
    foreign = NOT_CUSTOMER & reading.marks
    if foreign:
        return Doubt("foreign_words", "Слова назначения похожи не на оплату от клиента.", yields_to_number=True)
    if Mark.TRUNCATED in reading.marks:
        return Doubt("truncated", "Назначение обрезано банком на номере счёта.", only_unnamed=True)
    if Mark.UNREAD in reading.marks:
        text = "После слова «счёт» стоит номер, который не удалось прочесть."
        return Doubt("unread_number", text, only_unnamed=True)
    if reading.percent is not None and reading.percent < _WHOLE and Mark.ADVANCE in reading.marks:
        text = "В назначении аванс в процентах, значит весь счёт больше платежа."
        return Doubt("share_of_unknown", text, only_unnamed=True)
    return None


def not_customer_money(question: Question) -> Foreign | None:
    """What kind of other money this is, judged by words and by who pays."""
    marks = question.reading.marks
    if _is_from_ourselves(question):
        return Foreign("own_transfer", "Плательщик — мы сами: перевод между своими, не оплата от клиента.")
    for mark, text in _FOREIGN.items():
        if mark in marks:
            return Foreign(mark.value, text)
    if Mark.REFUND in marks:
        return Foreign("refund_in", "Возврат денег нам, а не оплата: ни один наш счёт не назван.")
    return None


def _is_from_ourselves(question: Question) -> bool:
    payer = question.payment.payer
    own_ids, own_accounts = question.context.own_tax_ids, question.context.own_accounts
    if payer.tax_id is not None and (payer.tax_id in own_ids or payer.tax_id == question.own_tax_id):
        return True
    return payer.account is not None and payer.account in own_accounts

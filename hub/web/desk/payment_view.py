"""Everything the page of one payment says, in the accountant's words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hub.domain.allocation import Adjustment, payment_room
from hub.domain.decision import Aspect, Candidate, Evidence, Stand
from hub.domain.matching.said import Language
from hub.domain.matching.table import DecisionTable, TableError, kept_table
from hub.domain.matching.table_words import row_words
from hub.domain.matching.verdicts import ClientVerdict
from hub.domain.matching.versions import table_version
from hub.domain.models import Direction, Invoice, Party, Payment
from hub.domain.money import Money, total
from hub.domain.wording import date_text
from hub.ports.claims import ClaimRow
from hub.ports.records import EffectState, PaymentRow, PaymentState
from hub.store.queries import ImportLine, PaymentCard
from hub.web.desk.effects import Badge, EffectView, Link, Stages, Tone, effect_view
from hub.web.desk.journal import JournalLine, journal_line
from hub.web.desk.remember import Remember
from hub.web.locale import Words
from hub.web.rendering import account_text

_NOWHERE_ELSE: Final[Mapping[str, str]] = {}
_VANISHED_MATCHED: Final = (
    "Строки этого платежа нет в более новой выписке за этот день, а он сопоставлен. Проверьте в банке. Денег нет — "
    "отмените сопоставление: счета снова откроются, сделка вернётся, если её не трогали. Деньги есть — загрузите "
    "полную выписку за этот день, и предупреждение снимется."
)
_VANISHED_OPEN: Final = (
    "Строки этого платежа нет в более новой выписке за этот день. Проверьте в банке. Денег нет — нажмите «Это не наш "
    "платёж…». Деньги есть — загрузите полную выписку за этот день, и предупреждение снимется."
)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice with the part of the payment that goes to it.

    Attributes:
        kept: the sale as every system keeps it, where more than one does.
    """

    invoice: Invoice
    amount: Money
    kept: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One row of the evidence table."""

    aspect: str
    stand: str
    icon: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate to confirm; the fingerprint says which answer the person saw."""

    fingerprint: str
    lines: tuple[InvoiceLine, ...]
    evidence: tuple[EvidenceLine, ...]
    remember: Remember | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A named fact from the statement; `code` is set in digits of equal width."""

    name: str
    value: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """Which table decided, and its row in words.

    Attributes:
        kept: the table's text is there.
        row: empty where the decision was made beside the table, or the table is not kept.
    """

    version: str
    code: str
    kept: bool
    place: int | None = None
    row: str = ""


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment for its page.

    Attributes:
        room: what is not given out yet, signed.
        in_flight: something is on its way to the CRM.
        claims: reports that this line covers, or the report that this payment was made of.
        decided_by: the table behind the newest decision; None where no table was asked.
    """

    row: PaymentRow
    pile: str
    badge: Badge
    direction: str
    reason: str
    facts: tuple[Fact, ...]
    matches: tuple[InvoiceLine, ...]
    adjustments: tuple[Adjustment, ...]
    candidates: tuple[CandidateView, ...]
    effects: tuple[EffectView, ...]
    journal: tuple[JournalLine, ...]
    sources: tuple[ImportLine, ...]
    room: Money
    in_flight: bool
    claims: tuple[ClaimRow, ...]
    decided_by: DecidedBy | None

    @property
    def payment(self) -> Payment:
        """The domain payment."""
        return self.row.payment

    @property
    def state(self) -> str:
        """Machine word of the state."""
        return self.row.state.value

    @property
    def party(self) -> Party:
        """The other side."""
        return self.row.payment.counterparty

    @property
    def unsettled(self) -> bool:
        """The matcher has not looked yet: the page renews itself."""
        return self.row.state in (PaymentState.NEW, PaymentState.RECHECK)

    @property
    def left(self) -> Money | None:
        """What a matched payment still has to give."""
        return self.room if self.matches and self.room else None

    @property
    def open(self) -> bool:
        """A person may decide now; what lies in another pile is put back first."""
        return self.row.state is PaymentState.NEEDS_YOU

    @property
    def can_choose(self) -> bool:
        """Only incoming money is given out by hand."""
        return self.row.payment.direction is Direction.IN

    @property
    def can_undo(self) -> bool:
        """There is an active match to take back."""
        return bool(self.matches)

    @property
    def can_put_back(self) -> bool:
        """It lies in a pile from which a person may take it."""
        return self.row.state in (PaymentState.DISMISSED, PaymentState.NOT_OURS)

    @property
    def held(self) -> bool:
        """A person has had a say: the machine only suggests."""
        return self.row.held and self.row.state is not PaymentState.DISMISSED

    @property
    def confirmed_by(self) -> str | None:
        """Whose word stands."""
        return self.row.confirmed_by

    @property
    def by_alias(self) -> bool:
        """The machine matched it, and knew its client by a person's word on who pays for whom."""
        row = self.row
        if row.state is not PaymentState.MATCHED or row.confirmed_by is not None or row.decision is None:
            return False
        said = (Aspect.CLIENT, ClientVerdict.ALIAS)
        given = row.decision.candidates[:1]
        return any((item.aspect, item.verdict) == said for candidate in given for item in candidate.evidence)

    @property
    def reported(self) -> bool:
        """It is known from a report, not from a statement."""
        return any(claim.counted_as == self.payment.id for claim in self.claims)

    @property
    def direction_reason(self) -> str | None:
        """Why the direction is what it is."""
        return self.row.payment.direction_reason

    @property
    def vanished(self) -> str:
        """What to do about a payment that a newer statement does not hold; empty where nothing hangs on it."""
        if self.row.vanished_in is None or self.can_put_back:
            return ""
        return _VANISHED_MATCHED if self.matches else _VANISHED_OPEN

    @property
    def warnings(self) -> Sequence[str]:
        """Doubts about requisites."""
        return self.row.warnings


PILE_OF: Final = {
    PaymentState.NEW: "needs_you",
    PaymentState.RECHECK: "needs_you",
    PaymentState.NEEDS_YOU: "needs_you",
    PaymentState.MATCHED: "matched",
    PaymentState.NOT_OURS: "not_ours",
    PaymentState.DISMISSED: "not_ours",
}
_STATES: Final = {
    PaymentState.NEW: Badge(Tone.WAIT, "ждёт рассмотрения"),
    PaymentState.RECHECK: Badge(Tone.WAIT, "рассматривается заново"),
    PaymentState.NEEDS_YOU: Badge(Tone.WAIT, "нужны вы"),
    PaymentState.MATCHED: Badge(Tone.GOOD, "сопоставлен"),
    PaymentState.NOT_OURS: Badge(Tone.CALM, "не наше"),
    PaymentState.DISMISSED: Badge(Tone.CALM, "отложен человеком"),
}
_ASPECTS: Final = {
    Aspect.NUMBER: "Номер счёта",
    Aspect.REFERENCE: "Документ",
    Aspect.AMOUNT: "Сумма",
    Aspect.CLIENT: "Клиент",
    Aspect.ORGANISATION: "Наше юрлицо",
    Aspect.CURRENCY: "Валюта",
    Aspect.STATUS: "Счёт",
    Aspect.DATE: "Дата",
    Aspect.VAT: "НДС",
    Aspect.NUMBERING: "Нумерация",
}
_STANDS: Final = {
    Stand.FOR: ("good", "за"),
    Stand.AGAINST: ("stop", "против"),
    Stand.SILENT: ("calm", "не говорит"),
    Stand.WARNING: ("wait", "внимание"),
}
_DIRECTIONS: Final = {
    Direction.IN: "Почему поступление",
    Direction.OUT: "Почему списание",
    Direction.SELF: "Почему свой перевод",
    Direction.UNKNOWN: "Направление неясно",
}


def payment_view(
    card: PaymentCard,
    stages: Stages,
    link: Link,
    offers: Sequence[Remember | None],
    say: Words,
    kept: Mapping[str, str] = _NOWHERE_ELSE,
) -> PaymentView:
    """Arrange what the store says of one payment.

    Args:
        kept: by invoice, where several systems keep its sale: the sale as each of them keeps it.
        offers: for each candidate that a person may confirm, who may be remembered with it.
    """
    row = card.row
    matches = tuple(_matches(card, kept))
    badge = _STATES[row.state]
    return PaymentView(
        row=row,
        pile=PILE_OF[row.state],
        badge=Badge(badge.tone, say(badge.word)),
        direction=say(_DIRECTIONS[row.payment.direction]),
        reason=row.decision.reason if row.decision is not None else say("Хаб ещё не рассмотрел этот платёж."),
        facts=tuple(_facts(row.payment, say)),
        matches=matches,
        adjustments=card.adjustments,
        candidates=tuple(_candidates(card, offers, say, kept)),
        effects=tuple(effect_view(item, stages, link, say) for item in card.effects),
        journal=tuple(journal_line(item, say) for item in card.journal),
        sources=card.sources,
        room=payment_room(row.payment, total((item.amount for item in matches), row.payment.amount.currency)),
        claims=card.claims,
        decided_by=_decided_by(card, Language(say.language)),
        in_flight=any(item.state in (EffectState.QUEUED, EffectState.INTENT) for item in card.effects),
    )


def _decided_by(card: PaymentCard, language: Language) -> DecidedBy | None:
    decision = card.row.decision
    version = table_version(decision.version) if decision is not None else None
    if decision is None or version is None:
        return None
    table = _kept(version, card.table) if card.table is not None else None
    place = table.place_of(decision.code) if table is not None else None
    if table is None or place is None:
        return DecidedBy(version, decision.code, table is not None)
    return DecidedBy(version, decision.code, True, place, row_words(table.rows[place - 1], language))


@lru_cache(maxsize=8)
def _kept(version: str, text: str) -> DecisionTable | None:
    """A kept table; None where this version of the programme reads it no more."""
    try:
        return kept_table(version, text)
    except TableError:
        return None


def _matches(card: PaymentCard, kept: Mapping[str, str]) -> Iterator[InvoiceLine]:
    for row in card.matches:
        if row.undone_at is None and row.invoice_id in card.invoices:
            yield InvoiceLine(card.invoices[row.invoice_id].invoice, row.amount, kept.get(row.invoice_id, ""))


def _candidates(
    card: PaymentCard, offers: Sequence[Remember | None], say: Words, kept: Mapping[str, str]
) -> Iterator[CandidateView]:
    decision = card.row.decision
    if decision is None or card.row.state is not PaymentState.NEEDS_YOU:
        return
    for candidate, offer in zip(decision.candidates, offers, strict=True):
        known = (item for item in candidate.allocations if item.invoice_id in card.invoices)
        lines = tuple(
            InvoiceLine(card.invoices[item.invoice_id].invoice, item.amount, kept.get(item.invoice_id, ""))
            for item in known
        )
        evidence = tuple(_evidence(item, say) for item in candidate.evidence)
        yield CandidateView(candidate_fingerprint(candidate), lines, evidence, offer)


def candidate_fingerprint(candidate: Candidate) -> str:
    """Which invoices get how much: a page that shows an older answer must not confirm a newer one."""
    text = "|".join(f"{item.invoice_id}={item.amount}" for item in candidate.allocations)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _evidence(item: Evidence, say: Words) -> EvidenceLine:
    icon, word = _STANDS[item.stand]
    return EvidenceLine(say(_ASPECTS[item.aspect]), item.stand.value, icon, say(word), item.text)


def _facts(payment: Payment, say: Words) -> list[Fact]:
    other = payment.counterparty
    incoming = payment.direction is not Direction.OUT
    named: list[tuple[str, str | None, bool]] = [
        ("Плательщик" if incoming else "Получатель", other.name, False),
        ("ИНН", other.tax_id, True),
        ("КПП", other.kpp, True),
        ("Его счёт", account_text(other.account), True),
        ("Его банк", other.bank_name, False),
        ("БИК", other.bic, True),
        ("Наш счёт", account_text(payment.own_account), True),
        ("ИНН нашего юрлица", payment.organisation_tax_id, True),
        ("Документ", _document(payment, say), False),
        ("Вид операции", payment.operation_code, True),
    ]
    return [Fact(say(name), value, code) for name, value, code in named if value]


def _document(payment: Payment, say: Words) -> str | None:
    if payment.document_number is None:
        return payment.document_kind
    kind = payment.document_kind or say("Документ")
    dated = say("от {date}", date=date_text(payment.document_date)) if payment.document_date else ""
    return f"{kind} № {payment.document_number} {dated}".strip()

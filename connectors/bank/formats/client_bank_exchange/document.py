"""From a document's section to a booked movement, or to the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from connectors.bank.fingerprint import fingerprint
from connectors.bank.formats.client_bank_exchange import keys
from connectors.bank.formats.client_bank_exchange.direction import Ownership, Verdict, decide
from connectors.bank.formats.client_bank_exchange.lexer import Section
from connectors.bank.formats.client_bank_exchange.parties import PartySide, read_party
from connectors.bank.formats.client_bank_exchange.values import (
    ValueProblem,
    account_currency,
    code_or_none,
    date_or_none,
    is_masked,
    parse_amount,
    parse_date,
)
from connectors.bank.requisites import is_iban
from connectors.bank.statement import StatementLine
from hub.domain.models import Direction, Party
from hub.domain.money import Money, MoneyError, currency_code

_AMOUNTS: Final = ("Сумма", "СуммаПриход", "СуммаРасход")
_OF_PAYMENT: Final = (
    *_AMOUNTS, "ДатаСписано", "ДатаПоступило", "ДатаОперации", "ПлательщикСчет", "ПолучательСчет", keys.PURPOSE,
)  # fmt: skip
_KINDS: Final = {
    keys.fold(kind): kind
    for kind in (
        "Платежное поручение", "Платежное требование", "Инкассовое поручение", "Аккредитив", "Банковский ордер",
        "Мемориальный ордер", "Платежный ордер",
    )
}  # fmt: skip
_ORDER_ONLY: Final = (
    "Нет ни даты списания, ни даты поступления: это поручение в банк, а не проведённая операция. "
    "Если деньги прошли, документ придёт в выписке банка с датой."
)


class DocumentProblem(ValueError):
    """One value of a document cannot be read; the document goes to quarantine."""

    def __init__(self, key: str, value: str, message_ru: str) -> None:
        super().__init__(message_ru)
        self.key = key
        self.value = value
        self.message_ru = message_ru


class NotMovement(Exception):
    """The document is well and moves no money; the text says why, in Russian."""


class Posting(NamedTuple):
    """Days on which the bank took the money from the payer and gave it to the payee."""

    debited_on: date | None
    credited_on: date | None


@dataclass(frozen=True, slots=True)
class Movement:
    """A line with what the sums of accounts need; `to_account` is the payee's account of a transfer to ourselves."""

    line: StatementLine
    posting: Posting
    to_account: str | None

    @property
    def is_transfer(self) -> bool:
        """Both sides are ours."""
        return self.line.direction is Direction.SELF


def is_wrapper(section: Section) -> bool:
    """A section around documents: it names no kind of payment and holds nothing that a payment has."""
    title = keys.fold(section.title)
    return bool(title) and title not in _KINDS and not any(section.get(key) for key in _OF_PAYMENT)


def read_movement(section: Section, own: Ownership, *, is_statement: bool) -> Movement:
    """Read one document.

    Raises:
        NotMovement: an order to the bank, which is not posted.
        DocumentProblem: a value that decides about money is absent or garbled.
    """
    payer, payee = read_party(section, keys.PAYER), read_party(section, keys.PAYEE)
    posting = _posting(section)
    debited, credited = posting.debited_on is not None, posting.credited_on is not None
    verdict = decide(payer.side, payee.side, debited=debited, credited=credited, own=own)
    if not (debited or credited):
        raise _not_posted(verdict, is_statement)
    currency, currency_doubts = _currency(section, verdict, payer, payee)
    booked_on, booked_reason, day_doubts = _booked(verdict.direction, posting)
    document_date, date_doubts = _document_date(section)
    doubts = (*payer.doubts, *payee.doubts, *currency_doubts, *day_doubts, *date_doubts)
    own_account, other_account = _accounts(verdict, payer.party, payee.party, own)
    direction, amount, number = verdict.direction, _amount(section, currency), section.get("Номер") or None
    other = payer.party if direction in (Direction.IN, Direction.UNKNOWN) else payee.party
    line = StatementLine(
        line_no=section.line_no,
        direction=direction,
        direction_reason=verdict.reason,
        amount=amount,
        booked_on=booked_on,
        booked_reason=booked_reason,
        own_account=own_account,
        document_number=number,
        document_date=document_date,
        document_kind=_kind(section),
        operation_code=code_or_none(section.get("ВидОплаты")),
        payer=payer.party,
        payee=payee.party,
        purpose=_purpose(section),
        is_budget=any(code_or_none(section.get(key)) for key in ("СтатусСоставителя", "ПоказательКБК")),
        fingerprint=fingerprint(own_account, direction, amount, number, document_date, other_account, other.tax_id),
        occurrence=1,
        raw=section.text,
        quality_warnings=doubts,
    )
    return Movement(line, posting, other_account if direction is Direction.SELF else None)


def _document_date(section: Section) -> tuple[date | None, tuple[str, ...]]:
    value = section.get("Дата")
    found = date_or_none(value)
    return found, (f"Дата документа «{value}» не читается.",) if value and found is None else ()


def _posting(section: Section) -> Posting:
    debited_on, credited_on = _day(section, "ДатаСписано"), _day(section, "ДатаПоступило")
    if debited_on or credited_on:
        return Posting(debited_on, credited_on)
    day = _day(section, "ДатаОперации")  # Kazakh banks: one date, and the key of the amount tells the side
    came, went = (bool(section.get(key).strip("0., ")) for key in ("СуммаПриход", "СуммаРасход"))
    return Posting(None if came and not went else day, None if went and not came else day)


def _day(section: Section, key: str) -> date | None:
    value = section.get(key)
    try:
        return parse_date(value) if value else None
    except ValueProblem as problem:
        raise DocumentProblem(key, value, f"{key} «{value}»: {problem}.") from None


def _not_posted(verdict: Verdict, is_statement: bool) -> Exception:
    if is_statement and verdict.direction is Direction.IN:
        return DocumentProblem(
            "ДатаПоступило",
            "",
            "Деньги пришли на наш счёт, но банк не указал ДатаПоступило: день проведения неизвестен.",
        )
    return NotMovement(_ORDER_ONLY)


def _amount(section: Section, currency: str) -> Money:
    key = next((key for key in _AMOUNTS if section.get(key)), _AMOUNTS[0])
    value = section.get(key)
    try:
        amount = Money.of(parse_amount(value), currency)
    except ValueProblem as problem:
        raise DocumentProblem(key, value, f"{key} «{value}»: {problem}.") from None
    except MoneyError:
        raise DocumentProblem(key, value, f"{key} «{value}»: столько денег или долей копейки не бывает.") from None
    if not amount.is_positive:
        raise DocumentProblem(key, value, f"{key} «{value}»: сумма равна нулю.")
    return amount


def _currency(section: Section, verdict: Verdict, payer: PartySide, payee: PartySide) -> tuple[str, tuple[str, ...]]:
    named = section.get("Валюта")
    if named:
        try:
            return currency_code(named), ()
        except MoneyError:
            raise DocumentProblem("Валюта", named, f"Валюта «{named}» неизвестна.") from None
    ours = next((account for account in (verdict.payer_account, verdict.payee_account) if account), None)
    if ours is not None:
        try:
            found = account_currency(ours) if _shows_currency(ours) else None
        except ValueProblem as problem:
            raise DocumentProblem(keys.OWN_ACCOUNT, ours, f"Счёт {ours}: {problem}.") from None
        if found:
            return found, ()
    others = (account for side in (payee, payer) for account in side.side.accounts if _shows_currency(account))
    found = next((code for code in map(_quiet_currency, others) if code), None)
    return (found, ()) if found else ("RUB", ("Валюта по счетам не видна, принят рубль.",))


def _shows_currency(account: str) -> bool:
    return len(account) == 20 or is_iban(account) or is_masked(account)


def _quiet_currency(account: str) -> str | None:
    try:
        return account_currency(account)
    except ValueProblem:
        return None


def _booked(direction: Direction, posting: Posting) -> tuple[date, str, tuple[str, ...]]:
    """The posting day: of incoming money the day it came, of outgoing the day it left; the other one as a fallback."""
    debited_on, credited_on = posting
    wanted, other = ("ДатаПоступило", "ДатаСписано"), (credited_on, debited_on)
    if direction in (Direction.OUT, Direction.SELF):
        wanted, other = wanted[::-1], other[::-1]
    if other[0] is not None:
        return other[0], f"День проведения — {wanted[0]}.", ()
    fallback = other[1]
    if fallback is None:
        raise NotMovement(_ORDER_ONLY)
    reason = f"{wanted[0]} не заполнена, день проведения — {wanted[1]}."
    is_doubt = direction in (Direction.IN, Direction.OUT)
    return fallback, reason, (reason,) if is_doubt else ()


def _accounts(verdict: Verdict, payer: Party, payee: Party, own: Ownership) -> tuple[str | None, str | None]:
    """Our account and the other side's; a transfer to ourselves belongs to the account that the money left."""
    if verdict.direction is Direction.IN:
        return verdict.payee_account, payer.account
    if verdict.direction is Direction.OUT:
        return verdict.payer_account, payee.account
    if verdict.direction is Direction.SELF:
        return verdict.payer_account or payer.account, verdict.payee_account or payee.account
    return own.file_accounts[0] if len(own.file_accounts) == 1 else None, payer.account


def _kind(section: Section) -> str | None:
    title = (section.get("ВидДокумента") or section.title).strip('" ')
    return _KINDS.get(keys.fold(title), title) or None


def _purpose(section: Section) -> str:
    """`НазначениеПлатежа`, else its six lines; the first of them often repeats the whole, so never both."""
    whole = section.get(keys.PURPOSE)
    if whole:
        return whole
    return " ".join(part for index in range(1, 7) if (part := section.get(f"{keys.PURPOSE}{index}")))

"""Which way money went, and the Russian sentence that says why.

Accounts decide first, then the posting dates (banks hide or replace accounts), then ИНН; otherwise nobody knows and a
person looks: a wrong guess would count an expense as a client's money.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from connectors.bank.formats.client_bank_exchange.values import fits_mask, is_masked, normal_account
from hub.domain.models import Direction


class Side(NamedTuple):
    """What a document says of the payer or the payee: every account it names, and the ИНН."""

    accounts: tuple[str, ...]
    tax_id: str | None


class Verdict(NamedTuple):
    """The direction, why, and our account on each side where it is known."""

    direction: Direction
    reason: str
    payer_account: str | None = None
    payee_account: str | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    """What is ours: accounts of this file and of the hub, ИНН of our legal entities."""

    accounts: frozenset[str]
    file_accounts: tuple[str, ...]
    tax_ids: frozenset[str]

    @classmethod
    def of(cls, file_accounts: Iterable[str], accounts: Collection[str], tax_ids: Collection[str]) -> Ownership:
        """Collect from the file and from the caller, accounts in any spelling."""
        in_file = tuple(file_accounts)
        given = (normal_account(account) for account in accounts)
        ours = frozenset(in_file) | {account for account in given if account is not None}
        return cls(ours, in_file, frozenset(tax_id.strip() for tax_id in tax_ids))

    def account_of(self, side: Side) -> str | None:
        """Our account that the side names in full."""
        return next((account for account in side.accounts if account in self.accounts), None)

    def hidden_account_of(self, side: Side) -> str | None:
        """Our account behind a mask, else the only account of the file."""
        masks = [account for account in side.accounts if is_masked(account)]
        fitting = {account for account in self.accounts for mask in masks if fits_mask(mask, account)}
        if len(fitting) == 1:
            return fitting.pop()
        return self.file_accounts[0] if len(self.file_accounts) == 1 else None

    def is_ours(self, tax_id: str | None) -> bool:
        """The ИНН is one of our legal entities'."""
        return tax_id is not None and tax_id in self.tax_ids


def decide(payer: Side, payee: Side, *, debited: bool, credited: bool, own: Ownership) -> Verdict:
    """Direction of a document with these sides; `debited` and `credited` say which posting dates are filled."""
    verdict = _to_ourselves(payer, payee, own) or _by_accounts(payer, payee, own)
    verdict = verdict or _by_dates(payer, payee, debited, credited, own)
    return verdict or _by_tax_id(payer, payee, own) or _unknown(debited, credited)


def _to_ourselves(payer: Side, payee: Side, own: Ownership) -> Verdict | None:
    sender, receiver = own.account_of(payer), own.account_of(payee)
    if sender is not None and receiver is not None:
        reason = f"Перевод между своими счетами: счёт плательщика {sender} и счёт получателя {receiver} — оба наши."
    elif payer.tax_id == payee.tax_id and own.is_ours(payer.tax_id):
        reason = f"Перевод между своими счетами: у плательщика и получателя один и тот же наш ИНН {payer.tax_id}."
    else:
        return None
    return Verdict(Direction.SELF, reason, sender, receiver)


def _by_accounts(payer: Side, payee: Side, own: Ownership) -> Verdict | None:
    sender, receiver = own.account_of(payer), own.account_of(payee)
    if receiver is not None:
        return Verdict(
            Direction.IN, f"Приход: счёт получателя {receiver} — наш, счёт плательщика — чужой.", None, receiver
        )
    if sender is not None:
        return Verdict(Direction.OUT, f"Расход: счёт плательщика {sender} — наш, счёт получателя — чужой.", sender)
    return None


def _by_dates(payer: Side, payee: Side, debited: bool, credited: bool, own: Ownership) -> Verdict | None:
    if debited == credited:
        return None
    ours_pays, ours_gets = own.is_ours(payer.tax_id), own.is_ours(payee.tax_id)
    if (credited and ours_pays and not ours_gets) or (debited and ours_gets and not ours_pays):
        return Verdict(Direction.UNKNOWN, "Не ясно: заполненная дата говорит одно, а сторона с нашим ИНН — другое.")
    hidden = "наш счёт в документе скрыт или заменён"
    if credited:
        reason = f"Приход: заполнена только дата поступления; {hidden}."
        return Verdict(Direction.IN, reason, None, own.hidden_account_of(payee))
    reason = f"Расход: заполнена только дата списания; {hidden}."
    return Verdict(Direction.OUT, reason, own.hidden_account_of(payer))


def _by_tax_id(payer: Side, payee: Side, own: Ownership) -> Verdict | None:
    ours_pays, ours_gets = own.is_ours(payer.tax_id), own.is_ours(payee.tax_id)
    if ours_pays and ours_gets:
        return Verdict(Direction.SELF, "Перевод между своими: у плательщика и у получателя наши ИНН.")
    if ours_gets:
        reason = f"Приход: ИНН получателя {payee.tax_id} — наш; счета скрыты или чужие."
        return Verdict(Direction.IN, reason, None, own.hidden_account_of(payee))
    if ours_pays:
        reason = f"Расход: ИНН плательщика {payer.tax_id} — наш; счета скрыты или чужие."
        return Verdict(Direction.OUT, reason, own.hidden_account_of(payer))
    return None


def _unknown(debited: bool, credited: bool) -> Verdict:
    dates = "заполнены обе даты" if debited and credited else "дат нет"
    return Verdict(Direction.UNKNOWN, f"Не ясно: ни один счёт и ни один ИНН в документе не наш, {dates}.")

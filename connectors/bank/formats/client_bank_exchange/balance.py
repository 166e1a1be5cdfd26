"""Sums of each account, and their proof against the bank's own turnovers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from connectors.bank.formats.client_bank_exchange.document import DocumentProblem, Movement
from connectors.bank.formats.client_bank_exchange.lexer import Section
from connectors.bank.formats.client_bank_exchange.transfers import TransferSide
from connectors.bank.formats.client_bank_exchange.values import (
    ValueProblem,
    account_currency,
    date_or_none,
    normal_account,
    parse_amount,
)
from connectors.bank.statement import AccountSummary, AccountTurnover, BalanceCheck, CheckState, Period
from hub.domain.models import Direction
from hub.domain.money import Money, MoneyError, total


def read_turnover(section: Section) -> AccountTurnover:
    """One section of an account.

    Raises:
        DocumentProblem: no account, or an amount that is none.
    """
    account = normal_account(section.get("РасчСчет"))
    if account is None:
        raise DocumentProblem("РасчСчет", section.get("РасчСчет"), "В секции остатков не указан счёт.")
    currency = _currency_or_rouble(account)
    return AccountTurnover(
        line_no=section.line_no,
        account=account,
        period=Period(date_or_none(section.get("ДатаНачала")), date_or_none(section.get("ДатаКонца"))),
        opening=_money(section, "НачальныйОстаток", currency),
        credited=_money(section, "ВсегоПоступило", currency),
        debited=_money(section, "ВсегоСписано", currency),
        closing=_money(section, "КонечныйОстаток", currency),
    )


def _money(section: Section, key: str, currency: str) -> Money | None:
    value = section.get(key)
    try:
        return Money.of(parse_amount(value, signed=True), currency) if value else None
    except ValueProblem as problem:
        raise DocumentProblem(key, value, f"{key} «{value}»: {problem}.") from None
    except MoneyError:
        raise DocumentProblem(key, value, f"{key} «{value}»: столько денег или долей копейки не бывает.") from None


def _currency_or_rouble(account: str) -> str:
    try:
        return account_currency(account) or "RUB"
    except ValueProblem:
        return "RUB"


@dataclass(slots=True)
class _Sum:
    """Minor units: `proved` by a posting date, `unproved` where a transfer lacks the date of this side."""

    proved: int = 0
    unproved: int = 0

    def add(self, minor: int, *, is_proved: bool) -> None:
        if is_proved:
            self.proved += minor
        else:
            self.unproved += minor

    def prove(self, minor: int) -> None:
        self.proved += minor
        self.unproved -= minor


@dataclass(slots=True)
class _Tally:
    """Running sums of one account."""

    currency: str
    incoming: int = 0
    credited: _Sum = field(default_factory=_Sum)
    outgoing: int = 0
    debited: _Sum = field(default_factory=_Sum)
    own_transfers: int = 0
    unknown: int = 0
    foreign_currency: int = 0
    turnovers: list[AccountTurnover] = field(default_factory=list)

    def minor(self, amount: Money) -> int:
        """Minor units in the account's currency; money in another one is counted apart and not added."""
        if amount.currency == self.currency:
            return amount.minor
        self.foreign_currency += 1
        return 0


class Ledger:
    """Counts lines per account while the file is read; holds sums and turnovers, never lines."""

    def __init__(self, accounts: Collection[str]) -> None:
        self._of_file = frozenset(accounts)
        self._tallies: dict[str | None, _Tally] = {account: _new_tally(account) for account in accounts}

    def add_turnover(self, turnover: AccountTurnover) -> None:
        """Remember the bank's sums."""
        self._tally(turnover.account).turnovers.append(turnover)

    def add(self, movement: Movement) -> None:
        """Count a line on its account; a transfer to ourselves on both accounts that the file is about."""
        line = movement.line
        if line.direction is Direction.SELF:
            self._add_transfer(movement)
            return
        tally = self._tally(line.own_account)
        if line.direction is Direction.IN:
            tally.incoming += 1
            tally.credited.proved += tally.minor(line.amount)
        elif line.direction is Direction.OUT:
            tally.outgoing += 1
            tally.debited.proved += tally.minor(line.amount)
        else:
            tally.unknown += 1

    def prove_transfer(self, movement: Movement, first: TransferSide) -> None:
        """The other account's print of a transfer that is already counted: it proves the date that was missing."""
        here = TransferSide.of(movement)
        if here.debited and not first.debited and (tally := self._of_account(movement.line.own_account)):
            tally.debited.prove(tally.minor(movement.line.amount))
        if here.credited and not first.credited and (tally := self._of_account(movement.to_account)):
            tally.credited.prove(tally.minor(movement.line.amount))

    def _add_transfer(self, movement: Movement) -> None:
        here, amount = TransferSide.of(movement), movement.line.amount
        if payer := self._of_account(movement.line.own_account):
            payer.own_transfers += 1
            payer.debited.add(payer.minor(amount), is_proved=here.debited)
        if payee := self._of_account(movement.to_account):
            payee.own_transfers += 1
            payee.credited.add(payee.minor(amount), is_proved=here.credited)

    def _of_account(self, account: str | None) -> _Tally | None:
        """The tally of an account that the file is about; a transfer's far side may be in another file."""
        return self._tallies[account] if account in self._of_file else None

    def summaries(self, broken: int) -> tuple[AccountSummary, ...]:
        """Every account of the file and every account that a line belongs to; `broken` documents explain a gap."""
        return tuple(_summary(account, tally, broken) for account, tally in self._tallies.items())

    def _tally(self, account: str | None) -> _Tally:
        if account not in self._tallies:
            self._tallies[account] = _new_tally(account)
        return self._tallies[account]


def _new_tally(account: str | None) -> _Tally:
    return _Tally(_currency_or_rouble(account) if account else "RUB")


def _summary(account: str | None, tally: _Tally, broken: int) -> AccountSummary:
    return AccountSummary(
        account=account,
        incoming=tally.incoming,
        incoming_sum=Money.from_minor(tally.credited.proved, tally.currency),
        outgoing=tally.outgoing,
        outgoing_sum=Money.from_minor(tally.debited.proved, tally.currency),
        own_transfers=tally.own_transfers,
        unknown=tally.unknown,
        check=_check(tally, broken),
    )


def _check(tally: _Tally, broken: int) -> BalanceCheck:
    turnovers = _without_overlaps(tally.turnovers)
    credits = [item.credited for item in turnovers if item.credited is not None]
    debits = [item.debited for item in turnovers if item.debited is not None]
    if not turnovers or len(credits) < len(turnovers) or len(debits) < len(turnovers):
        return BalanceCheck(CheckState.ABSENT, "Банк не указал обороты по счёту: сверить документы не с чем.")
    bank_credit, bank_debit = total(credits, tally.currency), total(debits, tally.currency)
    credit_gap = _gap(tally.credited, bank_credit)
    debit_gap = _gap(tally.debited, bank_debit)
    problems = [
        *_gap_texts("поступило", bank_credit, credit_gap),
        *_gap_texts("списано", bank_debit, debit_gap),
        *_chain_problems(turnovers),
    ]
    if not problems:
        message = f"Сходится с оборотами банка: поступило {_text(bank_credit)}, списано {_text(bank_debit)}."
        return BalanceCheck(CheckState.GREEN, message, credit_gap, debit_gap)
    message = "Не сходится с банком: " + "; ".join(problems) + "." + _excuses(tally, broken)
    return BalanceCheck(CheckState.DIFFERENCE, message, credit_gap, debit_gap)


def _without_overlaps(turnovers: Sequence[AccountTurnover]) -> list[AccountTurnover]:
    """Sections to add up: a day printed twice counts once, and a section over the whole time replaces its days."""
    unique = list({(item.period, item.credited, item.debited, item.opening): item for item in turnovers}.values())
    starts = [item.period.start for item in unique if item.period.start]
    ends = [item.period.end for item in unique if item.period.end]
    if len(unique) < 2 or len(starts) < len(unique) or len(ends) < len(unique):
        return unique
    whole = [item for item in unique if item.period == Period(min(starts), max(ends))]
    return whole if len(whole) == 1 else unique


def _gap(counted: _Sum, bank: Money) -> Money:
    """Documents minus turnovers; a transfer whose date on this side is nowhere counts if the bank counted it."""
    found = Money.from_minor(counted.proved, bank.currency) - bank
    return Money.zero(bank.currency) if counted.unproved and found.minor == -counted.unproved else found


def _gap_texts(word: str, bank: Money, gap: Money) -> list[str]:
    if not gap:
        return []
    return [f"{word} по документам {_text(bank + gap)}, по оборотам {_text(bank)}, разница {_text(gap)}"]


def _chain_problems(turnovers: Sequence[AccountTurnover]) -> list[str]:
    """Opening + credited − debited = closing, in each section."""
    found = []
    for item in turnovers:
        if item.opening is None or item.closing is None or item.credited is None or item.debited is None:
            continue
        gap = item.closing - (item.opening + item.credited - item.debited)
        if gap:
            found.append(f"остатки в секции со строки {item.line_no} расходятся с оборотами на {_text(gap)}")
    return found


def _excuses(tally: _Tally, broken: int) -> str:
    excuses = f" В карантине документов: {broken}; разница может быть в них." if broken else ""
    if tally.foreign_currency:
        excuses += f" Документов в другой валюте, не вошедших в сумму: {tally.foreign_currency}."
    return excuses


def _text(money: Money) -> str:
    return f"{money.amount:,.{max(0, -int(money.amount.as_tuple().exponent))}f} {money.currency}".replace(",", " ")

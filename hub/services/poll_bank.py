"""Poll a bank: account by account, day by day, each day and its mark in one transaction. Nothing is written there.

Every run reads the last days again, once a day two weeks: banks correct, take back and back-date movements. Hooks only
hurry it: the day that a hook names is read as any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

import structlog

from hub import failpoints
from hub.domain.errors import ConnectorError, Paced, Reauthorise, Refused, Unavailable
from hub.domain.wording import date_text
from hub.ports.bank import BankAccount, BankPort, DayAnswer, ProofState
from hub.ports.records import InboxKind
from hub.ports.store import UnitOfWork
from hub.services.bank_source import BankSource
from hub.services.poll_source import report_read, report_trouble
from hub.services.read_inbox import read_inbox
from hub.services.runtime import Runtime, Work
from hub.services.store_bank_day import day_mark, flag_lost

_log = structlog.get_logger(__name__)
#: Banks count days by Moscow time.
_MOSCOW: Final = timezone(timedelta(hours=3))
_AGAIN: Final = timedelta(days=3)
_DEEP: Final = timedelta(days=14)
_DEEP_EVERY_S: Final = 86_400.0
_DEEP_MARK: Final = "two weeks read at"
#: A hook's day is read when the poll that runs just now has ended.
_BUSY_S: Final = 2.0
#: A new connection begins so far back, where the settings name no day.
_FIRST: Final = timedelta(days=30)
_NOT_SHOWN: Final = (
    "Банк не показывает счета из настроек: {accounts}. Деньги на них хаб не видит. Проверьте права токена у банка или "
    "уберите счёт из accounts, если его закрыли."
)
_WAITS: Final = "Этот банк как раз опрашивается: день из вебхука будет прочитан следом."
#: A day that does not add up is read again at once, so many times, before a person is shown it.
_REREADS: Final = 2


@dataclass(frozen=True, slots=True)
class BankPoll:
    """What a poll did; `complete` is False when an account could not be read to its end."""

    days: int
    changed: int
    complete: bool


class _LostTurn(Exception):
    """Another process polls this bank now."""


def high_water(account: str) -> str:
    """Name of the mark of the last day that was read whole."""
    return f"read to:{account}"


def poll_bank(rt: Runtime, connection: str) -> BankPoll:
    """Read what the bank shows since the last mark, and the days before it again; one poll of a bank at a time."""
    rt = rt.claimant()
    bank, source = rt.banks.get(connection), rt.bank_sources.get(connection)
    if bank is None or source is None:
        return BankPoll(0, 0, complete=False)
    run = _Run(rt, bank, source)
    try:
        run.hold()
    except _LostTurn:
        return BankPoll(0, 0, complete=False)
    try:
        complete = run.everything()
    except _LostTurn:
        complete = False
    except ConnectorError as error:
        report_trouble(rt, connection, error)
        complete = False
    finally:
        run.release()
    if run.changed:
        rt.wake(Work.MATCH, "")
    return BankPoll(run.days, run.changed, complete)


def read_days(rt: Runtime, connection: str, wanted: Iterable[tuple[str, date]]) -> None:
    """Read these accounts' days now.

    Raises:
        ConnectorError: one of them could not be read.
    """
    bank, source = rt.banks.get(connection), rt.bank_sources.get(connection)
    if bank is None or source is None:
        return
    run = _Run(rt.claimant(), bank, source)
    try:
        # Two readers of one day could take an older answer for the newer one.
        run.hold()
        for account, day in sorted(set(wanted)):
            run.span(account, day, day, marks=False)
    except _LostTurn:
        raise Paced("this bank is being polled", _WAITS, after_s=_BUSY_S) from None
    finally:
        run.release()
    if run.changed:
        rt.wake(Work.MATCH, "")


def moscow_today(now: datetime) -> date:
    """The day that banks have now."""
    return now.astimezone(_MOSCOW).date()


class _Run:
    """One poll of one bank."""

    def __init__(self, rt: Runtime, bank: BankPort, source: BankSource) -> None:
        self._rt = rt
        self._bank = bank
        self._source = source
        self._name = source.id
        self.days = 0
        self.changed = 0

    def hold(self) -> None:
        """Take or renew the turn."""
        rt = self._rt
        with rt.store.write() as uow:
            if not uow.switches.lease(f"poll:{self._name}", rt.owner, rt.clock.now(), self._source.lease_s):
                raise _LostTurn

    def release(self) -> None:
        """Give the turn back."""
        with self._rt.store.write() as uow:
            uow.switches.release(f"poll:{self._name}", self._rt.owner)

    def everything(self) -> bool:
        """Every account; trouble with one of them does not stop the others.

        Raises:
            ConnectorError: the bank as a whole does not answer, or lets us in no more.
        """
        self._bank.refresh()
        deep = self._deep_due()
        shown = self._bank.accounts()
        failed: ConnectorError | None = self._not_shown(shown)
        for account in self._accounts(shown):
            try:
                self._account(account, deep=deep)
            except (Reauthorise, Unavailable):
                raise
            except ConnectorError as error:
                _log.info("bank.account_not_read", connection=self._name, account=account.number[-4:], why=error.text)
                failed = failed or error
        rt = self._rt
        if failed is not None:
            report_trouble(rt, self._name, failed)
            return False
        with rt.store.write() as uow:
            uow.connections.polled(self._name, rt.clock.now())
            if deep or uow.cursors.get(self._name, _DEEP_MARK) is None:
                uow.cursors.put(self._name, _DEEP_MARK, rt.clock.now().isoformat())
        report_read(rt, self._name)
        return True

    def _not_shown(self, shown: Collection[BankAccount]) -> Refused | None:
        """Trouble where the settings name accounts that the bank does not show: nobody would see their money."""
        missing = sorted(set(self._source.accounts) - {item.number for item in shown})
        if not missing:
            return None
        tails = ", ".join(f"…{number[-4:]}" for number in missing)
        return Refused(f"accounts not shown: {len(missing)}", _NOT_SHOWN.format(accounts=tails))

    def _accounts(self, shown: Iterable[BankAccount]) -> list[BankAccount]:
        wanted = self._source.accounts
        return [item for item in shown if item.number in wanted or (not wanted and self._is_read(item))]

    def _is_read(self, account: BankAccount) -> bool:
        """One that is open; and one that was closed lately, for the money of its last days."""
        mark = None if account.is_open else self._mark(account)
        return account.is_open or (mark is not None and mark >= moscow_today(self._rt.clock.now()) - _AGAIN)

    def _mark(self, account: BankAccount) -> date | None:
        with self._rt.store.read() as uow:
            mark = uow.cursors.get(self._name, high_water(account.number))
        return date.fromisoformat(mark) if mark else None

    def _deep_due(self) -> bool:
        with self._rt.store.read() as uow:
            last = uow.cursors.get(self._name, _DEEP_MARK)
        if last is None:
            return False
        return not 0 <= (self._rt.clock.now() - datetime.fromisoformat(last)).total_seconds() < _DEEP_EVERY_S

    def _account(self, account: BankAccount, *, deep: bool) -> None:
        today = moscow_today(self._rt.clock.now())
        mark = self._mark(account)
        with self._rt.store.read() as uow:
            open_gaps = uow.banks.proofs(today - _FIRST, [ProofState.GAP])
        mine = (self._name, account.number)
        gaps = {proof.day for proof in open_gaps if (proof.connection, proof.account) == mine}
        first = self._first(mark, today, deep=deep)
        for day in sorted(day for day in gaps if day < first):
            self.span(account.number, day, day, marks=False)
        # The mark of a closed account stays where it is, which ends the reading.
        self.span(account.number, first, today, marks=account.is_open or account.number in self._source.accounts)

    def _first(self, mark: date | None, today: date, *, deep: bool) -> date:
        """A closed start: days that were read before are read again."""
        begin = self._source.read_from
        if mark is None:
            return min(begin, today) if begin is not None else today - _FIRST
        back = _DEEP if deep else _AGAIN
        first = min(mark, today) - back
        return max(first, begin) if begin is not None and begin <= today else first

    def span(self, account: str, first: date, last: date, *, marks: bool) -> None:
        """Read these days of an account; the mark goes on with every whole day."""
        for answer in self._bank.days(account, first, last):
            self._day(answer, marks=marks)
        # What one of the last days lacks may stand on another one now: the poll reads all of them, and can tell.
        if marks or last < moscow_today(self._rt.clock.now()) - _AGAIN:
            self.changed += flag_lost(self._rt, self._name, account, first, last)

    def _day(self, answer: DayAnswer, *, marks: bool) -> None:
        is_news = self._keep(answer, marks=marks)
        self.days += 1
        # A gap that the bank has shown before is known: every poll reads it again anyway.
        for _ in range(_REREADS if is_news else 0):
            if not self._has_gap(answer):
                break
            for again in self._bank.days(answer.account, answer.day, answer.day):
                self._keep(again, marks=False)

    def _has_gap(self, answer: DayAnswer) -> bool:
        with self._rt.store.read() as uow:
            proof = uow.banks.proof(self._name, answer.account, answer.day)
        return proof is not None and proof.state is ProofState.GAP

    def _keep(self, answer: DayAnswer, *, marks: bool) -> bool:
        """What is new lands in the inbox before any work on it; False where the bank tells nothing new."""
        self.hold()
        rt, name = self._rt, day_mark(answer.account, answer.day)
        digest = answer.digest
        with rt.store.write() as uow:
            before = (uow.cursors.get(self._name, name) or ":").split(":")
            inbox_id = None
            if before[1] != digest:
                # The same content may come back after another one: it is a new fact then.
                told = hashlib.sha256(f"{name}:{before[0]}:{digest}".encode()).hexdigest()
                title = f"{self._source.title}, {_called(answer.account)}, {date_text(answer.day)}"
                inbox_id, _ = uow.inbox.add(self._name, InboxKind.BANK_DAY, title, answer.body, told, rt.clock.now())
                uow.cursors.put(self._name, name, f"{inbox_id}:{digest}")
                if before[0]:
                    uow.inbox.outdated(int(before[0]), rt.clock.now())
            if marks:
                self._advance(uow, answer)
        failpoints.reach("after_inbox_commit")
        if inbox_id is not None:
            self.changed += 1
            read_inbox(rt, inbox_id)
        return inbox_id is not None

    def _advance(self, uow: UnitOfWork, answer: DayAnswer) -> None:
        name = high_water(answer.account)
        mark = uow.cursors.get(self._name, name)
        if mark is None or date.fromisoformat(mark) < answer.day:
            failpoints.reach("before_cursor_commit")
            uow.cursors.put(self._name, name, answer.day.isoformat())


def _called(account: str) -> str:
    """An account by its last digits; a cash desk by its name."""
    return f"счёт …{account[-4:]}" if account.isascii() else account

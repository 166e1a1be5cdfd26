"""Which payment a new line of a bank, a file or an accountant's books is: the same money of another source, or none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from hub.ports.bank import NO_BOOKS, Books
from hub.ports.records import InboxKind
from hub.ports.statement import ReceivedPayment
from hub.store import tables as t
from hub.store.books import REACH, booked_nearness, is_booked_money
from hub.store.ids import known_payment, payment_id
from hub.store.joining import Candidate, is_same_money, nearness, read_candidate
from hub.store.payments import take_import_turn
from hub.store.sql import Repository, bites, insert
from hub.store.types import storable

_L: Final = t.bank_lines.c
_D: Final = t.bank_days.c
_P: Final = t.payments.c
_N: Final = t.payment_names.c
#: Sources may disagree about the day of a movement by so much (a night's money, a zone).
_APART: Final = timedelta(days=1)


class BankJoins(Repository):
    """The part of `hub.ports.bank.BankLines` that joins lines of several sources."""

    def take_turn(self) -> None:
        """Nobody else adds payments until the end of the transaction."""
        take_import_turn(self._connection)

    def joinable(
        self, connection: str, account: str, item: ReceivedPayment, books: Books = NO_BOOKS, freed: Collection[str] = ()
    ) -> str | None:
        """The payment of another source that is the same money as this new line, if there is one."""
        kept = and_(of_account(connection, account), ~_L.gone, _L.source_id.not_in(sorted(freed)))
        bound = select(_L.payment_id).where(kept, _L.payment_id == _P.id)
        named = select(_N.payment_id).where(
            _N.own_account == storable(item.payment.own_account or ""), _N.fingerprint == item.fingerprint
        )
        near = or_(_P.fingerprint == item.fingerprint, _P.id.in_(named), _around(item, REACH if books else _APART))
        rows = self._candidates(item, near & ~bound.correlate(t.payments).exists())
        names = {row.number for row in rows if row.fingerprint == item.fingerprint}
        names |= set(self._connection.scalars(named))
        loose = self._loosely(rows, books, all_of_them=connection in books)
        # Without the date of the document a number comes again: each month has its payment order 5.
        names -= loose if item.payment.document_date is None else set()
        fitting = [row for row in rows if row.number in names or _is_same(row, item, loose)]
        best = min(fitting, key=lambda row: (row.number not in names, _rank(row, item, loose)), default=None)
        return payment_id(best.number) if best is not None else None

    def _loosely(self, rows: Collection[Candidate], books: Books, *, all_of_them: bool) -> set[int]:
        """Candidates that are compared as an accountant's documents: one of the two is."""
        numbers = {row.number for row in rows}
        return numbers if all_of_them else self._booked_only(numbers, books)

    def agrees(self, payment: str, item: ReceivedPayment) -> bool:
        """Whether the payment, as it is known, is the same money as an accountant's document."""
        rows = self._candidates(item, _P.id == known_payment(payment))
        return any(row.fingerprint == item.fingerprint or is_booked_money(row, item) for row in rows)

    def booked_only(self, payments: Collection[str], books: Books, besides_inbox: int | None = None) -> set[str]:
        """Those that only an accountant's books ever showed: no bank's API, and no file but this one."""
        numbers = {known_payment(item) for item in payments}
        return {payment_id(number) for number in self._booked_only(numbers, books, besides_inbox)}

    def _booked_only(self, numbers: Collection[int], books: Books, besides_inbox: int | None = None) -> set[int]:
        found: set[int] = set()
        for bite in bites(sorted(numbers) if books else ()):
            mine = _booked_only(books, besides_inbox)
            found |= set(self._connection.scalars(select(_P.id).where(_P.id.in_(bite), mine)))
        return found

    def unseen(self, payments: Collection[str], books: Books, since: timedelta) -> set[str]:
        """Those of `booked_only` whose account a bank's API reads too, on their day or not long before it."""
        numbers = self._booked_only({known_payment(item) for item in payments}, books)
        found: set[str] = set()
        for number in numbers:
            row = self._connection.execute(select(_P.own_account, _P.booked_on).where(_P.id == number)).one()
            read = and_(_D.account == row.own_account, _D.connection.not_in(sorted(books)))
            near = select(_D.day).where(read, _D.day.between(row.booked_on - since, row.booked_on)).limit(1)
            if self._connection.execute(near).first() is not None:
                found.add(payment_id(number))
        return found

    def adopt(self, items: Sequence[ReceivedPayment], books: Books = NO_BOOKS) -> None:
        """Give payments that APIs brought the names by which a file knows them."""
        accounts = {storable(item.payment.own_account or "") for item in items}
        watched = {
            account
            for bite in bites(sorted(accounts))
            for account in self._connection.scalars(select(_L.account).where(_L.account.in_(bite)).distinct())
        }
        mine = [item for item in items if (item.payment.own_account or "") in watched]
        if not mine:
            return
        self.take_turn()
        fresh = [item for item in mine if not self._is_known(item)]
        taken: set[int] = set()
        # Lines of the very day go first: what stands days off is taken only where nobody nearer claims it.
        late = [item for item in fresh if not self._adopt(item, taken, books, apart=0)]
        for item in late:
            self._adopt(item, taken, books, apart=REACH.days)

    def _adopt(self, item: ReceivedPayment, taken: set[int], books: Books, apart: int) -> bool:
        line = select(_L.payment_id).where(_L.payment_id == _P.id).correlate(t.payments).exists()
        reach = REACH if books else _APART
        rows = self._candidates(item, _around(item, min(reach, timedelta(days=apart))) & line & ~in_file())
        loose = self._booked_only({row.number for row in rows}, books)
        fitting = [row for row in rows if row.number not in taken and _is_same(row, item, loose)]
        best = min(fitting, key=lambda row: _rank(row, item, loose), default=None)
        if best is None:
            return False
        taken.add(best.number)
        self._name(best.number, item, item.occurrence)
        if best.document_date is None and item.payment.document_date is not None:
            dated = update(t.payments).where(_P.id == best.number)
            self._connection.execute(dated.values(document_date=item.payment.document_date))
        return True

    def name(self, payment: str, item: ReceivedPayment) -> None:
        """The payment is called by the content of this line too."""
        number = known_payment(payment)
        own = select(_P.fingerprint).where(_P.id == number)
        known = select(_N.payment_id).where(_N.payment_id == number, _N.fingerprint == item.fingerprint)
        if self._connection.scalar(own) == item.fingerprint or self._connection.execute(known).first() is not None:
            return
        self._name(number, item, self.next_occurrence(item.payment.own_account or "", item.fingerprint))

    def _name(self, number: int, item: ReceivedPayment, occurrence: int) -> None:
        values = {
            "own_account": item.payment.own_account or "",
            "fingerprint": item.fingerprint,
            "occurrence": occurrence,
            "payment_id": number,
        }
        self._connection.execute(insert(self._connection, t.payment_names).values(values).on_conflict_do_nothing())

    def _is_known(self, item: ReceivedPayment) -> bool:
        account = storable(item.payment.own_account or "")
        for c in (_P, _N):
            same = (c.own_account == account, c.fingerprint == item.fingerprint, c.occurrence == item.occurrence)
            if self._connection.execute(select(c.fingerprint).where(*same)).first() is not None:
                return True
        return False

    def _candidates(self, item: ReceivedPayment, condition: ColumnElement[bool]) -> list[Candidate]:
        payment = item.payment
        same = and_(
            _P.own_account == storable(payment.own_account or ""),
            _P.amount_minor == payment.amount.minor,
            _P.currency == payment.amount.currency,
            _P.direction == payment.direction,
        )
        rows = self._connection.execute(select(t.payments).where(same, condition).order_by(_P.id))
        return [read_candidate(row) for row in rows]

    def next_occurrence(self, account: str, fingerprint: str) -> int:
        """The first number that no payment of that content has."""
        highest = 0
        for c in (_P, _N):
            same = (c.own_account == storable(account), c.fingerprint == fingerprint)
            highest = max(highest, self._connection.scalar(select(func.max(c.occurrence)).where(*same)) or 0)
        return highest + 1


def of_account(connection: str, account: str) -> ColumnElement[bool]:
    """The condition on `bank_lines`: of that account, as the connection shows it."""
    return and_(_L.connection == connection, _L.account == account)


def _around(item: ReceivedPayment, reach: timedelta) -> ColumnElement[bool]:
    day = item.payment.booked_on
    return _P.booked_on.between(day - reach, day + reach)


def _is_same(row: Candidate, item: ReceivedPayment, loose: Collection[int]) -> bool:
    return is_booked_money(row, item) if row.number in loose else is_same_money(row, item)


def _rank(row: Candidate, item: ReceivedPayment, loose: Collection[int]) -> tuple[int, ...]:
    """The least is the nearest."""
    return booked_nearness(row, item) if row.number in loose else (0, 0, *nearness(row, item))


def _booked_only(books: Books, besides_inbox: int | None) -> ColumnElement[bool]:
    """The condition on `payments`: lines of books show it, and nothing else does or did."""
    lines = select(_L.payment_id).where(_L.payment_id == _P.id).correlate(t.payments)
    by_books, by_bank = lines.where(_L.connection.in_(sorted(books))), lines.where(_L.connection.not_in(sorted(books)))
    return and_(by_books.exists(), ~by_bank.exists(), ~in_file(besides_inbox))


def in_file(besides: int | None = None) -> ColumnElement[bool]:
    """The condition on `payments`: a statement file shows it, beside that one."""
    joined = t.payment_sources.join(t.inbox, t.inbox.c.id == t.payment_sources.c.inbox_id)
    found = select(t.payment_sources.c.payment_id).select_from(joined)
    mine = [t.payment_sources.c.payment_id == _P.id, t.inbox.c.kind == InboxKind.STATEMENT_FILE]
    mine += [t.inbox.c.id != besides] if besides is not None else []
    return found.where(*mine).correlate(t.payments).exists()

"""Movements by the banks' own ids, which payments they are, and the proofs of the days they were read in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, select, update

from hub.domain.money import Money
from hub.ports.bank import BankLine, DayProof, KnownLine, ProofState
from hub.store import tables as t
from hub.store.bank_joins import BankJoins, in_file, of_account
from hub.store.ids import known_payment, payment_id
from hub.store.sql import bites, insert
from hub.store.types import storable

_L: Final = t.bank_lines.c
_D: Final = t.bank_days.c
_P: Final = t.payments.c
_N: Final = t.payment_names.c
#: Sources may disagree about the day of a movement by so much (a night's money, a zone).
_APART: Final = timedelta(days=1)


class SqlBankLines(BankJoins):
    """`hub.ports.bank.BankLines` over SQL."""

    def of_day(self, connection: str, account: str, day: date) -> list[KnownLine]:
        """Movements last seen on that day, gone ones too."""
        return self._lines(of_account(connection, account) & (_L.day == day))

    def by_ids(self, connection: str, account: str, source_ids: Collection[str]) -> dict[str, KnownLine]:
        """Movements by the bank's id."""
        found: dict[str, KnownLine] = {}
        for bite in bites(sorted({storable(item) for item in source_ids})):
            lines = self._lines(of_account(connection, account) & _L.source_id.in_(bite))
            found |= {line.source_id: line for line in lines}
        return found

    def lost(self, connection: str, account: str, first: date, last: date) -> list[KnownLine]:
        """Movements that the newest read of their day does not hold; a read that contradicts itself proves nothing.

        Reads are numbered as they come; one that is still being worked on has no proof yet and takes nothing away.
        """
        newest = and_(_D.connection == _L.connection, _D.account == _L.account, _D.day == _L.day)
        seen = t.bank_lines.join(t.bank_days, newest)
        missing = and_(of_account(connection, account), _L.day.between(first, last), ~_L.gone, _L.read_in < _D.read_in)
        query = select(t.bank_lines).select_from(seen).where(missing, _D.state != ProofState.GAP)
        return [_known(row) for row in self._connection.execute(query.order_by(_L.day, _L.source_id))]

    def _lines(self, condition: ColumnElement[bool]) -> list[KnownLine]:
        rows = self._connection.execute(select(t.bank_lines).where(condition).order_by(_L.source_id))
        return [_known(row) for row in rows]

    def keep(
        self, connection: str, account: str, day: date, lines: Iterable[tuple[BankLine, str, str]], inbox_id: int
    ) -> None:
        """Remember movements of a read with their payments and contents, or where they are now."""
        rows = [
            {
                "connection": connection,
                "account": account,
                "source_id": line.source_id,
                "payment_id": known_payment(payment),
                "day": day,
                "content": content,
                "signed_minor": line.signed.minor,
                "currency": line.signed.currency,
                "read_in": inbox_id,
                "gone": False,
            }
            for line, payment, content in lines
        ]
        adding = insert(self._connection, t.bank_lines)
        changed = ("payment_id", "day", "content", "signed_minor", "currency", "read_in", "gone")
        keeping = adding.on_conflict_do_update(
            index_elements=[_L.connection, _L.account, _L.source_id],
            set_={name: adding.excluded[name] for name in changed},
        )
        if rows:
            self._connection.execute(keeping, rows)

    def rename(self, connection: str, account: str, source_id: str, to: str) -> None:
        """The bank shows the same movement under another id."""
        self._change(connection, account, source_id, {"source_id": to})

    def lose(self, connection: str, account: str, source_id: str) -> None:
        """The bank does not show it any more."""
        self._change(connection, account, source_id, {"gone": True})

    def _change(self, connection: str, account: str, source_id: str, values: dict[str, object]) -> None:
        mine = of_account(connection, account) & (_L.source_id == storable(source_id))
        self._connection.execute(update(t.bank_lines).where(mine).values(values))

    def shown(self, payment: str, besides: Collection[str] = ()) -> bool:
        """Whether some API still shows the payment, beside these connections."""
        others = _L.connection.not_in(sorted(besides))
        mine = select(_L.source_id).where(_L.payment_id == known_payment(payment), ~_L.gone, others)
        return self._connection.execute(mine.limit(1)).first() is not None

    def source(self, payment: str, inbox_id: int) -> None:
        """The payment was shown by this inbound fact too."""
        values = {"payment_id": known_payment(payment), "inbox_id": inbox_id}
        self._connection.execute(insert(self._connection, t.payment_sources).values(values).on_conflict_do_nothing())

    def find(self, connection: str, account: str, fingerprint: str | None, source_id: str | None) -> str | None:
        """The payment that a hook told of: by the bank's id, else by its content."""
        if source_id is not None:
            line = self.by_ids(connection, account, [source_id]).get(source_id)
            if line is not None:
                return line.payment_id
        if fingerprint is None:
            return None
        for column, c in ((_P.id, _P), (_N.payment_id, _N)):
            same = (c.own_account == storable(account), c.fingerprint == fingerprint)
            number = self._connection.scalar(select(column).where(*same).order_by(c.occurrence.desc()).limit(1))
            if number is not None:
                return payment_id(number)
        return None

    def connections_of(self, payment: str) -> tuple[frozenset[str], bool]:
        """Bank connections that show the payment, and whether a file shows it too."""
        number = known_payment(payment)
        names = self._connection.scalars(select(_L.connection).where(_L.payment_id == number).distinct())
        of_file = self._connection.execute(select(_P.id).where(_P.id == number, in_file())).first() is not None
        return frozenset(names), of_file

    def sums(self, connection: str, account: str, day: date, inbox_id: int) -> tuple[int, int, int]:
        """Credited and debited in minor units and how many lines, of what a read of the day brought, as recorded."""
        mine = (of_account(connection, account), _L.day == day, _L.read_in == inbox_id)
        came = func.coalesce(func.sum(_L.signed_minor).filter(_L.signed_minor > 0), 0)
        left = func.coalesce(func.sum(_L.signed_minor).filter(_L.signed_minor < 0), 0)
        row = self._connection.execute(select(came, left, func.count()).where(*mine)).one()
        return int(row[0]), -int(row[1]), int(row[2])

    def prove(self, proof: DayProof, inbox_id: int) -> None:
        """Keep the proof of a day."""
        values = {
            "connection": proof.connection,
            "account": proof.account,
            "day": proof.day,
            "currency": proof.credited.currency,
            "opening_minor": _minor(proof.opening),
            "credited_minor": proof.credited.minor,
            "debited_minor": proof.debited.minor,
            "closing_minor": _minor(proof.closing),
            "jump_minor": _minor(proof.jump),
            "lines": proof.lines,
            "broken": proof.broken,
            "state": proof.state,
            "read_in": inbox_id,
            "checked_at": proof.checked_at,
        }
        adding = insert(self._connection, t.bank_days).values(values)
        key = [_D.connection, _D.account, _D.day]
        self._connection.execute(adding.on_conflict_do_update(index_elements=key, set_=values))

    def tie(self, proof: DayProof) -> None:
        """Keep what the day before means for a day's proof."""
        mine = and_(_D.connection == proof.connection, _D.account == proof.account, _D.day == proof.day)
        tying = update(t.bank_days).where(mine).values(jump_minor=_minor(proof.jump), state=proof.state)
        self._connection.execute(tying)

    def proof(self, connection: str, account: str, day: date) -> DayProof | None:
        """The newest proof of a day."""
        mine = and_(_D.connection == connection, _D.account == account, _D.day == day)
        return next(iter(read_proofs(self._connection.execute(select(t.bank_days).where(mine)))), None)

    def proofs(self, since: date, states: Collection[ProofState] | None = None) -> list[DayProof]:
        """Proofs of days from then on, newest first."""
        query = select(t.bank_days).where(_D.day >= since)
        if states is not None:
            query = query.where(_D.state.in_(states))
        return read_proofs(self._connection.execute(query.order_by(_D.day.desc(), _D.connection, _D.account)))


def read_proofs(rows: Iterable[Row[Any]]) -> list[DayProof]:
    """Rows of `bank_days`."""
    return [
        DayProof(
            connection=row.connection,
            account=row.account,
            day=row.day,
            opening=_money(row.opening_minor, row.currency),
            credited=Money.from_minor(row.credited_minor, row.currency),
            debited=Money.from_minor(row.debited_minor, row.currency),
            closing=_money(row.closing_minor, row.currency),
            lines=row.lines,
            broken=row.broken,
            checked_at=row.checked_at,
            jump=_money(row.jump_minor, row.currency),
        )
        for row in rows
    ]


def _known(row: Row[Any]) -> KnownLine:
    return KnownLine(row.source_id, payment_id(row.payment_id), row.day, row.content, row.gone)


def _minor(money: Money | None) -> int | None:
    return money.minor if money is not None else None


def _money(minor: int | None, currency: str) -> Money | None:
    return Money.from_minor(minor, currency) if minor is not None else None

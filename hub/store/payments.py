"""Payments: what the bank showed, where each stands, every decision about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.domain.decision import Decision
from hub.domain.matching.ground import Ground
from hub.domain.matching.versions import TABLE_MARK
from hub.domain.models import Direction, Party
from hub.domain.money import Money
from hub.ports.records import PaymentRow, PaymentState
from hub.ports.statement import CoveredDays, ReceivedPayment
from hub.store import tables as t
from hub.store.codec import dump_decision
from hub.store.ground_codec import dump_ground, with_payment
from hub.store.ids import known_payment, payment_id, payment_number, short_key
from hub.store.lists import among, gathered
from hub.store.payment_rows import content_key, payment_values, read_party, read_payment_row
from hub.store.sql import BITE, Repository, bites, insert
from hub.store.standing import stirred
from hub.store.vanishing import back_in, lacking

_WAITING: Final = (PaymentState.NEW, PaymentState.RECHECK)
_NOBODYS_WORD: Final = (*_WAITING, PaymentState.NEEDS_YOU)
#: What it can be found by is for the database alone.
_COLUMNS: Final = [column for column in t.payments.c if column.name != "search"]
_CONTENT: Final = (t.payments.c.id, t.payments.c.own_account, t.payments.c.fingerprint, t.payments.c.occurrence)
# A number of ours for the turn of imports; any other would do.
_IMPORT_LOCK: Final = 7_203_117_553
# What a correction by the bank leaves as it is.
_NOT_CONTENT: Final = frozenset({"state", "held", "created_at", "warnings"})
# Rows of forty columns: 200 of them stay under SQLite's 32 766 parameters.
_INSERT_BITE: Final = 200

ContentKey = tuple[str, str, int]


# Statements of the hot path are made once: putting one together costs more than running it.
_MINE: Final = t.payments.c.id == bindparam("number")
_OF_DAY: Final = t.payments.c.state.in_(_WAITING) & (t.payments.c.booked_on == bindparam("day"))
_SOME_OF_DAY: Final = _OF_DAY & among(t.payments.c.id, "numbers")
_ADD_DECISION: Final = t.decisions.insert().returning(t.decisions.c.id)
_DECIDED: Final = (
    update(t.payments).where(_MINE).values({name: bindparam(name) for name in ("state", "decision_id", "confirmed_by")})
)
_DROP_KEYS: Final = delete(t.payment_keys).where(t.payment_keys.c.payment_id == bindparam("number"))
_ACTIVE_SUM: Final = (
    select(func.coalesce(func.sum(t.matches.c.amount_minor), 0))
    .where(t.matches.c.payment_id == bindparam("number"), t.matches.c.undone_at.is_(None))
    .scalar_subquery()
)
_GIVEN: Final = select(t.payments.c.currency, _ACTIVE_SUM).where(_MINE)
_SOURCES: Final = gathered(
    select(t.payment_sources.c.inbox_id)
    .where(t.payment_sources.c.payment_id == t.payments.c.id)
    .order_by(t.payment_sources.c.inbox_id)
    .correlate(t.payments)
)
_WAITING_DATES: Final = (
    select(t.payments.c.booked_on)
    .where(t.payments.c.state.in_(_WAITING), t.payments.c.booked_on > bindparam("after"))
    .group_by(t.payments.c.booked_on)
    .order_by(t.payments.c.booked_on)
    .limit(bindparam("most"))
)
_WAITING_UNDER: Final = select(t.payment_keys.c.payment_id).where(among(t.payment_keys.c.key, "keys"))
_BY_FINGERPRINT: Final = select(*_CONTENT).where(among(t.payments.c.fingerprint, "fingerprints"))
_NAMES: Final = tuple(t.payment_names.c[name] for name in ("payment_id", "own_account", "fingerprint", "occurrence"))
_BY_NAME: Final = select(*_NAMES).where(among(t.payment_names.c.fingerprint, "fingerprints"))
_ADD: Final = t.payments.insert().returning(*_CONTENT)
_ADD_SOURCE_SQLITE: Final = sqlite.insert(t.payment_sources).on_conflict_do_nothing()
_ADD_SOURCE_POSTGRESQL: Final = postgresql.insert(t.payment_sources).on_conflict_do_nothing()


class SqlPayments(Repository):
    """`hub.ports.store.Payments` over SQL. In a writing unit on PostgreSQL, payments that are read are locked."""

    def add(self, items: Sequence[ReceivedPayment], inbox_id: int | None, now: datetime) -> list[tuple[str, bool]]:
        """Insert what is new, in the order given; ids, each with whether it is new. The bank's id is no key: files
        lack it.
        """
        take_import_turn(self._connection)
        keys = [content_key(item) for item in items]
        unique = dict(zip(reversed(keys), reversed(items), strict=True))
        known = self._find(unique)
        fresh = [payment_values(unique[key], now) for key in dict.fromkeys(keys) if key not in known]
        added = self._insert(fresh)
        ids, first = known | added, set(added)
        self._add_source(ids.values(), inbox_id)
        result = []
        for key in keys:
            result.append((payment_id(ids[key]), key in first))
            first.discard(key)
        return result

    def _find(self, keys: Collection[ContentKey]) -> dict[ContentKey, int]:
        found: dict[ContentKey, int] = {}
        for bite in bites({key[1] for key in keys}):
            for row in self._connection.execute(_BY_NAME, {"fingerprints": bite}):
                found[row.own_account, row.fingerprint, row.occurrence] = row.payment_id
            for row in self._connection.execute(_BY_FINGERPRINT, {"fingerprints": bite}):
                found[row.own_account, row.fingerprint, row.occurrence] = row.id
        return {key: found[key] for key in keys if key in found}

    def _insert(self, rows: list[dict[str, object]]) -> dict[ContentKey, int]:
        added: dict[ContentKey, int] = {}
        for bite in bites(rows, _INSERT_BITE):
            for row in self._connection.execute(_ADD, bite):
                added[row.own_account, row.fingerprint, row.occurrence] = row.id
        return added

    def _add_source(self, numbers: Collection[int], inbox_id: int | None) -> None:
        if inbox_id is None or not numbers:
            return
        rows = [{"payment_id": number, "inbox_id": inbox_id} for number in sorted(numbers)]
        on_sqlite = self._connection.dialect.name == "sqlite"
        self._connection.execute(_ADD_SOURCE_SQLITE if on_sqlite else _ADD_SOURCE_POSTGRESQL, rows)

    def get(self, payment_id: str) -> PaymentRow | None:
        """Read one."""
        number = payment_number(payment_id)
        if number is None:
            return None
        self._lock(t.payments, _MINE, {"number": number})
        return next(iter(load_payments(self._connection, _ONE, {"number": number})), None)

    def waiting_dates(self, limit: int, after: date | None = None) -> list[date]:
        """Booking dates after that one that have waiting payments, oldest first."""
        return list(self._connection.scalars(_WAITING_DATES, {"most": limit, "after": after or date.min}))

    def waiting(self, booked_on: date, ids: Collection[str] | None = None) -> list[PaymentRow]:
        """Waiting payments of a date, in the order they came."""
        if ids is None or len(ids) > BITE:
            self._lock(t.payments, _OF_DAY, {"day": booked_on})
            found = load_payments(self._connection, _WAITING_OF_DAY, {"day": booked_on})
            return found if ids is None else [row for row in found if row.payment.id in ids]
        values = {"day": booked_on, "numbers": sorted(known_payment(item) for item in ids)}
        self._lock(t.payments, _SOME_OF_DAY, values)
        return load_payments(self._connection, _WAITING_SOME, values)

    def decide(
        self,
        payment_id: str,
        decision: Decision,
        state: PaymentState,
        keys: Collection[str],
        now: datetime,
        ground: Ground | None = None,
    ) -> None:
        """Store a decision beside the earlier ones; it becomes the payment's newest."""
        number = known_payment(payment_id)
        values = {
            "payment_id": number,
            "decided_at": now,
            "kind": decision.kind,
            "code": decision.code,
            "reason": decision.reason,
            "version": decision.version,
            "body": dump_decision(decision),
            "ground": None if ground is None else dump_ground(ground),
        }
        newest = self._connection.execute(_ADD_DECISION, values).scalar_one()
        changes = {"number": number, "state": state, "decision_id": newest, "confirmed_by": None}
        if self._connection.execute(_DECIDED, changes).rowcount != 1:
            raise LookupError(f"payment {payment_id} is not known")
        self._keep_keys(number, keys if state is PaymentState.NEEDS_YOU else ())

    def _keep_keys(self, number: int, keys: Collection[str]) -> None:
        self._connection.execute(_DROP_KEYS, {"number": number})
        rows = [{"key": key, "payment_id": number} for key in sorted({short_key(key) for key in keys})]
        if rows:
            self._connection.execute(insert(self._connection, t.payment_keys), rows)

    def set_state(
        self, payment_id: str, state: PaymentState, *, held: bool | None = None, confirmed_by: str | None = None
    ) -> None:
        """Change where a payment stands; a payment that waits again has nobody's word."""
        number = known_payment(payment_id)
        values: dict[str, object] = {"state": state}
        if held is not None:
            values["held"] = held
        if confirmed_by is not None or state in _NOBODYS_WORD:
            values["confirmed_by"] = confirmed_by
        self._change(number, **values)
        if state not in _NOBODYS_WORD:
            self._keep_keys(number, ())

    def _change(self, number: int, **values: object) -> None:
        changed = self._connection.execute(update(t.payments).where(t.payments.c.id == number).values(**values))
        if changed.rowcount != 1:
            raise LookupError(f"payment {payment_id(number)} is not known")

    def last_payer(self, tax_id: str | None, account: str | None) -> Party | None:
        """Who paid last under that tax id, else from that account."""
        asked = ((t.payments.c.payer_tax_id, tax_id), (t.payments.c.payer_account, account))
        condition = next((column == value for column, value in asked if value is not None), None)
        if condition is None:
            return None
        incoming = t.payments.c.direction == Direction.IN
        newest = select(t.payments).where(condition, incoming).order_by(t.payments.c.id.desc()).limit(1)
        row = self._connection.execute(newest).one_or_none()
        return read_party(row, "payer") if row is not None else None

    def warn(self, payment_id: str, text: str) -> None:
        """Add a doubt that its page shows."""
        mine = t.payments.c.id == known_payment(payment_id)
        self._lock(t.payments, mine)
        warnings = self._connection.scalar(select(t.payments.c.warnings).where(mine)) or []
        self._connection.execute(update(t.payments).where(mine).values(warnings=[*warnings, text]))

    def reopen_by_keys(self, keys: Collection[str]) -> int:
        """Send payments that wait for a person and share a key back to the matcher; returns how many."""
        numbers: set[int] = set()
        for bite in bites(sorted({short_key(key) for key in keys})):
            numbers.update(self._connection.scalars(_WAITING_UNDER, {"keys": bite}))
        return sum(self._reopen(bite) for bite in bites(sorted(numbers)))

    def reopen_of_other_tables(self, version: str) -> int:
        """Send payments that wait for a person by the word of another table back to the matcher; returns how many.

        Payments that no table decided, but a report of the same money, stay.
        """
        made_by = t.decisions.c.version
        by_another = made_by.contains(TABLE_MARK) & ~made_by.endswith(f"{TABLE_MARK}{version}", autoescape=True)
        newest = t.payments.join(t.decisions, t.decisions.c.id == t.payments.c.decision_id)
        waiting = t.payments.c.state == PaymentState.NEEDS_YOU
        found = select(t.payments.c.id).select_from(newest).where(waiting, by_another)
        return sum(self._reopen(bite) for bite in bites(self._connection.scalars(found).all()))

    def _reopen(self, numbers: list[int]) -> int:
        condition = t.payments.c.id.in_(numbers) & (t.payments.c.state == PaymentState.NEEDS_YOU)
        self._lock(t.payments, condition)
        reopening = update(t.payments).where(condition).values(state=PaymentState.RECHECK)
        return self._connection.execute(reopening).rowcount

    def amend(self, payment_id: str, item: ReceivedPayment, now: datetime) -> None:
        """The bank corrected a line that nothing was done with yet: it is the new content from now on."""
        self._keep_as_decided(payment_id)
        values = payment_values(item, now)
        self._change(known_payment(payment_id), **{key: values[key] for key in values if key not in _NOT_CONTENT})

    def _keep_as_decided(self, payment_id: str) -> None:
        """Decisions that were made of the content before follow from that one."""
        made, row = t.decisions.c, self.get(payment_id)
        if row is None:
            return
        mine = (made.payment_id == known_payment(payment_id), made.ground.is_not(None))
        for decision in self._connection.execute(select(made.id, made.ground).where(*mine)).all():
            ground = with_payment(decision.ground, row.payment)
            self._connection.execute(update(t.decisions).where(made.id == decision.id).values(ground=ground))

    def restore_line(self, payment_id: str) -> None:
        """A bank shows the payment again."""
        self._change(known_payment(payment_id), vanished_in=None)

    def missing(self, inbox_id: int, days: CoveredDays, last: date, books: Collection[str] = ()) -> list[PaymentRow]:
        """Payments of these days up to `last` that the file lacks and no file made after it or bank's API shows."""
        return read_payments(self._connection, lacking(inbox_id, days, last, books))

    def vanish(self, payment_id: str, inbox_id: int) -> None:
        """The file does not hold the payment any more; until one does the machine only suggests."""
        self._change(known_payment(payment_id), vanished_in=inbox_id)

    def reappear(self, inbox_id: int) -> list[str]:
        """Payments that had vanished and are in this file count as there again; their ids."""
        back = update(t.payments).where(back_in(inbox_id)).values(vanished_in=None).returning(t.payments.c.id)
        return [payment_id(number) for number in sorted(self._connection.scalars(back))]

    def given(self, payment_id: str) -> Money:
        """Σ of active allocations of the payment, signed."""
        number = known_payment(payment_id)
        row = self._connection.execute(_GIVEN, {"number": number}).first()
        if row is None:
            raise LookupError(f"payment {payment_id} is not known")
        return Money.from_minor(int(row[1]), row[0])


def take_import_turn(connection: Connection) -> None:
    """Imports add one after another, so that overlapping ones cannot lock each other up; SQLite's always do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _IMPORT_LOCK})
        stirred(connection)


def select_payments(condition: ColumnElement[bool]) -> Select[Any]:
    """Payments under a condition with their newest decision, in the order they came."""
    newest = t.payments.outerjoin(t.decisions, t.decisions.c.id == t.payments.c.decision_id)
    found = select(*_COLUMNS, t.decisions.c.body.label("decision"), _SOURCES.label("inbox_ids")).select_from(newest)
    return found.where(condition).order_by(t.payments.c.id)


def read_payments(connection: Connection, condition: ColumnElement[bool]) -> list[PaymentRow]:
    """Payments under a condition with their newest decision and sources, in the order they came."""
    return load_payments(connection, select_payments(condition))


def load_payments(
    connection: Connection, query: Select[Any], values: Mapping[str, object] | None = None
) -> list[PaymentRow]:
    """Run a query of `select_payments`."""
    return [read_payment_row(row) for row in connection.execute(query, values).all()]


_ONE: Final = select_payments(_MINE)
_WAITING_OF_DAY: Final = select_payments(_OF_DAY)
_WAITING_SOME: Final = select_payments(_SOME_OF_DAY)

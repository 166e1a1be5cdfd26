"""Read a day that a bank's API showed into payments: the same intake as a file's, a few lines in a transaction.

A movement is known by the bank's id first, then by its content: what another source brought before is the same payment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from hub import failpoints
from hub.domain.models import Direction, Party, Payment
from hub.domain.money import Money
from hub.domain.wording import date_text, money_text
from hub.ports.bank import BankDay, BankLine, DayProof, KnownLine
from hub.ports.records import AuditEntry, InboxRow, PaymentRow, PaymentState
from hub.ports.statement import ReceivedPayment, UnreadableFile
from hub.ports.store import UnitOfWork
from hub.services import announce
from hub.services.bank_source import BankSource
from hub.services.booked_money import DELETED, is_banks, look_again, note_difference, take_banks_word
from hub.services.cover_claims import cover_by_lines
from hub.services.runtime import Runtime

_DAY: Final = timedelta(days=1)
#: A document that is loaded anew may get another day.
_BESIDE: Final = timedelta(days=3)
_AT_ONCE: Final = 25
_OPEN: Final = (PaymentState.NEW, PaymentState.RECHECK, PaymentState.NEEDS_YOU)
_NO_CONNECTION: Final = "Подключения к банку, которое это прислало, нет в настройках: верните его или отложите запись."


def day_mark(account: str, day: date) -> str:
    """Name of the mark that says which read of a day is the newest: `inbox id:digest`."""
    return f"day:{account}:{day.isoformat()}"


@dataclass(slots=True)
class _Reading:
    """What becomes of one read of a day.

    Attributes:
        books: an accountant wrote it down.
        freed: documents that are not there any more, of money that a bank shows: others may stand beside it now.
    """

    row: InboxRow
    found: BankDay
    known: dict[str, KnownLine] = field(default_factory=dict)
    fresh: list[Payment] = field(default_factory=list)
    books: bool = False
    freed: frozenset[str] = frozenset()
    added: int = 0
    corrected: int = 0


def store_bank_day(rt: Runtime, row: InboxRow) -> dict[str, object]:
    """Store what a read of the inbox holds; returns what was found, for the row's summary. Twice changes nothing.

    Raises:
        UnreadableFile: the connection is not in the settings any more, or the bytes are no day.
    """
    bank = rt.banks.get(row.connection)
    if bank is None:
        raise UnreadableFile(_NO_CONNECTION)
    source = rt.bank_sources[row.connection]
    try:
        found = _owned(bank.read(row.raw, rt.own_accounts, rt.own_tax_ids | frozenset(source.tax_ids)), source)
    except ValueError as error:
        raise UnreadableFile(f"Ответ банка не читается: {error}") from error
    reading = _Reading(row, found, books=source.is_books)
    if not all(_step(rt, reading, step) for step in _steps(reading)):
        return {"superseded": True}
    failpoints.reach("after_lines_stored")
    return {
        "added": reading.added,
        "known": len(found.lines) - reading.added,
        "broken": len(found.broken),
        "skipped": found.skipped,
        "accounts": [],
        "warnings": [],
        "corrected": reading.corrected,
    }


_Step = Callable[[Runtime, UnitOfWork, _Reading], None]


def _steps(reading: _Reading) -> Iterator[_Step]:
    """Each is a transaction of its own: hooks wait for the one writer to be acknowledged. The proof ends them."""
    yield _take_known
    new = [line for line in reading.found.lines if line.source_id not in reading.known]
    for start in range(0, len(new), _AT_ONCE):
        yield partial(_take_new, lines=new[start : start + _AT_ONCE])
    yield _finish


def _step(rt: Runtime, reading: _Reading, step: _Step) -> bool:
    """False when a newer read of the day has come meanwhile: the rest is that one's."""
    with rt.store.write() as uow:
        uow.banks.take_turn()
        if not _is_newest(uow, reading.row, reading.found):
            return False
        step(rt, uow, reading)
    return True


def _finish(rt: Runtime, uow: UnitOfWork, reading: _Reading) -> None:
    row, found = reading.row, reading.found
    uow.inbox.quarantine(row.id, found.broken)
    _prove(rt, uow, reading)
    data = {"name": row.name, "added": reading.added, "corrected": reading.corrected, "broken": len(found.broken)}
    uow.audit.append(AuditEntry("statement.read", "hub", f"inbox/{row.id}", data), rt.clock.now())


def _owned(found: BankDay, source: BankSource) -> BankDay:
    """A bank that leaves our own side out, and has one legal entity of ours: then it is that one's money."""
    if len(source.tax_ids) != 1:
        return found
    (owner,) = source.tax_ids
    return replace(found, lines=tuple(_owned_line(line, owner) for line in found.lines))


def _owned_line(line: BankLine, owner: str) -> BankLine:
    received = line.received
    if received.payment.organisation_tax_id is not None:
        return line
    payment = replace(received.payment, organisation_tax_id=owner)
    return replace(line, received=replace(received, payment=payment))


def _is_newest(uow: UnitOfWork, row: InboxRow, found: BankDay) -> bool:
    mark = uow.cursors.get(row.connection, day_mark(found.account, found.day))
    return mark is None or mark.partition(":")[0] == str(row.id)


def _known(uow: UnitOfWork, connection: str, found: BankDay) -> dict[str, KnownLine]:
    ids = [line.source_id for line in found.lines]
    of_day = {line.source_id: line for line in uow.banks.of_day(connection, found.account, found.day)}
    return of_day | uow.banks.by_ids(connection, found.account, ids)


def _follow_renamed(uow: UnitOfWork, reading: _Reading) -> None:
    """A bank may number a statement anew: a line with a new id in the place of one just like it is that one."""
    found, connection = reading.found, reading.row.connection
    shown = {line.source_id for line in found.lines}
    lacking = [line for line in reading.known.values() if line.day == found.day and line.source_id not in shown]
    for line in found.lines:
        if line.source_id in reading.known:
            continue
        twin = next((old for old in lacking if old.content == _content(line)), None)
        if twin is not None:
            lacking.remove(twin)
            uow.banks.rename(connection, found.account, twin.source_id, line.source_id)
            del reading.known[twin.source_id]
            reading.known[line.source_id] = replace(twin, source_id=line.source_id)


def _content(line: BankLine) -> str:
    """What may not change unnoticed; the day may (banks re-date), and whether the other side is ours too."""
    payment = line.received.payment
    other = payment.payer if line.signed.is_positive else payment.payee
    parts = (
        str(line.signed.minor),
        line.signed.currency,
        payment.document_number or "",
        other.account or "",
        other.tax_id or "",
    )
    return hashlib.sha256("|".join(parts).encode(errors="replace")).hexdigest()


def _take_known(rt: Runtime, uow: UnitOfWork, reading: _Reading) -> None:
    reading.known = _known(uow, reading.row.connection, reading.found)
    _follow_renamed(uow, reading)
    kept = []
    for line in reading.found.lines:
        known, content = reading.known.get(line.source_id), _content(line)
        if known is None:
            continue
        if reading.books and is_banks(rt, uow, known.payment_id):
            kept.append((line, _stand_beside(rt, uow, reading, known, line.received), content))
        elif known.content == content:
            _touch_up(rt, uow, reading, known, line.received)
            kept.append((line, known.payment_id, content))
        else:
            kept.append((line, _correct(rt, uow, reading, known, line.received), content))
    _keep(uow, reading, kept)
    cover_by_lines(rt, uow, reading.fresh)


def _take_new(rt: Runtime, uow: UnitOfWork, reading: _Reading, lines: Sequence[BankLine]) -> None:
    """One after another: what one line took is no longer there for the next one like it."""
    reading.fresh.clear()
    if reading.books:
        reading.freed = _freed(rt, uow, reading)
    for line in lines:
        _keep(uow, reading, [(line, _enter(rt, uow, reading, line.received), _content(line))])
    cover_by_lines(rt, uow, reading.fresh)


def _freed(rt: Runtime, uow: UnitOfWork, reading: _Reading) -> frozenset[str]:
    """Documents that the newest reads of these days lack: one that is loaded anew has another reference."""
    found, connection = reading.found, reading.row.connection
    shown = {line.source_id for line in found.lines}
    lost = uow.banks.lost(connection, found.account, found.day - _BESIDE, found.day + _BESIDE)
    of_day = (line for line in reading.known.values() if line.day == found.day and not line.gone)
    lacking = [line for line in (*lost, *of_day) if line.source_id not in shown]
    return frozenset(line.source_id for line in lacking if is_banks(rt, uow, line.payment_id))


def _keep(uow: UnitOfWork, reading: _Reading, kept: list[tuple[BankLine, str, str]]) -> None:
    uow.banks.keep(reading.row.connection, reading.found.account, reading.found.day, kept, reading.row.id)


def _enter(rt: Runtime, uow: UnitOfWork, reading: _Reading, item: ReceivedPayment) -> str:
    """A line with an id that is new: a payment that another source brought, else a new one."""
    joined = _joinable(rt, uow, reading, item)
    if joined is None:
        return _add(rt, uow, reading, item)
    if reading.books and is_banks(rt, uow, joined):
        uow.banks.source(joined, reading.row.id)
        return joined
    was_booked = not reading.books and bool(uow.banks.booked_only([joined], rt.books))
    if not (was_booked and take_banks_word(rt, uow, joined, item)):
        uow.banks.name(joined, item)
    uow.banks.source(joined, reading.row.id)
    _complete(rt, uow, reading, joined, item)
    _return(rt, uow, joined)
    return joined


def _joinable(rt: Runtime, uow: UnitOfWork, reading: _Reading, item: ReceivedPayment) -> str | None:
    return uow.banks.joinable(reading.row.connection, reading.found.account, item, rt.books, reading.freed)


def _stand_beside(rt: Runtime, uow: UnitOfWork, reading: _Reading, known: KnownLine, item: ReceivedPayment) -> str:
    """A document of money that a bank shows: an edit changes nothing but which of the bank's lines it is."""
    if not uow.banks.agrees(known.payment_id, item):
        other = _joinable(rt, uow, reading, item)
        if other is not None:
            uow.banks.source(other, reading.row.id)
            return other
    note_difference(uow, known.payment_id, item)
    return known.payment_id


def _complete(rt: Runtime, uow: UnitOfWork, reading: _Reading, payment: str, item: ReceivedPayment) -> None:
    """A transfer between accounts of ours is told by both: by the one that the money left, the other fills in the rest.

    So it does not matter which of them is read first, or read anew.
    """
    row = uow.payments.get(payment)
    _, in_file = uow.banks.connections_of(payment)
    if row is None or in_file or row.payment.direction is not Direction.SELF or uow.matches.of_payment(payment):
        return
    leaves = item.payment.own_account == reading.found.account
    told, beside = (item.payment, row.payment) if leaves else (row.payment, item.payment)
    whole = replace(
        told,
        id=payment,
        payer=_filled(told.payer, beside.payer),
        payee=_filled(told.payee, beside.payee),
        organisation_tax_id=told.organisation_tax_id or beside.organisation_tax_id,
        document_date=told.document_date or beside.document_date,
        document_kind=told.document_kind or beside.document_kind,
    )
    if whole != row.payment:
        raw = item.raw if leaves else row.raw
        same = replace(item, payment=whole, fingerprint=row.fingerprint, occurrence=row.occurrence, raw=raw)
        uow.payments.amend(payment, same, rt.clock.now())


def _filled(known: Party, told: Party) -> Party:
    """What one source leaves out of a side, another one may name."""
    return Party(
        known.name or told.name,
        known.tax_id or told.tax_id,
        known.kpp or told.kpp,
        known.account or told.account,
        known.bic or told.bic,
        known.bank_name or told.bank_name,
    )


def _add(rt: Runtime, uow: UnitOfWork, reading: _Reading, item: ReceivedPayment) -> str:
    now = rt.clock.now()
    occurrence = uow.banks.next_occurrence(item.payment.own_account or "", item.fingerprint)
    payment = uow.payments.add([replace(item, occurrence=occurrence)], reading.row.id, now)[0][0]
    uow.audit.append(AuditEntry("payment.received", "hub", payment, {"inbox": reading.row.id}), now)
    reading.fresh.append(replace(item.payment, id=payment))
    reading.added += 1
    return payment


def _return(rt: Runtime, uow: UnitOfWork, payment: str) -> None:
    """The bank shows again what it had taken away."""
    row = uow.payments.get(payment)
    if row is not None and row.vanished_in is not None:
        uow.payments.restore_line(payment)
        look_again(uow, row)
        uow.audit.append(AuditEntry("payment.reappeared", "hub", payment), rt.clock.now())


def _touch_up(rt: Runtime, uow: UnitOfWork, reading: _Reading, known: KnownLine, item: ReceivedPayment) -> None:
    """The same money: a new day, purpose or kind of document is taken over while nothing was done with it."""
    if known.gone:
        _return(rt, uow, known.payment_id)
    row = uow.payments.get(known.payment_id)
    if row is None or not _is_told_anew(row, item):
        return
    if row.payment.direction is Direction.SELF and item.payment.direction is Direction.SELF:
        _complete(rt, uow, reading, known.payment_id, item)
        return
    _, in_file = uow.banks.connections_of(known.payment_id)
    if in_file or row.payment.own_account != item.payment.own_account or uow.matches.of_payment(known.payment_id):
        return
    if row.payment.direction is not item.payment.direction:
        return
    same = replace(item, fingerprint=row.fingerprint, occurrence=row.occurrence)
    uow.payments.amend(known.payment_id, same, rt.clock.now())
    look_again(uow, row)


def _is_told_anew(row: PaymentRow, item: ReceivedPayment) -> bool:
    old, new = row.payment, item.payment
    return (old.booked_on, old.purpose, old.document_kind) != (new.booked_on, new.purpose, new.document_kind)


def _correct(rt: Runtime, uow: UnitOfWork, reading: _Reading, known: KnownLine, item: ReceivedPayment) -> str:
    """The bank changed the sum or a party under the same id: supersede what was told before, or ask a person."""
    reading.corrected += 1
    row = uow.payments.get(known.payment_id)
    if row is None:
        return _enter(rt, uow, reading, item)
    now, told = rt.clock.now(), _was(reading, row, item)
    acted = bool(uow.matches.of_payment(known.payment_id)) or row.state is PaymentState.DISMISSED
    if acted or _joinable(rt, uow, reading, item) is not None:
        return _supersede(rt, uow, reading, row, item, acted=acted)
    data = {"was": str(row.payment.amount), "now": str(item.payment.amount), "inbox": reading.row.id}
    occurrence = uow.banks.next_occurrence(item.payment.own_account or "", item.fingerprint)
    # The old content stays a name of it: an old file that is uploaded again must not bring it back.
    before = ReceivedPayment(row.payment, row.fingerprint, row.occurrence)
    uow.payments.amend(known.payment_id, replace(item, occurrence=occurrence), now)
    uow.banks.name(known.payment_id, before)
    uow.payments.warn(known.payment_id, told)
    _return(rt, uow, known.payment_id)
    look_again(uow, row)
    uow.audit.append(AuditEntry("payment.corrected", "hub", known.payment_id, data), now)
    return known.payment_id


def _supersede(
    rt: Runtime, uow: UnitOfWork, reading: _Reading, row: PaymentRow, item: ReceivedPayment, *, acted: bool
) -> str:
    """The new content is another payment: somebody has acted on the old one, or a file brought the new one already."""
    told, old = _was(reading, row, item), row.payment.id
    payment = _enter(rt, uow, reading, item)
    if acted:
        uow.payments.warn(
            payment, f"{told} Прежняя строка уже разобрана (платёж {old}): эту хаб сам никуда не относит."
        )
        fresh = uow.payments.get(payment)
        if fresh is not None and fresh.state in _OPEN:
            uow.payments.set_state(payment, fresh.state, held=True)
    flag_gone(
        rt, uow, row, reading.row.id, f"{told} Новое содержание — платёж {payment}. {ASK if acted else ''}".strip()
    )
    data = {"by": payment, "inbox": reading.row.id}
    uow.audit.append(AuditEntry("payment.superseded", "hub", old, data), rt.clock.now())
    return payment


def _was(reading: _Reading, row: PaymentRow, item: ReceivedPayment) -> str:
    old, new = row.payment, item.payment
    number = f"№ {old.document_number}" if old.document_number else "без номера"
    who = "В 1С исправили поступление" if reading.books else "Банк исправил операцию"
    return (
        f"{who} {number} от {date_text(old.booked_on)}: было {money_text(old.amount)}, стало {money_text(new.amount)}."
    )


_TAKEN_BACK: Final = "Банк больше не показывает эту операцию: она отменена или исправлена."
#: What a person is asked about money that a bank took away after the hub had acted on it.
ASK: Final = "Отменить сопоставление и вернуть сделку?"


def flag_gone(rt: Runtime, uow: UnitOfWork, row: PaymentRow, inbox_id: int, why: str) -> None:
    """The bank does not show the payment any more: as with a line that vanished from files, nothing is undone."""
    uow.payments.vanish(row.payment.id, inbox_id)
    uow.payments.warn(row.payment.id, why)
    announce.payment_vanished(rt, uow, row)
    data = {"inbox": inbox_id}
    uow.audit.append(AuditEntry("payment.vanished", "hub", row.payment.id, data), rt.clock.now())


def flag_lost(rt: Runtime, connection: str, account: str, first: date, last: date) -> int:
    """Movements that the bank took away again; returns how many. To be called once all these days were read.

    A day that was only moved was found under its id by then. Money that another bank still shows is left in peace, and
    so is what was only taken out of an accountant's books. What a bank takes away is gone whatever the books say.
    """
    by_books = connection in rt.books
    besides = () if by_books else rt.books
    with rt.store.write() as uow:
        lost = uow.banks.lost(connection, account, first, last)
        for line in lost:
            uow.banks.lose(connection, account, line.source_id)
            row = uow.payments.get(line.payment_id)
            if row is None or row.vanished_in is not None or uow.banks.shown(line.payment_id, besides):
                continue
            if by_books and is_banks(rt, uow, line.payment_id):
                continue
            mark = uow.cursors.get(connection, day_mark(account, line.day)) or "0"
            matched = bool(uow.matches.of_payment(line.payment_id))
            why = f"{DELETED if by_books else _TAKEN_BACK} {ASK if matched else ''}"
            flag_gone(rt, uow, row, int(mark.partition(":")[0]), why.strip())
    return len(lost)


def _prove(rt: Runtime, uow: UnitOfWork, reading: _Reading) -> DayProof:
    """Opening + turnover = closing, by what the hub has recorded of this read."""
    found, connection = reading.found, reading.row.connection
    currency = _currency(found)
    came, left, lines = uow.banks.sums(connection, found.account, found.day, reading.row.id)
    before = uow.banks.proof(connection, found.account, found.day - _DAY)
    proof = DayProof(
        connection=connection,
        account=found.account,
        day=found.day,
        opening=found.opening,
        credited=Money.from_minor(came, currency),
        debited=Money.from_minor(left, currency),
        closing=found.closing,
        lines=lines,
        broken=len(found.broken),
        checked_at=rt.clock.now(),
        jump=_jump(before.closing if before is not None else None, found.opening),
    )
    uow.banks.prove(proof, reading.row.id)
    after = uow.banks.proof(connection, found.account, found.day + _DAY)
    if after is not None:
        uow.banks.tie(replace(after, jump=_jump(found.closing, after.opening)))
    return proof


def _jump(closing: Money | None, opening: Money | None) -> Money | None:
    """What the bank's balance changed by overnight: nothing, where all is well."""
    return opening - closing if opening is not None and closing is not None else None


def _currency(found: BankDay) -> str:
    for money in (found.opening, found.closing, *(line.signed for line in found.lines)):
        if money is not None:
            return money.currency
    return "RUB"

"""The invariants I1–I7, checked by comparing what was fed, what the portal received, and the hub's database.

`violations` gives one sentence for each broken promise: a test asserts that there are none. It is asked when the hub
is at rest; how long that took is the test's figure (I6), and what the process holds is `tests.support.vitals` (I8).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, select

from hub.domain.models import Direction
from hub.ports.records import EffectKind, EffectRow, EffectState, PaymentState
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.outbox_rows import read_effects
from hub.store.unit_of_work import SqlStore
from tests.support.grounds import unfounded
from tests.support.statements import Received

#: The sandbox's own order of stages, not the hub's reading of it; invoice stages without their `DT31_3:`.
STAGE_ORDER: Final = {
    **{name: at for at, name in enumerate(("NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE"))},
    **{name: at for at, name in enumerate(("N", "S", "P"))},
    "WON": 9,
}
_MOVES: Final = (EffectKind.MOVE_DEAL, EffectKind.STEP_BACK)
_MARKS: Final = (EffectKind.MARK_PAID, EffectKind.UNMARK_PAID)
_BACK: Final = (EffectKind.STEP_BACK, EffectKind.UNMARK_PAID)
_ENDED: Final = (PaymentState.MATCHED, PaymentState.NOT_OURS, PaymentState.DISMISSED)
_DONE_EVENTS: Final = frozenset(
    {
        "deal.moved",
        "deal.left",
        "deal.filled",
        "deal.fields_left",
        "deal.stepped_back",
        "comment.left",
        "task.set",
        "invoice.marked_paid",
        "invoice.unmarked_paid",
        "payment.linked",
    }
)


@dataclass(frozen=True, slots=True)
class Write:
    """A write of ours that took effect: `subject` as the outbox names it; `change` is (from, to) of a stage."""

    kind: str
    subject: str
    change: tuple[str, str] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class _Facts:
    payments: Sequence[Row[Any]]
    effects: Sequence[EffectRow]
    matches: Sequence[Row[Any]]
    journal: Sequence[Row[Any]]
    decisions: Mapping[int, Row[Any]]
    first_misfit: int | None

    @classmethod
    def of(cls, database: Database) -> _Facts:
        with database.read() as connection:
            payments = connection.execute(select(t.payments)).all()
            effects = read_effects(connection, t.outbox.c.id > 0)
            matches = connection.execute(select(t.matches)).all()
            journal = connection.execute(select(t.audit)).all()
            decisions = {row.id: row for row in connection.execute(select(t.decisions))}
        with SqlStore(database).read() as uow:
            misfit = uow.audit.verify()
        return cls(payments, effects, matches, journal, decisions, misfit)


def violations(
    database: Database,
    fed: Iterable[Received],
    log: Sequence[Mapping[str, Any]],
    *,
    connection: str = "portal",
    same_clock: bool = True,
    order: Mapping[str, int] = STAGE_ORDER,
) -> list[str]:
    """I1–I5 as sentences, and decisions that do not follow from what they were made from; empty = every promise held.

    Args:
        database: the hub's.
        fed: the credited lines, each once, however often and in how many files they were brought.
        log: every line of the sandbox's write log (`calls` and `effects`); a row of another one names its `connection`.
        same_clock: the sandbox's clock is the machine's, so that its times may be compared with ours.
        order: position of each stage.
    """
    facts = _Facts.of(database)
    writes = list(writes_of(log, connection))
    return [
        *_credited_once(facts, fed),
        *_moves_accounted(facts, writes),
        *_notes_once(facts, writes),
        *_calls_announced(facts, log, connection),
        *_never_backwards(facts, writes, order),
        *_matched_before(facts, writes, same_clock=same_clock),
        *_announced_and_settled(facts, writes, same_clock=same_clock),
        *_payments_end(facts),
        *_journal(facts),
        *unfounded(database),
    ]


def writes_of(log: Iterable[Mapping[str, Any]], connection: str = "portal") -> Iterator[Write]:
    """Effects that came from our calls, not from people or robots."""
    for row in log:
        if row["kind"] != "effect" or row["source"] not in ("rest", "late"):
            continue
        kind = str(row["entity_type"])
        stage = row["changed"].get("stageId")
        if kind in ("deal", "invoice") and stage is None:
            continue
        at = datetime.fromisoformat(row["at"])
        yield Write(kind, _subject(row, connection), (stage[0], stage[1]) if stage else None, at)


def repeat_writes(log: Iterable[Mapping[str, Any]]) -> int:
    """Write calls that changed nothing because the card stood there already."""
    return sum(row["kind"] == "call" and bool(row["no_op"]) for row in log)


def leaks(files: Iterable[Path], secrets: Collection[str]) -> list[str]:
    """I7: a sentence for each secret that stands in a file."""
    texts = {path: path.read_text(errors="replace") for path in files if path.is_file()}
    return [f"I7 {path.name} holds a secret" for path, text in texts.items() for item in secrets if item in text]


def _subject(row: Mapping[str, Any], connection: str) -> str:
    connection = row.get("connection") or connection
    if row["owner"]:
        return f"{connection}/{row['owner'].partition(':')[2]}"
    prefix = "invoice:" if row["entity_type"] == "invoice" else ""
    return f"{prefix}{connection}/{row['entity_id']}"


def _credited_once(facts: _Facts, fed: Iterable[Received]) -> Iterator[str]:
    wanted = Counter((line.number, int(Decimal(line.amount) * 100), _iso(line.day)) for line in fed)
    stored = Counter(
        (row.document_number, row.amount_minor, row.booked_on.isoformat())
        for row in facts.payments
        if row.direction == Direction.IN
    )
    for line in sorted(wanted.keys() | stored.keys()):
        if wanted[line] != stored[line]:
            yield f"I1 credited line {line} was fed {wanted[line]} times and stands {stored[line]} times"
    received = Counter(row.subject for row in facts.journal if row.event == "payment.received")
    for payment in (f"p{row.id}" for row in facts.payments):
        if received[payment] != 1:
            yield f"I1 payment {payment} was journalled as received {received[payment]} times"


def _iso(day: str) -> str:
    return "-".join(reversed(day.split(".")))


def _moves_accounted(facts: _Facts, writes: Iterable[Write]) -> Iterator[str]:
    """Every effective move belongs to one settled row and the other way round; one a payment and deal."""
    found = Counter((item.subject, *item.change) for item in writes if item.change)
    told: Counter[tuple[str, str, str]] = Counter()
    open_rows: Counter[str] = Counter()
    for row in facts.effects:
        if row.kind in (*_MOVES, *_MARKS):
            moved = _moved(row)
            if moved is not None:
                told[row.subject, moved[0], moved[1]] += 1
            elif _calls_of(row):
                open_rows[row.subject] += 1
    for change in sorted(found.keys() | told.keys()):
        extra = found[change] - told[change]
        if extra > open_rows[change[0]]:
            yield f"I2 {_words(change)} took effect {found[change]} times, the hub tells of {told[change]}"
        elif extra < 0:
            yield f"I2 {_words(change)} is told {told[change]} times and took effect {found[change]} times"
    yield from _one_a_payment(facts)


def _one_a_payment(facts: _Facts) -> Iterator[str]:
    moves = Counter((row.payment_id, row.subject) for row in facts.effects if row.kind in _MOVES[:1] and _moved(row))
    back = Counter((row.payment_id, row.subject) for row in facts.effects if row.kind in _MOVES[1:] and _moved(row))
    for pair, count in moves.items():
        if count > 1 + back[pair]:
            yield f"I2 payment {pair[0]} moved deal {pair[1]} {count} times"


def _moved(row: EffectRow) -> tuple[str, str] | None:
    result = row.result or {}
    if row.state is not EffectState.DONE or result.get("outcome") != "moved" or "from" not in result:
        return None
    return result["from"][1], result["to"][1]


def _words(change: tuple[str, str, str]) -> str:
    return f"{change[0]}: {change[1]} → {change[2]}"


def _notes_once(facts: _Facts, writes: Iterable[Write]) -> Iterator[str]:
    found = Counter((item.kind, item.subject) for item in writes if item.kind in ("comment", "task"))
    done: Counter[tuple[str, str]] = Counter()
    maybe: Counter[tuple[str, str]] = Counter()
    for row in facts.effects:
        if row.kind in (EffectKind.COMMENT, EffectKind.TASK):
            settled = row.state is EffectState.DONE
            done[row.kind.value, row.subject] += settled
            maybe[row.kind.value, row.subject] += not settled and _calls_of(row) > 0
    for note in sorted(found.keys() | done.keys()):
        if not done[note] <= found[note] <= done[note] + maybe[note]:
            yield f"I2 {note[0]} of deal {note[1]}: {found[note]} in the portal, {done[note]} told by the hub"


def _calls_of(row: EffectRow) -> int:
    return int((row.intent or {}).get("writes", 0))


def _calls_announced(facts: _Facts, log: Iterable[Mapping[str, Any]], connection: str) -> Iterator[str]:
    """No stage was written more often than it was announced: one repeat for each unknown outcome at most."""
    subject_of = {row["request_id"]: _subject(row, connection) for row in log if row["kind"] == "effect"}
    by_number = {subject.rpartition("/")[2]: subject for subject in subject_of.values()}
    calls: Counter[str] = Counter()
    for row in log:
        if row["kind"] == "call" and row["method"] == "crm.item.update" and row["applied"]:
            number = str(row["entity_id"])
            alone = _subject(row, connection) if "connection" in row else f"{connection}/{number}"
            calls[subject_of.get(row["request_id"]) or by_number.get(number) or alone] += 1
    announced: Counter[str] = Counter()
    for effect in facts.effects:
        if effect.kind in (*_MOVES, *_MARKS):
            announced[effect.subject] += _calls_of(effect)
    for subject, count in calls.items():
        if count > announced[subject]:
            yield f"I2 {subject}: {count} stage writes reached the portal, {announced[subject]} were announced"


def _never_backwards(facts: _Facts, writes: Iterable[Write], order: Mapping[str, int]) -> Iterator[str]:
    undone = Counter((row.subject, *moved) for row in facts.effects if row.kind in _BACK and (moved := _moved(row)))
    for item in writes:
        if item.change is None:
            continue
        before, after = (order.get(stage.rpartition(":")[2], -1) for stage in item.change)
        if after > before:
            continue
        key = (item.subject, *item.change)
        if not undone[key]:
            yield f"I3 {_words(key)} went back although no person took it back"
        undone[key] -= 1


def _matched_before(facts: _Facts, writes: Iterable[Write], *, same_clock: bool) -> Iterator[str]:
    matches = {row.id: row for row in facts.matches}
    undone = {f"p{row.payment_id}" for row in facts.matches if row.undone_by}
    decided: dict[str, datetime] = {}
    for row in facts.effects:
        if row.kind in _BACK:
            if row.payment_id not in undone:
                yield f"I4 effect {row.id} takes back a match that nobody undid"
            continue
        mine = [matches[number] for number in row.payload["matches"] if number in matches]
        mine = [match for match in mine if f"p{match.payment_id}" == row.payment_id and match.decided_by]
        if not mine or min(match.decided_at for match in mine) > row.created_at:
            yield f"I4 effect {row.id} ({row.kind}) has no earlier match of {row.payment_id}"
            continue
        first = min(match.decided_at for match in mine)
        decided[row.subject] = min(first, decided.get(row.subject, first))
    for item in writes:
        since = decided.get(item.subject)
        if since is None and not any(row.subject == item.subject for row in facts.effects):
            yield f"I4 {item.kind} {item.subject} was written without any effect in the hub"
        elif same_clock and since is not None and item.at < since:
            yield f"I4 {item.kind} {item.subject} was written at {item.at}, before its match at {since}"


def _announced_and_settled(facts: _Facts, writes: Sequence[Write], *, same_clock: bool) -> Iterator[str]:
    ended = Counter(row.data.get("effect") for row in facts.journal if row.event in _DONE_EVENTS)
    told = {row.data.get("effect") for row in facts.journal}
    for row in facts.effects:
        if row.state in (EffectState.QUEUED, EffectState.INTENT):
            yield f"I5 effect {row.id} ({row.kind} of {row.subject}) is still {row.state}: {row.reason}"
        if row.state is EffectState.DONE and (_moved(row) or "id" in (row.result or {})) and not row.intent_at:
            yield f"I5 effect {row.id} ({row.kind}) wrote without an intent"
        if row.settled_at is not None and row.intent_at is not None and row.settled_at < row.intent_at:
            yield f"I5 effect {row.id} ({row.kind}) was settled before its intent"
        if row.state is EffectState.DONE and ended[row.id] != 1:
            yield f"I5 effect {row.id} ({row.kind}) has {ended[row.id]} outcomes in the journal"
        if row.state is EffectState.PARKED and (row.id not in told or not row.reason):
            yield f"I5 effect {row.id} ({row.kind}) is parked without a reason or a journal line"
    if same_clock:
        yield from _intents_first(facts, writes)


def _intents_first(facts: _Facts, writes: Iterable[Write]) -> Iterator[str]:
    rows: defaultdict[str, list[EffectRow]] = defaultdict(list)
    for row in facts.effects:
        rows[row.subject].append(row)
    for item in writes:
        if not any(_may_have_made(row, item) for row in rows[item.subject]):
            yield f"I5 {item.kind} {item.subject} {item.change or ''} was written at {item.at} without an intent before"


def _may_have_made(row: EffectRow, item: Write) -> bool:
    intent = row.intent or {}
    if not intent.get("writes"):
        return False
    # Of several announcements only the newest time is kept.
    return int(intent["writes"]) > 1 or datetime.fromisoformat(intent["sent_at"]) <= item.at


def _payments_end(facts: _Facts) -> Iterator[str]:
    for row in facts.payments:
        decision = facts.decisions.get(row.decision_id)
        open_reason = row.state == PaymentState.NEEDS_YOU and decision is not None and decision.reason
        if row.state not in _ENDED and not open_reason:
            yield f"I5 payment p{row.id} is {row.state} and nobody was told why"


def _journal(facts: _Facts) -> Iterator[str]:
    if facts.first_misfit is not None:
        yield f"I5 journal line {facts.first_misfit} does not fit the chain"

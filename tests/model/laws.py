"""What must hold after every step (I1–I5), read from the ledger, from the CRM's memory and from the store's rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from hub.domain.models import StageKind
from hub.ports.records import EffectState, PaymentState
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.tables import metadata
from tests.model.crm import HUB, RANK, ModelCrm, Sent
from tests.model.mortal import MortalStore
from tests.model.outside import CLIENTS, Bank, Line
from tests.support.fake_crm import SALES
from tests.support.world import CRM

_ENDS = (EffectState.DONE, EffectState.PARKED, EffectState.CANCELLED)
_FORWARD = ("move_deal", "comment", "task", "mark_paid")

_PAYMENTS = (*("payments", "id", "fingerprint", "occurrence", "amount_minor", "state", "held", "decision_id"),)
_MATCHES = (*("matches", "id", "payment_id", "invoice_id", "amount_minor", "decided_by", "undone_at", "undone_by"),)
_EFFECTS = (
    *("outbox", "id", "operation_key", "kind", "payment_id", "payload", "state", "result", "reason", "intent_at"),
    *("settled_at", "lease_until", "next_attempt_at"),
)
_INVOICES = (*("invoices", "id", "number", "amount_minor", "client_id", "removed"),)
_ALIASES = (*("aliases", "payer_key", "target", "removed_at"),)
_INBOX = (*("inbox", "id", "state", "error", "next_attempt_at", "lease_until"),)


@dataclass
class Rows:
    """The store at one moment."""

    payments: dict[int, Row[Any]]
    matches: Sequence[Row[Any]]
    effects: dict[str, Row[Any]]
    invoices: dict[str, Row[Any]]
    inbox: dict[int, Row[Any]]
    said: frozenset[tuple[str, str]]

    @classmethod
    def read(cls, database: Database) -> Rows:
        """In one snapshot."""
        with database.read() as connection:

            def rows(wanted: Sequence[str]) -> Sequence[Row[Any]]:
                table, *columns = wanted
                return connection.execute(select(*(metadata.tables[table].c[name] for name in columns))).all()

            return cls(
                {row.id: row for row in rows(_PAYMENTS)},
                rows(_MATCHES),
                {row.operation_key: row for row in rows(_EFFECTS)},
                {row.id: row for row in rows(_INVOICES)},
                {row.id: row for row in rows(_INBOX)},
                frozenset((row.payer_key, row.target) for row in rows(_ALIASES) if row.removed_at is None),
            )


@dataclass
class Laws:
    """The invariants; what is broken is said in `broken` and ends the run at the step's end."""

    database: Database
    crm: ModelCrm
    bank: Bank
    store: MortalStore
    files: dict[int, bytes] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    sent_again: Counter[str] = field(default_factory=Counter)
    halted: set[str] = field(default_factory=set)
    before: Rows | None = None
    _checked: int = -1

    def check(self) -> None:
        """Everything that can be seen from outside between two steps."""
        if self._checked != self.store.writes:
            self._checked = self.store.writes
            self._check_rows(Rows.read(self.database))
        self._nothing_twice()
        assert not self.broken, "\n".join(self.broken)

    def _check_rows(self, rows: Rows) -> None:
        self._lines_are_kept(rows)
        self._money_adds_up(rows)
        self._machine_is_right(rows)
        self._states_agree(rows)
        self._effects_are_told(rows)
        self.before = rows

    def _law(self, holds: bool, text: str) -> None:
        if not holds:
            self.broken.append(text)

    def _lines_are_kept(self, rows: Rows) -> None:
        """I1: what is stored is in the ledger, once, with its sum; what a read file showed is stored."""
        ledger = self.bank.keyed()
        stored = {(row.fingerprint, row.occurrence): row for row in rows.payments.values()}
        self._law(len(stored) == len(rows.payments), "I1: a line is stored twice")
        self._law(stored.keys() <= ledger.keys(), "I1: a payment that the bank never showed")
        for key, row in stored.items():
            line = ledger.get(key)
            self._law(line is None or line.amount.minor == row.amount_minor, "I1: another sum than the bank's")
        for inbox_id, raw in self.files.items():
            if rows.inbox[inbox_id].state == "done":
                self._law(self.bank.in_file(raw) <= stored.keys(), f"I1: file {inbox_id} is read, a line is missing")
        if self.before is not None:
            self._law(self.before.payments.keys() <= rows.payments.keys(), "I1: a payment is gone")

    def _money_adds_up(self, rows: Rows) -> None:
        """The allocation law, over all active matches."""
        of_payment: Counter[int] = Counter()
        of_invoice: Counter[str] = Counter()
        for match in rows.matches:
            if match.undone_at is None:
                of_payment[match.payment_id] += match.amount_minor
                of_invoice[match.invoice_id] += match.amount_minor
        for number, given in of_payment.items():
            self._law(abs(given) <= rows.payments[number].amount_minor, f"payment {number} gives more than it has")
        for invoice, given in of_invoice.items():
            self._law(0 <= given <= rows.invoices[invoice].amount_minor, f"invoice {invoice} holds {given}")

    def _machine_is_right(self, rows: Rows) -> None:
        """Money that a machine gave out went where the ledger says, or where a person said that its payer pays.

        Of two equal open invoices it took none.
        """
        known = {match.id for match in self.before.matches} if self.before else set()
        said = rows.said | (self.before.said if self.before else frozenset())
        ledger = self.bank.keyed()
        for match in rows.matches:
            if match.decided_by != "auto" or match.id in known:
                continue
            payment = rows.payments[match.payment_id]
            line = ledger[payment.fingerprint, payment.occurrence]
            invoice = rows.invoices[match.invoice_id]
            right = invoice.number in line.pays or _by_word(line, invoice, said)
            self._law(right, f"wrong by machine: {line.purpose!r} went to {match.invoice_id}")
            self._law(not self._open_twin(match.invoice_id), f"one of two equal invoices was taken: {match.invoice_id}")

    def _open_twin(self, invoice_id: str) -> bool:
        if self.before is None or invoice_id not in self.before.invoices:
            return False
        paid = {match.invoice_id for match in self.before.matches if match.undone_at is None}
        mine = self.before.invoices[invoice_id]
        return any(
            (row.number, row.amount_minor, row.client_id) == (mine.number, mine.amount_minor, mine.client_id)
            for key, row in self.before.invoices.items()
            if key != invoice_id and key not in paid and not row.removed and invoice_id not in paid
        )

    def _states_agree(self, rows: Rows) -> None:
        """I5: `matched` has active matches, nothing else has; whoever waits for a person has a decision to show."""
        matched = {match.payment_id for match in rows.matches if match.undone_at is None}
        for number, row in rows.payments.items():
            is_matched = row.state == PaymentState.MATCHED
            self._law((number in matched) == is_matched, f"payment {number} is {row.state}, matches disagree")
            waits = row.state == PaymentState.NEEDS_YOU
            self._law(not waits or row.decision_id is not None or row.held, f"payment {number} waits without a word")

    def _effects_are_told(self, rows: Rows) -> None:
        """I5: what is said to have moved did move or was seen there; what is parked has a reason."""
        landed = {item.sent.key for item in self.crm.changed}
        for key, row in rows.effects.items():
            result = row.result or {}
            if row.state == EffectState.DONE and result.get("outcome") == "moved" and not result.get("read_back"):
                self._law(key in landed, f"I5: {key} is told as ours and never reached the CRM")
            if row.state == EffectState.PARKED:
                self._law(bool(row.reason), f"I5: {key} waits for a person without a reason")
            self._law((row.settled_at is not None) == (row.state in _ENDS), f"I5: {key} is {row.state}, settled or not")
        if self.before is not None:
            self._law(self.before.effects.keys() <= rows.effects.keys(), "I5: an effect is gone")

    def _nothing_twice(self) -> None:
        """I2: one effective write a key.

        But for what nobody can know: a write that came later than the hub must reckon with undid another one of the
        same subject, or a person did (invoices keep no history to tell it by). What a person sends again is their word.
        """
        effective = Counter(item.sent.key for item in self.crm.changed)
        twice = {item.sent.key: item.sent.subject for item in self.crm.changed if effective[item.sent.key] > 1}
        for key, subject in twice.items():
            late = sum(item.beyond for item in self.crm.changed if item.sent.subject == subject)
            excused = late + self.crm.hands[subject] + self.sent_again[key]
            self._law(effective[key] <= 1 + excused, f"I2: {key} took effect {effective[key]} times")

    def judge(self, sent: Sent) -> None:
        """At the moment a write reaches the CRM: I2 (repeat), I3 (direction), I4 (cause), I5 (intent)."""
        rows = Rows.read(self.database)
        row = rows.effects.get(sent.key)
        if row is None:
            self.broken.append(f"I5: a write without a row: {sent}")
            return
        self._law(row.state == EffectState.INTENT and row.intent_at is not None, f"I5: {sent.key} was not announced")
        self._law(
            row.lease_until is not None and row.lease_until > self.crm.clock.at, f"I5: {sent.key} without a lease"
        )
        self._law(not self.halted, f"{sent.key} was sent although {', '.join(self.halted)}")
        self._repeat(sent)
        self._cause(sent, row, rows)
        if sent.kind == "move":
            self._direction(sent, rows.effects, row)

    def _repeat(self, sent: Sent) -> None:
        for item in self.crm.sent:
            if item.key == sent.key and item.open:
                age_s = self.crm.age_s(item)
                self._law(age_s >= self.crm.window_s, f"I2: {sent.key} is repeated after {age_s:.0f} s")

    def _cause(self, sent: Sent, row: Row[Any], rows: Rows) -> None:
        """I4: a match of that payment stands behind a write forward, a person's undo behind one back."""
        mine = [match for match in rows.matches if match.payment_id == row.payment_id]
        if row.kind in _FORWARD:
            wanted = set(row.payload["matches"])
            active = {match.id for match in mine if match.undone_at is None}
            self._law(bool(active & wanted), f"I4: {sent.key} has no match behind it")
            people = {match.decided_by for match in mine if match.id in wanted}
            self._law(all(name == "auto" or name.startswith("person:") for name in people), f"I4: decided by {people}")
        else:
            self._law(any(match.undone_by for match in mine), f"I4: {sent.key} goes back without a person's undo")

    def _direction(self, sent: Sent, effects: dict[str, Row[Any]], row: Row[Any]) -> None:
        """I3: forward from what was read; back only from where our own untouched move had put the deal."""
        self._law(sent.seen == sent.expected, f"I3: {sent.key} expects {sent.expected}, {sent.seen} was read")
        if row.kind == "move_deal":
            here, there = RANK.get(sent.expected, 0), RANK.get(sent.target, 0)
            stage = SALES.stage(sent.expected)
            self._law(here < there, f"I3: {sent.key} from {sent.expected} to {sent.target}")
            self._law(stage is not None and stage.kind is StageKind.OPEN, f"I3: {sent.key} leaves {sent.expected}")
            return
        ours = effects[sent.key.removeprefix("undo:")]
        guessed = (ours.result or {}).get("read_back", False)
        self._law(sent.seen_author == HUB or guessed, f"I3: {sent.key} takes back what somebody else did")

    def at_rest(self) -> None:
        """When everything is well again and time has passed: no work is left, and the journal tells it all."""
        rows = Rows.read(self.database)
        self._everything_arrived(rows)
        self._mirrors_the_crm(rows)
        for number, row in rows.payments.items():
            waits = row.state in (PaymentState.NEW, PaymentState.RECHECK)
            self._law(not waits, f"payment {number} is left {row.state}")
        for key, row in rows.effects.items():
            self._law(row.state in (*_ENDS, EffectState.PLANNED), f"{key} is left {row.state}: {row.reason}")
        for number, row in rows.inbox.items():
            self._law(row.state == "done", f"inbox {number} is left {row.state}: {row.error}")
        self._followers(rows)
        assert not self.broken, "\n".join(self.broken)

    def _everything_arrived(self, rows: Rows) -> None:
        stored = {(row.fingerprint, row.occurrence) for row in rows.payments.values()}
        shown: set[tuple[str, int]] = set()
        for raw in self.files.values():
            shown |= self.bank.in_file(raw)
        self._law(
            stored == shown, f"I1: {len(shown - stored)} lines are missing, {len(stored - shown)} came from nowhere"
        )

    def _mirrors_the_crm(self, rows: Rows) -> None:
        """The hub knows each invoice and deal as it is."""
        with self.database.read() as connection:
            deals = {row.id: row for row in connection.execute(select(t.deals)).all()}
        for key, deal in self.crm.deals.items():
            row = deals.get(f"crm/{key}")
            if row is not None and row.removed and key in self.crm.told_gone:
                continue  # the CRM said so itself, and has not told of it since
            self._law(row is not None and not row.removed, f"deal {key} is not known")
            self._law(row is None or row.stage_id == deal.stage_id, f"deal {key} is known on another stage")
        for key, invoice in self.crm.invoices.items():
            known = rows.invoices.get(f"crm/{key}")
            self._law(known is not None, f"invoice {key} is not known")
            if known is not None:
                self._law(known.amount_minor == invoice.amount.minor, f"invoice {key} is known with another sum")

    def _followers(self, rows: Rows) -> None:
        """A task follows its move: it is there only when the move took place."""
        moves: dict[str, Row[Any]] = defaultdict()
        moves.update({key: row for key, row in rows.effects.items() if row.kind == "move_deal"})
        for key, row in rows.effects.items():
            if row.kind == "task" and row.state == EffectState.DONE:
                move = moves.get(key.replace("task:", "move_deal:", 1))
                self._law(move is not None and move.state == EffectState.DONE, f"{key} is there, its move is not")


def _by_word(line: Line, invoice: Row[Any], said: frozenset[tuple[str, str]]) -> bool:
    """In this step it held that the payer pays for the invoice's client, and the line names no other invoice."""
    client = next((item for item in CLIENTS if f"{CRM}/{item.id}" == invoice.client_id), None)
    if line.client is None or client is None:
        return False
    is_named = any(f"№ {number} " in line.purpose for number in (invoice.number, None))
    return is_named and (f"t:{line.client.main_tax_id}", client.main_tax_id) in said

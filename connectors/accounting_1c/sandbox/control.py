"""The hand on the base: what tests and the control API may look at and do, beside the interface itself."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from connectors.accounting_1c.sandbox.acts import perform
from connectors.accounting_1c.sandbox.base import Base, RequestRecord
from connectors.accounting_1c.sandbox.faults import BaseAct, FaultRule
from connectors.accounting_1c.sandbox.filling import fill_base
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.store import address_of
from connectors.accounting_1c.sandbox.values import Row, as_guid
from connectors.accounting_1c.sandbox.writing import plain
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import WriteLog

Shown = dict[str, Json]
_ACT: TypeAdapter[BaseAct] = TypeAdapter(BaseAct)


class Control:
    """Reads and moves the base without rights, sessions or limits."""

    def __init__(self, base: Base) -> None:
        self.base = base

    @property
    def write_log(self) -> WriteLog:
        """Write calls received and changes that took effect."""
        return self.base.write_log

    @property
    def requests(self) -> list[RequestRecord]:
        """Requests answered so far (the last 20 000)."""
        return list(self.base.requests)

    def act(self, act: BaseAct | Mapping[str, object]) -> Shown | None:
        """Let somebody do something in the base; returns the row as it is then. Raises ODataError."""
        done = _ACT.validate_python(act)
        row = perform(self.base, done)
        return None if row is None else self._shown(self.base.configuration.tables[done.entity], row)

    def create(self, entity: str, fields: Mapping[str, Any], *, post: bool = False) -> str:
        """A new object, written by a person; returns its reference."""
        shown = self.act({"act": "create", "entity": entity, "fields": dict(fields), "post": post})
        assert shown is not None
        return str(shown.get("Ref_Key", ""))

    def edit(self, entity: str, key: str, **fields: Any) -> None:
        """A person changes properties of an object."""
        self.act({"act": "edit", "entity": entity, "key": key, "fields": fields})

    def post(self, entity: str, key: str) -> None:
        """A person posts a document."""
        self.act({"act": "post", "entity": entity, "key": key})

    def unpost(self, entity: str, key: str) -> None:
        """A person unposts a document."""
        self.act({"act": "unpost", "entity": entity, "key": key})

    def mark(self, entity: str, key: str) -> None:
        """A person marks an object for deletion."""
        self.act({"act": "mark", "entity": entity, "key": key})

    def delete(self, entity: str, key: str) -> None:
        """A person deletes an object for good."""
        self.act({"act": "delete", "entity": entity, "key": key})

    def rows(self, entity: str) -> list[Shown]:
        """All rows of a set, with what is filled in."""
        with self.base.lock:
            table = self.base.store.table(entity)
            return [self._shown(table, row) for row in self.base.store.all(table)]

    def row(self, entity: str, key: str) -> Shown:
        """One object. Raises KeyError."""
        with self.base.lock:
            table = self.base.store.table(entity)
            found = self.base.store.find(table, (as_guid(key) or key,))
            if found is None:
                raise KeyError(key)
            return self._shown(table, found)

    def state(self) -> Shown:
        """How much there is of everything; the rows themselves are asked for by set."""
        with self.base.lock:
            return {
                "now": self.base.clock.now().isoformat(),
                "config": self.base.configuration.name,
                "counts": {name: len(rows) for name, rows in self.base.store.rows.items() if rows},
                "closed_until": self.base.closed_until.isoformat() if self.base.closed_until else None,
                "changes_waiting": self.base.exchange.pending(),
                "sessions": self.base.sessions.count(),
                "dead_users": sorted(self.base.dead_users),
                "faults_fired": self.base.faults.fired(),
                "statuses": {str(status): count for status, count in self.base.statuses.items()},
            }

    def changes_waiting(self, entity: str) -> set[str]:
        """References of objects of a set whose changes the node of the exchange plan has not confirmed."""
        with self.base.lock:
            return {str(key[0]) for name, key in self.base.exchange.waiting() if name == entity}

    def close_period(self, until: date | None) -> None:
        """Close the books up to a day, or open them."""
        self.base.closed_until = until

    def change_settings(self, **switches: object) -> None:
        """Turn switches of the settings; `reset` turns them back. Raises ValidationError, ValueError."""
        with self.base.lock:
            self.base.change_settings(switches)

    def kill_user(self, name: str) -> None:
        """The user's password is no longer good."""
        self.base.dead_users.add(name)

    def revive_user(self, name: str) -> None:
        """It is good again."""
        self.base.dead_users.discard(name)

    def add_faults(self, *rules: FaultRule | Mapping[str, object]) -> None:
        """Arm fault rules, given as models or as in a fault file."""
        parsed = [rule if isinstance(rule, FaultRule) else FaultRule.model_validate(rule) for rule in rules]
        self.base.faults.add(*parsed)

    def clear_faults(self) -> None:
        """Disarm every fault rule."""
        self.base.faults.clear()

    def advance(self, seconds: float) -> None:
        """Move the clock and run what became due."""
        self.base.clock.advance(seconds)
        self.base.timers.run_due()

    def set_clock(self, at: datetime) -> None:
        """Put the clock at an aware moment and run what became due."""
        self.base.clock.set(at)
        self.base.timers.run_due()

    def freeze(self) -> None:
        """Stop the clock."""
        self.base.clock.freeze()

    def resume(self) -> None:
        """Let the clock run again."""
        self.base.clock.resume()

    def reset(self) -> None:
        """Start again from the seed: rows, clock, sessions, faults, logs; the log file keeps its lines."""
        with self.base.lock:
            self.base.timers.clear()
            self.base.faults.clear()
            self.base.clock.reset(self.base.settings.started_at)
            fill_base(self.base)
            self.base.requests.clear()
            self.base.statuses.clear()
            self.base.write_log.clear()

    def _shown(self, table: Table, row: Row) -> Shown:
        shown: Shown = {name: plain(value) for name, value in row.values.items()}
        for name, rows in row.parts.items():
            shown[name] = [{key: plain(value) for key, value in each.values.items()} for each in rows]
        if "Ref_Key" not in shown:
            shown["address"] = address_of(table, row)
        return shown

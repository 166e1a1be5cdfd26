"""Decides single payments from a full store: the decision alone, and the matcher's whole turn with its commits."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic, perf_counter_ns, sleep
from typing import Final
from urllib.parse import urlencode

from psycopg.conninfo import conninfo_to_dict

from benchmarks.match.live.filling import CONNECTION, PIPELINE, fill
from benchmarks.match.rivals.run import new_database, read_invoices
from benchmarks.match.single import some_payments
from benchmarks.match.spread import Spread
from hub.composition.hub import no_wake
from hub.composition.statements import statement_reader
from hub.domain.matching import MatchContext, read_purpose
from hub.domain.models import Payment
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet
from hub.ports.statement import ReceivedPayment
from hub.services.alias_context import deciding_context
from hub.services.match_payments import decide_rows, match_payments, store_book
from hub.services.runtime import ConnectionSettings, Runtime
from hub.store.engine import Database, open_database
from hub.store.migrations import migrate
from hub.store.unit_of_work import SqlStore

_WARM_UP: Final = 25
_RULES: Final = RuleSet(
    {PIPELINE: PipelineRules(PIPELINE, {PaidEvent.DEAL_PAID: Action("PAID", comment="{invoices}")})}
)
#: The invoices never grow too old to decide by, however long a run takes.
_POLL_EVERY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Live:
    """One store.

    Attributes:
        fill_s: how long filling took.
        keys: how many keys its invoices have.
        decided_ms: from opening a transaction to the decision, nothing written.
        whole_ms: the matcher's turn for one payment: taken, decided, recorded with what follows, committed, given back.
        kinds: what the whole turns decided.
    """

    fill_s: float
    keys: int
    decided_ms: Spread
    whole_ms: Spread
    kinds: Counter[str]


class _Clock:
    """The machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()

    def sleep(self, seconds: float) -> None:
        sleep(seconds)


def run_live_sqlite(folder: Path, payments: Path, invoices: Path, sample: int) -> Live:
    """Measure on a new file in the folder."""
    path = folder / "live.sqlite3"
    try:
        with _opened(f"sqlite:///{path}") as database:
            return _run(database, payments, invoices, sample)
    finally:
        for name in folder.glob("live.sqlite3*"):
            name.unlink()


def run_live_postgresql(address: str, payments: Path, invoices: Path, sample: int) -> Live:
    """Measure on a new database of a server."""
    with new_database(address) as name, _opened(_as_url(name)) as database:
        return _run(database, payments, invoices, sample)


def _as_url(conninfo: str) -> str:
    """The form of address that the store takes: everything in the query, as a folder of a socket has to be."""
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    database = parts.pop("dbname")
    return f"postgresql:///{database}?{urlencode(parts)}"


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


def _run(database: Database, payments: Path, invoices: Path, sample: int) -> Live:
    began = monotonic()
    keys = fill(database, read_invoices(invoices))
    fill_s = monotonic() - began
    rt = runtime(SqlStore(database))
    some = some_payments(payments, 2 * (sample + _WARM_UP))
    whole, alone = some[: sample + _WARM_UP], some[sample + _WARM_UP :]
    # What filling left in memory is the benchmark's own: looking through it for garbage would be counted as a decision.
    gc.collect()
    gc.freeze()
    ids, turns = list[str](), list[float]()
    for payment in whole:
        ids += _add(rt, [payment])
        turns.append(_turn_ms(rt))
    decided = [_decision_ms(rt, key) for key in _add(rt, alone)]
    return Live(fill_s, keys, Spread.of(decided[_WARM_UP:]), Spread.of(turns[_WARM_UP:]), _kinds(rt, ids))


def runtime(store: SqlStore) -> Runtime:
    """The services' world over a store whose one connection acts and has just been read to its end."""
    rt = Runtime(
        store=store,
        clock=_Clock(),
        crms={},
        connections={CONNECTION: ConnectionSettings(CONNECTION, _RULES, poll_every_s=_POLL_EVERY_S)},
        own_accounts=frozenset(),
        own_tax_ids=frozenset(),
        read_statement=statement_reader(0),
        owner="benchmark",
        wake=no_wake,
        match_context=lambda own: MatchContext(own_tax_ids=own),
    )
    with store.write() as uow:
        uow.connections.set_acting(CONNECTION, True, date(2025, 1, 1))
        uow.connections.polled(CONNECTION, rt.clock.now())
    return rt


def _add(rt: Runtime, payments: Sequence[Payment]) -> list[str]:
    with rt.store.write() as uow:
        return [key for key, _ in uow.payments.add([_received(item) for item in payments], None, rt.clock.now())]


def _received(payment: Payment) -> ReceivedPayment:
    return ReceivedPayment(replace(payment, id=""), hashlib.sha256(payment.id.encode()).hexdigest(), 1)


def _turn_ms(rt: Runtime) -> float:
    read_purpose.cache_clear()
    began = perf_counter_ns()
    decided = match_payments(rt)
    cost = (perf_counter_ns() - began) / 1e6
    assert decided >= 1, decided  # a match may send others back to be looked at anew
    return cost


def _decision_ms(rt: Runtime, payment_id: str) -> float:
    read_purpose.cache_clear()
    began = perf_counter_ns()
    with rt.store.read() as uow:
        row = uow.payments.get(payment_id)
        assert row is not None
        context = deciding_context(rt, uow, [row.payment])
        decide_rows(uow, [row], store_book(uow, row.payment.booked_on), context)
    return (perf_counter_ns() - began) / 1e6


def _kinds(rt: Runtime, ids: Sequence[str]) -> Counter[str]:
    found = Counter[str]()
    with rt.store.read() as uow:
        for key in ids:
            row = uow.payments.get(key)
            if row is not None and row.decision is not None:
                found[row.decision.kind.value] += 1
    return found

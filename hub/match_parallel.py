"""A bulk run on several cores: starts the workers, passes on what they tell each other, joins what they write."""

from __future__ import annotations

import gc
import io
import mmap
import multiprocessing
import os
import stat
import tempfile
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from hub.domain.decision import DecisionKind
from hub.domain.matching import MatchContext
from hub.domain.matching.said import Language
from hub.domain.matching.shapes import Shape, shape_of
from hub.domain.models import Invoice, Payment
from hub.match_lines import FieldFault, invoice_from, read_bytes
from hub.match_said import LINE, REPEATED_INVOICE
from hub.match_scan import Scan, parts_of
from hub.match_worker import Done, Everybody, Task, work

#: Below this many bytes of invoices and payments one process is done sooner than several are started.
_LEAST_BYTES: Final = 4 << 20
_LEAST_PAYMENTS: Final = 1_000
_MOST_WORKERS: Final = 8
_COPIED_AT_ONCE: Final = 256


class WorkerLostError(RuntimeError):
    """A worker ended before its work; nothing is written."""


@dataclass(frozen=True, slots=True)
class _Worker:
    wire: Connection
    output: Path


def workers_for(payments: Sequence[Payment], invoices: Path) -> int:
    """How many processes a run is worth; one where the machine or the system has no more to give."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 2 or not can_fork(invoices):
        return 1
    small = len(payments) < _LEAST_PAYMENTS and invoices.stat().st_size < _LEAST_BYTES
    return 1 if small else min(cores, _MOST_WORKERS)


def can_fork(invoices: Path) -> bool:
    """Workers are forked (from a process of one thread) and map the file, so it must be a regular one with bytes."""
    if "fork" not in multiprocessing.get_all_start_methods() or threading.active_count() > 1:
        return False
    try:
        found = invoices.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0


def match_in_parallel(
    payments: Sequence[Payment],
    invoices: Path,
    out: TextIO,
    context: MatchContext,
    report: Callable[[str], None],
    *,
    workers: int,
) -> Counter[DecisionKind] | None:
    """Decide payments against a file of invoices; the decisions are those of one process.

    Returns:
        How many payments got which decision; None, with nothing written or reported, where the file must be read as
        text in one process.

    Raises:
        WorkerLostError: a worker was killed or failed.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sverka-match-")))
        stack.enter_context(_without_gc())
        team = stack.enter_context(_started(payments, invoices, context, folder, workers))
        try:
            _pass_on_keys(team)
            scans = _scans(team)
            if scans is None:
                return None
            _tell(team, scans, invoices, context, report)
            del scans
            _pass_on_days(team, len({payment.booked_on for payment in payments}))
            done: list[Done] = [worker.wire.recv() for worker in team]
        except (EOFError, ConnectionError) as error:
            raise WorkerLostError from error
        _join(team, done, len(payments), out)
        return sum((item.kinds for item in done), Counter())


@contextmanager
def _without_gc() -> Iterator[None]:
    """Nothing here makes cycles; looking for them costs a tenth, and touches the memory that workers share."""
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


@contextmanager
def _started(
    payments: Sequence[Payment], invoices: Path, context: MatchContext, folder: Path, count: int
) -> Iterator[list[_Worker]]:
    order = sorted(range(len(payments)), key=lambda index: payments[index].booked_on)
    fork = multiprocessing.get_context("fork")
    team: list[_Worker] = []
    processes = []
    for number, part in enumerate(parts_of(invoices, count)):
        ours, theirs = fork.Pipe()
        task = Task(payments, order, (number, count), context, invoices, part, folder / str(number))
        process = fork.Process(target=_run, args=(task, theirs, [ours, *(item.wire for item in team)]), daemon=True)
        process.start()
        theirs.close()
        team.append(_Worker(ours, task.output))
        processes.append(process)
    try:
        yield team
    except BaseException:
        for process in processes:
            process.terminate()
        raise
    finally:
        for worker in team:
            worker.wire.close()
        for process in processes:
            process.join()


def _run(task: Task, wire: Connection, inherited: Sequence[Connection]) -> None:
    for other in inherited:  # so that everybody notices when the process that started them is gone
        other.close()
    try:
        work(task, wire)
    except (EOFError, ConnectionError, KeyboardInterrupt):
        os._exit(1)


def _pass_on_keys(team: Sequence[_Worker]) -> None:
    every: set[int] = set()
    for worker in team:
        every.update(array("q", worker.wire.recv_bytes()))
    told = array("q", every).tobytes()
    for worker in team:
        worker.wire.send_bytes(told)


def _scans(team: Sequence[_Worker]) -> list[Scan] | None:
    told: list[Scan | None] = [worker.wire.recv() for worker in team]
    scans = [item for item in told if item is not None]
    return scans if len(scans) == len(team) else None


def _tell(
    team: Sequence[_Worker], scans: Sequence[Scan], invoices: Path, context: MatchContext, report: Callable[[str], None]
) -> None:
    repeated = _repeated(scans, invoices)
    for text in _faults(scans, repeated, invoices.name, context.language):
        report(text)
    issuers = sum((item.issuers for item in scans), Counter[str]())
    again = [invoice for _, invoice in repeated.values()]
    issuers.subtract(issuer for invoice in again if (issuer := invoice.organisation_tax_id))
    own = context.own_tax_ids | {issuer for issuer, count in issuers.items() if count > 0}
    shapes = sum((item.shapes.counts for item in scans), Counter[Shape]())
    shapes.subtract(shape for invoice in again if (shape := shape_of(invoice)) is not None)
    learned = frozenset(shape for shape, count in shapes.items() if count > 0)
    told = Everybody(own, learned, [item.hits for item in scans], frozenset(repeated))
    for worker in team:
        worker.wire.send(told)


def _repeated(scans: Sequence[Scan], invoices: Path) -> dict[int, tuple[int, Invoice]]:
    """Offset of each line that repeats the id of an earlier one → its line in the file and the invoice."""
    hashes = [item.places[::3] for item in scans]
    if len(set().union(*hashes)) == sum(map(len, hashes)):
        return {}
    places = [(item.places[at], item.places[at + 2]) for item in scans for at in range(0, len(item.places), 3)]
    counts = Counter(key for key, _ in places)
    lines = _line_numbers(scans)
    found: dict[int, tuple[int, Invoice]] = {}
    seen: set[str] = set()
    with invoices.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for key, offset in places:
            if counts[key] > 1:
                data.seek(offset)
                invoice = invoice_from(read_bytes(data.readline().removeprefix(b"\xef\xbb\xbf")))
                if invoice.id in seen:
                    found[offset] = (lines[offset], invoice)
                seen.add(invoice.id)
    return found


def _line_numbers(scans: Sequence[Scan]) -> dict[int, int]:
    numbers: dict[int, int] = {}
    before = 1
    for item in scans:
        for at in range(0, len(item.places), 3):
            numbers[item.places[at + 2]] = before + item.places[at + 1]
        before += item.lines
    return numbers


def _faults(
    scans: Sequence[Scan], repeated: dict[int, tuple[int, Invoice]], name: str, language: Language
) -> list[str]:
    told = [
        (line, f", {FieldFault('id', REPEATED_INVOICE, id=invoice.id).told(language)}")
        for line, invoice in repeated.values()
    ]
    before = 1
    for item in scans:
        told += [(before + line, text) for line, text in item.faults]
        before += item.lines
    return [f"{LINE.told(language, {'name': name, 'line': str(line)})}{text}" for line, text in sorted(told)]


def _pass_on_days(team: Sequence[_Worker], days: int) -> None:
    """What each worker claims of a date goes to all of them."""
    for _ in range(days):
        told = [worker.wire.recv_bytes() for worker in team]
        for worker in team:
            for item in told:
                worker.wire.send_bytes(item)


def _join(team: Sequence[_Worker], done: Sequence[Done], count: int, out: TextIO) -> None:
    """Write the lines of all workers in the order of the payments."""
    where = [(0, 0, 0)] * count
    for number, item in enumerate(done):
        for at in range(0, len(item.lines), 3):
            where[item.lines[at]] = (number, item.lines[at + 1], item.lines[at + 2])
    write = _writer(out)
    with ExitStack() as stack:
        files = [stack.enter_context(worker.output.open("rb")).fileno() for worker in team]
        for start in range(0, count, _COPIED_AT_ONCE):
            some = where[start : start + _COPIED_AT_ONCE]
            write(b"".join([os.pread(files[number], length, at) for number, at, length in some]))


def _writer(out: TextIO) -> Callable[[bytes], object]:
    """Takes UTF-8; a file takes it as it is."""
    if isinstance(out, io.TextIOWrapper) and out.encoding.lower().replace("-", "") == "utf8" and os.linesep == "\n":
        out.flush()
        file: BinaryIO = out.buffer
        return file.write
    return lambda lines: out.write(lines.decode("utf-8"))

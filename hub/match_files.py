"""`sverka match` and `sverka purpose` on files: lines of JSON in, decisions out. Nothing is stored, nothing moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple, TextIO, TypeVar

from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import InMemoryBook, MatchContext, decide_all, read_purpose
from hub.domain.matching.reading import NamedDate, PurposeReading, Vat
from hub.domain.matching.recognition import Clients, Recognition, recognise
from hub.domain.matching.said import Language, Said
from hub.domain.matching.shape_counts import Counted, LearnedSeries, ShapeCounts, learned_series
from hub.domain.matching.shapes import NO_YEAR, NumberShapes, learn
from hub.domain.models import Direction, Invoice, Payment
from hub.match_lines import (
    NO_LIST,
    NO_OBJECT,
    FieldFault,
    Json,
    JsonObject,
    invoice_from,
    payment_from,
    read_object,
)
from hub.match_output import decision_line, decision_text, written
from hub.match_parallel import WorkerLostError, can_fork, match_in_parallel, workers_for
from hub.match_said import (
    CANNOT_OPEN,
    DOCUMENT,
    LINE,
    NO_INVOICES,
    NOT_UTF8,
    REPEATED_INVOICE,
    REPEATED_PAYMENT,
    WORKER_LOST,
)

#: Takes a sentence about a fault: file, line, field and what is wrong.
Report = Callable[[str], None]
#: Reads a bank statement file into payments; faults of single documents go to the report.
StatementReader = Callable[[Path, Report], Iterable[Payment]]

_T = TypeVar("_T")
_I = TypeVar("_I", Payment, Invoice)
_STATEMENT_MARK: Final = "1CClientBankExchange"
_HEAD_BYTES: Final = 4096
_NAMES_SHOWN: Final = 3


class MatchFileError(ValueError):
    """A whole file cannot be used; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class MatchSummary:
    """How many payments got which decision, and how many lines could not be read."""

    decisions: Counter[DecisionKind] = field(default_factory=Counter)
    faults: int = 0


class _Place(NamedTuple):
    """Where a line stands; the words are made when something is to be said of it."""

    path: Path
    number: int
    language: Language

    def __str__(self) -> str:
        return LINE.told(self.language, {"name": self.path.name, "line": str(self.number)})


_Where = str | _Place


@dataclass(slots=True)
class _Faults:
    """Passes faults on in the reader's language and counts them."""

    report: Report
    language: Language
    count: int = 0

    def __call__(self, text: str) -> None:
        self.count += 1
        self.report(text)

    def of_field(self, where: _Where, fault: FieldFault) -> None:
        self(f"{where}{fault.told(self.language)}")


def run_match(
    payments_paths: Sequence[Path],
    invoices_path: Path,
    out: TextIO,
    *,
    report: Report,
    context: MatchContext | None = None,
    statement_reader: StatementReader | None = None,
    workers: int | None = None,
) -> MatchSummary:
    """Decide payments against invoices and write one line of JSON a payment, in input order.

    Args:
        payments_paths: JSONL files, or statement files where `statement_reader` is given.
        report: gets a sentence for every line that cannot be read; the other lines go on.
        workers: how many processes decide; None for as many as the run is worth. They change no decision.

    Raises:
        MatchFileError: a file is missing or not text, or the system ended a process of the run.
    """
    context = context or MatchContext()
    faults = _Faults(report, context.language)
    seen: set[str] = set()
    payments: list[Payment] = []
    for path in payments_paths:
        payments.extend(_distinct(_payments(path, faults, statement_reader), seen, REPEATED_PAYMENT, faults))
    context = _with_receivers(context, payments)
    count = workers_for(payments, invoices_path) if workers is None else workers
    if count > 1 and can_fork(invoices_path):
        try:
            kinds = match_in_parallel(payments, invoices_path, out, context, faults, workers=count)
        except WorkerLostError as error:
            raise MatchFileError(WORKER_LOST.told(context.language)) from error
        if kinds is not None:
            return MatchSummary(kinds, faults.count)
    invoices = list(_distinct(_parsed(invoices_path, invoice_from, faults), set(), REPEATED_INVOICE, faults))
    decisions = _decide(payments, invoices, context)
    out.writelines(map(decision_text, decisions))
    return MatchSummary(Counter(decision.kind for decision in decisions), faults.count)


def run_bundles(path: Path, out: TextIO, *, report: Report, context: MatchContext | None = None) -> MatchSummary:
    """Decide bundles, each a world of its own; its output lines add `bundle`.

    Raises:
        MatchFileError: the file is missing or not text.
    """
    context = context or MatchContext()
    faults = _Faults(report, context.language)
    counts: Counter[DecisionKind] = Counter()
    for where, line in _objects(path, faults):
        decisions = _decide_bundle(line, f"{where}, ", faults, context)
        counts.update(decision.kind for decision in decisions)
        bundle = line.get("id")
        _write(out, ({"bundle": bundle} | decision_line(decision) for decision in decisions))
    return MatchSummary(counts, faults.count)


@dataclass(slots=True)
class RecognitionSummary:
    """How the payers of incoming payments are known; some names of each kind, as the bank wrote them."""

    counts: Counter[Recognition] = field(default_factory=Counter)
    names: dict[Recognition, dict[str, None]] = field(default_factory=dict)

    def add(self, how: Recognition, name: str | None) -> None:
        self.counts[how] += 1
        some = self.names.setdefault(how, {})
        if name and len(some) < _NAMES_SHOWN:
            some[name] = None


def run_recognition(
    payments_paths: Sequence[Path],
    invoices_path: Path,
    *,
    context: MatchContext | None = None,
    statement_reader: StatementReader | None = None,
) -> RecognitionSummary:
    """Look whose payers are known among the clients of the invoices; faults of lines are `run_match`'s to tell.

    Raises:
        MatchFileError: a file is missing or not text.
    """
    context = context or MatchContext()
    clients, found, unheard = Clients(), RecognitionSummary(), _Faults(_unheard, context.language)
    for _, invoice in _parsed(invoices_path, invoice_from, unheard):
        clients.add(invoice.client)
    seen: set[str] = set()
    for path in payments_paths:
        for payment in _distinct(_payments(path, unheard, statement_reader), seen, REPEATED_PAYMENT, unheard):
            if payment.direction is Direction.IN:
                how = recognise(payment, clients, context)
                found.add(how, payment.counterparty.name)
    return found


def learned_from(invoices_path: Path, context: MatchContext | None = None) -> list[LearnedSeries]:
    """How the invoices of a file are numbered; faults of lines are `run_match`'s to tell.

    Raises:
        MatchFileError: the file is missing or not text.
    """
    counted = _counted(invoices_path, context or MatchContext(), _unheard)
    return learned_series(counted) if counted is not None else []


def learned_shapes(invoices_path: Path, context: MatchContext | None = None, *, report: Report) -> NumberShapes:
    """The same, as the matcher uses it.

    Args:
        report: gets a sentence for every line that cannot be read; the other lines go on.

    Raises:
        MatchFileError: the file is missing, not text, or no invoice of it can be read.
    """
    context = context or MatchContext()
    counted = _counted(invoices_path, context, report)
    if counted is None:
        raise MatchFileError(NO_INVOICES.told(context.language, {"path": str(invoices_path)}))
    return NumberShapes(counted.shapes())


def _counted(path: Path, context: MatchContext, report: Report) -> Counted | None:
    """None when the file has no invoice."""
    counts, faults = ShapeCounts(), _Faults(report, context.language)
    invoice: Invoice | None = None
    for invoice in _distinct(_parsed(path, invoice_from, faults), set(), REPEATED_INVOICE, faults):
        if invoice.number is not None:
            year = NO_YEAR if invoice.issued_on is None else invoice.issued_on.year
            counts.note(invoice.number, invoice.organisation_tax_id, year)
    return counts.counted() if invoice is not None else None


def _unheard(text: str) -> None:
    del text


def decide_bundle(
    bundle: JsonObject, where: str, report: Report, context: MatchContext | None = None
) -> list[Decision]:
    """Decide the payments of one bundle against its invoices.

    Args:
        where: goes before every fault that is reported.
    """
    context = context or MatchContext()
    return _decide_bundle(bundle, where, _Faults(report, context.language), context)


def _decide_bundle(bundle: JsonObject, where: str, faults: _Faults, context: MatchContext) -> list[Decision]:
    payments = list(
        _distinct(_members(bundle, "payments", payment_from, where, faults), set(), REPEATED_PAYMENT, faults)
    )
    invoices = list(
        _distinct(_members(bundle, "invoices", invoice_from, where, faults), set(), REPEATED_INVOICE, faults)
    )
    return _decide(payments, invoices, _with_receivers(context, payments))


def _payments(
    path: Path, faults: _Faults, statement_reader: StatementReader | None
) -> Iterator[tuple[_Where, Payment]]:
    if statement_reader is None or not _is_statement(path, faults.language):
        yield from _parsed(path, payment_from, faults)
        return
    for index, payment in enumerate(statement_reader(path, faults), start=1):
        named = payment if payment.id else replace(payment, id=f"{path.name}:{index}")
        yield DOCUMENT.told(faults.language, {"name": path.name, "number": str(index)}), named


def _is_statement(path: Path, language: Language) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise MatchFileError(_cannot_open(path, error, language)) from error
    return _STATEMENT_MARK.encode("ascii") in head.replace(b"\x00", b"")


def _cannot_open(path: Path, error: OSError, language: Language) -> str:
    return CANNOT_OPEN.told(language, {"path": str(path), "error": str(error.strerror)})


def _objects(path: Path, faults: _Faults) -> Iterator[tuple[_Place, JsonObject]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                where = _Place(path, number, faults.language)
                try:
                    yield where, read_object(line)
                except FieldFault as fault:
                    faults.of_field(f"{where}: ", fault)
    except OSError as error:
        raise MatchFileError(_cannot_open(path, error, faults.language)) from error
    except UnicodeDecodeError as error:
        raise MatchFileError(NOT_UTF8.told(faults.language, {"path": str(path)})) from error


def _parsed(path: Path, parse: Callable[[JsonObject], _T], faults: _Faults) -> Iterator[tuple[_Where, _T]]:
    """Each line with its place; lines that cannot be read are reported and left out."""
    for where, line in _objects(path, faults):
        try:
            yield where, parse(line)
        except FieldFault as fault:
            faults.of_field(f"{where}, ", fault)


def _members(
    line: JsonObject, name: str, parse: Callable[[JsonObject], _T], where: str, faults: _Faults
) -> Iterator[tuple[_Where, _T]]:
    members = line.get(name)
    if not isinstance(members, list):
        faults.of_field(where, FieldFault(name, NO_LIST))
        return
    for index, member in enumerate(members, start=1):
        try:
            if not isinstance(member, dict):
                raise FieldFault("", NO_OBJECT)
            yield f"{where}{name}[{index}]", parse(member)
        except FieldFault as fault:
            faults.of_field(f"{where}{name}[{index}], ", fault)


def _distinct(items: Iterable[tuple[_Where, _I]], seen: set[str], again: Said, faults: _Faults) -> Iterator[_I]:
    for where, item in items:
        if item.id in seen:
            faults.of_field(f"{where}, ", FieldFault("id", again, id=item.id))
            continue
        seen.add(item.id)
        yield item


def _decide(payments: Sequence[Payment], invoices: Sequence[Invoice], context: MatchContext) -> list[Decision]:
    """Who we are and how we number shows in the data: we issue the invoices and receive the incoming payments."""
    issuers = {invoice.organisation_tax_id for invoice in invoices if invoice.organisation_tax_id}
    ours = replace(context, own_tax_ids=context.own_tax_ids | issuers, shapes=learn(invoices))
    return decide_all(payments, InMemoryBook(invoices), ours)


def _with_receivers(context: MatchContext, payments: Iterable[Payment]) -> MatchContext:
    receivers = {item.payee.tax_id for item in payments if item.direction is Direction.IN and item.payee.tax_id}
    return replace(context, own_tax_ids=context.own_tax_ids | receivers)


def purpose_line(text: str, shapes: NumberShapes | None = None) -> JsonObject:
    """What the reader finds in one purpose, as `sverka purpose` prints it.

    Args:
        shapes: of our numbers; then numbers without a noun are told as well, and whether they may be ours.
    """
    reading = read_purpose(text)
    bare: JsonObject = {} if shapes is None else {"numbers_without_noun": _without_noun(reading, shapes)}
    return bare | {
        "invoice_numbers": list(reading.invoice_numbers),
        "documents": _documents(reading),
        "dates": [day.isoformat() for day in reading.dates],
        "amounts": [str(amount) for amount in reading.amounts],
        "vat": _vat(reading.vat),
    }


def _without_noun(reading: PurposeReading, shapes: NumberShapes) -> list[Json]:
    return [{"number": named.text, "fits": shapes.fits(named.text, None)} for named in reading.bare]


def _documents(reading: PurposeReading) -> list[Json]:
    return [{"kind": item.kind.value, "number": item.number, "date": _day(item.on)} for item in reading.documents]


def _day(named: NamedDate | None) -> str | None:
    return named.value.isoformat() if named is not None and named.value is not None else None


def _vat(vat: Vat | None) -> Json:
    """None where VAT is not named; `rate` is in per cent and null with `none` true where there is no VAT."""
    if vat is None:
        return None
    return {
        "none": vat.none,
        "rate": None if vat.rate is None else str(vat.rate),
        "amount": None if vat.amount is None else str(vat.amount),
    }


def _write(out: TextIO, lines: Iterable[JsonObject]) -> None:
    for line in lines:
        out.write(written(line))

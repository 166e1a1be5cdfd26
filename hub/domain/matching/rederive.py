"""Whether a kept decision follows once more: from its whole ground, or, where none is kept, from its verdicts alone.

With its ground a decision is made again from the beginning: the purpose is read, invoices are judged, rows found,
answers put in order, sums given out, sentences told. What another version of the hub did is taken as it is kept, and
`Derived.as_kept` says what that was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final

from hub.domain.allocation import Allocation
from hub.domain.decision import Candidate, Decision, DecisionKind
from hub.domain.matching.afterwards import told_with
from hub.domain.matching.codes import BESIDE_TABLE, OUTGOING_REFUND
from hub.domain.matching.day import settle_day, stakes_of
from hub.domain.matching.decide import conclude
from hub.domain.matching.ground import WORDS_VERSION, Ground, stakes_of_rivals
from hub.domain.matching.judge import ask
from hub.domain.matching.reader import READER_VERSION, read_purpose
from hub.domain.matching.reading import PurposeReading
from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.search import Findings, JudgingSearch, KeptSearch, KeptSource
from hub.domain.matching.table import DecisionTable
from hub.domain.matching.verdicts import ASPECTS, Answer, Verdicts, verdicts_of
from hub.domain.matching.versions import decision_version, reader_version
from hub.domain.models import Payment

_NOTHING: Final = "—"


class Rederived(StrEnum):
    """How a decision came out.

    `same`: each row and what was decided by it follow again. `differs`: something else follows. `beside_table`: no
    table was asked, there is no candidate or none of a table. `forgotten`: its verdicts are gone with its time.
    """

    SAME = "same"
    DIFFERS = "differs"
    BESIDE_TABLE = "beside_table"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Verified:
    """What came out, and where it differs: what was kept and what follows, as `code outcome`."""

    how: Rederived
    kept: str = ""
    follows: str = ""


def verify(decision: Decision, table: DecisionTable) -> Verified:
    """Judge the verdicts of a decision by the table that it names."""
    if decision.code == OUTGOING_REFUND:
        return Verified(Rederived.BESIDE_TABLE)
    if not decision.candidates:
        of_table = decision.code not in BESIDE_TABLE
        return Verified(Rederived.FORGOTTEN if of_table else Rederived.BESIDE_TABLE)
    rows: list[Row] = []
    for candidate in decision.candidates:
        row = _row(candidate, table)
        if row is None:
            return Verified(Rederived.DIFFERS, candidate.row or decision.code, "?")
        if candidate.row and candidate.row != row.code:
            return Verified(Rederived.DIFFERS, candidate.row, _told(row))
        rows.append(row)
    return _decided(decision, rows)


def _row(candidate: Candidate, table: DecisionTable) -> Row | None:
    verdicts = kept_verdicts(candidate)
    return None if verdicts is None else table.row_for(verdicts)


def kept_verdicts(candidate: Candidate) -> Verdicts | None:
    """The verdicts that a candidate keeps as evidence; None where one is missing or unknown to this version."""
    words = {item.aspect.value: item.verdict for item in candidate.evidence if item.aspect.value in ASPECTS}
    try:
        return verdicts_of(words)
    except (KeyError, ValueError):
        return None


def _decided(decision: Decision, rows: list[Row]) -> Verified:
    """A decision by a row is its first candidate's; one beside the table needs only rows that show."""
    kept, best = f"{decision.code} {decision.kind.value}", rows[0]
    dropped = next((row for row in rows if row.outcome is Outcome.DROP), None)
    if dropped is not None:
        return Verified(Rederived.DIFFERS, kept, _told(dropped))
    if decision.kind is not DecisionKind.AUTO and decision.code in BESIDE_TABLE:
        follows = decision.code != "tie" or any(row.outcome is Outcome.AUTO for row in rows)
    else:
        follows = (best.code, best.outcome.value) == (decision.code, decision.kind.value)
    return Verified(Rederived.SAME) if follows else Verified(Rederived.DIFFERS, kept, _told(best))


def _told(row: Row) -> str:
    return f"{row.code} {row.outcome.value}"


class Part(StrEnum):
    """What of a decision is taken as it is kept.

    `reading`: another reader read the purpose and judged the invoices. `words`: the hub had other sentences.
    """

    READING = "reading"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that comes out otherwise, with both values as text."""

    field: str
    kept: str
    derived: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A decision made again.

    Attributes:
        differences: field by field, none where it is the same to the last sign.
        as_kept: what was not made again.
    """

    decision: Decision
    differences: tuple[Difference, ...]
    as_kept: frozenset[Part]


@dataclass(frozen=True, slots=True)
class Recheck:
    """What came out of looking at a kept decision.

    Attributes:
        by_verdicts: its ground was not kept, so only the row and the outcome could be derived.
    """

    how: Rederived
    differences: tuple[Difference, ...] = ()
    as_kept: frozenset[Part] = frozenset()
    by_verdicts: bool = False


def recheck(kept: Decision, payment: Payment, ground: Ground | None, tables: Sequence[DecisionTable]) -> Recheck | None:
    """Make a decision once more as far as what is kept of it allows.

    Args:
        tables: every text that is known of its table's version; it follows if it follows by one of them.

    Returns:
        None where no text is known.
    """
    found: Recheck | None = None
    for table in tables:
        again = _recheck(kept, payment, ground, table)
        if again.how is not Rederived.DIFFERS:
            return again
        found = found or again
    return found


def _recheck(kept: Decision, payment: Payment, ground: Ground | None, table: DecisionTable) -> Recheck:
    if ground is None:
        found = verify(kept, table)
        differs = found.how is Rederived.DIFFERS
        difference = (Difference("row", found.kept, found.follows),) if differs else ()
        return Recheck(found.how, difference, by_verdicts=found.how in (Rederived.SAME, Rederived.DIFFERS))
    derived = derive(kept, payment, ground, table)
    how = Rederived.DIFFERS if derived.differences else Rederived.SAME
    return Recheck(how, derived.differences, derived.as_kept)


def derive(kept: Decision, payment: Payment, ground: Ground, table: DecisionTable) -> Derived:
    """Make a decision again from its ground, by the table that it names."""
    reader = reader_version(kept.version)
    reads = reader == READER_VERSION
    reading = read_purpose(payment.purpose) if reads else ground.reading
    question = ask(payment, reading, replace(ground.context, table=table))
    judging = JudgingSearch(question, KeptSource(ground.findings))
    weighed = conclude(question, judging if reads else KeptSearch(ground.findings))
    own = stakes_of((weighed,))
    (settled,) = settle_day((weighed,), (*own, *stakes_of_rivals(ground)), question.context.language)
    version = decision_version(table.version) if reader is None else decision_version(table.version, reader)
    decision = replace(told_with(settled, ground.beside), version=version)
    found = judging.findings if reads else ground.findings
    as_kept = {part for part, sure in ((Part.READING, reads), (Part.WORDS, ground.words == WORDS_VERSION)) if not sure}
    before = _facts(kept, ground.reading, ground.findings, words=Part.WORDS not in as_kept)
    after = _facts(decision, reading, found, words=Part.WORDS not in as_kept)
    return Derived(decision, tuple(_differences(before, after)), frozenset(as_kept))


def _differences(kept: Mapping[str, str], derived: Mapping[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys((*kept, *derived)):
        before, after = kept.get(name, _NOTHING), derived.get(name, _NOTHING)
        if before != after:
            yield Difference(name, before, after)


def _facts(decision: Decision, reading: PurposeReading, found: Findings, *, words: bool) -> dict[str, str]:
    """Everything that is compared, by the name of its field."""
    return dict((*_outcome(decision, words), *_shown(decision.candidates, words), *_read(reading), *_judged(found)))


def _outcome(decision: Decision, words: bool) -> Iterator[tuple[str, str]]:
    yield "kind", decision.kind.value
    yield "code", decision.code
    yield "pile", decision.pile.value
    yield "allocations", _sums(decision.allocations)
    yield "unapplied", str(decision.unapplied)
    yield "version", decision.version
    if words:
        yield "reason", decision.reason


def _sums(allocations: Sequence[Allocation]) -> str:
    return ", ".join(f"{item.invoice_id} {item.amount}" for item in allocations) or _NOTHING


def _shown(candidates: Sequence[Candidate], words: bool) -> Iterator[tuple[str, str]]:
    for place, candidate in enumerate(candidates, 1):
        name = f"candidate {place}"
        yield f"{name}: invoices", _sums(candidate.allocations)
        yield f"{name}: row", candidate.row
        for item in candidate.evidence:
            yield f"{name}: {item.aspect.value}", f"{item.verdict} ({item.stand.value})"
            if words:
                yield f"{name}: {item.aspect.value}, text", item.text


def _read(reading: PurposeReading) -> Iterator[tuple[str, str]]:
    for item in fields(reading):
        value = getattr(reading, item.name)
        yield f"purpose: {item.name}", str(sorted(value)) if isinstance(value, frozenset) else str(value)


def _judged(found: Findings) -> Iterator[tuple[str, str]]:
    whole_set = () if found.whole_set is None else (found.whole_set,)
    for step, answers in enumerate((*found.answers, whole_set), 1):
        for place, answer in enumerate(answers, 1):
            yield f"step {step}, answer {place}", _answer(answer)


def _answer(answer: Answer) -> str:
    given = ", ".join(f"{invoice.id} {money}" for invoice, money in zip(answer.invoices, answer.gives, strict=True))
    verdicts = " ".join(getattr(answer.verdicts, aspect).value for aspect in ASPECTS)
    return f"{given}: {verdicts}, {answer.quoted or _NOTHING}"

"""Laws that no decision table may break, and what else would make one useless; each fault names its row and verdicts.

A table may be stricter than the hub's own in any way, and looser only within these laws: a machine never decides
against a contradiction or on one sign alone, and no answer that may be a second one is kept out of the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.said import Said
from hub.domain.matching.table_reader import TableFault
from hub.domain.matching.table_regions import EVERYTHING, decided_by, example, region_of, where
from hub.domain.matching.verdicts import (
    CLIENT_FITS,
    EXACT,
    IDENTIFIED,
    NAMED,
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdict,
)

_N, _A, _C = NumberVerdict, AmountVerdict, ClientVerdict
#: Something speaks against the answer.
CONTRADICTIONS: Final[Mapping[str, frozenset[Verdict]]] = {
    "client": frozenset({_C.THIRD_PARTY, _C.PAYS_FOR_OTHER, _C.NAME_DIFFERS, _C.CONTRADICTS}),
    "organisation": frozenset({OrganisationVerdict.OTHER}),
    "currency": frozenset({CurrencyVerdict.OTHER}),
    "status": frozenset({StatusVerdict.PAID, StatusVerdict.CANCELLED, StatusVerdict.ISSUED_AFTER}),
    "date": frozenset({DateVerdict.CONTRADICTS}),
    "reference": frozenset({ReferenceVerdict.CONTRADICTS}),
}
#: With these no machine decides: contradictions, another number, a sum that leaves money over, a set that nobody named.
NEVER_AUTO: Final[Mapping[str, frozenset[Verdict]]] = {
    "number": frozenset({_N.ONE_OF_NAMED, _N.OTHER_NAMED, _N.OTHER_CLIENTS, _N.UNKNOWN_NAMED}),
    "amount": frozenset({_A.OVER, _A.OVER_BY_VAT, _A.NONE, _A.SUM_OF_UNNAMED}),
    **CONTRADICTIONS,
}
_SURE: Final = frozenset({_N.AGREES, _N.AGREES_SHORT, _N.AGREES_FOR_SEVERAL})
_WEAK: Final = frozenset({_N.AGREES_FEW_DIGITS, _N.AGREES_LOOSELY, _N.MENTIONED})
_OF_SETS: Final = frozenset({_N.AGREES_FOR_SEVERAL, _N.AGREES_LOOSELY, _N.ONE_OF_NAMED})

_AGAINST: Final = Said(
    "auto там, где решать машине нельзя: {what}. Поставьте строку ниже запретов или назовите в ней допустимые вердикты",
    "auto where no machine may decide: {what}. Put the row below the vetoes, or name the verdicts that will do",
)
_TOO_LITTLE: Final = Said(
    "auto там, где сошлось слишком мало: {what}. Из номера, точной суммы и клиента нужны два; без уверенного номера — "
    "точная сумма и клиент, опознанный по ИНН, счёту или правилу",
    "auto where too little agrees: {what}. Of number, exact sum and client two are needed; without a sure number the "
    "exact sum and a client known by tax id, account or rule",
)
_VETO_WITHOUT_CAUSE: Final = Said(
    "veto там, где ничто не противоречит: {what}. Такой ответ может быть вторым не хуже, он должен спорить с первым: "
    "уберите veto или назовите противоречие",
    "a veto where nothing contradicts: {what}. Such an answer may be a second one as good and must compete: drop the "
    "veto or name what contradicts",
)
_HIDDEN: Final = Said(
    "drop прячет ответ, который может быть вторым не хуже: {what}. Сделайте его suggest",
    "drop hides an answer that may be a second one as good: {what}. Make it suggest",
)
_NO_LAST: Final = Said(
    "последняя строка должна подходить ко всему: оставьте в ней только code и outcome (у хаба это unrelated, drop)",
    "the last row must fit everything: leave it code and outcome alone (the hub's own is unrelated, drop)",
)
_UNREACHED: Final = Said(
    "до строки никогда не дойдёт: всё, что ей подходит, решают строки выше ({what}). Поднимите её или уберите",
    "the row is never reached: rows above decide all that fits it ({what}). Move it up or drop it",
)
_TWICE: Final = Said(
    "код уже есть у строки {what}: у строки, которая не drop, он должен быть своим",
    "row {what} has this code already: a row that is not drop needs one of its own",
)


def faults_of(rows: Sequence[Row]) -> list[TableFault]:
    """Everything that makes rows, each well read, no usable table."""
    return [*_codes(rows), *_order(rows), *_laws(rows)]


def _codes(rows: Sequence[Row]) -> Iterator[TableFault]:
    first: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        place = first.setdefault(row.code, number)
        both_drop = row.outcome is Outcome.DROP and rows[place - 1].outcome is Outcome.DROP
        if place != number and not both_drop:
            yield TableFault(_filled(_TWICE, str(place)), number, row.code, "code")


def _order(rows: Sequence[Row]) -> Iterator[TableFault]:
    if rows[-1].conditions:
        yield TableFault(_NO_LAST, len(rows), rows[-1].code)
    decided = decided_by(rows)
    for number, (row, decides) in enumerate(zip(rows, decided, strict=True), start=1):
        if not decides:
            mine = region_of(row)
            above = [f"{place} {rows[place - 1].code}" for place, other in enumerate(decided, start=1) if other & mine]
            yield TableFault(_filled(_UNREACHED, ", ".join(above)), number, row.code)


def _laws(rows: Sequence[Row]) -> Iterator[TableFault]:
    for number, (row, decides) in enumerate(zip(rows, decided_by(rows), strict=True), start=1):
        if row.outcome is Outcome.AUTO:
            against = {aspect: _met(decides, aspect, never) for aspect, never in NEVER_AUTO.items()}
            told = [f"{aspect} = {', '.join(words)}" for aspect, words in against.items() if words]
            if told:
                yield TableFault(_filled(_AGAINST, "; ".join(told)), number, row.code, "outcome")
            elif short := decides & ~_decisive():
                yield TableFault(_filled(_TOO_LITTLE, told_verdicts(short)), number, row.code, "outcome")
        if row.veto and (groundless := decides & ~contradicted()):
            yield TableFault(_filled(_VETO_WITHOUT_CAUSE, told_verdicts(groundless)), number, row.code, "veto")
        if row.outcome is Outcome.DROP and (hidden := decides & _must_be_seen()):
            yield TableFault(_filled(_HIDDEN, told_verdicts(hidden)), number, row.code, "outcome")


def _met(region: int, aspect: str, verdicts: frozenset[Verdict]) -> list[str]:
    return sorted(verdict.value for verdict in verdicts if region & where(aspect, (verdict,)))


def told_verdicts(region: int) -> str:
    """One combination of the region, as a table would write it."""
    words: dict[str, Verdict] = example(region)._asdict()
    return ", ".join(f"{aspect} = {verdict.value}" for aspect, verdict in words.items())


def _filled(text: Said, what: str) -> Said:
    return Said(text.ru.format(what=what), text.en.format(what=what))


@lru_cache(maxsize=1)
def contradicted() -> int:
    """Combinations in which something speaks against the answer."""
    return _any_of(CONTRADICTIONS)


@lru_cache(maxsize=1)
def possible() -> int:
    """Combinations that a payment can bring about: sums of sets belong to sets, nothing to give to a reason for it."""
    of_named = where("amount", (_A.SUM_OF_NAMED, _A.AS_WRITTEN)) & ~where("number", _OF_SETS)
    of_unnamed = where("amount", (_A.SUM_OF_UNNAMED,)) & ~where("number", (_N.ABSENT,))
    closed = where("currency", (CurrencyVerdict.OTHER,)) | where(
        "status", (StatusVerdict.PAID, StatusVerdict.CANCELLED)
    )
    for_nothing = where("amount", (_A.NONE,)) & ~closed
    return EVERYTHING & ~(of_named | of_unnamed | for_nothing)


@lru_cache(maxsize=1)
def _decisive() -> int:
    exact, fits = where("amount", EXACT), where("client", CLIENT_FITS)
    known = where("client", IDENTIFIED)
    return (
        (where("number", _SURE) & (exact | fits))
        | (where("number", _WEAK) & (known | (fits & exact)))
        | (known & exact)
    )


@lru_cache(maxsize=1)
def _must_be_seen() -> int:
    """What a person must see and a decisive answer must outdo: a named invoice, an exact sum of a fitting client."""
    fits = where("amount", EXACT) & where("client", CLIENT_FITS) & ~contradicted()
    return (where("number", NAMED) | fits) & possible()


def _any_of(verdicts: Mapping[str, frozenset[Verdict]]) -> int:
    region = 0
    for aspect, wanted in verdicts.items():
        region |= where(aspect, wanted)
    return region

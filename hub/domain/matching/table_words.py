"""A decision table in words, row by row: if … then …; Russian and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Final

from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.said import Language, Said
from hub.domain.matching.table import DecisionTable
from hub.domain.matching.verdicts import (
    ASPECTS,
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

_WIDTH: Final = 110
_N, _A, _C = NumberVerdict, AmountVerdict, ClientVerdict
ASPECT_WORDS: Final[Mapping[str, Said]] = {
    "number": Said("номер", "number"),
    "reference": Said("договор или заказ", "contract or order"),
    "amount": Said("сумма", "sum"),
    "client": Said("плательщик", "payer"),
    "organisation": Said("наше юрлицо", "our entity"),
    "currency": Said("валюта", "currency"),
    "status": Said("счёт", "invoice"),
    "date": Said("дата счёта", "date of the invoice"),
}
OUTCOME_WORDS: Final[Mapping[Outcome, Said]] = {
    Outcome.AUTO: Said("решает машина", "the machine decides"),
    Outcome.SUGGEST: Said("предложить человеку", "suggest it to a person"),
    Outcome.DROP: Said("не показывать", "do not show it"),
}
_NUMBER: Final[Mapping[NumberVerdict, Said]] = {
    _N.AGREES: Said("тот же", "the same"),
    _N.AGREES_SHORT: Said("тот же без приставки", "the same without its prefix"),
    _N.AGREES_FEW_DIGITS: Said("короткий хвост номера", "a short end of it"),
    _N.AGREES_LOOSELY: Said("не полностью", "in part"),
    _N.RESEMBLES: Said("похож", "alike"),
    _N.AGREES_FOR_SEVERAL: Said("все из нескольких названных", "all of several that are named"),
    _N.ONE_OF_NAMED: Said("один из названных (найдены не все)", "one of those named (not all are found)"),
    _N.MENTIONED: Said("стоит в тексте без слова «счёт»", "stands in the text without a noun"),
    _N.OTHER_NAMED: Said("назван другой наш счёт", "another invoice is named"),
    _N.OTHER_CLIENTS: Said("назван счёт другого клиента", "another client's invoice is named"),
    _N.UNKNOWN_NAMED: Said("назван неизвестный счёт", "an unknown invoice is named"),
    _N.OTHER_SHAPE: Said(
        "стоит номер без слова «счёт», каких у наших счетов не бывает",
        "a number without a noun unlike those of our invoices",
    ),
    _N.ABSENT: Said("не назван", "not named"),
}
_REFERENCE: Final[Mapping[ReferenceVerdict, Said]] = {
    ReferenceVerdict.AGREES: Said("совпал", "agrees"),
    ReferenceVerdict.ABSENT: Said("не назван", "not named"),
    ReferenceVerdict.CONTRADICTS: Said("другой", "another"),
}
_AMOUNT: Final[Mapping[AmountVerdict, Said]] = {
    _A.EQUAL: Said("равна сумме счёта", "that of the invoice"),
    _A.REST: Said("равна остатку счёта", "the rest of the invoice"),
    _A.SUM_OF_NAMED: Said("равна сумме названных счетов", "that of the named invoices together"),
    _A.AS_WRITTEN: Said("сложена из сумм у номеров", "made of the sums written for each"),
    _A.STATED_SHARE: Said("ровно названная доля", "exactly the stated share"),
    _A.STATED_PART: Said("часть по словам назначения", "a part by the words of the purpose"),
    _A.SUM_OF_UNNAMED: Said("равна единственному набору неназванных счетов", "that of one set of unnamed invoices"),
    _A.PART_BY_VAT: Said("меньше на НДС 20 и 22 %", "less by VAT of 20 and 22 %"),
    _A.OVER_BY_VAT: Said("больше на НДС 22 и 20 %", "more by VAT of 22 and 20 %"),
    _A.PART: Said("меньше открытой", "less than is open"),
    _A.OVER: Said("больше открытой", "more than is open"),
    _A.NONE: Said("зачесть некуда", "nothing to count it against"),
}
_CLIENT: Final[Mapping[ClientVerdict, Said]] = {
    _C.TAX_ID: Said("клиент по ИНН", "the client by tax id"),
    _C.ACCOUNT: Said("клиент по расчётному счёту", "the client by account"),
    _C.ALIAS: Said("клиент по вашему правилу", "the client by your rule"),
    _C.TAX_ID_IN_TEXT: Said("ИНН клиента в назначении", "the client's tax id in the purpose"),
    _C.BRANCH: Said("клиент с другим КПП", "another branch of the client"),
    _C.NAME: Said("похоже назван", "named alike"),
    _C.UNKNOWN: Said("сверить не по чему", "nothing to compare by"),
    _C.THIRD_PARTY: Said("другой за названного клиента", "another for the client that is named"),
    _C.PAYS_FOR_OTHER: Said("клиент за кого-то другого", "the client for somebody else"),
    _C.NAME_DIFFERS: Said("назван иначе без ИНН", "named otherwise without a tax id"),
    _C.CONTRADICTS: Said("с другим ИНН", "of another tax id"),
}
_ORGANISATION: Final[Mapping[OrganisationVerdict, Said]] = {
    OrganisationVerdict.SAME: Said("то же", "the same"),
    OrganisationVerdict.UNKNOWN: Said("сверить не по чему", "nothing to compare by"),
    OrganisationVerdict.OTHER: Said("другое", "another"),
}
_CURRENCY: Final[Mapping[CurrencyVerdict, Said]] = {
    CurrencyVerdict.SAME: Said("та же", "the same"),
    CurrencyVerdict.OTHER: Said("другая", "another"),
}
_STATUS: Final[Mapping[StatusVerdict, Said]] = {
    StatusVerdict.OPEN: Said("открыт", "open"),
    StatusVerdict.PAID: Said("уже оплачен", "paid already"),
    StatusVerdict.CANCELLED: Said("отменён", "cancelled"),
    StatusVerdict.ISSUED_AFTER: Said("выставлен позже платежа", "issued after the payment"),
}
_DATE: Final[Mapping[DateVerdict, Said]] = {
    DateVerdict.AGREES: Said("та же", "the same"),
    DateVerdict.WITHIN_TOLERANCE: Said("в пределах допуска", "within the tolerance"),
    DateVerdict.ABSENT: Said("не названа", "not named"),
    DateVerdict.CONTRADICTS: Said("другая", "another"),
}
#: By aspect and word: verdicts of two aspects may be the same word, and such enum members are equal.
VERDICT_WORDS: Final[Mapping[tuple[str, str], Said]] = {
    **{("number", verdict.value): said for verdict, said in _NUMBER.items()},
    **{("reference", verdict.value): said for verdict, said in _REFERENCE.items()},
    **{("amount", verdict.value): said for verdict, said in _AMOUNT.items()},
    **{("client", verdict.value): said for verdict, said in _CLIENT.items()},
    **{("organisation", verdict.value): said for verdict, said in _ORGANISATION.items()},
    **{("currency", verdict.value): said for verdict, said in _CURRENCY.items()},
    **{("status", verdict.value): said for verdict, said in _STATUS.items()},
    **{("date", verdict.value): said for verdict, said in _DATE.items()},
}
#: Verdicts that often stand together, in one word; `table_words` begins with what each stands for.
_TOGETHER: Final[tuple[tuple[str, frozenset[Verdict], Said], ...]] = (
    ("number", NAMED, Said("называет счёт", "names the invoice")),
    ("number", frozenset({_N.AGREES, _N.AGREES_SHORT, _N.AGREES_FEW_DIGITS}), Said("назван верно", "rightly named")),
    ("amount", frozenset({_A.EQUAL, _A.REST}), Said("равна открытой", "all that is open")),
    ("amount", EXACT, Said("точная", "exact")),
    (
        "amount",
        frozenset({_A.STATED_SHARE, _A.STATED_PART, _A.PART_BY_VAT, _A.PART}),
        Said("часть открытой", "a part of what is open"),
    ),
    ("client", IDENTIFIED, Said("опознан", "known")),
    ("client", CLIENT_FITS, Said("опознан или похож", "known or alike")),
)
_ANY_BUT: Final = Said("что угодно, кроме: {words}", "anything but: {words}")
_ANYTHING: Final = Said("всё остальное", "anything else")
_IF: Final = Said("если", "if")
_THEN: Final = Said("то", "then")
_OR: Final = Said("или", "or")
_VETO: Final = Said(
    "(противоречие: с решающим ответом не спорит)", "(a contradiction: competes with no decisive answer)"
)
_HEAD: Final = Said(
    "Таблица решений, версия {version}. Решает первая подходящая строка сверху; признак, которого в строке нет, "
    "может быть любым.",
    "Decision table, version {version}. The first row that fits decides; an aspect that a row does not name may be "
    "anything.",
)


def row_words(row: Row, language: Language) -> str:
    """A row in one sentence: if … then …"""
    conditions = "; ".join(_conditions(row, language)) or _ANYTHING.told(language)
    return f"{_IF.told(language)} {conditions} — {_THEN.told(language)} {_outcome(row, language)}"


def table_words(table: DecisionTable, language: Language) -> Iterator[str]:
    """A table as lines of text, in the order in which it is read."""
    yield from wrap(_HEAD.told(language, {"version": table.version}), _WIDTH)
    yield ""
    for aspect, verdicts, said in _TOGETHER:
        told = f"{ASPECT_WORDS[aspect].told(language)} — {said.told(language)}: {_spelt(aspect, verdicts, language)}"
        yield from wrap(told, _WIDTH, subsequent_indent="   ")
    for number, row in enumerate(table.rows, start=1):
        yield ""
        yield f"{number}. {row.code}"
        conditions = list(_conditions(row, language)) or [_ANYTHING.told(language)]
        for place, condition in enumerate(conditions):
            end = "" if place == len(conditions) - 1 else ";"
            yield from _indented(_IF.told(language) if place == 0 else "", condition + end)
        yield from _indented(_THEN.told(language), _outcome(row, language))
        own = [text.told(language) for text in (row.said, row.hint) if text is not None]
        if own:
            yield from _indented("", f"«{' '.join(own)}»")


def _indented(first: str, text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=f"   {first:<5}", subsequent_indent=" " * 8)


def _outcome(row: Row, language: Language) -> str:
    told = OUTCOME_WORDS[row.outcome].told(language)
    return f"{told} {_VETO.told(language)}" if row.veto and row.outcome is not Outcome.DROP else told


def _conditions(row: Row, language: Language) -> Iterator[str]:
    for aspect, wanted in row.conditions.items():
        yield f"{ASPECT_WORDS[aspect].told(language)} — {_wanted(aspect, wanted, language)}"


def _wanted(aspect: str, wanted: frozenset[Verdict], language: Language) -> str:
    """The verdicts that will do, or those that will not where these are far fewer."""
    for about, verdicts, said in _TOGETHER:
        if about == aspect and verdicts == wanted:
            return said.told(language)
    others = frozenset(ASPECTS[aspect]) - wanted
    if 2 * len(others) < len(wanted):
        return _ANY_BUT.told(language, {"words": _spelt(aspect, others, language)})
    return _spelt(aspect, wanted, language)


def _spelt(aspect: str, verdicts: frozenset[Verdict], language: Language) -> str:
    words = [VERDICT_WORDS[aspect, item.value].told(language) for item in ASPECTS[aspect] if item in verdicts]
    *most, last = words
    return f"{', '.join(most)} {_OR.told(language)} {last}" if most else last

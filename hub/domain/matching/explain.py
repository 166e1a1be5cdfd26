"""Sentences and clauses in the accountant's words: why a payment was settled, or why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from hub.domain.decision import Aspect, Evidence, Stand
from hub.domain.matching import phrases
from hub.domain.matching.aliases import alias_word
from hub.domain.matching.clauses import CLAUSES, NOT_A_NUMBER, OLD_VAT_RATE, RESTARTS_YEARLY
from hub.domain.matching.judge import Question
from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.said import Language, Said
from hub.domain.matching.sentences import HINTS, SENTENCES
from hub.domain.matching.table import SHIPPED
from hub.domain.matching.verdicts import (
    ASPECTS,
    INEXACT,
    Answer,
    ClientVerdict,
    DateVerdict,
    NumberVerdict,
    Verdict,
)
from hub.domain.models import Client, Invoice
from hub.domain.money import Money, total
from hub.domain.wording import date_text, money_text

_NEW_VAT_SINCE: Final = date(2026, 1, 1)
_OLD_VAT_RATE: Final = 20
_WRITTEN: Final = {pair: pair[1].value for pair in CLAUSES}
#: Aspects in the order of `Verdicts`.
_ASPECTS: Final = tuple(Aspect(name) for name in ASPECTS)
#: What is said without a word about the payment, made once.
_CONSTANT: Final = {
    language: {
        pair: Evidence(pair[0], _WRITTEN[pair], stand, text.told(language))
        for pair, (stand, text) in CLAUSES.items()
        if "{" not in text.told(language)
    }
    for language in Language
}
_NOT_GIVEN: Final = Said("не указан", "not given")
_UNNAMED: Final = Said("без названия", "unnamed")
_NO_NUMBER: Final = Said("без номера", "without a number")
_OTHER_DATE: Final = Said("дата не та", "not this one")
_WITH_TAX_ID: Final = Said("с ИНН {tax_id}", "with tax id {tax_id}")
_WHOSE_WORD: Final = Said(" (записано: {author}, {day})", " (said by {author}, {day})")
_INVOICE: Final = Said("счёт", "invoice")
_INVOICES: Final = Said("счета", "invoices")
_FROM: Final = Said("от", "of")
# A row of a table that decided long ago may have a code of which nobody has a sentence any more.
_FORGOTTEN: Final = Said("{invoice}", "{invoice}")
_AUTOMATIC: Final = frozenset(row.code for row in SHIPPED.rows if row.outcome is Outcome.AUTO)


def evidence_of(question: Question, answer: Answer) -> tuple[Evidence, ...]:
    """One item for each aspect of an answer, and a warning where VAT is said differently."""
    language = question.context.language
    constant, values = _CONSTANT[language], _Values(question, answer)
    items: list[Evidence] = []
    verdicts: tuple[Verdict, ...] = answer.verdicts
    for pair in zip(_ASPECTS, verdicts, strict=True):
        item = constant.get(pair)
        if item is None:
            stand, text = CLAUSES[pair]
            item = Evidence(pair[0], _WRITTEN[pair], stand, text.told(language, values))
        items.append(item)
    return (*items, *_vat_warning(question, answer), *_of_numbering(question, answer))


def _vat_warning(question: Question, answer: Answer) -> tuple[Evidence, ...]:
    """An old rate against an invoice of this year is worth a word to the client; it decides nothing."""
    vat, issued = question.reading.vat, answer.invoices[0].issued_on
    if vat is None or vat.rate != _OLD_VAT_RATE or issued is None or issued < _NEW_VAT_SINCE:
        return ()
    text = OLD_VAT_RATE.told(question.context.language, {"rate": str(vat.rate)})
    return (Evidence(Aspect.VAT, "old_rate", Stand.WARNING, text),)


def _of_numbering(question: Question, answer: Answer) -> tuple[Evidence, ...]:
    """What the shapes of our numbers say beside a number that agrees; it warns and decides nothing."""
    language, found = question.context.language, []
    if answer.aside:
        text = NOT_A_NUMBER.told(language, {"aside": ", ".join(answer.aside)})
        found.append(Evidence(Aspect.NUMBERING, "other_shape", Stand.WARNING, text))
    if _leaves_year_open(question, answer):
        text = RESTARTS_YEARLY.told(language)
        found.append(Evidence(Aspect.NUMBERING, "restarts_yearly", Stand.WARNING, text))
    return tuple(found)


def _leaves_year_open(question: Question, answer: Answer) -> bool:
    """A number led here without the date beside it, and last year's may have been the same."""
    if answer.quoted is None or answer.verdicts.date is not DateVerdict.ABSENT:
        return False
    shapes, in_full = question.context.shapes, answer.verdicts.number not in INEXACT
    return any(shapes.leaves_year_open(invoice, in_full=in_full) for invoice in answer.invoices)


def sentence(row: Row, question: Question, answer: Answer) -> str:
    """The row's sentence about an answer, the alias that it rests on, and what would have made it automatic."""
    values, language = _Values(question, answer), question.context.language
    first, *hints = [text.told(language, values) for text in _texts(row)]
    by_alias = [phrases.BY_ALIAS.told(language, values)] if answer.verdicts.client is ClientVerdict.ALIAS else []
    said = [first, *by_alias, *hints]
    return " ".join(text[:1].upper() + text[1:] for text in said)


def _texts(row: Row) -> list[Said]:
    """The row's own words; else those of its code, which are written for what the hub's table does with it."""
    texts = [row.said or SENTENCES.get(row.code, _FORGOTTEN)]
    if row.outcome is not Outcome.SUGGEST:
        return texts
    if row.said is None and row.code in _AUTOMATIC:
        texts.append(phrases.STRICTER_TABLE)
    hint = row.hint or (None if row.said is not None else HINTS.get(row.code))
    return texts if hint is None else [*texts, hint]


def about(text: Said, question: Question, invoices: Sequence[Invoice], **values: str) -> str:
    """A sentence about invoices as a whole: `{invoice}`, and what else it needs."""
    language = question.context.language
    told = text.told(language, {"invoice": invoices_text(invoices, language)} | values)
    return told[:1].upper() + told[1:]


def tie_sentence(question: Question, first: Answer, second: Answer) -> str:
    """Two answers are as good; what would settle it."""
    language = question.context.language
    texts = [
        f"{invoices_text(answer.invoices, language)} ({client_text(answer.invoices[0].client, language)})"
        for answer in (first, second)
    ]
    unnamed = first.verdicts.number is NumberVerdict.ABSENT
    values = {
        "first": texts[0],
        "second": texts[1],
        "sum": money_text(question.payment.amount),
        "help": (phrases.TIE_NUMBER if unnamed else phrases.TIE_DATE).told(language),
    }
    return phrases.TIE.told(language, values)


def nothing_sentence(question: Question) -> tuple[str, str]:
    """Code and sentence of a payment for which nothing is found."""
    language, name = question.context.language, question.payment.counterparty.name
    payer = phrases.PAYER_CALLED.told(language, {"name": name}) if name else phrases.PAYER_UNNAMED.told(language)
    values = {
        "sum": money_text(question.payment.amount),
        "named": ", ".join(named.text for named in question.named),
        "payer_genitive": payer,
    }
    if question.named:
        return "number_not_found", phrases.NUMBER_NOT_FOUND.told(language, values)
    text = phrases.SHARED_PAYER if question.payer.shared else phrases.NOTHING_OPEN
    return "nothing_fits", text.told(language, values)


class _Values(dict[str, str]):
    """Values for the sentences about an answer, each made when a sentence asks for it."""

    def __init__(self, question: Question, answer: Answer) -> None:
        super().__init__()
        self._question, self._answer = question, answer

    def __missing__(self, name: str) -> str:
        language = self._question.context.language
        if name in _OF_ANSWER:
            value = _OF_ANSWER[name](self._answer, language)
        elif name in _OF_QUESTION:
            value = _OF_QUESTION[name](self._question, language)
        elif name == "quoted_date":
            value = _quoted_date(self._question, self._answer) or _OTHER_DATE.told(language)
        elif name == "alias_word":
            value = _alias_word(self._question, self._answer)
        else:
            raise KeyError(name)
        self[name] = value
        return value


_OF_ANSWER: Final[dict[str, Callable[[Answer, Language], str]]] = {
    "invoice": lambda answer, language: invoices_text(answer.invoices, language),
    "invoice_dative": lambda answer, _: _declined(answer.invoices, "счёту", "счетам"),
    "invoice_instrumental": lambda answer, _: _declined(answer.invoices, "счётом", "счетами"),
    "quoted": lambda answer, _: answer.quoted or "",
    "amount": lambda answer, _: money_text(_sum([invoice.amount for invoice in answer.invoices])),
    "open": lambda answer, _: money_text(_sum([invoice.open_amount for invoice in answer.invoices])),
    "client": lambda answer, language: client_text(answer.invoices[0].client, language),
    "issuer": lambda answer, language: answer.invoices[0].organisation_tax_id or _NOT_GIVEN.told(language),
}
_OF_QUESTION: Final[dict[str, Callable[[Question, Language], str]]] = {
    "named": lambda question, _: ", ".join([named.text for named in question.named] or question.mentions.values()),
    "sum": lambda question, _: money_text(question.payment.amount),
    "payer": lambda question, language: question.payment.counterparty.name or _UNNAMED.told(language),
    "ours": lambda question, language: question.own_tax_id or _NOT_GIVEN.told(language),
    "tolerance": lambda question, _: str(question.context.date_tolerance_days),
}


def _sum(parts: Sequence[Money]) -> Money:
    return total(parts, parts[0].currency)


def invoices_text(invoices: Sequence[Invoice], language: Language = Language.RU) -> str:
    """«счёт № 45 от 03.02.2026», «счета № 45, № 46»; “invoice No. 45 of 03.02.2026”."""
    return _listed(invoices, _INVOICE.told(language), _INVOICES.told(language), language)


def _declined(invoices: Sequence[Invoice], one: str, many: str) -> str:
    return _listed(invoices, one, many, Language.RU)


def _listed(invoices: Sequence[Invoice], one: str, many: str, language: Language) -> str:
    sign = "№" if language is Language.RU else "No."
    if len(invoices) > 1:
        missing = _NO_NUMBER.told(language)
        return f"{many} " + ", ".join(f"{sign} {invoice.number or missing}" for invoice in invoices)
    invoice = invoices[0]
    number = f"{one} {sign} {invoice.number}" if invoice.number else f"{one} {_NO_NUMBER.told(language)}"
    day = invoice.issued_on
    return number if day is None else f"{number} {_FROM.told(language)} {date_text(day)}"


def client_text(client: Client | None, language: Language = Language.RU) -> str:
    """Name of a client, or its ИНН, for a sentence."""
    if client is None:
        return _NOT_GIVEN.told(language)
    name = next(iter(client.names), None)
    if name is None and client.main_tax_id:
        return _WITH_TAX_ID.told(language, {"tax_id": client.main_tax_id})
    return name or _UNNAMED.told(language)


def _quoted_date(question: Question, answer: Answer) -> str | None:
    for named in question.named:
        if named.text == answer.quoted and named.on is not None:
            if named.on.value is not None:
                return date_text(named.on.value)
            if named.on.day_month is not None:
                return f"{named.on.day_month[0]:02}.{named.on.day_month[1]:02}"
    return None


def _alias_word(question: Question, answer: Answer) -> str:
    """Who said on which day that the payer pays for this client; nothing where that is not known."""
    word = alias_word(question.payer, answer.invoices[0].client, question.context)
    if word is None:
        return ""
    values = {"author": word.author, "day": date_text(word.said_on)}
    return _WHOSE_WORD.told(question.context.language, values)

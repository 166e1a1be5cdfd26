"""The ground of a decision to a JSON document and back: short, for every decision has one; nothing empty is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

from hub.domain.matching.afterwards import Afterwards
from hub.domain.matching.context import AliasWord, MatchContext
from hub.domain.matching.ground import Ground, Rivals
from hub.domain.matching.reading import (
    Mark,
    NamedDate,
    NamedDocument,
    NamedNumber,
    PurposeReading,
    ThirdParty,
    Vat,
)
from hub.domain.matching.said import Language
from hub.domain.matching.search import Findings
from hub.domain.matching.shapes import KnownNumbering
from hub.domain.matching.verdicts import ASPECTS, Answer, verdicts_of
from hub.domain.models import Client, Direction, Invoice, InvoiceStatus, Issued, Party, Payment, ReferenceKind
from hub.domain.money import Money
from hub.store.codec import dump_client, dump_references, load_client, load_references
from hub.store.types import JsonValue

Document = Mapping[str, Any]
#: Of a payment, those that are texts.
_PLAIN_FIELDS: Final = (
    "purpose",
    "own_account",
    "document_number",
    "document_kind",
    "operation_code",
    "direction_reason",
    "organisation_tax_id",
)


def dump_ground(ground: Ground) -> dict[str, JsonValue]:
    """Everything but the payment and the table, which are rows of their own."""
    clients: dict[Client, int] = {}
    for invoice in ground.findings.invoices:
        if invoice.client is not None:
            clients.setdefault(invoice.client, len(clients))
    beside = ground.beside
    return _told(
        words=ground.words,
        context=_dump_context(ground.context),
        reading=_dump_reading(ground.reading),
        clients=[[client.id, dump_client(client)] for client in clients],
        invoices=[_dump_invoice(invoice, clients) for invoice in ground.findings.invoices],
        **_dump_findings(ground.findings),
        rivals={key: list(value) for key, value in ground.rivals.items()},
        doubt=beside.doubt,
        held=beside.held,
        overtaken=beside.overtaken,
    )


def load_ground(document: Document) -> Ground:
    """Back from `dump_ground`."""
    clients = [load_client(key, told) for key, told in document.get("clients", ())]
    invoices = tuple(_load_invoice(told, clients) for told in document.get("invoices", ()))
    return Ground(
        context=_load_context(document["context"]),
        reading=_load_reading(document.get("reading", {})),
        findings=_load_findings(document, invoices),
        rivals={key: Rivals(*value) for key, value in document.get("rivals", {}).items()},
        beside=Afterwards(
            document.get("doubt", ""), held=document.get("held", False), overtaken=document.get("overtaken", False)
        ),
        words=document["words"],
    )


def with_payment(document: Document, payment: Payment) -> dict[str, JsonValue]:
    """The ground of a decision about a payment that its bank corrects: with the payment as it was decided."""
    sides = {side: {name: value for name, value in asdict(party).items() if value} for side, party in _sides(payment)}
    told = _told(
        direction=payment.direction.value,
        amount=_dump_sum(payment.amount),
        booked_on=payment.booked_on.isoformat(),
        **{name: getattr(payment, name) for name in _PLAIN_FIELDS},
        document_date=payment.document_date.isoformat() if payment.document_date else None,
        **sides,
    )
    return {"payment": told, **document}


def payment_of(document: Document, now: Payment) -> Payment:
    """The payment as it was decided; as it is now where nobody corrected it."""
    told = document.get("payment")
    if told is None:
        return now
    day = told.get("document_date")
    return Payment(
        id=now.id,
        direction=Direction(told["direction"]),
        amount=_load_sum(told["amount"]),
        booked_on=date.fromisoformat(told["booked_on"]),
        **{name: told.get(name) for name in _PLAIN_FIELDS} | {"purpose": told.get("purpose", "")},
        document_date=date.fromisoformat(day) if day else None,
        payer=Party(**told.get("payer", {})),
        payee=Party(**told.get("payee", {})),
    )


def _sides(payment: Payment) -> tuple[tuple[str, Party], tuple[str, Party]]:
    return ("payer", payment.payer), ("payee", payment.payee)


def _told(**values: JsonValue) -> dict[str, JsonValue]:
    return {name: value for name, value in values.items() if value}


def _dump_context(context: MatchContext) -> dict[str, JsonValue]:
    words: JsonValue = [
        [key, target, word.number, word.author, word.said_on.isoformat()]
        for (key, target), word in context.alias_words.items()
    ]
    numbering = context.shapes if isinstance(context.shapes, KnownNumbering) else KnownNumbering()
    return _told(
        language=context.language.value,
        own_tax_ids=[*sorted(context.own_tax_ids)],
        own_accounts=[*sorted(context.own_accounts)],
        organisations=dict(context.organisations),
        aliases={key: [*sorted(targets)] for key, targets in context.aliases.items()},
        alias_words=words,
        shared_tax_ids=[*sorted(context.shared_tax_ids)],
        shared_accounts=[*sorted(context.shared_accounts)],
        date_tolerance_days=context.date_tolerance_days or None,
        stray=[*sorted(numbering.stray)],
        open_years=[[key, in_full] for key, in_full in sorted(numbering.open_years)],
    )


def _load_context(document: Document) -> MatchContext:
    def several(name: str) -> frozenset[str]:
        return frozenset(document.get(name, ()))

    return MatchContext(
        own_tax_ids=several("own_tax_ids"),
        own_accounts=several("own_accounts"),
        organisations=document.get("organisations", {}),
        aliases={key: frozenset(targets) for key, targets in document.get("aliases", {}).items()},
        alias_words={
            (key, target): AliasWord(number, author, date.fromisoformat(day))
            for key, target, number, author, day in document.get("alias_words", ())
        },
        shared_tax_ids=several("shared_tax_ids"),
        shared_accounts=several("shared_accounts"),
        date_tolerance_days=document.get("date_tolerance_days", 0),
        language=Language(document["language"]),
        shapes=KnownNumbering(
            several("stray"), frozenset((key, in_full) for key, in_full in document.get("open_years", ()))
        ),
    )


def _dump_reading(reading: PurposeReading) -> dict[str, JsonValue]:
    vat = reading.vat
    return _told(
        numbers=_dump_numbers(reading.numbers),
        bare=_dump_numbers(reading.bare),
        documents=[[item.kind.value, item.number, _dump_date(item.on)] for item in reading.documents],
        invoice_dates=[_dump_date(item) for item in reading.invoice_dates],
        dates=[item.isoformat() for item in reading.dates],
        amounts=[str(item) for item in reading.amounts],
        vat=None if vat is None else [vat.none, _text(vat.rate), _text(vat.amount)],
        percent=_text(reading.percent),
        tax_ids=list(reading.tax_ids),
        third_party=None if reading.third_party is None else [reading.third_party.name],
        marks=[mark.value for mark in sorted(reading.marks)],
    )


def _load_reading(document: Document) -> PurposeReading:
    vat, third = document.get("vat"), document.get("third_party")
    return PurposeReading(
        numbers=_load_numbers(document.get("numbers", ())),
        bare=_load_numbers(document.get("bare", ())),
        documents=tuple(
            NamedDocument(ReferenceKind(kind), number, _load_date(on))
            for kind, number, on in document.get("documents", ())
        ),
        invoice_dates=tuple(on for told in document.get("invoice_dates", ()) if (on := _load_date(told)) is not None),
        dates=tuple(date.fromisoformat(day) for day in document.get("dates", ())),
        amounts=tuple(Decimal(text) for text in document.get("amounts", ())),
        vat=None if vat is None else Vat(vat[0], _number(vat[1]), _number(vat[2])),
        percent=_number(document.get("percent")),
        tax_ids=tuple(document.get("tax_ids", ())),
        third_party=None if third is None else ThirdParty(third[0]),
        marks=frozenset(Mark(word) for word in document.get("marks", ())),
    )


def _dump_numbers(numbers: Iterable[NamedNumber]) -> JsonValue:
    return [[item.text, _dump_date(item.on), _text(item.amount)] for item in numbers]


def _load_numbers(document: Iterable[Sequence[Any]]) -> tuple[NamedNumber, ...]:
    return tuple(NamedNumber(text, _load_date(on), _number(amount)) for text, on, amount in document)


def _dump_date(named: NamedDate | None) -> JsonValue:
    if named is None:
        return None
    return [named.value.isoformat() if named.value else None, list(named.day_month) if named.day_month else None]


def _load_date(document: Sequence[Any] | None) -> NamedDate | None:
    if document is None:
        return None
    value, day_month = document
    return NamedDate(date.fromisoformat(value) if value else None, (day_month[0], day_month[1]) if day_month else None)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _dump_invoice(invoice: Invoice, clients: Mapping[Client, int]) -> JsonValue:
    told: list[JsonValue] = [
        invoice.id,
        invoice.number,
        invoice.issued_on.isoformat() if invoice.issued_on else None,
        _dump_sum(invoice.amount),
        _dump_sum(invoice.paid),
        invoice.status.value,
        None if invoice.client is None else clients[invoice.client],
        invoice.organisation_tax_id,
        dump_references(invoice.references),
    ]
    # Most are kept by one system alone.
    also: JsonValue = [[item.number, item.on.isoformat() if item.on else None] for item in invoice.also]
    return [*told, also] if invoice.also else told


def _load_invoice(document: Sequence[Any], clients: Sequence[Client]) -> Invoice:
    key, number, issued_on, amount, paid, status, client, organisation, references, *also = document
    return Invoice(
        id=key,
        number=number,
        issued_on=_load_day(issued_on),
        amount=_load_sum(amount),
        paid=_load_sum(paid),
        status=InvoiceStatus(status),
        client=None if client is None else clients[client],
        organisation_tax_id=organisation,
        references=load_references(references),
        also=tuple(Issued(called, _load_day(on)) for called, on in (also[0] if also else ())),
    )


def _load_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _dump_sum(money: Money) -> str:
    return f"{money.amount} {money.currency}"


def _load_sum(text: str) -> Money:
    amount, currency = text.split(" ")
    return Money(Decimal(amount), currency)


def _dump_findings(found: Findings) -> dict[str, JsonValue]:
    places = {invoice.id: place for place, invoice in enumerate(found.invoices)}

    def dump(answer: Answer) -> JsonValue:
        verdicts = " ".join(getattr(answer.verdicts, aspect) for aspect in ASPECTS)
        mine: JsonValue = [places[invoice.id] for invoice in answer.invoices]
        return [mine, [_dump_sum(money) for money in answer.gives], verdicts, answer.quoted, *answer.aside]

    same = len(found.ends) > 1 and found.ends[0] == found.ends[1]
    steps: list[JsonValue] = [
        [] if same and step == 1 else [dump(answer) for answer in answers] for step, answers in enumerate(found.answers)
    ]
    whole_set = None if found.whole_set is None else dump(found.whole_set)
    return {"ends": list(found.ends), "answers": steps, "whole_set": whole_set}


def _load_findings(document: Document, invoices: tuple[Invoice, ...]) -> Findings:
    def load(told: Sequence[Any]) -> Answer:
        places, gives, verdicts, quoted, *aside = told
        words = dict(zip(ASPECTS, verdicts.split(" "), strict=True))
        mine = tuple(invoices[place] for place in places)
        return Answer(mine, tuple(_load_sum(text) for text in gives), verdicts_of(words), quoted, tuple(aside))

    ends = tuple(document.get("ends", ()))
    steps = [tuple(load(told) for told in step) for step in document.get("answers", ())]
    if len(ends) > 1 and ends[0] == ends[1]:
        steps[1] = steps[0]
    whole_set = document.get("whole_set")
    return Findings(invoices, ends, tuple(steps), None if whole_set is None else load(whole_set))

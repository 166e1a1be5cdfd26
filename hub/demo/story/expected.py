"""What must come of the story, written from its cases: every payment, deal, invoice and file."""

from __future__ import annotations

from hub.demo.story.accounting import organisation_key
from hub.demo.story.book import Book
from hub.demo.story.calendar import ACT_FROM, FILES, OWN_ACCOUNTS, READ_BY_API, StatementFile
from hub.demo.story.days import ago
from hub.demo.story.law import INVOICE_CATEGORY, stage_of
from hub.demo.story.ledger import ACCOUNTING, Deal, Invoice, Line
from hub.demo.story.portal import JsonObject


def expected(book: Book, texts: dict[str, str]) -> JsonObject:
    """The expectations as JSON.

    Args:
        texts: the statement files as text by name, to tell the line of the broken document.
    """
    payments = [line for line in _ordered(book) if line.fate == "payment"]
    return {
        "act_from": ACT_FROM.isoformat(),
        "own_accounts": [own.number for own in OWN_ACCOUNTS],
        "own_tax_ids": sorted({own.owner.inn for own in OWN_ACCOUNTS}),
        "owners": {own.number: own.owner.inn for own in OWN_ACCOUNTS},
        "read_from": ago(3).isoformat(),
        "files": [_file(file, book) for file in FILES],
        "quarantined": [_quarantined(line, texts) for line in book.lines if line.fate == "quarantined"],
        "payments": [_payment(line) for line in payments],
        "papers": [_paper(invoice) for invoice in sorted(book.papers, key=lambda item: item.number)],
        "paid_stage": f"DT31_{INVOICE_CATEGORY}:P",
        "invoices": {str(invoice.id): invoice.label for invoice in book.invoices if invoice.in_crm},
    }


def _paper(invoice: Invoice) -> JsonObject:
    """A document of 1C: the invoice and the deal that the hub must find for it, and those it must ask about."""
    assert invoice.paper is not None
    crm, deal = invoice.deal.crm, invoice.deal
    return {
        "key": invoice.paper.key,
        "number": invoice.number,
        "organisation": organisation_key(invoice.organisation),
        "invoices": [f"{crm} {invoice.id}"] if invoice.in_crm else [],
        "deals": [f"{crm} {deal.id}"] if invoice.deal_is_known else [],
        "asked": sorted(f"{crm} {item.id}" for item in invoice.paper.asked),
    }


def _ordered(book: Book) -> list[Line]:
    order = {file.name: index for index, file in enumerate(FILES)}
    return sorted(book.lines, key=lambda line: (order[line.files[0]] if line.files else len(FILES), line.booked))


def _sources(line: Line) -> list[str]:
    """Everything that shows the line, by the names under which the hub lists it."""
    bank = READ_BY_API.get(line.account.number)
    if bank is None:
        return line.files
    account = line.account.number
    told = [f"{bank}, счёт …{account[-4:]}, {line.booked:%d.%m.%Y}"]
    return [*line.files, *told, *([f"вебхук: {bank}"] if line.hooked else [])]


def _is_told_by_bank_first(line: Line) -> bool:
    """The hub reads its banks before the demo imports the files."""
    return line.account.number in READ_BY_API and not line.hooked


def _file(file: StatementFile, book: Book) -> JsonObject:
    shown = [line for line in book.lines if file.name in line.files]
    payments = [line for line in shown if line.fate == "payment"]
    new = [line for line in payments if line.files[0] == file.name and not _is_told_by_bank_first(line)]
    return {
        "name": file.name,
        "payments": len(payments),
        "new": len(new),
        "known": len(payments) - len(new),
        "quarantined": sum(line.fate == "quarantined" for line in shown),
        "skipped": sum(line.fate == "skipped" for line in shown),
    }


def _quarantined(line: Line, texts: dict[str, str]) -> JsonObject:
    rows = texts[line.files[0]].splitlines()
    row = next(index for index, text in enumerate(rows, start=1) if text == "Сумма=18 4О0.00 руб")
    return {"file": line.files[0], "line": row, "key": "Сумма", "number": line.number}


def _payment(line: Line) -> JsonObject:
    return {
        "sources": _sources(line),
        "account": line.account.number,
        "number": line.number,
        "booked_on": line.booked.isoformat(),
        "sum": f"{line.amount:.2f}",
        "currency": line.account.currency,
        "direction": line.way,
        "case": line.case,
        "decision": line.decision,
        "allocations": {invoice.label: f"{part:.2f}" for invoice, part in line.allocations},
        "candidates": [invoice.label for invoice in line.candidates],
        "pile": "matched" if line.decision == "auto" else line.pile,
        "effects": _effects(line),
    }


def _effects(line: Line) -> list[JsonObject]:
    follows = line.follows
    moves = [
        _effect(deal, "move", f"{stage_of(deal, left)} → {stage_of(deal, entered)}")
        for deal, left, entered in follows.moves
    ]
    notes = [_effect(deal, "comment", line.number) for deal in follows.comments]
    tasks = [_effect(deal, "task", line.number) for deal in follows.tasks]
    paid: list[JsonObject] = [
        {"crm": system, "kind": "paid", "subject": invoice.label, "detail": ""}
        for invoice in follows.paid
        for system in _kept_in(invoice)
    ]
    return [*moves, *notes, *tasks, *paid]


def _kept_in(invoice: Invoice) -> list[str]:
    """Every system that has the invoice marks it paid."""
    crm = [invoice.deal.crm] if invoice.in_crm else []
    return [*crm, *([ACCOUNTING] if invoice.paper is not None else [])]


def _effect(deal: Deal, kind: str, detail: str) -> JsonObject:
    return {"crm": deal.crm, "kind": kind, "subject": str(deal.id), "detail": detail}
